"""Microsoft Graph's groups, with their owners and members (docs/facts.md, graph 23)."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.directory import ServicePrincipal
from local_azure.graph_calls import bad_request, graph_page, not_there, require_permission
from local_azure.store import Document
from local_azure.users import User

READ_GROUPS = ("Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All")
WRITE_GROUPS = ("Group.ReadWrite.All",)
READ_OBJECTS = {
    "user": ("User.Read.All", "Directory.Read.All"),
    "servicePrincipal": ("Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"),
    "group": READ_GROUPS,
}
"""What opens an object of the directory, by its kind."""
WRITE_ROLES = ("RoleManagement.ReadWrite.Directory",)
PAGE, PAGE_AT_MOST = 100, 999
_NEEDED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")
_CHANGEABLE = ("displayName", "description", "mailEnabled", "mailNickname", "securityEnabled", "membershipRule")
_FILTER = re.compile(r"^displayName eq '(?P<name>(?:[^']|'')*)'$")

Side = Literal["owners", "members"]


class Group(Document):
    """Several of a tenant's people, applications and groups, under one name."""

    id: str
    tenant_id: str
    written: JsonObject
    """What was sent, by Graph's names."""
    owners: list[str] = Field(default_factory=list[str])
    members: list[str] = Field(default_factory=list[str])
    """Object ids."""
    created: str

    @property
    def key(self) -> str:
        """The object id."""
        return self.id

    @property
    def assignable_to_role(self) -> bool:
        """Whether directory roles can be given to it, which is said once and for all."""
        return self.written.get("isAssignableToRole") is True

    @property
    def shown(self) -> JsonObject:
        """The group as Graph tells of it."""
        return {
            "id": self.id,
            "createdDateTime": self.created,
            "description": None,
            "groupTypes": [],
            "mail": None,
            "membershipRule": None,
            "membershipRuleProcessingState": None,
            "proxyAddresses": [],
            "resourceBehaviorOptions": [],
            "resourceProvisioningOptions": [],
            "theme": None,
            "visibility": None,
            **self.written,
            "isAssignableToRole": self.assignable_to_role or None,
        }


def kind_of(call: Call, object_id: str) -> str | None:
    """What an object of the caller's tenant is; None where it has none of that id."""
    wanted, tenant = object_id.lower(), call.caller.tenant_id
    store = call.azure.store
    principal, group = store.get(ServicePrincipal, wanted), store.get(Group, wanted)
    if any(user.id == wanted and user.tenant_id == tenant for user in store.all(User)):
        return "user"
    if principal is not None and principal.tenant_id == tenant:
        return "servicePrincipal"
    return "group" if group is not None and group.tenant_id == tenant else None


def _typed(call: Call, object_id: str) -> JsonObject:
    return {"@odata.type": f"#microsoft.graph.{kind_of(call, object_id)}", "id": object_id}


def get_object(call: Call) -> Answer:
    """``GET /directoryObjects/{id}``: what somebody is, without knowing that before."""
    object_id = call.params["id"].lower()
    kind = kind_of(call, object_id)
    require_permission(call, READ_OBJECTS[kind or "group"] if kind else sum(READ_OBJECTS.values(), ()))
    if kind is None:
        raise not_there(call.params["id"])
    return Answer(200, _typed(call, object_id))


def _group(call: Call) -> Group:
    found = call.azure.store.get(Group, call.params["id"])
    if found is None or found.tenant_id != call.caller.tenant_id:
        raise not_there(call.params["id"])
    return found


def _require_change(call: Call, *, of_roles: bool) -> None:
    require_permission(call, WRITE_GROUPS)
    if of_roles and call.azure.rules.on("role-assignable-needs-role-management"):
        require_permission(call, WRITE_ROLES)


def list_groups(call: Call) -> Answer:
    """``GET /groups``, all or those of a name."""
    require_permission(call, READ_GROUPS)
    found = [one for one in call.azure.store.all(Group) if one.tenant_id == call.caller.tenant_id]
    if wanted := call.query.get("$filter"):
        match = _FILTER.match(wanted)
        if match is None:
            says = f"Unsupported filter clause: {wanted}."
            raise bad_request(says)
        name = match["name"].replace("''", "'").lower()
        found = [one for one in found if str(one.written["displayName"]).lower() == name]
    return graph_page(call, [one.shown for one in found], "groups", default=PAGE, most=PAGE_AT_MOST)


def create_group(call: Call) -> Answer:
    """``POST /groups``, with its first owners and members."""
    of_roles = call.body.get("isAssignableToRole") is True
    _require_change(call, of_roles=of_roles)
    for name in _NEEDED:
        if call.body.get(name) in (None, ""):
            says = f"A value is required for property '{name}' of resource 'Group'."
            raise bad_request(says)
    if of_roles and (call.body["securityEnabled"] is not True or call.body.get("groupTypes")):
        says = "Only a security group with assigned members can be assignable to roles."
        raise bad_request(says)
    made = Group(
        id=call.azure.new_id(),
        tenant_id=call.caller.tenant_id,
        written={name: value for name, value in call.body.items() if "@odata" not in name},
        owners=_bound(call, "owners"),
        members=_bound(call, "members"),
        created=call.azure.now(),
    )
    call.azure.store.put(made)
    return Answer(201, made.shown)


def get_group(call: Call) -> Answer:
    """``GET /groups/{id}``."""
    require_permission(call, READ_GROUPS)
    return Answer(200, _group(call).shown)


def update_group(call: Call) -> Answer:
    """``PATCH /groups/{id}``: what is sent takes the place of what was there."""
    group = _group(call)
    _require_change(call, of_roles=group.assignable_to_role)
    fixed = sorted(set(call.body) - set(_CHANGEABLE) - {"@odata.type"})
    if fixed:
        says = f"Property '{fixed[0]}' is read-only and cannot be set."
        raise bad_request(says)
    group.written |= call.body
    call.azure.store.put(group)
    return Answer(204)


def delete_group(call: Call) -> Answer:
    """``DELETE /groups/{id}``; the roles that it held go with it."""
    from local_azure.directory_roles import remove_roles_of

    group = _group(call)
    _require_change(call, of_roles=group.assignable_to_role)
    remove_roles_of(call.azure, group.id)
    call.azure.store.delete(group)
    return Answer(204)


def _bound(call: Call, side: Side) -> list[str]:
    links: list[object] = call.body.get(f"{side}@odata.bind") or []
    return [_linked(call, link) for link in links]


def _linked(call: Call, link: object) -> str:
    """The object that a reference names."""
    object_id = str(link).rstrip("/").rsplit("/", 1)[-1].lower()
    if kind_of(call, object_id) is None:
        raise not_there(object_id)
    return object_id


def list_side(call: Call) -> Answer:
    """``GET /groups/{id}/owners`` and ``/members``."""
    require_permission(call, READ_GROUPS)
    held = _side(call, _group(call))
    shown = [_typed(call, one) for one in held]
    return graph_page(call, shown, "directoryObjects", default=PAGE, most=PAGE_AT_MOST)


def list_member_of(call: Call) -> Answer:
    """``GET /groups/{id}/memberOf``."""
    require_permission(call, READ_GROUPS)
    group = _group(call)
    above = [_typed(call, one.id) for one in call.azure.store.all(Group) if group.id in one.members]
    return graph_page(call, above, "directoryObjects", default=PAGE, most=PAGE_AT_MOST)


def add_to_side(call: Call) -> Answer:
    """``POST /groups/{id}/members/$ref``: one more."""
    group = _group(call)
    _require_change(call, of_roles=group.assignable_to_role)
    added = _linked(call, call.body.get("@odata.id"))
    if added in _side(call, group):
        which = call.params["side"].lower()
        says = f"One or more added object references already exist for the following modified properties: '{which}'."
        raise bad_request(says)
    _side(call, group).append(added)
    call.azure.store.put(group)
    return Answer(204)


def remove_from_side(call: Call) -> Answer:
    """``DELETE /groups/{id}/members/{object}/$ref``: one less; the last owner stays."""
    group = _group(call)
    _require_change(call, of_roles=group.assignable_to_role)
    held, gone = _side(call, group), call.params["object"].lower()
    if gone not in held:
        raise not_there(gone)
    if call.params["side"].lower() == "owners" and len(held) == 1:
        says = "The group must have at least one owner, hence this owner cannot be removed."
        raise bad_request(says)
    held.remove(gone)
    call.azure.store.put(group)
    return Answer(204)


def _side(call: Call, group: Group) -> list[str]:
    sides = {"owners": group.owners, "members": group.members}
    side = call.params["side"].lower()
    if side not in sides:
        raise not_there(side)
    return sides[side]


_GROUPS = "/{version}/groups"
GROUP_OPERATIONS = [
    Operation("GET", "/{version}/directoryObjects/{id}", get_object),
    Operation("GET", _GROUPS, list_groups),
    Operation("POST", _GROUPS, create_group),
    Operation("GET", _GROUPS + "/{id}", get_group),
    Operation("PATCH", _GROUPS + "/{id}", update_group),
    Operation("DELETE", _GROUPS + "/{id}", delete_group),
    Operation("GET", _GROUPS + "/{id}/memberOf", list_member_of),
    Operation("GET", _GROUPS + "/{id}/{side}", list_side),
    Operation("POST", _GROUPS + "/{id}/{side}/$ref", add_to_side),
    Operation("DELETE", _GROUPS + "/{id}/{side}/{object}/$ref", remove_from_side),
]
