"""What a change shows before it is made, and what it then does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import ARM, PURVIEW, VAULT

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

SOURCE = f"{PURVIEW}/scan/datasources/chatgpt"


@pytest.mark.deployed
def test_a_vaults_tag_changes_the_vault_and_nothing_else(tenant: Tenant, operator: Person) -> None:
    tenant.change({"tags": {"owner": "msp", "wave": "canary"}, "vault.tags": {"owner": "security"}})
    assert tenant.preview().must_succeed().steps == {"custody-vault": "update"}
    assert tenant.up().must_succeed().steps == {"custody-vault": "update"}
    group = f"{ARM}/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    vault = operator.get(f"{group}/providers/Microsoft.KeyVault/vaults/kv-contoso-ai")
    assert vault["tags"] == {"owner": "security", "wave": "canary"}
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.mark.deployed
def test_what_azure_never_changes_in_a_vault_is_refused_at_the_preview(tenant: Tenant) -> None:
    tenant.change({"vault.purge_protection": False, "vault.soft_delete_days": 30})
    tenant.azure.forget_requests()
    for refused in (tenant.preview().must_fail(), tenant.up().must_fail()):
        assert "sandbox: key vault kv-contoso-ai was not changed" in refused.words
        assert "vault.purge_protection cannot be taken back: set it to true" in refused.words
        assert "vault.soft_delete_days is fixed when the vault is made: set it to 7" in refused.words
    assert tenant.writes() == []


@pytest.mark.deployed
def test_a_new_key_changes_the_secret_and_the_credentials_version(tenant: Tenant, operator: Person) -> None:
    before = operator.get(f"{PURVIEW}/scan/credentials/sandbox-chatgpt")
    tenant.set_key(seed.ROTATED_VENDOR_KEY)
    wanted = {"custody-chatgpt-compliance-key": "update", "chatgpt-credential": "update"}
    assert tenant.preview().must_succeed().steps == wanted
    assert tenant.up().must_succeed().steps == wanted

    after = operator.get(f"{PURVIEW}/scan/credentials/sandbox-chatgpt")
    newest = operator.get(f"{VAULT}/secrets/chatgpt-compliance-key")
    reference = after["properties"]["typeProperties"]["talon"]
    assert newest["value"] == seed.ROTATED_VENDOR_KEY
    assert newest["id"].endswith(reference["secretVersion"])
    before["properties"]["typeProperties"]["talon"]["secretVersion"] = reference["secretVersion"]
    assert after == before
    assert operator.run_again()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.mark.deployed
@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("collection", "referenceName"), seed.ACCOUNT),
        (("nest", "burrowId"), seed.OTHER_WORKSPACE),
    ],
)
def test_refresh_finds_a_data_source_that_somebody_changed(
    tenant: Tenant, operator: Person, steps: tuple[str, str], value: str
) -> None:
    source = operator.get(SOURCE)
    source["properties"][steps[0]][steps[1]] = value
    operator.do("PUT", SOURCE, json=source)
    found = tenant.refresh()
    assert found.code == 7, found.output
    assert "chatgpt-source" in found.output
    assert value in found.output
    assert "was not replaced" not in found.output


@pytest.mark.deployed
def test_what_the_stack_does_not_declare_survives_an_update(tenant: Tenant, operator: Person) -> None:
    scan = f"{SOURCE}/scans/chatgpt-scan"
    changed = operator.get(scan)
    changed["properties"]["logLevel"] = "Verbose"
    operator.do("PUT", scan, json=changed)
    tenant.change({"purview.domain": "x7k2qd"})
    assert tenant.preview().must_succeed().steps == {"chatgpt-scan": "update"}
    assert tenant.up().must_succeed().steps == {"chatgpt-scan": "update"}
    after = operator.get(scan)["properties"]
    assert (after["domain"], after["logLevel"]) == ("x7k2qd", "Verbose")


@pytest.mark.deployed
def test_another_day_to_capture_from_is_refused_and_says_what_it_would_mean(tenant: Tenant) -> None:
    tenant.change({"sources.chatgpt.capture_since": "2026-02-01"})
    for refused in (tenant.preview().must_fail(), tenant.up().must_fail()):
        assert 'scan "chatgpt-scan" was not replaced' in refused.words
        assert "capture since is fixed when a scan is made" in refused.words
        assert "allow_rescan" in refused.words


@pytest.mark.deployed
def test_a_scan_is_not_replaced_by_accident(tenant: Tenant, operator: Person) -> None:
    source = operator.get(SOURCE)
    tenant.change({"sources.chatgpt.workspace_id": seed.OTHER_WORKSPACE})
    for refused in (tenant.preview().must_fail(), tenant.up().must_fail()):
        assert 'data source "chatgpt" was not replaced' in refused.words
        assert "ingests every interaction a second time" in refused.words
    assert operator.get(SOURCE) == source
    tenant.change({"sources.chatgpt.workspace_id": seed.WORKSPACE})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.mark.deployed
def test_a_scan_that_somebody_deleted_comes_back_and_runs(tenant: Tenant, operator: Person) -> None:
    first = operator.run_of()
    operator.do("DELETE", f"{SOURCE}/scans/chatgpt-scan/triggers/default")
    operator.do("DELETE", f"{SOURCE}/scans/chatgpt-scan")
    tenant.run("refresh", "--yes").must_succeed()
    assert tenant.up().must_succeed().steps == {
        "chatgpt-scan": "create",
        "chatgpt-trigger": "create",
        "chatgpt-run": "create",
    }
    second = operator.run_of()
    assert second["status"] == "Succeeded"
    assert second["id"] != first["id"]


@pytest.mark.deployed
def test_two_workspaces_stand_side_by_side(tenant: Tenant, operator: Person) -> None:
    tenant.azure.set_vendor_key(seed.ROTATED_VENDOR_KEY, workspace=seed.OTHER_WORKSPACE)
    first = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
    second = {**first, "workspace_id": seed.OTHER_WORKSPACE, "key": {"secret": "other-key"}}
    tenant.change({"sources.research": second})
    tenant.set_key(seed.ROTATED_VENDOR_KEY, "other-key")
    added = tenant.up().must_succeed().steps
    assert set(added.values()) == {"create"}
    assert all("research" in name or "other-key" in name for name in added)
    assert operator.run_of("datasources/research/scans/research-scan")["status"] == "Succeeded"
