"""A key vault that holds vendors' keys, and lets the Purview account read them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_azure_native import authorization, keyvault, resources

from purview_ai import naming
from purview_ai.dynamic.resources import KeyVaultConnection
from purview_ai.json_values import JsonObject, is_object
from purview_ai.settings.vault import VaultNetwork, VaultSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(Enum):
    """The built-in roles that custody gives (docs/facts.md, graph 2.1)."""

    SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


@dataclass(frozen=True)
class Holder:
    """Who holds a role."""

    object_id: str
    is_person: bool = False

    @property
    def principal_type(self) -> authorization.PrincipalType:
        """A new identity may not have reached every corner of Entra yet; with its type nobody looks."""
        return authorization.PrincipalType.USER if self.is_person else authorization.PrincipalType.SERVICE_PRINCIPAL


@dataclass(frozen=True)
class Reader:
    """The Purview account that reads the keys."""

    account_id: str
    principal_id: str
    ready: tuple[pulumi.Resource, ...] = ()
    """What must be there before the account takes a connection, such as roles in it."""


class KeyCustody(pulumi.ComponentResource):
    """The vault, its secrets, who may read them, and Purview's connection to it."""

    vault_url: str
    connection: str
    """The name of Purview's Key Vault connection."""
    secret_versions: dict[str, pulumi.Output[str]]
    """The current version of each secret, by the secret's name."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        vault: VaultSettings,
        keys: Mapping[str, pulumi.Input[str]],
        location: str,
        subscription_id: str,
        tenant_id: str,
        deployer: Holder,
        reader: Reader,
        connection: str,
        vault_suffix: str = "vault.azure.net",
        protect: bool = True,
        release: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Keep these keys.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            vault: What the vault shall be.
            keys: The vendors' keys by secret name; give secrets, they are written to the vault and nowhere else.
            location: The Azure region.
            subscription_id: The vault's subscription.
            tenant_id: The Entra tenant of the vault.
            deployer: The identity that deploys.
            reader: The Purview account that shall read the keys.
            connection: The name of the Key Vault connection in Purview.
            vault_suffix: The cloud's DNS suffix of vaults.
            protect: Whether vault and secrets are protected from deletion.
            release: Objects that were there before and that destroy shall remove, by their names in Purview.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:KeyCustody", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, protect=protect)
        self._scope = naming.vault_id(subscription_id, vault.resource_group, vault.name)
        self._subscription_id = subscription_id

        made = self._vault(tenant, vault, location, tenant_id)
        reading = self._grant("purview-reads", Role.SECRETS_USER, Holder(reader.principal_id), made)
        managing: list[pulumi.Resource] = []
        if vault.deployer_access:
            managing.append(self._grant("deployer-manages", Role.SECRETS_OFFICER, deployer, made))
        secrets = {
            secret: self._secret(tenant, vault, secret, value, [made, *managing]) for secret, value in keys.items()
        }
        self.secret_versions = {secret: _version(kept) for secret, kept in secrets.items()}
        self.vault_url = naming.vault_url(vault.name, vault_suffix)
        self.connection = connection
        KeyVaultConnection(
            f"{name}-connection",
            tenant=tenant,
            account_id=reader.account_id,
            name=connection,
            base_url=self.vault_url,
            adopt=vault.adopt_connection,
            release=connection in release,
            # All that Azure's provider makes comes first. It does not take over what is there: an engine killed while
            # Purview works would leave a vault or secret that the next deployment could not make.
            opts=pulumi.ResourceOptions.merge(
                self._child, pulumi.ResourceOptions(depends_on=[reading, *secrets.values(), *reader.ready])
            ),
        )
        self.register_outputs({"vault_url": self.vault_url})

    def _vault(self, tenant: str, vault: VaultSettings, location: str, tenant_id: str) -> keyvault.Vault:
        needed = [self._group(vault, location)] if vault.create_resource_group else []
        return keyvault.Vault(
            f"{self._name}-vault",
            vault_name=vault.name,
            resource_group_name=vault.resource_group,
            location=location,
            tags=vault.tags or None,
            properties=_properties(vault, tenant_id),
            opts=pulumi.ResourceOptions.merge(
                self._kept,
                pulumi.ResourceOptions(
                    depends_on=needed,
                    # It says how the vault comes to be; afterwards it is neither read nor changed.
                    ignore_changes=["properties.createMode"],
                    hooks=self._explained(
                        tenant,
                        f"key vault {vault.name} was not created",
                        _VAULT_HINTS,
                        before_update=[self._said_once(tenant, vault)],
                    ),
                ),
            ),
        )

    def _group(self, vault: VaultSettings, location: str) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{self._name}-group",
            resource_group_name=vault.resource_group,
            location=location,
            opts=self._kept,
        )

    def _grant(self, key: str, role: Role, holder: Holder, vault: keyvault.Vault) -> authorization.RoleAssignment:
        definition = f"/subscriptions/{self._subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
        return authorization.RoleAssignment(
            f"{self._name}-{key}",
            role_assignment_name=naming.role_assignment(self._scope, holder.object_id, role.value),
            scope=self._scope,
            role_definition_id=f"{definition}/{role.value}",
            principal_id=holder.object_id,
            principal_type=holder.principal_type,
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[vault])),
        )

    def _secret(
        self,
        tenant: str,
        vault: VaultSettings,
        secret: str,
        value: pulumi.Input[str],
        needed: list[pulumi.Resource],
    ) -> keyvault.Secret:
        return keyvault.Secret(
            f"{self._name}-{secret}",
            secret_name=secret,
            vault_name=vault.name,
            resource_group_name=vault.resource_group,
            properties=keyvault.SecretPropertiesArgs(value=pulumi.Output.secret(value)),
            opts=pulumi.ResourceOptions.merge(
                self._kept,
                pulumi.ResourceOptions(
                    depends_on=needed,
                    hooks=self._explained(tenant, f"secret {secret} was not written", _SECRET_HINTS),
                ),
            ),
        )

    def _said_once(self, tenant: str, vault: VaultSettings) -> pulumi.ResourceHook:
        """Stops a change, at the preview too, of what Azure never changes in a vault (docs/facts.md, graph 2.2)."""

        def refuse(update: pulumi.ResourceHookArgs) -> None:
            old, new = _vault_properties(update.old_inputs), _vault_properties(update.new_inputs)
            wrong: list[str] = []
            if old.get("enablePurgeProtection") and not new.get("enablePurgeProtection"):
                wrong.append("vault.purge_protection cannot be taken back: set it to true")
            days = old.get("softDeleteRetentionInDays")
            if days is not None and days != new.get("softDeleteRetentionInDays"):
                wrong.append(f"vault.soft_delete_days is fixed when the vault is made: set it to {days:.0f}")
            if wrong:
                listed = "\n  ".join(wrong)
                msg = f"\n{tenant}: key vault {vault.name} was not changed\n  {listed}\n  {_FIXED_PAGE}"
                raise ValueError(msg)

        return pulumi.ResourceHook(f"{self._name}: vault", refuse, pulumi.ResourceHookOptions(on_dry_run=True))

    def _explained(
        self,
        tenant: str,
        happened: str,
        hints: Mapping[str, str],
        before_update: list[pulumi.ResourceHook] | None = None,
    ) -> pulumi.ResourceHookBinding:
        """Names the setting that helps, where the service only says what is wrong."""

        def explain(failure: pulumi.ErrorHookArgs) -> bool:
            said = failure.errors[0] if failure.errors else ""
            for words, help_ in hints.items():
                if words in said:
                    pulumi.log.error(f"{tenant}: {happened}\n  {help_}", self)
            return False

        told = pulumi.ErrorHook(f"{self._name}: {happened}", explain)
        return pulumi.ResourceHookBinding(before_update=before_update, on_error=[told])


def _version(secret: keyvault.Secret) -> pulumi.Output[str]:
    with_version = secret.properties.apply(lambda properties: properties.secret_uri_with_version)
    return pulumi.Output.unsecret(with_version).apply(lambda uri: uri.rsplit("/", 1)[-1])


def _vault_properties(inputs: Mapping[str, Any] | None) -> JsonObject:
    found = (inputs or {}).get("properties")
    return found if is_object(found) else {}


_FIXED_PAGE = "docs/troubleshooting.md#vault-fixed"
_VAULT_HINTS = {
    "deleted state": (
        "A soft-deleted vault still holds the name. To take it back with all that is in it: vault.recover: true.\n"
        "  docs/troubleshooting.md#soft-deleted-vault"
    ),
}
_SECRET_HINTS = {
    "deleted but recoverable": (
        "A soft-deleted secret still holds the name. Taking it back is a call to the vault itself: it needs the role "
        "Key Vault Secrets Officer (vault.deployer_access: true gives it) and a way through the vault's firewall "
        "(vault.allow_from).\n"
        "  docs/troubleshooting.md#secret-access"
    ),
}


def _properties(vault: VaultSettings, tenant_id: str) -> keyvault.VaultPropertiesArgs:
    return keyvault.VaultPropertiesArgs(
        tenant_id=tenant_id,
        sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
        # Always said aloud: what a vault does without it depends on who is asked, and when (docs/facts.md, graph 0.5).
        enable_rbac_authorization=True,
        enable_purge_protection=True if vault.purge_protection else None,
        soft_delete_retention_in_days=vault.soft_delete_days,
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
