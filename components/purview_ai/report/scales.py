"""The axes of the charts: where a value stands on them, and which values they name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from purview_ai.report.times import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDE_SPREAD = 30
"""With a largest value so many times the middle one, an even scale would press most values onto the axis."""
_HEADROOM = 1.06
_DURATIONS = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000)
_GROWING_DURATIONS = (0, 10, 60, 600, 3600, 21600, 86400, 604800, 2592000)
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168, 336, 672, 2184, 4368, 8736))
_DAY = 86400
_YEAR = 364 * _DAY
_EVEN_TICKS = 5


@dataclass(frozen=True)
class Scale:
    """The axis of a figure."""

    ticks: tuple[tuple[float, str], ...]
    """Places on the axis, and what is written there."""
    top: float
    logarithmic: bool

    def place(self, value: float) -> float:
        """Where a value stands."""
        return math.log10(1 + value) if self.logarithmic else value


def scale_of_counts(values: Sequence[float]) -> Scale:
    """For whole numbers."""
    even = _even_steps(max(values), (1, 2, 5))
    return _scale(values, even, [0, *(10.0**power for power in range(1, 13))], lambda value: f"{round(value):,}")


def scale_of_durations(values: Sequence[float]) -> Scale:
    """For seconds, named in the units that people use."""
    step = next((step for step in _DURATIONS if max(values) / step <= _EVEN_TICKS), 0)
    even = _up_to(max(values), step) if step else _even_steps(max(values), (_DAY,))
    return _scale(values, even, _GROWING_DURATIONS, duration)


def scale_of_days(moments: Sequence[datetime], most: int) -> tuple[tuple[float, float], tuple[tuple[float, str], ...]]:
    """The range of an axis of time, in seconds since 1970, and at most so many ticks on it."""
    low, high = (when.timestamp() for when in (min(moments), max(moments)))
    room = max((high - low) * 0.03, (_DAY - (high - low)) / 2)
    low, high = low - room, high + room
    step = next((step.total_seconds() for step in _STEPS if (high - low) / step.total_seconds() <= most), 0.0)
    step = step or math.ceil((high - low) / most / _YEAR) * _YEAR
    places = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return (low, high), tuple((place, _day_or_hour(place)) for place in places)


def _day_or_hour(place: float) -> str:
    """A day where it begins, and an hour elsewhere; no range is so short that no day begins in it."""
    return datetime.fromtimestamp(place, UTC).strftime("%H:%M" if place % _DAY else "%Y-%m-%d")


def _scale(
    values: Sequence[float], even: Sequence[float], growing: Sequence[float], written: Callable[[float], str]
) -> Scale:
    largest, positive = max(values), [value for value in values if value > 0]
    if positive and largest > WIDE_SPREAD * median(positive):
        scale = Scale((), 0, logarithmic=True)
        ticks = [value for value in growing if value <= largest]
    else:
        scale = Scale((), 0, logarithmic=False)
        ticks = list(even)
    top = max(scale.place(largest), scale.place(ticks[-1])) * _HEADROOM
    return Scale(tuple((scale.place(tick), written(tick)) for tick in ticks), top, scale.logarithmic)


def _even_steps(largest: float, firsts: Sequence[int]) -> list[float]:
    """From zero up, four to five steps of a round size."""
    step = next(first * 10**power for power in range(300) for first in firsts if largest <= 5 * first * 10**power)
    return _up_to(largest, step)


def _up_to(largest: float, step: float) -> list[float]:
    return [number * step for number in range(max(math.ceil(largest / step), 1) + 1)]
