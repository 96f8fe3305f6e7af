"""What a Conditional Access policy for people with insider risk is, by Graph's names (docs/facts.md, graph 20)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_list, is_object, take_from
from purview_ai.settings.conditional_access import AccessState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.json_values import JsonObject
    from purview_ai.settings.conditional_access import ConditionalAccessSettings

POLICIES = "/identity/conditionalAccess/policies"
EVERYTHING = EVERYBODY = "All"
EVERY_CLIENT = EVERY_TENANT = "all"
EITHER = "OR"
_STATES = {
    AccessState.REPORT_ONLY: "enabledForReportingButNotEnforced",
    AccessState.ENABLED: "enabled",
    AccessState.DISABLED: "disabled",
}
_EXTERNAL_USERS = ("b2bDirectConnectUser", "otherExternalUser", "serviceProvider")
"""In Graph's own order, in which they come back: another one would show as a change (docs/facts.md, graph 20)."""
_DECIDING = ("conditions", "grantControls", "sessionControls")
"""Where a policy says whom it meets and what it does."""


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
        """What Graph tells of a policy instead of what is wished, by Graph's names.

        Whatever nobody asked for counts too, also what this package has no name for: any of it could leave somebody
        out, or let them in again.
        """
        asked = self._places()
        seen = {place: _texts(take_from(policy, place)) for place in asked}
        differing = {
            ".".join(place): (", ".join(seen[place]), ", ".join(wanted))
            for place, wanted in asked.items()
            if {one.lower() for one in seen[place]} != {one.lower() for one in wanted}
        }
        return differing | {".".join(place): (said, "") for place, said in self._unasked(policy)}

    def _unasked(self, policy: JsonObject) -> Iterator[tuple[tuple[str, ...], str]]:
        above = {place[:depth] for place in self._places() for depth in range(len(place))}
        waiting = [((name,), _said(policy.get(name))) for name in _DECIDING]
        while waiting:
            place, found = waiting.pop(0)
            if place in above and is_object(found):
                waiting += [((*place, name), value) for name, value in found.items()]
            elif found and place not in self._places():
                yield place, ", ".join(_texts(found))

    def _places(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        users, applications = ("conditions", "users"), ("conditions", "applications")
        guests = (*users, "excludeGuestsOrExternalUsers")
        return {
            ("state",): (self.state,),
            (*users, "includeUsers"): (EVERYBODY,),
            (*users, "excludeUsers"): self.spared_users,
            (*users, "excludeGroups"): self.spared_groups,
            (*guests, "guestOrExternalUserTypes"): self.spared_guests,
            (*guests, "externalTenants", "membershipKind"): (EVERY_TENANT,) if self.spared_guests else (),
            (*applications, "includeApplications"): self.applications,
            ("conditions", "insiderRiskLevels"): (self.risk,),
            ("conditions", "clientAppTypes"): (EVERY_CLIENT,),
            ("grantControls", "operator"): (EITHER,),
            ("grantControls", "builtInControls"): (self.control,),
        }


def _said(value: Any) -> Any:
    """A value without what is empty in it, and without Graph's own remarks."""
    if not is_object(value):
        return value
    inner = {name: _said(one) for name, one in value.items() if "@odata." not in name}
    return {name: one for name, one in inner.items() if one}


def _texts(value: Any) -> list[str]:
    """Several words, which Graph writes as a list or as one text with commas."""
    if isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    if is_list(value):
        return [str(one) for one in value]
    return [json.dumps(value)] if value else []
