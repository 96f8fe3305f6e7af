"""A run in one sentence, in JSON and on a page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.fleet.results import WORST_FIRST, Ending, StackResult, not_begun
from purview_ai.fleet.summary import Summary, changes_in_words, in_time
from purview_ai.operate.fleet_showing import code_of
from purview_ai.report.contents import FleetPage
from purview_ai.report.page import fleet_page

NOW = datetime(2026, 11, 27, 1, 2, tzinfo=UTC)
RESULTS = st.lists(st.builds(StackResult, stack=st.text("abc", min_size=1, max_size=3), ending=st.sampled_from(Ending)))


def summary(*results: StackResult, stopped: str = "") -> Summary:
    """Of a run of updates."""
    return Summary("up", results, NOW, 75.0, "20261127T0102-up", stopped)


def of(ending: Ending, reason: str = "") -> StackResult:
    """Of some stack."""
    return StackResult(stack="contoso", ending=ending, reason=reason)


def test_a_run_is_told_in_one_sentence() -> None:
    again = StackResult(stack="a", ending=Ending.SUCCEEDED, attempts=2, first_reason="a: 503")
    told = summary(again, of(Ending.FAILED), not_begun("c", "the canary did not go well"), stopped="it rained")
    assert told.headline == (
        "fleet up: 3 stacks in 1 min 15 s: 1 failed, 1 not begun, 1 succeeded; 1 tried twice; stopped because it rained"
    )


@given(RESULTS)
def test_the_worst_come_first_and_none_is_lost(results: list[StackResult]) -> None:
    told = summary(*results)
    assert sum(told.totals.values()) == len(results)
    order = [WORST_FIRST.index(one.ending) for one in told.worst_first]
    assert order == sorted(order)
    assert len(told.as_json()["stacks"]) == len(results)


@pytest.mark.parametrize(
    ("endings", "code"),
    [
        ([], 0),
        ([Ending.SUCCEEDED], 0),
        ([Ending.SUCCEEDED, Ending.DIFFERS], 1),
        ([Ending.UNKNOWN, Ending.FAILED], 1),
        ([Ending.PENDING, Ending.UNKNOWN], 3),
        ([Ending.NOT_BEGUN, Ending.SUCCEEDED], 3),
        ([Ending.PENDING, Ending.SUCCEEDED], 4),
    ],
)
def test_the_exit_code_says_the_worst(endings: list[Ending], code: int) -> None:
    assert code_of(summary(*map(of, endings))) == code
    assert code_of(summary(*map(of, endings)), interrupted=True) == 130


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_no_text_changes_the_shape_of_the_page(text: str) -> None:
    shapes = {
        fleet_page(FleetPage(NOW, "purview-ai 0", summary(of(Ending.FAILED, f"x{reason}"), stopped=reason))).count("<")
        for reason in (text, "words")
    }
    assert len(shapes) == 1


def test_a_page_says_what_became_of_each_stack() -> None:
    changed = StackResult(stack="a", ending=Ending.SUCCEEDED, changes={"create": 3, "update": 1}, seconds=4.2)
    page = fleet_page(FleetPage(NOW, "purview-ai 0", summary(changed, of(Ending.FAILED, "contoso: 403\n  Do this."))))
    for words in (
        "contoso: 403\n  Do this.",
        "3 created, 1 changed",
        "1 failed",
        "1 succeeded",
        "4 s",
        "2026-11-27 01:02",
    ):
        assert words in page
    assert "<script" not in page
    assert "://" not in page


def test_changes_are_told_as_done_or_as_to_come() -> None:
    changes = {"create": 2, "discard": 1}
    assert changes_in_words(changes, to_come=False) == "2 created, 1 discard"
    assert changes_in_words(changes, to_come=True) == "2 to create, 1 to discard"


@pytest.mark.parametrize(("seconds", "told"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (7260, "2 h 1 min")])
def test_times_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert in_time(seconds) == told
