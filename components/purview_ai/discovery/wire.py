"""What of an answered object is the connector's own, and what every object of its kind has."""

from __future__ import annotations

from typing import Any

from purview_ai.discovery.texts import with_texts
from purview_ai.json_values import JsonObject, is_object

_OF_EVERY_OBJECT = frozenset({"collection", "createdAt", "lastModifiedAt"})
_PROPERTIES = {
    "data source": _OF_EVERY_OBJECT | {"dataSourceCollectionMovingState", "parentCollection"},
    "scan": _OF_EVERY_OBJECT | {"domain", "lastRunResult", "lastRunStatus", "scanRulesetVersion", "scanScopeType"},
    "credential": _OF_EVERY_OBJECT | {"description", "typeProperties"},
}
"""Properties that the service adds, or that the stack sends by itself (docs/facts.md, purview 2.2, 2.3, 6.7)."""
_MEMBERS = {
    "data source": {"creationType", "scans"},
    "scan": {"creationType", "dataSourceIdentifier", "dataSourceName", "lastRunResult", "scanId", "scanResults"},
    "credential": set[str](),
}
_MEMBERS_OF_ALL = {"id", "kind", "name", "properties"}


def own_properties(kind: str, properties: Any) -> JsonObject:
    """The properties that only a connector profile can say; those that are null say nothing."""
    known = properties if is_object(properties) else {}
    return with_texts(
        {name: value for name, value in known.items() if name not in _PROPERTIES[kind]}, lambda _, text: text
    )


def added_by_service(kind: str, found: JsonObject) -> list[str]:
    """The properties of an object that no profile says."""
    properties = found.get("properties")
    return sorted(set(properties) & _PROPERTIES[kind]) if is_object(properties) else []


def unknown_members(kind: str, found: JsonObject) -> list[str]:
    """What stands beside an object's properties and is in no description."""
    return sorted(name for name, value in found.items() if value is not None and name not in _known_members(kind))


def _known_members(kind: str) -> set[str]:
    return _MEMBERS_OF_ALL | _MEMBERS[kind]
