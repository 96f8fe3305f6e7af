"""What the runs of a scan tell: whether they succeed, how old a success may be, and what they took in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from estates import ago, estate_with, look, run, runs
from purview_ai.datamap.run_report import runs_of
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.runs import TakenIn, stale_after, succeeding, taken_in_since

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.datamap.run_report import RunReport

RETRY = run(ago(hours=1), None, "Running")
HANGING = run(ago(days=21), None, "Running")
NEWEST = datetime.now(UTC) - timedelta(days=10)


@pytest.mark.parametrize(
    ("found", "what"),
    [
        ([], TakenIn.NOTHING),
        ([run(ago(days=9), 40)], TakenIn.NOTHING),
        ([run(ago(days=9), 40), run(ago(days=8), 40)], TakenIn.NOTHING),
        ([run(ago(days=9), 40), run(ago(days=8), 1), run(ago(days=7), 0)], TakenIn.NOTHING),
        ([run(ago(days=9), 40), run(ago(days=8), 41)], TakenIn.MORE),
        ([run(ago(days=9), 40), run(ago(days=8), 1), run(ago(days=7), 41)], TakenIn.MORE),
        ([run(ago(days=9), 1), run(ago(days=8), 5)], TakenIn.MORE),
        ([run(ago(days=9), 40), run(ago(days=8), 12)], TakenIn.UNCLEAR),
        # What it took in itself may be what the newest record is of.
        ([run(ago(days=11), 30), run(ago(days=9), 40)], TakenIn.NOTHING),
        ([run(ago(days=9), 40), run(ago(days=8), 90, "Failed")], TakenIn.NOTHING),
        ([run(ago(days=9), 40), run(ago(days=8), None)], TakenIn.NOTHING),
        ([run(ago(days=11), 40), run(ago(days=9), None)], TakenIn.UNCOUNTED),
    ],
)
def test_what_runs_took_in_since(found: list[RunReport], what: TakenIn) -> None:
    assert taken_in_since(found, NEWEST).what is what
    assert taken_in_since(found[::-1], NEWEST).what is what, "whichever order the service tells them in"


def test_the_first_run_that_shows_it_is_the_moment() -> None:
    found = taken_in_since([run(ago(days=9), 40), run(ago(days=8), 41), run(ago(days=7), 50)], NEWEST)
    assert found.moment is not None
    assert found.moment.date() == datetime.fromisoformat(ago(days=8)).date()


def test_a_time_that_is_none_breaks_nothing_and_the_order_is_that_of_the_times() -> None:
    told = [
        {"id": "odd", "status": "Failed", "startTime": 1764547200, "endTime": {}},
        {"id": "later", "status": "Failed", "startTime": "2026-11-02T01:30:00+03:00"},
        {"id": "latest", "status": "Failed", "startTime": "2026-11-01T23:00:00Z"},
        {"id": "begun", "status": "Accepted"},
    ]
    found = runs_of(cast("DataMap", Listing(told)), "chatgpt", "chatgpt-scan")
    assert [one.id for one in found] == ["begun", "latest", "later", "odd"]
    assert found[-1].seconds is None
    assert json.loads(json.dumps(found[-1].as_json()))["started"] == "1764547200"


class Listing:
    """A Data Map that has these runs."""

    def __init__(self, runs: list[dict[str, Any]]) -> None:
        self.runs = runs

    def list(self, _: str) -> list[dict[str, Any]]:
        return self.runs


@pytest.mark.parametrize(
    ("every", "limit"),
    [
        ("1 hour", timedelta(days=1)),
        ("1 day", timedelta(days=2)),
        ("2 weeks", timedelta(weeks=4)),
        ("1 month", timedelta(days=62)),
    ],
)
def test_a_success_is_too_old_after_two_intervals_and_a_day_at_the_least(every: str, limit: timedelta) -> None:
    estate = estate_with(sources__chatgpt__scan={"every": every})
    assert stale_after(estate.settings.sources["chatgpt"].scan) == limit


def test_a_scan_without_a_schedule_may_be_of_any_age() -> None:
    estate = estate_with(runs(run(ago(days=400))), sources__chatgpt__scan={})
    assert stale_after(estate.settings.sources["chatgpt"].scan) is None
    assert look(succeeding(estate, "chatgpt", None)).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        ([], Verdict.FAILED, "never ran"),
        ([run(ago(hours=3), None, "Running")], Verdict.PENDING, "the first run is Running"),
        ([run(ago(hours=3))], Verdict.PASSED, "with 10 ingested"),
        ([run(ago(hours=47))], Verdict.PASSED, "47 hours ago"),
        ([run(ago(days=3))], Verdict.FAILED, "one is due every"),
        ([run(ago(hours=3)), run(ago(hours=1), None, "Running")], Verdict.PASSED, "3 hours ago"),
        ([run(ago(days=3)), run(ago(hours=1), None, "Running")], Verdict.FAILED, "3 days ago"),
        ([run(ago(hours=3)), run(ago(hours=1), 0, "Failed")], Verdict.FAILED, "the newest run is Failed"),
        ([run(ago(days=9), None, "Running")], Verdict.UNKNOWN, "9 days ago, and may hang"),
        ([run(ago(days=22), 0, "Failed"), HANGING], Verdict.UNKNOWN, "21 days ago, and may hang"),
        ([run(ago(days=40)), run(ago(days=22), 0, "Failed"), HANGING], Verdict.FAILED, "one is due every"),
        ([run(ago(hours=2), 0, "Failed"), RETRY], Verdict.PENDING, "the one before is Failed"),
        ([run(ago(hours=9)), run(ago(hours=2), 0, "Failed"), RETRY], Verdict.PENDING, "the one before is Failed"),
        ([run(ago(hours=h), 0, "Failed") for h in (3, 2)] + [RETRY], Verdict.FAILED, "the last 2 runs that ended"),
    ],
)
def test_how_the_runs_are(found: list[RunReport], verdict: Verdict, words: str) -> None:
    finding = look(succeeding(estate_with(runs(*found)), "chatgpt", None))
    assert finding.verdict is verdict, finding
    assert words in finding.reason
