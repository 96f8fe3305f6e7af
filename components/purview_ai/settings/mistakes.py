"""What is wrong with a tenant's settings: everything at once, each with its place, value, reason and fix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from purview_ai.json_values import is_object
from purview_ai.settings.forms import FOUND_AT
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

HIDDEN = "(not shown)"
_ABOUT_KEYS = "key"
LIKE_A_KEY = re.compile(r"\s*sk-")
"""How the vendors' keys begin; nothing else in a stack file does."""


@dataclass(frozen=True)
class Mistake:
    """One wrong setting."""

    path: str
    value: str
    reason: str
    fix: str

    def __str__(self) -> str:
        """Two lines."""
        shown = f" = {self.value}" if self.value else ""
        return f"  {self.path}{shown}\n    {self.reason}\n    fix: {self.fix}"


def key_in_the_open(steps: tuple[str, ...]) -> Mistake:
    """A vendor's key stands where something else belongs, for everybody to read."""
    reason = "this looks like a vendor's key, in plain text; whoever has seen the file has the key, so replace it"
    fix = (
        "put the new key where key.origin says: into the vault, or into the setting that key.secret names with pulumi "
        "config set --secret purview-ai:<secret>"
    )
    return Mistake(path_of(steps), HIDDEN, reason, fix)


def encrypted_block(name: str, stack: str) -> Mistake:
    """A block of settings that nobody can review."""
    reason = "the whole block is encrypted, so no reviewer sees what it says, and whoever may decrypt it does"
    fix = (
        f"write it in plain text, without any key in it; pulumi config get {name} --stack {stack} tells what it says. "
        "If a key stands in it, replace that, since the repository's history keeps it"
    )
    return Mistake(name, HIDDEN, reason, fix)


class SettingsError(Exception):
    """A tenant's settings cannot be used; nothing was sent to anybody."""

    def __init__(self, tenant: str, mistakes: list[Mistake]) -> None:
        """All mistakes of one stack file."""
        count = "1 setting is" if len(mistakes) == 1 else f"{len(mistakes)} settings are"
        listed = "\n".join(map(str, mistakes))
        super().__init__(f"{tenant}: {count} wrong in its stack file; nothing was sent to Azure\n{listed}")
        self.mistakes = mistakes


def mistakes_of(error: ValidationError, model: type[BaseModel] = TenantSettings) -> list[Mistake]:
    """Pydantic's errors about a block of this model, in the words of a stack file."""
    return [mistake_of(one, model) for one in error.errors()]


def mistake_of(error: ErrorDetails, model: type[BaseModel] = TenantSettings) -> Mistake:
    """One of pydantic's errors in the words of a stack file."""
    steps = [step for step in error["loc"] if step != "[key]"]
    return Mistake(path_of(steps), _shown(error, steps), _reason(error), _fix(steps, error, model))


def path_of(steps: Sequence[Any]) -> str:
    """A setting's path, without a step that may be a key that somebody wrote there."""
    return ".".join(HIDDEN if LIKE_A_KEY.match(str(step)) else str(step) for step in steps) or "the block"


def _shown(error: ErrorDetails, steps: list[Any]) -> str:
    """The value, unless it may be a key that somebody wrote into the wrong place."""
    if error["type"] == "missing" or isinstance(error["input"], dict | list | bool):
        return ""
    if _ABOUT_KEYS in steps or error["type"] == "extra_forbidden" or LIKE_A_KEY.match(str(error["input"])):
        return HIDDEN
    return repr(error["input"])


_WORDS = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such setting",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "string_type": "it must be a text; put it in quotes",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "dict_type": "it must be a block of settings",
    "model_type": "it must be a block of settings",
    "model_attributes_type": "it must be a block of settings",
    "tuple_type": "it must be a list",
    "enum": "it must be one of {expected}",
    "literal_error": "it must be one of {expected}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "string_too_short": "it must not be empty",
    "too_short": "it must hold at least {min_length}",
    "ip_v4_network": "it must be an IPv4 address or network, as in 20.0.113.7/32",
}
"""Pydantic's types of errors in the words of a stack file; those of our own validators come in words already."""


_CHOICES = re.compile(r"'([^']+)'")
"""The words that may stand there, in pydantic's list of them."""


def _reason(error: ErrorDetails) -> str:
    words = _WORDS.get(error["type"])
    if words is None:
        reason = error["msg"].removeprefix("Value error, ")
        return reason[:1].lower() + reason[1:]
    context = {name: str(value).replace("'", "") for name, value in error.get("ctx", {}).items()}
    return words.format_map(context)


def _fix(steps: list[Any], error: ErrorDetails, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        owner, name = _owner(steps, model)
        near = get_close_matches(name, owner.model_fields if owner else [])
        return f"did you mean {near[0]}?" if near else "remove it; known here are " + _known(owner)
    if near := get_close_matches(str(error["input"]), _CHOICES.findall(str(error.get("ctx", {}).get("expected", "")))):
        return f"did you mean {near[0]}?"
    field = None
    while steps and field is None:
        field, steps = field_at(steps, model), steps[:-1]
    if field is None or not field.description:
        return "correct it"
    extra: Any = field.json_schema_extra
    where = extra.get(FOUND_AT) if is_object(extra) else None
    return (
        field.description
        + (f" For example: {as_yaml(field.examples[0])}" if field.examples else "")
        + (f" Found at: {where}" if where else "")
    )


def as_yaml(value: Any) -> str:
    """One line, as it would stand in a stack file."""
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def _known(owner: type[BaseModel] | None) -> str:
    return ", ".join(owner.model_fields) if owner else "none"


def field_at(steps: list[Any], model: type[BaseModel] = TenantSettings) -> FieldInfo | None:
    """The field of a model that stands at a path; None inside of lists and of blocks with names of the user's."""
    owner, name = _owner(steps, model)
    return owner.model_fields.get(name) if owner else None


def _owner(steps: list[Any], root: type[BaseModel]) -> tuple[type[BaseModel] | None, str]:
    """The model that a path's last step belongs to; none where that step is a name of the user's."""
    model: type[BaseModel] | None = root
    inside, of_the_user = model, False
    for step in steps:
        model = None if of_the_user else inside
        field = model.model_fields.get(str(step)) if model else None
        if field is not None:
            inside, of_the_user = model_in(field.annotation), get_origin(field.annotation) is dict
        elif of_the_user:
            of_the_user = False
        else:
            inside = None
    return model, str(steps[-1]) if steps else ""


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's type names, directly or inside of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = model_in(part)
        if found is not None:
            return found
    return None
