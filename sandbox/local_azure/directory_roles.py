"""Microsoft Graph's directory roles, given to people, applications and groups (docs/facts.md, graph 22)."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.graph_calls import bad_request, graph_page, not_there, require_permission
from local_azure.groups import PAGE, PAGE_AT_MOST, WRITE_ROLES, Group, kind_of
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure

READ_ROLES = ("RoleManagement.Read.Directory", *WRITE_ROLES, "Directory.Read.All")
ROLES = {
    "Compliance Administrator": "17315797-102d-40b4-93e0-432062caca18",
    "Compliance Data Administrator": "e6d1a23a-da11-4be4-9570-befc86d067a7",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
}
"""The built-in roles that are known here, and their ids, which are the same in every tenant."""
_WHOLE_TENANT = "/"


class DirectoryRoleAssignment(Document):
    """A directory role, held by a principal."""

    id: str
    tenant_id: str
    role_id: str
    principal_id: str

    @property
    def key(self) -> str:
        """Graph's opaque id of the assignment."""
        return self.id

    @property
    def shown(self) -> JsonObject:
        """The assignment as Graph tells of it."""
        return {
            "id": self.id,
            "principalId": self.principal_id,
            "roleDefinitionId": self.role_id,
            "directoryScopeId": _WHOLE_TENANT,
            "appScopeId": None,
        }


def remove_roles_of(azure: Azure, principal_id: str) -> None:
    """What goes with a principal that goes."""
    azure.store.delete(*(one for one in azure.store.all(DirectoryRoleAssignment) if one.principal_id == principal_id))


def _own(call: Call) -> list[DirectoryRoleAssignment]:
    return [one for one in call.azure.store.all(DirectoryRoleAssignment) if one.tenant_id == call.caller.tenant_id]


def _assignment(call: Call) -> DirectoryRoleAssignment:
    for one in _own(call):
        # Graph's ids are case-sensitive, unlike ARM's.
        if one.id == call.params["assignment"]:
            return one
    raise not_there(call.params["assignment"])


def list_roles(call: Call) -> Answer:
    """``GET …/roleAssignments``, all of the tenant's."""
    require_permission(call, READ_ROLES)
    shown = [one.shown for one in _own(call)]
    return graph_page(call, shown, "roleManagement/directory/roleAssignments", default=PAGE, most=PAGE_AT_MOST)


def give_role(call: Call) -> Answer:
    """``POST …/roleAssignments``: a built-in role, in the whole tenant."""
    require_permission(call, WRITE_ROLES)
    role = str(call.body.get("roleDefinitionId", "")).lower()
    principal = str(call.body.get("principalId", "")).lower()
    if role not in ROLES.values():
        raise not_there(role)
    if call.body.get("directoryScopeId") != _WHOLE_TENANT:
        says = "The sandbox gives roles in the whole tenant alone."
        raise bad_request(says)
    if kind_of(call, principal) is None:
        raise not_there(principal)
    group = call.azure.store.get(Group, principal)
    if group and not group.assignable_to_role and call.azure.rules.on("role-assignable-group"):
        says = "The group must be assignable to roles: isAssignableToRole is not set."
        raise bad_request(says)
    if any((one.role_id, one.principal_id) == (role, principal) for one in _own(call)):
        says = "A conflicting object with one or more of the specified property values is present."
        raise bad_request(says)
    made = DirectoryRoleAssignment(
        id=base64.urlsafe_b64encode(secrets.token_bytes(33)).decode(),
        tenant_id=call.caller.tenant_id,
        role_id=role,
        principal_id=principal,
    )
    call.azure.store.put(made)
    return Answer(201, made.shown)


def get_role(call: Call) -> Answer:
    """``GET …/roleAssignments/{id}``."""
    require_permission(call, READ_ROLES)
    return Answer(200, _assignment(call).shown)


def take_role(call: Call) -> Answer:
    """``DELETE …/roleAssignments/{id}``."""
    require_permission(call, WRITE_ROLES)
    call.azure.store.delete(_assignment(call))
    return Answer(204)


_ASSIGNMENTS = "/{version}/roleManagement/directory/roleAssignments"
DIRECTORY_ROLE_OPERATIONS = [
    Operation("GET", _ASSIGNMENTS, list_roles),
    Operation("POST", _ASSIGNMENTS, give_role),
    Operation("GET", _ASSIGNMENTS + "/{assignment}", get_role),
    Operation("DELETE", _ASSIGNMENTS + "/{assignment}", take_role),
]
