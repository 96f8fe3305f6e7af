"""``/account``: collections."""

from __future__ import annotations

import re
from typing import Any

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    READING,
    Collection,
    MetadataPolicy,
    account_of,
    new_collection,
    path_of,
    require_role,
)
from local_azure.purview.objects import DataMapObject

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{2,35}$")


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
    account = require_role(call, READING)
    return Answer(200, {"id": account.id, "name": account.name, "location": account.location})


def list_collections(call: Call) -> Answer:
    """``GET /account/collections``."""
    account = require_role(call, READING)
    found = [_shown(c) for c in call.azure.store.all(Collection) if c.account == account.name]
    return Answer(200, {"value": found, "count": len(found)})


def get_collection(call: Call) -> Answer:
    """``GET /account/collections/{name}``."""
    require_role(call, READING)
    return Answer(200, _shown(_existing(call)))


def get_path(call: Call) -> Answer:
    """``GET …/getCollectionPath``: from the root down to the parent."""
    account = require_role(call, READING)
    above = path_of(call.azure, account, _existing(call).name)[:0:-1]
    friendly = [c.friendly_name for c in call.azure.store.all(Collection) if c.account == account.name and c.name in above]
    return Answer(200, {"parentNameChain": above, "parentFriendlyNameChain": friendly})


def put_collection(call: Call) -> Answer:
    """``PUT``: create or replace; answers 200 in both cases (docs/facts.md, purview 2.10)."""
    account = account_of(call)
    parent = str((call.body.get("parentCollection") or {}).get("referenceName") or account.name)
    if call.azure.store.get(Collection, f"{account.name}/{parent}") is None:
        raise ServiceError(404, "ResourceNotFound", f"The parent collection {parent} was not found.")
    require_role(call, (COLLECTION_ADMIN,), parent)
    existing = _found(call)
    if existing is None and not _NAME.match(call.params["name"]):
        raise ServiceError(400, "InvalidInput", f"The collection name {call.params['name']} is not valid.")
    made = existing or new_collection(
        call.azure, account, call.params["name"], parent, [call.caller.object_id]
    )
    made.friendly_name = str(call.body.get("friendlyName") or made.name)
    made.description = str(call.body.get("description") or "")
    call.azure.store.put(made)
    return Answer(200, _shown(made))


def delete_collection(call: Call) -> Answer:
    """``DELETE``: refused while something refers to it, and for the root (docs/facts.md, purview 2.10)."""
    account = account_of(call)
    collection = _existing(call)
    require_role(call, (COLLECTION_ADMIN,), collection.name)
    if collection.parent is None:
        raise ServiceError(400, "1006", "The collection is managed by the system and cannot be deleted.")
    objects: list[JsonObject] = [
        o.body for o in call.azure.store.all(DataMapObject) if o.account == account.name
    ]
    referring = [
        o["name"] for o in objects if _reference(o) == collection.name
    ] + [c.name for c in call.azure.store.all(Collection) if (c.account, c.parent) == (account.name, collection.name)]
    if referring and call.azure.rules.on("collection-in-use"):
        says = f"The collection is still referenced by: {', '.join(referring)}."
        raise ServiceError(409, "12005", says)
    policies = [
        p
        for p in call.azure.store.all(MetadataPolicy)
        if (p.account, p.collection) == (account.name, collection.name)
    ]
    call.azure.store.delete(collection, *policies)
    return Answer(204)


def _reference(body: JsonObject) -> str | None:
    return ((body.get("properties") or {}).get("collection") or {}).get("referenceName")


_COLLECTION = "/account/collections/{name}"
OPERATIONS = [
    Operation("GET", "/account", get_account),
    Operation("GET", "/account/collections", list_collections),
    Operation("GET", _COLLECTION, get_collection),
    Operation("PUT", _COLLECTION, put_collection),
    Operation("DELETE", _COLLECTION, delete_collection),
    Operation("GET", _COLLECTION + "/getCollectionPath", get_path),
]
