"""What destroy leaves behind, and how the same tenant comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import ARM, GRAPH, PURVIEW, VAULT

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

ACCOUNT = (
    f"{ARM}/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    f"/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
)


def test_destroy_removes_what_was_made_and_up_brings_it_back(tenant: Tenant, operator: Person) -> None:
    account = operator.get(ACCOUNT)
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()

    assert operator.get(ACCOUNT) == account
    for kind in ("datasources", "credentials", "azureKeyVaults"):
        assert operator.get(f"{PURVIEW}/scan/{kind}")["value"] == []
    grants = operator.get(f"{GRAPH}/v1.0/servicePrincipals/{seed.PURVIEW_IDENTITY}/appRoleAssignments")
    assert grants["value"] == []
    collections = f"{PURVIEW}/account/collections"
    collection = operator.get(f"{collections}/{seed.COLLECTION}", **{"api-version": "2019-11-01-preview"})
    assert collection["name"] == seed.COLLECTION

    refused = tenant.up().must_fail()
    assert "vault.recover: true" in refused.words
    assert "kv-contoso-ai" in refused.words

    tenant.change({"vault.recover": True})
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    versions = operator.get(f"{VAULT}/secrets/chatgpt-compliance-key/versions")["value"]
    assert len(versions) == 2, "the soft-deleted secret came back and got a new version"

    # How a vault came to be is no property of it: the setting may go, or stay, without a change.
    tenant.change({"vault.recover": False})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


def test_destroy_waits_for_no_run_that_goes_on(tenant: Tenant, operator: Person) -> None:
    tenant.azure.weather(effect="latency", service="chatgpt", seconds=0, times=1)
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    assert operator.get(f"{PURVIEW}/scan/datasources")["value"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vault.allow_from": None}, "ForbiddenByFirewall"),
        ({"vault.deployer_access": False}, "ForbiddenByRbac"),
    ],
)
def test_deleting_a_secret_needs_a_role_and_a_way_through_the_firewall(
    tenant: Tenant, change: dict[str, object], code: str
) -> None:
    tenant.change(change)
    tenant.up().must_succeed()
    failed = tenant.destroy().must_fail()
    assert "custody-chatgpt-compliance-key" in failed.words
    assert code in failed.words


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"vault.allow_from": None}, "vault.allow_from"),
        ({"vault.deployer_access": False}, "vault.deployer_access: true"),
    ],
)
def test_recovering_a_secret_names_the_settings_that_let_it(
    tenant: Tenant, change: dict[str, object], setting: str
) -> None:
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    tenant.change({"vault.recover": True, **change})
    refused = tenant.up().must_fail()
    assert "secret chatgpt-compliance-key was not written" in refused.words
    assert setting in refused.words
