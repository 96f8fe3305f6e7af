"""Directory role assignments: made, looked at three times, read (facts 60 and 91)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stand_ins.azuread.assignment import Assignment
from stand_ins.azuread.bridge import DiagnosedError
from stand_ins.azuread.consistency import is_there, wait_until
from stand_ins.azuread.graph import GraphError
from stand_ins.failures import ProviderError

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


class DirectoryRoleAssignment(Assignment):
    """A directory role, given to a principal in the whole tenant."""

    name = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
    inputs = tuple(_NEEDED)
    replacing = frozenset(_NEEDED)
    needed = _NEEDED
    from_graph = _FROM_GRAPH

    def described(self, resource_id: str) -> str:
        """By the last part of its id."""
        match = _ID.match(resource_id)
        if match is None:
            summary = "Parsing ID"
            raise DiagnosedError(summary, f"'{resource_id}' is not of the form {_ID.pattern}")
        return f'Role Management Directory Role Assignment (Unified Role Assignment: "{match["assignment"]}")'

    def unread(self, resource_id: str) -> str:
        """In upstream's words."""
        return f"Retrieving {self.described(resource_id)}"

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """Also what the program does not use."""
        unused = inputs.keys() - {*self.inputs, "__defaults"}
        return super().refusals(inputs, logical_name) | dict.fromkeys(
            unused, "the stand-in serves only what the program uses"
        )

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
        return assignment_id, self.told(graph, assignment_id, {}, urn, patience)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is an error."""
        del state
        what = self.described(resource_id)
        try:
            graph.delete(resource_id, patience)
        except ProviderError as error:
            summary = f"Deleting {what}"
            raise DiagnosedError(summary, error) from error
