"""What a preview says of a resource's outputs (facts 13 and 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.azure_native.metadata import Kind
from stand_ins.values import UNKNOWN, is_array, is_object

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import Property, Shape
    from stand_ins.values import Value, Values

_STAYS = ("name", "location")
"""The only outputs that an update's preview takes from the state."""
_PLAIN = {Kind.STRING: (str,), Kind.INTEGER: (int, float), Kind.NUMBER: (int, float), Kind.BOOLEAN: (bool,)}


def of_create(answer: Shape, inputs: Values) -> Values:
    """Every output: the input of its name where there is one of its type, else unknown."""
    return {name: _preview(property_, inputs.get(name)) for name, property_ in answer.properties.items()}


def of_update(answer: Shape, inputs: Values, state: Values) -> Values:
    """As of a create, with name and location from the state."""
    kept = {name: state[name] for name in _STAYS if name in state}
    return {**of_create(answer, inputs), **kept}


def _preview(property_: Property, value: Value) -> Value:
    if property_.shape and is_object(value):
        return of_create(property_.shape, value)
    if property_.items and property_.kind is Kind.MAP and is_object(value):
        return {name: _preview(property_.items, inner) for name, inner in value.items()}
    if property_.items and property_.kind is Kind.ARRAY and is_array(value):
        return [_preview(property_.items, inner) for inner in value]
    return value if type(value) in _PLAIN.get(property_.kind, ()) else UNKNOWN
