"""Purview accounts in the control plane (Microsoft.Purview)."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, JsonObject, Operation, items, part
from local_azure.directory import ServicePrincipal, remove_principal
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    OPTIONS,
    PurviewAccount,
    account_named,
    accounts,
    add_role,
    new_collection,
)
from local_azure.purview.removal import remove_account

if TYPE_CHECKING:
    from local_azure.azure import Azure

_TYPE = "Microsoft.Purview/accounts"
_NAME = re.compile(r"^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$")
_SHORTEST, _LONGEST = 3, 63
_IDENTITIES = ("None", "SystemAssigned")


def _scope(call: Call) -> str:
    return f"{group_of(call).key}/providers/{_TYPE}/{call.params['account']}"


def _account(call: Call, action: str) -> PurviewAccount:
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/{action}")
    account = account_named(call.azure, call.params["account"])
    if account is None or account.id.lower() != scope.lower():
        says = (
            f"The Resource 'Microsoft.Purview/accounts/{call.params['account']}' under resource group "
            f"'{call.params['group']}' was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return account


def _version(call: Call) -> str:
    return call.query.get("api-version", "")


def get_account(call: Call) -> Answer:
    """``GET`` of one account, with its endpoints and identity."""
    return Answer(200, _account(call, "read").shown(_version(call)))


def list_accounts(call: Call) -> Answer:
    """``GET`` of all accounts of a subscription or resource group."""
    subscription = subscription_of(call)
    scope = f"/subscriptions/{subscription.id}"
    if "group" in call.params:
        scope += f"/resourceGroups/{call.params['group']}"
    require(call, scope, f"{_TYPE}/read")
    found = [a for a in accounts(call.azure) if a.id.lower().startswith(scope.lower() + "/")]
    return items([account.shown(_version(call)) for account in found])


def put_account(call: Call) -> Answer:
    """``PUT``: create, which takes a while (its own state tells when it is over), or replace what can be changed."""
    group = group_of(call)
    require(call, _scope(call), f"{_TYPE}/write")
    name = call.params["account"]
    existing = account_named(call.azure, name)
    if existing is not None and existing.id.lower() == _scope(call).lower():
        return _changed(call, existing, call.body)
    _require_possible(call, name)
    location = str(call.body.get("location", "")).replace(" ", "").lower()
    if not location:
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    made = PurviewAccount(
        subscription_id=group.subscription_id,
        group=group.name,
        name=name,
        tenant_id=call.caller.tenant_id,
        location=location,
        tags=call.body.get("tags") or {},
        principal_id=_identity(call, name, "None"),
        options=_options(call.body),
        busy="Creating",
        ready_at=time.time() + call.azure.pace,
        default_domain=secrets.token_hex(3),
        purview_suffix=call.address.cloud.purview_suffix,
        purview_tenant_suffix=call.address.cloud.purview_tenant_suffix,
        created=call.azure.now(),
    )
    call.azure.store.put(made)
    # Who makes an account is the first administrator of its root collection.
    new_collection(call.azure, made, made.name, None, [call.caller.object_id])
    return Answer(201, made.shown(_version(call)))


def _require_possible(call: Call, name: str) -> None:
    """The name is a name and free, and the tenant has no account yet (docs/facts.md, purview 4)."""
    reason, says = _objection(call.azure, name)
    if reason == "Invalid" and call.azure.rules.on("account-names"):
        raise ServiceError(400, "InvalidResourceName", says)
    if reason == "AlreadyExists" and call.azure.rules.on("account-names-are-global"):
        raise ServiceError(409, "AccountNameNotAvailable", says)
    tenant = call.caller.tenant_id
    others = [a for a in accounts(call.azure) if a.tenant_id == tenant and not a.circumstances.billing_only]
    if others and call.azure.rules.on("one-account-per-tenant"):
        says = (
            f"Validation failed for {name}. An Enterprise Tenant-level Purview Account already exists for tenant "
            f"with ID: {tenant}."
        )
        raise ServiceError(409, "Conflict", says)


def _objection(azure: Azure, name: str) -> tuple[str, str]:
    """What speaks against a name, if anything: the reason and the words."""
    if not _NAME.match(name) or not _SHORTEST <= len(name) <= _LONGEST:
        says = (
            f"The account name {name} is not valid. It must have between {_SHORTEST} and {_LONGEST} characters: "
            "letters, digits and single hyphens between them."
        )
        return "Invalid", says
    if account_named(azure, name) is not None:
        return "AlreadyExists", f"The account name {name} is not available."
    return "", ""


def _options(body: JsonObject) -> JsonObject:
    properties = part(body, "properties")
    return {name: properties[name] for name in OPTIONS if properties.get(name) is not None}


def _identity(call: Call, name: str, otherwise: str, before: str = "") -> str:
    """The object id of the system-assigned identity that is asked for, made or taken away where that is new."""
    wanted = str(part(call.body, "identity").get("type") or otherwise)
    if wanted not in _IDENTITIES:
        raise ServiceError(400, "IdentityTypeNotSupported", f"The sandbox makes no identity of the type '{wanted}'.")
    if wanted == "None" and before:
        remove_principal(call.azure, before)
    if wanted == "None" or before:
        return before if wanted != "None" else ""
    made = ServicePrincipal(
        id=call.azure.new_id(),
        app_id=call.azure.new_id(),
        tenant_id=call.caller.tenant_id,
        display_name=name,
        kind="ManagedIdentity",
        unseen=call.azure.checks_before_seen(),
    )
    call.azure.store.put(made)
    return made.id


def _changed(call: Call, account: PurviewAccount, body: JsonObject, *, merge: bool = False) -> Answer:
    if account.state is not None:
        says = f"The account {account.name} is in the state {account.state}. Try again later."
        raise ServiceError(409, "Conflict", says)
    account.principal_id = _identity(
        call, account.name, "SystemAssigned" if merge and account.principal_id else "None", account.principal_id
    )
    group = account.options.get("managedResourceGroupName")
    account.options = (account.options if merge else {}) | _options(body)
    if group is not None:
        account.options["managedResourceGroupName"] = group
    account.tags = body.get("tags", account.tags if merge else {}) or {}
    account.busy, account.ready_at = "Updating", time.time() + call.azure.pace
    call.azure.store.put(account)
    return Answer(200, account.shown(_version(call)))


def update_account(call: Call) -> Answer:
    """``PATCH``: what is given changes, the rest stays; Location leads to where its end is told."""
    answer = _changed(call, _account(call, "write"), call.body, merge=True)
    return Answer(202, answer.body, {"location": _where(call), "retry-after": "0"})


def delete_account(call: Call) -> Answer:
    """``DELETE``: 202 and a Location, or 204 where there was none."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/delete")
    account = account_named(call.azure, call.params["account"])
    if account is None or account.id.lower() != scope.lower():
        return Answer(204)
    if account.busy != "Deleting":
        remove_account(call.azure, account)
    return Answer(202, None, {"location": _where(call), "retry-after": "0"})


def _where(call: Call) -> str:
    operation = f"{_scope(call)}/operationResults/latest"
    return f"{call.url}{operation}?api-version={_version(call)}"


def operation_result(call: Call) -> Answer:
    """Whether what was begun is over: 202 while it goes on; then 200, with the account if there is one."""
    require(call, _scope(call), f"{_TYPE}/read")
    account = account_named(call.azure, call.params["account"])
    if account is None:
        return Answer(200)
    if account.state is not None:
        return Answer(202, None, {"location": _where(call), "retry-after": "0"})
    return Answer(200, account.shown(_version(call)))


def check_name(call: Call) -> Answer:
    """``POST …/checkNameAvailability``."""
    require(call, f"/subscriptions/{subscription_of(call).id}", f"{_TYPE}/read")
    reason, says = _objection(call.azure, str(call.body.get("name", "")))
    if not reason:
        return Answer(200, {"nameAvailable": True})
    return Answer(200, {"nameAvailable": False, "reason": reason, "message": says})


def default_account(call: Call) -> Answer:
    """``GET /providers/Microsoft.Purview/getDefaultAccount``: the tenant's account."""
    for account in accounts(call.azure):
        ours = account.tenant_id == call.caller.tenant_id == call.query.get("scopeTenantId")
        if ours and account.circumstances.default_of_tenant and account.has_data_map:
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


_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.Purview"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Purview/accounts"
_ACCOUNT = _GROUP + "/{account}"
OPERATIONS = [
    Operation("GET", "/providers/Microsoft.Purview/getDefaultAccount", default_account),
    Operation("GET", _SUBSCRIPTION + "/accounts", list_accounts),
    Operation("POST", _SUBSCRIPTION + "/checkNameAvailability", check_name),
    Operation("GET", _GROUP, list_accounts),
    Operation("GET", _ACCOUNT, get_account),
    Operation("PUT", _ACCOUNT, put_account),
    Operation("PATCH", _ACCOUNT, update_account),
    Operation("DELETE", _ACCOUNT, delete_account),
    Operation("GET", _ACCOUNT + "/operationResults/{operation}", operation_result),
    Operation("POST", _ACCOUNT + "/addRootCollectionAdmin", add_root_admin),
]
