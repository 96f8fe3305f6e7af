"""The words that all types are described in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stand_ins.azure_native.metadata import Kind, Parameter, Property, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT = Property()
FLAG = Property(kind=Kind.BOOLEAN)
NUMBER = Property(kind=Kind.INTEGER)
TAGS = Property(kind=Kind.MAP, items=TEXT)


def an_object(shape: Shape) -> Property:
    """A property that holds an object of this shape."""
    return Property(kind=Kind.OBJECT, shape=shape)


def a_list(items: Property, identifiers: tuple[str, ...] = ()) -> Property:
    """A property that holds an array of these."""
    return Property(kind=Kind.ARRAY, items=items, identifiers=identifiers)


def texts(*names: str) -> dict[str, Property]:
    """Properties that all hold a text."""
    return dict.fromkeys(names, TEXT)


def flattened(properties: Mapping[str, Property]) -> dict[str, Property]:
    """Properties that ARM keeps under ``properties`` and the SDK at the top (fact 28)."""
    return {name: replace(found, within=("properties",)) for name, found in properties.items()}


SYSTEM_DATA = an_object(
    Shape(
        texts(
            "createdAt",
            "createdBy",
            "createdByType",
            "lastModifiedAt",
            "lastModifiedBy",
            "lastModifiedByType",
        )
    )
)
GROUP = Parameter()
"""The resource group in a path."""
