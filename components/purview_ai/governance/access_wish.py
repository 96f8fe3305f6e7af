"""What a Conditional Access policy for people with insider risk is, by Graph's names (docs/facts.md, graph 20)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_list, take_from
from purview_ai.settings.conditional_access import AccessState

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject
    from purview_ai.settings.conditional_access import ConditionalAccessSettings

POLICIES = "/identity/conditionalAccess/policies"
EVERYTHING = EVERYBODY = "All"
_STATES = {
    AccessState.REPORT_ONLY: "enabledForReportingButNotEnforced",
    AccessState.ENABLED: "enabled",
    AccessState.DISABLED: "disabled",
}
_EXTERNAL_USERS = ("b2bDirectConnectUser", "otherExternalUser", "serviceProvider")
"""In Graph's own order, in which they come back: another one would show as a change (docs/facts.md, graph 20)."""
_NARROWING = (
    *("devices", "locations", "platforms"),
    *("servicePrincipalRiskLevels", "signInRiskLevels", "userRiskLevels"),
)
"""Conditions that would leave somebody out, and that no stack asks for."""


@dataclass(frozen=True)
class AccessWish:
    """Whom the policy meets, whom it leaves out, and what it does."""

    display_name: str
    state: str
    applications: tuple[str, ...]
    risk: str
    control: str
    spared_users: tuple[str, ...]
    spared_groups: tuple[str, ...]
    spared_guests: tuple[str, ...]
    """Kinds of people of other tenants."""

    @classmethod
    def of(cls, settings: ConditionalAccessSettings, display_name: str) -> AccessWish:
        """What the settings ask for, under this name where they say none."""
        return cls(
            settings.display_name or display_name,
            _STATES[settings.state],
            (EVERYTHING,) if settings.all_resources else settings.applications,
            settings.risk.value,
            settings.action.value,
            settings.break_glass.users,
            settings.break_glass.groups,
            _EXTERNAL_USERS if settings.exclude_external_users else (),
        )

    def differences(self, policy: JsonObject) -> dict[str, tuple[str, str]]:
        """What Graph tells of a policy instead of what is wished, by Graph's names."""
        seen = {place: _texts(take_from(policy, place)) for place in self._places()}
        return {
            place[-1]: (", ".join(seen[place]), ", ".join(wanted))
            for place, wanted in self._places().items()
            if {one.lower() for one in seen[place]} != {one.lower() for one in wanted}
        }

    def _places(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        users, applications = ("conditions", "users"), ("conditions", "applications")
        return {
            ("state",): (self.state,),
            (*users, "includeUsers"): (EVERYBODY,),
            (*users, "excludeUsers"): self.spared_users,
            (*users, "excludeGroups"): self.spared_groups,
            (*users, "excludeRoles"): (),
            (*users, "excludeGuestsOrExternalUsers", "guestOrExternalUserTypes"): self.spared_guests,
            (*applications, "includeApplications"): self.applications,
            (*applications, "excludeApplications"): (),
            ("conditions", "insiderRiskLevels"): (self.risk,),
            **{("conditions", narrowing): () for narrowing in _NARROWING},
            ("grantControls", "builtInControls"): (self.control,),
        }


def _texts(value: Any) -> list[str]:
    """Several words, which Graph writes as a list or as one text with commas."""
    if isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    if is_list(value):
        return [str(one) for one in value]
    return [json.dumps(value)] if value else []
