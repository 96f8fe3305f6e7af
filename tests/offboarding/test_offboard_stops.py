"""Where destroy stops, or does not even begin: said before, and what mends it really does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import whole_chain
from local_azure import seed
from offboarding.asking import GOING, left, named, objects, offboard
from offboarding.inventory import inventory
from operate.command_line import STRANGER, said
from operate.made_by_hand import CREDENTIAL, SCAN, SCAN_URL, SOURCE, register_by_hand
from people import GRAPH
from rights import give_deployer
from whole_chain import (
    SECRET,
    VAULT,
    let_the_deployer_make_service_principals,
    scan_body,
    vault_body,
)

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

ADOPTED: dict[str, Any] = {"sources.chatgpt.adopt": {"data_source": SOURCE, "scan": SCAN}}
NEW_COLLECTION = {"name": "ai-new", "create": True}


EXISTING = {
    "vault.existing": True,
    "vault.purview_reads": "expected",
    "sources.chatgpt.key.origin": "vault",
    **dict.fromkeys(("vault.network", "vault.allow_from", "vault.soft_delete_days")),
}


@pytest.fixture
def taken_over(tenant: Tenant, operator: Person) -> Tenant:
    """A tenant whose data source and scan somebody had registered by hand, with the key in their own vault."""
    register_by_hand(operator)
    tenant.change({**ADOPTED, **EXISTING})
    tenant.set_config({f"purview-ai:{SECRET}": None})
    tenant.up().must_succeed()
    return tenant


def test_a_scan_that_stays_keeps_its_credential_so_destroy_stops_until_it_is_released(
    taken_over: Tenant, operator: Person
) -> None:
    tenant = taken_over
    told = offboard(tenant, code=1)
    assert {one["resource"] for one in told["objects"] if one["fate"] == "stops destroy"} == {
        "chatgpt-credential",
        "custody-connection",
    }
    stopped = tenant.destroy().must_fail()
    assert 'credential "sandbox-chatgpt" was not deleted' in stopped.words

    [way, *_] = named(told, "chatgpt-credential")["ways"]
    assert way["text"] == f"release: [{SCAN}] in the stack file, pulumi up, then pulumi destroy"
    tenant.change({"release": [SCAN]})
    tenant.up().must_succeed()
    told = offboard(tenant)
    assert named(told, "chatgpt-source")["fate"] == "stays"
    tenant.destroy().must_succeed()
    assert inventory(operator) & objects(told, *GOING, "stays") == objects(told, "stays")


def test_a_scan_that_uses_another_credential_keeps_none_of_the_stacks(taken_over: Tenant, operator: Person) -> None:
    tenant = taken_over
    operator.do("PUT", SCAN_URL, json=scan_body(credential=CREDENTIAL))
    tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    told = offboard(tenant)
    assert named(told, "chatgpt-credential")["fate"] == "removed"
    tenant.destroy().must_succeed()
    assert objects(told, "stays") <= inventory(operator)
    assert objects(told, *GOING) & inventory(operator) == set()


@pytest.mark.deployed
def test_what_is_protected_is_said_first_and_each_step_takes_that_away(tenant: Tenant, operator: Person) -> None:
    operator.do("DELETE", f"{GRAPH}/v1.0/servicePrincipals/{seed.PURVIEW_API}")
    before = inventory(operator)
    let_the_deployer_make_service_principals(operator)
    tenant.change({"protect": True, "grants": {"create_service_principal": True}})
    tenant.up().must_succeed()
    told = offboard(tenant, code=1)
    setting, unprotect = told["before_destroy"]
    assert setting == "protect: false in the stack file, then pulumi up --stack sandbox"
    assert {one["resource"] for one in told["objects"] if one["protected"]} == {
        *("custody-vault", f"custody-{SECRET}", "chatgpt-source", "chatgpt-scan", "chatgpt-trigger"),
        "grants-service-principal",
    }
    assert "protected" in tenant.destroy().must_fail().words

    tenant.change({"protect": False})
    tenant.up().must_succeed()
    assert offboard(tenant, code=1)["before_destroy"] == [unprotect]
    words = unprotect.replace("'", "").split()[1:]
    assert tenant.run_plainly(*words, "--yes").returncode == 0
    told = offboard(tenant)
    principal = named(told, "grants-service-principal")
    assert (principal["fate"], principal["why"]) == ("stays", "the stack keeps it on purpose (retain on delete)")
    assert "Leave it" in principal["ways"][0]["text"]
    tenant.destroy().must_succeed()
    after = inventory(operator)
    assert objects(told, "stays") <= after
    assert after - before == left(told)


def test_a_collection_that_the_stack_made_takes_its_roles_along(tenant: Tenant, operator: Person) -> None:
    give_deployer(operator, "collection-administrator")
    before = inventory(operator)
    tenant.change({"purview.collection": NEW_COLLECTION, "purview.deployer_access": True})
    tenant.up().must_succeed()
    told = offboard(tenant)
    assert named(told, "collection-collection")["fate"] == "removed"
    assert objects(told, "stays", "stops destroy") == set()
    tenant.destroy().must_succeed()
    assert inventory(operator) - before == left(told)


def test_a_deleted_vault_that_may_be_purged_is_told_with_the_whole_command(tenant: Tenant) -> None:
    tenant.change({"vault.purge_protection": False})
    tenant.up().must_succeed()
    purge = "az keyvault purge --name kv-contoso-ai --location westeurope"
    assert purge in ways_of(offboard(tenant), "key vault")
    tenant.destroy().must_succeed()
    assert ways_of(offboard(tenant), "key vault") == [purge]


def ways_of(told: dict[str, Any], kind: str) -> list[str]:
    """How all of a kind is removed."""
    return [way["text"] for one in told["objects"] if one["kind"] == kind for way in one["ways"]]


def test_a_collection_of_the_stack_with_what_stays_in_it_stops_destroy(tenant: Tenant, operator: Person) -> None:
    give_deployer(operator, "collection-administrator", "data-source-administrator")
    tenant.change({"purview.collection": NEW_COLLECTION})
    tenant.up().must_succeed()
    # As after a crash: somebody's own in the place of what the stack had made.
    tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    recreated(operator)
    tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    told = offboard(tenant, code=1)
    assert named(told, "chatgpt-source")["fate"] == "stays"
    assert named(told, "collection-collection")["fate"] == "stops destroy"
    assert named(told, "collection-collection")["why"] == "data source chatgpt stays and needs it"
    assert "was not deleted" in tenant.destroy().must_fail().words


def recreated(operator: Person) -> None:
    """Somebody removes scan and data source, and registers the workspace anew under the same name."""
    operator.run_of()
    for url in (whole_chain.TRIGGER, whole_chain.SCAN, whole_chain.SOURCE):
        operator.do("DELETE", url)
    operator.do("PUT", whole_chain.SOURCE, json=whole_chain.source_body(collection="ai-new"))


def test_a_secret_in_somebody_elses_vault_is_kept_deleted_there(tenant: Tenant, operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    before = inventory(operator)
    of_a_new_one = dict.fromkeys(("vault.network", "vault.allow_from", "vault.soft_delete_days"))
    tenant.change({"vault.existing": True, "vault.deployer_access": True, **of_a_new_one})
    tenant.up().must_succeed()
    told = offboard(tenant)
    secret = named(told, f"custody-{SECRET}")
    assert (secret["fate"], secret["days"]) == ("soft-deleted", None)
    assert "vault" in {one["kind"] for one in told["beside"]}
    tenant.destroy().must_succeed()
    assert inventory(operator) - before == left(told) == {f"deleted {secret['id'].lower()}"}
    assert left(offboard(tenant)) == left(told)


@pytest.mark.deployed
def test_a_secret_that_somebody_else_keeps_goes_with_the_stacks_own_vault(tenant: Tenant, operator: Person) -> None:
    before = inventory(operator)
    tenant.change({"sources.chatgpt.key.origin": "vault"})
    tenant.set_config({f"purview-ai:{SECRET}": None})
    tenant.up().must_succeed()
    told = offboard(tenant)
    secret = named(told, f"custody-{SECRET}")
    assert (secret["fate"], secret["why"]) == ("soft-deleted", "goes with key vault kv-contoso-ai")
    tenant.destroy().must_succeed()
    assert inventory(operator) - before == left(told)


def test_what_nobody_could_look_at_is_unknown_and_says_what_it_takes(tenant: Tenant) -> None:
    told = said(tenant, "offboard", "--json", **STRANGER)
    assert told.code == 3
    unknown = [one for one in told.json["objects"] if one["fate"] == "unknown"]
    assert any("Graph permission Application.Read.All" in one["ways"][0]["text"] for one in unknown)
    assert {"key vault", "data source", "app role grant"} <= {one["kind"] for one in unknown}
    shown = said(tenant, "offboard", **STRANGER)
    assert "could not be looked at:" in shown.out


@pytest.mark.deployed
def test_wrong_stacks_and_unreadable_states_are_told(tenant: Tenant) -> None:
    tenant.state_file.write_text("{")
    unread = said(tenant, "offboard")
    assert (unread.code, "could not be read" in unread.err) == (3, True)
    tenant.change({"vault": None})
    assert said(tenant, "offboard").code == 2
