"""Whether a change turns a protection off: each says what happens, as the end of a sentence, or nothing.

What a preview does not know yet is taken for no protection.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from purview_ai.change import alarms, objects, schedules
from purview_ai.change.entries import grows, shrinks
from purview_ai.change.preview import Action
from purview_ai.datamap.kinds import SCAN, TRIGGER
from purview_ai.drift.azure_types import (
    ACCOUNT,
    ALERT_RULE,
    BLOB_SERVICE,
    CONTAINER,
    DIAGNOSTIC_SETTING,
    STORAGE_ACCOUNT,
    VAULT,
)
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.change.preview import Change

_LIVES_ON = (Action.CHANGE, Action.REPLACE, Action.OPTIONS)
_STATES = ("enabled", "enabledForReportingButNotEnforced")
"""Of a Conditional Access policy, from the one that does most; any other does nothing."""
_KEEPS = {
    VAULT: ("properties.enablePurgeProtection", "properties.enableSoftDelete"),
    BLOB_SERVICE: (
        "isVersioningEnabled",
        "deleteRetentionPolicy.enabled",
        "containerDeleteRetentionPolicy.enabled",
    ),
}
"""What keeps deleted things, where it is true."""
_KEEPS_FOR_DAYS = {
    VAULT: ("properties.softDeleteRetentionInDays",),
    BLOB_SERVICE: ("deleteRetentionPolicy.days", "containerDeleteRetentionPolicy.days"),
}
_DEFAULT = {VAULT: "properties.networkAcls.defaultAction", STORAGE_ACCOUNT: "networkRuleSet.defaultAction"}
_CLOSED = {
    VAULT: {
        "properties.networkAcls.defaultAction": "Deny",
        "properties.networkAcls.bypass": "AzureServices",
        "properties.publicNetworkAccess": "Disabled",
    },
    ACCOUNT: {
        "publicNetworkAccess": "Disabled",
        "managedResourcesPublicNetworkAccess": "Disabled",
        "ingestionStorage.publicNetworkAccess": "Disabled",
    },
    STORAGE_ACCOUNT: {
        "networkRuleSet.defaultAction": "Deny",
        "networkRuleSet.bypass": "None",
        "publicNetworkAccess": "Disabled",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "allowCrossTenantReplication": False,
        "enableHttpsTrafficOnly": True,
    },
    CONTAINER: {"publicAccess": "None"},
}
"""What keeps others out, by the value with which it does; it only counts where it had that value."""
_LET_IN = {
    VAULT: ("properties.networkAcls.ipRules", "properties.networkAcls.virtualNetworkRules"),
    STORAGE_ACCOUNT: ("networkRuleSet.ipRules", "networkRuleSet.virtualNetworkRules"),
}
_WAYS_IN = tuple(f"properties.enabledFor{what}" for what in ("Deployment", "DiskEncryption", "TemplateDeployment"))
_POLICIES = "properties.accessPolicies"
_MEMBERS = ("members", "owners")
_ALL_LOGS = "allLogs"
_JUDGED = ("conditions.", "grantControls.", "sessionControls.")
_EVERYTHING = "all"
_MEETS_MORE = ("conditions.users.included", "conditions.applications.included", "conditions.clientAppTypes")
_MEETS_LESS = ("conditions.users.excluded", "conditions.applications.excluded")


def purge(change: Change) -> str:
    """What keeps deleted vaults, keys and states."""
    switched = [word for word in _KEEPS.get(change.type, ()) if (found := change.changed(word)) and found.was is True]
    for word in _KEEPS_FOR_DAYS.get(change.type, ()):
        days = change.changed(word)
        if days and _is_number(days.was) and not (_is_number(days.now) and days.now >= days.was):
            switched.append("a shorter time for which what was deleted is kept")
    return f"would lose {' and '.join(switched)}" if switched else ""


def firewall(change: Change) -> str:
    """Who reaches a vault, a Purview account or the storage of states by the network or without a name."""
    for path, closed in _CLOSED.get(change.type, {}).items():
        found = change.changed(path)
        if found and str(found.was).lower() == str(closed).lower():
            return f"would have {path} {_told(found.now)} instead of {_told(closed)}"
    default = _DEFAULT.get(change.type)
    if default is None or change.changed(default):
        return ""
    return next((f"would let more in: {path}" for path in _LET_IN[change.type] if grown(change, path)), "")


def protect(change: Change) -> str:
    """The engine's protection; a new object that may be replaced never has it."""
    if change.action is Action.CREATE and change.now("allow_rescan") is True:
        return "would not be protected from deletion"
    loses = change.action in _LIVES_ON and change.before.protect and not change.after.protect
    return "would not be protected from deletion any more" if loses else ""


def retain(change: Change) -> str:
    """Whether it stays when the stack lets go of it."""
    kept = change.changed("keep")
    loses = change.before.retain_on_delete and not change.after.retain_on_delete
    loses = loses or (kept is not None and kept.was is True)
    return "would not be kept any more when it leaves the stack" if loses and change.action in _LIVES_ON else ""


def release(change: Change) -> str:
    """Whether what was there before goes with the stack."""
    found = change.changed("release")
    return "would go with the stack" if found and found.now is not False and change.action in _LIVES_ON else ""


def conditional_access(change: Change) -> str:
    """A Conditional Access policy's state, whom it meets and what it does."""
    if change.type != objects.CONDITIONAL_ACCESS or change.action not in _LIVES_ON:
        return ""
    state = change.changed("state")
    if state and _strength(state.now) < _strength(state.was):
        return f"would be {_told(state.now)} instead of {state.was}"
    return next(_weaker_access(change), "")


def _weaker_access(change: Change) -> Iterator[str]:
    for found in change.properties:
        path = found.path
        if not path.startswith(_JUDGED):
            continue
        if path.startswith(_MEETS_LESS):
            if grows(found.was, found.now):
                yield f"would leave out more: {path}"
        elif path.startswith(_MEETS_MORE):
            if not _is_everything(found.now) and shrinks(found.was, found.now):
                yield f"would do or meet less: {path}"
        elif path == "grantControls.builtInControls" and found.now == ["block"]:
            continue
        else:
            # Each other condition narrows it, and of several controls one may be enough.
            yield f"would have another {path}: {_told(found.now)} instead of {_told(found.was)}"


def diagnostics(change: Change) -> str:
    """Which logs go where."""
    if change.type != DIAGNOSTIC_SETTING or change.action not in _LIVES_ON:
        return ""
    logs, place = change.changed("logs"), change.changed("workspaceId")
    if logs and shrinks(logs.was, logs.now) and not _is_all_logs(logs.now):
        return "would keep fewer logs"
    return "would send its logs to another workspace" if place and place.was else ""


def alert(change: Change) -> str:
    """Whether an alert is on, whom it tells, and of what."""
    return alarms.weaker(change) if change.type == ALERT_RULE and change.action in _LIVES_ON else ""


def trigger(change: Change) -> str:
    """Whether incremental scans run."""
    found = change.changed("enabled")
    return "would be switched off" if change.type == TRIGGER.name and found and found.was is True else ""


def schedule(change: Change) -> str:
    """How often incremental scans run."""
    return schedules.slower(change) if change.type == TRIGGER.name and change.action in _LIVES_ON else ""


def captured(change: Change) -> str:
    """What the connector is told of a scan; a data source's properties never change, it is made anew."""
    if change.type != SCAN.name or change.action not in _LIVES_ON:
        return ""
    changed = [one.path for one in change.properties if one.path.split(".")[0] == "properties"]
    return f"would have another {' and '.join(changed)}" if changed else ""


def rights_in_vault(change: Change) -> str:
    """Who may read what is in a vault: policies, or roles in their place, or whoever may deploy by a template."""
    if change.type != VAULT or change.action not in _LIVES_ON:
        return ""
    policies = change.changed(_POLICIES)
    if policies and grows(_held(policies.was), _held(policies.now)):
        return "would let more people in by its access policies"
    if change.changed("properties.enableRbacAuthorization"):
        return "would ask for rights in another way, and let in whoever has them there"
    opened = (path for path in _WAYS_IN if (found := change.changed(path)) and found.now not in (None, False))
    return next((f"would be open to more of Azure: {path}" for path in opened), "")


def rights_taken_in_vault(change: Change) -> str:
    """Who may not read any more what is in a vault."""
    policies = change.changed(_POLICIES) if change.type == VAULT and change.action in _LIVES_ON else None
    taken = policies is not None and shrinks(_held(policies.was), _held(policies.now))
    return "would take rights away by its access policies" if taken else ""


def members(change: Change) -> str:
    """Who is in a group, and so has its rights, or may put others in."""
    if change.type != objects.GROUP:
        return ""
    return next((f"would have more {path}" for path in _MEMBERS if grown(change, path)), "")


def grown(change: Change, path: str) -> bool:
    """Whether a list gets an entry that it had not."""
    found = change.changed(path)
    return found is not None and change.action in _LIVES_ON and grows(found.was, found.now)


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


def _strength(state: Any) -> int:
    return len(_STATES) - _STATES.index(state) if state in _STATES else 0


def _is_everything(value: Any) -> bool:
    return is_list(value) and any(str(one).lower() == _EVERYTHING for one in value)


def _is_all_logs(value: Any) -> bool:
    return is_list(value) and any(
        is_object(one) and one.get("categoryGroup") == _ALL_LOGS and one.get("enabled") is True for one in value
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told(value: Any) -> str:
    if value is None:
        return "nothing"
    return json.dumps(value) if is_object(value) or is_list(value) else str(value)
