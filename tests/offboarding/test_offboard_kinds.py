"""``purview-ai offboard`` of tenants of several kinds, and the ways that it tells, followed."""

from __future__ import annotations

import copy
import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from chain.test_governance_whole import COMPLIANCE, EMERGENCY
from local_azure import seed
from offboarding.asking import GOING, left, named, objects, offboard
from offboarding.inventory import SUBSCRIPTION, inventory
from people import ARM
from rights import give_graph
from tenants import Tenant
from whole_chain import (
    ACCOUNT,
    LOG_WORKSPACE_ID,
    SECRET,
    TRIGGER,
    VAULT,
    WholeChain,
    policy_for,
    role_body,
    role_url,
    trigger_body,
    vault_body,
)

if TYPE_CHECKING:
    from pathlib import Path

    from people import Person

A_GROUP = "11111111-1111-1111-1111-111111111111"
VIEWER = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f50"
USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
EXISTING: dict[str, Any] = {
    "vault.existing": True,
    "vault.deployer_access": True,
    **dict.fromkeys(("vault.network", "vault.allow_from", "vault.soft_delete_days")),
}
BY_POLICIES = {"enableRbacAuthorization": False, "accessPolicies": [policy_for(seed.OPERATOR_ID, "all")]}
KINDS: dict[str, dict[str, Any]] = {
    "by access policies, with logs and alerts": {
        "vault.access": "access-policy",
        "vault.administrators": {"groups": [A_GROUP]},
        "diagnostics": {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"},
        "alerts": {"no_success_for_hours": 36, "key_expires_within_days": 14},
        "sources.chatgpt.key.expires": "2027-06-30",
    },
    "in a vault by access policies, with grants of others": {
        **EXISTING,
        "vault.access": "access-policy",
        "grants": "expected",
    },
    "governed, with a key of others": {
        **EXISTING,
        "sources.chatgpt.key.origin": "vault",
        "sources.claude": {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION},
        "purview.bootstrap_admin": True,
        "purview.deployer_access": True,
        "purview.roles": {"data-curator": [VIEWER]},
        "governance": {
            "conditional_access": {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}},
            "people": {"groups": {"compliance": COMPLIANCE}},
            "ediscovery": {
                "case": {"name": "AI interactions"},
                "keep_on_destroy": False,
                "searches": {"chatgpt": {"app": "chatgpt-enterprise"}},
            },
        },
    },
}


def let_the_deployer_do_all(operator: Person) -> None:
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All", "eDiscovery.ReadWrite.All"),
    )
    for role in (seed.CONTRIBUTOR, USER_ACCESS_ADMINISTRATOR):
        for scope in (ACCOUNT, f"{ARM}{SUBSCRIPTION}"):
            operator.do("PUT", role_url(scope), json=role_body(role, seed.DEPLOYER_ID))


@pytest.mark.parametrize("kind", KINDS)
def test_a_tenant_of_this_kind_leaves_what_is_told_before_and_afterwards(
    tenant: Tenant, operator: Person, kind: str
) -> None:
    let_the_deployer_do_all(operator)
    changes = copy.deepcopy(KINDS[kind])
    if changes.get("grants") == "expected":
        WholeChain(operator).grant_both()
    if "vault.existing" in changes:
        operator.do("PUT", VAULT, json=vault_body(**(BY_POLICIES if "vault.access" in changes else {})))
    if "sources.chatgpt.key.origin" in changes:
        operator.do("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": {"value": seed.VENDOR_KEY}})
        tenant.set_config({f"purview-ai:{SECRET}": None})
    before = inventory(operator)
    tenant.change(changes)
    tenant.up().must_succeed()
    operator.run_of()
    deployed, told = inventory(operator), offboard(tenant)
    known = {one for one in objects(told, *GOING, "stays") if "/accesspolicy/" not in one}
    assert deployed - before <= known <= deployed
    written = [one["name"] for one in told["beside"] if one["kind"] == "key-in-stack-file"]
    by_others = "sources.chatgpt.key.origin" in changes
    assert written == ([] if by_others else [f"the keys in the stack file, encrypted: {SECRET}"])

    tenant.destroy().must_succeed()
    after = inventory(operator)
    assert (after - before, before - after) == (left(told) - before, set())
    assert objects(told, *GOING) & after == set()
    if "vault.access" in changes and "vault.existing" in changes:
        [kept] = operator.get(VAULT)["properties"]["accessPolicies"]
        assert kept["objectId"] == seed.OPERATOR_ID
    assert left(offboard(tenant)) >= left(told) - before


def test_a_vault_in_a_group_of_the_stack_is_kept_deleted_though_the_group_goes(
    tenant: Tenant, operator: Person
) -> None:
    let_the_deployer_do_all(operator)
    tenant.change({"vault.create_resource_group": True, "vault.resource_group": "rg-new"})
    tenant.up().must_succeed()
    told = offboard(tenant)
    vault, group = named(told, "custody-vault"), named(told, "custody-group")
    assert (group["fate"], "also what others made there" in group["why"]) == ("removed", True)
    assert (vault["fate"], vault["days"]) == ("soft-deleted", 7)
    tenant.destroy().must_succeed()
    assert f"deleted {vault['id'].lower()}" in inventory(operator)
    assert left(offboard(tenant)) == left(told)


def test_the_secret_of_a_vault_that_nobody_reaches_is_gone_round_as_it_is_told(
    tenant: Tenant, operator: Person
) -> None:
    tenant.change({"vault.network": "private", "vault.allow_from": None})
    tenant.up().must_succeed()
    secret = named(offboard(tenant), f"custody-{SECRET}")
    assert secret["fate"] == "soft-deleted"
    [way] = secret["ways"]
    assert way["text"].startswith("Where pulumi destroy stops at it")
    assert "ForbiddenByConnection" in tenant.destroy().must_fail().words
    words = shlex.split(way["text"].partition(": pulumi ")[2].partition(", then")[0])
    assert tenant.run_plainly(*words, "--yes").returncode == 0
    tenant.destroy().must_succeed()
    assert f"deleted {VAULT.removeprefix(ARM).lower()}" in inventory(operator)


def test_a_trigger_that_stays_keeps_the_stacks_own_scan_until_it_is_released(tenant: Tenant, operator: Person) -> None:
    wished = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]["scan"]
    tenant.change({"sources.chatgpt.scan": {"patience_minutes": 0}})
    tenant.up().must_succeed()
    operator.run_of()
    operator.do("PUT", TRIGGER, json=trigger_body(timeZone="UTC", schedule={"hours": [2], "minutes": [0]}))
    tenant.change({"sources.chatgpt.scan": wished, "sources.chatgpt.adopt": True})
    tenant.up().must_succeed()
    told = offboard(tenant, code=1)
    fates = {
        name: named(told, f"chatgpt-{name}")["fate"] for name in ("trigger", "scan", "source", "credential", "run")
    }
    assert fates == {
        "trigger": "stays",
        **dict.fromkeys(("scan", "source", "credential"), "stops destroy"),
        "run": "stays",
    }
    assert 'scan "chatgpt-scan" was not deleted' in tenant.destroy().must_fail().words

    [way, *_] = named(told, "chatgpt-scan")["ways"]
    assert way["text"] == "release: [chatgpt-scan] in the stack file, pulumi up, then pulumi destroy"
    tenant.change({"release": ["chatgpt-scan"]})
    tenant.up().must_succeed()
    told = offboard(tenant)
    assert objects(told, "stays") == set()
    tenant.destroy().must_succeed()
    assert objects(told, *GOING) & inventory(operator) == set()


def test_a_deployment_that_was_cut_off_is_told(tenant: Tenant) -> None:
    tenant.up().must_succeed()
    state = tenant.state()
    vault = tenant.recorded("custody-vault")
    state["checkpoint"]["latest"]["pending_operations"] = [{"resource": vault, "type": "creating"}]
    tenant.state_file.write_text(json.dumps(state))
    assert any("cut off, and left behind: creating of custody-vault" in note for note in offboard(tenant)["notes"])


def test_an_app_role_that_goes_is_missed_by_the_accounts_other_stacks_which_give_it_again_as_told(
    tenant: Tenant, operator: Person, tmp_path: Path
) -> None:
    tenant.up().must_succeed()
    other = Tenant(tmp_path / "other", tenant.azure)
    other.rename_source("chatgpt", "labs")
    other.change({"sources.labs.workspace_id": seed.OTHER_WORKSPACE, "vault.name": "kv-contoso-labs"})
    other.set_key(seed.OTHER_VENDOR_KEY)
    other.up().must_succeed()
    grant = named(offboard(tenant), "grants-read-users")
    assert (grant["fate"], grant["why"].rpartition(": ")[2]) == ("removed", "pulumi up --refresh")
    tenant.destroy().must_succeed()
    assert grant["id"].lower() not in inventory(operator)
    other.up("--refresh").must_succeed()
    assert grant["id"].lower() in inventory(operator)
