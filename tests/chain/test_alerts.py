"""Alerts are what a stack file asks for: rules that search the workspace of its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from people import ARM
from whole_chain import (
    ACCOUNT,
    ACTION_GROUP_ID,
    GROUP,
    LOG_WORKSPACE_ID,
    SECRET,
    VAULT_NAME,
    VAULT_URL,
    WholeChain,
    role_body,
    role_url,
    rule_body,
)

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

VERSION = {"api-version": "2025-01-01-preview"}
RULES = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
LOGS = {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"}
ALL_THREE = {"no_success_for_hours": 36, "key_expires_within_days": 14, "action_groups": [ACTION_GROUP_ID]}
NAMES = {"alerts-failed-run", "alerts-no-success-chatgpt", "alerts-key-expiry"}
ONLY_KEYS = {"failed_run": False, "key_expires_within_days": 14}
THEIR_VAULT = {"resource_group": seed.TENANT_GROUP, "name": VAULT_NAME, "access": "rbac", "existing": True}
MONITORING_CONTRIBUTOR = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
KEY_VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"


def rules(operator: Person) -> dict[str, dict[str, Any]]:
    """What is in Azure, by name without the stack's."""
    found = operator.get(RULES, **VERSION)["value"]
    return {one["name"].removeprefix("purview-ai-sandbox-"): one["properties"] for one in found}


def condition(rule: dict[str, Any]) -> dict[str, Any]:
    [found] = rule["criteria"]["allOf"]
    return found


def let_the_deployer_send_the_accounts_logs(operator: Person) -> None:
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))


@pytest.mark.deployed
def test_alerts_are_made_kept_and_taken_out_as_the_stack_file_says(tenant: Tenant, operator: Person) -> None:
    let_the_deployer_send_the_accounts_logs(operator)
    tenant.change({"diagnostics": LOGS, "sources.chatgpt.scan.every": "1 day"})
    assert not NAMES & tenant.up().must_succeed().steps.keys()
    assert rules(operator) == {}

    tenant.change({"alerts": ALL_THREE, "sources.chatgpt.key.expires": "2027-06-30"})
    first = tenant.up().must_succeed()
    assert first.steps.keys() >= NAMES
    assert "alerts" not in first.words.partition("warning")[2]
    found = rules(operator)
    assert set(found) == {"failed-run", "no-success-chatgpt", "key-expiry"}
    for rule in found.values():
        assert rule["scopes"] == [LOG_WORKSPACE_ID]
        assert rule["actions"] == {"actionGroups": [ACTION_GROUP_ID]}
        assert (rule["severity"], rule["evaluationFrequency"], rule["autoMitigate"]) == (1, "PT1H", True)
    assert found["failed-run"]["windowSize"] == "PT2H"
    assert found["no-success-chatgpt"]["windowSize"] == "P2D"
    assert tenant.up().must_succeed().steps == {}
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}

    operator.do("PATCH", f"{RULES}/purview-ai-sandbox-failed-run", params=VERSION, json={"properties": {"severity": 4}})
    drifted = tenant.refresh()
    assert drifted.code != 0
    assert drifted.steps == {"alerts-failed-run": "update"}

    tenant.change({"alerts.no_success_for_hours": None})
    assert tenant.up("--refresh").must_succeed().steps.keys() <= {"alerts-no-success-chatgpt", "alerts-failed-run"}
    assert set(rules(operator)) == {"failed-run", "key-expiry"}
    assert rules(operator)["failed-run"]["severity"] == 1
    tenant.destroy().must_succeed()
    assert rules(operator) == {}


@pytest.mark.deployed
def test_a_rule_searches_for_the_tenants_own_runs_and_keys(tenant: Tenant, operator: Person) -> None:
    tenant.change(
        {
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False, "vault": False},
            "alerts": {**ALL_THREE, "every_minutes": 360, "severity": 0, "run_log": {"failed": "Broken"}},
            "sources.chatgpt.key.expires": "2027-06-30",
        }
    )
    tenant.up().must_succeed()
    found = rules(operator)
    failed, missing, key = (condition(found[name]) for name in ("failed-run", "no-success-chatgpt", "key-expiry"))
    account = ACCOUNT.removeprefix(ARM)
    own = (
        f'| where _ResourceId =~ "{account}"\n'
        '| where (DataSourceName =~ "chatgpt" and ScanName =~ "chatgpt-scan")\n'
        "| where ResultType =~ "
    )
    assert failed["query"] == f'PurviewScanStatusLogs\n{own}"Broken"'
    assert (failed["operator"], failed["threshold"], failed["dimensions"][0]["name"]) == (
        "GreaterThan",
        0,
        "DataSourceName",
    )
    # Where nothing is found at all, there is less than one row.
    assert missing["query"] == f'PurviewScanStatusLogs\n| where TimeGenerated > ago(36h)\n{own}"Succeeded"'
    assert (missing["operator"], missing["threshold"], missing.get("dimensions")) == ("LessThan", 1, None)
    assert f'"secret": "{SECRET}", "expires": "2027-06-30T23:59:59Z"' in key["query"]
    assert key["query"].endswith("| where now() > Expires - 14d")
    assert {rule["windowSize"] for rule in found.values()} == {"P1D", "P2D", "PT6H"}


def test_a_key_that_somebody_else_keeps_is_watched_by_the_day_that_its_secret_has(
    tenant: Tenant, operator: Person
) -> None:
    tenant.change({"diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False}, "alerts": ONLY_KEYS})
    refused = tenant.preview().must_fail()
    assert "alerts.key_expires_within_days = 14" in refused.words
    assert "set key.expires under a source" in refused.words
    WholeChain(operator).vault()
    for exp, day in (({"exp": 1_814_399_999}, "2027-06-30"), ({"exp": 1_820_000_000}, "2027-09-03"), ({}, "")):
        body = {"value": seed.VENDOR_KEY, "attributes": exp}
        operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json=body)
        tenant.change({"sources.chatgpt.key.origin": "vault", "vault": THEIR_VAULT})
        tenant.set_config({f"purview-ai:{SECRET}": None})
        tenant.up().must_succeed()
        query = condition(rules(operator)["key-expiry"])["query"]
        assert (f'"expires": "{day}T23:59:59Z"' in query) == bool(day)
        assert ("dynamic([])" in query) != bool(day)
        assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.mark.deployed
def test_who_may_not_make_rules_is_told_what_is_needed(tenant: Tenant, operator: Person) -> None:
    held = operator.get(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments")["value"]
    [contributor] = [
        one
        for one in held
        if one["properties"]["principalId"] == seed.DEPLOYER_ID
        and one["properties"]["roleDefinitionId"].endswith(seed.CONTRIBUTOR)
        and one["properties"]["scope"].endswith(seed.TENANT_GROUP)
    ]
    operator.do("PUT", role_url(GROUP), json=role_body(KEY_VAULT_CONTRIBUTOR, seed.DEPLOYER_ID))
    operator.do("DELETE", ARM + contributor["id"])
    tenant.change(
        {
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False, "vault": False},
            "alerts": {"action_groups": [ACTION_GROUP_ID]},
        }
    )
    refused = tenant.up().must_fail()
    assert "alert rule purview-ai-sandbox-failed-run was not made" in refused.words
    assert "needs Monitoring Contributor on the vault's resource group" in refused.words
    assert "docs/troubleshooting.md#alerts" in refused.words
    operator.do("PUT", role_url(GROUP), json=role_body(MONITORING_CONTRIBUTOR, seed.DEPLOYER_ID))
    assert "alerts-failed-run" in tenant.up().must_succeed().steps


@pytest.mark.deployed
def test_a_rule_that_is_there_already_is_left_and_told(tenant: Tenant, operator: Person) -> None:
    url = f"{RULES}/purview-ai-sandbox-failed-run"
    operator.do("PUT", url, params=VERSION, json=rule_body(severity=3))
    tenant.change({"diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False, "vault": False}, "alerts": {}})
    refused = tenant.up().must_fail()
    assert "A rule of this name is there already" in refused.words
    assert rules(operator)["failed-run"]["severity"] == 3


def test_alerts_that_could_find_nothing_are_refused(tenant: Tenant) -> None:
    audit = {"workspace": LOG_WORKSPACE_ID}
    for changes, field, reason, fix in (
        ({"alerts": {}}, "alerts", "search the Log Analytics workspace of diagnostics", "set diagnostics.workspace"),
        (
            {"alerts": {}, "diagnostics": audit},
            "diagnostics.category_group = 'audit'",
            "nobody has said that this group holds the log of runs",
            "category_group: allLogs",
        ),
        (
            {"alerts": {"no_success_for_hours": 49}, "diagnostics": LOGS},
            "alerts.no_success_for_hours = 49",
            "at most 48",
            "no log search alert looks further back",
        ),
        (
            {"alerts": {"action_groups": ["security-team"]}, "diagnostics": LOGS},
            "alerts.action_groups",
            "/providers/Microsoft.Insights/actionGroups/",
            "Action groups > the group",
        ),
        (
            {"alerts": {"failed_run": False}, "diagnostics": LOGS},
            "alerts",
            "no alert is asked for",
            "take the block out",
        ),
    ):
        tenant.change({"alerts": None, "diagnostics": None} | changes)
        refused = tenant.preview().must_fail()
        for words in (field, reason, fix):
            assert words in refused.words, refused.words
    assert tenant.azure.requests() == []
