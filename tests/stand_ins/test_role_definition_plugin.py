"""Role definitions through the stand-in for azure-native."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

ROLE = "azure-native:authorization:RoleDefinition"
SUBSCRIPTION = f"/subscriptions/{seed.SUBSCRIPTION}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
NAME = "2f0d5c1e-4a3b-4d6e-8f70-918273645546"
DECRYPT = "Microsoft.KeyVault/vaults/keys/decrypt/action"


def role(*data_actions: str, **more: Any) -> dict[str, Any]:
    return {
        "scope": GROUP,
        "roleDefinitionId": NAME,
        "roleName": "Key user",
        "roleType": "CustomRole",
        "description": "Uses keys.",
        "assignableScopes": [GROUP],
        "permissions": [{"dataActions": list(data_actions)}],
        "azureApiVersion": "2022-05-01-preview",
        **more,
    }


def calls(azure: LocalAzure) -> list[str]:
    asked = [line for line in azure.requests() if line["service"] == "arm"]
    azure.forget_requests()
    return [f"{line['method']} {line['path']} {line['status']}" for line in asked]


@pytest.mark.fact(104)
def test_a_role_is_made_at_its_scope_and_known_by_the_name_that_azure_gives_it(
    azure: LocalAzure, native: PluginProcess
) -> None:
    plugin = native.of(ROLE)
    own, by_azure = (f"{one}/providers/Microsoft.Authorization/roleDefinitions/{NAME}" for one in (GROUP, SUBSCRIPTION))
    azure.forget_requests()
    made, outputs = plugin.create(role(DECRYPT))
    assert made == by_azure
    assert calls(azure) == [f"GET {own} 404", f"PUT {own} 201", f"GET {by_azure} 200"]
    assert (outputs["roleName"], outputs["roleType"]) == ("Key user", "CustomRole")
    assert outputs["permissions"][0]["dataActions"] == [DECRYPT]
    changed = plugin.update(made, outputs, role(DECRYPT, DECRYPT.replace("decrypt", "encrypt")))
    assert calls(azure) == [f"PUT {own} 201", f"GET {own} 200"]
    assert len(changed["permissions"][0]["dataActions"]) == 2
    plugin.delete(made, role(DECRYPT))
    assert calls(azure) == [f"DELETE {by_azure} 200"]


@pytest.mark.fact(6)
@pytest.mark.fact(104)
def test_what_a_role_allows_changes_in_place_and_where_it_stands_replaces_it(offline: PluginProcess) -> None:
    plugin = offline.of(ROLE)
    unnamed = role(DECRYPT)
    del unnamed["roleDefinitionId"]
    assert uuid.UUID(plugin.check(unnamed).inputs["roleDefinitionId"])
    for changed in (role(), role(DECRYPT, roleName="Other"), role(DECRYPT, assignableScopes=[SUBSCRIPTION])):
        assert plugin.diff(role(DECRYPT), changed).replaces == []
    for changed in (role(DECRYPT, scope=SUBSCRIPTION), role(DECRYPT, roleDefinitionId=str(uuid.uuid4()))):
        assert plugin.diff(role(DECRYPT), changed).replaces
