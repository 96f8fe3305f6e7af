"""App role assignments: the calls that each operation makes, and what the state gets (facts 54 and 55)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from stand_ins.azuread.bridge import NO_DEFAULTS, DiagnosedError, meta
from stand_ins.azuread.graph import GraphError, not_replicated_yet
from stand_ins.azuread.kinds import Kind, is_uuid
from stand_ins.failures import ProviderError
from stand_ins.values import UNKNOWN, same

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values

_INPUTS = {
    "appRoleId": "app_role_id",
    "principalObjectId": "principal_object_id",
    "resourceObjectId": "resource_object_id",
}
"""All are required, and a change of any makes a new assignment."""
_FROM_GRAPH = {
    "appRoleId": "appRoleId",
    "principalDisplayName": "principalDisplayName",
    "principalObjectId": "principalId",
    "principalType": "principalType",
    "resourceDisplayName": "resourceDisplayName",
    "resourceObjectId": "resourceId",
}
_ID = re.compile(r"^/servicePrincipals/(?P<resource>[^/]+)/appRoleAssignedTo/(?P<assignment>[^/]+)$")


class AppRoleAssignment(Kind):
    """An app role of a resource, granted to a principal."""

    name = "azuread:index/appRoleAssignment:AppRoleAssignment"
    inputs = tuple(_INPUTS)
    replacing = frozenset(_INPUTS)
    minutes: ClassVar = {"create": 5, "delete": 5, "read": 5}

    def completed(self, news: Values) -> Values:
        """As it is: nothing has a default."""
        return {**NO_DEFAULTS, **news}

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """All three inputs are needed and are UUIDs (fact 55)."""
        found: dict[str, str] = {}
        for name, upstream in _INPUTS.items():
            where = f"Examine values at '{logical_name}.{name}'."
            if name not in inputs:
                found[name] = f'Missing required argument. The argument "{upstream}" is required. {where}'
            elif inputs[name] is not UNKNOWN and not is_uuid(inputs[name]):
                found[name] = f'expected "{upstream}" to be a valid UUID, got {inputs[name]}. {where}'
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare each of the three (fact 55)."""
        return [name for name in _INPUTS if not same(state.get(name), news.get(name))]

    def preview(self, inputs: Values) -> Values:
        """The inputs."""
        return {name: inputs.get(name, UNKNOWN) for name in _FROM_GRAPH} | {"id": UNKNOWN}

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
        outputs = self.read(graph, assignment_id, {}, patience)
        if outputs is None:
            msg = f"expected non-nil error with nil state during Create of {urn}"
            raise ProviderError(msg)
        return assignment_id, outputs

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """One look (fact 55)."""
        del state
        _parts(resource_id)
        try:
            found = graph.get(resource_id, patience)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = f"retrieving {_described(resource_id)}"
            raise DiagnosedError(summary, error) from error
        outputs = {name: found.get(wire) or "" for name, wire in _FROM_GRAPH.items()}
        return {**outputs, "id": resource_id, "__meta": meta(self.minutes)}

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Never asked: every change replaces (fact 55)."""
        del graph, inputs, patience
        msg = f"doesn't support update: {resource_id}"
        raise ProviderError(msg)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is an error (fact 55)."""
        del state
        try:
            graph.delete(resource_id, patience)
        except ProviderError as error:
            summary = f"Deleting {_described(resource_id)}: {error}"
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


def _described(assignment_id: str) -> str:
    parts = _parts(assignment_id)
    return (
        f'Service Principal Id App Role Assigned To (Service Principal: "{parts["resource"]}"\n'
        f'App Role Assignment: "{parts["assignment"]}")'
    )
