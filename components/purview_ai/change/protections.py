"""Whether a change turns a protection off: each says what happens, as the end of a sentence, or nothing.

What a preview does not know yet is taken for no protection.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from purview_ai.change import alarms, objects, schedules
from purview_ai.change.entries import grows, shrinks
from purview_ai.change.preview import UNKNOWN, Action
from purview_ai.datamap.kinds import SCAN, TRIGGER
from purview_ai.drift.azure_types import (
    ACCOUNT,
    ALERT_RULE,
    BLOB_SERVICE,
    CONTAINER,
    DIAGNOSTIC_SETTING,
    SECRET,
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
_ALL_LOGS = "allLogs"
_ON_UNSAID = "properties.enableSoftDelete"
"""It is on where the program does not say it (docs/facts.md, providers 12)."""
_SWITCH = {objects.SERVICE_PRINCIPAL: "accountEnabled", SECRET: "properties.attributes.enabled"}
_MEANT_TO_BE_HIDDEN = {(SECRET, "properties.value")}
_JUDGED = ("conditions.", "grantControls.", "sessionControls.")
_EVERYTHING = "all"
_MEETS_MORE = ("conditions.users.included", "conditions.applications.included", "conditions.clientAppTypes")
_MEETS_LESS = ("conditions.users.excluded", "conditions.applications.excluded")


def purge(change: Change) -> str:
    """What keeps deleted vaults, keys and states."""
    kept = [found for word in _KEEPS.get(change.type, ()) if (found := change.changed(word))]
    switched = [one.path for one in kept if one.was is True or (one.path == _ON_UNSAID and one.now is False)]
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
    return next((f"would let more in: {path}" for path in _LET_IN[change.type] if _grown(change, path)), "")


def protect(change: Change) -> str:
    """The engine's protection; a new object that may be replaced never has it."""
    if change.action is Action.CREATE and change.now("allow_rescan") is True:
        return "would not be protected from deletion"
    loses = change.action in _LIVES_ON and change.before.protect and not change.after.protect
    return "would not be protected from deletion any more" if loses else ""


def switched_off(change: Change) -> str:
    """Whether what is there works no more."""
    path = _SWITCH.get(change.type, "")
    found = change.changed(path)
    if found is None or found.was is False or change.action not in _LIVES_ON:
        return ""
    # Both are on where the program does not say (docs/facts.md, providers 105); not where nobody knows what it says.
    above = (path.rsplit(".", number)[0] for number in range(1, path.count(".") + 1))
    on = found.now is True or (found.now is None and all(change.now(one) != UNKNOWN for one in above))
    return "" if on else "would be switched off"


def taken_over(change: Change) -> str:
    """Whether something that was there before the stack becomes another."""
    if not change.overwrites:
        return ""
    if change.overwrites == UNKNOWN:
        return "would be changed where it is there already, and nobody knows yet what of it"
    return f"is there already, and would be changed: {change.overwrites}"


def hidden(change: Change) -> str:
    """Whether something changes that nobody is shown; a secret's own value is one of these, and another key passes."""
    unseen = [path for path in change.hidden if (change.type, path) not in _MEANT_TO_BE_HIDDEN]
    return f"would be changed where nobody sees it: {' and '.join(unseen)}" if unseen else ""


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


def _grown(change: Change, path: str) -> bool:
    """Whether a list gets an entry that it had not."""
    found = change.changed(path)
    return found is not None and change.action in _LIVES_ON and grows(found.was, found.now)


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
