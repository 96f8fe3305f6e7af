"""One tenant: wires the components and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import authorization

from purview_ai import alerts, lookups, naming
from purview_ai.app_grants import AppRoleGrants
from purview_ai.custody.access import Holder
from purview_ai.custody.key_custody import KeptKey, KeyCustody, Reader, Site
from purview_ai.diagnostics import Diagnostics
from purview_ai.governance.conditional_access import InsiderRiskAccess
from purview_ai.governance.ediscovery_case import EdiscoveryCase
from purview_ai.governance.people import PeopleGroups
from purview_ai.interaction_collection import InteractionCollection
from purview_ai.interaction_source import Care, InteractionSource, Key
from purview_ai.interaction_wishes import Place
from purview_ai.purview_account import PurviewAccount
from purview_ai.readme import readme
from purview_ai.settings.grants import GrantsMode

if TYPE_CHECKING:
    from purview_ai.settings.stack import StackSettings
    from purview_ai.settings.tenant import TenantSettings


class TenantOnboarding(pulumi.ComponentResource):
    """Everything between a tenant's stack file and its first scan."""

    readme: str
    """What was set up and what remains, for ``pulumi stack output readme``."""
    account_id: str
    """The Purview account's ARM id."""
    vault_url: str
    """Where the vault answers."""
    scans: dict[str, str]
    """The path of each scan in the Data Map, by its source."""

    def __init__(self, name: str, stack: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        """Set up the tenant that a stack's settings describe."""
        super().__init__("purview-ai:index:TenantOnboarding", name, None, opts)
        self._stack, self._settings = stack, stack.settings
        self._child = pulumi.ResourceOptions(parent=self)
        deployer = lookups.deployer(pulumi.InvokeOptions(parent=self))
        account = self._account()
        prepared: list[pulumi.Resource] = [account]
        # An app that the Data Map does not scan needs no app role, no collection, and no vault that Purview reads.
        if self._settings.captured:
            prepared.append(self._collection(account, deployer))
        custody = self._custody(account, deployer, prepared)
        prepared.append(custody)
        self._diagnose(custody.vault_id, account.account_id, prepared)
        self._alert(account, custody, prepared)
        if self._settings.captured:
            prepared.append(self._grants(account, custody))
        sources = [self._source(key, account, custody, prepared) for key in self._settings.captured]
        self._govern([*prepared, *sources])
        self.readme = readme(stack.tenant, account.account_id, self._settings)
        self.account_id, self.vault_url = account.account_id, custody.vault_url
        self.scans = {key: _scan_path(source.names(key)) for key, source in self._settings.captured.items()}
        self.register_outputs({})

    def _account(self) -> PurviewAccount:
        purview, surroundings = self._settings.purview, self._stack.surroundings
        return PurviewAccount(
            "purview",
            tenant=self._stack.tenant,
            place=purview.place(surroundings.subscription_id),
            azure=surroundings.azure,
            create_in=surroundings.location if purview.create else "",
            protect=self._settings.protect,
            opts=self._child,
        )

    def _grants(self, account: PurviewAccount, custody: KeyCustody) -> AppRoleGrants:
        return AppRoleGrants(
            "grants",
            tenant=self._stack.tenant,
            principal_id=account.principal_id,
            grants=self._settings.grants,
            azure=self._stack.surroundings.azure,
            expected=self._settings.grants.mode is GrantsMode.EXPECTED,
            release=self._settings.release,
            # After the vault: an engine that is killed while a role is given must have no vault on its way, which
            # the next deployment could not take over.
            opts=self._after([custody]),
        )

    def _collection(self, account: PurviewAccount, deployer: lookups.Deployer) -> InteractionCollection:
        return InteractionCollection(
            "collection",
            tenant=self._stack.tenant,
            account_id=account.account_id,
            purview=self._settings.purview,
            deployer_id=deployer.object_id,
            release=self._settings.release,
            opts=self._after([account]),
        )

    def _custody(
        self, account: PurviewAccount, deployer: lookups.Deployer, prepared: list[pulumi.Resource]
    ) -> KeyCustody:
        settings, surroundings = self._settings, self._stack.surroundings
        reader = Reader(account.account_id, account.principal_id, ready=tuple(prepared))
        return KeyCustody(
            "custody",
            tenant=self._stack.tenant,
            vault=settings.tagged_vault,
            keys=_kept_keys(self._stack),
            site=Site(
                surroundings.location, surroundings.subscription_id, deployer.tenant_id, surroundings.vault_suffix
            ),
            deployer=Holder(deployer.object_id, _kind_of_deployer(self._stack)),
            azure=surroundings.azure,
            reader=reader if settings.captured else None,
            connection=naming.vault_connection(self._stack.tenant, settings.vault.name),
            protect=settings.protect,
            release=settings.release,
            opts=self._child,
        )

    def _source(
        self, key: str, account: PurviewAccount, custody: KeyCustody, prepared: list[pulumi.Resource]
    ) -> InteractionSource:
        settings, source = self._settings, self._settings.sources[key]
        secret, purview = settings.keys[key].secret, settings.purview
        credential = naming.credential(self._stack.tenant, key)
        return InteractionSource(
            key,
            tenant=self._stack.tenant,
            source=source,
            names=source.names(key),
            place=Place(account.account_id, purview.collection.name, purview.domain or ""),
            key=Key(credential, custody.connection, secret, custody.secret_versions[secret]),
            care=Care(settings.protect, key in settings.allow_rescan, settings.release),
            # The first run needs both grants and the key; everything else only needs to come later.
            opts=pulumi.ResourceOptions.merge(
                self._after(prepared), pulumi.ResourceOptions(aliases=_before(key, settings))
            ),
        )

    def _diagnose(self, vault_id: str, account_id: str, needed: list[pulumi.Resource]) -> None:
        wished = self._settings.diagnostics
        if wished is None:
            return
        found = {"vault": vault_id} if wished.vault else {}
        Diagnostics(
            "diagnostics",
            tenant=self._stack.tenant,
            settings=wished,
            resources=found | ({"account": account_id} if wished.account else {}),
            setting_name=naming.diagnostic_setting(self._stack.tenant),
            opts=self._after(needed),
        )

    def _alert(self, account: PurviewAccount, custody: KeyCustody, needed: list[pulumi.Resource]) -> None:
        wished, logs = self._settings.alerts, self._settings.diagnostics
        if wished is None or logs is None:
            return
        location, captured = self._stack.surroundings.location, self._settings.captured
        alerts.Alerts(
            "alerts",
            tenant=self._stack.tenant,
            settings=wished,
            site=alerts.Site(self._settings.vault.resource_group, location, logs.workspace),
            watched=alerts.Watched(
                account.account_id, {key: source.names(key) for key, source in captured.items()}, custody.expiries
            ),
            opts=self._after(needed),
        )

    def _govern(self, everything_else: list[pulumi.Resource]) -> None:
        """What stands around the scan comes last, and goes first: nothing else knows of it."""
        wished, azure = self._settings.governance, self._stack.surroundings.azure
        tenant, last = self._stack.tenant, self._after(everything_else)
        if wished is None:
            return
        if wished.conditional_access is not None:
            InsiderRiskAccess(
                "conditional-access",
                tenant=tenant,
                settings=wished.conditional_access,
                display_name=naming.access_policy(tenant),
                azure=azure,
                opts=last,
            )
        if wished.people is not None:
            PeopleGroups("people", tenant=tenant, settings=wished.people, azure=azure, opts=last)
        if wished.ediscovery is not None:
            EdiscoveryCase("ediscovery", tenant=tenant, settings=wished.ediscovery, opts=last)

    def _after(self, needed: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=needed))


def _scan_path(names: naming.SourceNames) -> str:
    return f"datasources/{names.data_source}/scans/{names.scan}"


def _before(key: str, settings: TenantSettings) -> list[pulumi.Alias | str]:
    """What a source was called before it got a new name and kept its objects: they are its own still."""
    kept = settings.sources[key].names(key).data_source
    return [pulumi.Alias(name=kept)] if kept != key and kept not in settings.sources else []


def _kept_keys(stack: StackSettings) -> list[KeptKey]:
    """Each secret once, however many sources use it."""
    keys, captured = stack.settings.keys, stack.settings.captured
    found = {key.secret: KeptKey(key, stack.keys.get(key.secret), name in captured) for name, key in keys.items()}
    return list(found.values())


def _kind_of_deployer(stack: StackSettings) -> authorization.PrincipalType:
    kinds = authorization.PrincipalType
    return kinds.USER if stack.surroundings.deployed_by_person else kinds.SERVICE_PRINCIPAL
