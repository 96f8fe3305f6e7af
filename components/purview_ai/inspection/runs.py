"""What the runs of a scan tell: whether interactions came in, and when last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

from purview_ai.datamap.object_kind import when_made
from purview_ai.datamap.run_report import runs_of
from purview_ai.inspection.account import READ_DATA_MAP
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
_LONG = timedelta(days=7)
"""A first full run may take more than a day (docs/facts.md, graph 0.32); one of more than this may hang."""


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
    def failed_since(self) -> Sequence[RunReport]:
        """The runs since the last success that ended otherwise."""
        newer = list(takewhile(lambda run: not run.succeeded, self.runs))
        return [run for run in newer if run.over]

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


class TakenIn(StrEnum):
    """What the runs after a moment took in."""

    NOTHING = "nothing"
    """As far as the counts tell: the same as before, or nothing but the organisation."""
    MORE = "more"
    UNCLEAR = "unclear"
    """Fewer than before: either some are gone, or the run counted what is new alone."""
    UNCOUNTED = "uncounted"
    """Runs succeeded, and Purview does not say with how much."""


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
    counts = [(end, count) for start, end, count in _counts(runs) if start >= newest]
    if counts:
        return _beyond(counts[0][1], counts[1:])
    later = [run for run in runs if run.succeeded and (read_moment(run.started) or newest) > newest]
    return Since(TakenIn.UNCOUNTED if later else TakenIn.NOTHING)


def taken_in_within(runs: Sequence[RunReport], start: datetime, made: Callable[[], datetime | None]) -> Since:
    """Whether runs that started after a moment took in more than any before it.

    ``made`` tells when the scan was made, and is asked where no run before the moment is known. Of a scan that was made
    afterwards there was none, and all counts. Else it may be known no more, for how long runs are kept is not
    documented; then the oldest one that is known, which may have taken in nothing new, stands for it.
    """
    counts = _counts(runs)
    within = [(end, count) for begun, end, count in counts if begun >= start]
    before = [count for begun, _, count in counts if begun < start]
    if not before and within and not ((since := made()) and since >= start):
        before = [within.pop(0)[1]]
    return _beyond(max(before, default=_ORGANISATION), within)


def scan_made(estate: Estate, source: str) -> datetime | None:
    """When Purview made the scan; None where it does not say."""
    names = estate.settings.sources[source].names(source)
    path = f"/datasources/{names.data_source}/scans/{names.scan}"
    found = estate.once(f"scan of {source}", lambda: estate.data_map.get(path))
    return read_moment(when_made(found or {}))


def _counts(runs: Sequence[RunReport]) -> list[tuple[datetime, datetime, int]]:
    """When successes began and ended, and how much they took in; the oldest first."""
    spans = [(read_moment(run.started), read_moment(run.ended), run.ingested) for run in runs if run.succeeded]
    return sorted((start, end, count) for start, end, count in spans if start and end and count is not None)


def _beyond(most: int, counts: Sequence[tuple[datetime, int]]) -> Since:
    unclear: datetime | None = None
    for end, count in counts:
        if count > most:
            return Since(TakenIn.MORE, end)
        if _ORGANISATION < count < most:
            unclear = unclear or end
    return Since(TakenIn.UNCLEAR, unclear) if unclear else Since(TakenIn.NOTHING)


def age_of(time: str | None) -> timedelta | None:
    """How long ago something was."""
    then = read_moment(time)
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
        failed = history.failed_since
        if len(failed) > 1 or (failed and newest.over):
            return _failed(link, estate, source, history)
        if last is None:
            return _going(link, estate, source, history)
        age, allowed = age_of(last.ended), stale_after(settings.scan) if limit is None else limit
        since = "the last success has no time" if age is None else f"the last success was {in_words(age)} ago"
        if age is not None and allowed is not None and age > allowed:
            late = f"{since}, and one is due every {in_words(allowed)}"
            remedy = f"{_start(estate, source)} starts a run now." if newest.over else _watch(estate, source)
            return link.failed(late, f"Look at the trigger; {remedy}", _told(last))
        if failed:
            return _going(link, estate, source, history)
        return link.passed(f"{since}, with {last.ingested or 0} ingested", _told(last))

    scan = settings.names(source).scan
    return Link(f"runs.{source}", f"Runs of scan {scan} succeed", look, (f"scan.{source}",), READ_DATA_MAP)


def _failed(link: Link, estate: Estate, source: str, history: History) -> Finding:
    """The newest run failed, or one that is tried again after several."""
    failed, last = history.failed_since, history.last_success
    run, going = failed[0], history.newest is not failed[0]
    which = f"the last {len(failed)} runs that ended did not succeed, the newest of them" if going else "the newest run"
    before = f"; the last success ended at {last.ended}" if last else "; none ever succeeded"
    why = f"{which} is {run.status}: {run.reason or 'Purview gives no reason'}{before}"
    proofs = [_told(run), *([_told(last)] if last else [])]
    return link.failed(why, f"Mend the reason, then {_start(estate, source)}.", *proofs)


def _going(link: Link, estate: Estate, source: str, history: History) -> Finding:
    """A run goes on that will tell: the first one, or one after a failure."""
    run, before, age = history.runs[0], history.failed_since, age_of(history.runs[0].started)
    going = f"{'a' if before else 'the first'} run is {run.status} since {run.started}"
    after = f"; the one before is {before[0].status}: {before[0].reason}" if before else "; it may take more than a day"
    proofs = map(_told, (run, *before[:1]))
    if age is not None and age > _LONG:
        again = f"purview-ai scan cancel --stack {estate.stack} --source {source} ends it; {_start(estate, source)}."
        why = f"{going}, {in_words(age)} ago, and may hang"
        return link.unknown(why, f"If its counts do not grow: {again}", *proofs)
    return link.told(Verdict.PENDING, f"{going}{after}", _watch(estate, source), *proofs)


def _told(run: RunReport) -> Evidence:
    counts = f"discovered {run.discovered}, classified {run.classified}, ingested {run.ingested}"
    return seen(f"run {run.id} {run.status}, {counts}", _SOURCE, run.ended or run.started or "")


def _start(estate: Estate, source: str) -> str:
    return f"purview-ai scan run --stack {estate.stack} --source {source}"


def _watch(estate: Estate, source: str) -> str:
    return f"purview-ai scan watch --stack {estate.stack} --source {source} follows it."
