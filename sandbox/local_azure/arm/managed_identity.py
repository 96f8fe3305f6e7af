"""User-assigned managed identities and their federated credentials (Microsoft.ManagedIdentity)."""

from __future__ import annotations

import re
from typing import Any, cast

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, Operation, items, part
from local_azure.directory import ServicePrincipal
from local_azure.errors import ServiceError
from local_azure.managed_identities import FederatedCredential, UserAssignedIdentity, credentials_of, remove_identity

_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
_CREDENTIALS = f"{_TYPE}/federatedIdentityCredentials"
_NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$")
_CREDENTIAL_NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}$")
MOST_CREDENTIALS = 20


def _id(call: Call) -> str:
    group = f"/subscriptions/{subscription_of(call).id}/resourceGroups/{call.params['group']}"
    return f"{group}/providers/{_TYPE}/{call.params['identity']}"


def _shown(identity: UserAssignedIdentity) -> dict[str, Any]:
    return {
        "id": identity.id,
        "name": identity.name,
        "type": _TYPE,
        "location": identity.location,
        "tags": identity.tags,
        "properties": {
            "tenantId": identity.tenant_id,
            "principalId": identity.principal_id,
            "clientId": identity.client_id,
        },
    }


def _identity(call: Call) -> UserAssignedIdentity:
    found = call.azure.store.get(UserAssignedIdentity, _id(call))
    if found is None:
        says = (
            f"The Resource '{_TYPE}/{call.params['identity']}' under resource group '{call.params['group']}' "
            "was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return found


def get_identity(call: Call) -> Answer:
    """``GET`` of one identity."""
    require(call, _id(call), f"{_TYPE}/read")
    return Answer(200, _shown(_identity(call)))


def put_identity(call: Call) -> Answer:
    """``PUT``: create, with a service principal of its own, or replace the tags."""
    group = group_of(call)
    require(call, _id(call), f"{_TYPE}/write")
    if not _NAME.match(call.params["identity"]):
        raise ServiceError(400, "BadRequest", f"The resource name '{call.params['identity']}' is not valid.")
    existing = call.azure.store.get(UserAssignedIdentity, _id(call))
    identity = UserAssignedIdentity(
        subscription_id=subscription_of(call).id,
        group=group.name,
        name=existing.name if existing else call.params["identity"],
        location=str(call.body.get("location", "")).replace(" ", "").lower(),
        tags=call.body.get("tags") or {},
        tenant_id=subscription_of(call).tenant_id,
        principal_id=existing.principal_id if existing else call.azure.new_id(),
        client_id=existing.client_id if existing else call.azure.new_id(),
    )
    call.azure.store.put(identity)
    if existing is None:
        call.azure.store.put(
            ServicePrincipal(
                id=identity.principal_id,
                app_id=identity.client_id,
                tenant_id=identity.tenant_id,
                display_name=identity.name,
                kind="ManagedIdentity",
                unseen=call.azure.checks_before_seen(),
            )
        )
    return Answer(200 if existing else 201, _shown(identity))


def delete_identity(call: Call) -> Answer:
    """``DELETE``: 204 where there was none."""
    require(call, _id(call), f"{_TYPE}/delete")
    found = call.azure.store.get(UserAssignedIdentity, _id(call))
    if found is None:
        return Answer(204)
    remove_identity(call.azure, found)
    return Answer(200)


def _shown_credential(credential: FederatedCredential) -> dict[str, Any]:
    return {
        "id": credential.key,
        "name": credential.name,
        "type": _CREDENTIALS,
        "properties": {
            "issuer": credential.issuer,
            "subject": credential.subject,
            "audiences": credential.audiences,
        },
    }


def _credential(call: Call) -> FederatedCredential | None:
    key = f"{_id(call)}/federatedIdentityCredentials/{call.params['credential']}"
    return call.azure.store.get(FederatedCredential, key)


def get_credential(call: Call) -> Answer:
    """``GET`` of one federated credential."""
    require(call, _id(call), f"{_CREDENTIALS}/read")
    _identity(call)
    found = _credential(call)
    if found is None:
        says = f"The Resource '{_CREDENTIALS}/{call.params['credential']}' was not found."
        raise ServiceError(404, "NotFound", says)
    return Answer(200, _shown_credential(found))


def list_credentials(call: Call) -> Answer:
    """``GET`` of all of an identity."""
    require(call, _id(call), f"{_CREDENTIALS}/read")
    return items([_shown_credential(one) for one in credentials_of(call.azure, _identity(call).id)])


def put_credential(call: Call) -> Answer:
    """``PUT``: create or replace (docs/facts.md, graph 110)."""
    require(call, _id(call), f"{_CREDENTIALS}/write")
    identity, existing = _identity(call), _credential(call)
    made = _wanted(call, identity)
    others = [one for one in credentials_of(call.azure, identity.id) if one.key.lower() != made.key.lower()]
    if len(others) >= MOST_CREDENTIALS:
        says = f"Too many Federated Identity Credentials for the identity; at most {MOST_CREDENTIALS} are allowed."
        raise ServiceError(400, "BadRequest", says)
    twice = any((one.issuer, one.subject) == (made.issuer, made.subject) for one in others)
    if twice and call.azure.rules.on("federated-once"):
        says = "Issuer and subject combination already exists for this Managed Identity."
        raise ServiceError(409, "Conflict", says)
    call.azure.store.put(made)
    return Answer(200 if existing else 201, _shown_credential(made))


def _wanted(call: Call, identity: UserAssignedIdentity) -> FederatedCredential:
    properties = part(call.body, "properties")
    if not _CREDENTIAL_NAME.match(call.params["credential"]):
        says = f"The resource name '{call.params['credential']}' is not valid."
        raise ServiceError(400, "BadRequest", says)
    audiences = cast("list[object]", properties.get("audiences") or [])
    if len(audiences) != 1 or not properties.get("issuer") or not properties.get("subject"):
        says = "A federated identity credential has an issuer, a subject and exactly one audience."
        raise ServiceError(400, "BadRequest", says)
    return FederatedCredential(
        identity_id=identity.id,
        client_id=identity.client_id,
        name=call.params["credential"],
        issuer=properties["issuer"],
        subject=properties["subject"],
        audiences=[str(one) for one in audiences],
    )


def delete_credential(call: Call) -> Answer:
    """``DELETE``: 204 where there was none."""
    require(call, _id(call), f"{_CREDENTIALS}/delete")
    found = _credential(call)
    if found is None:
        return Answer(204)
    call.azure.store.delete(found)
    return Answer(200)


_IDENTITY = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity"
    "/userAssignedIdentities/{identity}"
)
OPERATIONS = [
    Operation("GET", _IDENTITY, get_identity),
    Operation("PUT", _IDENTITY, put_identity),
    Operation("DELETE", _IDENTITY, delete_identity),
    Operation("GET", _IDENTITY + "/federatedIdentityCredentials", list_credentials),
    Operation("GET", _IDENTITY + "/federatedIdentityCredentials/{credential}", get_credential),
    Operation("PUT", _IDENTITY + "/federatedIdentityCredentials/{credential}", put_credential),
    Operation("DELETE", _IDENTITY + "/federatedIdentityCredentials/{credential}", delete_credential),
]
