"""Between the SDK's properties and ARM: ids, request bodies, answers (facts 26 to 29, 36)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from stand_ins.azure_native.metadata import Kind
from stand_ins.failures import ProviderError
from stand_ins.values import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stand_ins.azure_native.metadata import Parameter, Property, ResourceType, Shape
    from stand_ins.values import Value, Values

_UNESCAPED = "$&+=:@~"
"""What Go's ``url.PathEscape`` leaves as it is, beyond letters and digits."""
_PART = re.compile(r"\{(\w+)\}")


def resource_id(path: str, parameters: Mapping[str, Parameter], inputs: Values, subscription: str) -> str:
    """The id that a path makes of these inputs (fact 26)."""

    def part(match: re.Match[str]) -> str:
        name = match[1]
        if name == "subscriptionId":
            return quote(subscription, safe=_UNESCAPED)
        value = inputs.get(name)
        if not isinstance(value, str):
            msg = f"expected string value for path parameter '{name}', got {type(value).__name__}"
            raise ProviderError(msg)
        return value.strip("/") if parameters[name].verbatim else quote(value, safe=_UNESCAPED)

    return _PART.sub(part, path)


def parts_of_id(path: str, resource_id: str) -> dict[str, str]:
    """The path's parameters, read out of an id; its case does not matter (fact 36)."""
    match = re.match(_PART.sub(r"(?P<\1>.*?)", path) + "$", resource_id, re.IGNORECASE)
    if match is None:
        msg = f"failed to parse '{resource_id}' against the path '{path}'"
        raise ProviderError(msg)
    return match.groupdict()


def request_body(shape: Shape, inputs: Values) -> Values:
    """What a PUT carries: the body's own properties, under ARM's names and in its containers (fact 27)."""
    body: Values = {}
    for name, property_ in shape.properties.items():
        if name in inputs:
            container = body
            for outer in property_.within:
                container = container.setdefault(outer, {})
            container[property_.wire or name] = _convert(property_, inputs[name], request_body)
    return body


def outputs(shape: Shape, answer: Values) -> Values:
    """What the SDK sees of an answer: what the metadata knows, without nulls and containers (fact 29)."""
    found: Values = {}
    for name, property_ in shape.properties.items():
        value = _innermost(answer, property_.within).get(property_.wire or name)
        if value is not None:
            found[name] = _convert(property_, value, outputs)
    return found


def inputs_within(shape: Shape, values: Values) -> Values:
    """The part of some outputs that has the form of inputs (fact 35)."""
    return {
        name: _convert(property_, values[name], inputs_within)
        for name, property_ in shape.properties.items()
        if name in values
    }


def inputs_of_existing(resource: ResourceType, resource_id: str, answer: Values) -> Values:
    """The inputs that would have made a resource that was found (fact 36)."""
    parts = parts_of_id(resource.path, resource_id)
    body = outputs(resource.body, answer)
    return {name: parts[name] for name in resource.parameters} | without_empty(body)


def without_empty(values: Values) -> Values:
    """Without nulls and what holds nothing else, as inputs are made of what was found (fact 36)."""
    return {name: kept for name, value in values.items() if (kept := _without_empty(value)) is not None}


def _innermost(answer: Values, containers: tuple[str, ...]) -> Values:
    for container in containers:
        inner = answer.get(container)
        if not is_object(inner):
            break
        answer = inner
    return answer


def _convert(property_: Property, value: Value, convert: Converter) -> Value:
    items = property_.items
    if property_.shape and is_object(value):
        return convert(property_.shape, value)
    if items and property_.kind is Kind.MAP and is_object(value):
        return {name: _convert(items, inner, convert) for name, inner in value.items()}
    if items and is_array(value):
        return [_convert(items, inner, convert) for inner in value]
    return value


def _without_empty(value: Value) -> Value:
    if is_object(value):
        kept = {name: _without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None} or None
    if is_array(value):
        return [inner for inner in map(_without_empty, value) if inner is not None] or None
    return value


if TYPE_CHECKING:
    from collections.abc import Callable

    Converter = Callable[[Shape, Values], Values]
