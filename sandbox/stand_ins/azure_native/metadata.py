"""What the provider knows of a resource type: the words in which ``table`` describes each one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values


class Kind(StrEnum):
    """The type of a property, as failures spell it (fact 10)."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    """With a shape of its own."""
    MAP = "map"
    """Any keys, all values alike; not checked (fact 10)."""


class Autoname(StrEnum):
    """How a name comes about that the program does not give (fact 6)."""

    RANDOM = "random"
    UUID = "uuid"
    COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a body, an answer or a path."""

    kind: Kind = Kind.STRING
    wire: str | None = None
    """ARM's name for it, where that is another."""
    within: tuple[str, ...] = ()
    """The containers that ARM has around it and the SDK has not (fact 28)."""
    shape: Shape | None = None
    items: Property | None = None
    """What an array or a map holds."""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    default: Value = None
    """Told apart from unset in diffs, and at the top level only (fact 20)."""
    replaces: bool = False
    """A change makes a new resource (fact 19); also for the top level only."""
    identifiers: tuple[str, ...] = ()
    """The x-ms-identifiers of an array that is compared as a set (fact 22)."""


@dataclass(frozen=True)
class Shape:
    """An object's properties by their names in the SDK, and those that it must have."""

    properties: Mapping[str, Property]
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A part of a resource's path; each is required, and each replaces (fact 18)."""

    property: Property = field(default_factory=Property)
    autoname: Autoname | None = None
    verbatim: bool = False
    """Put into the path unescaped, without slashes at its ends (fact 26)."""


@dataclass(frozen=True)
class Steps:
    """What a type does in its own way (facts 40, 41, 43, 45)."""

    id_of: Callable[[str, Values], str] | None = None
    """The id of some inputs in a subscription."""
    create: Callable[[Session, ResourceType, str, Values, Patience], Values] | None = None
    read: Callable[[Session, str, Values, Patience], Values | None] | None = None
    """The outputs; it also tells whether an id is free."""
    update: Callable[[Session, str, Values, Patience], Values] | None = None
    delete: Callable[[Session, Values, Patience], None] | None = None
    read_query: Callable[[Session, Values, Patience], dict[str, str]] | None = None


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """All that the provider knows of one type."""

    name: str
    """What Pulumi calls it: its token."""
    path: str
    api_version: str
    """Empty for a type that is none of ARM's: such a state has no version (fact 43)."""
    parameters: Mapping[str, Parameter]
    body: Shape
    answer: Shape
    long_running: frozenset[str] = frozenset()
    """The methods whose answers are followed to their end (fact 31)."""
    maintained: tuple[tuple[str, ...], ...] = ()
    """Arrays of sub-resources that others may write while the program leaves them unset (fact 34)."""
    also_replacing: tuple[str, ...] = ()
    """Parts of the path that stand deeper in the inputs (fact 18)."""
    always_there: bool = False
    """Made by Azure together with what it belongs to: it is taken over, and put back instead of deleted (fact 101)."""
    steps: Steps = field(default_factory=Steps)

    @property
    def replacing(self) -> frozenset[str]:
        """The properties whose change replaces the resource (facts 18 and 19)."""
        forced = {name for name, found in self.body.properties.items() if found.replaces}
        return frozenset({"subscriptionId", *self.parameters, *forced, *self.also_replacing})


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function that gets a resource."""

    name: str
    path: str
    api_version: str
    parameters: Mapping[str, Parameter]
    answer: Shape
