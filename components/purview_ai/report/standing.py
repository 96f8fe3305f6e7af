"""How a link, and a whole tenant, stands: the verdicts, and what has become old."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from purview_ai.inspection.finding import Verdict
from purview_ai.report.contents import Unseen
from purview_ai.report.runs import last_success
from purview_ai.report.times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from purview_ai.inspection.finding import Finding
    from purview_ai.report.contents import RunHistory, TenantPage


class Standing(StrEnum):
    """The worst comes first."""

    FAILED = "failed"
    STALE = "stale"
    """It passed, and what shows that is too old to tell how it is now."""
    UNKNOWN = "unknown"
    PENDING = "pending"
    TOO_EARLY = "too early"
    PASSED = "passed"

    @property
    def badness(self) -> int:
        """The higher, the worse."""
        return len(Standing) - list(Standing).index(self)


def last_seen(finding: Finding) -> datetime | None:
    """The moment of a link's newest evidence."""
    return max((when for one in finding.evidence if (when := moment(one.when))), default=None)


def standing_of(finding: Finding, page: TenantPage) -> Standing:
    """How a link stands at the moment of a page."""
    seen = last_seen(finding)
    if finding.verdict is Verdict.PASSED and seen and page.made - seen > page.stale_after:
        return Standing.STALE
    return Standing(finding.verdict.value)


def is_stale(history: RunHistory, page: TenantPage) -> bool:
    """Whether a scan succeeded once, and then no more for too long."""
    last = last_success(history, page.made)
    return last is not None and page.made - last > page.stale_after


def worst_of(page: TenantPage) -> Standing:
    """How the whole tenant stands."""
    chain = () if isinstance(page.chain, Unseen) else page.chain
    found = [standing_of(finding, page) for finding in chain] or [Standing.UNKNOWN]
    found += [Standing.STALE for history in page.runs if is_stale(history, page)]
    return max(found, key=lambda one: one.badness)
