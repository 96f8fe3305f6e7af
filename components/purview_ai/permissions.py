"""The least that each identity needs, as data: for the documentation's table, and for a tenant's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from purview_ai.settings.grants import GrantsMode
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.settings.tenant import TenantSettings


class Identity(StrEnum):
    """Who needs something."""

    DEPLOYER = "who deploys"
    GRANTER = "who deploys `grants/`"
    PURVIEW = "the Purview account's identity"
    WATCHER = "who runs `purview-ai scan list`, `scan watch` or `discover`"
    RUNNER = "who runs `purview-ai scan run` or `scan cancel`"
    INSPECTOR = "who runs `purview-ai preflight`, `verify`, `report` or `offboard`"
    COMPARER = "who runs `purview-ai drift`"
    PREVIEWER = "a pipeline that previews"
    GRANTS_PREVIEWER = "a pipeline that previews `grants/`"
    APPLIER = "a pipeline that deploys: as who deploys, and"
    SCANNER = "a pipeline that starts scans"


class Place(StrEnum):
    """Where it is needed."""

    VAULT_GROUP = "the vault's resource group"
    SUBSCRIPTION = "the vault's subscription"
    ACCOUNT_GROUP = "the Purview account's resource group"
    ACCOUNT = "the Purview account in Azure"
    VAULT = "the vault"
    KEY = "the secret, or the vault"
    LOGS = "the Log Analytics workspace"
    ACTION_GROUPS = "the action groups"
    GRAPH = "Microsoft Graph"
    COMPLIANCE = "Security & Compliance PowerShell, once"
    STATE = "the container of the stacks' state"
    STATE_KEY = "the key of the stacks' state"
    API = "the Purview API"
    COLLECTION = "the collection in Purview"
    PARENT = "the collection above it in Purview"


def _always(_: TenantSettings) -> bool:
    return True


@dataclass(frozen=True)
class Need:
    """What an identity needs at one place."""

    identity: Identity
    place: Place
    roles: tuple[str, ...]
    """By their names, all of them."""
    when: str = ""
    """In which case, in words; empty: always."""
    applies: Callable[[TenantSettings], bool] = _always
    """The same, of a tenant's settings."""
    smaller: str = ""
    """A role that does as well and opens less, where it can be had."""
    by_stack: str = ""
    """The setting with which the stack gives it; empty: somebody else must."""
    actions: tuple[str, ...] = ()
    """What these roles are needed for, in Azure's own words, so that other roles with the same do as well."""
    data_actions: tuple[str, ...] = ()
    """The same in the data plane."""

    def __str__(self) -> str:
        """As a sentence without its place."""
        roles = " and ".join(self.roles) + (f" (or {self.smaller})" if self.smaller else "")
        given = f"; the stack can give it (`{self.by_stack}`)" if self.by_stack else ""
        return roles + (f", {self.when}" if self.when else "") + given


def _makes_vault(tenant: TenantSettings) -> bool:
    return not tenant.vault.existing


def _writes_a_secret(tenant: TenantSettings) -> bool:
    return any(key.from_config for key in tenant.keys.values())


def _gives_roles_in_the_vault(tenant: TenantSettings) -> bool:
    vault = tenant.vault
    people = (vault.administrators, vault.readers)
    named = any(one.users or one.groups or one.applications for one in people)
    return vault.by_roles and (vault.reading is not PurviewReads.EXPECTED or vault.deployer_manages or named)


def _changes_policies_of_an_existing_vault(tenant: TenantSettings) -> bool:
    return tenant.vault.existing and not tenant.vault.by_roles and tenant.vault.reading is not PurviewReads.EXPECTED


def _captures(tenant: TenantSettings) -> bool:
    """An app that the Data Map does not scan needs no app role, and nothing in Purview."""
    return bool(tenant.captured)


def _gives_roles_in_purview(tenant: TenantSettings) -> bool:
    return _captures(tenant) and (bool(tenant.purview.roles) or tenant.purview.deployer_access)


def _gives_app_roles(tenant: TenantSettings) -> bool:
    return _captures(tenant) and tenant.grants.mode is GrantsMode.MANAGED


def _governed(block: str) -> Callable[[TenantSettings], bool]:
    """Whether a tenant's settings have this block of governance."""
    return lambda tenant: tenant.asks_for(f"governance.{block}")


def _gives_directory_roles(tenant: TenantSettings) -> bool:
    people = tenant.governance.people if tenant.governance else None
    return people is not None and any(group.for_roles for group in people.groups.values())


def _with(block: str, *roles: str, identity: Identity, place: Place = Place.GRAPH, also: str = "") -> Need:
    """A need that comes with one block of governance alone."""
    return Need(identity, place, roles, f"{also}only with `governance.{block}`", _governed(block))


def _looking_around(identity: Identity) -> tuple[Need, ...]:
    """What it takes to look at what is declared around the scan."""
    return (
        _with("conditional_access", "Policy.Read.All", identity=identity),
        _with("people", "Group.Read.All", identity=identity),
        Need(
            identity,
            Place.GRAPH,
            ("RoleManagement.Read.Directory",),
            "only with `directory_roles` of a group",
            _gives_directory_roles,
        ),
        _with(
            "ediscovery", "eDiscovery.Read.All", identity=identity, also="and the same in PowerShell as who deploys, "
        ),
    )


AUDIT_SEARCH = Need(
    Identity.INSPECTOR,
    Place.GRAPH,
    ("AuditLogsQuery.Read.All",),
    "for `verify` and `report`, where the cloud has an audit search (not in those of the US government and of China)",
)


def _comparing(identity: Identity) -> tuple[Need, ...]:
    """What it takes to hold a stack's state against what is there."""
    return (
        Need(identity, Place.STATE, ("Storage Blob Data Reader",), "where Azure Storage keeps it"),
        Need(identity, Place.VAULT_GROUP, ("Reader",)),
        Need(identity, Place.ACCOUNT, ("Reader",)),
        Need(identity, Place.GRAPH, ("Application.Read.All",), applies=_captures),
        *_looking_around(identity),
        Need(identity, Place.COLLECTION, ("Data Reader",), applies=_captures),
    )


STATE_KEY_ROLE = "State Key User"
"""No role of Azure's own: ``bootstrap/`` makes it, of the actions below."""
STATE_KEY_ACTIONS = ("Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action")
"""All that Pulumi does with a key: encrypting when a stack is made, decrypting later (docs/facts.md, engine 51)."""


def _opening_the_state(identity: Identity) -> Need:
    """What it takes to read and write what is secret in a state."""
    return Need(
        identity,
        Place.STATE_KEY,
        ("Key Vault Crypto User",),
        f"where a vault's key encrypts its secrets; {STATE_KEY_ROLE} is a custom role (docs/bootstrap.md)",
        smaller=STATE_KEY_ROLE,
    )


NEEDS = (
    Need(
        Identity.DEPLOYER,
        Place.VAULT_GROUP,
        ("Contributor",),
        "where the stack makes the vault, writes a key to it, or changes the access policies of one that is there",
        lambda tenant: (
            _makes_vault(tenant) or _writes_a_secret(tenant) or _changes_policies_of_an_existing_vault(tenant)
        ),
        smaller="Key Vault Contributor",
        actions=("Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/vaults/secrets/write"),
    ),
    Need(
        Identity.DEPLOYER,
        Place.VAULT_GROUP,
        ("User Access Administrator",),
        "where the stack gives roles in the vault",
        _gives_roles_in_the_vault,
        smaller="Key Vault Data Access Administrator",
        actions=("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"),
    ),
    Need(
        Identity.DEPLOYER,
        Place.VAULT_GROUP,
        ("Reader",),
        "where the vault is there already",
        lambda tenant: tenant.vault.existing,
        actions=("Microsoft.KeyVault/vaults/read",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.SUBSCRIPTION,
        ("Contributor", "User Access Administrator"),
        "only with `vault.create_resource_group`",
        lambda tenant: tenant.vault.create_resource_group,
        actions=(
            "Microsoft.Resources/subscriptions/resourceGroups/write",
            "Microsoft.Authorization/roleAssignments/write",
        ),
    ),
    Need(
        Identity.DEPLOYER,
        Place.VAULT,
        ("Key Vault Secrets Officer",),
        "and a way through its firewall, to delete or recover a secret",
        lambda tenant: _writes_a_secret(tenant) and tenant.vault.by_roles,
        by_stack="vault.deployer_access",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/delete",
            "Microsoft.KeyVault/vaults/secrets/recover/action",
        ),
    ),
    Need(
        Identity.DEPLOYER,
        Place.ACCOUNT,
        ("Reader",),
        "where the account is there already",
        lambda tenant: not tenant.purview.create,
        actions=("Microsoft.Purview/accounts/read",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.ACCOUNT,
        ("User Access Administrator",),
        "only with `purview.bootstrap_admin`",
        lambda tenant: _captures(tenant) and tenant.purview.bootstrap_admin,
        actions=("Microsoft.Authorization/roleAssignments/write",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.ACCOUNT_GROUP,
        ("Contributor",),
        "only with `purview.create`",
        lambda tenant: tenant.purview.create,
        actions=("Microsoft.Purview/accounts/write",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.ACCOUNT,
        ("Monitoring Contributor",),
        "only with `diagnostics.account`",
        lambda tenant: tenant.diagnostics is not None and tenant.diagnostics.account,
        actions=("Microsoft.Insights/diagnosticSettings/write",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.LOGS,
        ("Log Analytics Contributor",),
        "only with `diagnostics`",
        lambda tenant: tenant.diagnostics is not None,
        actions=("Microsoft.OperationalInsights/workspaces/sharedKeys/action",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.VAULT_GROUP,
        ("Monitoring Contributor",),
        "only with `alerts`; Contributor holds it",
        lambda tenant: tenant.alerts is not None,
        actions=("Microsoft.Insights/scheduledQueryRules/write",),
    ),
    Need(
        Identity.DEPLOYER,
        Place.ACTION_GROUPS,
        ("Reader",),
        "only with `alerts.action_groups`",
        lambda tenant: tenant.alerts is not None and bool(tenant.alerts.action_groups),
        actions=("Microsoft.Insights/actionGroups/read",),
    ),
    Need(Identity.DEPLOYER, Place.GRAPH, ("Application.Read.All",), applies=_captures),
    Need(
        Identity.DEPLOYER,
        Place.GRAPH,
        ("AppRoleAssignment.ReadWrite.All",),
        "only with `grants: managed`; a person needs Privileged Role Administrator",
        _gives_app_roles,
    ),
    Need(
        Identity.DEPLOYER,
        Place.GRAPH,
        ("Application.ReadWrite.All",),
        "only with `grants.create_service_principal`",
        lambda tenant: _captures(tenant) and tenant.grants.create_service_principal,
    ),
    _with("conditional_access", "Policy.Read.All", identity=Identity.DEPLOYER),
    _with("conditional_access", "Policy.ReadWrite.ConditionalAccess", identity=Identity.DEPLOYER),
    _with("people", "Group.ReadWrite.All", identity=Identity.DEPLOYER),
    _with("people", "User.Read.All", identity=Identity.DEPLOYER),
    Need(
        Identity.DEPLOYER,
        Place.GRAPH,
        ("RoleManagement.ReadWrite.Directory",),
        "only with `directory_roles` of a group; a person needs Privileged Role Administrator",
        _gives_directory_roles,
    ),
    _with("ediscovery", "eDiscovery.ReadWrite.All", identity=Identity.DEPLOYER),
    _with(
        "ediscovery",
        *("New-ServicePrincipal", "Add-RoleGroupMember eDiscoveryManager", "Add-eDiscoveryCaseAdmin"),
        identity=Identity.DEPLOYER,
        place=Place.COMPLIANCE,
    ),
    Need(
        Identity.DEPLOYER,
        Place.COLLECTION,
        ("Data Source Administrator", "Data Reader"),
        applies=_captures,
        by_stack="purview.deployer_access",
    ),
    Need(
        Identity.DEPLOYER,
        Place.COLLECTION,
        ("Collection Administrator",),
        "where the stack gives roles on it",
        _gives_roles_in_purview,
        by_stack="purview.bootstrap_admin",
    ),
    Need(
        Identity.DEPLOYER,
        Place.PARENT,
        ("Collection Administrator",),
        "where the stack makes the collection",
        lambda tenant: _captures(tenant) and tenant.purview.collection.create,
        by_stack="purview.bootstrap_admin",
    ),
    Need(Identity.GRANTER, Place.ACCOUNT, ("Reader",)),
    Need(Identity.GRANTER, Place.GRAPH, ("Application.Read.All", "AppRoleAssignment.ReadWrite.All")),
    Need(
        Identity.PURVIEW,
        Place.KEY,
        ("Key Vault Secrets User",),
        "or Get and List in an access policy",
        _captures,
        by_stack="vault.purview_reads",
    ),
    Need(
        Identity.PURVIEW,
        Place.API,
        ("Purview.ProcessConversationMessages.All",),
        applies=_captures,
        by_stack="grants",
    ),
    Need(
        Identity.PURVIEW,
        Place.GRAPH,
        ("User.Read.All",),
        applies=lambda tenant: _captures(tenant) and tenant.grants.read_users,
        by_stack="grants",
    ),
    Need(Identity.WATCHER, Place.ACCOUNT, ("Reader",)),
    Need(Identity.WATCHER, Place.COLLECTION, ("Data Reader",), applies=_captures),
    Need(Identity.RUNNER, Place.ACCOUNT, ("Reader",)),
    Need(Identity.RUNNER, Place.COLLECTION, ("Data Source Administrator", "Data Reader"), applies=_captures),
    Need(Identity.INSPECTOR, Place.VAULT_GROUP, ("Reader",)),
    Need(Identity.INSPECTOR, Place.ACCOUNT, ("Reader",)),
    Need(
        Identity.INSPECTOR,
        Place.SUBSCRIPTION,
        ("Reader",),
        "for `preflight` to see whether a new vault's name is free",
        _makes_vault,
    ),
    Need(
        Identity.INSPECTOR,
        Place.KEY,
        ("Key Vault Secrets User",),
        "and a way through the vault's firewall, for `preflight` to try a key that somebody else keeps",
        lambda tenant: any(not key.from_config for key in tenant.keys.values()),
    ),
    Need(Identity.INSPECTOR, Place.STATE, ("Storage Blob Data Reader",), "where Azure Storage keeps it"),
    Need(Identity.INSPECTOR, Place.GRAPH, ("Application.Read.All",), applies=_captures),
    AUDIT_SEARCH,
    Need(Identity.INSPECTOR, Place.GRAPH, ("User.Read.All",), "for `preflight` to count who can be captured"),
    *_looking_around(Identity.INSPECTOR),
    Need(Identity.INSPECTOR, Place.COLLECTION, ("Data Reader",), applies=_captures),
    Need(
        Identity.INSPECTOR,
        Place.COLLECTION,
        ("Collection Administrator",),
        "for `preflight` to see whether the deployer holds its roles there",
        _captures,
    ),
    *_comparing(Identity.COMPARER),
    Need(
        Identity.COMPARER,
        Place.COLLECTION,
        ("Collection Administrator",),
        "where the stack gives roles on it, and `--leave-out` does not leave them out",
        _gives_roles_in_purview,
    ),
    _opening_the_state(Identity.PREVIEWER),
    *_comparing(Identity.PREVIEWER),
    Need(Identity.GRANTS_PREVIEWER, Place.STATE, ("Storage Blob Data Reader",), "where Azure Storage keeps it"),
    _opening_the_state(Identity.GRANTS_PREVIEWER),
    Need(Identity.GRANTS_PREVIEWER, Place.ACCOUNT, ("Reader",)),
    Need(Identity.GRANTS_PREVIEWER, Place.GRAPH, ("Application.Read.All",)),
    Need(Identity.APPLIER, Place.STATE, ("Storage Blob Data Contributor",), "where Azure Storage keeps it"),
    _opening_the_state(Identity.APPLIER),
    Need(Identity.SCANNER, Place.ACCOUNT, ("Reader",), applies=_captures),
    Need(Identity.SCANNER, Place.COLLECTION, ("Data Source Administrator",), applies=_captures),
)
"""From docs/facts.md, graph 1 to 2.4, 16, 20 to 23, 31, 113 and 180, engine 49 and 51, purview 2.11, 2.13 and 3, and
from what the sandbox enforces."""


def needs_of(tenant: TenantSettings, *, audit_search: bool = True) -> list[Need]:
    """What a tenant's own settings ask for; ``audit_search``: whether its cloud has one."""
    unneeded = () if audit_search else (AUDIT_SEARCH,)
    others = (Identity.GRANTER, Identity.GRANTS_PREVIEWER)
    applying = (need for need in NEEDS if need.identity not in others and need.applies(tenant))
    return [need for need in applying if need not in unneeded]


def given_by_stack(need: Need, tenant: TenantSettings) -> bool:
    """Whether the tenant's own stack gives what a need asks for, as its settings are."""
    return need.by_stack in tenant.given_to_deployer


def as_markdown(needs: list[Need] | tuple[Need, ...] = NEEDS) -> str:
    """A table: identity, place, and what is needed there."""
    lines = ["| identity | where | needs |", "|---|---|---|"]
    last = ""
    for need in needs:
        identity = "" if need.identity == last else need.identity.value
        lines.append(f"| {identity} | {need.place.value} | {need} |")
        last = need.identity
    return "\n".join(lines)
