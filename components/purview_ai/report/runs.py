"""What the pages make of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.objects.sameness import read_moment
from purview_ai.report.contents import Unseen

if TYPE_CHECKING:
    from datetime import datetime

    from purview_ai.datamap.run_report import RunReport
    from purview_ai.report.contents import RunHistory


@dataclass(frozen=True)
class TimedRun:
    """A run with its times read."""

    run: RunReport
    started: datetime | None
    ended: datetime | None
    seconds: float | None
    """How long it took, or has taken so far; None where the service's times do not tell."""

    @classmethod
    def of(cls, run: RunReport, made: datetime) -> TimedRun:
        """Of a run, as it was when a page was made."""
        started, ended = read_moment(run.started), read_moment(run.ended)
        until = ended if run.over else made
        seconds = (until - started).total_seconds() if started and until else None
        return cls(run, started, ended, seconds if seconds is not None and seconds >= 0 else None)


def timed_runs(history: RunHistory, made: datetime) -> list[TimedRun]:
    """All runs of a source; the newest is last, and those without a start come first."""
    runs = () if isinstance(history.runs, Unseen) else history.runs
    timed = [TimedRun.of(run, made) for run in runs]
    return sorted(timed, key=lambda one: (one.started is not None, one.started or made, one.run.id))


def last_success(history: RunHistory, made: datetime) -> datetime | None:
    """When the newest run that succeeded ended (or, where that is not told, started)."""
    times = (one.ended or one.started for one in timed_runs(history, made) if one.run.succeeded)
    return max((time for time in times if time), default=None)
