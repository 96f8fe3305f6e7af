"""JSON as Python has it, with the questions that tell its shapes apart."""

from __future__ import annotations

from typing import Any, TypeGuard

JsonObject = dict[str, Any]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def whole_numbers(value: Any) -> Any:
    """Pulumi knows one kind of number: what is whole goes to a service as a whole number."""
    if is_object(value):
        return {name: whole_numbers(member) for name, member in value.items()}
    if is_list(value):
        return [whole_numbers(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def take_from(body: Any, steps: tuple[str, ...]) -> Any:
    """The value at a place, or None."""
    for step in steps:
        if not is_object(body):
            return None
        body = body.get(step)
    return body
