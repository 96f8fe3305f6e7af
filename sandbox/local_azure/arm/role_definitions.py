"""Role definitions: the built-in ones, and those that somebody makes (docs/facts.md, graph 180 and 181)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, cast

from local_azure.arm.access import ROLES, ROLES_BY_ID, CustomRole, RoleAssignment, is_allowed, require
from local_azure.arm.authorization import require_group
from local_azure.call import Answer, Call, Operation, items, objects, part
from local_azure.errors import ServiceError

if TYPE_CHECKING:
    from local_azure.arm.access import Role

_TYPE = "Microsoft.Authorization/roleDefinitions"
_ASSIGNABLE = re.compile(r"^/subscriptions/[^/*]+(/resourceGroups/[^/*]+)?$", re.IGNORECASE)


def _scope(call: Call) -> str:
    return "/" + call.params["scope"].strip("/")


def _shown(role: Role) -> dict[str, Any]:
    return {
        "id": f"/providers/{_TYPE}/{role.id}",
        "name": role.id,
        "type": _TYPE,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.name,
            "assignableScopes": ["/"],
            "permissions": [role.shown],
        },
    }


def _shown_made(made: CustomRole) -> dict[str, Any]:
    # Azure names it by the subscription, wherever it was made.
    subscription = "/".join(made.scopes[0].split("/")[:3])
    return {
        "id": f"{subscription}/providers/{_TYPE}/{made.id}",
        "name": made.id,
        "type": _TYPE,
        "properties": {
            "roleName": made.name,
            "type": "CustomRole",
            "description": made.description,
            "assignableScopes": list(made.scopes),
            "permissions": [made.role.shown],
            "createdOn": made.created,
            "updatedOn": made.updated,
        },
    }


def list_roles(call: Call) -> Answer:
    """The roles that can be given on a scope; ``$filter`` narrows them by ``roleName`` or ``type``."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/read")
    made = [_shown_made(one) for one in call.azure.store.all(CustomRole) if one.can_be_given_on(scope)]
    wanted = re.search(r"(roleName|type) eq '([^']*)'", call.query.get("$filter", ""))
    found = [*map(_shown, ROLES), *made]
    return items([one for one in found if wanted is None or one["properties"][wanted[1]] == wanted[2]])


def get_role(call: Call) -> Answer:
    """One role."""
    require(call, _scope(call), f"{_TYPE}/read")
    made, role = _made(call), ROLES_BY_ID.get(call.params["role"].lower())
    if made is not None:
        return Answer(200, _shown_made(made))
    if role is None:
        says = f"The specified role definition with ID '{call.params['role'].replace('-', '')}' does not exist."
        raise ServiceError(404, "RoleDefinitionDoesNotExist", says)
    return Answer(200, _shown(role))


def put_role(call: Call) -> Answer:
    """``PUT``: a role of the directory's own, made or changed as a whole."""
    require(call, _scope(call), f"{_TYPE}/write")
    require_group(call, _scope(call))
    before, wanted = _made(call), _wanted(call)
    _require_linked(call, "write", wanted.scopes)
    if wanted.id in ROLES_BY_ID:
        raise ServiceError(409, "RoleDefinitionExists", f"A role definition with ID '{wanted.id}' already exists.")
    names = {one.name.lower() for one in (*ROLES, *call.azure.store.all(CustomRole)) if one.id != wanted.id}
    if wanted.name.lower() in names and call.azure.rules.on("role-names-are-unique"):
        says = "A role definition cannot be updated with a name that already exists."
        raise ServiceError(409, "RoleDefinitionWithSameNameExists", says)
    if before is None:
        wanted.unseen = call.azure.checks_before_seen()
    else:
        wanted.created, wanted.unseen = before.created, before.unseen
    call.azure.store.put(wanted)
    return Answer(201, _shown_made(wanted))


def delete_role(call: Call) -> Answer:
    """``DELETE``: 200 with the role, or 204 where there was none."""
    require(call, _scope(call), f"{_TYPE}/delete")
    made = _made(call)
    if made is None:
        return Answer(204)
    _require_linked(call, "delete", made.scopes)
    given = any(one.role_id == made.id for one in call.azure.store.all(RoleAssignment))
    if given and call.azure.rules.on("role-in-use-stays"):
        says = "There are existing role assignments referencing role."
        raise ServiceError(400, "RoleDefinitionHasAssignments", says)
    call.azure.store.delete(made)
    return Answer(200, _shown_made(made))


def _made(call: Call) -> CustomRole | None:
    return call.azure.store.get(CustomRole, call.params["role"])


def _wanted(call: Call) -> CustomRole:
    properties = part(call.body, "properties")
    try:
        role_id = str(uuid.UUID(call.params["role"]))
    except ValueError:
        says = f"The role definition ID '{call.params['role']}' is not valid. The role definition ID must be a GUID."
        raise ServiceError(400, "InvalidRoleDefinitionId", says) from None
    if not properties.get("roleName"):
        raise ServiceError(400, "RoleDefinitionNameNullOrEmpty", "The role definition name is null or empty.")
    if properties.get("type", "CustomRole") != "CustomRole":
        says = f"The role definition type '{properties['type']}' is not valid."
        raise ServiceError(400, "InvalidRoleDefinitionType", says)
    permissions = objects(properties, "permissions")
    if len(permissions) != 1:
        raise ServiceError(400, "BadRequest", "The sandbox has roles of one permission alone.")
    now = call.azure.now()
    return CustomRole(
        id=role_id,
        name=str(properties["roleName"]),
        description=str(properties.get("description") or ""),
        actions=_texts(permissions[0].get("actions")),
        not_actions=_texts(permissions[0].get("notActions")),
        data_actions=_texts(permissions[0].get("dataActions")),
        not_data_actions=_texts(permissions[0].get("notDataActions")),
        scopes=_assignable(properties),
        created=now,
        updated=now,
    )


def _assignable(properties: dict[str, Any]) -> tuple[str, ...]:
    scopes = _texts(properties.get("assignableScopes"))
    if not scopes:
        raise ServiceError(400, "MissingAssignableScopes", "The role definition has no assignable scopes.")
    for scope in scopes:
        if _ASSIGNABLE.match(scope) is None:
            says = f"The assignable scope '{scope}' is not the id of a subscription or of a resource group."
            raise ServiceError(400, "LinkedInvalidPropertyId", says)
    return scopes


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in cast("list[object]", value)) if isinstance(value, list) else ()


def _require_linked(call: Call, doing: str, scopes: tuple[str, ...]) -> None:
    """Whoever makes, changes or deletes a role may do so on each scope on which it can be given."""
    action, whom = f"{_TYPE}/{doing}", call.caller
    lacking = [one for one in scopes if not is_allowed(call.azure, whom.object_id, one, action)]
    if lacking and call.azure.rules.on("role-scopes-linked"):
        says = (
            f"The client '{whom.app_id}' with object id '{whom.object_id}' has permission to perform action '{action}' "
            f"on scope '{_scope(call)}'; however, it does not have permission to perform action '{action}' on the "
            f"linked scope(s) '{','.join(lacking)}' or the linked scope(s) are invalid."
        )
        raise ServiceError(403, "LinkedAuthorizationFailed", says)


_SCOPED = f"/{{scope:path}}/providers/{_TYPE}"
OPERATIONS = [
    Operation("GET", _SCOPED, list_roles),
    Operation("GET", _SCOPED + "/{role}", get_role),
    Operation("PUT", _SCOPED + "/{role}", put_role),
    Operation("DELETE", _SCOPED + "/{role}", delete_role),
]
