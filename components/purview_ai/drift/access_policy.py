"""A Conditional Access policy as Graph has it, in the inputs of the resource (docs/facts.md, providers 59 and 90)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_object

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

_SIDES = {"included": "include", "excluded": "exclude"}
_PEOPLE = ("Users", "Groups", "Roles")
_GUESTS = "GuestsOrExternalUsers"
_ALIKE = (
    "clientAppTypes",
    "clientApplications",
    "devices",
    "insiderRiskLevels",
    "locations",
    "platforms",
    "servicePrincipalRiskLevels",
    "signInRiskLevels",
    "userRiskLevels",
)
"""Called alike in both. Places, devices and their like no stack of this package asks for: any would be a change."""


def as_inputs(policy: JsonObject) -> JsonObject:
    """The blocks that a policy stands for, with whatever somebody else put into them."""
    found = _block(policy, "conditions")
    applications, users = _block(found, "applications"), _block(found, "users")
    controls = _block(policy, "grantControls")
    return {
        "conditions": {
            **{name: found.get(name) for name in _ALIKE},
            "authenticationFlowTransferMethods": _words(_block(found, "authenticationFlows").get("transferMethods")),
            "applications": {
                "includedApplications": applications.get("includeApplications"),
                "excludedApplications": applications.get("excludeApplications"),
                "includedUserActions": applications.get("includeUserActions"),
                "filter": applications.get("applicationFilter"),
            },
            "users": {
                **{f"{ours}{who}": users.get(f"{theirs}{who}") for ours, theirs in _SIDES.items() for who in _PEOPLE},
                **{f"{ours}{_GUESTS}": _guests(users.get(f"{theirs}{_GUESTS}")) for ours, theirs in _SIDES.items()},
            },
        },
        "grantControls": {
            "operator": controls.get("operator"),
            "builtInControls": controls.get("builtInControls"),
            "customAuthenticationFactors": controls.get("customAuthenticationFactors"),
            "termsOfUses": controls.get("termsOfUse"),
            "authenticationStrengthPolicyId": _block(controls, "authenticationStrength").get("id"),
        },
        "sessionControls": policy.get("sessionControls"),
    }


def _guests(found: Any) -> list[JsonObject]:
    if not is_object(found):
        return []
    kinds = _words(found.get("guestOrExternalUserTypes"))
    tenants = _block(found, "externalTenants")
    told = {"membershipKind": tenants.get("membershipKind"), "members": tenants.get("members")}
    return [{"guestOrExternalUserTypes": kinds, "externalTenants": [told] if tenants else []}]


def _words(text: Any) -> list[str]:
    """Several words, which Graph writes as one text with commas."""
    return [one.strip() for one in str(text or "").split(",") if one.strip()]


def _block(values: JsonObject, name: str) -> JsonObject:
    inner = values.get(name)
    return inner if is_object(inner) else {}
