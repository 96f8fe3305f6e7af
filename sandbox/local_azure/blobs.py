"""Blob Storage's data plane, as far as Pulumi's backend and azure-storage-blob use it (docs/facts.md, engine 49)."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from local_azure.arm.resources import Subscription
from local_azure.call import Answer, Call, Operation
from local_azure.storage import (
    DELETE,
    READ,
    WRITE,
    Blob,
    StorageAccount,
    StorageError,
    account_named,
    authorise,
    blobs_of,
    container_of,
    stamp,
)

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.hosts import Address

_MOST = 5000
_RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")
_METADATA = "x-ms-meta-"


def unauthorised(azure: Azure, address: Address, scheme: str, reason: str) -> StorageError:
    """What a request without a token for Storage gets; the header tells clients where to sign in."""
    account = account_named(azure, address.name)
    if scheme.lower().startswith("sharedkey") and account.properties.get("allowSharedKeyAccess") is False:
        says = "Key based authentication is not permitted on this storage account."
        return StorageError(403, "KeyBasedAuthenticationNotPermitted", says)
    subscription = azure.store.get(Subscription, account.subscription_id)
    tenant = subscription.tenant_id if subscription else "common"
    where = f"https://{address.cloud.login}/{tenant}/oauth2/authorize"
    headers = {"www-authenticate": f"Bearer authorization_uri={where} resource_id=https://storage.azure.com"}
    return StorageError(401, "InvalidAuthenticationInfo", reason, headers=headers)


def _account(call: Call, action: str) -> StorageAccount:
    """The account, once the caller may do this with the container's blobs."""
    account = account_named(call.azure, call.address.name)
    authorise(call.azure, account, call.params["container"], call.caller.object_id, action)
    container_of(call.azure, account, call.params["container"])
    return account


def _key(call: Call, account: StorageAccount, name: str = "") -> str:
    return f"{account.name}/{call.params['container']}/{(name or call.params['blob']).encode().hex()}"


def _blob(call: Call, account: StorageAccount) -> Blob:
    found = call.azure.store.get(Blob, _key(call, account))
    if found is None or not found.committed:
        raise StorageError(404, "BlobNotFound", "The specified blob does not exist.")
    return found


def _headers(blob: Blob) -> dict[str, str]:
    return {
        "etag": blob.etag,
        "last-modified": stamp(blob.modified),
        "x-ms-creation-time": stamp(blob.created),
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": "2025-01-05",
        "accept-ranges": "bytes",
        "content-type": blob.content_type,
        **{_METADATA + name: value for name, value in blob.metadata.items()},
    }


def get_blob(call: Call) -> Answer:
    """``GET /{container}/{blob}``: whole or a range."""
    blob = _blob(call, _account(call, READ))
    headers, content = _headers(blob), blob.content
    wanted = _RANGE.match(call.headers.get("x-ms-range") or call.headers.get("range") or "")
    if wanted is None:
        return Answer(200, None, headers, content)
    first = int(wanted[1])
    if first >= len(content):
        says = "The range specified is invalid for the current size of the resource."
        raise StorageError(416, "InvalidRange", says, headers={"content-range": f"bytes */{len(content)}"})
    last = min(int(wanted[2] or len(content)), len(content) - 1)
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Answer(206, None, headers, content[first : last + 1])


def head_blob(call: Call) -> Answer:
    """``HEAD``: its properties."""
    blob = _blob(call, _account(call, READ))
    return Answer(200, None, _headers(blob), blob.content)


def put_blob(call: Call) -> Answer:
    """``PUT``: a whole blob, a block, a list of blocks, or a copy."""
    match call.query.get("comp"):
        case "block":
            return _put_block(call)
        case "blocklist":
            return _put_blocks(call)
        case _ if "x-ms-copy-source" in call.headers:
            return _copy(call)
        case _:
            return _put(call, call.content)


def _put_block(call: Call) -> Answer:
    account = _account(call, WRITE)
    blob = call.azure.store.get(Blob, _key(call, account)) or _new(call, account)
    blob.blocks[call.query["blockid"]] = base64.b64encode(call.content).decode()
    call.azure.store.put(blob)
    return Answer(201)


def _put_blocks(call: Call) -> Answer:
    account = _account(call, WRITE)
    staged = (call.azure.store.get(Blob, _key(call, account)) or _new(call, account)).blocks
    wanted = [str(one.text) for one in ET.fromstring(call.content)]  # noqa: S314  # of our own clients
    if missing := [one for one in wanted if one not in staged]:
        says = f"The specified block list is invalid: {missing[0]} was never put."
        raise StorageError(400, "InvalidBlockList", says)
    return _put(call, b"".join(base64.b64decode(staged[one]) for one in wanted))


def _put(call: Call, content: bytes) -> Answer:
    account = _account(call, WRITE)
    existing = call.azure.store.get(Blob, _key(call, account))
    if call.headers.get("if-none-match") == "*" and existing is not None and existing.committed:
        raise StorageError(409, "BlobAlreadyExists", "The specified blob already exists.")
    blob = existing or _new(call, account)
    blob.content_type = call.headers.get("x-ms-blob-content-type") or "application/octet-stream"
    blob.metadata = {
        name.removeprefix(_METADATA): value for name, value in call.headers.items() if name.startswith(_METADATA)
    }
    blob.hold(content)
    call.azure.store.put(blob)
    return Answer(201, None, {"etag": blob.etag, "last-modified": stamp(blob.modified)})


def _new(call: Call, account: StorageAccount) -> Blob:
    now = time.time()
    container, name = call.params["container"], call.params["blob"]
    return Blob(account=account.name, container=container, name=name, created=now, modified=now)


def _copy(call: Call) -> Answer:
    """At once, and within the account alone."""
    account = _account(call, WRITE)
    source = urlsplit(call.headers["x-ms-copy-source"])
    container, _, name = unquote(source.path).lstrip("/").partition("/")
    authorise(call.azure, account, container, call.caller.object_id, READ)
    found = call.azure.store.get(Blob, f"{account.name}/{container}/{name.encode().hex()}")
    if found is None or not found.committed or source.hostname != call.headers["host"]:
        raise StorageError(404, "CannotVerifyCopySource", "The specified blob does not exist.")
    blob = call.azure.store.get(Blob, _key(call, account)) or _new(call, account)
    blob.content_type, blob.metadata = found.content_type, found.metadata
    blob.hold(found.content)
    call.azure.store.put(blob)
    told = {"etag": blob.etag, "last-modified": stamp(blob.modified), "x-ms-copy-id": call.azure.new_id()}
    return Answer(202, None, told | {"x-ms-copy-status": "success"})


def delete_blob(call: Call) -> Answer:
    """``DELETE`` of one blob."""
    call.azure.store.delete(_blob(call, _account(call, DELETE)))
    return Answer(202)


def list_blobs(call: Call) -> Answer:
    """``GET /{container}?restype=container&comp=list``: flat, or folder by folder with a delimiter."""
    account = _account(call, READ)
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    entries: dict[str, Blob | None] = {}
    for blob in blobs_of(call.azure, account, call.params["container"]):
        if blob.name.startswith(prefix):
            head, cut, _ = blob.name[len(prefix) :].partition(delimiter) if delimiter else (blob.name, "", "")
            entries[f"{prefix}{head}{cut}" if cut else blob.name] = None if cut else blob
    names = [name for name in sorted(entries) if name >= call.query.get("marker", "")]
    size = min(int(call.query.get("maxresults") or _MOST), _MOST)
    return Answer(200, None, {"content-type": "application/xml"}, _listed(call, account, entries, names, size))


def _listed(call: Call, account: StorageAccount, entries: dict[str, Blob | None], names: list[str], size: int) -> bytes:
    where = {"ServiceEndpoint": account.blob_url, "ContainerName": call.params["container"]}
    root = ET.Element("EnumerationResults", where)
    if prefix := call.query.get("prefix"):
        _text(root, "Prefix", prefix)
    listed = ET.SubElement(root, "Blobs")
    for name in names[:size]:
        blob = entries[name]
        shown = ET.SubElement(listed, "BlobPrefix" if blob is None else "Blob")
        _text(shown, "Name", name)
        if blob is not None:
            properties = ET.SubElement(shown, "Properties")
            for title, value in (
                ("Creation-Time", stamp(blob.created)),
                ("Last-Modified", stamp(blob.modified)),
                ("Etag", blob.etag.strip('"')),
                ("Content-Length", str(len(blob.content))),
                ("Content-Type", blob.content_type),
                ("BlobType", "BlockBlob"),
            ):
                _text(properties, title, value)
    _text(root, "NextMarker", names[size] if len(names) > size else "")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _text(parent: ET.Element, title: str, value: str) -> None:
    ET.SubElement(parent, title).text = value


def get_container(call: Call) -> Answer:
    """``GET /{container}?restype=container``: a list, or whether it is there."""
    if call.query.get("comp") == "list":
        return list_blobs(call)
    _account(call, READ)
    return Answer(200)


BLOB_OPERATIONS = [
    Operation("GET", "/{container}", get_container),
    Operation("HEAD", "/{container}", get_container),
    Operation("GET", "/{container}/{blob:path}", get_blob),
    Operation("HEAD", "/{container}/{blob:path}", head_blob),
    Operation("PUT", "/{container}/{blob:path}", put_blob),
    Operation("DELETE", "/{container}/{blob:path}", delete_blob),
]
