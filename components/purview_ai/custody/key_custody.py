"""A key vault that holds vendors' keys, and lets the Purview account read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import keyvault, resources

from purview_ai import explained, lookups, naming
from purview_ai.custody.access import (
    Holder,
    Permit,
    PolicyEntry,
    assign_role,
    permits_of,
    policy_entries,
)
from purview_ai.custody.rights import Right
from purview_ai.custody.vault import check_existing, properties_of, reach_warning, said_once
from purview_ai.custody.writing import written_before
from purview_ai.dynamic.resources import KeyVaultConnection, VaultSecret
from purview_ai.settings.vault import PurviewReads
from purview_ai.vaults.secret import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.identity import AzureSettings
    from purview_ai.settings.key import KeySettings
    from purview_ai.settings.vault import VaultSettings


@dataclass(frozen=True)
class KeptKey:
    """A vendor's key in the vault."""

    settings: KeySettings
    value: pulumi.Input[str] | None = None
    """The key itself, to be written to the vault and nowhere else; None where somebody else puts it there."""
    for_purview: bool = True
    """Whether a source of the Data Map uses it; Purview reads no other."""


@dataclass(frozen=True)
class Reader:
    """The Purview account that reads the keys."""

    account_id: str
    principal_id: pulumi.Input[str]
    ready: tuple[pulumi.Resource, ...] = ()
    """What must be there before the account takes a connection, such as roles in it."""


@dataclass(frozen=True)
class Site:
    """Where the vault is."""

    location: str
    """The Azure region of a new one."""
    subscription_id: str
    tenant_id: str
    """The Entra tenant."""
    vault_suffix: str = "vault.azure.net"
    """The cloud's DNS suffix of vaults."""


class KeyCustody(pulumi.ComponentResource):
    """The vault, its secrets, who may read them, and Purview's connection to it."""

    vault_id: str
    vault_url: str
    connection: str
    """The name of Purview's Key Vault connection."""
    secret_versions: dict[str, pulumi.Output[str]]
    """The version of each secret that Purview reads, by the secret's name; empty for the latest."""
    expiries: dict[str, pulumi.Output[date | None]]
    """When the key of each secret expires, by the secret's name; a secret that nobody looked at is missing."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        vault: VaultSettings,
        keys: Sequence[KeptKey],
        site: Site,
        deployer: Holder,
        azure: AzureSettings,
        reader: Reader | None,
        connection: str = "",
        protect: bool = True,
        release: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Keep these keys.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            vault: What the vault shall be, or which one is there.
            keys: The vendors' keys.
            site: Where the vault is.
            deployer: The identity that deploys.
            azure: How the stack signs in: the program itself writes the keys, because a state keeps what a provider is
                told.
            reader: The Purview account that shall read the keys; None where none is read from Purview.
            connection: The name of the Key Vault connection in Purview.
            protect: Whether vault and secrets are protected from deletion.
            release: Objects that were there before and that destroy shall remove, by their names in Purview.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:KeyCustody", name, None, opts)
        self._name, self._tenant, self._vault, self._site = name, tenant, vault, site
        self._azure = azure
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, protect=protect)
        self.vault_id = naming.vault_id(site.subscription_id, vault.resource_group, vault.name)
        self.vault_url = naming.vault_url(vault.name, site.vault_suffix)
        self.connection, self.expiries = connection, {}

        permits = self._permits(deployer, reader, keys)
        there = self._vault_with(permits)
        # A role on the vault comes before the secrets, because who deploys may need it for them.
        access = self._access([permit for permit in permits if not permit.secret], there)
        secrets = {
            key.settings.secret: self._secret(key, key.value, [*there, *access])
            for key in keys
            if key.value is not None
        }
        for key in keys:
            if key.value is None:
                self._expected(key, [*there, *access])
        held = [*there, *access, *secrets.values()]
        reading = self._access([permit for permit in permits if permit.secret], held)
        self.secret_versions = {key.settings.secret: self._version_read(key, secrets, held) for key in keys}
        if reader is not None:
            # All that Azure's provider makes comes first. It does not take over what is there: an engine killed while
            # Purview works would leave a vault or role that the next deployment could not make.
            self._connect(reader, [*held, *reading], released=connection in release)
        self.register_outputs({"vault_url": self.vault_url})

    def _connect(self, reader: Reader, needed: list[pulumi.Resource], *, released: bool) -> None:
        KeyVaultConnection(
            f"{self._name}-connection",
            tenant=self._tenant,
            account_id=reader.account_id,
            name=self.connection,
            base_url=self.vault_url,
            adopt=self._vault.adopt_connection,
            release=released,
            opts=self._after([*needed, *reader.ready]),
        )

    def _permits(self, deployer: Holder, reader: Reader | None, keys: Sequence[KeptKey]) -> list[Permit]:
        """Everything that anybody shall be allowed."""
        permits: list[Permit] = []
        if reader is not None:
            purview = Holder(reader.principal_id)
            if self._vault.reading is PurviewReads.ALL:
                permits.append(Permit("purview-reads", purview, Right.READ))
            elif self._vault.reading is PurviewReads.ONE:
                names = dict.fromkeys(key.settings.secret for key in keys if key.for_purview)
                permits += [Permit(f"purview-reads-{one}", purview, Right.READ, secret=one) for one in names]
        if self._vault.deployer_manages:
            permits.append(Permit("deployer-manages", deployer, Right.MANAGE))
        permits += permits_of(self._vault.administrators, "administers", Right.ADMINISTER)
        permits += permits_of(self._vault.readers, "reads", Right.READ)
        return permits

    def _vault_with(self, permits: Sequence[Permit]) -> list[pulumi.Resource]:
        """The vault that the stack makes; nothing, where it is there already."""
        if self._vault.existing:
            found = lookups.vault(self._vault.resource_group, self._vault.name, pulumi.InvokeOptions(parent=self))
            check_existing(self._tenant, self._vault, found)
            if warning := reach_warning(self._vault, found):
                pulumi.log.warn(f"{self._tenant}: {warning}", self)
            return []
        entries = [] if self._vault.by_roles else policy_entries(permits, self._site.tenant_id)
        group = [self._group()] if self._vault.create_resource_group else []
        told = explained.on_failure(
            self._name, self._tenant, f"key vault {self._vault.name} was not created", explained.VAULT, self
        )
        made = keyvault.Vault(
            f"{self._name}-vault",
            vault_name=self._vault.name,
            resource_group_name=self._vault.resource_group,
            location=self._site.location,
            tags=self._vault.tags or None,
            properties=properties_of(self._vault, self._site.tenant_id, [entry.policy for entry in entries]),
            opts=pulumi.ResourceOptions.merge(
                self._kept,
                pulumi.ResourceOptions(
                    depends_on=group,
                    # It says how the vault comes to be; afterwards it is neither read nor changed.
                    ignore_changes=["properties.createMode"],
                    hooks=pulumi.ResourceHookBinding(
                        before_update=[said_once(self._name, self._tenant, self._vault)], on_error=[told]
                    ),
                ),
            ),
        )
        return [made]

    def _group(self) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{self._name}-group",
            resource_group_name=self._vault.resource_group,
            location=self._site.location,
            opts=self._kept,
        )

    def _access(self, permits: Sequence[Permit], needed: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """What is given beside the vault itself: roles; and entries of an existing vault's access policies."""
        if self._vault.by_roles:
            return [
                assign_role(
                    self._name,
                    self._site.subscription_id,
                    self.vault_id,
                    permit,
                    self._after(needed, self._access_told(permit.key)),
                )
                for permit in permits
            ]
        if not self._vault.existing:
            return []
        return [self._policy(entry) for entry in policy_entries(permits, self._site.tenant_id)]

    def _policy(self, entry: PolicyEntry) -> keyvault.AccessPolicy:
        return keyvault.AccessPolicy(
            f"{self._name}-{entry.key}",
            resource_group_name=self._vault.resource_group,
            vault_name=self._vault.name,
            policy=entry.policy,
            opts=self._after([], self._access_told(entry.key)),
        )

    def _access_told(self, key: str) -> pulumi.ErrorHook:
        setting = {"purview": "vault.purview_reads: expected", "deployer": "vault.deployer_access: false"}.get(
            key.split("-", 1)[0], "take them out of vault.administrators or vault.readers"
        )
        happened = f"access to key vault {self._vault.name} was not given ({key})"
        return explained.on_failure(self._name, self._tenant, happened, explained.access(setting), self)

    def _secret(self, key: KeptKey, value: pulumi.Input[str], needed: Sequence[pulumi.Resource]) -> VaultSecret:
        secret, expires = key.settings.secret, key.settings.expires
        place = naming.secret_id(self.vault_id, secret)
        which = pulumi.Output.from_input(value).apply(lambda known: fingerprint(place, known))
        name, given = f"{self._name}-{secret}", self._vault.deployer_manages
        hooks = written_before(name, value, self._azure, role_is_given=given)
        return VaultSecret(
            name,
            tenant=self._tenant,
            stack=_this_stack(),
            vault_id=self.vault_id,
            name=secret,
            fingerprint=pulumi.Output.unsecret(which),
            expires=_moment(expires) if expires else None,
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(self._kept, self._after(needed)),
                pulumi.ResourceOptions(hooks=hooks),
            ),
        )

    def _expected(self, key: KeptKey, needed: Sequence[pulumi.Resource]) -> None:
        """Say of a secret that somebody else keeps it: one that the stack wrote before stays where it is."""
        VaultSecret(
            f"{self._name}-{key.settings.secret}",
            tenant=self._tenant,
            stack=_this_stack(),
            vault_id=self.vault_id,
            name=key.settings.secret,
            expected=True,
            # Nothing goes with it, and the preview of a removal says so.
            opts=pulumi.ResourceOptions.merge(self._after(needed), pulumi.ResourceOptions(retain_on_delete=True)),
        )

    def _version_read(
        self, key: KeptKey, secrets: dict[str, VaultSecret], needed: Sequence[pulumi.Resource]
    ) -> pulumi.Output[str]:
        """The version that Purview reads; a key that somebody else puts into the vault must be there."""
        settings = key.settings
        written = secrets.get(settings.secret)
        if written is not None:
            self._warn(settings, settings.expires)
            self.expiries[settings.secret] = pulumi.Output.from_input(settings.expires)
            return written.version if settings.pinned is None else pulumi.Output.from_input(settings.pinned)
        if not key.for_purview:
            return pulumi.Output.from_input("")
        found = lookups.secret(
            self._tenant,
            self._vault.resource_group,
            self._vault.name,
            settings.secret,
            pulumi.InvokeOutputOptions(parent=self, depends_on=needed),
        )

        def looked_up(secret: lookups.FoundSecret) -> str:
            self._warn(settings, secret.expires)
            return settings.pinned or ""

        self.expiries[settings.secret] = found.apply(lambda secret: secret.expires)
        return found.apply(looked_up)

    def _warn(self, key: KeySettings, expires: date | None) -> None:
        if warning := key.expiry_warning(expires):
            pulumi.log.warn(f"{self._tenant}: {warning}", self)

    def _after(self, needed: Sequence[pulumi.Resource], told: pulumi.ErrorHook | None = None) -> pulumi.ResourceOptions:
        hooks = pulumi.ResourceHookBinding(on_error=[told]) if told else None
        own = pulumi.ResourceOptions(depends_on=list(needed), hooks=hooks)
        return pulumi.ResourceOptions.merge(self._child, own)


def _this_stack() -> str:
    """Whose secrets they are, as their tags say."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}"


def _moment(day: date) -> int:
    """The end of a day, in seconds since 1970 (UTC)."""
    return int(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).timestamp())
