"""Role assignments, and what they allow the caller (Microsoft.Authorization)."""

from __future__ import annotations

import re
import uuid
from typing import Any

from local_azure.arm.access import ROLES_BY_ID, CustomRole, RoleAssignment, may_give, refuse, require, roles_on
from local_azure.arm.resources import ResourceGroup
from local_azure.call import Answer, Call, Operation, items, part
from local_azure.directory import ServicePrincipal, seen
from local_azure.errors import ServiceError

_GROUP = re.compile(r"^/subscriptions/[^/]+/resourceGroups/(?P<name>[^/]+)", re.IGNORECASE)
_TYPE = "Microsoft.Authorization/roleAssignments"


def _scope(call: Call) -> str:
    return "/" + call.params["scope"].strip("/")


def _shown(call: Call, assignment: RoleAssignment) -> dict[str, Any]:
    subscription = assignment.scope.split("/")[2] if assignment.scope.count("/") > 1 else ""
    role = f"providers/Microsoft.Authorization/roleDefinitions/{assignment.role_id}"
    return {
        "id": assignment.key,
        "name": assignment.name,
        "type": _TYPE,
        "properties": {
            "roleDefinitionId": f"/subscriptions/{subscription}/{role}",
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "createdOn": assignment.created,
            "updatedOn": assignment.created,
            "createdBy": call.caller.object_id,
            "updatedBy": call.caller.object_id,
        },
    }


def _found(call: Call) -> RoleAssignment | None:
    key = f"{_scope(call)}/providers/{_TYPE}/{call.params['name']}"
    return call.azure.store.get(RoleAssignment, key)


def get_assignment(call: Call) -> Answer:
    """``GET {scope}/providers/Microsoft.Authorization/roleAssignments/{name}``."""
    require(call, _scope(call), f"{_TYPE}/read")
    assignment = _found(call)
    if assignment is None:
        says = f"The role assignment '{call.params['name']}' is not found."
        raise ServiceError(404, "RoleAssignmentNotFound", says)
    return Answer(200, _shown(call, assignment))


def list_assignments(call: Call) -> Answer:
    """All assignments on a scope, above it and below it, narrowed by ``$filter`` (docs/facts.md, graph 11)."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/read")
    found = [
        a
        for a in call.azure.store.all(RoleAssignment)
        if a.covers(scope) or a.scope.lower().startswith(scope.lower() + "/")
    ]
    wanted = call.query.get("$filter", "")
    if "principalId eq" in wanted or "assignedTo(" in wanted:
        found = [a for a in found if a.principal_id in wanted.lower()]
    if "atScope()" in wanted:
        found = [a for a in found if a.covers(scope)]
    return items([_shown(call, a) for a in found])


def put_assignment(call: Call) -> Answer:
    """``PUT``: grant a role; the same grant under another name is a conflict (docs/facts.md, graph 2.1)."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/write")
    require_group(call, scope)
    made = _wanted(call, scope)
    if not may_give(call.azure, call.caller.object_id, scope, made.role_id):
        refuse(call, scope, f"{_TYPE}/write")
    existing = _found(call)
    if existing is not None and existing.grants == made.grants:
        return Answer(200, _shown(call, existing))
    if existing is not None and call.azure.rules.on("role-assignment-is-fixed"):
        says = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise ServiceError(400, "RoleAssignmentUpdateNotPermitted", says)
    for other in call.azure.store.all(RoleAssignment):
        if other.grants == made.grants and call.azure.rules.on("role-assignment-exists"):
            conflicting = other.name.replace("-", "")
            says = f"The role assignment already exists. The ID of the conflicting role assignment is {conflicting}."
            raise ServiceError(409, "RoleAssignmentExists", says)
    made.unseen = call.azure.checks_before_seen()
    call.azure.store.put(made)
    return Answer(201, _shown(call, made))


def require_group(call: Call, scope: str) -> None:
    """Nothing is given on a resource group that is not there, nor below it."""
    group = _GROUP.match(scope)
    if group is None or not call.azure.rules.on("group-must-exist"):
        return
    if call.azure.store.get(ResourceGroup, group[0]) is None:
        says = f"Resource group '{group['name']}' could not be found."
        raise ServiceError(404, "ResourceGroupNotFound", says)


def _wanted(call: Call, scope: str) -> RoleAssignment:
    properties = part(call.body, "properties")
    role_id = str(properties.get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()
    principal_id = str(properties.get("principalId", "")).lower()
    try:
        name = str(uuid.UUID(call.params["name"]))
    except ValueError:
        says = f"The role assignment ID '{call.params['name']}' is not valid. The role assignment ID must be a GUID."
        raise ServiceError(400, "InvalidRoleAssignmentId", says) from None
    _require_role(call, role_id, scope)
    known = call.azure.store.get(ServicePrincipal, principal_id)
    if known is not None and not seen(call.azure, known):
        known = None
    must_exist = call.azure.rules.on("principal-must-exist") and "principalType" not in properties
    if known is None and must_exist:
        says = f"Principal {principal_id.replace('-', '')} does not exist in the directory {call.caller.tenant_id}."
        raise ServiceError(400, "PrincipalNotFound", says)
    if known is not None and properties.get("principalType", "ServicePrincipal") != "ServicePrincipal":
        says = (
            f"The PrincipalId '{principal_id}' has type 'ServicePrincipal', which is different from "
            f"specified PrinciaplType '{properties['principalType']}'."
        )
        raise ServiceError(400, "UnmatchedPrincipalType", says)
    return RoleAssignment(
        name=name,
        scope=scope,
        role_id=role_id,
        principal_id=principal_id,
        principal_type=properties.get("principalType", "ServicePrincipal"),
        created=call.azure.now(),
    )


def _require_role(call: Call, role_id: str, scope: str) -> None:
    """A role that there is, and that can be given here."""
    made = call.azure.store.get(CustomRole, role_id)
    if made is not None and made.unseen:
        made.unseen -= 1
        call.azure.store.put(made)
        made = None
    if made is None and role_id not in ROLES_BY_ID:
        says = f"The specified role definition with ID '{role_id.replace('-', '')}' does not exist."
        raise ServiceError(400, "RoleDefinitionDoesNotExist", says)
    if made is not None and not made.can_be_given_on(scope) and call.azure.rules.on("role-scopes"):
        says = f"The specified role assignment scope '{scope}' is not one of the assignable scopes: '{made.id}'."
        raise ServiceError(400, "RoleAssignmentScopeNotAssignableToRoleDefinition", says)


def delete_assignment(call: Call) -> Answer:
    """``DELETE``: 200 with the assignment, or 204 where there was none."""
    require(call, _scope(call), f"{_TYPE}/delete")
    assignment = _found(call)
    if assignment is None:
        return Answer(204)
    if not may_give(call.azure, call.caller.object_id, _scope(call), assignment.role_id):
        refuse(call, _scope(call), f"{_TYPE}/delete")
    call.azure.store.delete(assignment)
    return Answer(200, _shown(call, assignment))


def list_permissions(call: Call) -> Answer:
    """What the caller's own role assignments allow on a scope (docs/facts.md, graph 11)."""
    scope = _scope(call)
    held = roles_on(call.azure, call.caller.object_id, scope)
    require(call, scope, "Microsoft.Authorization/permissions/read")
    return items([role.shown for role in held])


_SCOPED = "/{scope:path}/providers/Microsoft.Authorization"
OPERATIONS = [
    Operation("GET", _SCOPED + "/permissions", list_permissions),
    Operation("GET", _SCOPED + "/roleAssignments", list_assignments),
    Operation("GET", _SCOPED + "/roleAssignments/{name}", get_assignment),
    Operation("PUT", _SCOPED + "/roleAssignments/{name}", put_assignment),
    Operation("DELETE", _SCOPED + "/roleAssignments/{name}", delete_assignment),
]
