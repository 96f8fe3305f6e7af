"""What both kinds of assignments have in common: UUIDs that are needed, and a change of any makes a new one."""

from __future__ import annotations

import abc
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from stand_ins.azuread.bridge import NO_DEFAULTS, DiagnosedError, meta
from stand_ins.azuread.graph import GraphError
from stand_ins.azuread.kinds import Kind, is_uuid
from stand_ins.failures import ProviderError
from stand_ins.values import UNKNOWN, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values


class Assignment(Kind):
    """A role, given to a principal."""

    needed: ClassVar[Mapping[str, str]]
    """The inputs, with upstream's names. All are required UUIDs."""
    from_graph: ClassVar[Mapping[str, str]]
    """The outputs, with Graph's names."""
    minutes: ClassVar = {"create": 5, "delete": 5, "read": 5}

    @abc.abstractmethod
    def described(self, resource_id: str) -> str:
        """As messages name it; an id of another form is an error."""

    @abc.abstractmethod
    def unread(self, resource_id: str) -> str:
        """The summary where it could not be read."""

    def completed(self, news: Values) -> Values:
        """As it is: nothing has a default."""
        return {**NO_DEFAULTS, **news}

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """All inputs are needed and are UUIDs (fact 55)."""
        found: dict[str, str] = {}
        for name, upstream in self.needed.items():
            where = f"Examine values at '{logical_name}.{name}'."
            if name not in inputs:
                found[name] = f'Missing required argument. The argument "{upstream}" is required. {where}'
            elif inputs[name] is not UNKNOWN and not is_uuid(inputs[name]):
                found[name] = f'expected "{upstream}" to be a valid UUID, got {inputs[name]}. {where}'
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare each of them (fact 55)."""
        return [name for name in self.needed if not same(state.get(name), news.get(name))]

    def preview(self, inputs: Values) -> Values:
        """The inputs."""
        return {name: inputs.get(name, UNKNOWN) for name in self.from_graph} | {"id": UNKNOWN}

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """One look (fact 55)."""
        del state
        self.described(resource_id)
        try:
            found = graph.get(resource_id, patience)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = self.unread(resource_id)
            raise DiagnosedError(summary, error) from error
        outputs = {name: found.get(wire) or "" for name, wire in self.from_graph.items()}
        return {**outputs, "id": resource_id, "__meta": meta(self.minutes)}

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Never asked: every change replaces (fact 55)."""
        del graph, inputs, patience
        msg = f"doesn't support update: {resource_id}"
        raise ProviderError(msg)
