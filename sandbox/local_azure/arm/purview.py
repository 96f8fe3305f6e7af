"""Purview accounts in the control plane (Microsoft.Purview)."""

from __future__ import annotations

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, Operation, items
from local_azure.errors import ServiceError
from local_azure.purview.accounts import COLLECTION_ADMIN, PurviewAccount, add_role

_TYPE = "Microsoft.Purview/accounts"


def _account(call: Call, action: str) -> PurviewAccount:
    group = group_of(call)
    scope = f"{group.key}/providers/{_TYPE}/{call.params['account']}"
    require(call, scope, f"{_TYPE}/{action}")
    account = call.azure.store.get(PurviewAccount, call.params["account"])
    if account is None or account.id.lower() != scope.lower():
        says = (
            f"The Resource 'Microsoft.Purview/accounts/{call.params['account']}' under resource group "
            f"'{call.params['group']}' was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return account


def get_account(call: Call) -> Answer:
    """``GET`` of one account, with its endpoints and identity."""
    return Answer(200, _account(call, "read").shown(call.query.get("api-version", "")))


def list_accounts(call: Call) -> Answer:
    """``GET`` of all accounts of a subscription or resource group."""
    subscription = subscription_of(call)
    scope = f"/subscriptions/{subscription.id}"
    if "group" in call.params:
        scope += f"/resourceGroups/{call.params['group']}"
    require(call, scope, f"{_TYPE}/read")
    accounts = call.azure.store.all(PurviewAccount)
    version = call.query.get("api-version", "")
    return items([a.shown(version) for a in accounts if a.id.lower().startswith(scope.lower() + "/")])


def default_account(call: Call) -> Answer:
    """``GET /providers/Microsoft.Purview/getDefaultAccount``: the tenant's account."""
    for account in call.azure.store.all(PurviewAccount):
        if account.tenant_id == call.caller.tenant_id == call.query.get("scopeTenantId"):
            return Answer(
                200,
                {
                    "accountName": account.name,
                    "resourceGroupName": account.group,
                    "subscriptionId": account.subscription_id,
                    "scope": account.tenant_id,
                    "scopeTenantId": account.tenant_id,
                    "scopeType": "Tenant",
                },
            )
    raise ServiceError(404, "ResourceNotFound", "No default account is set for this scope.")


def add_root_admin(call: Call) -> Answer:
    """``POST …/addRootCollectionAdmin``."""
    account = _account(call, "read")
    require(call, account.id, "Microsoft.Authorization/roleAssignments/write")
    add_role(call.azure, account, account.name, COLLECTION_ADMIN, str(call.body["objectId"]))
    return Answer(200)


_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Purview/accounts"
OPERATIONS = [
    Operation("GET", "/providers/Microsoft.Purview/getDefaultAccount", default_account),
    Operation("GET", "/subscriptions/{subscription}/providers/Microsoft.Purview/accounts", list_accounts),
    Operation("GET", _GROUP, list_accounts),
    Operation("GET", _GROUP + "/{account}", get_account),
    Operation("POST", _GROUP + "/{account}/addRootCollectionAdmin", add_root_admin),
]
