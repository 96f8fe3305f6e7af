"""Key Vault's data plane: secrets of one vault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from local_azure.call import Answer, Call, JsonObject, Operation, items, part
from local_azure.errors import ServiceError
from local_azure.vaults import (
    DELETE,
    GET,
    LIST,
    PURGE,
    RECOVER,
    SET,
    Reader,
    Right,
    Secret,
    Vault,
    Version,
    authorise,
    live_secret,
    live_vault,
    new_version,
    purge_protected,
    read_version,
    set_secret,
)

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.hosts import Address


def challenge(azure: Azure, address: Address, reason: str) -> ServiceError:
    """The 401 with which a vault tells clients where to sign in (docs/facts.md, providers 42)."""
    cloud, vault = address.cloud, live_vault(azure, address.name)
    tenant = vault.properties["tenantId"] if vault else "common"
    where = f'Bearer authorization="https://{cloud.login}/{tenant}", resource="https://{cloud.vault_suffix}"'
    return ServiceError(401, "Unauthorized", reason, headers={"www-authenticate": where})


def vault_for(call: Call, right: Right, name: str = "") -> Vault:
    """The vault of the host's name, once the caller may do this with what is in it."""
    vault = live_vault(call.azure, call.address.name)
    if vault is None:
        raise ServiceError(404, "VaultNotFound", f"The vault {call.address.name} does not exist.")
    if "api-version" not in call.query and call.azure.rules.on("api-versions"):
        raise ServiceError(400, "BadParameter", "The query parameter api-version is missing.")
    authorise(call.azure, vault, Reader(call.caller.object_id, call.caller.app_id), right, name)
    return vault


def _attributes(vault: Vault, version: Version) -> JsonObject:
    return {
        **version.attributes,
        "recoveryLevel": "Recoverable" if vault.properties.get("enablePurgeProtection") else "Recoverable+Purgeable",
        "recoverableDays": vault.retention_days,
    }


def _item(vault: Vault, secret: Secret, version: Version, *, with_version: bool = True) -> dict[str, Any]:
    where = f"{vault.uri}secrets/{secret.name}"
    shown: dict[str, Any] = {
        "id": f"{where}/{version.id}" if with_version else where,
        "attributes": _attributes(vault, version),
        "tags": version.tags,
    }
    return shown | ({"contentType": version.content_type} if version.content_type else {})


def _bundle(vault: Vault, secret: Secret, version: Version) -> Answer:
    return Answer(200, {"value": version.value, **_item(vault, secret, version)})


def put_secret(call: Call) -> Answer:
    """``PUT /secrets/{name}``: a new version."""
    name = call.params["name"]
    vault = vault_for(call, SET, name)
    if not isinstance(call.body.get("value"), str):
        raise ServiceError(400, "BadParameter", "The request body must specify a value for the secret.")
    made = new_version(call.body["value"])
    made.take(part(call.body, "attributes"))
    made.content_type = call.body.get("contentType")
    made.tags = call.body.get("tags") or {}
    return _bundle(vault, set_secret(call.azure, vault, name, made), made)


def get_secret(call: Call) -> Answer:
    """``GET /secrets/{name}[/{version}]``: with its value."""
    name = call.params["name"]
    vault = vault_for(call, GET, name)
    version = read_version(call.azure, vault, name, call.params.get("version", ""))
    return _bundle(vault, live_secret(call.azure, vault, name), version)


def update_secret(call: Call) -> Answer:
    """``PATCH /secrets/{name}/{version}``: attributes and tags, never the value."""
    name = call.params["name"]
    vault = vault_for(call, SET, name)
    secret = live_secret(call.azure, vault, name)
    for version in secret.versions:
        if version.id == call.params["version"]:
            version.take(part(call.body, "attributes"))
            version.tags = call.body.get("tags", version.tags)
            call.azure.store.put(secret)
            return Answer(200, _item(vault, secret, version))
    raise ServiceError(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault.")


def list_secrets(call: Call) -> Answer:
    """``GET /secrets``: names and attributes."""
    vault = vault_for(call, LIST)
    found = [s for s in call.azure.store.all(Secret) if s.vault == vault.name and s.deleted is None]
    return items([_item(vault, secret, secret.latest, with_version=False) for secret in found])


def list_versions(call: Call) -> Answer:
    """``GET /secrets/{name}/versions``."""
    vault = vault_for(call, LIST, call.params["name"])
    secret = live_secret(call.azure, vault, call.params["name"])
    return items([_item(vault, secret, version) for version in secret.versions])


def _deleted(vault: Vault, secret: Secret) -> dict[str, Any]:
    since = secret.deleted or 0
    return {
        "recoveryId": f"{vault.uri}deletedsecrets/{secret.name}",
        "deletedDate": since,
        "scheduledPurgeDate": since + vault.retention_days * 86_400,
        **_item(vault, secret, secret.latest),
    }


def _deleted_secret(call: Call, vault: Vault) -> Secret:
    secret = call.azure.store.get(Secret, f"{vault.name}/{call.params['name']}")
    if secret is None or secret.deleted is None:
        says = f"Deleted Secret not found: {call.params['name']}"
        raise ServiceError(404, "SecretNotFound", says)
    return secret


def delete_secret(call: Call) -> Answer:
    """``DELETE /secrets/{name}``: soft delete."""
    vault = vault_for(call, DELETE, call.params["name"])
    secret = live_secret(call.azure, vault, call.params["name"])
    secret.deleted = int(time.time())
    call.azure.store.put(secret)
    return Answer(200, _deleted(vault, secret))


def list_deleted(call: Call) -> Answer:
    """``GET /deletedsecrets``."""
    vault = vault_for(call, LIST)
    found = [s for s in call.azure.store.all(Secret) if s.vault == vault.name and s.deleted is not None]
    return items([_deleted(vault, secret) for secret in found])


def get_deleted(call: Call) -> Answer:
    """``GET /deletedsecrets/{name}``."""
    vault = vault_for(call, GET, call.params["name"])
    return Answer(200, _deleted(vault, _deleted_secret(call, vault)))


def recover_secret(call: Call) -> Answer:
    """``POST /deletedsecrets/{name}/recover``: back with all its versions."""
    vault = vault_for(call, RECOVER, call.params["name"])
    secret = _deleted_secret(call, vault)
    secret.deleted = None
    call.azure.store.put(secret)
    return Answer(200, _item(vault, secret, secret.latest))


def purge_secret(call: Call) -> Answer:
    """``DELETE /deletedsecrets/{name}``: for good, unless purge protection is on."""
    vault = vault_for(call, PURGE, call.params["name"])
    secret = _deleted_secret(call, vault)
    if purge_protected(call.azure, vault):
        says = 'Operation "purge" is not allowed because purge protection is enabled for this vault.'
        raise ServiceError(403, "Forbidden", says)
    call.azure.store.delete(secret)
    return Answer(204)


KEY_VAULT_OPERATIONS = [
    Operation("GET", "/secrets", list_secrets),
    Operation("PUT", "/secrets/{name}", put_secret),
    Operation("GET", "/secrets/{name}", get_secret),
    Operation("DELETE", "/secrets/{name}", delete_secret),
    Operation("GET", "/secrets/{name}/versions", list_versions),
    Operation("GET", "/secrets/{name}/{version}", get_secret),
    Operation("PATCH", "/secrets/{name}/{version}", update_secret),
    Operation("GET", "/deletedsecrets", list_deleted),
    Operation("GET", "/deletedsecrets/{name}", get_deleted),
    Operation("DELETE", "/deletedsecrets/{name}", purge_secret),
    Operation("POST", "/deletedsecrets/{name}/recover", recover_secret),
]
