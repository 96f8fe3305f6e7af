"""The key vault itself: what Azure is told of a new one, and what an existing one must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_azure_native import keyvault

from purview_ai.json_values import JsonObject, is_object
from purview_ai.settings.vault import VaultNetwork, VaultSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.lookups import FoundVault

FIXED_PAGE = "docs/troubleshooting.md#vault-fixed"


def properties_of(
    vault: VaultSettings, tenant_id: str, entries: Sequence[keyvault.AccessPolicyEntryArgs]
) -> keyvault.VaultPropertiesArgs:
    """What Azure is told of a new vault."""
    private = vault.network is VaultNetwork.PRIVATE
    return keyvault.VaultPropertiesArgs(
        tenant_id=tenant_id,
        sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
        # Always said aloud: what a vault does without it depends on who is asked, and when (docs/facts.md, graph 0.5).
        enable_rbac_authorization=vault.by_roles,
        access_policies=None if vault.by_roles else list(entries),
        enable_purge_protection=True if vault.purge_protection else None,
        soft_delete_retention_in_days=vault.soft_delete_days,
        public_network_access="Disabled" if private else "Enabled",
        network_acls=_network(vault),
        create_mode=keyvault.CreateMode.RECOVER if vault.recover else None,
    )


def _network(vault: VaultSettings) -> keyvault.NetworkRuleSetArgs | None:
    if vault.network is VaultNetwork.PUBLIC:
        return None
    return keyvault.NetworkRuleSetArgs(
        # Microsoft Purview is a trusted service of Key Vault (docs/facts.md, graph 2.2).
        bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
        default_action=keyvault.NetworkRuleAction.DENY,
        ip_rules=[keyvault.IPRuleArgs(value=str(network)) for network in vault.allow_from],
    )


def said_once(name: str, tenant: str, vault: VaultSettings) -> pulumi.ResourceHook:
    """Stops a change, at the preview too, of what Azure never changes in a vault (docs/facts.md, graph 2.2)."""

    def refuse(update: pulumi.ResourceHookArgs) -> None:
        old, new = _properties(update.old_inputs), _properties(update.new_inputs)
        wrong: list[str] = []
        if old.get("enablePurgeProtection") and not new.get("enablePurgeProtection"):
            wrong.append("vault.purge_protection cannot be taken back: set it to true")
        days = old.get("softDeleteRetentionInDays")
        if days is not None and days != new.get("softDeleteRetentionInDays"):
            wrong.append(f"vault.soft_delete_days is fixed when the vault is made: set it to {days:.0f}")
        if wrong:
            listed = "\n  ".join(wrong)
            msg = f"\n{tenant}: key vault {vault.name} was not changed\n  {listed}\n  {FIXED_PAGE}"
            raise ValueError(msg)

    return pulumi.ResourceHook(f"{name}: vault", refuse, pulumi.ResourceHookOptions(on_dry_run=True))


def _properties(inputs: Mapping[str, Any] | None) -> JsonObject:
    found = (inputs or {}).get("properties")
    return found if is_object(found) else {}


def check_existing(tenant: str, vault: VaultSettings, found: FoundVault) -> None:
    """Ends the program where an existing vault is not what the stack file takes it for."""
    if found.by_roles == vault.by_roles:
        return
    is_, says = ("rbac", "access-policy") if found.by_roles else ("access-policy", "rbac")
    msg = (
        f"{tenant}: key vault {vault.name} is not what the stack file says\n"
        f"  vault.access is {says}, and the vault goes by {is_}: access given in the other way would not count.\n"
        f"  Set vault.access: {is_}; or change the vault first, which takes the others' access away.\n"
        "  docs/troubleshooting.md#vault-access"
    )
    raise pulumi.RunError(msg)


def reach_warning(vault: VaultSettings, found: FoundVault) -> str:
    """What to say of an existing vault that lets no trusted service in; empty where it does."""
    if found.open_to_all or found.lets_trusted_services_in:
        return ""
    return (
        f"key vault {vault.name} lets no trusted service in, so Purview cannot read a key there: allow trusted "
        "Microsoft services in its firewall (Azure portal > the vault > Networking)"
    )
