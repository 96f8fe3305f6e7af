"""Tenants of several kinds that are as they should be, and the program of the pipelines: no rule is in their way."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from bootstrap.bootstrapped import Bootstrap
from chain.test_governance_whole import COMPLIANCE, EMERGENCY
from local_azure import seed
from policy.judging import LASTING, judged, violations
from rights import give_deployer, give_graph
from tenants import CHECKOUT
from whole_chain import LOG_WORKSPACE_ID, SECRET, VAULT, WholeChain, vault_body

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from tenants import Tenant

A_GROUP = "11111111-1111-1111-1111-111111111111"
VIEWER = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f50"
LOGS = {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"}
GOVERNANCE: dict[str, Any] = {
    "conditional_access": {
        "applications": [seed.CHATGPT_APP],
        "break_glass": {"users": [EMERGENCY]},
        "state": "enabled",
    },
    "people": {"groups": {"compliance": COMPLIANCE}},
    "ediscovery": {"case": {"name": "AI interactions"}, "searches": {"chatgpt": {"app": "chatgpt-enterprise"}}},
}
KINDS: dict[str, dict[str, Any]] = {
    "by access policies, with logs and alerts": {
        "vault.access": "access-policy",
        "vault.administrators": {"groups": [A_GROUP]},
        "diagnostics": LOGS,
        "alerts": {"no_success_for_hours": 36, "key_expires_within_days": 14},
        "sources.chatgpt.key.expires": "2027-06-30",
    },
    "private, recovered, in a group of its own": {
        "vault.network": "private",
        "vault.allow_from": None,
        "vault.recover": True,
        "vault.create_resource_group": True,
        "vault.resource_group": "rg-new",
    },
    "governed, in a collection of its own": {
        "governance": GOVERNANCE,
        "purview.collection": {"name": "ai-new", "create": True},
        "purview.deployer_access": True,
        "purview.roles": {"purview-reader": [VIEWER]},
    },
    "with a key and grants of others": {
        "grants": "expected",
        "sources.chatgpt.key.origin": "vault",
        "vault.existing": True,
        **dict.fromkeys(("vault.network", "vault.allow_from", "vault.soft_delete_days")),
    },
    "without a connector": {
        "sources": {"claude": {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION}}
    },
}
WITHOUT_A_KEY = ("with a key and grants of others", "without a connector")


@pytest.mark.parametrize("kind", KINDS)
def test_a_tenant_that_is_as_it_should_be_passes_all_rules(tenant: Tenant, operator: Person, kind: str) -> None:
    give_deployer(operator, "collection-administrator", "data-source-administrator")
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All", "eDiscovery.ReadWrite.All"),
    )
    tenant.change({"protect": None, "tags": {"owner": "security"}, **copy.deepcopy(KINDS[kind])})
    if kind in WITHOUT_A_KEY:
        tenant.set_config({f"purview-ai:{SECRET}": None})
    if kind == WITHOUT_A_KEY[0]:
        WholeChain(operator).grant_both()
        operator.do("PUT", VAULT, json=vault_body())
        operator.do("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": {"value": seed.VENDOR_KEY}})
    assert violations(judged(tenant, "preview", rules=LASTING).must_succeed()) == set()


def test_the_program_of_the_pipelines_passes_with_the_settings_that_the_page_shows(
    tmp_path: Path, azure: LocalAzure, operator: Person, pulumi_home: Path
) -> None:
    del pulumi_home
    stack = Bootstrap.at(tmp_path, azure, operator).stack
    page = (CHECKOUT / "docs" / "policy.md").read_text()
    [shown] = re.findall(r"```json\n(.*?)```", page.partition("## The program of the pipelines")[2], re.DOTALL)
    previewed = judged(stack, "preview", rules=json.loads(shown)).must_succeed()
    assert "vault" in previewed.steps, "its vault was judged"
    assert violations(previewed, "mandatory") == set()
    without = violations(judged(stack, "preview").must_fail(), "mandatory")
    assert {rule for rule, _ in without} == set(json.loads(shown)), "each of the settings is needed"
