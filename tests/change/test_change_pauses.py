"""The longest pause of a schedule is the one that a calendar shows."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.change.pauses import longest

DAY_H = 24
MONTHS = 60 * 12
"""Within which each step of months meets each leap year; 2100 is none."""


def on_a_calendar(begin: int, interval: int, days: list[int]) -> float:
    """The longest pause in hours between runs on these days of the month, from a month of 2025 on."""
    starts: list[date] = []
    for month in range(begin, MONTHS, interval):
        first = date(2025 + month // 12, month % 12 + 1, 1)
        whole = monthrange(first.year, first.month)[1]
        starts += [first + timedelta(days=day) for day in sorted(days) if day < whole]
    return max((DAY_H * (later - sooner).days for sooner, later in pairwise(starts)), default=inf)


@given(st.integers(1, 14), st.lists(st.integers(0, 30), min_size=1, unique=True))
def test_a_months_pause_is_the_calendars(interval: int, days: list[int]) -> None:
    found = [on_a_calendar(begin, interval, days) for begin in range(interval)]
    assert longest("Month", interval, days, max) == max(found)
    assert longest("Month", interval, days, min) == min(found)


@pytest.mark.parametrize(
    ("frequency", "interval", "days", "hours"),
    [
        ("Hour", 12, [], 12),
        ("Day", 3, [], 72),
        ("Week", 1, [], 168),
        ("Week", 1, [0, 1, 2], 120),
        ("Week", 2, [0, 3], 24 * 11),
        ("Month", 1, [], 24 * 31),
        ("Month", 1, [0, 1, 2], 24 * 29),
    ],
)
def test_pauses_of_each_unit(frequency: str, interval: int, days: list[int], hours: int) -> None:
    assert longest(frequency, interval, days, min) == longest(frequency, interval, days, max) == hours


def test_a_day_that_its_month_never_has_starts_no_run() -> None:
    assert longest("Month", 12, [30], max) == inf
