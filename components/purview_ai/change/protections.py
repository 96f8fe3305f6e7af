"""Whether a change turns a protection off: each says what happens, as the end of a sentence, or nothing.

What a preview does not know yet is taken for no protection.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from purview_ai.change import objects
from purview_ai.change.preview import UNKNOWN, Action
from purview_ai.datamap.kinds import TRIGGER
from purview_ai.drift.azure_types import ALERT_RULE, DIAGNOSTIC_SETTING, VAULT
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from purview_ai.change.preview import Change

_LIVES_ON = (Action.CHANGE, Action.REPLACE, Action.OPTIONS)
_STATES = ("enabled", "enabledForReportingButNotEnforced")
"""Of a Conditional Access policy, from the one that does most; any other does nothing."""
_DEFAULT = "properties.networkAcls.defaultAction"
_LET_IN = ("properties.networkAcls.ipRules", "properties.networkAcls.virtualNetworkRules")
_WAYS_IN = tuple(f"properties.enabledFor{what}" for what in ("Deployment", "DiskEncryption", "TemplateDeployment"))
_MEMBERS = ("members", "owners")
_USERS = "conditions.users"
_APPLICATIONS = "conditions.applications"
_MEETS_MORE = (f"{_USERS}.included", f"{_APPLICATIONS}.included", "grantControls.builtInControls")
_MEETS_LESS = (f"{_USERS}.excluded", f"{_APPLICATIONS}.excluded")


def purge(change: Change) -> str:
    """A vault's purge protection and soft delete."""
    if change.type != VAULT:
        return ""
    switched = [
        word
        for word in ("properties.enablePurgeProtection", "properties.enableSoftDelete")
        if (found := change.changed(word)) and found.was is True
    ]
    days = change.changed("properties.softDeleteRetentionInDays")
    if days and isinstance(days.was, int) and not (isinstance(days.now, int) and days.now >= days.was):
        switched.append("a shorter time for which what was deleted is kept")
    return f"would lose {' and '.join(switched)}" if switched else ""


def firewall(change: Change) -> str:
    """A vault's firewall and its way for trusted services."""
    if change.type != VAULT:
        return ""
    for path, closed in (
        (_DEFAULT, "Deny"),
        ("properties.networkAcls.bypass", "AzureServices"),
        ("properties.publicNetworkAccess", "Disabled"),
    ):
        found = change.changed(path)
        if found and str(found.was).lower() == closed.lower():
            return f"would have {path} {_told(found.now)} instead of {closed}"
    if change.changed(_DEFAULT):
        return ""
    return next((f"would let more in: {path}" for path in _LET_IN if grown(change, path)), "")


def protect(change: Change) -> str:
    """The engine's protection."""
    loses = change.action in _LIVES_ON and change.before.protect and not change.after.protect
    return "would not be protected from deletion any more" if loses else ""


def retain(change: Change) -> str:
    """Whether it stays when the stack lets go of it."""
    loses = change.action in _LIVES_ON and change.before.retain_on_delete and not change.after.retain_on_delete
    return "would not be kept any more when it leaves the stack" if loses else ""


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
    for found in change.properties:
        path = found.path
        if path.startswith(_MEETS_LESS) and _grows(found.was, found.now):
            return f"would leave out more: {path}"
        if path.startswith(_MEETS_MORE) and _grows(found.now, found.was):
            return f"would do or meet less: {path}"
        if path == "conditions.insiderRiskLevels" and found.was:
            return f"would meet another risk: {_told(found.now)} instead of {_told(found.was)}"
    return ""


def diagnostics(change: Change) -> str:
    """Which logs go where."""
    if change.type != DIAGNOSTIC_SETTING or change.action is not Action.CHANGE:
        return ""
    logs, place = change.changed("logs"), change.changed("workspaceId")
    if logs and _grows(logs.now, logs.was):
        return "would keep fewer logs"
    return "would send its logs to another workspace" if place and place.was else ""


def alert(change: Change) -> str:
    """Whether an alert is on, and whom it tells."""
    if change.type != ALERT_RULE or change.action is not Action.CHANGE:
        return ""
    enabled, told = change.changed("enabled"), change.changed("actions.actionGroups")
    if enabled and enabled.was is True:
        return "would be switched off"
    return "would tell fewer action groups" if told and _grows(told.now, told.was) else ""


def trigger(change: Change) -> str:
    """Whether incremental scans run."""
    found = change.changed("enabled")
    return "would be switched off" if change.type == TRIGGER.name and found and found.was is True else ""


def rights_in_vault(change: Change) -> str:
    """Who may read what is in a vault: policies, or roles in their place, or whoever may deploy by a template."""
    if change.type != VAULT or change.action not in _LIVES_ON:
        return ""
    if grown(change, "properties.accessPolicies"):
        return "would let more people in by its access policies"
    if change.changed("properties.enableRbacAuthorization"):
        return "would ask for rights in another way, and let in whoever has them there"
    opened = (path for path in _WAYS_IN if (found := change.changed(path)) and found.now not in (None, False))
    return next((f"would be open to more of Azure: {path}" for path in opened), "")


def members(change: Change) -> str:
    """Who is in a group, and so has its rights, or may put others in."""
    if change.type != objects.GROUP:
        return ""
    return next((f"would have more {path}" for path in _MEMBERS if grown(change, path)), "")


def grown(change: Change, path: str) -> bool:
    """Whether a list gets an entry that it had not."""
    found = change.changed(path)
    return found is not None and change.action in _LIVES_ON and _grows(found.was, found.now)


def _strength(state: Any) -> int:
    return len(_STATES) - _STATES.index(state) if state in _STATES else 0


def _grows(was: Any, now: Any) -> bool:
    """Whether there is something now that was not there; what nobody knows may be anything."""
    return UNKNOWN in (was, now) or not set(_entries(now)) <= set(_entries(was))


def _entries(value: Any) -> list[str]:
    if value is None or value in ([], {}):
        return []
    return [json.dumps(one, sort_keys=True) for one in (value if is_list(value) else [value])]


def _told(value: Any) -> str:
    if value is None:
        return "nothing"
    return json.dumps(value) if is_object(value) or is_list(value) else str(value)
