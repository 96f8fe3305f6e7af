"""Where the tenants' states are kept, and the keys that encrypt what is secret in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import authorization, keyvault, resources, storage

from purview_ai import explained, naming
from purview_ai.bootstrap.assigning import assigned
from purview_ai.bootstrap.roles import ROLE_IDS, Grant, Store
from purview_ai.permissions import STATE_KEY_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network

    from purview_ai.settings.bootstrap import BootstrapSettings
    from purview_ai.settings.surroundings import Surroundings
    from purview_ai.settings.vault import Principals

_ONE_ADDRESS = 31
"""Networks from this length on are told to Azure Storage address by address (docs/facts.md, graph 113)."""
KEY_BITS = 3072


class StateStore(pulumi.ComponentResource):
    """A storage account without shared keys and a vault, with a container and a key for each name."""

    stores: dict[str, Store]
    """The container and the key of each name."""
    ready: dict[str, list[pulumi.Resource]]
    """What must be there before anybody gets a role on them."""
    group: list[pulumi.Resource]
    """The resource group, where the stack makes it."""

    def __init__(
        self,
        name: str,
        *,
        stack: str,
        names: Sequence[str],
        settings: BootstrapSettings,
        surroundings: Surroundings,
        tenant_id: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Keep the states of these names.

        Args:
            name: The component's name in the stack.
            stack: Whom messages speak of.
            names: Whose states, and with which key.
            settings: What account and vault shall be.
            surroundings: Where they are made.
            tenant_id: The Entra tenant.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:StateStore", name, None, opts)
        self._stack, self._settings, self._surroundings, self._tenant_id = stack, settings, surroundings, tenant_id
        # State is kept even from whoever takes it out of the settings: without it, nobody knows what was deployed.
        self._kept = pulumi.ResourceOptions(parent=self, protect=settings.protect, retain_on_delete=settings.protect)
        self.group = [self._group()] if settings.create_resource_group else []
        account, vault, role = self._account(), self._vault(), self._key_role()
        self.stores, self.ready = {}, {}
        for one in names:
            self.stores[one] = Store(
                naming.container_id(self._account_id, naming.state_container(one)),
                naming.key_id(self._vault_id, one),
                naming.state_key_role_id(self._vault_id),
            )
            self.ready[one] = [self._container(one, account), self._key(one, vault), role]
        self._administer(settings.administrators, [*account, vault])
        self.register_outputs({})

    @property
    def _account_id(self) -> str:
        return naming.storage_account_id(
            self._surroundings.subscription_id, self._settings.resource_group, self._settings.storage_account
        )

    @property
    def _vault_id(self) -> str:
        return naming.vault_id(self._surroundings.subscription_id, self._settings.resource_group, self._settings.vault)

    def _group(self) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            "group",
            resource_group_name=self._settings.resource_group,
            location=self._surroundings.location,
            tags=self._settings.tags or None,
            opts=self._after([], f"resource group {self._settings.resource_group}"),
        )

    def _account(self) -> list[pulumi.Resource]:
        settings = self._settings
        account = storage.StorageAccount(
            "storage",
            account_name=settings.storage_account,
            resource_group_name=settings.resource_group,
            location=self._surroundings.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=settings.redundancy.value),
            # A shared key would open every tenant's state.
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            network_rule_set=_network(settings.allow_from),
            tags=settings.tags or None,
            opts=self._after(self.group, f"storage account {settings.storage_account}"),
        )
        days = settings.keep_deleted_days
        service = storage.BlobServiceProperties(
            "storage-keeps",
            account_name=settings.storage_account,
            resource_group_name=settings.resource_group,
            blob_services_name="default",
            is_versioning_enabled=True,
            delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days),
            container_delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days),
            opts=self._within(account, [account], "what the storage account keeps"),
        )
        return [account, service]

    def _container(self, name: str, account: list[pulumi.Resource]) -> storage.BlobContainer:
        return storage.BlobContainer(
            f"{name}-state",
            container_name=naming.state_container(name),
            account_name=self._settings.storage_account,
            resource_group_name=self._settings.resource_group,
            public_access=storage.PublicAccess.NONE,
            opts=self._within(account[0], account, f"container {naming.state_container(name)}"),
        )

    def _vault(self) -> keyvault.Vault:
        settings = self._settings
        rules = [keyvault.IPRuleArgs(value=str(network)) for network in settings.allow_from]
        acls = keyvault.NetworkRuleSetArgs(
            bypass=keyvault.NetworkRuleBypassOptions.NONE,
            default_action=keyvault.NetworkRuleAction.DENY,
            ip_rules=rules,
        )
        return keyvault.Vault(
            "vault",
            vault_name=settings.vault,
            resource_group_name=settings.resource_group,
            location=self._surroundings.location,
            tags=settings.tags or None,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=self._tenant_id,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                # A key that is gone takes every secret of its tenant's state with it.
                enable_purge_protection=True,
                soft_delete_retention_in_days=settings.keep_deleted_days,
                public_network_access="Enabled",
                network_acls=acls if rules else None,
            ),
            opts=self._after(self.group, f"key vault {settings.vault}"),
        )

    def _key(self, name: str, vault: keyvault.Vault) -> keyvault.Key:
        return keyvault.Key(
            f"{name}-key",
            key_name=name,
            vault_name=self._settings.vault,
            resource_group_name=self._settings.resource_group,
            properties=keyvault.KeyPropertiesArgs(
                kty=keyvault.JsonWebKeyType.RSA,
                key_size=KEY_BITS,
                key_ops=[keyvault.JsonWebKeyOperation.ENCRYPT, keyvault.JsonWebKeyOperation.DECRYPT],
            ),
            opts=self._within(vault, [vault], f"key {name}"),
        )

    def _key_role(self) -> authorization.RoleDefinition:
        """No built-in role only encrypts and decrypts (docs/facts.md, graph 113)."""
        group = naming.resource_group_id(self._surroundings.subscription_id, self._settings.resource_group)
        named = naming.state_key_role(self._settings.vault)
        told = self._told(f"role {named} was not made")
        return authorization.RoleDefinition(
            "key-role",
            role_definition_id=naming.state_key_role_id(self._vault_id),
            scope=group,
            assignable_scopes=[group],
            role_name=named,
            role_type="CustomRole",
            description="Encrypts and decrypts with the keys of Pulumi's states, and does nothing else with them.",
            permissions=[authorization.PermissionArgs(data_actions=list(STATE_KEY_ACTIONS))],
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.group, hooks=told),
        )

    def _administer(self, principals: Principals, needed: list[pulumi.Resource]) -> None:
        kinds = (
            (principals.users, authorization.PrincipalType.USER),
            (principals.groups, authorization.PrincipalType.GROUP),
            (principals.applications, authorization.PrincipalType.SERVICE_PRINCIPAL),
        )
        grants = (
            _of_azure("Storage Blob Data Contributor", self._account_id),
            _of_azure("Key Vault Crypto Officer", self._vault_id),
        )
        for holder, kind in [(one, kind) for ids, kind in kinds for one in ids]:
            for grant in grants:
                opts = pulumi.ResourceOptions(parent=self, depends_on=needed)
                assigned(f"administrator-{holder}", grant, holder, opts, kind=kind)

    def _within(self, whole: pulumi.Resource, needed: Sequence[pulumi.Resource], what: str) -> pulumi.ResourceOptions:
        """For what goes with something else, so that nothing is asked of its data then."""
        return pulumi.ResourceOptions.merge(self._after(needed, what), pulumi.ResourceOptions(deleted_with=whole))

    def _after(self, needed: Sequence[pulumi.Resource], what: str) -> pulumi.ResourceOptions:
        """For what is kept; what it is, for the message if it cannot be made."""
        after = pulumi.ResourceOptions(depends_on=list(needed), hooks=self._told(f"{what} was not made"))
        return pulumi.ResourceOptions.merge(self._kept, after)

    def _told(self, happened: str) -> pulumi.ResourceHookBinding:
        told = explained.on_failure("state", self._stack, happened, explained.PIPELINES, self)
        return pulumi.ResourceHookBinding(on_error=[told])


def _of_azure(role: str, scope: str) -> Grant:
    return Grant(role, scope, ROLE_IDS[role])


def _network(allowed: Sequence[IPv4Network]) -> storage.NetworkRuleSetArgs:
    values = [
        str(one) if network.prefixlen >= _ONE_ADDRESS else str(network)
        for network in allowed
        for one in (network if network.prefixlen >= _ONE_ADDRESS else (network,))
    ]
    return storage.NetworkRuleSetArgs(
        bypass=storage.Bypass.NONE if values else storage.Bypass.AZURE_SERVICES,
        default_action=storage.DefaultAction.DENY if values else storage.DefaultAction.ALLOW,
        ip_rules=[storage.IPRuleArgs(i_p_address_or_range=value) for value in values],
    )
