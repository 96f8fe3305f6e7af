"""Objects of this package's own provider, read and compared as a refresh reads and compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from purview_ai.datamap.data_source import DataSourceKind
from purview_ai.datamap.kinds import SCAN
from purview_ai.drift.change import NOT_RECORDED, Change
from purview_ai.drift.checkpoint import opaque_paths
from purview_ai.drift.sight import ENCRYPTED, NotCoveredError, Sight
from purview_ai.dynamic.families import KIND
from purview_ai.json_values import whole_numbers
from purview_ai.objects.lifecycle import ADOPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.json_values import JsonObject
    from purview_ai.objects.lifecycle import Lifecycle

TYPES = "pulumi-python:dynamic"
"""How the types of all dynamic providers' resources begin."""


def is_own(recorded: Recorded) -> bool:
    """Whether it is an object of this package's provider."""
    return recorded.type.startswith(TYPES) and KIND in recorded.outputs


def look(kind: Lifecycle[Any], api: Any, recorded: Recorded, beside: Sequence[Recorded]) -> Sight:
    """Read an object and compare what is there with what the stack wishes (docs/facts.md, engine 32)."""
    hidden = sorted({str(path[0]) for values in (recorded.inputs, recorded.outputs) for path in opaque_paths(values)})
    known, wished = _fields(recorded.outputs, hidden), _fields(recorded.inputs, hidden)
    try:
        found = kind.read(api, known)
    except (KeyError, ValidationError) as error:
        missing = f"without {', '.join(hidden)}, which is {ENCRYPTED}" if hidden else f"by what is recorded: {error}"
        msg = f"it cannot be looked for {missing}"
        raise NotCoveredError(msg) from error
    uncovered = dict.fromkeys(hidden, ENCRYPTED)
    if found is None:
        return Sight([Change(recorded.name, kind.name, "")], uncovered)
    now = found.fields
    changed = [name for name in kind.diff(now, wished).changed if name not in recorded.ignored]
    sight = Sight([Change(recorded.name, kind.name, name, wished[name], now.get(name)) for name in changed], uncovered)
    if isinstance(kind, DataSourceKind):
        _add_others(sight, recorded, kind.name, _not_recorded(kind.scans(api, known), known, beside))
    return sight


def _not_recorded(scans: list[str], source: JsonObject, beside: Sequence[Recorded]) -> list[str]:
    """The scans of a data source of which the stack has recorded nothing."""
    fields = [one.outputs for one in beside if is_own(one) and one.outputs[KIND] == SCAN.name]
    recorded = {str(one.get("name")).lower() for one in fields if one.get("data_source") == source.get("name")}
    return [name for name in scans if name.lower() not in recorded]


def _add_others(sight: Sight, recorded: Recorded, kind: str, scans: list[str]) -> None:
    """Each of them ingests the same interactions once more; where the source was there before, it may be meant so."""
    for scan in scans:
        if recorded.outputs.get(ADOPTED):
            sight.uncovered[f"scan {scan}"] = "not the stack's, and the data source was there before it"
        else:
            sight.changes.append(Change(recorded.name, kind, f"scan {scan}", None, NOT_RECORDED))


def _fields(properties: JsonObject, hidden: list[str]) -> JsonObject:
    """An object's own fields, as the provider takes them from Pulumi's."""
    left_out = {KIND, *hidden}
    return {
        name: whole_numbers(value)
        for name, value in properties.items()
        if not name.startswith("__") and name not in left_out
    }
