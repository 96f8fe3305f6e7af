"""The connectors that this Data Map knows, by their wire names.

The names of the real ChatGPT Enterprise connector are not published (docs/facts.md, purview 0), so the sandbox
speaks names of its own, unlike any that a product could ship: a profile that was guessed is refused here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_azure.call import is_object, part
from local_azure.errors import ServiceError

if TYPE_CHECKING:
    from local_azure.call import JsonObject


@dataclass(frozen=True)
class Connector:
    """One connector: its kinds, and where its own properties stand."""

    source_kind: str
    workspace: tuple[str, ...]
    scan_kind: str
    since: tuple[str, ...]
    scan_credential: tuple[str, ...]
    credential_kind: str
    credential_secret: str


CHATGPT = Connector(
    source_kind="Kestrel7",
    workspace=("nest", "burrowId"),
    scan_kind="Kestrel7Flight",
    since=("firstLight",),
    scan_credential=("perch", "credentialReference"),
    credential_kind="TalonKey",
    credential_secret="talon",
)

_SOURCE_COMMON = {
    "collection",
    "createdAt",
    "lastModifiedAt",
    "parentCollection",
    "dataSourceCollectionMovingState",
}
_SCAN_COMMON = {
    "businessRuleSetName",
    "collection",
    "connectedVia",
    "createdAt",
    "domain",
    "isLiveViewEnabled",
    "isPresetScan",
    "lastModifiedAt",
    "logLevel",
    "parallelScanCount",
    "scanRulesetName",
    "scanRulesetType",
    "scanScopeType",
    "workers",
}


def value_at(properties: JsonObject, path: tuple[str, ...]) -> object:
    """What stands at a path, or None."""
    found: object = properties
    for step in path:
        found = found.get(step) if is_object(found) else None
    return found


def _refuse_unknown(what: str, given: object, own: set[str]) -> None:
    names = set(given) if is_object(given) else set[str]()
    for name in sorted(names - own):
        raise ServiceError(400, "InvalidInput", f"Could not find member '{name}' on {what}.")


def check_source(body: JsonObject, *, kinds: bool, properties: bool) -> None:
    """Refuse a data source whose kind or properties this Data Map does not know."""
    if kinds and body.get("kind") != CHATGPT.source_kind:
        says = f"Requested value '{body.get('kind')}' was not found among the data source kinds."
        raise ServiceError(400, "InvalidInput", says)
    if properties:
        given = part(body, "properties")
        _refuse_unknown("the data source", given, {CHATGPT.workspace[0], *_SOURCE_COMMON})
        _refuse_unknown("the data source", given.get(CHATGPT.workspace[0]), {CHATGPT.workspace[1]})
        if not isinstance(value_at(given, CHATGPT.workspace), str):
            says = f"Required property '{'.'.join(CHATGPT.workspace)}' not found."
            raise ServiceError(400, "InvalidInput", says)


def check_scan(body: JsonObject, *, kinds: bool, properties: bool) -> None:
    """Refuse a scan whose kind or properties this Data Map does not know."""
    if kinds and body.get("kind") != CHATGPT.scan_kind:
        says = f"Requested value '{body.get('kind')}' was not found among the scan kinds."
        raise ServiceError(400, "InvalidInput", says)
    if properties:
        given = part(body, "properties")
        own = {CHATGPT.since[0], CHATGPT.scan_credential[0], *_SCAN_COMMON}
        _refuse_unknown("the scan", given, own)


def check_credential(body: JsonObject, *, kinds: bool, properties: bool) -> None:
    """Refuse a credential whose kind or properties this Data Map does not know."""
    if kinds and body.get("kind") != CHATGPT.credential_kind:
        says = f"Requested value '{body.get('kind')}' was not found among the credential kinds."
        raise ServiceError(400, "InvalidInput", says)
    if properties:
        given = part(body, "properties", "typeProperties")
        _refuse_unknown("the credential", given, {CHATGPT.credential_secret})
