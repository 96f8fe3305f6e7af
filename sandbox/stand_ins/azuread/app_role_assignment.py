"""App role assignments: the calls that each operation makes, and what the state gets (facts 54 and 55)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from stand_ins.azuread.assignment import Assignment
from stand_ins.azuread.bridge import DiagnosedError
from stand_ins.azuread.graph import GraphError, not_replicated_yet
from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values

_INPUTS = {
    "appRoleId": "app_role_id",
    "principalObjectId": "principal_object_id",
    "resourceObjectId": "resource_object_id",
}
_FROM_GRAPH = {
    "appRoleId": "appRoleId",
    "principalDisplayName": "principalDisplayName",
    "principalObjectId": "principalId",
    "principalType": "principalType",
    "resourceDisplayName": "resourceDisplayName",
    "resourceObjectId": "resourceId",
}
_ID = re.compile(r"^/servicePrincipals/(?P<resource>[^/]+)/appRoleAssignedTo/(?P<assignment>[^/]+)$")


class AppRoleAssignment(Assignment):
    """An app role of a resource, granted to a principal."""

    name = "azuread:index/appRoleAssignment:AppRoleAssignment"
    inputs = tuple(_INPUTS)
    replacing = frozenset(_INPUTS)
    needed = _INPUTS
    from_graph = _FROM_GRAPH

    def described(self, resource_id: str) -> str:
        """By both parts of its id."""
        parts = _parts(resource_id)
        return (
            f'Service Principal Id App Role Assigned To (Service Principal: "{parts["resource"]}"\n'
            f'App Role Assignment: "{parts["assignment"]}")'
        )

    def unread(self, resource_id: str) -> str:
        """In upstream's words."""
        return f"retrieving {self.described(resource_id)}"

    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Look at the resource, assign, read (fact 54)."""
        resource = inputs["resourceObjectId"]
        _require_resource(graph, resource, patience)
        body = {
            "@odata.type": "#microsoft.graph.appRoleAssignment",
            "appRoleId": inputs["appRoleId"],
            "principalId": inputs["principalObjectId"],
            "resourceId": resource,
        }
        path = f"/servicePrincipals/{resource}/appRoleAssignedTo"
        try:
            made = graph.post(path, body, patience, not_replicated_yet)
        except ProviderError as error:
            summary = "Could not create app role assignment"
            raise DiagnosedError(summary, error) from error
        assignment_id = f"/servicePrincipals/{made['resourceId']}/appRoleAssignedTo/{made['id']}"
        return assignment_id, self.told(graph, assignment_id, {}, urn, patience)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is an error (fact 55)."""
        del state
        try:
            graph.delete(resource_id, patience)
        except ProviderError as error:
            summary = f"Deleting {self.described(resource_id)}: {error}"
            raise DiagnosedError(summary, error) from error


def _require_resource(graph: Graph, resource: str, patience: Patience) -> None:
    try:
        graph.get(f"/servicePrincipals/{resource}", patience)
    except GraphError as error:
        missing = error.status == HTTPStatus.NOT_FOUND
        what = "Service principal not found" if missing else "Could not retrieve service principal"
        summary = f'{what} for resource (Object ID: "{resource}")'
        raise DiagnosedError(summary, error) from error


def _parts(assignment_id: str) -> re.Match[str]:
    match = _ID.match(assignment_id)
    if match is None:
        summary = "Parsing App Role Assignment ID"
        raise DiagnosedError(summary, f"'{assignment_id}' is not of the form {_ID.pattern}")
    return match
