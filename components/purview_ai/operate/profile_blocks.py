"""What discovery found, as blocks of a stack file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from purview_ai.settings.files import TENANT, read_stack_file
from purview_ai.settings.mistakes import SettingsError
from purview_ai.settings.reading import read

if TYPE_CHECKING:
    from pathlib import Path

    from purview_ai.discovery.deriving import Derived
    from purview_ai.discovery.registered import Registered
    from purview_ai.json_values import JsonObject
    from purview_ai.settings.files import Project

_WIDTH = 110


def blocks_of(found: Registered, derived: Derived) -> JsonObject:
    """What goes below ``sources.<name>``."""
    data_source, scan, _ = found.names
    blocks: JsonObject = {"adopt": {"data_source": data_source, "scan": scan}}
    if derived.first_day:
        blocks["capture_since"] = derived.first_day.day.isoformat()
    return {**blocks, "profile": derived.profile.model_dump()}


def as_text(value: Any) -> str:
    """Some YAML, in the order in which it was made."""
    return yaml.safe_dump(value, sort_keys=False, width=_WIDTH, allow_unicode=True)


def put_into_stack_file(project: Project, stack: str, source: str, blocks: JsonObject) -> Path:
    """Put blocks into a source of a stack file, once the whole of it was seen to be right.

    The comments at its head stay; others are lost, as the file is written anew.
    """
    file = project.stack_file(stack)
    whole = read_stack_file(file)
    here: JsonObject = whole["config"][TENANT]["sources"][source]
    here.pop("accept_unverified_profile", None)
    here.update(blocks)
    if mistakes := read(whole["config"][TENANT]).mistakes:
        raise SettingsError(stack, mistakes)
    write_whole(file, _head(file.read_text()) + as_text(whole))
    return file


def write_whole(file: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it."""
    half = file.with_name(f".{file.name}.half")
    half.write_text(text)
    half.replace(file)


def _head(text: str) -> str:
    lines = text.splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:first])
