"""Whether a trigger would start fewer runs, or later ones.

Each part of a schedule is judged by itself: who gives with one hand and takes with the other is stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.change import pauses
from purview_ai.change.preview import UNKNOWN
from purview_ai.datamap.wishes import WEEK_DAYS, Frequency
from purview_ai.json_values import is_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.change.preview import Change, Property

_HOURS = {Frequency.HOUR: (1, 1), Frequency.DAY: (24, 24), Frequency.WEEK: (168, 168), Frequency.MONTH: (672, 744)}
"""The least and the most hours of a unit."""
_DAYS_OF = {Frequency.WEEK: "week_days", Frequency.MONTH: "month_days"}
"""The days on which runs start within a unit."""
_ROUNDS = {"hours": (24,), "minutes": (60,), "week_days": (7,), "month_days": (28, 29, 30, 31)}
"""After how many steps each list of times begins anew; a month that has no such day has no run then."""
_MOMENTS = ("start_time", "end_time")


def slower(change: Change) -> str:
    """What of a trigger's schedule is less than before, as the end of a sentence; empty where nothing is."""
    return next(_slower(change), "")


def _slower(change: Change) -> Iterator[str]:
    frequency, interval = change.changed("frequency"), change.changed("interval")
    if _more_apart(change, frequency) if frequency else interval and _more(interval.was, interval.now):
        yield "would start runs less often"
    for name, rounds in _ROUNDS.items():
        found = change.changed(name)
        # The days of another unit are not comparable with these.
        if (
            found
            and not (frequency and name in _DAYS_OF.values())
            and any(_fewer(name, found, steps) for steps in rounds)
        ):
            yield f"would start runs at fewer times, or with longer pauses: {name}"
    for name in _MOMENTS:
        found = change.changed(name)
        if found and _outside(name, found.was, found.now):
            yield f"would start no runs for a time: {name}"


def _more_apart(change: Change, frequency: Property) -> bool:
    """Whether in another unit runs are further apart, on average or at the longest."""
    if not {frequency.was, frequency.now} <= _HOURS.keys():
        return True
    was, now = _both(change, "interval")
    if not (_is_number(was) and _is_number(now)):
        return True
    before, after = _DAYS_OF.get(frequency.was, ""), _DAYS_OF.get(frequency.now, "")
    days_before = _steps(before, _both(change, before)[0])
    days_now = _steps(after, _both(change, after)[1])
    average_before = _HOURS[frequency.was][0] * was / max(len(days_before), 1)
    average_now = _HOURS[frequency.now][1] * now / max(len(days_now), 1)
    pause_before = pauses.longest(frequency.was, int(was), days_before, min)
    pause_now = pauses.longest(frequency.now, int(now), days_now, max)
    return average_now > average_before or pause_now > pause_before


def _both(change: Change, name: str) -> tuple[Any, Any]:
    """A part of the schedule, before and after."""
    found = change.changed(name)
    return (found.was, found.now) if found else (change.stays.get(name), change.stays.get(name))


def _more(was: Any, now: Any) -> bool:
    return not (_is_number(was) and _is_number(now)) or now > was


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _fewer(name: str, found: Property, whole: int) -> bool:
    """Whether times are fewer or further apart, of so many that there are.

    What an empty list means is not known: before, it is taken for every time, and from now on for one.
    """
    if UNKNOWN in (found.was, found.now):
        return True
    before = [step for step in _steps(name, found.was) or range(whole) if step < whole]
    after = [step for step in _steps(name, found.now) or [0] if step < whole]
    if not (before and after):
        return bool(before)
    return len(after) < len(before) or _longest_pause(after, whole) > _longest_pause(before, whole)


def _steps(name: str, times: Any) -> list[int]:
    found: list[Any] = times if is_list(times) else []
    first = 1 if name == "month_days" else 0
    return sorted({WEEK_DAYS.index(time) if name == "week_days" else int(time) - first for time in found})


def _longest_pause(steps: list[int], whole: int) -> int:
    return max(later - earlier for earlier, later in zip(steps, [*steps[1:], steps[0] + whole], strict=True))


def _outside(name: str, was: Any, now: Any) -> bool:
    """Whether the schedule begins later or ends earlier; times are in one form, and empty where there is none."""
    if UNKNOWN in (was, now):
        return True
    if name == "start_time":
        return (now or "") > (was or "")
    return bool(now) and (not was or now < was)
