"""Key vaults and their secrets: what is kept, and who may read it.

The control plane (:mod:`local_azure.arm.key_vault`), the data plane (:mod:`local_azure.key_vault`) and Purview's
scan runs all come through here, so one set of rules holds for all.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from local_azure.arm.access import RoleAssignment, is_allowed
from local_azure.azure import CLIENT_ADDRESS
from local_azure.call import JsonObject, objects, part
from local_azure.errors import ServiceError
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure


class Vault(Document):
    """A key vault, live or soft-deleted."""

    subscription_id: str
    group: str
    name: str
    location: str
    suffix: str
    """The DNS suffix of its cloud."""
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    properties: JsonObject
    ready_at: float = 0.0
    """When its creation is over (seconds since 1970)."""
    deleted: float | None = None
    """When it was soft-deleted (seconds since 1970)."""

    @property
    def key(self) -> str:
        """Vault names are unique in the world."""
        return self.name

    @property
    def id(self) -> str:
        """The ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group}"
            f"/providers/Microsoft.KeyVault/vaults/{self.name}"
        )

    @property
    def uri(self) -> str:
        """The data plane's address, with its slash."""
        return f"https://{self.name.lower()}.{self.suffix}/"

    @property
    def retention_days(self) -> int:
        """How long a deleted vault or secret can be recovered."""
        return int(self.properties.get("softDeleteRetentionInDays") or 90)


class Version(BaseModel):
    """One version of a secret."""

    model_config = ConfigDict(validate_assignment=True, hide_input_in_errors=True)

    id: str
    value: str
    created: int
    updated: int = 0
    """0 for a version that was never changed."""
    enabled: bool = True
    not_before: int | None = None
    expires: int | None = None
    content_type: str | None = None
    tags: dict[str, str] = Field(default_factory=dict[str, str])

    def take(self, attributes: JsonObject) -> None:
        """Change what is given of the attributes that a client may write."""
        self.enabled = attributes.get("enabled", self.enabled)
        self.not_before = attributes.get("nbf", self.not_before)
        self.expires = attributes.get("exp", self.expires)
        self.updated = int(time.time())

    @property
    def attributes(self) -> JsonObject:
        """The attributes that the control plane and the data plane both tell."""
        window = {"nbf": self.not_before, "exp": self.expires}
        return {
            "enabled": self.enabled,
            "created": self.created,
            "updated": self.updated or self.created,
            **{name: moment for name, moment in window.items() if moment is not None},
        }


class Secret(Document):
    """A secret with all its versions, oldest first, live or soft-deleted."""

    vault: str
    name: str
    versions: list[Version]
    deleted: int | None = None

    @property
    def key(self) -> str:
        """The vault and the name."""
        return f"{self.vault}/{self.name}"

    @property
    def latest(self) -> Version:
        """The newest version."""
        return self.versions[-1]


class Origin(StrEnum):
    """Where a request to a vault comes from."""

    CLIENT = "client"
    """The public address of the sandbox's callers."""
    TRUSTED_SERVICE = "trusted-service"
    """Microsoft Purview, which is on Key Vault's list of trusted services."""


@dataclass(frozen=True)
class Reader:
    """Who wants something of a vault, and from where."""

    principal_id: str
    app_id: str
    origin: Origin = Origin.CLIENT


@dataclass(frozen=True)
class Right:
    """A data-plane operation: as an RBAC data action and as an access policy's permission."""

    action: str
    permission: str
    kind: str = "secrets"


GET = Right("Microsoft.KeyVault/vaults/secrets/getSecret/action", "get")
LIST = Right("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "list")
SET = Right("Microsoft.KeyVault/vaults/secrets/setSecret/action", "set")
DELETE = Right("Microsoft.KeyVault/vaults/secrets/delete", "delete")
RECOVER = Right("Microsoft.KeyVault/vaults/secrets/recover/action", "recover")
PURGE = Right("Microsoft.KeyVault/vaults/secrets/purge/action", "purge")


def live_vault(azure: Azure, name: str) -> Vault | None:
    """A vault that exists and is not deleted."""
    vault = azure.store.get(Vault, name)
    return vault if vault is not None and vault.deleted is None else None


def authorise(azure: Azure, vault: Vault, reader: Reader, right: Right, name: str = "") -> None:
    """Let a reader through the firewall and the access model, or say why not."""
    _pass_firewall(azure, vault, reader)
    if not azure.rules.on("vault-access"):
        return
    if vault.properties.get("enableRbacAuthorization"):
        scope = f"{vault.id}/{right.kind}/{name}" if name else vault.id
        if not is_allowed(azure, reader.principal_id, scope, right.action, data=True):
            _refuse_by_rbac(vault, reader, right, scope)
    elif right.permission not in _policy_permissions(vault, reader.principal_id, right.kind):
        says = (
            f"The user, group or application 'appid={reader.app_id};oid={reader.principal_id}' does not have "
            f"{right.kind} {right.permission} permission on key vault '{vault.name};location={vault.location}'."
        )
        raise ServiceError(403, "Forbidden", says, inner="ForbiddenByPolicy")


def _refuse_by_rbac(vault: Vault, reader: Reader, right: Right, scope: str) -> None:
    says = (
        "Caller is not authorized to perform action on resource.\r\n"
        "If role assignments, deny assignments or role definitions were changed recently, please observe "
        f"propagation time.\r\nCaller: appid={reader.app_id};oid={reader.principal_id}\r\n"
        f"Action: '{right.action}'\r\nResource: '{scope.lower()}'\r\nAssignment: (not found)\r\n"
        f"Vault: {vault.name};location={vault.location}"
    )
    raise ServiceError(403, "Forbidden", says, inner="ForbiddenByRbac")


def _policy_permissions(vault: Vault, principal_id: str, kind: str) -> set[str]:
    held: set[str] = set()
    for policy in objects(vault.properties, "accessPolicies"):
        if str(policy.get("objectId")).lower() == principal_id:
            granted: list[str] = part(policy, "permissions").get(kind) or []
            held.update(permission.lower() for permission in granted)
    if "all" in held:
        held |= {right.permission for right in (GET, LIST, SET, DELETE, RECOVER, PURGE)}
    return held


def _pass_firewall(azure: Azure, vault: Vault, reader: Reader) -> None:
    if not azure.rules.on("vault-firewall"):
        return
    acls = part(vault.properties, "networkAcls")
    let_in = acls.get("bypass", "AzureServices") == "AzureServices" or not azure.rules.on("trusted-services-bypass")
    if let_in and reader.origin is Origin.TRUSTED_SERVICE:
        return
    if str(vault.properties.get("publicNetworkAccess", "Enabled")).lower() == "disabled":
        says = (
            "Public network access is disabled and request is not from a trusted service nor via an approved "
            f"private link.\r\nCaller: appid={reader.app_id};oid={reader.principal_id}\r\n"
            f"Vault: {vault.name};location={vault.location}"
        )
        raise ServiceError(403, "Forbidden", says, inner="ForbiddenByConnection")
    if acls.get("defaultAction", "Allow") == "Allow":
        return
    allowed = [str(rule.get("value")) for rule in objects(acls, "ipRules")]
    if reader.origin is Origin.CLIENT and any(
        ip_address(CLIENT_ADDRESS) in ip_network(rule, strict=False) for rule in allowed
    ):
        return
    says = (
        f"Client address is not authorized and caller is not a trusted service.\r\nClient address: {CLIENT_ADDRESS}\r\n"
        f"Caller: appid={reader.app_id};oid={reader.principal_id}\r\nVault: {vault.name};location={vault.location}"
    )
    raise ServiceError(403, "Forbidden", says, inner="ForbiddenByFirewall")


def set_secret(azure: Azure, vault: Vault, name: str, version: Version) -> Secret:
    """Add a version; a soft-deleted secret keeps its name occupied."""
    secret = azure.store.get(Secret, f"{vault.name}/{name}")
    if secret is not None and secret.deleted is not None:
        if azure.rules.on("deleted-secret-keeps-its-name"):
            says = (
                f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; "
                "in this state, the secret can only be recovered or purged."
            )
            raise ServiceError(409, "Conflict", says, inner="ObjectIsDeletedButRecoverable")
        secret = None
    if secret is None:
        secret = Secret(vault=vault.name, name=name, versions=[])
    secret.versions.append(version)
    azure.store.put(secret)
    return secret


def new_version(value: str) -> Version:
    """A version of its own id, made now."""
    return Version(id=secrets.token_hex(16), value=value, created=int(time.time()))


def live_secret(azure: Azure, vault: Vault, name: str) -> Secret:
    """A secret that exists and is not deleted, or 404."""
    secret = azure.store.get(Secret, f"{vault.name}/{name}")
    if secret is None or secret.deleted is not None:
        says = (
            f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret "
            "you may be able to recover it using the correct recovery command."
        )
        raise ServiceError(404, "SecretNotFound", says)
    return secret


def read_version(azure: Azure, vault: Vault, name: str, version: str) -> Version:
    """One version of a secret (empty: the newest), which must exist and be enabled.

    The two times only inform: Key Vault gives out what is not valid yet or no more (docs/facts.md, graph 2.3).
    """
    secret = live_secret(azure, vault, name)
    found = [v for v in secret.versions if v.id == version] if version else [secret.latest]
    if not azure.rules.on("secret-version"):
        return (found or [secret.latest])[0]
    if not found:
        says = f"A secret with (name/id) {name}/{version} was not found in this key vault."
        raise ServiceError(404, "SecretNotFound", says)
    if not found[0].enabled:
        says = f"Operation get is not allowed on a disabled secret. Secret: {name}."
        raise ServiceError(403, "Forbidden", says, inner="SecretDisabled")
    return found[0]


def soft_delete(azure: Azure, vault: Vault) -> None:
    """Delete a vault; its role assignments go for good, its secrets wait with it."""
    vault.deleted = time.time()
    azure.store.put(vault)
    if not azure.rules.on("grants-go-with-the-vault"):
        return
    for assignment in azure.store.all(RoleAssignment):
        if f"{assignment.scope}/".lower().startswith(f"{vault.id}/".lower()):
            azure.store.delete(assignment)


def soft_delete_group(azure: Azure, group_id: str) -> None:
    """What deleting a resource group does to its vaults."""
    for vault in azure.store.all(Vault):
        if vault.deleted is None and vault.id.lower().startswith(group_id.lower() + "/"):
            soft_delete(azure, vault)


def purge_protected(azure: Azure, vault: Vault) -> bool:
    """Whether nothing of a vault can be removed for good, nor that be changed."""
    return bool(vault.properties.get("enablePurgeProtection")) and azure.rules.on("purge-protection")


def purge(azure: Azure, vault: Vault) -> None:
    """Remove a soft-deleted vault with all that is in it."""
    azure.store.delete(vault, *[s for s in azure.store.all(Secret) if s.vault == vault.name])


def stamp(seconds: float) -> str:
    """Seconds since 1970 in ARM's form."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
