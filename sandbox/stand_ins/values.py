"""Property values between the engine's protocol buffers and plain Python.

A value is a string, number, boolean, list, dictionary or ``UNKNOWN``; nulls are dropped on the way in,
as the genuine provider does. Neither provider accepts secrets (fact 2), so none arrive wrapped.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as ProtoValue

Value: TypeAlias = Any
Values: TypeAlias = dict[str, Any]


class Unknown(Enum):
    """A value that a preview cannot know yet."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How an unknown of any type leaves; of those that arrive there is one mark for each type."""
_UNKNOWN_MARKS = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def is_object(value: Value) -> TypeGuard[Values]:
    """Whether this is a dictionary of values."""
    return isinstance(value, dict)


def is_array(value: Value) -> TypeGuard[list[Value]]:
    """Whether this is a list of values."""
    return isinstance(value, list)


def decode(struct: Struct) -> Values:
    """The properties of a message, without those that are null."""
    decoded = {name: _decode(value) for name, value in struct.fields.items()}
    return {name: value for name, value in decoded.items() if value is not None}


def _decode(value: ProtoValue) -> Value:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_MARKS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_decode(item) for item in value.list_value.values]
        case "struct_value":
            return decode(value.struct_value)
        case _:
            return None


def encode(values: Values) -> Struct:
    """The message that carries these properties."""
    struct = Struct()
    struct.update(_encodable(values))
    return struct


def _encodable(value: Value) -> Value:
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if is_object(value):
        return {name: _encodable(inner) for name, inner in value.items() if inner is not None}
    if is_array(value):
        return [_encodable(inner) for inner in value]
    return value


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal; unlike in Python, ``True`` is not 1."""
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other
