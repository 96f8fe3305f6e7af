"""A resource as a rule sees it: what the program wants of it, or what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_policy import proxy
from pulumi_policy.deserialize import serialize_properties
from purview_ai.drift.azure_types import without_version
from purview_ai.drift.own import TYPES
from purview_ai.dynamic.families import KIND
from purview_ai.json_values import JsonObject, is_list, is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_policy import PolicyResource, ResourceValidationArgs

PROVIDER = "pulumi:providers:"
"""How the types of providers begin."""
STACK = "pulumi:pulumi:Stack"
"""The type of the stack itself."""
_UNKNOWN_WORDS = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))


class _Unknown:
    """The one value that a preview does not know."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Judged:
    """One resource of one stack."""

    kind: str
    """Its object kind where it is the package's own, else its type without an API version."""
    name: str
    urn: str
    parent: str
    """The URN of the component that it belongs to."""
    protected: bool
    values: JsonObject
    """Its inputs; its outputs where a rule is about these."""
    stack: str

    @classmethod
    def of(cls, resource: ResourceValidationArgs | PolicyResource) -> Judged:
        """What the engine tells of a resource."""
        values = known(serialize_properties(resource.props))
        return cls(
            kind=_kind(resource.resource_type, values),
            name=resource.name,
            urn=resource.urn,
            parent=resource.opts.parent or "",
            protected=resource.opts.protect,
            values=values,
            stack=pulumi.get_stack(),
        )

    @property
    def parent_kind(self) -> str:
        """The type of the component that it belongs to."""
        parts = self.parent.split("::")
        return parts[2].rsplit("$", 1)[-1] if len(parts) > 2 else ""  # noqa: PLR2004  # urn, project, types, name

    def value(self, path: str) -> Any:
        """What stands at a path; None where nothing does, and also below what a preview does not know."""
        return take_from(self.values, tuple(path.split(".")))


def _kind(resource_type: str, values: JsonObject) -> str:
    if resource_type.startswith(TYPES) and KIND in values:
        return str(values[KIND])
    return without_version(resource_type)


def known(values: Mapping[str, Any]) -> JsonObject:
    """Values with a mark of their own for what a preview does not know."""
    return {name: _known(value) for name, value in values.items()}


def _known(value: Any) -> Any:
    if is_object(value):
        return known(value)
    if is_list(value):
        return [_known(one) for one in value]
    return UNKNOWN if isinstance(value, str) and value in _UNKNOWN_WORDS else value
