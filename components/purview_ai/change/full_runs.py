"""Whether a run would look at all of a source once more: every interaction is ingested again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.change.preview import UNKNOWN, Action
from purview_ai.datamap.kinds import RUN, SCAN, TRIGGER
from purview_ai.datamap.wishes import ScanLevel

if TYPE_CHECKING:
    from purview_ai.change.preview import Change, Preview

_GOES_ON = (Action.CHANGE, Action.REPLACE)
_FIRST = 1
_LEVEL = "scan_level"
_RECURRENCE = ("frequency", "interval", "start_time", "end_time", "hours", "minutes", "week_days", "month_days")


def full_run(change: Change) -> str:
    """What of it is, as the end of a sentence; the first run of a new scan has nothing to ingest again."""
    if change.type == RUN.name:
        return _asked_for(change)
    return _scheduled(change) if change.type == TRIGGER.name else ""


def of_a_new_scan(change: Change, preview: Preview) -> bool:
    """Whether it is the first run of a scan that the same deployment makes: then any generation is the first one.

    A scan that may be taken over may have had its first run.
    """
    if change.type != RUN.name or change.action is not Action.CREATE:
        return False
    place = [change.value(name) for name in ("account_id", "data_source", "scan")]
    return UNKNOWN not in place[1:] and any(_made_at(place, one) for one in preview.changes)


def _made_at(place: list[Any], scan: Change) -> bool:
    made = scan.type == SCAN.name and scan.action is Action.CREATE and scan.value("adopt") in (None, False)
    return made and [scan.value(name) for name in ("account_id", "data_source", "name")] == place


def _asked_for(change: Change) -> str:
    generation = change.changed("generation")
    if generation is None or change.value("level") == ScanLevel.INCREMENTAL:
        return ""
    another = change.action in _GOES_ON or generation.now != _FIRST
    return f"would be a full one, of generation {generation.now}" if another else ""


def _scheduled(change: Change) -> str:
    if change.value(_LEVEL) == ScanLevel.INCREMENTAL:
        return ""
    if change.action is Action.CREATE or change.changed(_LEVEL):
        return f"would start {str(change.value(_LEVEL)).lower()} runs"
    switched = change.changed("enabled")
    if switched and switched.now is not False:
        return "would start full runs again"
    return "would start full runs at other times" if any(map(change.changed, _RECURRENCE)) else ""
