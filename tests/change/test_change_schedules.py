"""A trigger that would start fewer runs is stopped, in whatever way it does; one that starts more is not."""

from __future__ import annotations

from typing import Any

import pytest
from change.test_change_gate import change, met
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.change.preview import UNKNOWN, Action, Property
from purview_ai.change.schedules import slower
from purview_ai.datamap.wishes import WEEK_DAYS

Schedule = dict[str, Any]
LISTS: dict[str, list[Any]] = {
    "hours": list(range(24)),
    "minutes": list(range(60)),
    "week_days": list(WEEK_DAYS),
    "month_days": list(range(1, 32)),
}
MOMENT = st.integers(1, 12).map(lambda month: f"2027-{month:02}-01T00:00:00Z")
SCHEDULES: st.SearchStrategy[Schedule] = st.fixed_dictionaries(
    {
        "frequency": st.sampled_from(["Hour", "Day", "Week", "Month"]),
        "interval": st.integers(2, 20),
        "start_time": MOMENT,
        "end_time": MOMENT,
        **{name: st.lists(st.sampled_from(whole), min_size=2, unique=True) for name, whole in LISTS.items()},
    }
)


def between(before: Schedule, after: Schedule) -> str:
    """What the gate says of one schedule in the place of another."""
    found = change("trigger", Action.CHANGE)
    properties = [Property(path=name, was=before[name], now=after[name]) for name in before]
    changed = [one for one in properties if one.was != one.now]
    stays = {**found.stays, **{one.path: one.now for one in properties if one not in changed}}
    return slower(found.model_copy(update={"properties": changed, "stays": stays}))


def without_one(schedule: Schedule, name: str, data: st.DataObject) -> list[Any]:
    """A list of times with one less."""
    return sorted(set(schedule[name]) - {data.draw(st.sampled_from(schedule[name]))}, key=LISTS[name].index)


@given(SCHEDULES, st.sampled_from(["interval", "start_time", "end_time", *LISTS]), st.data())
def test_a_trigger_that_is_weaker_in_any_way_is_stopped_and_the_way_back_is_not(
    strong: Schedule, name: str, data: st.DataObject
) -> None:
    weaker = {
        "interval": lambda: strong["interval"] + data.draw(st.integers(1, 5)),
        "start_time": lambda: f"2028{strong['start_time'][4:]}",
        "end_time": lambda: f"2026{strong['end_time'][4:]}",
    }
    weak = {**strong, name: weaker[name]() if name in weaker else without_one(strong, name, data)}
    assert between(strong, weak)
    assert between(weak, strong) == ""


@given(SCHEDULES, SCHEDULES)
def test_no_two_schedules_are_each_less_than_the_other_unless_they_are_mixed(one: Schedule, other: Schedule) -> None:
    assert between(one, one) == ""
    mixed = {**other, "frequency": one["frequency"]}
    parts = [{**one, name: mixed[name]} for name in mixed]
    assert bool(between(one, mixed)) == any(between(one, part) for part in parts)


@pytest.mark.parametrize(
    ("was", "now", "stopped"),
    [
        ({"frequency": "Day"}, {"frequency": "Week"}, True),
        ({"frequency": "Week"}, {"frequency": "Day"}, False),
        ({"frequency": "Day", "interval": 1}, {"frequency": "Hour", "interval": 24}, False),
        ({"frequency": "Day", "interval": 1}, {"frequency": "Hour", "interval": 25}, True),
        ({"frequency": "Week", "interval": 4}, {"frequency": "Month", "interval": 1}, True),
        (
            {"frequency": "Week", "interval": 1, "week_days": list(WEEK_DAYS)},
            {"frequency": "Day", "interval": 2, "week_days": []},
            True,
        ),
        (
            {"frequency": "Week", "interval": 1, "week_days": ["Monday", "Thursday"]},
            {"frequency": "Day", "interval": 1, "week_days": []},
            False,
        ),
        (
            {"frequency": "Day", "interval": 3, "week_days": []},
            {"frequency": "Week", "interval": 1, "week_days": ["Monday", "Tuesday", "Wednesday"]},
            True,
        ),
        (
            {"frequency": "Day", "interval": 5, "week_days": []},
            {"frequency": "Week", "interval": 1, "week_days": ["Monday", "Tuesday", "Wednesday"]},
            False,
        ),
        (
            {"frequency": "Day", "interval": 14, "month_days": []},
            {"frequency": "Month", "interval": 1, "month_days": [1, 2, 3]},
            True,
        ),
        (
            {"frequency": "Week", "interval": 2, "month_days": []},
            {"frequency": "Month", "interval": 1, "month_days": [1, 2, 3]},
            True,
        ),
        (
            {"frequency": "Day", "interval": 17, "month_days": []},
            {"frequency": "Month", "interval": 1, "month_days": [1, 16]},
            False,
        ),
        (
            {"frequency": "Month", "interval": 1, "month_days": [1, 2, 3]},
            {"frequency": "Week", "interval": 1, "month_days": []},
            False,
        ),
        (
            {"frequency": "Month", "interval": 1, "month_days": [1, 2, 3]},
            {"frequency": "Day", "interval": 9, "month_days": []},
            False,
        ),
        ({"week_days": ["Monday", "Thursday"]}, {"week_days": ["Monday", "Tuesday"]}, True),
        ({"hours": [2]}, {"hours": [14]}, False),
        ({"hours": []}, {"hours": [2]}, True),
        ({"hours": [2]}, {"hours": []}, False),
        ({"month_days": [1]}, {"month_days": [31]}, True),
        ({"month_days": [30]}, {"month_days": [31]}, True),
        ({"month_days": [31]}, {"month_days": [1]}, False),
        ({"month_days": [1]}, {"month_days": [1, 31]}, False),
        ({"end_time": ""}, {"end_time": "2027-01-01T00:00:00Z"}, True),
        ({"end_time": "2027-01-01T00:00:00Z"}, {"end_time": ""}, False),
        ({"start_time": ""}, {"start_time": "2027-01-01T00:00:00Z"}, True),
        ({"time_zone": "UTC"}, {"time_zone": "Europe/Berlin"}, False),
        ({"interval": 1}, {"interval": UNKNOWN}, True),
        ({"frequency": "Day"}, {"frequency": UNKNOWN}, True),
        ({"hours": [2]}, {"hours": UNKNOWN}, True),
    ],
)
def test_units_days_and_what_nobody_knows(was: Schedule, now: Schedule, *, stopped: bool) -> None:
    assert bool(between(was, now)) is stopped


def test_it_is_stopped_also_where_the_trigger_is_made_anew() -> None:
    longer = ("interval", 1, 2)
    assert met(change("trigger", Action.REPLACE, longer)) == {"replace-trigger", "slow-trigger"}
    assert met(change("trigger", Action.REPLACE, longer), approved=("replace-trigger",)) == {"slow-trigger"}
