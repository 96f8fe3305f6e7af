"""Functions of the stand-in for azure-native that get what is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import ARM
from plugin_process import RefusedError
from whole_chain import LOG_WORKSPACE_ID, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person
    from plugin_process import PluginProcess

VAULT_ID = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}/providers/Microsoft.KeyVault/vaults/kv-ours"
)
VAULT = {"resourceGroupName": seed.TENANT_GROUP, "vaultName": "kv-ours"}
GET_VAULT = "azure-native:keyvault:getVault"
GET_SECRET = "azure-native:keyvault:getSecret"
GET_WORKSPACE = "azure-native:operationalinsights:getWorkspace"


@pytest.fixture
def vault(azure: LocalAzure, operator: Person) -> str:
    """A vault that somebody else made, with a secret that they put there."""
    operator.do("PUT", ARM + VAULT_ID, json=vault_body())
    value = {"properties": {"value": "not-to-be-told", "attributes": {"exp": 4_102_444_800}}}
    made = operator.do("PUT", f"{ARM}{VAULT_ID}/secrets/vendor-key", json=value)
    azure.forget_requests()
    return made["properties"]["secretUriWithVersion"]


def asked(azure: LocalAzure) -> list[str]:
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] != "login"]


@pytest.mark.fact(38)
def test_a_vault_is_got_with_one_call_and_keeps_its_properties(
    azure: LocalAzure, native: PluginProcess, vault: str
) -> None:
    del vault
    found = native.invoke(GET_VAULT, **VAULT)
    assert asked(azure) == ["GET 200"]
    assert found["id"] == VAULT_ID
    assert found["azureApiVersion"] == "2024-11-01"
    assert found["properties"]["enableRbacAuthorization"] is True
    assert found["properties"]["networkAcls"]["defaultAction"] == "Deny"
    assert found["properties"]["vaultUri"] == "https://kv-ours.vault.azure.net/"
    assert found["location"] == seed.LOCATION


@pytest.mark.fact(38)
def test_a_secret_is_got_without_its_value(azure: LocalAzure, native: PluginProcess, vault: str) -> None:
    found = native.invoke(GET_SECRET, **VAULT, secretName="vendor-key")
    assert asked(azure) == ["GET 200"]
    assert found["properties"]["secretUriWithVersion"] == vault
    assert found["properties"]["attributes"]["expires"] == 4_102_444_800
    assert "value" not in found["properties"]
    assert "not-to-be-told" not in str(found)


@pytest.mark.fact(28)
@pytest.mark.fact(38)
def test_a_workspace_is_got_flat(azure: LocalAzure, native: PluginProcess) -> None:
    azure.forget_requests()
    found = native.invoke(GET_WORKSPACE, resourceGroupName=seed.TENANT_GROUP, workspaceName=seed.LOG_WORKSPACE)
    assert asked(azure) == ["GET 200"]
    assert found["id"] == LOG_WORKSPACE_ID
    assert found["azureApiVersion"] == "2023-09-01"
    assert found["sku"]["name"] == "PerGB2018"
    assert len(found["customerId"]) == len(seed.TENANT)
    assert "properties" not in found


@pytest.mark.fact(38)
@pytest.mark.parametrize(
    ("token", "missing", "where"),
    [
        (GET_VAULT, {**VAULT, "vaultName": "kv-none"}, "vaults/kv-none"),
        (GET_SECRET, {**VAULT, "secretName": "none"}, "vaults/kv-ours/secrets/none"),
        (GET_WORKSPACE, {"resourceGroupName": seed.TENANT_GROUP, "workspaceName": "none"}, "workspaces/none"),
    ],
)
def test_what_is_not_there_is_told_with_its_id(
    native: PluginProcess, vault: str, token: str, missing: dict[str, str], where: str
) -> None:
    del vault
    with pytest.raises(
        RefusedError, match=rf'^request failed /subscriptions/.*{where}: Status=404 Code="\w+" Message="'
    ):
        native.invoke(token, **missing)
