"""``/account``: the account itself and its collections."""

from __future__ import annotations

import time
from typing import Any

from local_azure.call import Answer, Call, JsonObject, Operation, part, require_version
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    DOMAINS_SINCE,
    READING,
    Collection,
    MetadataPolicy,
    PurviewAccount,
    account_of,
    move_policy,
    new_collection,
    path_of,
    require_collection_name,
    require_role,
)
from local_azure.purview.domains import domain_of, find_domain
from local_azure.purview.objects import DataMapObject
from local_azure.purview.pages import paged

VERSIONS = ("2019-11-01-preview", "2023-10-01-preview", "2023-12-01-preview")


def _readable(call: Call) -> PurviewAccount:
    require_version(call, VERSIONS)
    return require_role(call, READING)


def _shown(call: Call, account: PurviewAccount, collection: Collection) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": collection.name,
        "friendlyName": collection.friendly_name,
        "description": collection.description,
        "collectionProvisioningState": collection.state,
        "systemData": {
            "createdAt": collection.created,
            "lastModifiedAt": collection.modified or collection.created,
        },
    }
    if call.query.get("api-version", "") >= DOMAINS_SINCE:
        shown["domain"] = domain_of(call.azure, account, collection.name)
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
    found = [_shown(call, account, c) for c in call.azure.store.all(Collection) if c.account == account.name]
    return paged(call, account, found)


def get_collection(call: Call) -> Answer:
    """``GET /account/collections/{name}``."""
    account = _readable(call)
    return Answer(200, _shown(call, account, _existing(call)))


def get_path(call: Call) -> Answer:
    """``GET …/getCollectionPath``: from the root or a domain down to the parent."""
    account = _readable(call)
    collection = _existing(call)
    above = path_of(call.azure, account, collection.name)[:0:-1]
    names = {c.name: c.friendly_name for c in call.azure.store.all(Collection) if c.account == account.name}
    domain = find_domain(call.azure, account, domain_of(call.azure, account, collection.name))
    if domain is not None and account.name not in (*above, collection.name):
        above, names = [domain.name, *above], names | {domain.name: domain.friendly_name}
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
    """``PUT``: create, change or move; answers 200 in all cases (docs/facts.md, purview 2.10)."""
    require_version(call, VERSIONS)
    account = account_of(call)
    existing = _found(call)
    wanted = part(call.body, "parentCollection").get("referenceName") or None
    if wanted is None and existing is not None:
        parent = existing.parent
    else:
        parent = _parent(call, account, str(wanted or account.name))
    moves = existing is not None and parent != existing.parent
    if existing is None or moves:
        _require_administrator(call, account, parent)
    if existing is None:
        require_collection_name(call.azure, call.params["name"])
        collection = new_collection(call.azure, account, call.params["name"], parent, [call.caller.object_id])
    else:
        _require_administrator(call, account, existing.name)
        collection = existing
    if moves:
        _move(call, account, collection, parent)
    collection.friendly_name = str(call.body.get("friendlyName") or collection.name)
    collection.description = str(call.body.get("description") or "")
    collection.modified = call.azure.now()
    if existing is None or moves:
        collection.busy = "Moving" if moves else "Creating"
        collection.ready_at = time.time() + call.azure.pace
    call.azure.store.put(collection)
    return Answer(200, _shown(call, account, collection))


def _parent(call: Call, account: PurviewAccount, name: str) -> str:
    """The name of a collection or domain as it was given when it was made."""
    found = call.azure.store.get(Collection, f"{account.name}/{name}") or find_domain(call.azure, account, name)
    if found is None and call.azure.rules.on("collection-must-exist"):
        raise ServiceError(404, "ResourceNotFound", f"The parent collection {name} was not found.")
    return found.name if found else name


def _require_administrator(call: Call, account: PurviewAccount, place: str | None) -> None:
    """The caller is Collection Administrator there; domains have no administrators but the root's."""
    known = place and call.azure.store.get(Collection, f"{account.name}/{place}") is not None
    require_role(call, (COLLECTION_ADMIN,), place if known else account.name)


def _move(call: Call, account: PurviewAccount, collection: Collection, parent: str | None) -> None:
    if collection.parent is None:
        raise ServiceError(400, "InvalidInput", "The root collection cannot be moved.")
    below_itself = parent is not None and collection.name in path_of(call.azure, account, parent)
    if below_itself and call.azure.rules.on("collection-tree"):
        says = f"The collection {collection.name} cannot be moved below itself."
        raise ServiceError(400, "InvalidInput", says)
    old, collection.parent = collection.parent, parent
    move_policy(call.azure, collection, old)


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
