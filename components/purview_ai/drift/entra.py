"""azuread's resources, as far as a state may have them: asked of Microsoft Graph by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.drift.change import Change
from purview_ai.drift.checkpoint import is_opaque
from purview_ai.drift.sight import ENCRYPTED, NotCoveredError, Sight
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.json_values import JsonObject

PREFIX = "azuread:"
_TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "azuread:index/servicePrincipal:ServicePrincipal": (
        "service principal",
        {
            "clientId": "appId",
            "accountEnabled": "accountEnabled",
            "appRoleAssignmentRequired": "appRoleAssignmentRequired",
            "description": "description",
            "notes": "notes",
        },
    ),
    "azuread:index/appRoleAssignment:AppRoleAssignment": (
        "app role assignment",
        {"appRoleId": "appRoleId", "principalObjectId": "principalId", "resourceObjectId": "resourceId"},
    ),
}
"""What people call them, and how Graph calls their inputs (docs/facts.md, providers 55 and 63)."""
_HOW_ONLY = ("useExisting",)
"""Inputs that say how something is made, and not what it shall be."""


def called(recorded: Recorded) -> str:
    """What people call a resource."""
    return _TYPES[recorded.type][0] if recorded.type in _TYPES else recorded.type


def look(get: Callable[[str], JsonObject | None], recorded: Recorded) -> Sight:
    """Read a resource and compare what its inputs say."""
    if recorded.type not in _TYPES:
        msg = f"resources of type {recorded.type} are not known here"
        raise NotCoveredError(msg)
    kind, names = _TYPES[recorded.type]
    found = get(recorded.id)
    if found is None:
        return Sight([Change(recorded.name, kind, "")])
    changes: list[Change] = []
    uncovered: dict[str, str] = {}
    for name, was in recorded.inputs.items():
        if name.startswith("__") or name in _HOW_ONLY or name in recorded.ignored:
            continue
        if is_opaque(was):
            uncovered[name] = ENCRYPTED
        elif name not in names:
            uncovered[name] = "not compared here"
        elif not same(found.get(names[name]) or type(was)(), was):
            changes.append(Change(recorded.name, kind, name, was, found.get(names[name])))
    return Sight(changes, uncovered)
