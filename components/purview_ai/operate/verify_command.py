"""``purview-ai verify``: the whole chain of a tenant as it is now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.records import RECORDS, Search
from purview_ai.inspection.verify import Limits, chain, not_looked_at
from purview_ai.operate.inspecting import estate_for, look_at, show
from purview_ai.operate.speaking import AsJson, Patience, SearchSeconds, Stack, a_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.inspection.finding import Finding

EXAMPLES = "Examples: `purview-ai verify` · `purview-ai verify --stack contoso --json` · `… --stale-hours 48`"
_HOURS = 24 * 366
"""Nobody asks about more than a year."""
Stale = Annotated[
    float | None,
    typer.Option(
        help="After how many hours a last success is too old; default: two intervals of the schedule.",
        min=0,
        max=_HOURS,
        callback=a_number,
    ),
]
Days = Annotated[int, typer.Option(help="How many days back the audit log is searched.", min=1, max=180)]
Grace = Annotated[
    float,
    typer.Option(
        help="For how many hours after the first run missing records are too early, not broken.",
        min=0,
        max=_HOURS,
        callback=a_number,
    ),
]


def verify(
    stack: Stack = None,
    *,
    stale_hours: Stale = None,
    grace_hours: Grace = 24.0,
    days: Days = 30,
    search: SearchSeconds = 20.0,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> None:
    """Look at every link of a tenant's chain: app roles, vault, key, Purview's objects, runs, audit records.

    And at what the stack declares around it: Conditional Access, groups with their directory roles, cases.

    Changes nothing; the search in the audit log is a job of Microsoft 365 that the same command, given later, goes
    on with. What is broken is named first, with what to do. Exit code: 0 all passed, 1 a link is broken, 2 the stack
    file is wrong, 3 something could not be looked at, 4 it cannot be told yet (pending, or too early).
    """
    estate = estate_for(stack, patience)
    stale = None if stale_hours is None else timedelta(hours=stale_hours)
    limits = Limits(stale, Search(days, search, timedelta(hours=grace_hours)))
    findings = look_at(chain(estate, limits), patience)
    others = not_looked_at(estate)

    def summary(ordered: Sequence[Finding]) -> str:
        return "\n".join((*others, _summary(ordered)))

    show(estate.stack, findings, as_json=as_json, summary=summary, more={"not_looked_at": others})


def _summary(ordered: Sequence[Finding]) -> str:
    worst = ordered[0]
    count = sum(finding.verdict is worst.verdict for finding in ordered)
    match worst.verdict:
        case Verdict.PASSED:
            arrived = [f"{one.title}: {one.reason}." for one in ordered if one.link.startswith(RECORDS)]
            return " ".join((f"All {len(ordered)} links passed.", *arrived))
        case Verdict.FAILED:
            return f"{count} of {len(ordered)} links broken; begin with: {worst.title}."
        case Verdict.UNKNOWN:
            return f"{count} of {len(ordered)} links could not be looked at; none is known to be broken."
        case _:
            return f"Nothing is broken; {count} of {len(ordered)} links cannot be told yet."
