"""Interactions as the audit log has them: the last link, which shows that what was captured arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.runs import age_of, history_of, in_words
from purview_ai.m365.audit import Progress, Sought, searched

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.m365.audit import Found

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
        if found.records:
            some = "" if found.complete else "at least "
            counted = f"{some}{found.records} records of {app.title}"
            proof = seen(counted, f"the audit log, job {found.job}", found.newest)
            return link.passed(f"the newest is of {found.newest}", proof)
        return _missing(link, estate, source, found, search)

    after = (f"runs.{source}",) if settings.connected else ()
    return Link(f"records.{source}", f"Audit records of {app.title} arrive", look, after, READ_AUDIT_LOG)


def _missing(link: Link, estate: Estate, source: str, found: Found, search: Search) -> Finding:
    settings = estate.settings.sources[source]
    proof = seen(f"no record of the last {search.days} days", f"the audit log, job {found.job}")
    if settings.connected:
        first = history_of(estate, source).first_success
        age = age_of(first.ended) if first else None
        if age is None or age < search.grace:
            since = f"the first run ended {in_words(age)} ago" if age else "no run has ended yet"
            again = f"Run purview-ai verify --stack {estate.stack} again tomorrow."
            return link.told(Verdict.TOO_EARLY, f"{since}, and records may take a day", again, proof)
    return link.failed(
        "the audit log has none",
        "Are auditing and pay-as-you-go on, and is there a collection policy for the app? "
        f"purview-ai checklist --stack {estate.stack} says how. Did anybody use the app in these days?",
        proof,
    )
