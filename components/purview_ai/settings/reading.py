"""Reads a tenant's block, and looks past each mistake: an example in its place, and it hides none of the others."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from enum import EnumType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from purview_ai.json_values import is_list, is_object
from purview_ai.settings.forms import OneOf
from purview_ai.settings.mistakes import LIKE_A_KEY, Mistake, field_at, key_in_the_open, mistake_of, model_in
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from purview_ai.json_values import JsonObject

Place = tuple[Any, ...]

_LOOKS = 5
"""Looking past a mistake may uncover others; this often."""


@dataclass
class Reading:
    """What a block says, as far as it can be used."""

    settings: TenantSettings | None = None
    """Where there are mistakes, only good for finding more of them."""
    mistakes: list[Mistake] = field(default_factory=list[Mistake])
    made_up: set[Place] = field(default_factory=set[Place])
    """The places of the block that the settings have otherwise: by an example, or not at all."""

    def knows(self, *path: str) -> bool:
        """Whether the settings have all of what stands at a place as the block has it."""
        return not any(path[: len(place)] == place or place[: len(path)] == path for place in self.made_up)

    def knows_names_of(self, block: str) -> bool:
        """Whether the settings have the same names in a block, whatever stands under each."""
        return not any(place[0] == block and len(place) <= len((block, "name")) for place in self.made_up)


def read(block: JsonObject) -> Reading:
    """A tenant's settings, with every mistake that they themselves can see."""
    reading = Reading()
    block = copy.deepcopy(block)
    for place in _keys_in(block):
        # A name under which a key stands is no secret; everything that is told of it is.
        reading.mistakes.append(key_in_the_open(place))
        _look_past(block, place, reading.made_up)
    for _ in range(_LOOKS):
        try:
            reading.settings = TenantSettings.model_validate(block)
        except ValidationError as error:
            found = error.errors()
            reading.mistakes += [mistake_of(one) for one in found if reading.knows(*_place(one))]
            looked_past = [_look_past(block, _place(one), reading.made_up) for one in found]
            if not all(looked_past):
                break
        else:
            break
    return reading


def _keys_in(value: object, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where a block has texts that look like a vendor's key; a list is one value."""
    if is_object(value):
        return [found for name, member in value.items() for found in _keys_in(member, (*place, str(name)))]
    texts = value if is_list(value) else [value]
    return [place] if any(isinstance(text, str) and LIKE_A_KEY.match(text) for text in texts) else []


def _place(error: ErrorDetails) -> Place:
    """Where in the block; a list is one value."""
    steps = error["loc"]
    ends = (number for number, step in enumerate(steps) if isinstance(step, int) or step == "[key]")
    return steps[: next(ends, len(steps))]


def _look_past(block: JsonObject, place: Place, made_up: set[Place]) -> bool:
    """Put an example in the place of a mistake, or take out what may be left out; False where neither can be done."""
    if not place:
        return False
    again = place in made_up
    made_up.add(place)
    holder: Any = block
    for step in place[:-1]:
        holder = holder.get(step) if is_object(holder) else None
    if not is_object(holder):
        # Something above it is wrong too, or stands there in its short form.
        return place[:-1] in made_up or _look_past(block, place[:-1], made_up)
    known = field_at(list(place))
    optional = known is None or not known.is_required()
    example = None if known is None or (again and optional) else _example(known, holder.get(place[-1]))
    if example is not None:
        holder[place[-1]] = example
    elif optional:
        holder.pop(place[-1], None)
    else:
        return _look_past(block, place[:-1], made_up)
    return True


def _example(known: FieldInfo, given: Any = None) -> Any:
    """A value that a field takes, the nearest to what was given where names are known; None where nothing says one."""
    meant = (one.meant(given) for one in known.metadata if isinstance(one, OneOf))
    if near := next(meant, ""):
        return near
    if known.examples:
        return copy.deepcopy(known.examples[0])
    kind: Any = known.annotation
    if isinstance(kind, EnumType):
        return next(map(str, kind))
    model = model_in(kind) if known.is_required() else None
    if model is None:
        return None
    inner = {name: _example(field) for name, field in model.model_fields.items() if field.is_required()}
    return None if None in inner.values() else inner
