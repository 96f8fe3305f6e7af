"""Tenants in the national clouds: Microsoft's own clients sign in and work there, and nowhere else."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from local_azure import seed
from local_azure.hosts import BY_NAME, Cloud
from sandboxes import local_azure
from whole_chain import vault_body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure

AT_ONCE = {"polling_interval": 0}
NATIONAL = ("usgovernment", "china")
PURVIEW = "https://purview.azure.net/.default"


@dataclass(frozen=True)
class Place:
    """A sandbox of one cloud, as seen from inside of it."""

    name: str
    cloud: Cloud
    azure: LocalAzure

    @property
    def credential(self) -> ClientSecretCredential:
        """Somebody with all rights."""
        return ClientSecretCredential(seed.TENANT, seed.OPERATOR_APP, seed.OPERATOR_SECRET, authority=self.cloud.login)

    @property
    def arm(self) -> dict[str, Any]:
        """What a client of ARM is told of the cloud."""
        return {"base_url": f"https://{self.cloud.arm}", "credential_scopes": [f"https://{self.cloud.arm}/.default"]}


@pytest.fixture(scope="module", params=NATIONAL)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    name: Any = request.param
    with local_azure(tmp_path_factory.mktemp(name) / "azure", cloud=name) as azure:
        yield Place(name, BY_NAME[name], azure)


@pytest.fixture(autouse=True)
def _network(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
        monkeypatch.delenv(name)
    for name, value in place.azure.network().items():
        monkeypatch.setenv(name, value)


def test_arm_tells_of_its_cloud(place: Place) -> None:
    with place.azure.client() as client:
        told = client.get(f"https://{place.cloud.arm}/metadata/endpoints").json()
    assert told["name"] == place.cloud.name
    assert told["authentication"]["loginEndpoint"] == f"https://{place.cloud.login}/"
    assert told["microsoftGraphResourceId"] == f"https://{place.cloud.graph}/"
    assert told["suffixes"]["keyVaultDns"] == place.cloud.vault_suffix
    assert place.azure.deployer()["ARM_ENVIRONMENT"] == place.name


def test_arm_and_a_vault_work_in_the_cloud(place: Place) -> None:
    from azure.keyvault.secrets import SecretClient
    from azure.mgmt.keyvault import KeyVaultManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient

    groups: Any = ResourceManagementClient(place.credential, seed.SUBSCRIPTION, **place.arm).resource_groups
    assert groups.get(seed.TENANT_GROUP).name == seed.TENANT_GROUP
    vaults: Any = KeyVaultManagementClient(place.credential, seed.SUBSCRIPTION, **place.arm).vaults
    name = f"kv-in-{place.name}"
    made = vaults.begin_create_or_update(seed.TENANT_GROUP, name, vault_body(), **AT_ONCE).result()
    assert made.properties.vault_uri == f"https://{name}.{place.cloud.vault_suffix}/"
    secrets = SecretClient(made.properties.vault_uri, place.credential)
    secrets.set_secret("a-key", "a-value")
    assert secrets.get_secret("a-key").value == "a-value"


def test_purview_answers_at_the_clouds_host(place: Place) -> None:
    from azure.mgmt.purview import PurviewManagementClient
    from azure.purview.administration.account import PurviewAccountClient
    from azure.purview.scanning import PurviewScanningClient

    accounts: Any = PurviewManagementClient(place.credential, seed.SUBSCRIPTION, **place.arm).accounts
    endpoint = str(accounts.get(seed.GOVERNANCE_GROUP, seed.ACCOUNT).endpoints.scan)
    host = f"https://{seed.ACCOUNT}.{place.cloud.purview_suffix}"
    assert endpoint == f"{host}/scan"
    scanning: Any = PurviewScanningClient(endpoint, place.credential)
    assert list(scanning.data_sources.list_all()) == []
    account: Any = PurviewAccountClient(f"{host}/account", place.credential)
    assert seed.COLLECTION in [one["name"] for one in account.collections.list_collections()]


def test_graph_answers_in_the_cloud(place: Place) -> None:
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

    async def names() -> list[str | None]:
        graph = f"https://{place.cloud.graph}"
        # Not the asynchronous credential: aiohttp trusts for ever whom it trusted when it was loaded.
        provider = AzureIdentityAuthenticationProvider(
            place.credential, scopes=[f"{graph}/.default"], allowed_hosts=[place.cloud.graph]
        )
        adapter = GraphRequestAdapter(provider)
        adapter.base_url = f"{graph}/v1.0"
        listed = await GraphServiceClient(request_adapter=adapter).service_principals.get()
        assert listed is not None
        return [one.display_name for one in listed.value or []]

    assert seed.ACCOUNT in asyncio.run(names())


def test_a_tenant_is_in_one_cloud(place: Place) -> None:
    elsewhere = BY_NAME["public"]
    stranger = ClientSecretCredential(seed.TENANT, seed.OPERATOR_APP, seed.OPERATOR_SECRET, authority=elsewhere.login)
    with pytest.raises(ClientAuthenticationError, match="AADSTS90038"):
        stranger.get_token(f"https://{elsewhere.arm}/.default")
    token = place.credential.get_token(PURVIEW).token
    with place.azure.client() as client, pytest.raises(httpx.ProxyError, match="502"):
        client.get(
            f"https://{seed.ACCOUNT}.{elsewhere.purview_suffix}/scan/datasources",
            params={"api-version": "2023-09-01"},
            headers={"authorization": f"Bearer {token}"},
        )
