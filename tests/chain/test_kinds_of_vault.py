"""Vaults of every kind on the engine: made or there already, with roles or access policies, open or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from waiting import until
from whole_chain import (
    SECRET,
    SECRETS_USER,
    VAULT,
    VAULT_URL,
    policy_for,
    role_body,
    role_url,
    vault_body,
)

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
SOMEBODY, A_GROUP = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f50", "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51"
PURVIEW = seed.PURVIEW_IDENTITY
OF_A_NEW_ONE: dict[str, Any] = {"vault.network": None, "vault.allow_from": None, "vault.soft_delete_days": None}
EXISTING = {"vault.existing": True, **OF_A_NEW_ONE}


def assignments(operator: Person, scope: str = VAULT) -> set[tuple[str, str, str]]:
    """Who holds which role, at which scope below the vault."""
    listed = operator.get(f"{scope}/providers/Microsoft.Authorization/roleAssignments")["value"]
    below = [one["properties"] for one in listed if "/vaults/" in one["properties"]["scope"]]
    return {
        (one["principalId"], one["roleDefinitionId"].rsplit("/", 1)[1], one["scope"].rsplit("/", 1)[1]) for one in below
    }


def their_vault(operator: Person, **properties: Any) -> dict[str, Any]:
    """A vault that another team made, with the key in it."""
    operator.do("PUT", VAULT, json=vault_body(**properties) | {"tags": {"owner": "another team"}})
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": seed.VENDOR_KEY})
    return until(lambda: [found for found in [operator.get(VAULT)] if _settled(found)], "the vault is made")[0]


def by_somebody_else(tenant: Tenant, changes: dict[str, Any]) -> None:
    """Somebody else puts the key into the vault, so the stack file has none."""
    tenant.change({"sources.chatgpt.key.origin": "vault", **changes})
    tenant.set_config({f"purview-ai:{SECRET}": None})


def _settled(vault: dict[str, Any]) -> bool:
    return vault["properties"]["provisioningState"] == "Succeeded"


def lives(tenant: Tenant, operator: Person) -> None:
    """One up, a finished run, and quiet afterwards."""
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}


def test_purview_reads_one_secret_of_a_vault_and_no_other(tenant: Tenant, operator: Person) -> None:
    lives(tenant, operator)
    held = assignments(operator, f"{VAULT}/secrets/{SECRET}")
    assert (PURVIEW, SECRETS_USER, SECRET) in held
    assert (PURVIEW, SECRETS_USER, "kv-contoso-ai") not in held
    tenant.change({"vault.purview_reads": "vault"})
    steps = tenant.preview().must_succeed().steps
    assert steps == {
        "custody-purview-reads": "create",
        f"custody-purview-reads-{SECRET}": "delete",
    }
    tenant.up().must_succeed()
    assert (PURVIEW, SECRETS_USER, "kv-contoso-ai") in assignments(operator)


def test_named_people_and_groups_get_their_roles(tenant: Tenant, operator: Person) -> None:
    tenant.change({"vault.administrators": {"groups": [A_GROUP]}, "vault.readers": {"users": [SOMEBODY]}})
    lives(tenant, operator)
    held = assignments(operator)
    assert (A_GROUP, ADMINISTRATOR, "kv-contoso-ai") in held
    assert (SOMEBODY, SECRETS_USER, "kv-contoso-ai") in held
    # Entra does not tell an id's small letters from capitals.
    tenant.change({"vault.readers": {"users": [SOMEBODY.upper()]}})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    tenant.change({"vault.readers": None})
    assert tenant.preview().must_succeed().steps == {f"custody-reads-{SOMEBODY}": "delete"}


def test_a_new_vault_may_go_by_access_policies(tenant: Tenant, operator: Person) -> None:
    tenant.change({"vault.access": "access-policy", "vault.administrators": {"groups": [A_GROUP]}})
    lives(tenant, operator)
    assert assignments(operator) == set()
    policies = {one["objectId"]: one["permissions"] for one in operator.get(VAULT)["properties"]["accessPolicies"]}
    assert policies[PURVIEW] == {"secrets": ["get", "list"]}
    assert policies[A_GROUP] == {"secrets": ["all"], "keys": ["all"], "certificates": ["all"]}
    assert set(policies[seed.DEPLOYER_ID]["secrets"]) == {"get", "list", "set", "delete", "recover"}
    tenant.change({"vault.tags": {"owner": "security"}})
    assert tenant.up().must_succeed().steps == {"custody-vault": "update"}
    assert len(operator.get(VAULT)["properties"]["accessPolicies"]) == 3
    tenant.destroy().must_succeed()


def test_a_private_vault_lets_purview_in_and_its_secret_goes_only_from_inside(tenant: Tenant, operator: Person) -> None:
    tenant.change({"vault.network": "private", "vault.allow_from": None})
    assert "vault.network: it is private" in tenant.preview().must_succeed().words
    lives(tenant, operator)
    assert operator.get(VAULT)["properties"]["publicNetworkAccess"] == "Disabled"
    assert operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}").status_code == 403
    assert "ForbiddenByConnection" in tenant.destroy().must_fail().words


@pytest.mark.parametrize(
    ("access", "properties"),
    [
        ("rbac", {}),
        ("access-policy", {"enableRbacAuthorization": False, "accessPolicies": [policy_for(seed.OPERATOR_ID, "all")]}),
    ],
)
def test_an_existing_vault_with_somebodys_key_is_used_and_left_as_it_is(
    tenant: Tenant, operator: Person, access: str, properties: dict[str, Any]
) -> None:
    before = their_vault(operator, **properties)
    by_somebody_else(tenant, {**EXISTING, "vault.access": access})
    tenant.azure.forget_requests()
    lives(tenant, operator)
    writes = [call for call in tenant.writes() if "/vaults/" in call or "vault.azure.net" in call]
    path = {"rbac": "/roleassignments/", "access-policy": "/accesspolicies/"}[access]
    assert all(path in call.lower() for call in writes), writes
    assert seed.VENDOR_KEY not in tenant.state_file.read_text()
    tenant.destroy().must_succeed()
    after = operator.get(VAULT)
    assert after == before
    assert len(operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"]) == 1
    assert assignments(operator, f"{VAULT}/secrets/{SECRET}") == set()


def test_an_existing_vault_may_take_the_key_from_the_stack(tenant: Tenant, operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    tenant.change(EXISTING)
    lives(tenant, operator)
    tenant.set_key(seed.ROTATED_VENDOR_KEY)
    wanted = {f"custody-{SECRET}": "update", "chatgpt-credential": "update"}
    assert tenant.up().must_succeed().steps == wanted


def test_a_vault_of_the_other_model_is_told_before_anything_is_made(tenant: Tenant, operator: Person) -> None:
    their_vault(operator, enableRbacAuthorization=False, accessPolicies=[policy_for(seed.OPERATOR_ID, "all")])
    by_somebody_else(tenant, EXISTING)
    tenant.azure.forget_requests()
    for stopped in (tenant.preview().must_fail(), tenant.up().must_fail()):
        assert "vault.access is rbac, and the vault goes by access-policy" in stopped.words
    assert not [call for call in tenant.writes() if "management.azure.com" in call]


def test_an_existing_vault_that_is_not_there_names_the_setting(tenant: Tenant) -> None:
    by_somebody_else(tenant, EXISTING)
    stopped = tenant.preview().must_fail()
    assert "key vault kv-contoso-ai was not found out" in stopped.words
    assert "vault.existing is true" in stopped.words


def test_a_vault_that_keeps_trusted_services_out_is_told_at_the_preview(tenant: Tenant, operator: Person) -> None:
    acls = {"bypass": "None", "defaultAction": "Deny", "ipRules": [{"value": "20.0.113.7/32"}]}
    their_vault(operator, networkAcls=acls)
    by_somebody_else(tenant, EXISTING)
    assert "lets no trusted service in" in tenant.preview().must_succeed().words
    assert "ForbiddenByFirewall" in tenant.up().must_fail().words


def test_access_that_somebody_gave_already_names_the_setting_that_leaves_it(tenant: Tenant, operator: Person) -> None:
    their_vault(operator)
    operator.do("PUT", role_url(f"{VAULT}/secrets/{SECRET}"), json=role_body(SECRETS_USER, PURVIEW))
    by_somebody_else(tenant, EXISTING)
    stopped = tenant.up().must_fail()
    assert "vault.purview_reads: expected" in stopped.words
    tenant.change({"vault.purview_reads": "expected"})
    lives(tenant, operator)
    tenant.destroy().must_succeed()
    assert (PURVIEW, SECRETS_USER, SECRET) in assignments(operator, f"{VAULT}/secrets/{SECRET}")


def test_a_key_that_somebody_puts_into_a_new_vault_is_waited_for(tenant: Tenant, operator: Person) -> None:
    by_somebody_else(tenant, {})
    tenant.preview().must_succeed()
    stopped = tenant.up().must_fail()
    assert f"secret {SECRET} was not found in key vault kv-contoso-ai" in stopped.words
    assert "az keyvault secret set" in stopped.words
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": seed.VENDOR_KEY})
    lives(tenant, operator)
    # A new key is Purview's at once, and nothing of the stack's.
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": seed.ROTATED_VENDOR_KEY})
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert operator.run_again()["status"] == "Succeeded"


def test_a_pinned_version_is_read_until_another_one_is_named(tenant: Tenant, operator: Person) -> None:
    their_vault(operator)
    [first] = operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"]
    by_somebody_else(tenant, {**EXISTING, "sources.chatgpt.key.version": first["id"].rsplit("/", 1)[1]})
    lives(tenant, operator)
    made = operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": seed.ROTATED_VENDOR_KEY})
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert operator.run_again()["status"] == "Failed"
    tenant.change({"sources.chatgpt.key.version": made["id"].rsplit("/", 1)[1]})
    assert tenant.up().must_succeed().steps == {"chatgpt-credential": "update"}
    assert operator.run_again()["status"] == "Succeeded"


@pytest.mark.parametrize("origin", ["config", "vault"])
def test_a_key_that_expires_soon_is_told_with_each_deployment(tenant: Tenant, operator: Person, origin: str) -> None:
    if origin == "config":
        tenant.change({"sources.chatgpt.key.expires": "2001-02-03"})
    else:
        their_vault(operator)
        body = {"value": seed.VENDOR_KEY, "attributes": {"exp": 981244799}}
        operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json=body)
        by_somebody_else(tenant, EXISTING)
    assert f"the key in secret {SECRET} expired on 2001-02-03" in tenant.preview().must_succeed().words
    lives(tenant, operator)
    shown = operator.get(f"{VAULT}/secrets/{SECRET}")["properties"]["attributes"]
    assert shown["exp"] == 981244799
