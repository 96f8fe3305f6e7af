"""Which inputs drifted, told from what changed among the outputs (fact 35)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from stand_ins.azure_native import conversion
from stand_ins.values import is_array, is_object, same

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import ResourceType
    from stand_ins.values import Value, Values


def drifted(resource: ResourceType, inputs: Values, old_outputs: Values, new_outputs: Values) -> Values:
    """The inputs with every change that the outputs have seen since the last time.

    Inputs that ARM never returns, such as a secret's value or parts of the path, stay as they are.
    """
    visible = copy.deepcopy(new_outputs)
    for path in resource.maintained:
        if not _holds(inputs, path):
            _remove(visible, path)
    before = conversion.inputs_within(resource.body, old_outputs)
    after = conversion.inputs_within(resource.body, visible)
    return _carry(inputs, before, after)


def _carry(value: Value, before: Value, after: Value) -> Value:
    """The value with what changed from before to after."""
    if is_object(value) and is_object(before) and is_object(after):
        return _carry_object(value, before, after)
    if is_array(value) and is_array(before) and is_array(after):
        shared = min(len(value), len(before))
        return [_carry(value[index], before[index], new) if index < shared else new for index, new in enumerate(after)]
    return after


def _carry_object(values: Values, before: Values, after: Values) -> Values:
    kept = {name: value for name, value in values.items() if name not in before or name in after}
    for name, new in after.items():
        if name not in before:
            kept[name] = new
        elif not same(before[name], new):
            kept[name] = _carry(kept[name], before[name], new) if name in kept else new
    return kept


def _holds(values: Values, path: tuple[str, ...]) -> bool:
    first, *rest = path
    if first not in values or not rest:
        return first in values
    inner = values[first]
    return is_object(inner) and _holds(inner, tuple(rest))


def _remove(values: Values, path: tuple[str, ...]) -> None:
    *outer, last = path
    for name in outer:
        inner = values.get(name)
        if not is_object(inner):
            return
        values = inner
    values.pop(last, None)
