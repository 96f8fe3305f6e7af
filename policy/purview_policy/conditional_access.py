"""Conditional Access: a policy in force leaves somebody out, or it may lock everybody out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_list
from pydantic import Field

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged

POLICY = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
_ENABLED = "enabled"
STATES = (_ENABLED, "disabled", "enabledForReportingButNotEnforced")
"""Graph's words for what a policy does (docs/facts.md, policy 7)."""
_NOBODY = "GuestsOrExternalUsers"
"""Stands where users do; who it means has no emergency account."""

_NO_USER = "None"
"""Stands alone where a policy is about applications' own identities (docs/facts.md, graph 151)."""
_OTHERS = ("includedGroups", "includedRoles", "includedGuestsOrExternalUsers")
"""Who else a policy can be about, whatever stands where users do (docs/facts.md, policy 12)."""


class Emergency(Parameters):
    """Who must get in whatever happens."""

    emergency_access: list[str] = Field(
        default=[], description="Object ids of users and groups that every policy in force leaves out."
    )


def _locks_out(policy: Judged, parameters: Emergency) -> Iterator[str]:
    state = policy.value("state")
    if state not in STATES:
        yield f"whether it is in force is not known: its state is {state}, and not one of {', '.join(STATES)}"
    if state == "disabled" or _meets_nobody(policy):
        return
    left_out = [*_named(policy, "excludedUsers"), *_named(policy, "excludedGroups")]
    if state == _ENABLED and not left_out:
        yield "it is in force and leaves no user and no group out, so it can lock everybody out"
    elif state == _ENABLED:
        known = {str(one).lower() for one in left_out}
        for missing in [one for one in parameters.emergency_access if one.lower() not in known]:
            yield f"it is in force and does not leave {missing} out, which is for emergencies"


def _meets_nobody(policy: Judged) -> bool:
    # What is not known yet counts as somebody.
    others = (policy.value(f"conditions.users.{who}") for who in _OTHERS)
    return policy.value("conditions.users.includedUsers") == [_NO_USER] and not any(others)


def _named(policy: Judged, who: str) -> list[Any]:
    found = policy.value(f"conditions.users.{who}")
    return [one for one in found if one != _NOBODY] if is_list(found) else []


EXCLUSIONS = Rule(
    name="conditional-access-exclusions",
    says="A Conditional Access policy says whether it is in force, and leaves somebody out where it is.",
    remedy="name the emergency accounts or their group in governance.conditional_access.break_glass, or, of a policy "
    "of your own, in excluded_users or excluded_groups, and begin with the state enabledForReportingButNotEnforced.",
    settings=("governance.conditional_access.break_glass",),
    about=frozenset({POLICY}),
    wrong=_locks_out,
    parameters=Emergency,
)
