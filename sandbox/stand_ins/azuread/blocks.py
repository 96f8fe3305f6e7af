"""Blocks within blocks of inputs, as the bridge and Terraform compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.values import UNKNOWN, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Collection

    from stand_ins.values import Value, Values

DEFAULTS = "__defaults"


def with_defaults(value: Value) -> Value:
    """A value whose blocks say, each for itself, that nothing in them was made up."""
    if is_object(value):
        return {DEFAULTS: [], **{name: with_defaults(inner) for name, inner in value.items()}}
    return [with_defaults(one) for one in value] if is_array(value) else value


def differs(was: Value, wanted: Value, computed: Collection[str] = ()) -> bool:
    """Whether the state is not as it is wanted; what is wanted of ``computed`` may be left out."""
    if wanted is UNKNOWN:
        return True
    if is_object(was) or is_object(wanted):
        before, after = was or {}, wanted or {}
        names = (before.keys() | after.keys()) - {DEFAULTS}
        return any(
            differs(before.get(name), after.get(name), computed)
            for name in names
            if name in after or name not in computed
        )
    if is_array(was) or is_array(wanted):
        one, other = was or [], wanted or []
        return len(one) != len(other) or any(differs(*pair, computed) for pair in zip(one, other, strict=True))
    return (was or None) != (wanted or None)


def projected(given: Value, now: Value) -> Value:
    """What was given, as it is now."""
    if is_object(given) and is_object(now):
        return {name: value if name == DEFAULTS else projected(value, now.get(name)) for name, value in given.items()}
    if is_array(given) and is_array(now) and len(given) == len(now):
        return [projected(*pair) for pair in zip(given, now, strict=True)]
    return now


def unknown_names(values: Values, known: Values, path: str = "") -> list[str]:
    """The inputs below a block that a pattern of known ones does not have."""
    found: list[str] = []
    for name, value in values.items():
        if name == DEFAULTS:
            continue
        here = f"{path}.{name}".lstrip(".")
        if name not in known:
            found.append(here)
            continue
        inner = known[name]
        for one in value if is_array(value) else [value]:
            if is_object(one) and is_object(inner):
                found += unknown_names(one, inner, here)
    return found
