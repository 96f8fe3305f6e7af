"""What ARM says about its cloud: endpoints for clients, subscriptions, tenants."""

from __future__ import annotations

from local_azure.arm.access import require
from local_azure.arm.resources import subscription_of
from local_azure.call import Answer, Call, Operation, items


def endpoints(call: Call) -> Answer:
    """``GET /metadata/endpoints`` (docs/facts.md, providers 50)."""
    cloud = call.address.cloud
    return Answer(
        200,
        {
            "name": cloud.name,
            "authentication": {
                "loginEndpoint": f"https://{cloud.login}/",
                "audiences": list(reversed(cloud.arm_audiences)),
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "resourceManager": f"https://{cloud.arm}/",
            "microsoftGraphResourceId": f"https://{cloud.graph}/",
            "suffixes": {"keyVaultDns": cloud.vault_suffix},
        },
    )


def get_subscription(call: Call) -> Answer:
    """``GET /subscriptions/{subscription}``."""
    subscription = subscription_of(call)
    require(call, f"/subscriptions/{subscription.id}", "Microsoft.Resources/subscriptions/read")
    return Answer(
        200,
        {
            "id": f"/subscriptions/{subscription.id}",
            "subscriptionId": subscription.id,
            "tenantId": subscription.tenant_id,
            "displayName": subscription.display_name,
            "state": "Enabled",
        },
    )


def list_tenants(call: Call) -> Answer:
    """``GET /tenants``: the caller's own."""
    tenant = call.caller.tenant_id
    return items([{"id": f"/tenants/{tenant}", "tenantId": tenant}])


OPERATIONS = [
    Operation("GET", "/metadata/endpoints", endpoints),
    Operation("GET", "/subscriptions/{subscription}", get_subscription),
    Operation("GET", "/tenants", list_tenants),
]
