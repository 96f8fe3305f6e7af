"""The charts of runs, whatever the runs are like."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.datamap.run_report import RunReport
from purview_ai.report.charts import charts_of
from purview_ai.report.contents import RunHistory
from purview_ai.report.page import tenant_page
from purview_ai.report.runs import timed_runs
from purview_ai.report.scales import scale_of_days
from report.examples_of_pages import MADE, daily_runs, going_run, run, with_runs

if TYPE_CHECKING:
    from purview_ai.report.charts import Chart

DAY = timedelta(days=1)


def drawn(*runs: RunReport) -> dict[str, Chart]:
    """The charts of runs, by what they show."""
    return {chart.key: chart for chart in charts_of(timed_runs(RunHistory("chatgpt", runs), MADE))}


def picture(chart: Chart, *, small: bool = False) -> ET.Element:
    found = chart.narrow if small else chart.wide
    assert found is not None
    return ET.fromstring(found)  # noqa: S314  # our own


def marks(chart: Chart, shape: str = "") -> list[ET.Element]:
    """The marks of one shape, or all."""
    classes = [one for one in picture(chart).iter("path") if "mark" in one.get("class", "").split()]
    return [one for one in classes if shape in one.get("class", "")]


def letters(chart: Chart) -> list[str]:
    return [one.text.strip("\u2007") for one in picture(chart).iter("text") if one.text]


def test_no_runs_draw_nothing_and_say_so() -> None:
    charts = drawn()
    assert [chart.wide for chart in charts.values()] == [None, None, None]
    assert charts["status"].alternative == "There is no run."


def test_one_run_is_one_mark_in_each_chart() -> None:
    charts = drawn(run(1, before=DAY, took=timedelta(minutes=4)))
    assert len(marks(charts["status"])) == len(marks(charts["duration"])) == 1
    assert len(marks(charts["interactions"])) == 3
    assert charts["duration"].alternative == "4 min."
    assert not [one for one in picture(charts["interactions"]).iter("path") if one.get("class") == "line reactive"]


def test_four_hundred_runs_are_all_there() -> None:
    charts = drawn(*daily_runs(400))
    assert len(marks(charts["status"])) == len(marks(charts["duration"])) == 400
    assert charts["status"].alternative == "400 runs: 364 Succeeded, 36 Failed. The newest one: Succeeded."


def test_how_a_run_ended_is_told_by_place_and_shape() -> None:
    chart = drawn(
        run(1, before=3 * DAY), run(2, before=2 * DAY, status="Failed"), run(3, before=DAY, status="Canceled")
    )["status"]
    assert letters(chart)[:3] == ["Canceled", "Failed", "Succeeded"]
    assert [len(marks(chart, shape)) for shape in ("dot", "cross", "ring")] == [1, 1, 1]


def test_full_and_incremental_runs_have_marks_of_their_own() -> None:
    chart = drawn(run(1, before=2 * DAY, level="Full"), run(2, before=DAY), going_run())["duration"]
    assert [(legend.shape, legend.text) for legend in chart.legends] == [
        ("diamond", "full run"),
        ("dot", "incremental run"),
        ("ring", "goes on, so far"),
    ]
    assert [len(marks(chart, legend.shape)) for legend in chart.legends] == [1, 1, 1]


def test_a_run_that_goes_on_is_shown_as_it_is_so_far() -> None:
    charts = drawn(run(1, before=DAY), going_run())
    assert charts["duration"].alternative.endswith("A run that goes on has taken 12 min so far.")
    assert "InProgress" in letters(charts["status"])


def test_runs_without_figures_say_so() -> None:
    charts = drawn(run(1, before=DAY, counts=(None, None, None)))
    assert charts["interactions"].wide is None
    assert charts["interactions"].alternative == "No run has figures."


def test_a_run_without_figures_interrupts_the_lines() -> None:
    runs = [run(number, before=number * DAY, counts=(number, number, number)) for number in (1, 2, 4, 5)]
    chart = drawn(*runs, run(3, before=3 * DAY, counts=(None, None, None)))["interactions"]
    lines = [one for one in picture(chart).iter("path") if one.get("class", "").startswith("line reactive")]
    assert len(lines) == 3 * 2


def test_a_figure_that_no_run_has_is_not_in_the_legend() -> None:
    chart = drawn(run(1, before=DAY, counts=(None, None, 7)))["interactions"]
    assert [legend.text for legend in chart.legends] == ["ingested"]
    assert chart.alternative == "Ingested from 7 to 7 a run. The organisation itself counts as one asset."


def test_the_axes_name_their_units() -> None:
    charts = drawn(run(1, before=3 * DAY), run(2, before=DAY, took=timedelta(minutes=9)))
    assert letters(charts["duration"])[:3] == ["0 s", "2 min", "4 min"]
    assert "2026-11-18" in letters(charts["duration"])
    assert "12:00" in letters(charts["duration"])
    assert "in assets" in charts["interactions"].title


def test_a_first_run_that_is_much_larger_leaves_the_others_to_be_seen() -> None:
    charts = drawn(*daily_runs(30))
    assert charts["duration"].title.endswith("on a logarithmic axis")
    assert charts["interactions"].title.endswith("on a logarithmic axis")
    assert [text for text in letters(charts["duration"]) if text in ("10 min", "1 h", "1 d")] == [
        "10 min",
        "1 h",
        "1 d",
    ]


def test_days_that_are_alike_stand_in_line_in_all_charts() -> None:
    places: set[str | None] = set()
    for chart in drawn(*daily_runs(42)).values():
        places |= {one.get("x") for one in picture(chart).iter("text") if one.text == "2026-11-05"}
    assert len(places) == 1


def test_runs_whose_start_is_not_told_are_counted_and_in_the_table() -> None:
    unplaced = RunReport("x", "Failed", "Full", None, None, 1, 1, 1, "no time")
    charts = drawn(unplaced, run(1, before=DAY))
    assert charts["status"].alternative == "2 runs: 1 Failed, 1 Succeeded. The newest one: Succeeded."
    assert len(marks(charts["status"])) == 1
    assert "no time" in tenant_page(with_runs(unplaced))


TIMES = st.one_of(
    st.none(),
    st.sampled_from(["", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-11-19T02:00:00Z"]),
    st.datetimes().map(lambda when: f"{when.isoformat()}Z"),
    st.integers(0, 10**6).map(lambda minutes: (MADE - timedelta(minutes=minutes)).isoformat()),
)
COUNTS = st.one_of(st.none(), st.integers(), st.integers(0, 500), st.sampled_from([0, 1, 10**12, 10**12 + 1, 10**400]))
RUNS = st.builds(
    RunReport,
    id=st.text(max_size=5),
    status=st.one_of(
        st.sampled_from(["Succeeded", "Failed", "Canceled", "InProgress", "", "<b>"]), st.text(max_size=30)
    ),
    level=st.one_of(st.sampled_from(["Full", "Incremental", ""]), st.text(max_size=30)),
    started=TIMES,
    ended=TIMES,
    discovered=COUNTS,
    classified=COUNTS,
    ingested=COUNTS,
    reason=st.text(max_size=10),
)
PRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@given(st.lists(RUNS, max_size=8))
def test_odd_runs_are_drawn_within_their_picture(runs: list[RunReport]) -> None:
    charts = drawn(*runs)
    placed = [one for one in timed_runs(RunHistory("chatgpt", tuple(runs)), MADE) if one.started]
    for chart in charts.values():
        for svg in (chart.wide, chart.narrow):
            if svg is None:
                continue
            root = ET.fromstring(PRINTABLE.sub("?", svg))  # noqa: S314  # our own
            width, height = (float(edge) for edge in root.get("viewBox", "").split()[2:])
            for element in root.iter():
                assert element.tag in ("svg", "g", "path", "rect", "text")
                assert set(element.keys()) <= {
                    "viewBox",
                    "class",
                    "transform",
                    "d",
                    "x",
                    "y",
                    "width",
                    "height",
                    "aria-hidden",
                }
            for path in root.iter("path"):
                numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
                assert all(-height <= number <= width for number in numbers)
            assert not re.search(r"\b(nan|inf)\b", " ".join(one.get("d", "") for one in root.iter("path")))
    assert (charts["status"].wide is not None) == bool(placed)
    if placed:
        assert sum(path.get("class", "").startswith("mark") for path in _paths(charts["status"])) == len(placed)


def _paths(chart: Chart) -> list[ET.Element]:
    return list(ET.fromstring(PRINTABLE.sub("?", chart.wide or "")).iter("path"))  # noqa: S314  # our own


@given(st.lists(RUNS, max_size=5))
def test_odd_runs_make_a_page(runs: list[RunReport]) -> None:
    page = with_runs(*runs)
    assert tenant_page(page) == tenant_page(with_runs(*runs[::-1])) or len({one.id for one in runs}) < len(runs)


@pytest.mark.parametrize("days", [1, 3, 20, 90, 400, 4000])
def test_there_are_days_on_the_axis_however_long_it_is(days: int) -> None:
    chart = drawn(run(1, before=days * DAY), run(2, before=timedelta(hours=1)))["status"]
    for small, most in ((False, 8), (True, 4)):
        texts = [one.text or "" for one in picture(chart, small=small).iter("text")]
        assert 1 <= sum(bool(re.match(r"\d{2}", text)) for text in texts) <= most


@given(st.integers(0, 4 * 86400), st.integers(0, 86400), st.sampled_from([3, 7]))
def test_a_short_axis_names_a_day_too(before: int, apart: int, most: int) -> None:
    last = MADE - timedelta(seconds=before)
    _, ticks = scale_of_days([last - timedelta(seconds=apart), last], most)
    assert any(text.startswith("2026-11-") for _, text in ticks)
    assert len(ticks) <= most + 1
