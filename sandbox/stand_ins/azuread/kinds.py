"""What each resource type of the provider answers; the provider itself knows none."""

from __future__ import annotations

import abc
import uuid
from typing import TYPE_CHECKING, ClassVar

from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values


def is_uuid(value: Value) -> bool:
    """Whether a value is a UUID in its usual form."""
    try:
        return str(uuid.UUID(str(value))) == str(value).lower()
    except ValueError:
        return False


class Kind(abc.ABC):
    """A resource type."""

    name: str
    """Its token, as Pulumi says."""
    inputs: tuple[str, ...]
    replacing: frozenset[str]
    """The inputs whose change makes a new resource."""
    minutes: ClassVar[dict[str, int]]
    """The time limits of its operations."""

    @abc.abstractmethod
    def completed(self, news: Values) -> Values:
        """The inputs with the defaults that the bridge adds."""

    @abc.abstractmethod
    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """The inputs that are missing or wrong, each with the reason."""

    @abc.abstractmethod
    def changed(self, state: Values, news: Values) -> list[str]:
        """The inputs that differ from the state."""

    @abc.abstractmethod
    def preview(self, inputs: Values) -> Values:
        """The outputs before there is anything: Graph's own are unknown."""

    @abc.abstractmethod
    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Make it; the new id and the outputs."""

    @abc.abstractmethod
    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """The outputs of what is there, or None where it is gone."""

    def told(self, graph: Graph, resource_id: str, state: Values, what: str, patience: Patience) -> Values:
        """A read of what was just made or changed, which must find it."""
        outputs = self.read(graph, resource_id, state, patience)
        if outputs is None:
            msg = f"expected non-nil error with nil state during Create of {what}"
            raise ProviderError(msg)
        return outputs

    @abc.abstractmethod
    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Change it; the outputs."""

    @abc.abstractmethod
    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """Take it away."""

    def known_inputs(self, inputs: Values | None, outputs: Values) -> Values:
        """The inputs after a read: what was given as it is now; after an import, all that there is."""
        if inputs is not None:
            return {name: outputs.get(name, value) for name, value in inputs.items()}
        return self.completed({name: outputs[name] for name in self.inputs if outputs.get(name)})
