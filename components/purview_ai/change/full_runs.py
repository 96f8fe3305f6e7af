"""Whether a run would look at all of a source once more: every interaction is ingested again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.change.preview import Action
from purview_ai.datamap.kinds import RUN, TRIGGER
from purview_ai.datamap.wishes import ScanLevel

if TYPE_CHECKING:
    from purview_ai.change.preview import Change

_GOES_ON = (Action.CHANGE, Action.REPLACE)
_FIRST = 1
_LEVEL = "scan_level"
_RECURRENCE = ("frequency", "interval", "start_time", "end_time", "hours", "minutes", "week_days", "month_days")


def full_run(change: Change) -> str:
    """What of it is, as the end of a sentence; the first run of a new scan has nothing to ingest again."""
    if change.type == RUN.name:
        return _asked_for(change)
    return _scheduled(change) if change.type == TRIGGER.name else ""


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
