"""``purview-ai drift`` says what a refresh of the engine says, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drift.sights import GONE, Said, changed_by, drift_of
from local_azure import people, seed
from local_azure.directory_roles import ROLES
from local_azure.people import Somebody
from people import ARM, GRAPH
from rights import give_deployer, give_graph, take_graph
from whole_chain import (
    ACCOUNT,
    ACTION_GROUP_ID,
    LOG_WORKSPACE_ID,
    SCAN,
    SCAN_API,
    SCAN_PATH,
    SECRET,
    TRIGGER,
    VAULT,
    WholeChain,
    let_the_deployer_make_resource_groups,
    let_the_deployer_make_service_principals,
    policy_for,
    remove_account,
    role_body,
    role_url,
    vault_body,
)

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

SOMEBODY, A_GROUP = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f50", "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51"
PRINCIPALS = f"{GRAPH}/v1.0/servicePrincipals"
RULES = {"api-version": "2025-01-01-preview"}
_SETTINGS = {"api-version": "2021-05-01-preview"}


def agreeing(tenant: Tenant) -> Said:
    """What drift says, once a refresh is known to say the same."""
    refresh = tenant.refresh()
    said = drift_of(tenant)
    assert said.changed == changed_by(refresh), refresh.output
    assert (said.code, refresh.code) in ((0, 0), (1, 7))
    assert said.stack["unknown"] == []
    return said


@pytest.mark.deployed
def test_it_agrees_with_a_refresh_on_what_somebody_changed_in_azure_entra_and_purview(
    tenant: Tenant, operator: Person
) -> None:
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))
    give_deployer(operator, "data-source-administrator")
    tenant.change(
        {
            "diagnostics": {"workspace": LOG_WORKSPACE_ID},
            "vault.tags": {"owner": "security", "cost": "42"},
            "vault.readers": {"users": [SOMEBODY]},
        }
    )
    tenant.up().must_succeed()
    operator.run_of()
    first = agreeing(tenant)
    assert first.changed == set()
    assert {"custody-vault", f"custody-reads-{SOMEBODY}", "diagnostics-vault", "chatgpt-run"} <= set(
        first.stack["covered"]
    )

    vault = operator.get(VAULT)
    vault["tags"] = {"owner": "somebody else", "Cost": "42"}
    vault["location"] = "West Europe"
    vault["properties"]["enabledForDeployment"] = True
    vault["properties"]["networkAcls"] |= {"bypass": "None", "ipRules": []}
    vault["properties"]["networkAcls"]["defaultAction"] = "Allow"
    operator.do("PUT", VAULT, json=vault)
    secret = {"value": seed.VENDOR_KEY, "contentType": "text/plain", "attributes": {"exp": 1900000000}}
    operator.do("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": secret, "tags": {"by": "hand"}})
    operator.do("DELETE", f"https://management.azure.com{tenant.recorded(f'custody-reads-{SOMEBODY}')['id']}")
    of_vault, of_account = (
        f"{scope}/providers/Microsoft.Insights/diagnosticSettings/purview-ai-sandbox" for scope in (VAULT, ACCOUNT)
    )
    operator.do("DELETE", of_vault, params=_SETTINGS)
    setting = operator.get(of_account, **_SETTINGS)
    setting["properties"]["logs"] = [{"categoryGroup": "allLogs", "enabled": True}]
    operator.do("PUT", of_account, params=_SETTINGS, json=setting)
    operator.do("DELETE", WholeChain(operator).granted(seed.GRAPH))
    scan_before = operator.get(SCAN)
    for url, place, value in (
        (f"{SCAN_API}/azureKeyVaults/sandbox-kv-contoso-ai", ("baseUrl",), "https://kv-two.vault.azure.net/"),
        (f"{SCAN_API}/datasources/chatgpt", ("collection", "referenceName"), seed.ACCOUNT),
        (SCAN, ("firstLight",), "2026-02-01T00:00:00Z"),
        (TRIGGER, ("recurrence", "interval"), 3),
    ):
        body = operator.get(url)
        *above, last = place
        inner = body["properties"]
        for step in above:
            inner = inner[step]
        inner[last] = value
        operator.do("PUT", url, json=body)
    said = agreeing(tenant)
    assert said.code == 1
    assert {
        ("custody-vault", "tags"),
        ("custody-vault", "properties"),
        (f"custody-reads-{SOMEBODY}", GONE),
        ("diagnostics-vault", GONE),
        ("diagnostics-account", "logs"),
        ("grants-read-users", GONE),
        ("custody-connection", "base_url"),
        ("chatgpt-source", "collection"),
        ("chatgpt-scan", "properties"),
        ("chatgpt-trigger", "interval"),
    } <= said.changed
    assert seed.VENDOR_KEY not in said.out + said.err
    paths = {
        one["field"]: (one["was"], one["now"]) for one in said.stack["changes"] if one["resource"] == "custody-vault"
    }
    assert paths["tags.owner"] == ("security", "somebody else")
    assert paths["properties.networkAcls.bypass"] == ("AzureServices", "None")

    # No deployment gives a scan another first day.
    operator.do("PUT", SCAN, json=scan_before)
    tenant.up("--refresh").must_succeed()
    assert agreeing(tenant).changed == set()
    assert operator.run_again(SCAN_PATH)["status"] == "Succeeded"
    assert agreeing(tenant).changed == set()


@pytest.mark.deployed
def test_it_agrees_on_conditional_access_and_people(tenant: Tenant, operator: Person) -> None:
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All"),
    )
    first, second = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:2])
    group = {"display_name": "Compliance", "owners": [first], "members": [first, second]}
    access = {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [first, second]}}
    roles = {"directory_roles": ["Compliance Administrator"]}
    tenant.change({"governance": {"conditional_access": access, "people": {"groups": {"compliance": group | roles}}}})
    tenant.up().must_succeed()
    whole = agreeing(tenant)
    assert whole.changed == set()
    assert {"conditional-access-policy", "people-compliance"} <= set(whole.stack["covered"])

    policy, made = (tenant.recorded(name)["id"] for name in ("conditional-access-policy", "people-compliance"))
    conditions = operator.get(f"{GRAPH}/v1.0{policy}")["conditions"]
    conditions["users"] |= {"excludeUsers": [first], "excludeRoles": [ROLES["Global Administrator"]]}
    operator.do("PATCH", f"{GRAPH}/v1.0{policy}", json={"state": "disabled", "conditions": conditions})
    operator.do("DELETE", f"{GRAPH}/v1.0{made}/members/{second}/$ref")
    operator.do("DELETE", f"{GRAPH}/v1.0{tenant.recorded('people-compliance-compliance-administrator')['id']}")
    said = agreeing(tenant)
    assert said.changed == {
        ("conditional-access-policy", "state"),
        ("conditional-access-policy", "conditions"),
        ("people-compliance", "members"),
        ("people-compliance-compliance-administrator", GONE),
    }
    assert {one["field"] for one in said.stack["changes"]} >= {
        "conditions.users.excludedUsers",
        "conditions.users.excludedRoles",
    }
    take_graph(operator, "Policy.Read.All")
    blind = drift_of(tenant)
    [left] = blind.stack["unknown"]
    assert left["resource"] == "conditional-access-policy"
    assert "Who looks needs the Graph permission Policy.Read.All" in left["why"]


def test_it_agrees_on_access_policies_within_a_vault_of_the_stack(tenant: Tenant, operator: Person) -> None:
    tenant.change({"vault.access": "access-policy", "vault.administrators": {"groups": [A_GROUP]}})
    tenant.up().must_succeed()
    assert agreeing(tenant).changed == set()
    vault = operator.get(VAULT)
    policies: list[dict[str, Any]] = vault["properties"]["accessPolicies"]
    vault["properties"]["accessPolicies"] = list(reversed(policies))
    operator.do("PUT", VAULT, json=vault)
    assert agreeing(tenant).changed == set()
    for one in policies:
        if one["objectId"] == seed.PURVIEW_IDENTITY:
            one["permissions"] = {"secrets": ["get"]}
    vault["properties"]["accessPolicies"] = [one for one in policies if one["objectId"] != A_GROUP]
    operator.do("PUT", VAULT, json=vault)
    assert agreeing(tenant).changed == {("custody-vault", "properties")}


def test_it_agrees_on_access_policies_in_somebody_elses_vault(tenant: Tenant, operator: Person) -> None:
    theirs = {"enableRbacAuthorization": False, "accessPolicies": [policy_for(seed.OPERATOR_ID, "all")]}
    operator.do("PUT", VAULT, json=vault_body(**theirs))
    tenant.change(
        {
            "vault.existing": True,
            "vault.network": None,
            "vault.allow_from": None,
            "vault.soft_delete_days": None,
            "vault.access": "access-policy",
        }
    )
    tenant.up().must_succeed()
    assert agreeing(tenant).changed == set()
    vault = operator.get(VAULT)
    policies = {one["objectId"]: one for one in vault["properties"]["accessPolicies"]}
    policies[seed.PURVIEW_IDENTITY]["permissions"] = {"secrets": ["get", "list", "set"]}
    policies.pop(seed.DEPLOYER_ID, None)
    vault["properties"]["accessPolicies"] = list(policies.values())
    operator.do("PUT", VAULT, json=vault)
    found = agreeing(tenant).changed
    assert {field for _, field in found} <= {"policy", GONE}
    assert found


def test_it_agrees_on_what_a_stack_makes_only_when_asked(tenant: Tenant, operator: Person) -> None:
    """Alert rules, a resource group, a service principal and a Purview account."""
    operator.do("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_API}")
    let_the_deployer_make_service_principals(operator)
    let_the_deployer_make_resource_groups(operator)
    remove_account(operator)
    tenant.change(
        {
            "purview.account": "new-purview",
            "purview.collection": "new-purview",
            "purview.create": True,
            "purview.deployer_access": True,
            "grants": {"create_service_principal": True},
            "vault.resource_group": "rg-new",
            "vault.create_resource_group": True,
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False},
            "alerts": {"no_success_for_hours": 36, "action_groups": [ACTION_GROUP_ID]},
            "protect": False,
        }
    )
    tenant.up().must_succeed()
    made = {"grants-service-principal", "custody-group", "alerts-failed-run", "alerts-no-success-chatgpt"}
    first = agreeing(tenant)
    assert first.changed == set()
    assert made | {"purview-account"} <= set(first.stack["covered"])

    for name, body in {
        "alerts-failed-run": {"tags": {"owner": "somebody else"}},
        "alerts-no-success-chatgpt": {"properties": {"severity": 4, "autoMitigate": False}},
    }.items():
        operator.do("PATCH", f"{ARM}{tenant.recorded(name)['id']}", params=RULES, json=body)
    group, account = (f"{ARM}{tenant.recorded(name)['id']}" for name in ("custody-group", "purview-account"))
    operator.do("PATCH", group, params={"api-version": "2025-04-01"}, json={"tags": {"cost": "42"}})
    operator.do("PATCH", account, params={"api-version": "2021-12-01"}, json={"tags": {"cost": "42"}})
    principal = tenant.recorded("grants-service-principal")["outputs"]["objectId"]
    operator.do("PATCH", f"{PRINCIPALS}/{principal}", json={"accountEnabled": False})
    assert agreeing(tenant).changed == {
        ("alerts-failed-run", "tags"),
        ("alerts-no-success-chatgpt", "severity"),
        ("alerts-no-success-chatgpt", "autoMitigate"),
        ("custody-group", "tags"),
        ("purview-account", "tags"),
        ("grants-service-principal", "accountEnabled"),
    }


@pytest.mark.deployed
def test_it_agrees_on_cases_of_ediscovery(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, "eDiscovery.ReadWrite.All")
    searches = {name: {"app": "chatgpt-enterprise"} for name in ("one", "two")}
    tenant.change({"governance": {"ediscovery": {"case": {"name": "AI interactions"}, "searches": searches}}})
    tenant.up().must_succeed()
    first = agreeing(tenant)
    assert first.changed == set()
    assert {"ediscovery-case", "ediscovery-search-one", "ediscovery-search-two"} <= set(first.stack["covered"])

    cases = f"{GRAPH}/v1.0/security/cases/ediscoveryCases"
    [case] = operator.get(cases)["value"]
    own = f"{cases}/{case['id']}"
    one, two = operator.get(f"{own}/searches")["value"]
    operator.ask("PATCH", own, json={"displayName": "Renamed"})
    operator.ask("PATCH", f"{own}/searches/{one['id']}", json={"contentQuery": "x"})
    operator.ask("DELETE", f"{own}/searches/{two['id']}")
    names = {found["id"]: found["displayName"] for found in (one, two)}
    assert agreeing(tenant).changed == {
        ("ediscovery-case", "name"),
        (f"ediscovery-search-{names[one['id']]}", "query"),
        (f"ediscovery-search-{names[two['id']]}", GONE),
    }
