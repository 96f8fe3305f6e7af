"""RSA keys in key vaults: what is kept; their private parts never leave."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import BaseModel

from local_azure.errors import ServiceError
from local_azure.store import Document
from local_azure.vaults import Right

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.vaults import Vault

READ_KEY = Right("Microsoft.KeyVault/vaults/keys/read", "get", "keys")
UPDATE_KEY = Right("Microsoft.KeyVault/vaults/keys/update/action", "update", "keys")
DELETE_KEY = Right("Microsoft.KeyVault/vaults/keys/delete", "delete", "keys")
ENCRYPT = Right("Microsoft.KeyVault/vaults/keys/encrypt/action", "encrypt", "keys")
DECRYPT = Right("Microsoft.KeyVault/vaults/keys/decrypt/action", "decrypt", "keys")
WRAP = Right("Microsoft.KeyVault/vaults/keys/wrap/action", "wrapKey", "keys")
UNWRAP = Right("Microsoft.KeyVault/vaults/keys/unwrap/action", "unwrapKey", "keys")
ALL_OPERATIONS = ("encrypt", "decrypt", "wrapKey", "unwrapKey", "sign", "verify")


class KeyVersion(BaseModel):
    """One version of a key."""

    id: str
    pem: str
    created: int
    enabled: bool = True

    @property
    def private(self) -> rsa.RSAPrivateKey:
        """The key itself."""
        found = serialization.load_pem_private_key(self.pem.encode(), password=None)
        if not isinstance(found, rsa.RSAPrivateKey):
            msg = "not an RSA key"
            raise TypeError(msg)
        return found


class Key(Document):
    """A key with all its versions, oldest first, live or soft-deleted."""

    vault: str
    name: str
    size: int
    operations: list[str]
    tags: dict[str, str]
    versions: list[KeyVersion]
    deleted: int | None = None

    @property
    def key(self) -> str:
        """The vault and the name."""
        return f"{self.vault}/{self.name}"

    @property
    def latest(self) -> KeyVersion:
        """The newest version."""
        return self.versions[-1]


def new_version(size: int) -> KeyVersion:
    """A version of its own id, made now."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=size)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyVersion(id=secrets.token_hex(16), pem=pem.decode(), created=int(time.time()))


def live_key(azure: Azure, vault: Vault, name: str) -> Key:
    """A key that exists and is not deleted, or 404."""
    found = azure.store.get(Key, f"{vault.name}/{name}")
    if found is None or found.deleted is not None:
        says = (
            f"A key with (name/id) {name} was not found in this key vault. If you recently deleted this key you may "
            "be able to recover it using the correct recovery command."
        )
        raise ServiceError(404, "KeyNotFound", says)
    return found


def purge_keys(azure: Azure, vault: Vault) -> None:
    """Remove a vault's keys for good."""
    azure.store.delete(*[key for key in azure.store.all(Key) if key.vault == vault.name])
