"""What previews of the stand-in for azure-native know and leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from plugin_process import PluginProcess

VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"
ROLE = "azure-native:authorization:RoleAssignment"

VAULT_INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg",
    "vaultName": "kv-test",
    "location": "westeurope",
    "tags": {"team": "security", "later": UNKNOWN},
    "properties": {
        "sku": {"family": "A", "name": "standard"},
        "tenantId": UNKNOWN,
        "enableRbacAuthorization": True,
        "networkAcls": {"ipRules": [{"value": "20.0.113.7"}], "bypass": 7},
    },
    "azureApiVersion": "2024-11-01",
}


@pytest.mark.fact(13)
def test_a_created_resources_outputs_are_its_inputs_where_it_has_them(offline: PluginProcess) -> None:
    outputs = offline.of(VAULT).preview_create(VAULT_INPUTS)
    assert outputs["location"] == "westeurope"
    assert outputs["tags"] == {"team": "security", "later": UNKNOWN}
    assert outputs["properties"]["sku"] == {"family": "A", "name": "standard"}
    assert outputs["properties"]["enableRbacAuthorization"] is True
    assert outputs["properties"]["networkAcls"]["ipRules"] == [{"value": "20.0.113.7"}]


@pytest.mark.fact(13)
def test_what_only_the_answer_has_is_unknown_at_every_depth(offline: PluginProcess) -> None:
    outputs = offline.of(VAULT).preview_create(VAULT_INPUTS)
    assert all(outputs[name] is UNKNOWN for name in ("id", "name", "type", "systemData"))
    properties = outputs["properties"]
    assert all(properties[name] is UNKNOWN for name in ("vaultUri", "provisioningState", "tenantId"))
    assert properties["networkAcls"]["virtualNetworkRules"] is UNKNOWN
    assert properties["networkAcls"]["bypass"] is UNKNOWN  # a number is no text


@pytest.mark.fact(13)
def test_parts_of_the_path_and_the_api_version_do_not_appear(offline: PluginProcess) -> None:
    outputs = offline.of(VAULT).preview_create(VAULT_INPUTS)
    assert not {"resourceGroupName", "vaultName", "azureApiVersion"} & outputs.keys()


@pytest.mark.fact(14)
def test_an_updates_preview_keeps_only_the_name_and_the_location_of_the_state(
    offline: PluginProcess,
) -> None:
    state = {
        "name": "kv-test",
        "location": "westeurope",
        "type": "Microsoft.KeyVault/vaults",
        "properties": {"vaultUri": "https://kv-test.vault.azure.net/", "provisioningState": "Succeeded"},
    }
    outputs = offline.of(VAULT).update("/id", state, VAULT_INPUTS, preview=True)
    assert outputs["name"] == "kv-test"
    assert outputs["location"] == "westeurope"
    assert outputs["type"] is UNKNOWN
    assert outputs["properties"]["vaultUri"] is UNKNOWN
    assert outputs["properties"]["provisioningState"] is UNKNOWN


@pytest.mark.fact(15)
def test_a_secrets_preview_asks_nobody_and_leaves_its_version_open(offline: PluginProcess) -> None:
    inputs = {
        "resourceGroupName": "rg",
        "vaultName": "kv-test",
        "secretName": "key",
        "properties": {"value": "v"},
    }
    outputs = offline.of(SECRET).preview_create(inputs)
    assert outputs["properties"]["value"] == "v"
    assert outputs["properties"]["secretUriWithVersion"] is UNKNOWN


@pytest.mark.fact(28)
def test_a_role_assignments_properties_are_at_the_top(offline: PluginProcess) -> None:
    inputs = {
        "scope": "/subscriptions/s",
        "principalId": "p",
        "roleDefinitionId": "r",
        "principalType": "User",
    }
    outputs = offline.of(ROLE).preview_create(inputs)
    assert {name: outputs[name] for name in inputs} == inputs
    assert outputs["createdOn"] is UNKNOWN
    assert "properties" not in outputs
