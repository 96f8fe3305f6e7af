"""Storage accounts, keys and managed identities through the stand-in for azure-native."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from plugin_process import RefusedError

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

GROUP = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
ACCOUNT_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stcontosostate"
IDENTITY_ID = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-contoso"
VAULT_ID = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-state"
STORAGE_VERSION, IDENTITY_VERSION, VAULT_VERSION = "2024-01-01", "2023-01-31", "2024-11-01"
IN_GROUP = {"resourceGroupName": seed.TENANT_GROUP}


def account(**more: Any) -> dict[str, Any]:
    rules = {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"iPAddressOrRange": "20.0.113.7"}]}
    return {
        **IN_GROUP,
        "accountName": "stcontosostate",
        "location": seed.LOCATION,
        "kind": "StorageV2",
        "sku": {"name": "Standard_ZRS"},
        "allowSharedKeyAccess": False,
        "enableHttpsTrafficOnly": True,
        "networkRuleSet": rules,
        "azureApiVersion": STORAGE_VERSION,
        **more,
    }


def calls(azure: LocalAzure) -> list[str]:
    told = [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == "arm"]
    azure.forget_requests()
    return told


@pytest.mark.fact(102)
def test_an_account_is_followed_to_its_end_and_its_rules_have_the_sdks_names(
    azure: LocalAzure, native: PluginProcess
) -> None:
    plugin = native.of("azure-native:storage:StorageAccount")
    made, outputs = plugin.create(account())
    assert made == ACCOUNT_ID
    told = calls(azure)
    assert (told[:2], told[-1]) == (["GET 404", "PUT 202"], "GET 200")
    assert outputs["networkRuleSet"]["ipRules"] == [{"iPAddressOrRange": "20.0.113.7"}]
    assert outputs["enableHttpsTrafficOnly"] is True
    assert outputs["primaryEndpoints"]["blob"] == "https://stcontosostate.blob.core.windows.net/"
    changed = plugin.update(made, outputs, account(minimumTlsVersion="TLS1_2"))
    assert changed["minimumTlsVersion"] == "TLS1_2"
    assert plugin.read(made, changed, account()) == (made, changed, account())
    plugin.delete(made)
    assert plugin.read(made, changed, account())[0] == ""


@pytest.mark.fact(101)
def test_the_blob_service_is_taken_over_and_put_back(azure: LocalAzure, native: PluginProcess) -> None:
    native.of("azure-native:storage:StorageAccount").create(account())
    calls(azure)
    plugin = native.of("azure-native:storage:BlobServiceProperties")
    kept = {"enabled": True, "days": 7}
    inputs = {
        **IN_GROUP,
        "accountName": "stcontosostate",
        "blobServicesName": "default",
        "isVersioningEnabled": True,
        "deleteRetentionPolicy": kept,
        "azureApiVersion": STORAGE_VERSION,
    }
    made, outputs = plugin.create(inputs)
    assert calls(azure) == ["GET 200", "PUT 200", "GET 200"]
    assert outputs["deleteRetentionPolicy"] == kept
    plugin.delete(made)
    assert calls(azure) == ["PUT 200"]
    assert "isVersioningEnabled" not in plugin.read(made, outputs, inputs)[1]


def test_a_container_that_is_there_already_is_refused(native: PluginProcess) -> None:
    native.of("azure-native:storage:StorageAccount").create(account())
    plugin = native.of("azure-native:storage:BlobContainer")
    inputs = {**IN_GROUP, "accountName": "stcontosostate", "containerName": "state-contoso"}
    inputs |= {"publicAccess": "None", "azureApiVersion": STORAGE_VERSION}
    made, outputs = plugin.create(inputs)
    assert made == f"{ACCOUNT_ID}/blobServices/default/containers/state-contoso"
    assert outputs["publicAccess"] == "None"
    with pytest.raises(RefusedError, match="cannot create already existing resource"):
        plugin.create(inputs)


def test_an_identity_tells_its_ids_and_takes_a_federated_credential(native: PluginProcess) -> None:
    plugin = native.of("azure-native:managedidentity:UserAssignedIdentity")
    inputs = {**IN_GROUP, "resourceName": "id-contoso", "location": seed.LOCATION}
    made, outputs = plugin.create({**inputs, "azureApiVersion": IDENTITY_VERSION})
    assert made == IDENTITY_ID
    assert outputs["tenantId"] == seed.TENANT
    assert outputs["clientId"] != outputs["principalId"]
    credential = native.of("azure-native:managedidentity:FederatedIdentityCredential", "github")
    wanted = {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:a/b:environment:c"}
    wanted |= {"audiences": ["api://AzureADTokenExchange"]}
    checked = credential.check({**IN_GROUP, "resourceName": "id-contoso", **wanted})
    assert checked.inputs["federatedIdentityCredentialResourceName"] == "github"
    name, told = credential.create(checked.inputs)
    assert name == f"{IDENTITY_ID}/federatedIdentityCredentials/github"
    assert {key: told[key] for key in wanted} == wanted
    credential.delete(name)
    plugin.delete(made)
    assert plugin.read(made, outputs, inputs)[0] == ""


@pytest.mark.fact(100)
def test_a_key_is_flat_when_it_is_told_and_deleted_in_its_vault(azure: LocalAzure, native: PluginProcess) -> None:
    vault = native.of("azure-native:keyvault:Vault")
    properties = {
        "tenantId": seed.TENANT,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": False,
        "accessPolicies": [
            {"tenantId": seed.TENANT, "objectId": seed.DEPLOYER_ID, "permissions": {"keys": ["delete"]}}
        ],
    }
    vault.create(
        {
            **IN_GROUP,
            "vaultName": "kv-state",
            "location": seed.LOCATION,
            "properties": properties,
            "azureApiVersion": VAULT_VERSION,
        }
    )
    plugin = native.of("azure-native:keyvault:Key")
    kept = {"kty": "RSA", "keySize": 2048, "keyOps": ["encrypt", "decrypt"]}
    named = {**IN_GROUP, "vaultName": "kv-state", "keyName": "contoso", "azureApiVersion": VAULT_VERSION}
    inputs: dict[str, Any] = {**named, "properties": kept}
    made, outputs = plugin.create(inputs)
    assert made == f"{VAULT_ID}/keys/contoso"
    assert (outputs["kty"], outputs["keySize"], outputs["keyOps"]) == ("RSA", 2048, ["encrypt", "decrypt"])
    assert plugin.read(made, outputs, inputs) == (made, outputs, inputs)
    larger = {**inputs, "properties": {**kept, "keySize": 4096}}
    assert plugin.diff(inputs, larger, outputs).replaces == ["properties.keySize"]
    azure.forget_requests()
    plugin.delete(made, inputs)
    deleted = [line for line in azure.requests() if line["service"] == "key-vault"]
    assert [(line["method"], line["path"], line["status"]) for line in deleted][-1] == ("DELETE", "/keys/contoso", 200)
    assert plugin.read(made, outputs, inputs)[0] == ""
