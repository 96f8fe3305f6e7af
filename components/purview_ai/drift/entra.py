"""azuread's resources, as far as a state may have them: asked of Microsoft Graph by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.drift import access_policy
from purview_ai.drift.change import Change
from purview_ai.drift.checkpoint import is_opaque
from purview_ai.drift.sight import ENCRYPTED, NotCoveredError, Sight
from purview_ai.json_values import is_list, is_object
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.json_values import JsonObject

    Get = Callable[[str], JsonObject | None]

PREFIX = "azuread:"
_AT_MOST = 999
"""So many owners or members come at once; of more nothing is told."""


def _nothing(get: Get, path: str, found: JsonObject) -> JsonObject:
    del get, path, found
    return {}


@dataclass(frozen=True)
class _Type:
    """A resource type: what people call it, and how Graph calls its inputs."""

    called: str
    names: dict[str, str]
    more: Callable[[Get, str, JsonObject], JsonObject] = _nothing
    """The inputs that Graph has in another form, or elsewhere."""
    permission: str = ""
    """The Graph permission that looking at it takes, where that is no application's."""
    unasked: tuple[str, ...] = ()
    """Inputs that are compared although no program of this package says them: whatever is there is a change."""


def _policy(get: Get, path: str, found: JsonObject) -> JsonObject:
    del get, path
    return access_policy.as_inputs(found)


def _people(get: Get, path: str, found: JsonObject) -> JsonObject:
    """Who owns a group and who is in it, where that is not too many."""
    del found
    listed: JsonObject = {}
    for side in ("owners", "members"):
        page = get(f"{path}/{side}?$top={_AT_MOST}") or {}
        if "@odata.nextLink" not in page:
            listed[side] = [one["id"] for one in page.get("value", [])]
    return listed


TYPES = {
    "azuread:index/servicePrincipal:ServicePrincipal": _Type(
        "service principal",
        {
            "clientId": "appId",
            "accountEnabled": "accountEnabled",
            "appRoleAssignmentRequired": "appRoleAssignmentRequired",
            "description": "description",
            "notes": "notes",
        },
    ),
    "azuread:index/appRoleAssignment:AppRoleAssignment": _Type(
        "app role assignment",
        {"appRoleId": "appRoleId", "principalObjectId": "principalId", "resourceObjectId": "resourceId"},
    ),
    "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy": _Type(
        "Conditional Access policy",
        {"displayName": "displayName", "state": "state"},
        _policy,
        "Policy.Read.All",
        ("sessionControls",),
    ),
    "azuread:index/group:Group": _Type(
        "group",
        {
            "displayName": "displayName",
            "description": "description",
            "securityEnabled": "securityEnabled",
            "assignableToRole": "isAssignableToRole",
        },
        _people,
        "Group.Read.All",
    ),
    "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment": _Type(
        "directory role assignment",
        {"principalObjectId": "principalId", "roleId": "roleDefinitionId"},
        permission="RoleManagement.Read.Directory",
    ),
}
"""By docs/facts.md, providers 55, 58 to 61 and 63."""
_HOW_ONLY = ("useExisting", "preventDuplicateNames")
"""Inputs that say how something is made, and not what it shall be."""


def called(recorded: Recorded) -> str:
    """What people call a resource."""
    return TYPES[recorded.type].called if recorded.type in TYPES else recorded.type


def permission_for(recorded: Recorded) -> str:
    """The Graph permission that looking at a resource takes; empty where it is an application's."""
    return TYPES[recorded.type].permission if recorded.type in TYPES else ""


def look(get: Get, recorded: Recorded) -> Sight:
    """Read a resource and compare what its inputs say."""
    if recorded.type not in TYPES:
        msg = f"resources of type {recorded.type} are not known here"
        raise NotCoveredError(msg)
    known = TYPES[recorded.type]
    found = get(recorded.id)
    if found is None:
        return Sight([Change(recorded.name, known.called, "")])
    there = {name: found.get(theirs) for name, theirs in known.names.items()}
    there |= known.more(get, recorded.id, found)
    changes: list[Change] = []
    uncovered: dict[str, str] = {}
    for name, was in {**dict.fromkeys(known.unasked), **recorded.inputs}.items():
        if name.startswith("__") or name in _HOW_ONLY or name in recorded.ignored:
            continue
        if is_opaque(was):
            uncovered[name] = ENCRYPTED
        elif name not in there:
            uncovered[name] = "not compared here"
        else:
            differing = _differences(name, was, there[name])
            changes += [Change(recorded.name, known.called, path, before, now) for path, before, now in differing]
    return Sight(changes, uncovered)


def _differences(path: str, was: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ. What a block does not say is empty, and the empty are alike."""
    if is_object(was) or is_object(now):
        before, after = was or {}, now or {}
        for name in sorted(before.keys() | after.keys()):
            if not name.startswith("__"):
                yield from _differences(f"{path}.{name}", before.get(name), after.get(name))
    elif is_list(was) and is_list(now) and len(was) == len(now) and all(is_object(one) for one in (*was, *now)):
        for number, (before, after) in enumerate(zip(was, now, strict=True)):
            yield from _differences(f"{path}[{number}]", before, after)
    elif (was or now) and not same(now or type(was)(), was or type(now)()):
        yield path, was, now
