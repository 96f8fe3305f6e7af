"""How long a trigger's schedule lets nothing start, from one run to the next."""

from __future__ import annotations

from itertools import pairwise
from math import gcd, inf
from typing import TYPE_CHECKING

from purview_ai.datamap.wishes import Frequency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP = (31, 29, *_MONTHS[2:])
_FOUR_YEARS = (*_MONTHS, *_LEAP, *_MONTHS, *_MONTHS)
"""The days of each month until the calendar begins anew; where it does not is years away."""
_WEEK = 7
_HOURS = 24


def longest(frequency: str, interval: int, days: Sequence[int], of: Callable[[Iterator[float]], float]) -> float:
    """The longest pause, in hours; infinite where no run ever starts.

    Args:
        frequency: The unit.
        interval: After how many units it begins anew; at least 1.
        days: On which days of the week or month runs start, from 0; none: on one of them.
        of: ``min`` or ``max``: which of several that are possible, since nobody knows in which month it begins.
    """
    match frequency:
        case Frequency.HOUR:
            return float(interval)
        case Frequency.DAY:
            return float(_HOURS * interval)
        case Frequency.WEEK:
            return _HOURS * _longest([*sorted(days or [0])], _WEEK * interval)
        case _:
            return _HOURS * of(_in_months(begin, interval, days or [0]) for begin in range(gcd(interval, 48)))


def _in_months(begin: int, interval: int, days: Sequence[int]) -> float:
    """The longest pause in days where the first month is the one of this number."""
    count = len(_FOUR_YEARS)
    round_ = count // gcd(interval, count)
    starts: list[int] = []
    for step in range(round_):
        years, month = divmod(begin + step * interval, count)
        first = years * sum(_FOUR_YEARS) + sum(_FOUR_YEARS[:month])
        # A month that has no such day has no run then.
        starts += [first + day for day in sorted(days) if day < _FOUR_YEARS[month]]
    return _longest(starts, round_ * interval * sum(_FOUR_YEARS) // count)


def _longest(starts: Sequence[int], whole: int) -> float:
    """The longest time between two starts in days, where all of them come again after so many."""
    if not starts:
        return inf
    return float(max(later - sooner for sooner, later in pairwise([*starts, starts[0] + whole])))
