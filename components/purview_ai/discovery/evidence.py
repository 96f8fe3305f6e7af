"""Evidence that a connector profile is right: its shape as a real account had it, and nothing of whose account.

A file of it beside an app's ``app.toml`` is what ``verified = true`` stands on (docs/connector-profile.md).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from purview_ai.apps.profile import has_placeholder
from purview_ai.datamap.client import ARM_VERSION, SCANNING
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from purview_ai.apps.profile import ConnectorProfile
    from purview_ai.discovery.deriving import Derived
    from purview_ai.discovery.registered import Registered
    from purview_ai.json_values import JsonObject

WITHHELD = "(withheld)"
"""Instead of a property whose very name is the tenant's own."""
FILE = "evidence.json"
_PLACEHOLDERS = re.compile(r"\{\w+(?::[^{}]+)?\}")
_GUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Host:
    """Where the account's Data Map answered."""

    form: str
    """``classic`` or ``tenant``, without the name."""
    cloud: str


def evidence_of(app: str, found: Registered, derived: Derived, host: Host, private: AbstractSet[str]) -> JsonObject:
    """What may be shown to anybody of a profile that was read from an account.

    Args:
        app: Whose connector it is.
        found: What was read.
        derived: The profile, as it was derived.
        host: Where it was read.
        private: The tenant's own words; a property that is called so is withheld.
    """
    return {
        "app": app,
        "date": datetime.now(UTC).date().isoformat(),
        "purview_ai": metadata.version("purview-ai"),
        "host": host.form,
        "cloud": host.cloud,
        "api_versions": {"arm": ARM_VERSION, "scanning": SCANNING.version},
        "profile": _without(shape(derived.profile), {word.lower() for word in private if word}),
        "left_to_the_service": derived.added,
        "round_trip_equal": derived.equal,
        "counts": {"data_sources": found.data_sources, "scans": found.scans, "not_expressed": len(derived.unexpressed)},
    }


def shape(profile: ConnectorProfile) -> JsonObject:
    """The kinds, and the names of properties with what stands there: a placeholder, or the sort of a constant."""
    return {
        "data_source": {"kind": profile.data_source.kind, "properties": _shape(profile.data_source.properties)},
        "scan": {"kind": profile.scan.kind, "properties": _shape(profile.scan.properties)},
        "credential": profile.credential.model_dump(),
    }


def shipped_evidence(app: str) -> JsonObject | None:
    """The evidence that is kept beside an app's data file."""
    file = resources.files("purview_ai.apps") / app.replace("-", "_") / FILE
    return json.loads(file.read_text()) if file.is_file() else None


def doubts(evidence: JsonObject | None, app: str, profile: ConnectorProfile) -> list[str]:
    """Why evidence does not show that an app's profile is right; empty where it does."""
    if evidence is None:
        return ["there is no evidence"]
    told: list[str] = []
    if evidence.get("app") != app:
        told.append(f"it is of {evidence.get('app')}")
    if evidence.get("round_trip_equal") is not True:
        told.append("the profile that was read did not say all that was there")
    if evidence.get("profile") != shape(profile):
        told.append("the profile that was read is of another shape")
    return told


def _shape(value: Any) -> Any:
    if is_object(value):
        return {name: _shape(member) for name, member in value.items()}
    if is_list(value):
        return [_shape(member) for member in value]
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        # What stands around a placeholder may be an address of the tenant's.
        return " ".join(_PLACEHOLDERS.findall(value)) if has_placeholder(value) else "a text"
    return "a number"


def _without(value: Any, private: set[str]) -> Any:
    if is_list(value):
        return [_without(member, private) for member in value]
    if not is_object(value):
        return value
    return {
        WITHHELD if name.lower() in private or _GUID.search(name) else name: _without(member, private)
        for name, member in value.items()
    }
