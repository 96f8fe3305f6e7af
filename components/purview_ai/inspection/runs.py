"""What the runs of a scan tell: whether interactions came in, and when last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from purview_ai.datamap.run_report import runs_of
from purview_ai.inspection.account import READ_DATA_MAP
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.objects.sameness import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.datamap.run_report import RunReport
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Evidence, Finding
    from purview_ai.settings.scanning import ScanSettings

_UNITS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}
_ORGANISATION = 1
"""Counts are of assets, and the organisation itself is one (docs/facts.md, purview 2.7)."""
_SOURCE = "Purview, the scan's runs"


@dataclass(frozen=True)
class History:
    """The runs of one scan, the newest first."""

    runs: Sequence[RunReport]

    @property
    def newest(self) -> RunReport | None:
        """The run that started last."""
        return self.runs[0] if self.runs else None

    @property
    def last_success(self) -> RunReport | None:
        """The newest run that succeeded."""
        return next((run for run in self.runs if run.succeeded), None)

    @property
    def first_success(self) -> RunReport | None:
        """The oldest run that succeeded."""
        return next((run for run in reversed(self.runs) if run.succeeded), None)


def history_of(estate: Estate, source: str) -> History:
    """All runs that Purview tells of."""

    def ask() -> History:
        names = estate.settings.sources[source].names(source)
        return History(runs_of(estate.data_map, names.data_source, names.scan))

    return estate.once(_name(source), ask)


def history_known(estate: Estate, source: str) -> History | None:
    """The same, where Purview was asked already and told."""
    return estate.known(_name(source))


def _name(source: str) -> str:
    return f"runs of {source}"


def at(time: str | None) -> datetime | None:
    """A service's time; None where it gives none that can be read."""
    try:
        return datetime.fromisoformat(moment(time or ""))
    except (ValueError, OverflowError):
        return None


class TakenIn(StrEnum):
    """What the runs after a moment took in."""

    NOTHING = "nothing"
    """As far as the counts tell: the same as before, or nothing but the organisation."""
    MORE = "more"
    UNCLEAR = "unclear"
    """Fewer than before: either some are gone, or the run counted what is new alone."""


@dataclass(frozen=True)
class Since:
    """What was taken in after a moment, and when."""

    what: TakenIn
    moment: datetime | None = None
    """The end of the first run that shows it."""


def taken_in_since(runs: Sequence[RunReport], newest: datetime) -> Since:
    """Whether runs took in more after the one that must have taken in what is of ``newest``.

    That one is the first success that started afterwards; what it took in itself cannot be told apart.
    """
    spans = [(at(run.started), at(run.ended), run.ingested) for run in runs if run.succeeded]
    later = sorted((start, end, count) for start, end, count in spans if start and end and count is not None)
    counts = [(end, count) for start, end, count in later if start >= newest]
    unclear: datetime | None = None
    most = counts[0][1] if counts else 0
    for end, count in counts[1:]:
        if count > most:
            return Since(TakenIn.MORE, end)
        if _ORGANISATION < count < most:
            unclear = unclear or end
    return Since(TakenIn.UNCLEAR, unclear) if unclear else Since(TakenIn.NOTHING)


def age_of(time: str | None) -> timedelta | None:
    """How long ago something was."""
    then = at(time)
    return datetime.now(UTC) - then if then else None


def stale_after(scan: ScanSettings) -> timedelta | None:
    """When a success is too old: two intervals of the schedule, and a day at the least; None without a schedule."""
    if scan.every is None or not scan.enabled:
        return None
    number, _, unit = scan.every.partition(" ")
    return max(2 * int(number) * _UNITS[unit.rstrip("s")], timedelta(days=1))


def in_words(age: timedelta) -> str:
    """An age as people say it."""
    minutes = age.total_seconds() / 60
    units = ((1, "minute"), (60, "hour"), (24 * 60, "day"))
    length, unit = next(one for one in reversed(units) if minutes >= 2 * one[0] or one is units[0])
    number = f"{minutes / length:.0f}"
    return f"{number} {unit}{'' if number == '1' else 's'}"


def succeeding(estate: Estate, source: str, limit: timedelta | None) -> Link:
    """Runs of the scan succeed, and the last success is not too old."""
    settings = estate.settings.sources[source]

    def look(link: Link) -> Finding:
        history = history_of(estate, source)
        newest, last = history.newest, history.last_success
        if newest is None:
            return link.failed("the scan never ran", f"{_start(estate, source)} starts it.")
        if newest.over and not newest.succeeded:
            return _failed(link, estate, source, newest, last)
        if last is None:
            going = f"the first run is {newest.status} since {newest.started}; it may take more than a day"
            return link.told(Verdict.PENDING, going, _watch(estate, source), _told(newest))
        age, allowed = age_of(last.ended), stale_after(settings.scan) if limit is None else limit
        since = "the last success has no time" if age is None else f"the last success was {in_words(age)} ago"
        if age is not None and allowed is not None and age > allowed:
            late = f"{since}, and one is due every {in_words(allowed)}"
            return link.failed(late, f"Look at the trigger; {_start(estate, source)} starts a run now.", _told(last))
        return link.passed(f"{since}, with {last.ingested or 0} ingested", _told(last))

    scan = settings.names(source).scan
    return Link(f"runs.{source}", f"Runs of scan {scan} succeed", look, (f"scan.{source}",), READ_DATA_MAP)


def _failed(link: Link, estate: Estate, source: str, run: RunReport, last: RunReport | None) -> Finding:
    before = f"; the last success ended at {last.ended}" if last else "; none ever succeeded"
    why = f"the newest run is {run.status}: {run.reason or 'Purview gives no reason'}{before}"
    proofs = [_told(run), *([_told(last)] if last else [])]
    return link.failed(why, f"Mend the reason, then {_start(estate, source)}.", *proofs)


def _told(run: RunReport) -> Evidence:
    counts = f"discovered {run.discovered}, classified {run.classified}, ingested {run.ingested}"
    return seen(f"run {run.id} {run.status}, {counts}", _SOURCE, run.ended or run.started or "")


def _start(estate: Estate, source: str) -> str:
    return f"purview-ai scan run --stack {estate.stack} --source {source}"


def _watch(estate: Estate, source: str) -> str:
    return f"purview-ai scan watch --stack {estate.stack} --source {source} follows it."
