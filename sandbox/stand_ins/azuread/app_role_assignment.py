"""App role assignments: the calls that each operation makes, and what the state gets (facts 54 and 55)."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from stand_ins.azuread.bridge import META, DiagnosedError
from stand_ins.azuread.graph import GraphError
from stand_ins.failures import ProviderError
from stand_ins.transport import json_object
from stand_ins.values import UNKNOWN, is_object

if TYPE_CHECKING:
    import httpx

    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values

NAME = "azuread:index/appRoleAssignment:AppRoleAssignment"
"""Its token, as Pulumi says."""
INPUTS = {
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


def refusals(inputs: Values, logical_name: str) -> dict[str, str]:
    """The inputs that are missing or no UUIDs, each with the reason."""
    found: dict[str, str] = {}
    for name, upstream in INPUTS.items():
        where = f"Examine values at '{logical_name}.{name}'."
        if name not in inputs:
            found[name] = f'Missing required argument. The argument "{upstream}" is required. {where}'
        elif inputs[name] is not UNKNOWN and not _is_uuid(inputs[name]):
            found[name] = f'expected "{upstream}" to be a valid UUID, got {inputs[name]}. {where}'
    return found


def _is_uuid(value: Value) -> bool:
    try:
        return str(uuid.UUID(str(value))) == str(value).lower()
    except ValueError:
        return False


def preview(inputs: Values) -> Values:
    """The outputs before there is an assignment: Graph's own are unknown."""
    return {name: inputs.get(name, UNKNOWN) for name in _FROM_GRAPH} | {"id": UNKNOWN}


def create(graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
    """Look at the resource, assign, read; the new id and the outputs."""
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
        made = graph.post(path, body, patience, _not_replicated_yet)
    except ProviderError as error:
        summary = "Could not create app role assignment"
        raise DiagnosedError(summary, error) from error
    assignment_id = f"/servicePrincipals/{made['resourceId']}/appRoleAssignedTo/{made['id']}"
    outputs = read(graph, assignment_id, patience)
    if outputs is None:
        msg = f"expected non-nil error with nil state during Create of {urn}"
        raise ProviderError(msg)
    return assignment_id, outputs


def _require_resource(graph: Graph, resource: str, patience: Patience) -> None:
    try:
        graph.get(f"/servicePrincipals/{resource}", patience)
    except GraphError as error:
        missing = error.status == HTTPStatus.NOT_FOUND
        what = "Service principal not found" if missing else "Could not retrieve service principal"
        summary = f'{what} for resource (Object ID: "{resource}")'
        raise DiagnosedError(summary, error) from error


def _not_replicated_yet(answer: httpx.Response) -> bool:
    """Whether Graph does not know a principal yet that was made a moment ago."""
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return True
    error = json_object(answer).get("error")
    message = error.get("message", "") if is_object(error) else ""
    invalid = answer.status_code == HTTPStatus.BAD_REQUEST
    return invalid and "not a valid reference update" in str(message).lower()


def read(graph: Graph, assignment_id: str, patience: Patience) -> Values | None:
    """The outputs of an assignment, or None where it is gone."""
    _parts(assignment_id)
    try:
        found = graph.get(assignment_id, patience)
    except GraphError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        summary = f"retrieving {_described(assignment_id)}"
        raise DiagnosedError(summary, error) from error
    outputs = {name: found.get(wire) or "" for name, wire in _FROM_GRAPH.items()}
    return {**outputs, "id": assignment_id, "__meta": META}


def delete(graph: Graph, assignment_id: str, patience: Patience) -> None:
    """Take an assignment away; one that is gone already is an error."""
    try:
        graph.delete(assignment_id, patience)
    except ProviderError as error:
        summary = f"Deleting {_described(assignment_id)}: {error}"
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
