"""The newest record: how old it may be, by what the runs took in since."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from estates import ago, estate_with, run
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.records import Newest

if TYPE_CHECKING:
    from purview_ai.datamap.run_report import RunReport
    from purview_ai.inspection.finding import Finding

DAY = timedelta(days=1)


def nothing(link: Link) -> Finding:
    return link.passed()


LINK = Link("records.chatgpt", "Audit records arrive", nothing)


def newest(time: str) -> Newest:
    return Newest(time, seen("12 records", "the audit log", time))


@pytest.mark.parametrize(
    ("time", "runs", "verdict", "words"),
    [
        (ago(hours=2), [run(ago(hours=1))], Verdict.PASSED, "the newest is of"),
        (ago(days=20), [run(ago(days=d), 40) for d in (19, 2, 1)], Verdict.PASSED, "no newer interaction was captured"),
        (ago(days=20), [run(ago(days=19), 40), run(ago(hours=3), 41)], Verdict.PASSED, "may take a day"),
        (ago(days=20), [run(ago(days=19), 40), run(ago(days=2), 41)], Verdict.FAILED, "of which there is no record"),
        (ago(days=20), [run(ago(days=19), 40), run(ago(days=2), 9)], Verdict.UNKNOWN, "what is new alone"),
        ("once", [run(ago(days=2))], Verdict.UNKNOWN, "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, Verdict) else "of",
)
def test_a_record_of_once_shows_nothing_of_today(
    time: str, runs: list[RunReport], verdict: Verdict, words: str
) -> None:
    found = newest(time).beside(runs, LINK, estate_with(), DAY)
    assert (found.verdict, words in found.reason) == (verdict, True), found
    assert bool(found.remedy) is (verdict is not Verdict.PASSED)


@pytest.mark.parametrize(
    ("time", "verdict"),
    [(ago(days=6), Verdict.PASSED), (ago(days=8), Verdict.UNKNOWN), ("once", Verdict.UNKNOWN)],
    # The times are those of the collection, which two processes do not share.
    ids=["six days", "eight days", "no time"],
)
def test_of_an_app_without_runs_an_old_record_tells_nothing(time: str, verdict: Verdict) -> None:
    assert newest(time).alone(LINK, estate_with()).verdict is verdict
