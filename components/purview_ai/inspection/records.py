"""Interactions as the audit log has them: the last link, which shows that what was captured arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.runs import (
    TakenIn,
    history_known,
    in_words,
    scan_made,
    taken_in_since,
    taken_in_within,
)
from purview_ai.m365.audit import Progress, Sought, searched
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.datamap.run_report import RunReport
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Evidence, Finding
    from purview_ai.m365.audit import Found

_QUIET = timedelta(days=7)
"""How old the newest record of an app without runs may be before it says nothing of today."""
RECORDS = "records."
"""What the names of these links begin with; the source's name follows."""
READ_AUDIT_LOG = "the Graph permission AuditLogsQuery.Read.All"


@dataclass(frozen=True)
class Search:
    """How the audit log is searched."""

    days: int = 30
    """How far back."""
    wait_s: float = 20.0
    """For how many seconds its end is waited for."""
    grace: timedelta = timedelta(days=1)
    """For how long after the first run missing records are too early (docs/facts.md, graph 0.32)."""


def arriving(estate: Estate, source: str, search: Search) -> Link:
    """The audit log has records of the app."""
    settings = estate.settings.sources[source]
    app, trail = settings.application, settings.application.audit
    name = f"purview-ai {estate.stack}/{source}, {search.days} days,"
    sought = Sought(name, trail.record_types, trail.app_identity, search.days)

    def look(link: Link) -> Finding:
        found = searched(estate.graph, sought, search.wait_s)
        if found.progress is Progress.GOES_ON:
            return link.told(
                Verdict.PENDING,
                f"the audit log is being searched (job {found.job})",
                f"Run purview-ai verify --stack {estate.stack} again in a few minutes; it goes on with the same job.",
            )
        if found.progress is Progress.FAILED:
            return link.unknown(
                f"the search in the audit log failed (job {found.job})",
                "Run the command again in an hour, which begins another one.",
            )
        told = _arrived if found.records else _missing
        finding = told(link, estate, source, found, search)
        if found.complete or finding.verdict is not Verdict.FAILED:
            return finding
        # In which order records come is not documented: the newest may be on a page that nobody read.
        fewer = f"Look at fewer days: purview-ai verify --stack {estate.stack} --days {search.days // 10 or 1}"
        narrower = fewer if search.days > 1 else "Purview portal > Solutions > Audit has them all."
        return link.unknown(f"{finding.reason}; but not all records were read", narrower, *finding.evidence)

    return Link(
        f"{RECORDS}{source}",
        f"Audit records of {app.title} arrive",
        look,
        # Also where Purview cannot be asked, or a run fails, the log tells since when nothing arrives.
        beside=(f"runs.{source}",) if settings.connected else (),
        to_look=READ_AUDIT_LOG,
        more_s=search.wait_s,
    )


@dataclass(frozen=True)
class Newest:
    """The newest record, which shows nothing of today where it is old."""

    time: str
    proof: Evidence
    asked: datetime
    """The moment of the search that found it."""

    def alone(self, link: Link, estate: Estate) -> Finding:
        """Where no run tells anything: of an app without runs, or where Purview could not be asked."""
        newest = read_moment(self.time)
        old = datetime.now(UTC) - newest if newest else None
        if old is not None and old <= _QUIET:
            return link.passed(f"the newest is of {self.time}", self.proof)
        since = f", {in_words(old)} ago" if old else ""
        why = f"the newest is of {self.time}{since}, and no run tells whether anything was taken in since"
        return link.unknown(why, f"Did anybody use the app since? If so: {_check(estate)}", self.proof)

    def beside(self, runs: Sequence[RunReport], link: Link, estate: Estate, grace: timedelta) -> Finding:
        """Of an app whose runs tell what was taken in since."""
        told, newest = f"the newest is of {self.time}", read_moment(self.time)
        if newest is None:
            return link.unknown(f"{told}, which cannot be read", _check(estate), self.proof)
        since = taken_in_since(runs, newest)
        run, late = f"a run of {_ago(since.moment)} took in", _late(since.moment, self.asked, grace)
        if since.what is TakenIn.MORE and late:
            why = f"{told}, and {run} more, of which there is no record"
            return link.failed(why, _check(estate), self.proof)
        if since.what is TakenIn.UNCLEAR and late:
            why = f"{told}; {run} less than one before, and may count what is new alone"
            return link.unknown(why, f"Did anybody use the app since? If so: {_check(estate)}", self.proof)
        old = datetime.now(UTC) - newest > grace
        if since.what is TakenIn.UNCOUNTED and old:
            why = f"{told}, and Purview does not say how much was taken in since"
            return link.unknown(why, f"Did anybody use the app since? If so: {_check(estate)}", self.proof)
        if since.what in (TakenIn.MORE, TakenIn.UNCLEAR):
            return link.passed(f"{told}; {run} what may take a day", self.proof)
        quiet = "; no run shows that more was taken in since" if old else ""
        return link.passed(f"{told}{quiet}", self.proof)


def _check(estate: Estate) -> str:
    return (
        "Are auditing and pay-as-you-go on, and is there a collection policy for the app? "
        f"purview-ai checklist --stack {estate.stack} says how."
    )


def _late(moment: datetime | None, asked: datetime, grace: timedelta) -> bool:
    """Whether, at the time of the search, records of a moment should have been there."""
    return moment is not None and asked - moment > grace


def _ago(moment: datetime | None) -> str:
    return f"{in_words(datetime.now(UTC) - moment)} ago" if moment else "once"


def _arrived(link: Link, estate: Estate, source: str, found: Found, search: Search) -> Finding:
    some, title = "" if found.complete else "at least ", estate.settings.sources[source].application.title
    proof = seen(f"{some}{found.records} records of {title}", f"the audit log, job {found.job}", found.newest)
    newest, history = Newest(found.newest, proof, found.asked), history_known(estate, source)
    if history is None:
        return newest.alone(link, estate)
    return newest.beside(history.runs, link, estate, search.grace)


def _missing(link: Link, estate: Estate, source: str, found: Found, search: Search) -> Finding:
    asked = f"{found.asked:%Y-%m-%dT%H:%M:%SZ}"
    proof = seen(f"no record of the {search.days} days before", f"the audit log, job {found.job}", asked)
    check = f"{_check(estate)} Did anybody use the app in these days?"
    if not estate.settings.sources[source].connected:
        why = "the audit log has none, and nobody can tell here since when the connector runs"
        return link.unknown(why, f"Look at the connector in the Purview portal. {check}", proof)
    history = history_known(estate, source)
    if history is None:
        return link.unknown("the audit log has none, and Purview did not tell since when runs succeed", check, proof)
    first = read_moment(history.first_success.ended) if history.first_success else None
    if not _late(first, found.asked, search.grace):
        since = f"the first run ended {_ago(first)}" if first else "no run has succeeded yet"
        return _too_early(link, estate, f"{since}, and records may take a day", proof)
    made = partial(scan_made, estate, source)
    since = taken_in_within(history.runs, found.asked - timedelta(days=search.days), made)
    if since.what is TakenIn.NOTHING:
        why = f"the audit log has none, and no run shows that anything new was captured in {search.days} days"
        use = f"Where somebody has used the app: {_check(estate)} Else use it, and look again a day after the next run."
        return link.unknown(why, use, proof)
    run = f"the audit log has none; a run of {_ago(since.moment)} took in"
    if not _late(since.moment, found.asked, search.grace):
        return _too_early(link, estate, f"{run} what may take a day", proof)
    unclear = since.what is TakenIn.UNCLEAR
    why = f"{run} less than one before, and may count what is new alone" if unclear else f"{run} interactions"
    return (link.unknown if unclear else link.failed)(why, check, proof)


def _too_early(link: Link, estate: Estate, why: str, proof: Evidence) -> Finding:
    return link.told(Verdict.TOO_EARLY, why, f"Run purview-ai verify --stack {estate.stack} again tomorrow.", proof)
