"""Every physical name in one place, with the limits that the services set."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

DATA_MAP_NAME = re.compile(r"^(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\Z")
"""Key Vault connections, credentials, data sources and scans (docs/facts.md, purview 2)."""
DATA_MAP_NAME_RULE = "3 to 63 letters and digits, with single hyphens between them"

VAULT_NAME = re.compile(r"^(?=.{3,24}$)[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]\Z")
VAULT_NAME_RULE = "3 to 24 letters, digits and single hyphens; starts with a letter, ends with a letter or digit"

SECRET_NAME = re.compile(r"^[0-9A-Za-z-]{1,127}\Z")
SECRET_NAME_RULE = "1 to 127 letters, digits and hyphens"

RESOURCE_GROUP_NAME = re.compile(r"^[-\w.()]{0,89}[-\w()]\Z")
RESOURCE_GROUP_NAME_RULE = "1 to 90 letters, digits, and any of -_.(), not ending with a full stop"

SOURCE_KEY = re.compile(r"^(?=.{3,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
SOURCE_KEY_RULE = "3 to 40 lower-case letters and digits, with single hyphens between them; starts with a letter"

COLLECTION_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{2,35}\Z")
COLLECTION_NAME_RULE = "3 to 36 lower-case letters, digits and hyphens; starts with a letter or digit"
"""Of a new collection; the portal makes up names that begin with a digit (docs/facts.md, purview 2.10)."""

TAG_NAME = re.compile(r"^[^<>%&\\?/]{1,512}\Z")
"""Of a resource in Azure (docs/facts.md, graph 65)."""
TAG_NAME_RULE = "1 to 512 letters, and none of <>%&\\?/"
TAG_VALUE = re.compile(r"^.{0,256}\Z")
TAG_VALUE_RULE = "at most 256 letters, on one line"
TAGS = 50
"""So many tags a resource may have."""

STORAGE_ACCOUNT_NAME = re.compile(r"^[a-z0-9]{3,24}\Z")
STORAGE_ACCOUNT_NAME_RULE = "3 to 24 lower-case letters and digits"

PIPELINE_KEY = re.compile(r"^(?=.{3,40}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
PIPELINE_KEY_RULE = "3 to 40 lower-case letters and digits, with single hyphens between them; starts with a letter"
"""Names the container and the key of a tenant's state, and its identities."""

STACK_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,100}\Z")
STACK_NAME_RULE = "1 to 100 letters, digits, hyphens, underscores and dots"
RESERVED_PIPELINES = ("bootstrap", "grants")
"""What no tenant's pipelines are called: the two small programs have states of these names."""
ENVIRONMENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\Z")
ENVIRONMENT_RULE = "1 to 60 letters, digits, hyphens and underscores; starts with a letter or digit"
"""Of GitHub, as far as the credentials can be named after them."""

FEDERATED_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{2,59}\Z")
FEDERATED_NAME_RULE = "3 to 60 letters, digits, hyphens and underscores; starts with a letter or digit"

_ROLE_ASSIGNMENTS = uuid.UUID("a3e2b0c4-6f0d-5b5e-9d0a-6b1f3b6f5f10")
_STATE_KEY_ROLES = uuid.UUID("5b0b8f6e-2c1d-5e57-8a6f-3d9c1e7a4b20")
_RUNS = uuid.UUID("1d0f6d2e-8a4c-5f43-8a39-0f5f7e3a9b21")


def resource_group_id(subscription_id: str, group: str) -> str:
    """The ARM id of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{group}"


def vault_id(subscription_id: str, group: str, vault: str) -> str:
    """The ARM id of a key vault."""
    return f"{resource_group_id(subscription_id, group)}/providers/Microsoft.KeyVault/vaults/{vault}"


def secret_id(vault: str, secret: str) -> str:
    """The ARM id of a secret, from that of its vault."""
    return f"{vault}/secrets/{secret}"


def purview_account_id(subscription_id: str, group: str, account: str) -> str:
    """The ARM id of a Purview account."""
    return f"{resource_group_id(subscription_id, group)}/providers/Microsoft.Purview/accounts/{account}"


def vault_url(vault: str, suffix: str) -> str:
    """Where a vault's data plane answers, with the slash that Purview's own connections carry."""
    return f"https://{vault.lower()}.{suffix}/"


def diagnostic_setting(stack: str) -> str:
    """A diagnostic setting carries its stack's name: an account has settings of several stacks."""
    return f"purview-ai-{_as_words(stack)}"


def alert_rule(stack: str, what: str) -> str:
    """An alert rule carries its stack's name: several tenants' rules may be in one resource group."""
    return f"purview-ai-{_as_words(stack)}-{what}"


def access_policy(stack: str) -> str:
    """What a Conditional Access policy is called: it belongs to the whole tenant, where others have theirs."""
    return f"purview-ai {stack}: insider risk"


def _as_words(stack: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", stack).strip("-")


def _as_data_map_name(stack: str, name: str) -> str:
    """A stack's name in front, in the letters that the Data Map allows."""
    return f"{_as_words(stack)}-{name}"


def vault_connection(stack: str, vault: str) -> str:
    """A Key Vault connection carries its stack's name: two stacks may use one vault."""
    return _as_data_map_name(stack, vault)


def credential(stack: str, source: str) -> str:
    """A credential carries its stack's name, so that no stack ever changes another's."""
    return _as_data_map_name(stack, source)


def storage_account_id(subscription_id: str, group: str, account: str) -> str:
    """The ARM id of a storage account."""
    return f"{resource_group_id(subscription_id, group)}/providers/Microsoft.Storage/storageAccounts/{account}"


def container_id(account: str, container: str) -> str:
    """The ARM id of a container, from that of its storage account."""
    return f"{account}/blobServices/default/containers/{container}"


def key_id(vault: str, key: str) -> str:
    """The ARM id of a key, from that of its vault."""
    return f"{vault}/keys/{key}"


def state_key_role(vault: str) -> str:
    """What the role is called that only encrypts and decrypts with a vault's keys.

    Names of such roles are unique in the directory, and those of vaults in all of Azure.
    """
    return f"Pulumi state key user of {vault.lower()}"


def state_key_role_id(vault: str) -> str:
    """Deterministic GUID of that role, from the ARM id of the vault."""
    return str(uuid.uuid5(_STATE_KEY_ROLES, vault.lower()))


def state_container(tenant: str) -> str:
    """The container of a tenant's state."""
    return f"state-{tenant}"


def pipeline_identity(tenant: str, job: str) -> str:
    """The identity with which a tenant's pipeline does a job."""
    return f"id-{tenant}-{job}"


def state_url(container: str, account: str, suffix: str) -> str:
    """A container as Pulumi is told of it; the public cloud's suffix is what it takes for granted."""
    elsewhere = "" if suffix == "core.windows.net" else f"&domain=blob.{suffix}"
    return f"azblob://{container}?storage_account={account}{elsewhere}"


def secrets_provider(vault: str, suffix: str, key: str) -> str:
    """A key as Pulumi is told of it."""
    return f"azurekeyvault://{vault.lower()}.{suffix}/keys/{key}"


ACCOUNT_ID = re.compile(
    r"^/subscriptions/(?P<subscription>[0-9a-fA-F-]{36})/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.Purview/accounts/(?P<name>[^/]+)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class AccountPlace:
    """A Purview account, by the three parts of its ARM id."""

    subscription_id: str
    group: str
    name: str

    @classmethod
    def of(cls, account_id: str) -> AccountPlace:
        """The parts of an ARM id; raises :class:`ValueError` where it is none."""
        parts = ACCOUNT_ID.match(account_id)
        if parts is None:
            msg = f"{account_id!r} is not the id of a Purview account"
            raise ValueError(msg)
        return cls(parts["subscription"], parts["group"], parts["name"])

    @property
    def id(self) -> str:
        """The ARM id."""
        return purview_account_id(self.subscription_id, self.group, self.name)


@dataclass(frozen=True)
class SourceNames:
    """What the objects of one workspace are called in Purview."""

    data_source: str
    scan: str


def source_names(source: str, *, data_source: str | None = None, scan: str | None = None) -> SourceNames:
    """A data source is called what its owner calls it, and has one scan; those made by hand keep their names."""
    return SourceNames(data_source or source, scan or f"{source}-scan")


def role_assignment(scope: str, principal_id: str, role_id: str) -> str:
    """Deterministic GUID of a role assignment.

    The same grant gets the same name in every run and every stack, so that a repeated deployment finds it
    instead of failing with RoleAssignmentExists.
    """
    return str(uuid.uuid5(_ROLE_ASSIGNMENTS, f"{scope}|{principal_id}|{role_id}".lower()))


def scan_run(account_id: str, scan_path: str, scan_made: str, generation: int) -> str:
    """Deterministic GUID of a run that a stack asks for, so that a repeated request is the same run.

    The time at which the scan was made tells it from an earlier scan of the same name.
    """
    return str(uuid.uuid5(_RUNS, f"{account_id}|{scan_path}|{scan_made}|{generation}".lower()))
