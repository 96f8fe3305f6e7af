"""Whether somebody gets a right or loses one: each says what happens, as the end of a sentence, or nothing.

What a preview does not know yet may be anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.change import objects, roles
from purview_ai.change.entries import grows, shrinks
from purview_ai.change.preview import Action
from purview_ai.datamap.kinds import COLLECTION_ROLE
from purview_ai.directory.app_role_grant import APP_ROLE_GRANT
from purview_ai.drift.azure_types import FEDERATED_CREDENTIAL, ROLE_ASSIGNMENT, ROLE_DEFINITION, VAULT
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from purview_ai.change.preview import Change

GRANTS = frozenset(
    {
        ROLE_ASSIGNMENT,
        objects.ACCESS_ENTRY,
        objects.APP_ROLE_ASSIGNMENT,
        objects.DELEGATED_GRANT,
        objects.DIRECTORY_ROLE,
        objects.GROUP_MEMBER,
        FEDERATED_CREDENTIAL,
        APP_ROLE_GRANT.name,
        COLLECTION_ROLE.name,
        *objects.SIGN_INS,
    }
)
"""What gives somebody a right, by itself or as what somebody signs in with or is a member by."""
_LIVES_ON = (Action.CHANGE, Action.REPLACE, Action.OPTIONS)
_WAYS_IN = tuple(f"properties.enabledFor{what}" for what in ("Deployment", "DiskEncryption", "TemplateDeployment"))
_POLICIES = "properties.accessPolicies"
_MEMBERS = ("members", "owners")
_MEMBERS_BY_RULE = ("dynamicMembership", "dynamicMembership.rule", "dynamicMembership.enabled")


def more(change: Change) -> str:
    """What somebody may do from then on, or who may do what somebody could."""
    if change.type in GRANTS and change.action in (Action.CREATE, Action.CHANGE, Action.IMPORT):
        return "would be given" if change.action is Action.CREATE else "would give another right"
    if change.type == ROLE_DEFINITION and change.action in _LIVES_ON:
        return roles.wider(change)
    return _more_in_vault(change) or _more_members(change)


def taken_in_vault(change: Change) -> str:
    """Who may not read any more what is in a vault."""
    policies = change.changed(_POLICIES) if change.type == VAULT and change.action in _LIVES_ON else None
    taken = policies is not None and shrinks(_held(policies.was), _held(policies.now))
    return "would take rights away by its access policies" if taken else ""


def taken_from_role(change: Change) -> str:
    """What nobody may do any more by a custom role."""
    return roles.narrower(change) if change.type == ROLE_DEFINITION and change.action in _LIVES_ON else ""


def _more_in_vault(change: Change) -> str:
    """Who may read what is in a vault: policies, or roles in their place, or whoever may deploy by a template."""
    if change.type != VAULT or change.action not in _LIVES_ON:
        return ""
    policies = change.changed(_POLICIES)
    if policies and grows(_held(policies.was), _held(policies.now)):
        return "would let more people in by its access policies"
    if change.changed("properties.enableRbacAuthorization"):
        return "would ask for rights in another way, and let in whoever has them there"
    if change.changed("properties.tenantId"):
        return "would let people in by another Entra tenant, and nobody of this one"
    opened = (path for path in _WAYS_IN if (found := change.changed(path)) and found.now not in (None, False))
    return next((f"would be open to more of Azure: {path}" for path in opened), "")


def _more_members(change: Change) -> str:
    """Who is in a group, and so has its rights, or may put others in."""
    if change.type != objects.GROUP or change.action not in _LIVES_ON:
        return ""
    for path in _MEMBERS:
        found = change.changed(path)
        if found and grows(found.was, found.now):
            return f"would have more {path}"
    ruled = any(one.now is not None for path in _MEMBERS_BY_RULE if (one := change.changed(path)))
    return "would have other members, by another rule" if ruled else ""


def _held(policies: Any) -> Any:
    """The rights of access policies one by one; as they are where they have another form."""
    if not is_list(policies) or not all(is_object(one) and is_object(one.get("permissions")) for one in policies):
        return policies
    return [
        [one.get("objectId"), one.get("applicationId"), kind, right]
        for one in policies
        for kind, rights in one["permissions"].items()
        for right in (rights if is_list(rights) else [rights])
    ]
