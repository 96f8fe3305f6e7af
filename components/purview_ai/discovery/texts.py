"""The texts of a JSON value, by the places where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Place = tuple[str, ...]
"""The names of properties, and numbers in lists, step by step."""


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text, with its place."""
    if isinstance(value, str):
        yield place, value
    elif is_object(value) or is_list(value):
        members = value.items() if is_object(value) else enumerate(value)
        for step, member in members:
            yield from texts(member, (*place, str(step)))


def with_texts(value: Any, instead: Callable[[Place, str], str | None], place: Place = ()) -> Any:
    """The value with other texts in their places; members that are null, or whose text becomes None, are left out."""
    if isinstance(value, str):
        return instead(place, value)
    if is_object(value):
        made = {name: with_texts(member, instead, (*place, name)) for name, member in value.items()}
        return {name: member for name, member in made.items() if member is not None}
    if is_list(value):
        listed = [with_texts(member, instead, (*place, str(number))) for number, member in enumerate(value)]
        return [member for member in listed if member is not None]
    return value


def named_in(place: Place, word: str) -> bool:
    """Whether a step of a place has a word in its name."""
    return any(word in step.lower() for step in place)


def dotted(place: Place) -> str:
    """A place in one word."""
    return ".".join(place)
