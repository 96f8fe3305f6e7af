"""Conditional Access and the people around the scan: declared, seen to drift, and gone again without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH, Person
from rights import give_graph, take_graph

if TYPE_CHECKING:
    from tenants import Tenant

POLICIES = f"{GRAPH}/v1.0/identity/conditionalAccess/policies"
GROUPS = f"{GRAPH}/v1.0/groups"
ROLES = f"{GRAPH}/v1.0/roleManagement/directory/roleAssignments"
EMERGENCY, OWNER, MEMBER, VIEWER = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:4])
COMPLIANCE_ADMINISTRATOR = "17315797-102d-40b4-93e0-432062caca18"
ACCESS: dict[str, Any] = {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}}
COMPLIANCE: dict[str, Any] = {
    "display_name": "Purview AI - compliance",
    "owners": [OWNER],
    "members": [MEMBER, OWNER],
    "directory_roles": ["Compliance Administrator"],
}
VIEWERS: dict[str, Any] = {
    "display_name": "Purview AI - content viewers",
    "description": "Read prompts and responses",
    "owners": [OWNER],
    "members": [VIEWER],
    "role_groups": ["Content Explorer Content Viewer"],
}
PEOPLE = {"groups": {"compliance": COMPLIANCE, "viewers": VIEWERS}}
ALL_PERMISSIONS = (
    "Policy.Read.All",
    "Policy.ReadWrite.ConditionalAccess",
    "Group.ReadWrite.All",
    "User.Read.All",
    "RoleManagement.ReadWrite.Directory",
)
OF_PEOPLE = {"people-compliance", "people-compliance-compliance-administrator", "people-viewers"}
POLICY = "conditional-access-policy"
OF_THE_SCAN = ("chatgpt-source", "chatgpt-scan", "chatgpt-run")


def policies(operator: Person) -> list[dict[str, Any]]:
    return operator.get(POLICIES)["value"]


def groups(operator: Person) -> dict[str, dict[str, Any]]:
    return {one["displayName"]: one for one in operator.get(GROUPS)["value"]}


def members(operator: Person, group: str) -> set[str]:
    return {one["id"] for one in operator.get(f"{GROUPS}/{group}/members")["value"]}


def settled(tenant: Tenant) -> None:
    """Neither a preview nor a refresh has anything to say."""
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}


@pytest.mark.deployed
def test_governance_is_switched_on_and_off_without_a_step_on_source_and_scan(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    assert operator.run_of()["status"] == "Succeeded"
    before = [tenant.recorded(name)["outputs"] for name in OF_THE_SCAN]

    tenant.change({"governance": {"conditional_access": ACCESS, "people": PEOPLE}})
    tenant.azure.forget_requests()
    assert tenant.preview().must_succeed().steps == dict.fromkeys({POLICY, *OF_PEOPLE}, "create")
    assert tenant.writes() == []
    done = tenant.up().must_succeed()
    assert done.steps == dict.fromkeys({POLICY, *OF_PEOPLE}, "create")
    assert {line.split()[1].partition("/")[0] for line in tenant.writes()} == {"graph.microsoft.com"}
    settled(tenant)

    [policy] = policies(operator)
    assert policy["displayName"] == "purview-ai sandbox: insider risk"
    assert policy["state"] == "enabledForReportingButNotEnforced"
    assert policy["grantControls"]["builtInControls"] == ["block"]
    conditions = policy["conditions"]
    assert conditions["insiderRiskLevels"] == "elevated"
    assert conditions["applications"]["includeApplications"] == [seed.CHATGPT_APP]
    users = conditions["users"]
    assert (users["includeUsers"], users["excludeUsers"]) == (["All"], [EMERGENCY])
    assert users["excludeGuestsOrExternalUsers"] == {
        "guestOrExternalUserTypes": "b2bDirectConnectUser,otherExternalUser,serviceProvider",
        "externalTenants": {"membershipKind": "all"},
    }
    made = groups(operator)
    compliance, viewers = made["Purview AI - compliance"], made["Purview AI - content viewers"]
    assert (compliance["isAssignableToRole"], viewers["isAssignableToRole"]) == (True, None)
    assert members(operator, compliance["id"]) == {MEMBER, OWNER}
    assert members(operator, viewers["id"]) == {VIEWER}
    [role] = operator.get(ROLES)["value"]
    assert (role["roleDefinitionId"], role["principalId"]) == (COMPLIANCE_ADMINISTRATOR, compliance["id"])
    assert 'put the Entra group "Purview AI - content viewers" into Content Explorer Content Viewer' in done.words

    tenant.change({"governance": None})
    tenant.azure.forget_requests()
    assert tenant.up().must_succeed().steps == dict.fromkeys({POLICY, *OF_PEOPLE}, "delete")
    assert {line.split()[1].partition("/")[0] for line in tenant.writes()} == {"graph.microsoft.com"}
    assert (policies(operator), groups(operator), operator.get(ROLES)["value"]) == ([], {}, [])
    assert [tenant.recorded(name)["outputs"] for name in OF_THE_SCAN] == before
    settled(tenant)


@pytest.mark.deployed
def test_drift_is_found_by_a_refresh_and_put_right(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    tenant.change({"governance": {"conditional_access": ACCESS, "people": PEOPLE}})
    tenant.up().must_succeed()
    [policy] = policies(operator)
    url = f"{POLICIES}/{policy['id']}"

    # Somebody lets it loose on everybody, the emergency account too.
    everybody = {**policy["conditions"]["users"], "excludeUsers": []}
    operator.do("PATCH", url, json={"state": "enabled", "conditions": {"users": everybody}})
    viewers = groups(operator)["Purview AI - content viewers"]["id"]
    added = {"@odata.id": f"{GRAPH}/v1.0/directoryObjects/{seed.OPERATOR_ID}"}
    operator.do("POST", f"{GROUPS}/{viewers}/members/$ref", json=added)
    drifted = tenant.refresh()
    assert drifted.code != 0
    assert drifted.steps == {POLICY: "update", "people-viewers": "update"}

    assert tenant.up("--refresh").must_succeed().code == 0
    [repaired] = policies(operator)
    assert repaired["id"] == policy["id"]
    assert repaired["state"] == "enabledForReportingButNotEnforced"
    assert repaired["conditions"]["users"]["excludeUsers"] == [EMERGENCY]
    assert members(operator, viewers) == {VIEWER}
    settled(tenant)

    operator.do("DELETE", url)
    assert tenant.refresh().steps == {POLICY: "delete"}
    tenant.up("--refresh").must_succeed()
    assert len(policies(operator)) == 1
    tenant.destroy().must_succeed()
    assert (policies(operator), groups(operator), operator.get(ROLES)["value"]) == ([], {}, [])


@pytest.mark.deployed
def test_a_policy_and_its_people_change_in_place(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    tenant.change({"governance": {"conditional_access": ACCESS, "people": {"groups": {"viewers": VIEWERS}}}})
    tenant.up().must_succeed()
    [before], viewers = policies(operator), groups(operator)["Purview AI - content viewers"]["id"]
    changed = {**ACCESS, "state": "enabled", "action": "mfa", "risk": "moderate", "exclude_external_users": False}
    tenant.change(
        {
            "governance.conditional_access": {**changed, "break_glass": {"groups": [viewers]}},
            "governance.people.groups.viewers": {
                **VIEWERS,
                "members": [MEMBER],
                "owners": [EMERGENCY],
                "description": "",
            },
        }
    )
    done = tenant.up().must_succeed()
    assert done.steps == {POLICY: "update", "people-viewers": "update"}
    assert "must prove again who they are" in done.words
    told = f"break_glass.groups names people.groups.viewers, which this stack makes ({viewers})"
    assert told in done.words
    assert told in tenant.preview().must_succeed().words
    settled(tenant)
    [after] = policies(operator)
    assert (after["id"], after["state"]) == (before["id"], "enabled")
    assert after["grantControls"]["builtInControls"] == ["mfa"]
    assert after["conditions"]["insiderRiskLevels"] == "moderate"
    users = after["conditions"]["users"]
    assert (users["excludeUsers"], users["excludeGroups"]) == ([], [viewers])
    assert users["excludeGuestsOrExternalUsers"] is None
    assert members(operator, viewers) == {MEMBER}
    owners = operator.get(f"{GROUPS}/{viewers}/owners")["value"]
    assert [one["id"] for one in owners] == [EMERGENCY]


@pytest.mark.deployed
def test_a_group_that_gets_its_first_role_is_made_anew(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    tenant.change({"governance": {"people": {"groups": {"viewers": VIEWERS}}}})
    tenant.up().must_succeed()
    before = groups(operator)["Purview AI - content viewers"]["id"]
    tenant.change({"governance.people.groups.viewers": {**VIEWERS, "directory_roles": ["Security Reader"]}})
    tenant.up().must_succeed()
    made = groups(operator)["Purview AI - content viewers"]
    assert made["id"] != before
    assert made["isAssignableToRole"] is True
    settled(tenant)


@pytest.mark.parametrize(
    ("permission", "block", "words", "page"),
    [
        (
            "Policy.ReadWrite.ConditionalAccess",
            {"conditional_access": ACCESS},
            'Conditional Access policy "purview-ai sandbox: insider risk" was not made or changed The identity that',
            "docs/troubleshooting.md#conditional-access",
        ),
        (
            "Group.ReadWrite.All",
            {"people": {"groups": {"viewers": VIEWERS}}},
            'sandbox: group "Purview AI - content viewers" was not made or changed The identity that deploys needs',
            "docs/troubleshooting.md#people",
        ),
    ],
)
def test_who_may_not_is_told_once_what_is_needed(
    tenant: Tenant, operator: Person, permission: str, block: dict[str, Any], words: str, page: str
) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    take_graph(operator, permission)
    tenant.change({"governance": block})
    refused = tenant.up().must_fail()
    assert refused.words.count(words) == 1, refused.output
    assert page in refused.words
    assert f"needs the Graph permissions {permission} and " in refused.words
    # The scan is there all the same.
    assert operator.run_of()["status"] == "Succeeded"
    give_graph(operator, permission)
    tenant.up().must_succeed()
    settled(tenant)


@pytest.mark.deployed
def test_what_entra_refuses_is_told_with_the_setting(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, *ALL_PERMISSIONS)
    for changes, words in (
        ({"applications": [seed.CHATGPT_ID]}, "holds application ids of enterprise applications in this tenant"),
        ({"break_glass": {"users": [seed.CHATGPT_ID]}}, "break_glass.users holds object ids of users"),
        ({"break_glass": {"groups": [EMERGENCY]}}, "break_glass.groups holds object ids of groups"),
    ):
        tenant.change({"governance": {"conditional_access": {**ACCESS, **changes}}})
        assert words in tenant.up().must_fail().words
    operator.do(
        "POST",
        GROUPS,
        json={
            "displayName": "PURVIEW AI - content viewers",
            "mailEnabled": False,
            "mailNickname": "x",
            "securityEnabled": True,
        },
    )
    tenant.change({"governance": {"people": {"groups": {"viewers": VIEWERS}}}})
    assert "A group of this name is there already and is left as it is" in tenant.up().must_fail().words
    assert policies(operator) == []


@pytest.mark.parametrize(
    ("changes", "field", "reason", "fix"),
    [
        ({"break_glass": None}, "conditional_access.break_glass", "it is missing", "no policy without them"),
        ({"state": "enabled", "break_glass": None}, "conditional_access.break_glass", "it is missing", "without them"),
        (
            {"state": "enabled", "break_glass": {"users": []}},
            "conditional_access.break_glass",
            "it names nobody, and a policy without an emergency account can lock everybody out",
            "object ids of users, groups or both",
        ),
        ({"applications": ["All"]}, "conditional_access.applications", "all_resources: true alone", "Application ID"),
        ({"applications": []}, "conditional_access.applications", "it names none", "Application ID"),
        ({"all_resources": True}, "conditional_access.applications", "take one of the two out", "ChatGPT Enterprise"),
        (
            {"state": "on"},
            "conditional_access.state = 'on'",
            "report-only, enabled or disabled",
            "Begin with report-only",
        ),
    ],
)
def test_dangerous_settings_are_refused_before_anything_is_sent(
    tenant: Tenant, changes: dict[str, Any], field: str, reason: str, fix: str
) -> None:
    block = {name: value for name, value in {**ACCESS, **changes}.items() if value is not None}
    tenant.change({"governance": {"conditional_access": block}})
    refused = tenant.preview().must_fail()
    for words in (f"governance.{field}", reason, fix):
        assert words in refused.words, refused.words
    assert "1 setting is wrong" in refused.words
    assert tenant.azure.requests() == []
