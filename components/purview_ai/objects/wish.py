"""Wishes: what a user wants an object to be, and where each field stands on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from purview_ai.json_values import JsonObject, is_list, is_object, take_from
from purview_ai.objects.sameness import as_known, same

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class At:
    """A field's place in the object's JSON. A step in braces is another field's value."""

    steps: tuple[str, ...]

    def __init__(self, *steps: str) -> None:
        """Step by step from the top."""
        object.__setattr__(self, "steps", steps)

    def of(self, wish: Wish) -> tuple[str, ...]:
        """The place for this very wish."""
        return tuple(str(getattr(wish, step[1:-1])) if step.startswith("{") else step for step in self.steps)


@dataclass(frozen=True)
class Manner:
    """Marks a field that says how something is done, not what it shall be: a change of it changes nothing."""


@dataclass(frozen=True)
class EmptyCounts:
    """Marks a field whose emptiness is a wish too; elsewhere an empty value says that nothing is declared."""


_EMPTY: tuple[object, ...] = (None, "", [])


class Wish(BaseModel):
    """What is common to all objects."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: Annotated[str, Manner()] = Field(default="", description="Whose object it is; for messages only.")
    adopt: Annotated[bool, Manner()] = Field(
        default=False, description="Take over an object that is there already and differs, and change it."
    )
    release: bool = Field(
        default=False, description="Treat an object that was there before as the stack's own: destroy removes it."
    )

    @property
    def title(self) -> str:
        """What the object is called in messages."""
        return f'"{getattr(self, "name", "")}"'

    @classmethod
    def places(cls) -> dict[str, At]:
        """Where the fields that travel stand."""
        return {
            name: place for name, field in cls.model_fields.items() for place in field.metadata if isinstance(place, At)
        }

    @classmethod
    def compared(cls) -> list[str]:
        """The fields that make two wishes differ."""
        return [name for name, field in cls.model_fields.items() if Manner() not in field.metadata]

    def fields(self) -> JsonObject:
        """All fields as plain values; what a service said of one may be of a kind that no wish could be."""
        return self.model_dump(mode="json", warnings="none")

    def declared(self) -> dict[str, At]:
        """The places of the fields of which this very wish says something."""
        return {
            name: place
            for name, place in self.places().items()
            if getattr(self, name) not in _EMPTY or EmptyCounts() in type(self).model_fields[name].metadata
        }

    def body(self, constants: dict[tuple[str, ...], Any]) -> JsonObject:
        """The whole object as PUT carries it."""
        body: JsonObject = {}
        for steps, value in constants.items():
            put_at(body, At(*steps).of(self), value)
        for name, place in self.declared().items():
            put_at(body, place.of(self), getattr(self, name))
        return body

    def observed(self, found: JsonObject) -> Self:
        """The same wish with the values that GET returned; only what was declared is looked at."""
        seen: dict[str, Any] = {}
        for name, place in self.declared().items():
            declared = getattr(self, name)
            value = take_from(found, place.of(self))
            present = _absent(type(self).model_fields[name]) if value is None else declared_part(value, declared)
            seen[name] = as_known(present, declared)
        return self.model_copy(update=seen)


def _absent(field: FieldInfo) -> Any:
    """What stands for a field that the service does not have."""
    return "" if field.is_required() else field.get_default(call_default_factory=True)


def without(present: Any, before: Any, wanted: Any) -> Any:
    """What is present, less the members that were wished before and are not any more."""
    if is_object(present) and is_object(before) and is_object(wanted):
        return {
            name: without(value, before.get(name), wanted.get(name))
            for name, value in present.items()
            if name in wanted or name not in before
        }
    if is_list(present) and is_list(before) and is_list(wanted):
        was = {place: number for number, place in enumerate(_paired(present, before)) if place is not None}
        return [
            without(one, before[was[place]], wanted[was[place]]) if was.get(place, len(wanted)) < len(wanted) else one
            for place, one in enumerate(present)
        ]
    return present


def put_at(body: JsonObject, steps: tuple[str, ...], value: Any) -> None:
    """Set a value at a place; an object already there keeps its other members."""
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    present = body.get(steps[-1])
    body[steps[-1]] = merged(present, value) if is_object(present) else value


def merged(present: Any, wanted: Any) -> Any:
    """The wanted value, with members of objects that only the present one has; in lists too, where one is met."""
    if is_object(present) and is_object(wanted):
        both: JsonObject = {**present}
        for name, value in wanted.items():
            both[name] = merged(both.get(name), value)
        return both
    if is_list(present) and is_list(wanted):
        return [
            member if place is None else merged(present[place], member)
            for member, place in zip(wanted, _paired(present, wanted), strict=True)
        ]
    return wanted


def declared_part(found: Any, declared: Any) -> Any:
    """What was found, without the members that nobody declared.

    A service may leave out a member that is empty, and may add members to the objects of a list.
    """
    if is_object(declared) and (is_object(found) or found is None):
        there: JsonObject = found or {}
        parts = {name: declared_part(there.get(name), wished) for name, wished in declared.items()}
        return {name: part for name, part in parts.items() if name in there or same(part, declared[name])}
    if is_list(found) and is_list(declared):
        met = _paired(found, declared)
        left = [one for place, one in enumerate(found) if place not in met]
        return [*(wished for wished, place in zip(declared, met, strict=True) if place is not None), *left]
    return declared if found in _EMPTY and declared in _EMPTY else found


def _paired(present: list[Any], wanted: list[Any]) -> list[int | None]:
    """For each wanted member the place of one that has all that is wanted of it; no place is taken twice.

    Who wants most chooses first: what is left has enough for the others.
    """
    places: list[int | None] = [None] * len(wanted)
    free = list(range(len(present)))
    for number in sorted(range(len(wanted)), key=lambda n: len(json.dumps(wanted[n], default=repr)), reverse=True):
        for place in free:
            if same(declared_part(present[place], wanted[number]), wanted[number]):
                places[number] = place
                free.remove(place)
                break
    return places
