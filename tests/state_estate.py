"""A storage account, a vault with a key, and an identity, made through ARM by somebody with all rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure import seed
from waiting import until
from whole_chain import GROUP, VAULTS, role_body, role_url, vault_body

if TYPE_CHECKING:
    from people import Person

ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:contoso/purview:environment:contoso"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
DATA_ACCESS_ADMINISTRATOR = "8b54135c-b56d-4d72-a534-26097cfdc8d8"
STORAGE_API = {"api-version": "2024-01-01"}
IDENTITY_API = {"api-version": "2023-01-31"}
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts"
IDENTITIES = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"


def account_body(**properties: Any) -> dict[str, Any]:
    """A storage account without shared keys."""
    return {
        "location": seed.LOCATION,
        "kind": "StorageV2",
        "sku": {"name": "Standard_ZRS"},
        "properties": {"allowSharedKeyAccess": False, "minimumTlsVersion": "TLS1_2", **properties},
    }


def containers(account: str, group: str = GROUP) -> str:
    """Where ARM keeps an account's containers; by default in the tenant's resource group."""
    return f"{group}/providers/Microsoft.Storage/storageAccounts/{account}/blobServices/default/containers"


def make_account(operator: Person, account: str, *names: str, **properties: Any) -> None:
    """An account that is ready, with containers."""
    url = f"{STORAGE}/{account}"
    operator.do("PUT", url, params=dict(STORAGE_API), json=account_body(**properties))
    until(lambda: operator.get(url, **STORAGE_API)["properties"]["provisioningState"] == "Succeeded", "the account")
    for name in names:
        operator.do("PUT", f"{containers(account)}/{name}", params=dict(STORAGE_API), json={})


def give(operator: Person, scope: str, role: str, principal: str = seed.STRANGER_ID) -> None:
    """A role for somebody; by default for the stranger."""
    operator.do("PUT", role_url(scope), json=role_body(role, principal))


def make_key(operator: Person, vault: str, *names: str) -> None:
    """A vault with roles, open to all networks, with RSA keys."""
    body = vault_body()
    del body["properties"]["networkAcls"]
    operator.do("PUT", f"{VAULTS}/{vault}", json=body)
    for name in names:
        body = {"properties": {"kty": "RSA", "keySize": 2048}}
        operator.do("PUT", f"{VAULTS}/{vault}/keys/{name}", json=body)


def make_identity(operator: Person, name: str) -> dict[str, str]:
    """An identity; its principal, its client and its tenant."""
    body = {"location": seed.LOCATION}
    made = operator.do("PUT", f"{IDENTITIES}/{name}", params=dict(IDENTITY_API), json=body)
    return made["properties"]


def federate(operator: Person, identity: str, name: str, **properties: Any) -> Any:
    """A federated credential of an identity, as ARM answers."""
    wanted = {"issuer": ISSUER, "subject": SUBJECT, "audiences": ["api://AzureADTokenExchange"], **properties}
    url = f"{IDENTITIES}/{identity}/federatedIdentityCredentials/{name}"
    return operator.ask("PUT", url, params=dict(IDENTITY_API), json={"properties": wanted})
