"""Which inputs of a resource are not as they were, told as azure-native tells it (docs/facts.md, providers 35).

What changed between the recorded outputs and what is there now is applied to the recorded inputs; the inputs that
then differ have drifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import JsonObject, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.drift.checkpoint import Path


@dataclass(frozen=True)
class Difference:
    """A place whose value is another one now."""

    path: Path
    was: Any
    now: Any


def drifted(declared: JsonObject, before: JsonObject, after: JsonObject) -> list[Difference]:
    """How the declared values differ once everything has happened to them that has happened to the outputs."""
    return list(_differences((), declared, _applied(declared, before, after)))


def _applied(declared: Any, before: Any, after: Any) -> Any:
    if is_object(declared) and is_object(before) and is_object(after):
        return _applied_to_object(declared, before, after)
    if is_list(declared) and is_list(before) and is_list(after):
        met = min(len(declared), len(before))
        return [
            _applied(declared[place], before[place], new) if place < met else new for place, new in enumerate(after)
        ]
    return declared if _equal(before, after) else after


def _applied_to_object(declared: JsonObject, before: JsonObject, after: JsonObject) -> JsonObject:
    now = {name: value for name, value in declared.items() if name in after or name not in before}
    for name, value in after.items():
        if name not in before:
            now[name] = value
        elif not _equal(before[name], value):
            now[name] = _applied(now[name], before[name], value) if name in now else value
    return now


def _differences(path: Path, was: Any, now: Any) -> Iterator[Difference]:
    if is_object(was) and is_object(now):
        for name in (*was, *(name for name in now if name not in was)):
            if name in was and name in now:
                yield from _differences((*path, name), was[name], now[name])
            else:
                yield Difference((*path, name), was.get(name), now.get(name))
    elif is_list(was) and is_list(now):
        for place in range(max(len(was), len(now))):
            if place < min(len(was), len(now)):
                yield from _differences((*path, place), was[place], now[place])
            else:
                one, other = (values[place] if place < len(values) else None for values in (was, now))
                yield Difference((*path, place), one, other)
    elif not _same(path, was, now):
        yield Difference(path, was, now)


def _equal(one: Any, other: Any) -> bool:
    """Equality as JSON has it: Python takes ``true`` for 1."""
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _same(path: Path, one: Any, other: Any) -> bool:
    """What azure-native takes for the same (docs/facts.md, providers 22)."""
    if isinstance(one, str) and isinstance(other, str):
        if path == ("location",):
            return _place(one) == _place(other)
        if one.startswith("/subscriptions/"):
            return one.lower() == other.lower()
    return _equal(one, other)


def _place(location: str) -> str:
    return location.replace(" ", "").lower()
