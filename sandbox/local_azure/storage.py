"""Storage accounts, their containers and blobs: what is kept, and who may do what.

The control plane (:mod:`local_azure.arm.storage`) and the data plane (:mod:`local_azure.blobs`) come through here.
"""

from __future__ import annotations

import base64
import hashlib
import time
from email.utils import formatdate
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pydantic import Field

from local_azure.arm.access import RoleAssignment, is_allowed
from local_azure.azure import CLIENT_ADDRESS
from local_azure.call import JsonObject, objects, part
from local_azure.errors import ServiceError
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure

_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
READ = f"{_CONTAINERS}/blobs/read"
WRITE = f"{_CONTAINERS}/blobs/write"
DELETE = f"{_CONTAINERS}/blobs/delete"


class StorageError(ServiceError):
    """The data plane's refusal, which is XML."""

    def content(self) -> bytes:
        """What the service answers with."""
        said = f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message></Error>"
        return f'<?xml version="1.0" encoding="utf-8"?>{said}'.encode()


class StorageAccount(Document):
    """A storage account."""

    subscription_id: str
    group: str
    name: str
    location: str
    suffix: str
    """The DNS suffix of its cloud's blob service."""
    kind: str
    sku: str
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    properties: JsonObject
    blob_service: JsonObject = Field(default_factory=JsonObject)
    created: str
    ready_at: float
    """When its creation is over (seconds since 1970)."""

    @property
    def key(self) -> str:
        """Account names are unique in the world."""
        return self.name

    @property
    def id(self) -> str:
        """The ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group}"
            f"/providers/Microsoft.Storage/storageAccounts/{self.name}"
        )

    @property
    def blob_url(self) -> str:
        """The blob service's address, with its slash."""
        return f"https://{self.name}.{self.suffix}/"


class Container(Document):
    """A container of blobs."""

    account: str
    name: str
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    modified: float

    @property
    def key(self) -> str:
        """The account and the name."""
        return f"{self.account}/{self.name}"


class Blob(Document):
    """A blob; blocks that are not committed yet belong to it, too."""

    account: str
    container: str
    name: str
    encoded: str = ""
    """The content in base64."""
    blocks: dict[str, str] = Field(default_factory=dict[str, str])
    """What was staged, in base64, by the blocks' ids."""
    committed: bool = False
    content_type: str = "application/octet-stream"
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    created: float
    modified: float

    @property
    def key(self) -> str:
        """Blobs' names differ by case, and the store's keys do not."""
        return f"{self.account}/{self.container}/{self.name.encode().hex()}"

    @property
    def content(self) -> bytes:
        """What is in it."""
        return base64.b64decode(self.encoded)

    def hold(self, content: bytes) -> None:
        """Commit a content."""
        self.encoded, self.committed, self.blocks = base64.b64encode(content).decode(), True, {}
        self.modified = time.time()

    @property
    def etag(self) -> str:
        """Another one for each write."""
        return f'"0x{hashlib.sha256(f"{self.modified}{self.encoded}".encode()).hexdigest()[:15].upper()}"'


def stamp(seconds: float) -> str:
    """Seconds since 1970 in the form of HTTP's headers."""
    return formatdate(seconds, usegmt=True)


def account_named(azure: Azure, name: str) -> StorageAccount:
    """The account of a host's name; a name that nobody has does not resolve, which looks like this from here."""
    account = azure.store.get(StorageAccount, name)
    if account is None:
        raise StorageError(404, "ResourceNotFound", "The specified resource does not exist.")
    return account


def authorise(azure: Azure, account: StorageAccount, container: str, principal_id: str, action: str) -> None:
    """Let a caller through the firewall and the roles, or say why not."""
    _pass_firewall(azure, account)
    scope = f"{account.id}/blobServices/default/containers/{container}"
    if azure.rules.on("blob-roles") and not is_allowed(azure, principal_id, scope, action, data=True):
        says = "This request is not authorized to perform this operation using this permission."
        raise StorageError(403, "AuthorizationPermissionMismatch", says)


def _pass_firewall(azure: Azure, account: StorageAccount) -> None:
    if not azure.rules.on("storage-firewall"):
        return
    acls = part(account.properties, "networkAcls")
    closed = account.properties.get("publicNetworkAccess") == "Disabled"
    allowed = [str(rule.get("value")) for rule in objects(acls, "ipRules")]
    known = any(ip_address(CLIENT_ADDRESS) in ip_network(rule, strict=False) for rule in allowed)
    if closed or (acls.get("defaultAction", "Allow") == "Deny" and not known):
        says = "This request is not authorized to perform this operation."
        raise StorageError(403, "AuthorizationFailure", says)


def container_of(azure: Azure, account: StorageAccount, name: str) -> Container:
    """A container that is there, or 404."""
    found = azure.store.get(Container, f"{account.name}/{name}")
    if found is None:
        raise StorageError(404, "ContainerNotFound", "The specified container does not exist.")
    return found


def blobs_of(azure: Azure, account: StorageAccount, container: str) -> list[Blob]:
    """The committed blobs of a container by their names."""
    found = [b for b in azure.store.all(Blob) if (b.account, b.container) == (account.name, container) and b.committed]
    return sorted(found, key=lambda blob: blob.name)


def remove_container(azure: Azure, container: Container) -> None:
    """Forget a container with all that is in it."""
    held = [b for b in azure.store.all(Blob) if (b.account, b.container) == (container.account, container.name)]
    azure.store.delete(container, *held)


def remove_storage_account(azure: Azure, account: StorageAccount) -> None:
    """Forget an account with its containers; the roles on it go, too."""
    for container in [c for c in azure.store.all(Container) if c.account == account.name]:
        remove_container(azure, container)
    for assignment in azure.store.all(RoleAssignment):
        if f"{assignment.scope}/".lower().startswith(f"{account.id}/".lower()):
            azure.store.delete(assignment)
    azure.store.delete(account)


def remove_storage_of(azure: Azure, group_id: str) -> None:
    """What deleting a resource group does to its storage accounts."""
    for account in azure.store.all(StorageAccount):
        if account.id.lower().startswith(group_id.lower() + "/"):
            remove_storage_account(azure, account)
