"""Directory role assignments: made, looked at three times, read (facts 60 and 91)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from stand_ins.azuread.bridge import NO_DEFAULTS, DiagnosedError, meta
from stand_ins.azuread.consistency import is_there, wait_until
from stand_ins.azuread.graph import GraphError
from stand_ins.azuread.kinds import Kind, is_uuid
from stand_ins.failures import ProviderError
from stand_ins.values import UNKNOWN, same

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values

_ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
_ID = re.compile(rf"^{_ASSIGNMENTS}/(?P<assignment>[^/]+)$")
_NEEDED = {"principalObjectId": "principal_object_id", "roleId": "role_id"}
_FROM_GRAPH = {
    "appScopeId": "appScopeId",
    "directoryScopeId": "directoryScopeId",
    "principalObjectId": "principalId",
    "roleId": "roleDefinitionId",
}
_LOOKS, _LOOK_S = 3, 1


class DirectoryRoleAssignment(Kind):
    """A directory role, given to a principal in the whole tenant."""

    name = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
    inputs = tuple(_NEEDED)
    replacing = frozenset(_NEEDED)
    minutes: ClassVar = {"create": 5, "delete": 5, "read": 5}

    def completed(self, news: Values) -> Values:
        """As it is: nothing has a default."""
        return {**NO_DEFAULTS, **news}

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """Role and principal are needed and are UUIDs; of the rest the program uses nothing."""
        found: dict[str, str] = {}
        for name, upstream in _NEEDED.items():
            where = f"Examine values at '{logical_name}.{name}'."
            if name not in inputs:
                found[name] = f'Missing required argument. The argument "{upstream}" is required. {where}'
            elif inputs[name] is not UNKNOWN and not is_uuid(inputs[name]):
                found[name] = f'expected "{upstream}" to be a valid UUID, got {inputs[name]}. {where}'
        for name in inputs.keys() - {*self.inputs, "__defaults"}:
            found[name] = "the stand-in serves only what the program uses"
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare both."""
        return [name for name in self.inputs if not same(state.get(name), news.get(name))]

    def preview(self, inputs: Values) -> Values:
        """The inputs."""
        return {name: inputs.get(name, UNKNOWN) for name in _FROM_GRAPH} | {"id": UNKNOWN}

    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Assign, look three times, read."""
        role, principal = inputs["roleId"], inputs["principalObjectId"]
        body = {"directoryScopeId": "/", "principalId": principal, "roleDefinitionId": role}
        try:
            made = graph.post(_ASSIGNMENTS, body, patience)
        except ProviderError as error:
            summary = f'Assigning directory role "{role}" to directory principal "{principal}": {error}'
            raise DiagnosedError(summary, error) from error
        assignment_id = f"{_ASSIGNMENTS}/{made['id']}"
        try:
            wait_until(lambda: is_there(graph, assignment_id, patience), patience, looks=_LOOKS, pause_s=_LOOK_S)
        except GraphError as error:
            summary = f'Waiting for role assignment for "{principal}" to reflect in directory role "{role}"'
            raise DiagnosedError(summary, "retrieving role assignment") from error
        outputs = self.read(graph, assignment_id, {}, patience)
        if outputs is None:
            msg = f"expected non-nil error with nil state during Create of {urn}"
            raise ProviderError(msg)
        return assignment_id, outputs

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """One look."""
        del state
        what = _described(resource_id)
        try:
            found = graph.get(resource_id, patience)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = f"Retrieving {what}"
            raise DiagnosedError(summary, error) from error
        outputs = {name: found.get(wire) or "" for name, wire in _FROM_GRAPH.items()}
        return {**outputs, "id": resource_id, "__meta": meta(self.minutes)}

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Never asked: every change replaces."""
        del graph, inputs, patience
        msg = f"doesn't support update: {resource_id}"
        raise ProviderError(msg)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is an error."""
        del state
        what = _described(resource_id)
        try:
            graph.delete(resource_id, patience)
        except ProviderError as error:
            summary = f"Deleting {what}"
            raise DiagnosedError(summary, error) from error


def _described(assignment_id: str) -> str:
    match = _ID.match(assignment_id)
    if match is None:
        summary = "Parsing ID"
        raise DiagnosedError(summary, f"'{assignment_id}' is not of the form {_ID.pattern}")
    return f'Role Management Directory Role Assignment (Unified Role Assignment: "{match["assignment"]}")'
