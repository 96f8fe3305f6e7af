"""Secrets through the stand-in for azure-native: written through ARM, deleted in the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from plugin_process import RefusedError

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"
VAULT_URL = "https://kv-test.vault.azure.net"
NAMES = {"resourceGroupName": seed.TENANT_GROUP, "vaultName": "kv-test", "secretName": "vendor-key"}


def secret_inputs(value: str = "first", **more: object) -> dict[str, Any]:
    return {**NAMES, "properties": {"value": value, **more}, "azureApiVersion": "2024-11-01"}


@pytest.fixture
def secret(azure: LocalAzure, native: PluginProcess) -> PluginProcess:
    """Secrets of a vault that the deployer may fully use."""
    policy = {"tenantId": seed.TENANT, "objectId": seed.DEPLOYER_ID, "permissions": {"secrets": ["all"]}}
    native.of(VAULT).create(
        {
            "resourceGroupName": seed.TENANT_GROUP,
            "vaultName": "kv-test",
            "location": "westeurope",
            "properties": {
                "sku": {"family": "A", "name": "standard"},
                "tenantId": seed.TENANT,
                "accessPolicies": [policy],
            },
        }
    )
    azure.forget_requests()
    return native.of(SECRET)


def calls(azure: LocalAzure, service: str = "arm") -> list[str]:
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == service]


@pytest.mark.fact(40)
def test_a_secret_is_checked_and_written_but_not_read_back(azure: LocalAzure, secret: PluginProcess) -> None:
    made, outputs = secret.create(secret_inputs(attributes={"expires": 4102444800}))
    assert calls(azure) == ["GET 404", "PUT 201"]
    assert made.endswith("/vaults/kv-test/secrets/vendor-key")
    assert outputs["properties"]["secretUriWithVersion"].startswith(f"{VAULT_URL}/secrets/vendor-key/")
    assert "value" not in outputs["properties"]
    assert outputs["properties"]["attributes"]["expires"] == 4102444800


@pytest.mark.fact(35)
def test_a_secrets_value_survives_a_refresh(secret: PluginProcess) -> None:
    made, outputs = secret.create(secret_inputs())
    _, _, inputs = secret.read(made, outputs, secret_inputs())
    assert inputs == secret_inputs()


@pytest.mark.fact(34)
def test_a_new_value_is_a_new_version_of_the_same_secret(azure: LocalAzure, secret: PluginProcess) -> None:
    made, first = secret.create(secret_inputs())
    azure.forget_requests()
    second = secret.update(made, first, secret_inputs("second"))
    assert calls(azure) == ["PUT 200", "GET 200"]
    uris = [outputs["properties"]["secretUriWithVersion"] for outputs in (first, second)]
    assert uris[0] != uris[1]


@pytest.mark.fact(41)
@pytest.mark.fact(42)
def test_a_secret_is_deleted_in_the_vault_after_its_challenge(azure: LocalAzure, secret: PluginProcess) -> None:
    made, _ = secret.create(secret_inputs())
    azure.forget_requests()
    secret.delete(made, NAMES)
    assert calls(azure) == []
    assert calls(azure, "key-vault") == ["DELETE 401", "DELETE 200"]
    secret.delete(made, NAMES)
    assert calls(azure, "key-vault")[2:] == ["DELETE 404"]  # gone already, and the challenge is remembered


@pytest.mark.fact(41)
def test_a_deletion_takes_its_names_from_the_inputs(secret: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="secretName not found in resource state"):
        secret.delete("/any/id", {"vaultName": "kv-test"})


@pytest.mark.fact(41)
def test_a_refused_deletion_is_told_at_length_and_without_the_value(azure: LocalAzure, secret: PluginProcess) -> None:
    made, _ = secret.create(secret_inputs("very-secret"))
    azure.weather(effect="status", service="key-vault", status=403, code="Forbidden", method="DELETE", times=2)
    with pytest.raises(RefusedError, match=r"RESPONSE 403: 403 Forbidden\nERROR CODE: Forbidden") as refused:
        secret.delete(made, NAMES)
    assert "very-secret" not in str(refused.value)


@pytest.mark.fact(40)
def test_a_deleted_secret_is_recovered_and_written_again(azure: LocalAzure, secret: PluginProcess) -> None:
    made, _ = secret.create(secret_inputs())
    secret.delete(made, NAMES)
    azure.forget_requests()
    again, _ = secret.create(secret_inputs("second"))
    assert again == made
    arm = calls(azure)
    assert arm[:2] == ["GET 404", "PUT 409"]
    assert arm[-1] in {"PUT 200", "PUT 201"}
    vault = [(line["method"], line["path"]) for line in azure.requests() if line["service"] == "key-vault"]
    assert ("GET", "/deletedsecrets/vendor-key") in vault
    assert ("POST", "/deletedsecrets/vendor-key/recover") in vault


@pytest.mark.fact(40)
def test_conflicts_without_a_deleted_secret_are_believed_after_six(azure: LocalAzure, secret: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="PUT", status=409, code="Conflict", times=20)
    with pytest.raises(RefusedError, match='Status=409 Code="Conflict"'):
        secret.create(secret_inputs())
    assert calls(azure) == ["GET 404", *["PUT 409"] * 6]
