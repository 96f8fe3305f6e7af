"""Microsoft Graph: service principals and the app roles granted to them (docs/facts.md, graph 1)."""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from typing import Any

from local_azure.call import Answer, Call, JsonObject, Operation, items
from local_azure.directory import (
    MICROSOFTS,
    AppRoleAssignment,
    ServicePrincipal,
    principal_by_app,
    remove_principal,
    seen,
)
from local_azure.errors import ServiceError
from local_azure.graph_calls import require_permission

READ_APPLICATIONS = ("Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All")
WRITE_APPLICATIONS = ("Application.ReadWrite.All",)
ASSIGN_ROLES = ("AppRoleAssignment.ReadWrite.All",)

_WRITTEN: JsonObject = {
    "accountEnabled": True,
    "alternativeNames": [],
    "appRoleAssignmentRequired": False,
    "description": None,
    "loginUrl": None,
    "notes": None,
    "notificationEmailAddresses": [],
    "preferredSingleSignOnMode": None,
    "samlSingleSignOnSettings": None,
    "tags": [],
}
"""What can be written to a service principal, and what is there before."""
_FILTER = re.compile(r"^(?P<field>appId|displayName|id) eq '(?P<value>[^']*)'$")


def _principal(call: Call, object_id: str) -> ServicePrincipal:
    principal = call.azure.store.get(ServicePrincipal, object_id)
    if principal is None or principal.tenant_id != call.caller.tenant_id or not seen(call.azure, principal):
        says = (
            f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
        )
        raise ServiceError(404, "Request_ResourceNotFound", says)
    return principal


def _addressed(call: Call) -> ServicePrincipal:
    """The one that the address names, by its object id or by its application's (docs/facts.md, graph 13)."""
    if "app" not in call.params:
        return _principal(call, call.params["id"])
    found = principal_by_app(call.azure, call.params["app"], call.caller.tenant_id)
    return _principal(call, found.id if found else call.params["app"])


def _shown(principal: ServicePrincipal) -> dict[str, Any]:
    return {
        "id": principal.id,
        "appId": principal.app_id,
        "displayName": principal.display_name,
        "servicePrincipalType": principal.kind,
        "servicePrincipalNames": [principal.app_id],
        "appOwnerOrganizationId": principal.tenant_id,
        "appRoles": [
            {
                "id": role.id,
                "value": role.value,
                "displayName": role.value,
                "description": role.value,
                "isEnabled": True,
                "allowedMemberTypes": ["Application"],
            }
            for role in principal.app_roles
        ],
        "oauth2PermissionScopes": [],
        **_WRITTEN,
        **principal.settings,
    }


def list_principals(call: Call) -> Answer:
    """``GET /servicePrincipals``, with the filters that clients send."""
    require_permission(call, READ_APPLICATIONS)
    found = [
        _shown(principal)
        for principal in call.azure.store.all(ServicePrincipal)
        if principal.tenant_id == call.caller.tenant_id
    ]
    wanted = call.query.get("$filter")
    if wanted:
        match = _FILTER.match(wanted)
        if match is None:
            raise ServiceError(400, "Request_UnsupportedQuery", f"Unsupported filter clause: {wanted}.")
        found = [shown for shown in found if shown[match["field"]].lower() == match["value"].lower()]
    return Answer(200, {"@odata.context": f"{call.url}/v1.0/$metadata#servicePrincipals", "value": found})


def get_principal(call: Call) -> Answer:
    """``GET /servicePrincipals/{id}`` (v1.0 and beta)."""
    require_permission(call, READ_APPLICATIONS)
    shown = _shown(_addressed(call))
    if "$select" in call.query:
        shown = {name: shown.get(name) for name in ("id", *call.query["$select"].split(","))}
    return Answer(200, {"@odata.context": f"{call.url}/v1.0/$metadata#servicePrincipals/$entity", **shown})


def create_principal(call: Call) -> Answer:
    """``POST /servicePrincipals`` for an application's id."""
    require_permission(call, WRITE_APPLICATIONS)
    app_id = str(call.body.get("appId", "")).lower()
    for principal in call.azure.store.all(ServicePrincipal):
        if (principal.app_id, principal.tenant_id) == (app_id, call.caller.tenant_id):
            says = "The service principal cannot be created because it already exists."
            raise ServiceError(409, "Request_MultipleObjectsWithSameKeyValue", says)
    known = MICROSOFTS.get(app_id)
    if known is None and call.azure.rules.on("application-must-exist"):
        says = f"The appId '{app_id}' of the service principal does not reference a valid application object."
        raise ServiceError(400, "Request_BadRequest", says)
    bound: list[str] = call.body.get("owners@odata.bind") or []
    made = ServicePrincipal(
        id=call.azure.new_id(),
        app_id=app_id,
        tenant_id=call.caller.tenant_id,
        display_name=known.display_name if known else app_id,
        app_roles=known.offered() if known else [],
        owners=[_principal(call, link.rstrip("/").rsplit("/", 1)[-1]).id for link in bound],
        settings=_settings(call),
    )
    call.azure.store.put(made)
    return Answer(201, _shown(made))


def _settings(call: Call) -> JsonObject:
    return {name: value for name, value in call.body.items() if name in _WRITTEN}


def update_principal(call: Call) -> Answer:
    """``PATCH /servicePrincipals/{id}``: what is sent takes the place of what was there, null too."""
    require_permission(call, WRITE_APPLICATIONS)
    principal = _principal(call, call.params["id"])
    unknown = sorted(set(call.body) - set(_WRITTEN) - {"@odata.type"})
    if unknown:
        says = f"Property '{unknown[0]}' is read-only and cannot be set."
        raise ServiceError(400, "Request_BadRequest", says)
    principal.settings |= _settings(call)
    call.azure.store.put(principal)
    return Answer(204)


def list_owners(call: Call) -> Answer:
    """``GET /servicePrincipals/{id}/owners``."""
    require_permission(call, READ_APPLICATIONS)
    owners = [_principal(call, owner) for owner in _principal(call, call.params["id"]).owners]
    return items([{"@odata.type": "#microsoft.graph.servicePrincipal", **_shown(owner)} for owner in owners])


def remove_owner(call: Call) -> Answer:
    """``DELETE /servicePrincipals/{id}/owners/{owner}/$ref``."""
    require_permission(call, WRITE_APPLICATIONS)
    principal = _principal(call, call.params["id"])
    owner = call.params["owner"].lower()
    if owner not in principal.owners:
        says = f"Resource '{owner}' does not exist or one of its queried reference-property objects are not present."
        raise ServiceError(404, "Request_ResourceNotFound", says)
    principal.owners.remove(owner)
    call.azure.store.put(principal)
    return Answer(204)


def delete_principal(call: Call) -> Answer:
    """``DELETE /servicePrincipals/{id}``; its grants go with it."""
    require_permission(call, WRITE_APPLICATIONS)
    principal = _principal(call, call.params["id"])
    remove_principal(call.azure, principal.id)
    return Answer(204)


def _shown_assignment(call: Call, assignment: AppRoleAssignment) -> dict[str, Any]:
    principal = call.azure.store.get(ServicePrincipal, assignment.principal_id)
    resource = call.azure.store.get(ServicePrincipal, assignment.resource_id)
    return {
        "id": assignment.id,
        "appRoleId": assignment.app_role_id,
        "principalId": assignment.principal_id,
        "principalType": "ServicePrincipal",
        "principalDisplayName": principal.display_name if principal else None,
        "resourceId": assignment.resource_id,
        "resourceDisplayName": resource.display_name if resource else None,
        "createdDateTime": assignment.created,
    }


def _of_resource(call: Call) -> list[AppRoleAssignment]:
    resource = _addressed(call)
    return [a for a in call.azure.store.all(AppRoleAssignment) if a.resource_id == resource.id]


def _of_principal(call: Call) -> list[AppRoleAssignment]:
    principal = _addressed(call)
    return [a for a in call.azure.store.all(AppRoleAssignment) if a.principal_id == principal.id]


def list_assigned_to(call: Call) -> Answer:
    """``GET /servicePrincipals/{resource}/appRoleAssignedTo``."""
    require_permission(call, READ_APPLICATIONS)
    return items([_shown_assignment(call, a) for a in _of_resource(call)])


def list_assignments(call: Call) -> Answer:
    """``GET /servicePrincipals/{principal}/appRoleAssignments``."""
    require_permission(call, READ_APPLICATIONS)
    return items([_shown_assignment(call, a) for a in _of_principal(call)])


def assign(call: Call) -> Answer:
    """``POST`` of an app role assignment, from the resource's or the principal's side."""
    require_permission(call, ASSIGN_ROLES)
    _principal(call, call.params["id"])
    principal = _principal(call, str(call.body.get("principalId", "")))
    resource = _principal(call, str(call.body.get("resourceId", "")))
    app_role_id = _guid(call.body.get("appRoleId"))
    offered = [role.id for role in resource.app_roles]
    if call.azure.rules.on("app-role-of-the-resource") and app_role_id not in offered:
        says = "Permission being assigned was not found on application."
        raise ServiceError(400, "Request_BadRequest", says)
    for assignment in call.azure.store.all(AppRoleAssignment):
        held = (assignment.principal_id, assignment.resource_id, assignment.app_role_id)
        if call.azure.rules.on("grant-exists") and held == (principal.id, resource.id, app_role_id):
            says = "Permission being assigned already exists on the object"
            raise ServiceError(400, "Request_BadRequest", says)
    made = AppRoleAssignment(
        id=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        app_role_id=app_role_id,
        principal_id=principal.id,
        resource_id=resource.id,
        created=call.azure.now(),
        unseen=call.azure.checks_before_seen(),
    )
    call.azure.store.put(made)
    return Answer(201, _shown_assignment(call, made))


def _guid(value: object) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise ServiceError(400, "Request_BadRequest", f"Invalid GUID: {value}.") from None


def _assignment(call: Call, among: list[AppRoleAssignment]) -> AppRoleAssignment:
    for assignment in among:
        # Graph's ids are case-sensitive, unlike ARM's.
        if assignment.id == call.params["assignment"]:
            return assignment
    says = f"Resource '{call.params['assignment']}' does not exist."
    raise ServiceError(404, "Request_ResourceNotFound", says)


def get_assigned_to(call: Call) -> Answer:
    """``GET /servicePrincipals/{resource}/appRoleAssignedTo/{assignment}``."""
    require_permission(call, READ_APPLICATIONS)
    return Answer(200, _shown_assignment(call, _assignment(call, _of_resource(call))))


def remove_assigned_to(call: Call) -> Answer:
    """``DELETE /servicePrincipals/{resource}/appRoleAssignedTo/{assignment}``."""
    require_permission(call, ASSIGN_ROLES)
    call.azure.store.delete(_assignment(call, _of_resource(call)))
    return Answer(204)


def remove_assignment(call: Call) -> Answer:
    """``DELETE /servicePrincipals/{principal}/appRoleAssignments/{assignment}``."""
    require_permission(call, ASSIGN_ROLES)
    call.azure.store.delete(_assignment(call, _of_principal(call)))
    return Answer(204)


_PRINCIPALS = "/{version}/servicePrincipals"
_BY_APP = _PRINCIPALS + "(appId='{app}')"
OPERATIONS = [
    Operation("GET", _PRINCIPALS, list_principals),
    Operation("POST", _PRINCIPALS, create_principal),
    Operation("GET", _BY_APP, get_principal),
    Operation("GET", _BY_APP + "/appRoleAssignedTo", list_assigned_to),
    Operation("GET", _BY_APP + "/appRoleAssignments", list_assignments),
    Operation("GET", _PRINCIPALS + "/{id}", get_principal),
    Operation("PATCH", _PRINCIPALS + "/{id}", update_principal),
    Operation("DELETE", _PRINCIPALS + "/{id}", delete_principal),
    Operation("GET", _PRINCIPALS + "/{id}/owners", list_owners),
    Operation("DELETE", _PRINCIPALS + "/{id}/owners/{owner}/$ref", remove_owner),
    Operation("GET", _PRINCIPALS + "/{id}/appRoleAssignedTo", list_assigned_to),
    Operation("POST", _PRINCIPALS + "/{id}/appRoleAssignedTo", assign),
    Operation("GET", _PRINCIPALS + "/{id}/appRoleAssignedTo/{assignment}", get_assigned_to),
    Operation("DELETE", _PRINCIPALS + "/{id}/appRoleAssignedTo/{assignment}", remove_assigned_to),
    Operation("GET", _PRINCIPALS + "/{id}/appRoleAssignments", list_assignments),
    Operation("POST", _PRINCIPALS + "/{id}/appRoleAssignments", assign),
    Operation("DELETE", _PRINCIPALS + "/{id}/appRoleAssignments/{assignment}", remove_assignment),
]
