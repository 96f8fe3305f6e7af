"""The charts of a source's runs: how they ended, how long they took, how much they took in.

Each comes with its title and its text alternative; the table of the runs beside them holds every figure. What a mark
means is told by its place, its shape or its line, and colour only says it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from purview_ai.report.drawing import LABEL, Plot, Series, drawn
from purview_ai.report.scales import Scale, scale_of_counts, scale_of_days, scale_of_durations
from purview_ai.report.times import duration, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from purview_ai.datamap.run_report import RunReport
    from purview_ai.report.runs import TimedRun

MOST = 10**12
"""A service that tells more than this tells no figure."""
_WIDE, _NARROW = 860, 330
_MANY = 60
"""With more runs than this, marks are smaller."""


@dataclass(frozen=True)
class Legend:
    """What a look in a chart means."""

    look: str
    shape: str
    """A mark's shape, or ``line``."""
    text: str


@dataclass(frozen=True)
class Chart:
    """One chart of a source."""

    key: str
    title: str
    alternative: str
    """What it shows, in words."""
    legends: tuple[Legend, ...] = ()
    wide: Markup | None = None
    """None where there is nothing to draw; the alternative says so."""
    narrow: Markup | None = None
    """The same for a small screen, where the letters of the wide one would be too small to read."""


@dataclass(frozen=True)
class Figure:
    """A figure that runs have."""

    name: str
    look: str
    of: Callable[[RunReport], int | None]

    def value(self, run: RunReport) -> int | None:
        """None where the run has none, or one that cannot be."""
        found = self.of(run)
        return found if found is not None and 0 <= found <= MOST else None


FIGURES = (
    Figure("discovered", "broad", lambda run: run.discovered),
    Figure("classified", "middle", lambda run: run.classified),
    Figure("ingested", "narrow", lambda run: run.ingested),
)


def charts_of(runs: Sequence[TimedRun]) -> tuple[Chart, ...]:
    """All charts of one source, whose runs come in the order of their time."""
    return (_statuses(runs), _durations(runs), _interactions(runs))


def _statuses(runs: Sequence[TimedRun]) -> Chart:
    counts = Counter(one.run.status for one in runs)
    said = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    told = f"{_count(len(runs))}: {said}. The newest one: {runs[-1].run.status}." if runs else "There is no run."
    chart = Chart("status", "How the runs ended", told)
    placed = [(one.started, one.run) for one in runs if one.started]
    if not placed:
        return chart
    names = sorted(counts, key=lambda status: (status == "Succeeded", status == "Failed", status))
    rows = {status: place for place, status in enumerate(names)}
    series = [
        Series(
            _look_of(status),
            tuple((when.timestamp(), rows[status]) for when, run in placed if run.status == status),
            _shape_of(status),
            radius=_radius(runs),
        )
        for status in names
    ]
    ticks = tuple((float(place), _cut(status)) for status, place in rows.items())
    return _with_drawings(chart, runs, series, (-0.6, len(names) - 0.4), ticks, height=70 + 26 * len(names))


def _durations(runs: Sequence[TimedRun]) -> Chart:
    timed = [(one.started, one.seconds, one) for one in runs if one.started and one.seconds is not None]
    chart = Chart("duration", "How long the runs took", _said_of_durations(runs))
    if not timed:
        return chart
    scale = scale_of_durations([seconds for _, seconds, _ in timed])
    kinds: dict[Legend, list[tuple[float, float | None]]] = {}
    for when, seconds, one in timed:
        kinds.setdefault(_kind_of(one), []).append((when.timestamp(), scale.place(seconds)))
    series = [Series(kind.look, tuple(points), kind.shape, radius=_radius(runs)) for kind, points in kinds.items()]
    return _with_scale(chart, runs, series, scale, tuple(kinds))


def _said_of_durations(runs: Sequence[TimedRun]) -> str:
    ended = [(one.seconds, one.started) for one in runs if one.run.over and one.seconds is not None and one.started]
    going = [one.seconds for one in runs if not one.run.over and one.seconds is not None]
    said = [f"A run that goes on has taken {duration(going[-1])} so far."] if going else []
    if not ended:
        return " ".join(["No run that ended tells how long it took.", *said])
    seconds = [took for took, _ in ended]
    longest, when = max(ended)
    if len(ended) == 1:
        return " ".join([f"{duration(longest)}.", *said])
    told = f"From {duration(min(seconds))} to {duration(longest)}, {duration(median(seconds))} in the middle"
    return " ".join([f"{told}; the longest started {stamp(when)}.", *said])


def _interactions(runs: Sequence[TimedRun]) -> Chart:
    timed = [(one.started.timestamp(), one.run) for one in runs if one.started]
    values = [value for figure in FIGURES for _, run in timed if (value := figure.value(run)) is not None]
    chart = Chart("interactions", "How much the runs took in, in assets", _said_of_interactions(runs))
    if not values:
        return chart
    scale = scale_of_counts(values)
    series, legends = list[Series](), list[Legend]()
    for figure in FIGURES:
        found = [(when, figure.value(run)) for when, run in timed]
        if any(value is not None for _, value in found):
            points = tuple((when, None if value is None else scale.place(value)) for when, value in found)
            series.append(Series(figure.look, points, line=True, radius=_radius(runs) / 2))
            legends.append(Legend(figure.look, "line", figure.name))
    return _with_scale(chart, runs, series, scale, tuple(legends))


def _said_of_interactions(runs: Sequence[TimedRun]) -> str:
    said = list[str]()
    for figure in FIGURES:
        found = [value for one in runs if (value := figure.value(one.run)) is not None]
        if found:
            said.append(f"{figure.name} from {min(found):,} to {max(found):,} a run")
    told = "; ".join(said)
    return (
        f"{told[0].upper()}{told[1:]}. The organisation itself counts as one asset." if said else "No run has figures."
    )


def _kind_of(one: TimedRun) -> Legend:
    if not one.run.over:
        return Legend("going", "ring", "goes on, so far")
    if one.run.level == "Full":
        return Legend("full", "diamond", "full run")
    return Legend("incremental", "dot", f"{_cut(one.run.level).lower() or 'other'} run")


def _look_of(status: str) -> str:
    return {"Succeeded": "good", "Failed": "bad"}.get(status, "other")


def _shape_of(status: str) -> str:
    return {"Succeeded": "dot", "Failed": "cross"}.get(status, "ring")


def _radius(runs: Sequence[TimedRun]) -> float:
    return 4.0 if len(runs) <= _MANY else 2.0


def _cut(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _count(runs: int) -> str:
    return f"{runs} run{'' if runs == 1 else 's'}"


def _with_scale(
    chart: Chart,
    runs: Sequence[TimedRun],
    series: Sequence[Series],
    scale: Scale,
    legends: tuple[Legend, ...],
) -> Chart:
    title = f"{chart.title}{', on a logarithmic axis' if scale.logarithmic else ''}"
    named = Chart(chart.key, title, chart.alternative, legends)
    return _with_drawings(named, runs, series, (0, scale.top), scale.ticks, height=200)


def _with_drawings(
    chart: Chart,
    runs: Sequence[TimedRun],
    series: Sequence[Series],
    up: tuple[float, float],
    up_ticks: tuple[tuple[float, str], ...],
    *,
    height: int,
) -> Chart:
    moments: list[datetime] = [one.started for one in runs if one.started]
    pictures: dict[int, Markup] = {}
    for width, most in ((_WIDE, 7), (_NARROW, 3)):
        across, across_ticks = scale_of_days(moments, most)
        pictures[width] = drawn(Plot(tuple(series), across, across_ticks, up, up_ticks), width, height)
    return Chart(chart.key, chart.title, chart.alternative, chart.legends, pictures[_WIDE], pictures[_NARROW])
