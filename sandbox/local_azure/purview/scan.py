"""``/scan``: Key Vault connections, credentials, data sources and scans (docs/facts.md, purview 2)."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from local_azure.call import Answer, Call, JsonObject, Operation, part, require_version
from local_azure.errors import ServiceError
from local_azure.purview.accounts import READING, SOURCE_ADMIN, Collection, PurviewAccount, require_role
from local_azure.purview.connectors import (
    CHATGPT,
    check_credential,
    check_scan,
    check_source,
    value_at,
)
from local_azure.purview.domains import domain_of, find_domain
from local_azure.purview.objects import DataMapObject, Run, Trigger
from local_azure.purview.pages import paged

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = re.compile(r"^(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$")
VERSIONS = (
    "2018-12-01-preview",
    "2021-10-01-preview",
    "2022-02-01-preview",
    "2022-07-01-preview",
    "2023-09-01",
    "2023-10-01-preview",
    "2024-05-01-preview",
)
DELETE_WITHOUT_BODY_SINCE = "2023-09-01"


def api_version(call: Call) -> str:
    """The request's api-version, which must be one that the service has."""
    return require_version(call, VERSIONS)


def path_of(call: Call) -> str:
    """The object's path below ``/scan``."""
    names = call.params
    if "scan" in names:
        return f"datasources/{names['source']}/scans/{names['scan']}"
    if "source" in names:
        return f"datasources/{names['source']}"
    kind = "azureKeyVaults" if "vault" in names else "credentials"
    return f"{kind}/{names.get('vault') or names['credential']}"


def find(call: Call, account: PurviewAccount, path: str) -> DataMapObject | None:
    """An object by its path."""
    return call.azure.store.get(DataMapObject, f"{account.name}/{path}")


def existing(call: Call, account: PurviewAccount, path: str) -> DataMapObject:
    """An object by its path, or 404."""
    found = find(call, account, path)
    if found is None:
        raise ServiceError(404, "ResourceNotFound", f"{path} was not found.")
    return found


def collection_of(body: JsonObject) -> str | None:
    """The collection that a body refers to."""
    return part(body, "properties", "collection").get("referenceName")


def _below(call: Call, account: PurviewAccount, prefix: str) -> list[DataMapObject]:
    return [
        o
        for o in call.azure.store.all(DataMapObject)
        if o.account == account.name
        and o.path.lower().startswith(prefix.lower() + "/")
        and "/" not in o.path[len(prefix) + 1 :]
    ]


def get_object(call: Call) -> Answer:
    """``GET`` of one object."""
    api_version(call)
    account = require_role(call, READING)
    return Answer(200, existing(call, account, path_of(call)).body)


def list_objects(call: Call) -> Answer:
    """``GET`` of all objects of a kind (of a data source's scans, where the path says so)."""
    api_version(call)
    account = require_role(call, READING)
    prefix = call.path[len("/scan/") :]
    if "source" in call.params:
        existing(call, account, f"datasources/{call.params['source']}")
    found = [o.body for o in _below(call, account, prefix)]
    return paged(call, account, found, ends_with_null=True)


def _put(call: Call, check: Callable[[Call, PurviewAccount, JsonObject], None], collection: str | None) -> Answer:
    version = api_version(call)
    account = require_role(call, (SOURCE_ADMIN,), collection)
    path = path_of(call)
    name = path.rsplit("/", 1)[1]
    if call.azure.rules.on("names") and not NAME.match(name):
        raise ServiceError(400, "InvalidInput", f"The name '{name}' is not valid.")
    body = copy.deepcopy(call.body)
    before = find(call, account, path)
    if before is not None:
        require_role(call, (SOURCE_ADMIN,), collection_of(before.body))
    check(call, account, body)
    if before is not None and not call.azure.rules.on("put-replaces"):
        body = {
            **before.body,
            **body,
            "properties": {**before.body["properties"], **body.get("properties", {})},
        }
    shown = _completed(call, account, path, body, before)
    call.azure.store.put(DataMapObject(account=account.name, path=path, body=shown))
    # The first version knows no 201 for a Key Vault connection, and its client (azure-purview-scanning) refuses one.
    old = version == VERSIONS[0] and path.startswith("azureKeyVaults/")
    return Answer(201 if before is None and not old else 200, shown)


def _completed(
    call: Call, account: PurviewAccount, path: str, body: JsonObject, before: DataMapObject | None
) -> JsonObject:
    """What the service adds to a body (docs/facts.md, purview 6.7)."""
    now = call.azure.now()
    properties: JsonObject = body.setdefault("properties", {})
    shown: JsonObject = {**body, "id": path, "name": path.rsplit("/", 1)[1]}
    if path.startswith("datasources/"):
        properties["createdAt"] = before.body["properties"]["createdAt"] if before else now
        properties["lastModifiedAt"] = now
        if "collection" in properties:
            properties["collection"]["lastModifiedAt"] = now
    if "/scans/" in path:
        properties.setdefault("domain", domain_of(call.azure, account, collection_of(body) or account.name))
        properties["scanScopeType"] = "AutoDetect"
        shown["scanId"] = (before.body.get("scanId") if before else None) or call.azure.new_id()
    elif path.startswith("datasources/"):
        properties["dataSourceCollectionMovingState"] = "Active"
        shown["creationType"] = "Manual"
    return shown


def put_vault_connection(call: Call) -> Answer:
    """``PUT /azureKeyVaults/{name}``."""
    return _put(call, _check_vault_connection, None)


def _check_vault_connection(_call: Call, _account: PurviewAccount, body: JsonObject) -> None:
    if not part(body, "properties").get("baseUrl"):
        raise ServiceError(400, "InvalidInput", "Required property 'baseUrl' not found.")


def put_credential(call: Call) -> Answer:
    """``PUT /credentials/{name}``."""
    return _put(call, _check_credential, None)


def secret_reference(body: JsonObject) -> JsonObject:
    """The Key Vault reference of a credential."""
    return part(body, "properties", "typeProperties", CHATGPT.credential_secret)


def _store(body: JsonObject) -> str:
    """The Key Vault connection that a credential refers to."""
    return str(part(secret_reference(body), "store").get("referenceName"))


def _check_credential(call: Call, account: PurviewAccount, body: JsonObject) -> None:
    rules = call.azure.rules
    check_credential(body, kinds=rules.on("known-kinds"), properties=rules.on("known-properties"))
    store = _store(body)
    if rules.on("references-must-exist") and find(call, account, f"azureKeyVaults/{store}") is None:
        raise ServiceError(404, "ResourceNotFound", f"The Key Vault connection '{store}' was not found.")


def put_source(call: Call) -> Answer:
    """``PUT /datasources/{source}``."""
    return _put(call, _check_source, _known_collection(call))


def _known_collection(call: Call) -> str | None:
    """The body's collection for the role check; a missing one is the service's 404, not a 403."""
    name = collection_of(call.body)
    account = require_role(call, READING)
    if name and call.azure.store.get(Collection, f"{account.name}/{name}") is not None:
        return name
    return None


def _require_collection(call: Call, account: PurviewAccount, body: JsonObject) -> None:
    name = collection_of(body) or ""
    found = call.azure.store.get(Collection, f"{account.name}/{name}")
    if found is None and call.azure.rules.on("collection-must-exist"):
        raise ServiceError(404, "ResourceNotFound", f"The collection '{name}' was not found.")
    if found is not None and found.state != "Succeeded" and call.azure.rules.on("collection-ready"):
        raise ServiceError(409, "CollectionNotReady", f"The collection '{name}' is {found.state}.")


def _check_source(call: Call, account: PurviewAccount, body: JsonObject) -> None:
    rules = call.azure.rules
    check_source(body, kinds=rules.on("known-kinds"), properties=rules.on("known-properties"))
    _require_collection(call, account, body)
    target = value_at(part(body, "properties"), CHATGPT.workspace)
    for other in _below(call, account, "datasources"):
        same = value_at(other.body["properties"], CHATGPT.workspace) == target
        if rules.on("duplicate-target") and same and other.path.lower() != path_of(call).lower():
            name = other.path.rsplit("/", 1)[1]
            says = f"A data source already exists for this target: '{name}'."
            raise ServiceError(409, "DataSource_Duplicate", says)


def put_scan(call: Call) -> Answer:
    """``PUT /datasources/{source}/scans/{scan}``."""
    return _put(call, _check_scan, _known_collection(call))


def _check_scan(call: Call, account: PurviewAccount, body: JsonObject) -> None:
    rules = call.azure.rules
    if rules.on("source-must-exist"):
        existing(call, account, f"datasources/{call.params['source']}")
    check_scan(body, kinds=rules.on("known-kinds"), properties=rules.on("known-properties"))
    _require_collection(call, account, body)
    domain = part(body, "properties").get("domain")
    known = domain is None or find_domain(call.azure, account, str(domain)) is not None
    if not known and rules.on("domain-must-exist"):
        raise ServiceError(404, "ResourceNotFound", f"The domain '{domain}' was not found.")
    name = scan_credential(body)
    if rules.on("references-must-exist") and find(call, account, f"credentials/{name}") is None:
        raise ServiceError(404, "ResourceNotFound", f"The credential '{name}' was not found.")


def scan_credential(body: JsonObject) -> str:
    """The name of the credential that a scan uses."""
    return str(part(body, "properties", *CHATGPT.scan_credential).get("referenceName", ""))


def delete_object(call: Call) -> Answer:
    """``DELETE``: refused while something refers to it (inferred; nothing is published)."""
    version = api_version(call)
    account = require_role(call, (SOURCE_ADMIN,))
    path = path_of(call)
    found = existing(call, account, path)
    require_role(call, (SOURCE_ADMIN,), collection_of(found.body))
    users = _users(call, account, path)
    if users and call.azure.rules.on("in-use"):
        says = f"{path} is still used by {', '.join(users)}."
        raise ServiceError(409, "ResourceInUse", says)
    trigger = trigger_of(call, account, path)
    call.azure.store.delete(found, *runs_of(call, account, path), *([trigger] if trigger else []))
    return Answer(204) if version >= DELETE_WITHOUT_BODY_SINCE else Answer(200, found.body)


def runs_of(call: Call, account: PurviewAccount, scan: str) -> list[Run]:
    """A scan's runs, which go with it."""
    return [r for r in call.azure.store.all(Run) if (r.account, r.scan.lower()) == (account.name, scan.lower())]


def trigger_of(call: Call, account: PurviewAccount, scan: str) -> Trigger | None:
    """A scan's trigger."""
    return call.azure.store.get(Trigger, f"{account.name}/{scan}")


def _users(call: Call, account: PurviewAccount, path: str) -> list[str]:
    kind, name = path.split("/", maxsplit=1)[0], path.rsplit("/", 1)[1]
    objects = [o for o in call.azure.store.all(DataMapObject) if o.account == account.name]
    if "/scans/" in path:
        trigger = [f"{path}/triggers/default"] if trigger_of(call, account, path) else []
        return [*trigger, *(f"{path}/runs/{run.id}" for run in runs_of(call, account, path) if run.active)]
    if kind.lower() == "datasources":
        return [o.path for o in objects if o.path.lower().startswith(f"{path}/scans/".lower())]
    if kind.lower() == "credentials":
        return [o.path for o in objects if "/scans/" in o.path and scan_credential(o.body) == name]
    return [o.path for o in objects if o.path.startswith("credentials/") and _store(o.body) == name]


def _operations(path: str, put: Callable[[Call], Answer]) -> list[Operation]:
    return [
        Operation("GET", path, get_object),
        Operation("PUT", path, put),
        Operation("DELETE", path, delete_object),
    ]


OPERATIONS = [
    Operation("GET", "/scan/azureKeyVaults", list_objects),
    Operation("GET", "/scan/credentials", list_objects),
    Operation("GET", "/scan/datasources", list_objects),
    Operation("GET", "/scan/datasources/{source}/scans", list_objects),
    *_operations("/scan/azureKeyVaults/{vault}", put_vault_connection),
    *_operations("/scan/credentials/{credential}", put_credential),
    *_operations("/scan/datasources/{source}", put_source),
    *_operations("/scan/datasources/{source}/scans/{scan}", put_scan),
]
