"""Subscriptions and resource groups."""

from __future__ import annotations

import re
import time
from typing import Any

from pydantic import Field

from local_azure.arm.access import require
from local_azure.call import Answer, Call, Operation, items
from local_azure.errors import ServiceError
from local_azure.managed_identities import remove_identities_of
from local_azure.purview.removal import remove_accounts_of
from local_azure.storage import remove_storage_of
from local_azure.store import Document
from local_azure.vaults import soft_delete_group

_GROUP_NAME = re.compile(r"^[-\w._()]{1,90}$")


class Subscription(Document):
    """An Azure subscription of a tenant."""

    id: str
    tenant_id: str
    display_name: str

    @property
    def key(self) -> str:
        """The subscription id."""
        return self.id


class ResourceGroup(Document):
    """A resource group."""

    subscription_id: str
    name: str
    location: str
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    gone_at: float | None = None
    """When its deletion will be over, while that goes on (seconds since 1970)."""

    @property
    def key(self) -> str:
        """The group's ARM id."""
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.name}"


def subscription_of(call: Call) -> Subscription:
    """The subscription that the path names; it must be of the caller's tenant."""
    subscription = call.azure.store.get(Subscription, call.params["subscription"])
    if subscription is None:
        says = f"The subscription '{call.params['subscription']}' could not be found."
        raise ServiceError(404, "SubscriptionNotFound", says)
    if subscription.tenant_id != call.caller.tenant_id and call.azure.rules.on("subscription-of-the-tenant"):
        raise _wrong_issuer(subscription.tenant_id, call.caller.tenant_id)
    return subscription


def _wrong_issuer(tenant: str, callers: str) -> ServiceError:
    authority = f"https://login.windows.net/{tenant}"
    says = (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{callers}/'. It must match the tenant "
        f"'https://sts.windows.net/{tenant}/' associated with this subscription. Please use the authority (URL) "
        f"'{authority}' to get the token. Note, if the subscription is transferred to another tenant there is no "
        "impact to the services, but information about new tenant could take time to propagate (up to an hour). If "
        "you just transferred your subscription and see this error message, please try back later."
    )
    where = f'Bearer authorization_uri="{authority}", error="invalid_token"'
    return ServiceError(401, "InvalidAuthenticationTokenTenant", says, headers={"www-authenticate": where})


def _key(call: Call) -> str:
    subscription = subscription_of(call)
    return f"/subscriptions/{subscription.id}/resourceGroups/{call.params['group']}"


def group_of(call: Call) -> ResourceGroup:
    """The resource group that the path names, or 404."""
    key = _key(call)
    group = call.azure.store.get(ResourceGroup, key)
    if group is not None and group.gone_at is not None and time.time() >= group.gone_at:
        call.azure.store.delete(group)
        group = None
    if group is None:
        says = f"Resource group '{call.params['group']}' could not be found."
        raise ServiceError(404, "ResourceGroupNotFound", says)
    return group


def _shown(group: ResourceGroup) -> dict[str, Any]:
    return {
        "id": group.key,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": "Deleting" if group.gone_at else "Succeeded"},
    }


def get_group(call: Call) -> Answer:
    """``GET /subscriptions/{s}/resourceGroups/{group}``."""
    require(call, _key(call), "Microsoft.Resources/subscriptions/resourceGroups/read")
    return Answer(200, _shown(group_of(call)))


def head_group(call: Call) -> Answer:
    """``HEAD``: whether the group exists."""
    require(call, _key(call), "Microsoft.Resources/subscriptions/resourceGroups/read")
    group_of(call)
    return Answer(204)


def list_groups(call: Call) -> Answer:
    """``GET /subscriptions/{s}/resourceGroups``."""
    subscription = subscription_of(call)
    require(call, f"/subscriptions/{subscription.id}", "Microsoft.Resources/subscriptions/resourceGroups/read")
    groups = [g for g in call.azure.store.all(ResourceGroup) if g.subscription_id == subscription.id]
    return items([_shown(group) for group in groups])


def put_group(call: Call) -> Answer:
    """``PUT``: create, or replace tags; the location stays."""
    key = _key(call)
    require(call, key, "Microsoft.Resources/subscriptions/resourceGroups/write")
    if not _GROUP_NAME.match(call.params["group"]):
        says = f"The provided resource group name '{call.params['group']}' is invalid."
        raise ServiceError(400, "InvalidResourceGroup", says)
    location = str(call.body.get("location", "")).replace(" ", "").lower()
    if not location:
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    existing = call.azure.store.get(ResourceGroup, key)
    if existing and existing.location != location:
        says = (
            f"Invalid resource group location '{location}'. "
            f"The Resource group already exists in location '{existing.location}'."
        )
        raise ServiceError(409, "InvalidResourceGroupLocation", says)
    made = ResourceGroup(
        subscription_id=subscription_of(call).id,
        name=existing.name if existing else call.params["group"],
        location=location,
        tags=call.body.get("tags") or {},
    )
    call.azure.store.put(made)
    return Answer(200 if existing else 201, _shown(made))


def update_group(call: Call) -> Answer:
    """``PATCH``: change the tags."""
    require(call, _key(call), "Microsoft.Resources/subscriptions/resourceGroups/write")
    group = group_of(call)
    group.tags = call.body.get("tags", group.tags)
    call.azure.store.put(group)
    return Answer(200, _shown(group))


def delete_group(call: Call) -> Answer:
    """``DELETE``: takes a while; the Location header tells when it is over (docs/facts.md, providers 37)."""
    require(call, _key(call), "Microsoft.Resources/subscriptions/resourceGroups/delete")
    group = group_of(call)
    soft_delete_group(call.azure, group.key)
    remove_accounts_of(call.azure, group.key)
    remove_storage_of(call.azure, group.key)
    remove_identities_of(call.azure, group.key)
    group.gone_at = time.time() + call.azure.pace
    call.azure.store.put(group)
    where = f"{call.url}/subscriptions/{group.subscription_id}/operationresults/{group.name}?api-version=2021-04-01"
    return Answer(202, None, {"location": where, "retry-after": "0"})


def operation_result(call: Call) -> Answer:
    """The state of a group's deletion: 202 while it goes on, 200 afterwards."""
    try:
        group_of(call)
    except ServiceError:
        return Answer(200)
    return Answer(202, None, {"location": f"{call.url}{call.path}?api-version=2021-04-01", "retry-after": "0"})


_GROUPS = "/subscriptions/{subscription}/resourceGroups"
OPERATIONS = [
    Operation("GET", _GROUPS, list_groups),
    Operation("HEAD", _GROUPS + "/{group}", head_group),
    Operation("GET", _GROUPS + "/{group}", get_group),
    Operation("PUT", _GROUPS + "/{group}", put_group),
    Operation("PATCH", _GROUPS + "/{group}", update_group),
    Operation("DELETE", _GROUPS + "/{group}", delete_group),
    Operation("GET", "/subscriptions/{subscription}/operationresults/{group}", operation_result),
]
