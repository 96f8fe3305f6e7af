"""Storage accounts, their blob service and its containers in the control plane (Microsoft.Storage)."""

from __future__ import annotations

import re
import time
from typing import Any

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, JsonObject, Operation, items, objects, part
from local_azure.errors import ServiceError
from local_azure.storage import Container, StorageAccount, remove_container, remove_storage_account

_TYPE = "Microsoft.Storage/storageAccounts"
_CONTAINERS = f"{_TYPE}/blobServices/containers"
_NAME = re.compile(r"^[a-z0-9]{3,24}$")
_CONTAINER_NAME = re.compile(r"^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")
_KEPT = (
    "allowBlobPublicAccess",
    "allowCrossTenantReplication",
    "allowSharedKeyAccess",
    "defaultToOAuthAuthentication",
    "minimumTlsVersion",
    "publicNetworkAccess",
    "supportsHttpsTrafficOnly",
)
_DEFAULT_ACLS: JsonObject = {
    "bypass": "AzureServices",
    "defaultAction": "Allow",
    "ipRules": [],
    "ipv6Rules": [],
    "resourceAccessRules": [],
    "virtualNetworkRules": [],
}
_SERVICE = ("containerDeleteRetentionPolicy", "deleteRetentionPolicy", "isVersioningEnabled")


def _id(call: Call) -> str:
    group = f"/subscriptions/{subscription_of(call).id}/resourceGroups/{call.params['group']}"
    return f"{group}/providers/{_TYPE}/{call.params['account']}"


def _shown(account: StorageAccount) -> dict[str, Any]:
    ready = time.time() >= account.ready_at
    return {
        "id": account.id,
        "name": account.name,
        "type": _TYPE,
        "location": account.location,
        "kind": account.kind,
        "sku": {"name": account.sku, "tier": account.sku.partition("_")[0]},
        "tags": account.tags,
        "properties": {
            **account.properties,
            "creationTime": account.created,
            "primaryEndpoints": {"blob": account.blob_url},
            "primaryLocation": account.location,
            "privateEndpointConnections": [],
            "provisioningState": "Succeeded" if ready else "Creating",
            "statusOfPrimary": "available",
        },
    }


def _account(call: Call) -> StorageAccount:
    account = call.azure.store.get(StorageAccount, call.params["account"])
    if account is None or account.id.lower() != _id(call).lower():
        says = (
            f"The Resource '{_TYPE}/{call.params['account']}' under resource group '{call.params['group']}' "
            "was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return account


def get_account(call: Call) -> Answer:
    """``GET`` of one account."""
    require(call, _id(call), f"{_TYPE}/read")
    return Answer(200, _shown(_account(call)))


def list_accounts(call: Call) -> Answer:
    """``GET`` of all accounts of a subscription."""
    scope = f"/subscriptions/{subscription_of(call).id}"
    require(call, scope, f"{_TYPE}/read")
    found = [a for a in call.azure.store.all(StorageAccount) if a.id.lower().startswith(scope.lower() + "/")]
    return items([_shown(account) for account in found])


def put_account(call: Call) -> Answer:
    """``PUT``: create, which takes a while, or replace the settings."""
    group = group_of(call)
    require(call, _id(call), f"{_TYPE}/write")
    name = call.params["account"]
    if not _NAME.match(name):
        says = (
            f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters "
            "in length and use numbers and lower-case letters only."
        )
        raise ServiceError(400, "AccountNameInvalid", says)
    existing = call.azure.store.get(StorageAccount, name)
    elsewhere = existing is not None and existing.id.lower() != _id(call).lower()
    if elsewhere and call.azure.rules.on("storage-names-are-global"):
        raise ServiceError(409, "StorageAccountAlreadyTaken", f"The storage account named {name} is already taken.")
    account = StorageAccount(
        subscription_id=subscription_of(call).id,
        group=group.name,
        name=name,
        location=str(call.body.get("location", "")).replace(" ", "").lower(),
        suffix=f"blob.{call.address.cloud.storage_suffix}",
        kind=str(call.body.get("kind", "StorageV2")),
        sku=str(part(call.body, "sku").get("name", "Standard_LRS")),
        tags=call.body.get("tags") or {},
        properties=_properties(call, existing),
        blob_service=existing.blob_service if existing else {},
        created=existing.created if existing else call.azure.now(),
        ready_at=existing.ready_at if existing else time.time() + call.azure.pace,
    )
    call.azure.store.put(account)
    if existing:
        return Answer(200, _shown(account))
    return Answer(202, None, _where(call, account))


def _where(call: Call, account: StorageAccount) -> dict[str, str]:
    place = f"/subscriptions/{account.subscription_id}/providers/Microsoft.Storage/locations/{account.location}"
    return {"location": f"{call.url}{place}/asyncoperations/{account.name}?api-version=2024-01-01", "retry-after": "0"}


def _properties(call: Call, existing: StorageAccount | None) -> JsonObject:
    given = part(call.body, "properties")
    before = existing.properties if existing else {}
    defaults: JsonObject = {
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "minimumTlsVersion": "TLS1_0",
        "networkAcls": _DEFAULT_ACLS,
        "supportsHttpsTrafficOnly": True,
    }
    kept = {name: given[name] for name in _KEPT if given.get(name) is not None}
    acls = part(given, "networkAcls")
    for rule in objects(acls, "ipRules"):
        if str(rule.get("value")).endswith(("/31", "/32")):
            says = f"Values for request parameters are invalid: networkAcls.ipRule[*].value {rule['value']}."
            raise ServiceError(400, "InvalidValuesForRequestParameters", says)
    if acls:
        kept["networkAcls"] = _DEFAULT_ACLS | acls
    return {**defaults, **before, **kept}


def operation_result(call: Call) -> Answer:
    """The end of an account's creation: 202 while it goes on, the account afterwards."""
    account = call.azure.store.get(StorageAccount, call.params["operation"])
    if account is None:
        raise ServiceError(404, "OperationNotFound", "The operation was not found.")
    if time.time() < account.ready_at:
        return Answer(202, None, _where(call, account))
    return Answer(200, _shown(account))


def delete_account(call: Call) -> Answer:
    """``DELETE``: 204 where there was none."""
    require(call, _id(call), f"{_TYPE}/delete")
    account = call.azure.store.get(StorageAccount, call.params["account"])
    if account is None:
        return Answer(204)
    remove_storage_account(call.azure, account)
    return Answer(200)


def _shown_service(account: StorageAccount) -> dict[str, Any]:
    return {
        "id": f"{account.id}/blobServices/default",
        "name": "default",
        "type": f"{_TYPE}/blobServices",
        "sku": {"name": account.sku, "tier": account.sku.partition("_")[0]},
        "properties": {
            "cors": {"corsRules": []},
            "deleteRetentionPolicy": {"enabled": False, "allowPermanentDelete": False},
            **account.blob_service,
        },
    }


def get_service(call: Call) -> Answer:
    """``GET …/blobServices/default``."""
    require(call, _id(call), f"{_TYPE}/blobServices/read")
    return Answer(200, _shown_service(_account(call)))


def put_service(call: Call) -> Answer:
    """``PUT``: what the blob service keeps of what is deleted or overwritten."""
    require(call, _id(call), f"{_TYPE}/blobServices/write")
    account = _account(call)
    given = part(call.body, "properties")
    account.blob_service = {name: given[name] for name in _SERVICE if given.get(name) is not None}
    call.azure.store.put(account)
    return Answer(200, _shown_service(account))


def _container_id(call: Call) -> str:
    return f"{_id(call)}/blobServices/default/containers/{call.params['container']}"


def _shown_container(account: StorageAccount, container: Container) -> dict[str, Any]:
    return {
        "id": f"{account.id}/blobServices/default/containers/{container.name}",
        "name": container.name,
        "type": _CONTAINERS,
        "etag": f'"0x{int(container.modified * 1000):X}"',
        "properties": {
            "metadata": container.metadata,
            "publicAccess": "None",
            "deleted": False,
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
            "defaultEncryptionScope": "$account-encryption-key",
            "denyEncryptionScopeOverride": False,
            "leaseStatus": "Unlocked",
            "leaseState": "Available",
            "remainingRetentionDays": 0,
        },
    }


def get_container(call: Call) -> Answer:
    """``GET`` of one container."""
    require(call, _container_id(call), f"{_CONTAINERS}/read")
    account = _account(call)
    found = call.azure.store.get(Container, f"{account.name}/{call.params['container']}")
    if found is None:
        raise ServiceError(404, "ContainerNotFound", "The specified container does not exist.")
    return Answer(200, _shown_container(account, found))


def list_containers(call: Call) -> Answer:
    """``GET`` of all containers."""
    require(call, _id(call), f"{_CONTAINERS}/read")
    account = _account(call)
    found = [c for c in call.azure.store.all(Container) if c.account == account.name]
    return items([_shown_container(account, container) for container in found])


def put_container(call: Call) -> Answer:
    """``PUT``: create, or change the metadata."""
    require(call, _container_id(call), f"{_CONTAINERS}/write")
    account = _account(call)
    if not _CONTAINER_NAME.match(call.params["container"]):
        says = "The specified resource name contains invalid characters."
        raise ServiceError(400, "InvalidResourceName", says)
    if part(call.body, "properties").get("publicAccess", "None") != "None":
        says = "Public access is not permitted on this storage account."
        raise ServiceError(409, "PublicAccessNotPermitted", says)
    container = Container(
        account=account.name,
        name=call.params["container"],
        metadata=part(call.body, "properties").get("metadata") or {},
        modified=time.time(),
    )
    existing = call.azure.store.get(Container, container.key)
    call.azure.store.put(container)
    return Answer(200 if existing else 201, _shown_container(account, container))


def delete_container(call: Call) -> Answer:
    """``DELETE``: 204 where there was none."""
    require(call, _container_id(call), f"{_CONTAINERS}/delete")
    found = call.azure.store.get(Container, f"{_account(call).name}/{call.params['container']}")
    if found is None:
        return Answer(204)
    remove_container(call.azure, found)
    return Answer(200)


_ACCOUNT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
_SERVICES = _ACCOUNT + "/blobServices/default"
OPERATIONS = [
    Operation(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Storage/locations/{location}/asyncoperations/{operation}",
        operation_result,
    ),
    Operation("GET", "/subscriptions/{subscription}/providers/Microsoft.Storage/storageAccounts", list_accounts),
    Operation("GET", _ACCOUNT, get_account),
    Operation("PUT", _ACCOUNT, put_account),
    Operation("DELETE", _ACCOUNT, delete_account),
    Operation("GET", _SERVICES, get_service),
    Operation("PUT", _SERVICES, put_service),
    Operation("GET", _SERVICES + "/containers", list_containers),
    Operation("GET", _SERVICES + "/containers/{container}", get_container),
    Operation("PUT", _SERVICES + "/containers/{container}", put_container),
    Operation("DELETE", _SERVICES + "/containers/{container}", delete_container),
]
