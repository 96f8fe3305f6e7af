"""The apps that the package knows: one folder with a data file for each, and nothing in code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from purview_ai.apps.app import App

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FILE = "app.toml"


class AppFileError(ValueError):
    """An app's data file is not there, or cannot be used."""


@cache
def app_names() -> tuple[str, ...]:
    """The names of all apps, as stack files use them."""
    folders = (folder for folder in _home().iterdir() if folder.is_dir() and (folder / FILE).is_file())
    return tuple(sorted(folder.name.replace("_", "-") for folder in folders))


def capability_names() -> tuple[str, ...]:
    """Every capability that some app's table has."""
    return tuple(dict.fromkeys(cell for app in map(app_named, app_names()) for cell in app.cells))


@cache
def app_named(name: str) -> App:
    """The app, from its data file."""
    if name not in app_names():
        msg = f"there is no app {name}; known are {', '.join(app_names())}"
        raise AppFileError(msg)
    file = _home() / name.replace("-", "_") / FILE
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return App.model_validate({**data, "name": name})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"the data file of {name}, {file}, is no TOML: {error}"
    except ValidationError as error:
        first = error.errors()[0]
        place, said = ".".join(map(str, first["loc"])) or FILE, first["msg"].removeprefix("Value error, ")
        msg = f"the data file of {name}, {file}, is wrong at {place}: {said}"
    raise AppFileError(msg)


def _home() -> Traversable:
    return resources.files("purview_ai.apps")
