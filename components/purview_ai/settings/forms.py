"""Texts of a certain form, in the words of a stack file and in the patterns of its JSON Schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError, core_schema

from purview_ai import naming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


@dataclass(frozen=True)
class Form:
    """A pattern, and the rule that it stands for in words."""

    pattern: re.Pattern[str]
    rule: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Checked after the text itself: pydantic's own patterns know no look-ahead, and no words."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The pattern as ECMA-262 writes it."""
        shown = handler(schema)
        shown["pattern"] = self.pattern.pattern.replace(r"\Z", "$")
        return shown

    def _checked(self, given: str) -> str:
        if not self.pattern.match(given):
            msg = f"it must have {self.rule}"
            raise ValueError(msg)
        return given


@dataclass(frozen=True)
class OneOf:
    """A name that data files know; which ones there are is asked when a name is looked at."""

    noun: str
    known: Callable[[], Sequence[str]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Checked after the text itself."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The names that are known today."""
        return {**handler(schema), "enum": list(self.known())}

    def meant(self, given: object) -> str:
        """The name that somebody may have meant; empty where none is near."""
        return next(iter(get_close_matches(str(given), self.known(), n=1, cutoff=_NEAR)), "")

    def _checked(self, given: str) -> str:
        if given not in self.known():
            raise ValueError(unknown_name(self.noun, given, self.known()))
        return given


_NEAR = 0.5


def unknown_name(noun: str, given: str, known: Sequence[str]) -> str:
    """What to say of a name that is not there."""
    near = get_close_matches(given, known, n=1, cutoff=_NEAR)
    hint = f"did you mean {near[0]}? Known are" if near else "known are"
    return f"there is no {noun} {given}; {hint} {', '.join(known)}"


_PULUMI_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2}) 00:00:00 \+0000 UTC$")


def as_date(given: object) -> date:
    """A date; an unquoted one reaches the program in Go's form (docs/facts.md, engine 12)."""
    text = given.isoformat() if isinstance(given, date) else str(given)
    match = _PULUMI_DATE.match(text)
    try:
        return date.fromisoformat(match[1] if match else text)
    except ValueError:
        msg = "it must be a date, as in 2026-01-01"
        raise ValueError(msg) from None


def left_out() -> PydanticCustomError:
    """What is wrong with a setting that is missing although others make it necessary."""
    return PydanticCustomError("missing", "Field required")


FOUND_AT = "x-found-at"
"""In a field's schema: where in the portals its value is found."""


def found(where: str) -> dict[str, Any]:
    """For a field's ``json_schema_extra``."""
    return {FOUND_AT: where}


ResourceGroupName = Annotated[str, Form(naming.RESOURCE_GROUP_NAME, naming.RESOURCE_GROUP_NAME_RULE)]
DataMapName = Annotated[str, Form(naming.DATA_MAP_NAME, naming.DATA_MAP_NAME_RULE)]


def _somebodys(given: str) -> str:
    if not given.strip("0-"):
        msg = "it is the empty GUID, which is the id of nothing"
        raise ValueError(msg)
    return given.lower()


InEntra = AfterValidator(_somebodys)
"""An id of something that is there; in small letters, as Entra has it, so that capitals are no change."""
_OF_ENTRA = Form(GUID, "the form of a GUID; it is an object id of Entra, and not an application's id")
PrincipalId = Annotated[str, _OF_ENTRA, InEntra]


def _each_once(given: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((one for place, one in enumerate(given) if one in given[:place]), None)
    if twice is not None:
        msg = f"it names {twice} twice"
        raise ValueError(msg)
    return given


EachOnce = AfterValidator(_each_once)
"""A list of different things: where a service keeps a set, it refuses the second, and half is made by then."""
