"""A secret that somebody else keeps from some day on, or writes into, or deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from killing import kill
from leaks import leaks
from local_azure import seed
from people import PURVIEW
from whole_chain import SECRET, VAULT, VAULT_URL, role_body, role_url, vault_body

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

OWN = f"custody-{SECRET}"
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
EXISTING: dict[str, Any] = {
    "vault.existing": True,
    "vault.network": None,
    "vault.allow_from": None,
    "vault.soft_delete_days": None,
}


def put_by_hand(operator: Person, key: str) -> str:
    """Somebody puts a key into the vault; the id of that version."""
    return operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": key})["id"]


def newest(operator: Person) -> dict[str, Any]:
    """The secret with its value."""
    return operator.get(f"{VAULT_URL}/secrets/{SECRET}")


def versions(operator: Person) -> int:
    """How many versions the secret has."""
    return len(operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"])


def leave_to_others(tenant: Tenant) -> None:
    """From now on somebody else keeps the key, as docs/living-with-a-tenant.md has it."""
    tenant.change({"sources.chatgpt.key.origin": "vault"})
    tenant.set_config({f"purview-ai:{SECRET}": None})


@pytest.mark.deployed
@pytest.mark.parametrize("protect", [False, True])
def test_a_key_that_somebody_else_keeps_from_now_on_stays_in_the_vault(
    tenant: Tenant, operator: Person, *, protect: bool
) -> None:
    tenant.change({"protect": protect})
    tenant.up().must_succeed()
    before = newest(operator)
    leave_to_others(tenant)
    wanted = {OWN: "update", "chatgpt-credential": "update"}
    shown = tenant.preview().must_succeed()
    assert shown.steps == wanted
    assert "is not this stack's from now on: it stays as it is, and destroy leaves it" in shown.words
    tenant.azure.forget_requests()
    assert tenant.up().must_succeed().steps == wanted
    assert not [call for call in tenant.writes() if "/vaults/" in call or "vault.azure.net" in call]
    assert newest(operator) == before
    reference = operator.get(f"{PURVIEW}/scan/credentials/sandbox-chatgpt")["properties"]["typeProperties"]["talon"]
    assert reference.get("secretVersion", "") == ""
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert leaks(tenant.exported().encode(), seed.VENDOR_KEY) == []
    # A new key is theirs to write, and Purview's at once.
    put_by_hand(operator, seed.ROTATED_VENDOR_KEY)
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert operator.run_again()["status"] == "Succeeded"


def test_a_key_that_somebody_else_keeps_survives_the_stack_and_comes_back_to_it(
    tenant: Tenant, operator: Person
) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    tenant.change(EXISTING)
    settings = tenant.file.read_text()
    tenant.up().must_succeed()
    leave_to_others(tenant)
    tenant.up().must_succeed()
    theirs = tenant.file.read_text()
    # The key is the stack's again: its newest version is still the one that the stack wrote.
    tenant.file.write_text(settings)
    shown = tenant.preview().must_succeed()
    assert shown.steps == {OWN: "update", "chatgpt-credential": "update"}
    assert "it is taken over and left as it is" in shown.words
    tenant.up().must_succeed()
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert versions(operator) == 1

    tenant.file.write_text(theirs)
    tenant.up().must_succeed()
    put_by_hand(operator, seed.ROTATED_VENDOR_KEY)
    tenant.file.write_text(settings)
    assert "this stack did not write it" in tenant.preview().must_fail().words
    tenant.file.write_text(theirs)
    assert f"{OWN} delete[retain]" in tenant.run("destroy", "--preview-only").must_succeed().words
    tenant.destroy().must_succeed()
    assert newest(operator)["value"] == seed.ROTATED_VENDOR_KEY


@pytest.mark.deployed
def test_a_version_that_somebody_put_over_it_is_drift_and_goes_only_after_that_was_shown(
    tenant: Tenant, operator: Person
) -> None:
    put_by_hand(operator, "theirs")
    tenant.set_key(seed.ROTATED_VENDOR_KEY)
    refused = tenant.up().must_fail()
    assert "is not this stack's, and no preview has shown that" in refused.words
    assert newest(operator)["value"] == "theirs"

    tenant.set_key(seed.VENDOR_KEY)
    found = tenant.refresh()
    assert (found.code, OWN in found.output) == (7, True), found.output
    tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    shown = tenant.preview().must_succeed()
    assert shown.steps == {OWN: "update", "chatgpt-credential": "update"}
    assert "gets the stack's key written over it" in shown.words
    tenant.up().must_succeed()
    assert newest(operator)["value"] == seed.VENDOR_KEY
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}


@pytest.mark.deployed
def test_a_version_that_somebody_put_over_it_is_not_deleted_with_the_stacks(tenant: Tenant, operator: Person) -> None:
    theirs = put_by_hand(operator, "theirs")
    urn = tenant.recorded(OWN)["urn"]
    done = tenant.run("destroy", "--yes", "--skip-preview", "--target", urn, "--target-dependents").must_succeed()
    assert "stays: its newest version is not this stack's" in done.words
    assert newest(operator)["id"] == theirs


@pytest.mark.deployed
@pytest.mark.parametrize("back", [False, True])
def test_a_rotation_whose_engine_was_killed_is_written_once_or_shown(
    tenant: Tenant, operator: Person, *, back: bool
) -> None:
    tenant.set_key(seed.ROTATED_VENDOR_KEY)
    tenant.azure.forget_requests()
    kill(tenant, service="arm", effect="hang-after", method="PUT", path=f"secrets/{SECRET}")
    tenant.unlock()
    if back:
        tenant.set_key(seed.VENDOR_KEY)
        found = tenant.refresh()
        assert (found.code, OWN in found.output) == (7, True), found.output
        tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    assert tenant.up().must_succeed().steps == {OWN: "update", "chatgpt-credential": "update"}
    assert versions(operator) == (3 if back else 2)
    assert newest(operator)["value"] == (seed.VENDOR_KEY if back else seed.ROTATED_VENDOR_KEY)
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}


def test_a_deleted_secret_of_somebody_else_is_not_taken_back(tenant: Tenant, operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    operator.do("PUT", role_url(VAULT), json=role_body(SECRETS_OFFICER, seed.DEPLOYER_ID))
    put_by_hand(operator, "theirs")
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    tenant.change(EXISTING)
    refused = tenant.up().must_fail()
    assert "A deleted secret of this name is kept in key vault kv-contoso-ai" in refused.words
    assert operator.get(f"{VAULT_URL}/deletedsecrets/{SECRET}")["recoveryId"]
    # Its owner takes it back and hands it over.
    operator.do("POST", f"{VAULT_URL}/deletedsecrets/{SECRET}/recover")
    version = newest(operator)["id"].rsplit("/", 1)[1]
    tags = {"tags": {"purview-ai-stack": "purview-ai/sandbox"}}
    operator.do("PATCH", f"{VAULT_URL}/secrets/{SECRET}/{version}", json=tags)
    tenant.up().must_succeed()
    assert newest(operator)["value"] == seed.VENDOR_KEY
