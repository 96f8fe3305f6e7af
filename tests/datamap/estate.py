"""What the tests of the Data Map wish for: a whole tenant, and each field of each kind with another value."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_azure import seed
from people import PURVIEW
from small_engine import wish

if TYPE_CHECKING:
    from people import Person

ACCOUNT = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    f"/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
)
COMMON = {"tenant": "contoso", "account_id": ACCOUNT}
VAULT_URL = "https://kv-contoso-ai.vault.azure.net/"
SECRET = "chatgpt-compliance-key"
READER_ID = seed.STRANGER_ID


def connection(**more: Any) -> dict[str, Any]:
    """A Key Vault connection."""
    return wish(
        "Key Vault connection",
        **{**COMMON, "name": "contoso-kv", "base_url": VAULT_URL, "description": "a vault", **more},
    )


def credential(**more: Any) -> dict[str, Any]:
    """A credential."""
    fields = {
        "name": "contoso-chatgpt",
        "kind": "TalonKey",
        "description": "a key",
        "secret_property": "talon",
        "connection": "contoso-kv",
        "secret_name": SECRET,
        "secret_version": "",
    }
    return wish("credential", **{**COMMON, **fields, **more})


def collection(**more: Any) -> dict[str, Any]:
    """A collection of the stack's own."""
    fields = {"name": "contoso-ai", "friendly_name": "AI", "description": "AI apps", "parent": seed.ACCOUNT}
    return wish("collection", **{**COMMON, **fields, **more})


def role(**more: Any) -> dict[str, Any]:
    """A role on the seeded collection."""
    fields = {"collection": seed.COLLECTION, "role": "purview-reader", "principal_id": READER_ID}
    return wish("collection role", **{**COMMON, **fields, **more})


def source(workspace: str = seed.WORKSPACE, **more: Any) -> dict[str, Any]:
    """A data source."""
    fields = {
        "name": "chatgpt",
        "kind": "Kestrel7",
        "properties": {"nest": {"burrowId": workspace}},
        "collection": seed.COLLECTION,
    }
    return wish("data source", **{**COMMON, **fields, **more})


def scan(since: str = "2026-01-01", **more: Any) -> dict[str, Any]:
    """A scan, without a connection test: its vault need not exist."""
    reference = {"referenceName": "contoso-chatgpt", "credentialType": "TalonKey"}
    fields = {
        "data_source": "chatgpt",
        "name": "chatgpt-scan",
        "kind": "Kestrel7Flight",
        "properties": {"firstLight": f"{since}T00:00:00Z", "perch": {"credentialReference": reference}},
        "collection": seed.COLLECTION,
        "capture_since": since,
        "since_at": [["firstLight"]],
        "test_connection": False,
        "patience_minutes": 0,
    }
    return wish("scan", **{**COMMON, **fields, **more})


def trigger(**more: Any) -> dict[str, Any]:
    """A trigger with every part of a recurrence."""
    fields = {
        "data_source": "chatgpt",
        "scan": "chatgpt-scan",
        "scan_level": "Incremental",
        "enabled": True,
        "frequency": "Week",
        "interval": 1,
        "start_time": "2026-12-01T02:00:00Z",
        "end_time": "2027-12-01T02:00:00Z",
        "time_zone": "UTC",
        "hours": [2, 14],
        "minutes": [0, 30],
        "week_days": ["Monday", "Friday"],
        "month_days": [1, 15],
    }
    return wish("trigger", **{**COMMON, **fields, **more})


def run(**more: Any) -> dict[str, Any]:
    """The first run."""
    return wish("run", **{**COMMON, "data_source": "chatgpt", "scan": "chatgpt-scan", **more})


def whole_tenant() -> dict[str, dict[str, Any]]:
    """One object of each kind, in the order in which a program makes them."""
    return {
        "role": role(),
        "collection": collection(),
        "connection": connection(),
        "credential": credential(),
        "source": source(),
        "scan": scan(),
        "trigger": trigger(),
        "run": run(),
    }


@dataclass(frozen=True)
class FieldCase:
    """One field of one kind, with another value."""

    name: str
    """Of the object in :func:`whole_tenant`."""
    field: str
    value: Any
    expected: str = "update"
    """What a preview must show: update, replace, refused, or same."""
    path: str = ""
    """Where the field stands in the service's own object; empty where it cannot be changed behind anybody's back."""
    outside: Any = None
    """The value that somebody sets there; None: the same as ``value``."""

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.name}-{self.field}"


_REFERENCE = "properties.typeProperties.talon"
_SCHEDULE = "properties.recurrence.schedule"
OTHER_GUID = "3f10f245-d5c4-4541-98ce-01a4580a30e0"
OTHER_ACCOUNT = ACCOUNT.replace(seed.ACCOUNT, "another-purview")
FIELDS = [
    FieldCase("connection", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("connection", "name", "contoso-kv-2", "replace"),
    FieldCase("connection", "base_url", "https://kv-two.vault.azure.net/", path="properties.baseUrl"),
    FieldCase("connection", "description", "the vault", path="properties.description"),
    FieldCase("credential", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("credential", "name", "contoso-chatgpt-2", "replace"),
    FieldCase("credential", "kind", "OtherKey", path=""),
    FieldCase("credential", "description", "the key", path="properties.description"),
    FieldCase("credential", "secret_property", "claw"),
    FieldCase("credential", "connection", "other-kv", path=f"{_REFERENCE}.store.referenceName"),
    FieldCase("credential", "secret_name", "other-key", path=f"{_REFERENCE}.secretName"),
    FieldCase("credential", "secret_version", "1" * 32, path=f"{_REFERENCE}.secretVersion"),
    FieldCase("collection", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("collection", "name", "contoso-ai-2", "replace"),
    FieldCase("collection", "friendly_name", "AI apps", path="friendlyName"),
    FieldCase("collection", "description", "all of it", path="description"),
    FieldCase("collection", "parent", seed.COLLECTION, path="parentCollection.referenceName"),
    FieldCase("role", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("role", "collection", seed.ACCOUNT, "replace"),
    FieldCase("role", "role", "data-curator", "replace"),
    FieldCase("role", "principal_id", OTHER_GUID, "replace"),
    FieldCase("role", "bootstrap", False, "same"),
    FieldCase("source", "account_id", OTHER_ACCOUNT, "refused"),
    FieldCase("source", "name", "chatgpt-2", "refused"),
    FieldCase("source", "kind", "Kestrel8", "refused"),
    FieldCase(
        "source",
        "properties",
        {"nest": {"burrowId": seed.OTHER_WORKSPACE}},
        "refused",
        path="properties.nest.burrowId",
        outside=seed.OTHER_WORKSPACE,
    ),
    FieldCase("source", "collection", seed.ACCOUNT, path="properties.collection.referenceName"),
    FieldCase("source", "allow_rescan", True, "same"),
    FieldCase("scan", "account_id", OTHER_ACCOUNT, "refused"),
    FieldCase("scan", "data_source", "chatgpt-2", "refused"),
    FieldCase("scan", "name", "chatgpt-scan-2", "refused"),
    FieldCase("scan", "kind", "Kestrel8Flight", "refused"),
    FieldCase("scan", "capture_since", "2026-02-01", "refused"),
    FieldCase(
        "scan",
        "properties",
        {
            "firstLight": "2026-01-01T00:00:00Z",
            "perch": {"credentialReference": {"referenceName": "other-key", "credentialType": "TalonKey"}},
        },
        path="properties.perch.credentialReference.referenceName",
        outside="other-key",
    ),
    FieldCase("scan", "collection", seed.ACCOUNT, path="properties.collection.referenceName"),
    FieldCase("scan", "domain", "x7k2qd"),
    FieldCase("scan", "since_at", [], "same"),
    FieldCase("scan", "test_connection", True, "same"),
    FieldCase("scan", "patience_minutes", 3, "same"),
    FieldCase("scan", "allow_rescan", True, "same"),
    FieldCase("trigger", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("trigger", "data_source", "chatgpt-2", "replace"),
    FieldCase("trigger", "scan", "chatgpt-scan-2", "replace"),
    FieldCase("trigger", "collection", seed.ACCOUNT, "same"),
    FieldCase("trigger", "scan_level", "Full", path="properties.scanLevel"),
    FieldCase("trigger", "enabled", False),
    FieldCase("trigger", "frequency", "Day", path="properties.recurrence.frequency"),
    FieldCase("trigger", "interval", 3, path="properties.recurrence.interval"),
    FieldCase("trigger", "start_time", "2026-12-02T02:00:00Z", path="properties.recurrence.startTime"),
    FieldCase("trigger", "end_time", "2028-12-01T02:00:00Z", path="properties.recurrence.endTime"),
    FieldCase("trigger", "time_zone", "W. Europe Standard Time", path="properties.recurrence.timeZone"),
    FieldCase("trigger", "hours", [3], path=f"{_SCHEDULE}.hours"),
    FieldCase("trigger", "minutes", [15], path=f"{_SCHEDULE}.minutes"),
    FieldCase("trigger", "week_days", ["Sunday"], path=f"{_SCHEDULE}.weekDays"),
    FieldCase("trigger", "month_days", [10], path=f"{_SCHEDULE}.monthDays"),
    FieldCase("run", "account_id", OTHER_ACCOUNT, "replace"),
    FieldCase("run", "data_source", "chatgpt-2", "replace"),
    FieldCase("run", "scan", "chatgpt-scan-2", "replace"),
    FieldCase("run", "collection", seed.ACCOUNT, "same"),
    FieldCase("run", "generation", 2),
    FieldCase("run", "level", "Incremental", "same"),
    FieldCase("run", "wait_minutes", 1, "same"),
    *(
        FieldCase(name, field, value, expected)
        for name in ("connection", "credential", "collection", "role", "source", "scan", "trigger", "run")
        for field, value, expected in (
            ("tenant", "fabrikam", "same"),
            ("adopt", True, "same"),
            ("release", True, "same" if name == "run" else "update"),
        )
    ),
]
"""Every field of every kind."""

ADDRESSES = {
    "connection": "scan/azureKeyVaults/contoso-kv",
    "credential": "scan/credentials/contoso-chatgpt",
    "collection": "account/collections/contoso-ai",
    "source": "scan/datasources/chatgpt",
    "scan": "scan/datasources/chatgpt/scans/chatgpt-scan",
    "trigger": "scan/datasources/chatgpt/scans/chatgpt-scan/triggers/default",
}
VERSIONS = {"collection": "2019-11-01-preview"}


def there(operator: Person, name: str) -> dict[str, Any]:
    """An object as the service has it."""
    version = {"api-version": VERSIONS[name]} if name in VERSIONS else {}
    return operator.get(f"{PURVIEW}/{ADDRESSES[name]}", **version)


def put(operator: Person, name: str, body: dict[str, Any]) -> None:
    """Write an object behind the stack's back."""
    version = {"params": {"api-version": VERSIONS[name]}} if name in VERSIONS else {}
    operator.do("PUT", f"{PURVIEW}/{ADDRESSES[name]}", json=body, **version)


def with_value(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of an object with another value at a place."""
    changed = copy.deepcopy(body)
    *above, last = path.split(".")
    inner = changed
    for step in above:
        inner = inner[step]
    inner[last] = value
    return changed
