"""The newest record: how old it may be, by what the runs took in since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from estates import ago, azure_settings, estate_with, look, run, runs
from purview_ai.inspection.checklist import steps_of
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.records import Newest, Search, arriving
from purview_ai.inspection.verify import Limits, chain, not_looked_at
from purview_ai.m365.audit import Found, Progress

if TYPE_CHECKING:
    from purview_ai.datamap.run_report import RunReport
    from purview_ai.inspection.finding import Finding

DAY = timedelta(days=1)


def nothing(link: Link) -> Finding:
    return link.passed()


LINK = Link("records.chatgpt", "Audit records arrive", nothing)


def newest(time: str) -> Newest:
    return Newest(time, seen("12 records", "the audit log", time), datetime.now(UTC))


@pytest.mark.parametrize(
    ("time", "runs", "verdict", "words"),
    [
        (ago(hours=2), [run(ago(hours=1))], Verdict.PASSED, "the newest is of"),
        (
            ago(days=20),
            [run(ago(days=d), 40) for d in (19, 2, 1)],
            Verdict.PASSED,
            "no run shows that more was taken in",
        ),
        (ago(days=20), [run(ago(days=19), 40), run(ago(hours=3), 41)], Verdict.PASSED, "may take a day"),
        (ago(days=20), [run(ago(days=19), 40), run(ago(days=2), 41)], Verdict.FAILED, "of which there is no record"),
        (ago(days=20), [run(ago(days=19), 40), run(ago(days=2), 9)], Verdict.UNKNOWN, "what is new alone"),
        (ago(days=20), [run(ago(days=2), None)], Verdict.UNKNOWN, "does not say how much was taken in"),
        (ago(hours=2), [run(ago(hours=1), None)], Verdict.PASSED, "the newest is of"),
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


def found(
    history: list[RunReport], answer: Found, monkeypatch: pytest.MonkeyPatch, scan_made: str | None = None
) -> Finding:
    """What is said of an answer of the audit log beside these runs of a scan, whose making the service may tell."""
    monkeypatch.setattr("purview_ai.inspection.records.searched", lambda *_: answer)
    made = {"scan of chatgpt": {"properties": {"createdAt": scan_made}}}
    return look(arriving(estate_with(runs(*history) | made), "chatgpt", Search()))


@pytest.mark.parametrize(
    ("history", "verdict", "words"),
    [
        # When the scan was made is not told of these: a run before them may be kept no more.
        ([], Verdict.TOO_EARLY, "no run has succeeded yet"),
        ([run(ago(hours=3), 12)], Verdict.TOO_EARLY, "the first run ended 3 hours ago"),
        ([run(ago(days=d), 1) for d in (4, 3, 2)], Verdict.UNKNOWN, "anything new was captured in 30 days"),
        ([run(ago(days=d), 40) for d in (40, 3, 2)], Verdict.UNKNOWN, "anything new was captured in 30 days"),
        ([run(ago(days=40), 40), run(ago(days=3), 41)], Verdict.FAILED, "a run of 3 days ago took in interactions"),
        ([run(ago(days=5), 12)], Verdict.UNKNOWN, "anything new was captured in 30 days"),
        ([run(ago(days=d), 40) for d in (9, 5, 2)], Verdict.UNKNOWN, "anything new was captured in 30 days"),
        ([run(ago(days=9), 40), run(ago(days=5), 41)], Verdict.FAILED, "a run of 5 days ago took in interactions"),
        ([run(ago(days=40), 40), run(ago(hours=3), 41)], Verdict.TOO_EARLY, "what may take a day"),
        ([run(ago(days=40), 40), run(ago(days=2), 9)], Verdict.UNKNOWN, "what is new alone"),
    ],
    ids=[
        "no run",
        "first run",
        "organisation alone",
        "as many as before",
        "more",
        "first",
        "quiet",
        "more than the first",
        "more just now",
        "fewer",
    ],
)
def test_missing_records_are_broken_only_where_a_run_took_in_what_they_would_be_of(
    history: list[RunReport], verdict: Verdict, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = found(history, Found(Progress.ENDED, "a job"), monkeypatch)
    assert (finding.verdict, words in finding.reason) == (verdict, True), finding
    assert finding.remedy


@pytest.mark.parametrize(
    ("made", "verdict"),
    [(ago(days=10), Verdict.FAILED), (ago(days=90), Verdict.UNKNOWN), (None, Verdict.UNKNOWN)],
    ids=["within", "before", "not told"],
)
def test_of_a_scan_that_is_older_than_its_runs_the_first_may_be_kept_no_more(
    made: str | None, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = [run(ago(days=d), 40) for d in (9, 5, 2)]
    assert found(quiet, Found(Progress.ENDED, "a job"), monkeypatch, made).verdict is verdict


@pytest.mark.parametrize("records", [0, 12])
def test_records_of_which_not_all_were_read_break_nothing(records: int, monkeypatch: pytest.MonkeyPatch) -> None:
    history = [run(ago(days=19), 40), run(ago(days=2), 41)]
    whole = Found(Progress.ENDED, "a job", records, ago(days=20) if records else "")
    assert found(history, whole, monkeypatch).verdict is Verdict.FAILED
    finding = found(history, replace(whole, complete=False), monkeypatch)
    assert (finding.verdict, "not all records were read" in finding.reason) == (Verdict.UNKNOWN, True), finding
    assert finding.remedy == "Look at fewer days: purview-ai verify --stack sandbox --days 3"


def test_an_answer_of_yesterday_is_held_against_the_runs_of_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    history = [run(ago(days=4), 40), run(ago(hours=30), 41)]
    asked = datetime.now(UTC) - timedelta(hours=20)
    answer = Found(Progress.ENDED, "a job", 12, ago(days=5), asked=asked)
    assert found(history, answer, monkeypatch).verdict is Verdict.PASSED
    assert found(history, replace(answer, asked=datetime.now(UTC)), monkeypatch).verdict is Verdict.FAILED


@pytest.mark.parametrize(("cloud", "there"), [("public", True), ("usgovernment", False), ("china", False)])
def test_where_graph_has_no_audit_search_nothing_waits_for_one_and_it_is_said(cloud: str, *, there: bool) -> None:
    estate = replace(estate_with(), azure=azure_settings(cloud))
    assert ("records.chatgpt" in {link.name for link in chain(estate, Limits())}) is there
    told = " ".join(not_looked_at(estate))
    assert (cloud in told and "Solutions > Audit" in told) is not there
    shown = {link for step in steps_of("sandbox", estate.settings, audit_search=there) for link in step.shown_by}
    assert ("records.chatgpt" in shown) is there
