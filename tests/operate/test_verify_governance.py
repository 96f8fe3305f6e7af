"""``purview-ai verify`` on what is declared around the scan: as declared, changed by somebody, gone, not to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from command_line import STRANGER, Said, said
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH, Person
from purview_ai.inspection.governance import roles_off
from purview_ai.settings.people import DirectoryRole, GroupSettings
from rights import give_graph

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenants import Tenant

    Undo = Callable[[], object]
    Break = Callable[[Tenant, Person], Undo]

GOOD, FAILED, _, UNKNOWN, _ = range(5)
V1 = f"{GRAPH}/v1.0"
POLICIES = f"{V1}/identity/conditionalAccess/policies"
CASES = f"{V1}/security/cases/ediscoveryCases"
EMERGENCY, OWNER, MEMBER = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:3])
GROUP = {"display_name": "Bob's compliance", "owners": [OWNER], "members": [MEMBER]}
GOVERNANCE: dict[str, Any] = {
    "conditional_access": {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}},
    "people": {"groups": {"compliance": {**GROUP, "directory_roles": ["Compliance Administrator"]}}},
    "ediscovery": {
        "case": {"name": "AI interactions", "number": "2026-017"},
        "searches": {"chatgpt": {"app": "chatgpt-enterprise"}},
    },
}
LINKS = {
    "governance.access",
    "governance.group.compliance",
    "governance.roles.compliance",
    "governance.case",
    "governance.search.chatgpt",
}


@pytest.fixture(scope="module")
def governed(deployed: tuple[Tenant, Person]) -> tuple[Tenant, Person]:
    """For tests that put back what they break."""
    tenant, operator = deployed
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All", "eDiscovery.ReadWrite.All"),
    )
    tenant.change({"governance": GOVERNANCE})
    tenant.up().must_succeed()
    return tenant, operator


def verified(tenant: Tenant, **environment: str) -> Said:
    return said(tenant, "verify", "--json", "--search", "0", **environment)


def around(told: Said) -> dict[str, str]:
    """The verdicts on what is declared around the scan."""
    return {link: is_ for link, is_ in told.verdicts.items() if link.startswith("governance.")}


def test_what_is_declared_is_looked_at_and_nothing_is_changed(governed: tuple[Tenant, Person]) -> None:
    tenant, _ = governed
    tenant.azure.forget_requests()
    told = verified(tenant)
    assert around(told) == dict.fromkeys(LINKS, "passed")
    assert all(told.finding(link)["evidence"] for link in LINKS)
    wrote = {r["path"] for r in tenant.azure.requests() if r["method"] != "GET" and r["service"] != "login"}
    assert wrote <= {"/v1.0/security/auditLog/queries"}


def _patched(operator: Person, url: str, changes: dict[str, Any], before: dict[str, Any]) -> Undo:
    operator.do("PATCH", url, json=changes)
    return lambda: operator.do("PATCH", url, json=before)


def _spare_nobody(tenant: Tenant, operator: Person) -> Undo:
    url = f"{V1}{tenant.recorded('conditional-access-policy')['id']}"
    users = operator.get(url)["conditions"]["users"]
    bare = {"conditions": {"users": {**users, "excludeUsers": []}}}
    return _patched(operator, url, bare, {"conditions": {"users": users}})


def _put_in_force(tenant: Tenant, operator: Person) -> Undo:
    url = f"{V1}{tenant.recorded('conditional-access-policy')['id']}"
    return _patched(operator, url, {"state": "enabled"}, {"state": "enabledForReportingButNotEnforced"})


def _rename_policy(tenant: Tenant, operator: Person) -> Undo:
    url = f"{V1}{tenant.recorded('conditional-access-policy')['id']}"
    return _patched(operator, url, {"displayName": "Mine"}, {"displayName": operator.get(url)["displayName"]})


def _join(tenant: Tenant, operator: Person) -> Undo:
    members = f"{V1}{tenant.recorded('people-compliance')['id']}/members"
    operator.do("POST", f"{members}/$ref", json={"@odata.id": f"{V1}/directoryObjects/{EMERGENCY}"})
    return lambda: operator.do("DELETE", f"{members}/{EMERGENCY}/$ref")


def _take_role(_: Tenant, operator: Person) -> Undo:
    held = f"{V1}/roleManagement/directory/roleAssignments"
    [role] = operator.get(held)["value"]
    operator.do("DELETE", f"{held}/{role['id']}")
    again = {name: role[name] for name in ("roleDefinitionId", "principalId", "directoryScopeId")}
    return lambda: operator.do("POST", held, json=again)


def _one_more_role(_: Tenant, operator: Person) -> Undo:
    held = f"{V1}/roleManagement/directory/roleAssignments"
    [role] = operator.get(held)["value"]
    more = {"roleDefinitionId": DirectoryRole.SECURITY_READER.role_id, "directoryScopeId": "/"}
    made = operator.do("POST", held, json={"principalId": role["principalId"], **more})
    return lambda: operator.do("DELETE", f"{held}/{made['id']}")


def _copy_policy(tenant: Tenant, operator: Person) -> Undo:
    found = operator.get(f"{V1}{tenant.recorded('conditional-access-policy')['id']}")
    copied = {name: found[name] for name in ("displayName", "state", "conditions", "grantControls")}
    made = operator.do("POST", POLICIES, json=copied)
    return lambda: operator.do("DELETE", f"{POLICIES}/{made['id']}")


def _namesake(_: Tenant, operator: Person) -> Undo:
    body = {"mailEnabled": False, "mailNickname": "x", "securityEnabled": True}
    made = operator.do("POST", f"{V1}/groups", json={"displayName": "Bob's compliance", **body})
    return lambda: operator.do("DELETE", f"{V1}/groups/{made['id']}")


def _rewrite_query(_: Tenant, operator: Person) -> Undo:
    [case] = operator.get(CASES)["value"]
    [search] = operator.get(f"{CASES}/{case['id']}/searches")["value"]
    url = f"{CASES}/{case['id']}/searches/{search['id']}"
    return _patched(operator, url, {"contentQuery": "x"}, {"contentQuery": search["contentQuery"]})


def _rename_case(_: Tenant, operator: Person) -> Undo:
    [case] = operator.get(CASES)["value"]
    return _patched(operator, f"{CASES}/{case['id']}", {"displayName": "Mine"}, {"displayName": "AI interactions"})


def _hollowed(**parts: Any) -> Break:
    """Somebody puts something into blocks of the policy, which leaves people out or lets them in."""

    def breaks(tenant: Tenant, operator: Person) -> Undo:
        url = f"{V1}{tenant.recorded('conditional-access-policy')['id']}"
        found = operator.get(url)
        before = {name: found[name] for name in ("conditions", "grantControls", "sessionControls")}
        return _patched(operator, url, {name: _merged(before[name], part) for name, part in parts.items()}, before)

    breaks.__name__ = "_".join(_names(parts))
    return breaks


def _merged(before: Any, part: dict[str, Any]) -> dict[str, Any]:
    inner = {name: _merged((before or {}).get(name), one) if name in _BLOCKS else one for name, one in part.items()}
    return {**(before or {}), **inner}


_BLOCKS = ("applications", "users")


def _names(part: dict[str, Any]) -> list[str]:
    return [name for at, one in part.items() for name in (at, *(_names(one) if isinstance(one, dict) else ()))]


_SOME_TENANTS = {
    "guestOrExternalUserTypes": "b2bDirectConnectUser,otherExternalUser,serviceProvider",
    "externalTenants": {"membershipKind": "enumerated", "members": [seed.TENANT]},
}
_FILTER = {"mode": "exclude", "rule": 'CustomSecurityAttribute.A_B -eq "x"'}
HOLLOWED: list[tuple[Break, str]] = [
    (_hollowed(conditions={"clientAppTypes": ["browser"]}), "conditions.clientAppTypes is 'browser' and not 'all'"),
    (
        _hollowed(conditions={"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
        "conditions.authenticationFlows is '{\"transferMethods\": \"deviceCodeFlow\"}' and not ''",
    ),
    (
        _hollowed(conditions={"applications": {"applicationFilter": _FILTER}}),
        "conditions.applications.applicationFilter",
    ),
    (
        _hollowed(conditions={"users": {"excludeGuestsOrExternalUsers": _SOME_TENANTS}}),
        "externalTenants.membershipKind is 'enumerated' and not 'all'",
    ),
    (_hollowed(conditions={"users": {"excludeRoles": [OWNER]}}), f"conditions.users.excludeRoles is '{OWNER}'"),
    (_hollowed(conditions={"locations": {"excludeLocations": ["AllTrusted"]}}), "conditions.locations is"),
    (
        _hollowed(conditions={"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}}),
        "conditions.clientApplications is",
    ),
    (_hollowed(grantControls={"operator": "AND"}), "grantControls.operator is 'AND' and not 'OR'"),
    (
        _hollowed(sessionControls={"signInFrequency": {"isEnabled": True, "value": 4, "type": "hours"}}),
        "sessionControls is",
    ),
    (_hollowed(conditions={"users": {"ofTomorrow": ["somebody"]}}), "conditions.users.ofTomorrow is 'somebody'"),
]
BROKEN: list[tuple[Break, str, str]] = [
    (_spare_nobody, "governance.access", f"excludeUsers is '' and not '{EMERGENCY}'"),
    (_put_in_force, "governance.access", "state is 'enabled' and not 'enabledForReportingButNotEnforced'"),
    (_rename_policy, "governance.access", "Entra has no policy of this name"),
    (_join, "governance.group.compliance", EMERGENCY),
    (_namesake, "governance.group.compliance", "2 groups have this name"),
    (_copy_policy, "governance.access", "2 policies have this name"),
    (_one_more_role, "governance.roles.compliance", "it also holds Security Reader on /"),
    (_take_role, "governance.roles.compliance", "it does not hold Compliance Administrator"),
    (_rename_case, "governance.case", "Graph shows no such eDiscovery case"),
    *((breaks, "governance.access", words) for breaks, words in HOLLOWED),
    (_rewrite_query, "governance.search.chatgpt", "query is 'x' and not '(ItemClass:"),
]


@pytest.mark.parametrize(("breaks", "link", "words"), BROKEN, ids=[one.__name__.strip("_") for one, _, _ in BROKEN])
def test_what_somebody_changed_is_told(governed: tuple[Tenant, Person], breaks: Break, link: str, words: str) -> None:
    tenant, operator = governed
    undo = breaks(tenant, operator)
    try:
        told = verified(tenant)
    finally:
        undo()
    assert told.code == FAILED
    assert {one for one, verdict in around(told).items() if verdict == "failed"} == {link}
    assert words in told.finding(link)["reason"]
    assert told.finding(link)["remedy"]
    assert set(around(verified(tenant)).values()) == {"passed"}


def test_who_may_not_look_is_told_what_it_takes(governed: tuple[Tenant, Person]) -> None:
    told = verified(governed[0], **STRANGER)
    assert set(around(told).values()) == {"unknown"}
    for link, permission in (
        ("governance.access", "Policy.Read.All"),
        ("governance.group.compliance", "Group.Read.All"),
        ("governance.case", "eDiscovery.Read.All"),
    ):
        assert permission in told.finding(link)["remedy"]


def test_a_role_on_a_part_of_the_tenant_is_not_the_role() -> None:
    role = DirectoryRole.COMPLIANCE_ADMINISTRATOR
    group = GroupSettings(display_name="One", owners=(OWNER,), directory_roles=(role,))
    on_a_part = {"roleDefinitionId": role.role_id, "directoryScopeId": "/administrativeUnits/1"}
    assert roles_off(group, [on_a_part]) == ([role.value], [f"{role.value} on /administrativeUnits/1"])
    assert roles_off(group, [{**on_a_part, "directoryScopeId": "/"}]) == ([], [])
