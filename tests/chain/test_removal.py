"""What destroy leaves behind, and how the same tenant comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from local_azure.process import LocalAzure
from people import ARM, GRAPH, PURVIEW, VAULT
from tenants import Tenant
from whole_chain import let_the_deployer_make_resource_groups

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from people import Person

ACCOUNT = (
    f"{ARM}/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    f"/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
)


def test_destroy_removes_what_was_made_and_up_brings_it_back(tenant: Tenant, operator: Person) -> None:
    account = operator.get(ACCOUNT)
    tenant.up().must_succeed()
    first = operator.run_of()
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
    second = operator.run_of()
    assert second["status"] == "Succeeded"
    assert second["id"] != first["id"], "the new scan has a first run of its own"
    versions = operator.get(f"{VAULT}/secrets/chatgpt-compliance-key/versions")["value"]
    assert len(versions) == 2, "the soft-deleted secret came back and got a new version"

    # How a vault came to be is no property of it: the setting may go, or stay, without a change.
    tenant.change({"vault.recover": False})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.fixture
def slow_azure(tmp_path: Path) -> Iterator[LocalAzure]:
    """A local Azure whose runs never end in the time of a test."""
    azure = LocalAzure.start(tmp_path / "azure", pace=600, warm=True)
    yield azure
    azure.kill()


def test_destroy_ends_a_run_that_goes_on(slow_azure: LocalAzure, tmp_path: Path, pulumi_home: Path) -> None:
    del pulumi_home
    tenant = Tenant(tmp_path / "tenant", slow_azure)
    tenant.up().must_succeed()
    slow_azure.forget_requests()
    tenant.destroy().must_succeed()
    assert any(call.endswith(":cancel") for call in tenant.writes())


def test_a_destroy_that_is_refused_leaves_the_run_alone(
    slow_azure: LocalAzure, tmp_path: Path, pulumi_home: Path
) -> None:
    del pulumi_home
    tenant = Tenant(tmp_path / "tenant", slow_azure)
    tenant.change({"protect": True})
    tenant.up().must_succeed()
    slow_azure.forget_requests()
    refused = tenant.destroy().must_fail()
    assert "protected" in refused.words
    assert tenant.writes() == []


def test_a_resource_group_is_made_only_when_asked(tenant: Tenant, operator: Person) -> None:
    let_the_deployer_make_resource_groups(operator)
    tenant.change({"vault.resource_group": "rg-new"})
    assert "ResourceGroupNotFound" in tenant.up().must_fail().words
    tenant.change({"vault.create_resource_group": True, "vault.network": "public", "vault.allow_from": None})
    assert tenant.up().must_succeed().steps["custody-group"] == "create"
    tenant.destroy().must_succeed()


def test_making_a_resource_group_takes_rights_on_the_subscription(tenant: Tenant) -> None:
    tenant.change({"vault.resource_group": "rg-new", "vault.create_resource_group": True})
    assert "AuthorizationFailed" in tenant.up().must_fail().words


@pytest.mark.deployed
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


@pytest.mark.deployed
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
    tenant.destroy().must_succeed()
    tenant.change({"vault.recover": True, **change})
    refused = tenant.up().must_fail()
    assert 'vault secret "chatgpt-compliance-key" was not written' in refused.words
    assert setting in refused.words
