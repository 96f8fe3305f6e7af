"""Purview accounts that others have, beside the seeded one: of the same tenant, or of one that is strange to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from local_azure.arm.access import RoleAssignment
from local_azure.arm.resources import ResourceGroup, Subscription
from local_azure.directory import ServicePrincipal
from local_azure.purview.accounts import Circumstances, PurviewAccount, new_collection
from local_azure.seed import GOVERNANCE_GROUP, LOCATION, OPERATOR_ID, OWNER, SUBSCRIPTION, TENANT

if TYPE_CHECKING:
    from local_azure.azure import Azure


class Neighbour(BaseModel):
    """An account that is there without anybody having asked ARM for it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    tenant_id: str = TENANT
    subscription_id: str = SUBSCRIPTION
    group: str = GOVERNANCE_GROUP
    circumstances: Circumstances = Field(default_factory=Circumstances)


def add_account(azure: Azure, wanted: Neighbour) -> None:
    """Let the account be there, with its subscription and resource group."""
    if azure.store.get(Subscription, wanted.subscription_id) is None:
        _add_subscription(azure, wanted)
    group = ResourceGroup(subscription_id=wanted.subscription_id, name=wanted.group, location=LOCATION)
    if azure.store.get(ResourceGroup, group.key) is None:
        azure.store.put(group)
    identity = ServicePrincipal(
        id=azure.new_id(),
        app_id=azure.new_id(),
        tenant_id=wanted.tenant_id,
        display_name=wanted.name,
        kind="ManagedIdentity",
    )
    account = PurviewAccount(
        subscription_id=wanted.subscription_id,
        group=wanted.group,
        name=wanted.name,
        tenant_id=wanted.tenant_id,
        location=LOCATION,
        principal_id=identity.id,
        circumstances=wanted.circumstances,
        default_domain="n3x7dr",
        purview_suffix=azure.cloud.purview_suffix,
        purview_tenant_suffix=azure.cloud.purview_tenant_suffix,
        created=azure.now(),
    )
    azure.store.put(identity, account)
    new_collection(azure, account, account.name, None, [OPERATOR_ID])


def _add_subscription(azure: Azure, wanted: Neighbour) -> None:
    """A subscription of its own; the tenant's operator is its owner, as of all others."""
    named = f"of {wanted.name}"
    azure.store.put(Subscription(id=wanted.subscription_id, tenant_id=wanted.tenant_id, display_name=named))
    if wanted.tenant_id == TENANT:
        azure.store.put(
            RoleAssignment(
                name=azure.new_id(),
                scope=f"/subscriptions/{wanted.subscription_id}",
                role_id=OWNER,
                principal_id=OPERATOR_ID,
                principal_type="ServicePrincipal",
                created=azure.now(),
            )
        )
