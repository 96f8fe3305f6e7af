"""``/account``: collections."""

from __future__ import annotations

import re
from typing import Any

from local_azure.call import Answer, Call, JsonObject, Operation, part, require_version
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    READING,
    Collection,
    MetadataPolicy,
    PurviewAccount,
    account_of,
    new_collection,
    path_of,
    require_role,
)
from local_azure.purview.objects import DataMapObject
from local_azure.purview.pages import paged

VERSIONS = ("2019-11-01-preview", "2023-10-01-preview", "2023-12-01-preview")
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{2,35}$")


def _readable(call: Call) -> PurviewAccount:
    require_version(call, VERSIONS)
    return require_role(call, READING)


def _shown(collection: Collection) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": collection.name,
        "friendlyName": collection.friendly_name,
        "description": collection.description,
        "collectionProvisioningState": "Succeeded",
        "systemData": {"createdAt": collection.created, "lastModifiedAt": collection.created},
    }
    parent = {"type": "CollectionReference", "referenceName": collection.parent}
    return shown | ({"parentCollection": parent} if collection.parent else {})


def _found(call: Call) -> Collection | None:
    account = account_of(call)
    return call.azure.store.get(Collection, f"{account.name}/{call.params['name']}")


def _existing(call: Call) -> Collection:
    found = _found(call)
    if found is None:
        says = f"Collection {call.params['name']} was not found."
        raise ServiceError(404, "ResourceNotFound", says)
    return found


def get_account(call: Call) -> Answer:
    """``GET /account``: the account as the Data Map knows it."""
    return Answer(200, _readable(call).shown(call.query.get("api-version", "")))


def list_collections(call: Call) -> Answer:
    """``GET /account/collections``."""
    account = _readable(call)
    found = [_shown(c) for c in call.azure.store.all(Collection) if c.account == account.name]
    return paged(call, account, found)


def get_collection(call: Call) -> Answer:
    """``GET /account/collections/{name}``."""
    _readable(call)
    return Answer(200, _shown(_existing(call)))


def get_path(call: Call) -> Answer:
    """``GET …/getCollectionPath``: from the root down to the parent."""
    account = _readable(call)
    above = path_of(call.azure, account, _existing(call).name)[:0:-1]
    names = {c.name: c.friendly_name for c in call.azure.store.all(Collection) if c.account == account.name}
    friendly = [names[name] for name in above]
    return Answer(200, {"parentNameChain": above, "parentFriendlyNameChain": friendly})


def list_children(call: Call) -> Answer:
    """``GET …/getChildCollectionNames``."""
    account = _readable(call)
    parent = _existing(call)
    found = [
        {"name": c.name, "friendlyName": c.friendly_name}
        for c in call.azure.store.all(Collection)
        if (c.account, c.parent) == (account.name, parent.name)
    ]
    return paged(call, account, found)


def put_collection(call: Call) -> Answer:
    """``PUT``: create or replace; answers 200 in both cases (docs/facts.md, purview 2.10)."""
    require_version(call, VERSIONS)
    account = account_of(call)
    parent = str(part(call.body, "parentCollection").get("referenceName") or account.name)
    known = call.azure.store.get(Collection, f"{account.name}/{parent}") is not None
    if not known and call.azure.rules.on("collection-must-exist"):
        raise ServiceError(404, "ResourceNotFound", f"The parent collection {parent} was not found.")
    existing = _found(call)
    require_role(call, (COLLECTION_ADMIN,), existing.name if existing else parent)
    if existing and parent != (existing.parent or account.name):
        raise ServiceError(400, "NotInTheSandbox", "The sandbox does not move collections.")
    misnamed = existing is None and not _NAME.match(call.params["name"])
    if misnamed and call.azure.rules.on("collection-names"):
        raise ServiceError(400, "InvalidInput", f"The collection name {call.params['name']} is not valid.")
    made = existing or new_collection(call.azure, account, call.params["name"], parent, [call.caller.object_id])
    made.friendly_name = str(call.body.get("friendlyName") or made.name)
    made.description = str(call.body.get("description") or "")
    call.azure.store.put(made)
    return Answer(200, _shown(made))


def delete_collection(call: Call) -> Answer:
    """``DELETE``: refused while something refers to it, and for the root (docs/facts.md, purview 2.10)."""
    require_version(call, VERSIONS)
    account = account_of(call)
    collection = _existing(call)
    require_role(call, (COLLECTION_ADMIN,), collection.name)
    if collection.parent is None and call.azure.rules.on("root-collection-stays"):
        raise ServiceError(400, "1006", "The collection is managed by the system and cannot be deleted.")
    bodies = [o.body for o in call.azure.store.all(DataMapObject) if o.account == account.name]
    referring = [o["name"] for o in bodies if _reference(o) == collection.name] + [
        c.name for c in call.azure.store.all(Collection) if (c.account, c.parent) == (account.name, collection.name)
    ]
    if referring and call.azure.rules.on("collection-in-use"):
        says = f"The collection is still referenced by: {', '.join(referring)}."
        raise ServiceError(409, "12005", says)
    policies = [
        p for p in call.azure.store.all(MetadataPolicy) if (p.account, p.collection) == (account.name, collection.name)
    ]
    call.azure.store.delete(collection, *policies)
    return Answer(204)


def _reference(body: JsonObject) -> str | None:
    return part(body, "properties", "collection").get("referenceName")


_COLLECTION = "/account/collections/{name}"
OPERATIONS = [
    Operation("GET", "/account", get_account),
    Operation("GET", "/account/collections", list_collections),
    Operation("GET", _COLLECTION, get_collection),
    Operation("PUT", _COLLECTION, put_collection),
    Operation("DELETE", _COLLECTION, delete_collection),
    Operation("GET", _COLLECTION + "/getCollectionPath", get_path),
    Operation("GET", _COLLECTION + "/getChildCollectionNames", list_children),
]
