"""The vault, and Purview's way to the keys in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.custody.rights import Right
from purview_ai.inspection import sign_in
from purview_ai.inspection.account import FOUND
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.remedies import again
from purview_ai.json_values import take_from
from purview_ai.resource_manager.client import RESOURCES
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject

READER = "Reader on the vault"
_READERS = {right.role_id for right in Right}
"""Every role that reads a secret's value."""
_CLOSED = (
    "its firewall lets no trusted Microsoft service in, so Purview cannot read the key",
    "Azure portal > the vault > Networking: allow trusted Microsoft services to bypass this firewall.",
)
"""Why, and what mends it."""


def reachable(estate: Estate) -> Link:
    """The vault is there, and lets Purview in."""
    vault = estate.settings.vault

    def look(link: Link) -> Finding:
        found = estate.vault
        if found is None:
            return link.failed(f"Azure knows no key vault {vault.name} in {vault.resource_group}", _deploy(estate))
        if not lets_purview_in(found):
            return link.failed(*_CLOSED)
        access = "roles" if by_roles(found) else "access policies"
        return link.passed("", seen(f"{vault.name}, which goes by {access}", "Azure, the vault"))

    return Link("vault.reach", f"Key vault {vault.name} lets Purview in", look, to_look=READER)


def before(estate: Estate) -> Link:
    """Before a deployment: the vault that is there is what the stack file says, or a new one can get its name."""
    vault = estate.settings.vault

    def look(link: Link) -> Finding:
        found = estate.vault
        if vault.existing or found is not None:
            return _there(link, estate, found)
        subscription = estate.azure.get("subscriptionId")
        group = naming.resource_group_id(subscription, vault.resource_group)
        if not vault.create_resource_group and estate.once(group, lambda: estate.arm.get(group, RESOURCES)) is None:
            return link.failed(
                f"Azure knows no resource group {vault.resource_group} in subscription {subscription}",
                "Correct vault.resource_group, or let the stack make it: vault.create_resource_group: true.",
            )
        if vault.name.lower() in estate.arm.deleted_vaults(subscription):
            if vault.recover:
                return link.passed("a soft-deleted vault of this name is recovered (vault.recover)")
            return link.failed("a soft-deleted vault has this name", "To get that one back: vault.recover: true.")
        if why := estate.arm.why_taken(subscription, vault.name):
            return link.failed(why, "Choose another vault.name: it is unique in all of Azure.")
        return link.passed("the name is free", seen(vault.name, "Azure, checkNameAvailability"))

    return Link("vault.name", f"Key vault {vault.name}", look, (sign_in.AZURE,), "Reader on the subscription")


def _there(link: Link, estate: Estate, found: JsonObject | None) -> Finding:
    vault = estate.settings.vault
    if found is None:
        gone = f"Azure knows no key vault {vault.name} in {vault.resource_group}"
        return link.failed(gone, "vault.existing is true: correct vault.name and vault.resource_group.")
    if not vault.existing and not estate.is_own(estate.vault_id):
        there = "it is there already, and this stack has not made it"
        return link.failed(there, "To use it as it is: vault.existing: true. Else choose another vault.name.")
    if by_roles(found) is not vault.by_roles:
        is_ = "rbac" if by_roles(found) else "access-policy"
        return link.failed(f"it goes by {is_}, and the stack file says otherwise", f"Set vault.access: {is_}.")
    if not lets_purview_in(found):
        return link.failed(*_CLOSED)
    return link.passed("", seen(vault.name, "Azure, the vault"))


def by_roles(vault: JsonObject) -> bool:
    """Whether a vault goes by roles, and not by access policies."""
    return bool(take_from(vault, ("properties", "enableRbacAuthorization")))


def lets_purview_in(vault: JsonObject) -> bool:
    """Purview is a trusted service of Key Vault (docs/facts.md, graph 2.2)."""
    properties: JsonObject = vault.get("properties") or {}
    acls: JsonObject = properties.get("networkAcls") or {}
    denies = acls.get("defaultAction") == "Deny"
    closed = str(properties.get("publicNetworkAccess") or "Enabled").lower() == "disabled"
    return not (denies or closed) or str(acls.get("bypass") or "AzureServices") == "AzureServices"


def readable(estate: Estate, secret: str) -> Link:
    """The Purview account's identity may read a key."""

    def look(link: Link) -> Finding:
        identity = estate.purview_identity
        vault: JsonObject = estate.vault or {}
        if by_roles(vault):
            roles = estate.arm.roles_of(identity, naming.secret_id(estate.vault_id, secret))
            if roles & _READERS:
                return link.passed("", seen(f"a role of {identity} that reads secrets", "Azure, role assignments"))
            lacks = f"the account's identity {identity} holds no role that reads the secret"
            return link.failed(lacks, _give(estate, secret))
        mine = [one for one in _policies(vault) if str(one.get("objectId")).lower() == identity.lower()]
        may = {may.lower() for one in mine for may in _secret_permissions(one)}
        if may & {"get", "all"}:
            return link.passed("", seen(f"an access policy of {identity}", "Azure, the vault"))
        return link.failed(f"the vault has no access policy that lets {identity} get secrets", _give(estate, secret))

    to_look = "Reader on the vault and its role assignments"
    return Link(f"vault.reads.{secret}", f"Purview may read secret {secret}", look, ("vault.reach", FOUND), to_look)


def _policies(vault: JsonObject) -> list[JsonObject]:
    return take_from(vault, ("properties", "accessPolicies")) or []


def _secret_permissions(policy: JsonObject) -> list[str]:
    return take_from(policy, ("permissions", "secrets")) or []


def _give(estate: Estate, secret: str) -> str:
    if estate.settings.vault.reading is PurviewReads.EXPECTED:
        return (
            "vault.purview_reads is expected, so somebody else gives it: az role assignment create --role "
            f'"Key Vault Secrets User" --assignee-object-id {estate.purview_identity} --assignee-principal-type '
            f"ServicePrincipal --scope {naming.secret_id(estate.vault_id, secret)}"
        )
    return f"{again(estate)} gives it."


def _deploy(estate: Estate) -> str:
    if estate.settings.vault.existing:
        return "vault.existing is true: correct vault.name and vault.resource_group."
    return f"{again(estate)} makes it."
