"""Checking inputs against a type's metadata, in the provider's words (fact 10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stand_ins.azure_native.metadata import Kind
from stand_ins.values import UNKNOWN, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.azure_native.metadata import Property, ResourceType, Shape
    from stand_ins.values import Value, Values

_LOCATION_HELP = ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."


def failures(resource: ResourceType, inputs: Values) -> list[str]:
    """The reasons for which these inputs are refused; unknown values and extra keys are let through."""
    found: list[str] = []
    for name, parameter in resource.parameters.items():
        if name in inputs:
            found += _of_value(name, parameter.property, inputs[name])
        else:
            found.append(_missing(name))
    return found + list(_of_object("", resource.body, inputs))


def _missing(path: str) -> str:
    return f"missing required property '{path}'" + (_LOCATION_HELP if path == "location" else "")


def _of_object(path: str, shape: Shape, values: Values) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required:
        if name not in values:
            yield _missing(prefix + name)
    for name, property_ in shape.properties.items():
        if name in values:
            yield from _of_value(prefix + name, property_, values[name])


def _of_value(path: str, property_: Property, value: Value) -> Iterator[str]:
    if value is UNKNOWN or isinstance(value, bool):
        return
    if is_object(value):
        if property_.shape:
            yield from _of_object(path, property_.shape, value)
    elif is_array(value):
        yield from _of_array(path, property_, value)
    elif isinstance(value, str):
        yield from _of_text(path, property_, value)
    else:
        yield from _of_number(path, property_, value)


def _of_array(path: str, property_: Property, values: list[Value]) -> Iterator[str]:
    if property_.kind is not Kind.ARRAY:
        yield _wrong_type(path, property_, "an array")
    elif property_.items:
        for index, value in enumerate(values):
            yield from _of_value(f"{path}[{index}]", property_.items, value)


def _of_text(path: str, property_: Property, value: str) -> Iterator[str]:
    if property_.kind is not Kind.STRING:
        yield _wrong_type(path, property_, "a string")
        return
    length = len(value.encode())
    if property_.min_length is not None and length < property_.min_length:
        yield f"'{path}' is too short ({length}): at least {property_.min_length} characters required"
    if property_.max_length is not None and length > property_.max_length:
        yield f"'{path}' is too long ({length}): at most {property_.max_length} characters allowed"
    if property_.pattern and not re.search(property_.pattern, value, re.ASCII):
        yield f"'{path}' does not match expression '{property_.pattern}'"


def _of_number(path: str, property_: Property, value: float) -> Iterator[str]:
    if property_.kind not in (Kind.INTEGER, Kind.NUMBER):
        yield _wrong_type(path, property_, "a number")
    elif property_.kind is Kind.INTEGER and not float(value).is_integer():
        yield f"'{path}' must be an integer but got {value:f}"


def _wrong_type(path: str, property_: Property, got: str) -> str:
    kind = Kind.OBJECT if property_.kind is Kind.MAP else property_.kind
    return f"'{path}' should be of type '{kind}' but got {got}"
