"""What a change shows before it is made, and what it then does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure import seed
from people import ARM, PURVIEW, VAULT

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

SOURCE = f"{PURVIEW}/scan/datasources/chatgpt"


def test_a_vaults_tag_changes_the_vault_and_nothing_else(tenant: Tenant, operator: Person) -> None:
    tenant.up().must_succeed()
    tenant.change({"vault.tags": {"owner": "security"}})
    assert tenant.preview().must_succeed().steps == {"custody-vault": "update"}
    assert tenant.up().must_succeed().steps == {"custody-vault": "update"}
    group = f"{ARM}/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    vault = operator.get(f"{group}/providers/Microsoft.KeyVault/vaults/kv-contoso-ai")
    assert vault["tags"] == {"owner": "security"}
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


def test_a_new_key_changes_the_secret_and_the_credentials_version(tenant: Tenant, operator: Person) -> None:
    tenant.up().must_succeed()
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


def test_refresh_finds_a_data_source_that_somebody_changed(tenant: Tenant, operator: Person) -> None:
    tenant.up().must_succeed()
    source = operator.get(SOURCE)
    source["properties"]["collection"]["referenceName"] = seed.ACCOUNT
    operator.do("PUT", SOURCE, json=source)
    found = tenant.refresh()
    assert found.code == 7, found.output
    assert found.steps == {} or set(found.steps) == {"chatgpt-source"}
    assert "chatgpt-source" in found.output
    assert seed.ACCOUNT in found.output


def test_what_the_stack_does_not_declare_survives_an_update(tenant: Tenant, operator: Person) -> None:
    tenant.up().must_succeed()
    scan = f"{SOURCE}/scans/chatgpt-scan"
    changed = operator.get(scan)
    changed["properties"]["logLevel"] = "Verbose"
    operator.do("PUT", scan, json=changed)
    tenant.change({"purview.collection": seed.ACCOUNT})
    operator_only = tenant.preview().must_succeed()
    assert operator_only.steps == {"chatgpt-source": "update", "chatgpt-scan": "update"}


def test_a_scan_is_not_replaced_by_accident(tenant: Tenant, operator: Person) -> None:
    tenant.up().must_succeed()
    source = operator.get(SOURCE)
    tenant.change({"sources.chatgpt.workspace_id": seed.OTHER_WORKSPACE})
    refused = tenant.preview().must_fail()
    assert 'data source "chatgpt" was not replaced' in refused.words
    assert "allow_rescan" in refused.words
    tenant.up().must_fail()
    assert operator.get(SOURCE) == source

    tenant.change({"sources.chatgpt.allow_rescan": True})
    assert tenant.preview().must_succeed().steps["chatgpt-source"] != "update"
