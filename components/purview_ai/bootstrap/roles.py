"""What a pipeline's identity gets, and where: from the table of the least that each identity needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.permissions import NEEDS, STATE_KEY_ROLE, Identity, Need, Place, given_by_stack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from purview_ai.settings.bootstrap import DeployedTenant

ROLE_IDS = {
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
    "Key Vault Crypto Officer": "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
    "Key Vault Data Access Administrator": "8b54135c-b56d-4d72-a534-26097cfdc8d8",
    "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
    "Monitoring Contributor": "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}
"""Azure's built-in roles (docs/facts.md, graph 2.1, 62 and 63)."""


@dataclass(frozen=True)
class Store:
    """Where a tenant's state is kept, by ARM ids."""

    container: str
    key: str
    key_role: str
    """The GUID of the role that only encrypts and decrypts with it."""


@dataclass(frozen=True)
class Grant:
    """A role of Azure on a scope."""

    role: str
    scope: str
    role_id: str
    """Its GUID."""

    @property
    def key(self) -> str:
        """What it is called in a stack: told apart by its scope, which never changes its place in a list."""
        place = "-".join(self.scope.lower().strip("/").split("/")[-2:])
        return f"{self.role.lower().replace(' ', '-')}-{place}"


@dataclass(frozen=True)
class Rights:
    """All that an identity needs."""

    azure: tuple[Grant, ...] = ()
    """What the stack gives."""
    graph: tuple[str, ...] = ()
    """Permissions of Microsoft Graph."""
    remaining: tuple[str, ...] = ()
    """What only somebody else can give, in words."""


def of_plan(tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    """What the identity needs that previews these tenants and looks for drift."""
    return _of((Identity.PREVIEWER,), tenants, store)


def of_apply(tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    """What the identity needs that deploys these tenants."""
    return _of((Identity.APPLIER, Identity.DEPLOYER), tenants, store)


def of_scan(tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    """What the identity needs that starts these tenants' scans."""
    return _of((Identity.SCANNER,), tenants, store)


def of_grants_plan(tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    """What the identity needs that previews ``grants/``, for the accounts of all these tenants."""
    return _of((Identity.GRANTS_PREVIEWER,), tenants, store)


def of_grants(tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    """What the identity needs that deploys ``grants/``, for the accounts of all these tenants."""
    return _of((Identity.APPLIER, Identity.GRANTER), tenants, store)


def _of(identities: tuple[Identity, ...], tenants: Iterable[DeployedTenant], store: Store) -> Rights:
    found = [
        _rights([need for need in NEEDS if need.identity in identities and need.applies(one.settings)], one, store)
        for one in tenants
    ]
    return Rights(
        azure=tuple(dict.fromkeys(grant for rights in found for grant in rights.azure)),
        graph=tuple(dict.fromkeys(value for rights in found for value in rights.graph)),
        remaining=tuple(dict.fromkeys(line for rights in found for line in rights.remaining)),
    )


def _rights(needs: Iterable[Need], tenant: DeployedTenant, store: Store) -> Rights:
    azure: list[Grant] = []
    graph: list[str] = []
    remaining: list[str] = []
    ids = ROLE_IDS | {STATE_KEY_ROLE: store.key_role}
    for need in needs:
        scopes = [] if need.by_stack else _scopes(need.place, tenant, store)
        if given_by_stack(need, tenant.settings):
            continue
        if need.place is Place.GRAPH:
            graph += need.roles
        elif scopes:
            # The smaller role, where there is one: nobody's habits depend on an identity that is new.
            roles = (need.smaller,) if need.smaller else need.roles
            azure += [Grant(role, scope, ids[role]) for scope in scopes for role in roles]
        else:
            remaining.append(f"{need.place.value}: {need}")
    return Rights(tuple(azure), tuple(graph), tuple(remaining))


def _scopes(place: Place, tenant: DeployedTenant, store: Store) -> list[str]:
    """The ARM ids of a place; none where Azure's roles do not reach, or where nobody knows yet."""
    settings, account = tenant.settings, tenant.account
    found = {
        Place.STATE: [store.container],
        Place.STATE_KEY: [store.key],
        Place.VAULT_GROUP: [tenant.vault_group],
        Place.LOGS: [settings.diagnostics.workspace] if settings.diagnostics else [],
        Place.ACTION_GROUPS: list(settings.alerts.action_groups) if settings.alerts else [],
    }
    if account:
        found[Place.ACCOUNT] = [account.id]
        found[Place.ACCOUNT_GROUP] = [naming.resource_group_id(account.subscription_id, account.group)]
    return found.get(place, [])
