"""Keys of key vaults in the control plane: made once, and never changed (docs/facts.md, providers 100)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure.arm.access import require
from local_azure.arm.key_vault import vault_id, vault_of
from local_azure.call import Answer, Call, Operation, part
from local_azure.errors import ServiceError
from local_azure.vault_keys import ALL_OPERATIONS, Key, live_key, new_version

if TYPE_CHECKING:
    from local_azure.vaults import Vault

_TYPE = "Microsoft.KeyVault/vaults/keys"
_SIZES = (2048, 3072, 4096)


def _shown(vault: Vault, key: Key) -> dict[str, Any]:
    where = f"{vault.uri}keys/{key.name}"
    newest = key.latest
    return {
        "id": f"{vault.id}/keys/{key.name}",
        "name": key.name,
        "type": _TYPE,
        "location": vault.location,
        "tags": key.tags,
        "properties": {
            "attributes": {
                "enabled": newest.enabled,
                "created": newest.created,
                "updated": newest.created,
                "exportable": False,
                "recoveryLevel": "Recoverable" if vault.properties.get("enablePurgeProtection") else "Purgeable",
            },
            "kty": "RSA",
            "keySize": key.size,
            "keyOps": key.operations,
            "keyUri": where,
            "keyUriWithVersion": f"{where}/{newest.id}",
        },
    }


def get_key(call: Call) -> Answer:
    """``GET`` of a key's properties."""
    require(call, vault_id(call), f"{_TYPE}/read")
    vault = vault_of(call)
    return Answer(200, _shown(vault, live_key(call.azure, vault, call.params["key"])))


def put_key(call: Call) -> Answer:
    """``PUT``: the first version of a new key; one that is there is answered with, and not changed."""
    require(call, vault_id(call), f"{_TYPE}/write")
    vault = vault_of(call)
    existing = call.azure.store.get(Key, f"{vault.name}/{call.params['key']}")
    if existing is not None and existing.deleted is None:
        return Answer(200, _shown(vault, existing))
    if existing is not None:
        says = f"Key {existing.name} is currently in a deleted but recoverable state, and its name cannot be reused."
        raise ServiceError(409, "Conflict", says)
    properties = part(call.body, "properties")
    size = int(properties.get("keySize") or 2048)
    if properties.get("kty", "RSA") != "RSA" or size not in _SIZES:
        raise ServiceError(400, "BadRequest", "The sandbox has RSA keys of 2048, 3072 or 4096 bits alone.")
    made = Key(
        vault=vault.name,
        name=call.params["key"],
        size=size,
        operations=[str(one) for one in properties.get("keyOps") or ALL_OPERATIONS],
        tags=call.body.get("tags") or {},
        versions=[new_version(size)],
    )
    call.azure.store.put(made)
    return Answer(200, _shown(vault, made))


_KEY = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}/keys/{key}"
OPERATIONS = [
    Operation("GET", _KEY, get_key),
    Operation("PUT", _KEY, put_key),
]
