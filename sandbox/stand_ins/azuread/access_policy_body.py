"""What a Conditional Access policy is in Graph, and in the inputs of a program (facts 59 and 90)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.values import is_object

if TYPE_CHECKING:
    from stand_ins.values import Value, Values

SIDES = {"included": "include", "excluded": "exclude"}
"""How both begin what is in and what is out."""
PEOPLE = ("Users", "Groups", "Roles")
GUESTS = "GuestsOrExternalUsers"
LISTS = ("servicePrincipalRiskLevels", "signInRiskLevels", "userRiskLevels")
"""Called alike in both, and always there."""
_APPLICATIONS = {
    "includedApplications": "includeApplications",
    "excludedApplications": "excludeApplications",
    "includedUserActions": "includeUserActions",
}
_CONTROLS = {
    "builtInControls": "builtInControls",
    "customAuthenticationFactors": "customAuthenticationFactors",
    "termsOfUses": "termsOfUse",
}
_PEOPLE_LISTS = {f"{side}{who}": f"{wire}{who}" for side, wire in SIDES.items() for who in PEOPLE}
_GUEST_BLOCKS = {f"{side}{GUESTS}": f"{wire}{GUESTS}" for side, wire in SIDES.items()}


def body_of(inputs: Values) -> Values:
    """All that is sent, with nothing where the program says nothing."""
    conditions = _block(inputs, "conditions")
    users, controls = _block(conditions, "users"), _block(inputs, "grantControls")
    sent: Values = {
        "applications": _sent(_block(conditions, "applications"), _APPLICATIONS),
        "authenticationFlows": None,
        "clientAppTypes": _list(conditions, "clientAppTypes"),
        "devices": None,
        "locations": None,
        "platforms": None,
        **{name: _list(conditions, name) for name in LISTS},
        "users": {
            **_sent(users, _PEOPLE_LISTS),
            **{wire: _guests_sent(_list(users, name)) for name, wire in _GUEST_BLOCKS.items()},
        },
    }
    if conditions.get("insiderRiskLevels"):
        sent["insiderRiskLevels"] = conditions["insiderRiskLevels"]
    return {
        "displayName": inputs["displayName"],
        "state": inputs["state"],
        "conditions": sent,
        "grantControls": {**_sent(controls, _CONTROLS), "operator": controls["operator"]} if controls else None,
        "sessionControls": None,
    }


def conditions_of(policy: Values) -> Values:
    """The block of conditions that a policy stands for."""
    found = _block(policy, "conditions")
    users = _block(found, "users")
    return {
        "applications": _read(_block(found, "applications"), _APPLICATIONS),
        "clientAppTypes": _list(found, "clientAppTypes"),
        "insiderRiskLevels": found.get("insiderRiskLevels") or "",
        **{name: _list(found, name) for name in LISTS},
        "users": {
            **_read(users, _PEOPLE_LISTS),
            **{name: _guests_read(_block(users, wire)) for name, wire in _GUEST_BLOCKS.items()},
        },
    }


def controls_of(policy: Values) -> Values | None:
    """The block of grant controls that a policy stands for."""
    found = _block(policy, "grantControls")
    return {"operator": found.get("operator") or "", **_read(found, _CONTROLS)} if found else None


def _guests_sent(blocks: list[Value]) -> Values | None:
    """One block, with the kinds as one text."""
    for block in blocks:
        sent: Values = {
            "guestOrExternalUserTypes": ",".join(_list(block, "guestOrExternalUserTypes")),
            "externalTenants": None,
        }
        for tenants in _list(block, "externalTenants"):
            kind = tenants["membershipKind"]
            members = {"members": _list(tenants, "members")} if kind == "enumerated" else {}
            sent["externalTenants"] = {"membershipKind": kind, **members}
        return sent
    return None


def _guests_read(found: Values) -> list[Values]:
    if not found:
        return []
    tenants = _block(found, "externalTenants")
    told = {"membershipKind": tenants.get("membershipKind") or "", "members": _list(tenants, "members")}
    kinds = [one.strip() for one in str(found.get("guestOrExternalUserTypes") or "").split(",")]
    return [{"guestOrExternalUserTypes": kinds, "externalTenants": [told] if tenants else []}]


def _sent(block: Values, names: dict[str, str]) -> Values:
    return {wire: _list(block, name) for name, wire in names.items()}


def _read(found: Values, names: dict[str, str]) -> Values:
    return {name: _list(found, wire) for name, wire in names.items()}


def _block(values: Values, name: str) -> Values:
    inner = values.get(name)
    return inner if is_object(inner) else {}


def _list(values: Values, name: str) -> list[Value]:
    return list(values.get(name) or [])
