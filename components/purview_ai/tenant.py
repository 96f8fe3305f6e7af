"""One tenant: wires the components and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import authorization

from purview_ai import lookups, naming
from purview_ai.app_grants import AppRoleGrants
from purview_ai.custody.access import Holder
from purview_ai.custody.key_custody import KeptKey, KeyCustody, Reader, Site
from purview_ai.interaction_collection import InteractionCollection
from purview_ai.interaction_source import Care, InteractionSource, Key, Place
from purview_ai.purview_account import PurviewAccount
from purview_ai.readme import readme

if TYPE_CHECKING:
    from purview_ai.settings.stack import StackSettings
    from purview_ai.settings.tenant import TenantSettings


class TenantOnboarding(pulumi.ComponentResource):
    """Everything between a tenant's stack file and its first scan."""

    readme: str
    """What was set up and what remains, for ``pulumi stack output readme``."""

    def __init__(self, name: str, stack: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        """Set up the tenant that a stack's settings describe."""
        super().__init__("purview-ai:index:TenantOnboarding", name, None, opts)
        settings = stack.settings
        child = pulumi.ResourceOptions(parent=self)
        deployer = lookups.deployer(pulumi.InvokeOptions(parent=self))
        account = PurviewAccount(
            "purview",
            resource_group=settings.purview.resource_group,
            account=settings.purview.account,
            opts=child,
        )
        grants = AppRoleGrants(
            "grants",
            tenant=stack.tenant,
            principal_id=account.principal_id,
            grants=settings.grants,
            release=settings.release,
            opts=child,
        )
        collection = InteractionCollection(
            "collection",
            tenant=stack.tenant,
            account_id=account.account_id,
            purview=settings.purview,
            deployer_id=deployer.object_id,
            release=settings.release,
            opts=child,
        )
        custody = KeyCustody(
            "custody",
            tenant=stack.tenant,
            vault=settings.vault,
            keys=_kept_keys(stack),
            site=Site(
                stack.surroundings.location,
                stack.surroundings.subscription_id,
                deployer.tenant_id,
                stack.surroundings.vault_suffix,
            ),
            deployer=Holder(deployer.object_id, _kind_of_deployer(stack)),
            # What the Data Map does not scan, Purview has no vault to read for.
            reader=Reader(account.account_id, account.principal_id, ready=(grants, collection))
            if settings.captured
            else None,
            connection=naming.vault_connection(stack.tenant, settings.vault.name),
            protect=settings.protect,
            release=settings.release,
            opts=child,
        )
        place = Place(account.account_id, collection.collection, settings.purview.domain or "")
        for key, source in settings.captured.items():
            secret = settings.keys[key].secret
            InteractionSource(
                key,
                tenant=stack.tenant,
                source=source,
                names=source.names(key),
                place=place,
                key=Key(
                    naming.credential(stack.tenant, key), custody.connection, secret, custody.secret_versions[secret]
                ),
                care=Care(settings.protect, key in settings.allow_rescan, settings.release),
                # The first run needs both grants and the key; everything else only needs to come later.
                opts=pulumi.ResourceOptions.merge(
                    child,
                    pulumi.ResourceOptions(depends_on=[grants, custody, collection], aliases=_before(key, settings)),
                ),
            )
        self.readme = readme(stack.tenant, settings)
        self.register_outputs({})


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
