"""Key Vault's data plane: what is done with the keys of one vault."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP

from local_azure.call import Answer, Call, Operation, part
from local_azure.errors import ServiceError
from local_azure.key_vault import vault_for
from local_azure.vault_keys import (
    DECRYPT,
    DELETE_KEY,
    ENCRYPT,
    READ_KEY,
    UNWRAP,
    UPDATE_KEY,
    WRAP,
    Key,
    KeyVersion,
    live_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.vaults import Right, Vault

_PADDINGS = {"RSA-OAEP-256": hashes.SHA256, "RSA-OAEP": hashes.SHA1}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _bundle(vault: Vault, key: Key, version: KeyVersion) -> Answer:
    numbers = version.private.public_key().public_numbers()
    return Answer(
        200,
        {
            "key": {
                "kid": f"{vault.uri}keys/{key.name}/{version.id}",
                "kty": "RSA",
                "key_ops": key.operations,
                "n": _encoded(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
                "e": _encoded(numbers.e.to_bytes(3)),
            },
            "attributes": {
                "enabled": version.enabled,
                "created": version.created,
                "updated": version.created,
                "recoveryLevel": "Recoverable" if vault.properties.get("enablePurgeProtection") else "Purgeable",
            },
            "tags": key.tags,
        },
    )


def _version(call: Call, key: Key) -> KeyVersion:
    wanted = call.params.get("version", "")
    for version in reversed(key.versions):
        if wanted in ("", version.id):
            return version
    raise ServiceError(404, "KeyNotFound", f"A key with (name/id) {key.name}/{wanted} was not found in this key vault.")


def get_key(call: Call) -> Answer:
    """``GET /keys/{name}[/{version}]``: its public part."""
    vault = vault_for(call, READ_KEY, call.params["name"])
    key = live_key(call.azure, vault, call.params["name"])
    return _bundle(vault, key, _version(call, key))


def update_key(call: Call) -> Answer:
    """``PATCH /keys/{name}[/{version}]``: whether it is enabled."""
    vault = vault_for(call, UPDATE_KEY, call.params["name"])
    key = live_key(call.azure, vault, call.params["name"])
    version = _version(call, key)
    version.enabled = part(call.body, "attributes").get("enabled", version.enabled)
    call.azure.store.put(key)
    return _bundle(vault, key, version)


def delete_key(call: Call) -> Answer:
    """``DELETE /keys/{name}``: soft delete."""
    vault = vault_for(call, DELETE_KEY, call.params["name"])
    key = live_key(call.azure, vault, call.params["name"])
    key.deleted = int(time.time())
    call.azure.store.put(key)
    return _bundle(vault, key, key.latest)


def _done(operation: str, right: Right) -> Callable[[Call], Answer]:
    def done(call: Call) -> Answer:
        name = call.params["name"]
        vault = vault_for(call, right, name)
        key = live_key(call.azure, vault, name)
        version = _version(call, key)
        if not version.enabled or operation not in key.operations:
            says = f"Operation {operation} is not allowed on this key."
            raise ServiceError(403, "Forbidden", says, inner="KeyOperationForbidden")
        result = _applied(operation, version, call.body)
        return Answer(200, {"kid": f"{vault.uri}keys/{key.name}/{version.id}", "value": _encoded(result)})

    return done


def _applied(operation: str, version: KeyVersion, body: dict[str, Any]) -> bytes:
    hashed = _PADDINGS.get(str(body.get("alg")))
    if hashed is None:
        raise ServiceError(400, "BadParameter", f"The algorithm {body.get('alg')} is not supported by the sandbox.")
    padding = OAEP(MGF1(hashed()), hashed(), None)
    given = _decoded(str(body.get("value", "")))
    try:
        if operation in ("encrypt", "wrapKey"):
            return version.private.public_key().encrypt(given, padding)
        return version.private.decrypt(given, padding)
    except ValueError:
        raise ServiceError(400, "BadParameter", "The parameter is incorrect.") from None


KEY_OPERATIONS = [
    Operation("GET", "/keys/{name}", get_key),
    Operation("PATCH", "/keys/{name}", update_key),
    Operation("DELETE", "/keys/{name}", delete_key),
    *[
        Operation("POST", f"/keys/{{name}}{version}/{operation.lower()}", _done(operation, right))
        for operation, right in (("encrypt", ENCRYPT), ("decrypt", DECRYPT), ("wrapKey", WRAP), ("unwrapKey", UNWRAP))
        for version in ("", "/{version}")
    ],
    Operation("GET", "/keys/{name}/{version}", get_key),
    Operation("PATCH", "/keys/{name}/{version}", update_key),
]
