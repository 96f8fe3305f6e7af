"""What each setting of a stack file means, read from the same schema that editors use."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from purview_ai.json_values import JsonObject, is_list, is_object
from purview_ai.settings.files import TENANT
from purview_ai.settings.forms import FOUND_AT
from purview_ai.settings.mistakes import as_yaml
from purview_ai.settings.schema import stack_file_schema

ANY_NAME = "<name>"
"""In a path: a name of the user's choice."""


class UnknownFieldError(Exception):
    """There is no such setting."""

    def __init__(self, path: str, known: list[str]) -> None:
        """Suggest the one that was meant."""
        near = get_close_matches(path, known, n=1) or [name for name in known if name.endswith(f".{path}")]
        hint = f"did you mean {near[0]}?" if near else "purview-ai settings explain lists all settings"
        super().__init__(f"there is no setting {path}: {hint}")


@dataclass(frozen=True)
class Explained:
    """One setting."""

    path: str
    description: str
    takes: str
    """What may stand there."""
    required: bool
    default: str
    """As YAML; empty where there is none."""
    example: str
    found_at: str
    inner: tuple[str, ...] = field(default=())
    """The settings below it."""


def explain(path: str) -> Explained:
    """One setting by its path, in which a name of the user's choice may stand as it is or be left out."""
    known = all_settings()
    wanted = _simplified(path, known)
    for one in known:
        if one.path == wanted:
            return one
    raise UnknownFieldError(path, [one.path for one in known])


def all_settings() -> list[Explained]:
    """Every setting, in the order of the stack file."""
    schema = stack_file_schema()
    config: JsonObject = schema["properties"]["config"]
    tenant: JsonObject = config["properties"][TENANT]
    others = {**config, "properties": {k: v for k, v in config["properties"].items() if k != TENANT}}
    return [*_below("", tenant, schema["$defs"]), *_below("", others, schema["$defs"])]


def _simplified(path: str, known: list[Explained]) -> str:
    """A path in which the names that a user chose are ``<name>``."""
    paths = {one.path for one in known}
    at = ""
    for step in path.removeprefix(f"{TENANT}.").split("."):
        tried = [f"{at}.{step}".lstrip("."), f"{at}.{ANY_NAME}.{step}", f"{at}.{ANY_NAME}"]
        at = next((one for one in tried if one in paths), f"{at}.{step}".lstrip("."))
    return at


def _below(path: str, schema: JsonObject, definitions: JsonObject) -> list[Explained]:
    found: list[Explained] = []
    properties: JsonObject = schema.get("properties") or {}
    if path and (of_any_name := _of_any_name(schema)):
        properties = {ANY_NAME: of_any_name}
    for name, shown in properties.items():
        inner_path = f"{path}.{name}".lstrip(".")
        inner = _resolved(shown, definitions)
        below = _below(inner_path, inner, definitions)
        found.append(
            Explained(
                path=inner_path,
                description=str(shown.get("description") or inner.get("description") or ""),
                takes=_takes(shown, definitions),
                required=name in schema.get("required", ()),
                default=as_yaml(shown["default"]) if shown.get("default") not in (None, [], {}) else "",
                example=as_yaml(shown["examples"][0]) if shown.get("examples") else "",
                found_at=str(shown.get(FOUND_AT, "")),
                inner=tuple(one.path for one in below),
            )
        )
        found += below
    return found


def _of_any_name(schema: JsonObject) -> JsonObject | None:
    """What stands under names of the user's choice, where that is a block again."""
    patterns = schema.get("patternProperties")
    shown = next(iter(patterns.values())) if is_object(patterns) else None
    return None if shown is None or shown.get("type") == "string" else shown


def _resolved(shown: JsonObject, definitions: JsonObject) -> JsonObject:
    """The block that a setting leads to, or itself."""
    named: list[JsonObject] = [
        definitions[str(one["$ref"]).rsplit("/", 1)[-1]]
        for one in [shown, *(shown.get("anyOf") or ())]
        if is_object(one) and "$ref" in one
    ]
    # Beside a short form there is the block that says more.
    return next((one for one in named if "properties" in one), named[0] if named else shown)


def _takes(shown: Any, definitions: JsonObject) -> str:
    """What may stand there, in words."""
    if "anyOf" in shown:
        kinds = [_takes(one, definitions) for one in shown["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    shown = _resolved(shown, definitions)
    if is_list(shown.get("enum")):
        return "one of " + ", ".join(map(str, shown["enum"]))
    if shown.get("type") == "array":
        return f"a list: {_takes(shown['items'], definitions)}"
    if shown.get("type") == "integer":
        limits = [f"{word} {shown[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in shown]
        return " ".join(["a whole number", *limits])
    if "const" in shown:
        return f"the word {shown['const']}"
    words = {"string": "a text", "boolean": "true or false", "object": "a block"}
    return words.get(str(shown.get("type")), "anything")
