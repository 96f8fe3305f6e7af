"""A tenant in one sentence, and in one row of the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.inspection.finding import Verdict
from purview_ai.report.contents import Glance, StepState, Unseen
from purview_ai.report.runs import last_success
from purview_ai.report.times import age, age_in_days

if TYPE_CHECKING:
    from datetime import date, datetime

    from purview_ai.inspection.finding import Finding
    from purview_ai.report.contents import IndexPage, KeyExpiry, TenantPage

SOON_DAYS = 30
"""A key that expires within so many days is worth a word."""
_LEADS = {
    Verdict.FAILED: "Broken",
    Verdict.UNKNOWN: "Unknown",
    Verdict.PENDING: "Being found out",
    Verdict.TOO_EARLY: "Too early to tell",
}


def worst_of(page: TenantPage) -> Verdict:
    """How the whole tenant stands: as the worst of its links, which have judged the age of what shows them."""
    chain = () if isinstance(page.chain, Unseen) else page.chain
    return max((finding.verdict for finding in chain), key=lambda one: one.badness, default=Verdict.UNKNOWN)


def headline(page: TenantPage) -> str:
    """The tenant in one sentence: a broken link first, and what is worth a word where there is none."""
    if isinstance(page.chain, Unseen) or not page.chain:
        reason = page.chain.reason if isinstance(page.chain, Unseen) else "no link of it was given"
        return f"Unknown: the chain was not looked at: {_clause(reason)}."
    worst = worst_of(page)
    if worst is Verdict.PASSED:
        return _all_well(page, len(page.chain))
    return f"{_LEADS[worst]}: {_named([finding for finding in page.chain if finding.verdict is worst])}."


def _named(links: list[Finding]) -> str:
    first = links[0]
    others = f" (and {_count(len(links) - 1, 'more link')})" if len(links) > 1 else ""
    return f"{first.title}{others}{': ' if first.reason else ''}{_clause(first.reason)}"


def _all_well(page: TenantPage, links: int) -> str:
    passed = f"All {links} links of the chain passed" if links > 1 else "The one link of the chain passed"
    last = newest_success(page)
    ran = f", and the last successful run ended {age(last, page.made)}" if last else ""
    unseen = [f"{_count(len(page.not_looked_at), 'link')} cannot be looked at"] if page.not_looked_at else []
    but = [*unseen, *_keys_to_renew(page), *_drift_to_look_at(page), *_steps_to_do(page)]
    return f"{passed}{ran}{'; but ' if but else ''}{', '.join(but)}."


def _keys_to_renew(page: TenantPage) -> list[str]:
    key = next_key(page)
    days = key.days_left(page.made) if key else None
    if key is None or key.expires is None or days is None or days > SOON_DAYS:
        return []
    verb = "expired" if days < 0 else "expires"
    return [f"the key {key.name} {verb} {age_in_days(key.expires, page.made)}"]


def _drift_to_look_at(page: TenantPage) -> list[str]:
    if isinstance(page.drift, Unseen):
        return ["whether something differs from what was deployed was not looked for"]
    told = ["something differs from what was deployed"] if page.drift.changes else []
    if unseen := page.drift.unknown:
        told.append(f"{_count(len(unseen), 'resource')} could not be compared with what was deployed")
    elif page.drift.differs is None:
        told.append("nothing could be compared with what was deployed")
    return told


def _steps_to_do(page: TenantPage) -> list[str]:
    steps = open_steps(page)
    return [f"{_count(steps, 'step')} {'is' if steps == 1 else 'are'} open"] if steps else []


def newest_success(page: TenantPage) -> datetime | None:
    """When the last successful run of any source ended."""
    return max((last for one in page.runs if (last := last_success(one, page.made))), default=None)


def next_key(page: TenantPage) -> KeyExpiry | None:
    """The key that expires first."""
    return min((key for key in page.keys if key.expires), key=lambda key: (str(key.expires), key.name), default=None)


def next_expiry(page: TenantPage) -> date | None:
    """The day on which the first key expires."""
    key = next_key(page)
    return key.expires if key else None


def drifted(page: TenantPage) -> bool | None:
    """Whether something differs from what was deployed; None where nobody knows."""
    return None if isinstance(page.drift, Unseen) else page.drift.differs


def open_steps(page: TenantPage) -> int:
    """How many steps are left that something needs."""
    return _steps(page, StepState.OPEN)


def unknown_steps(page: TenantPage) -> int:
    """How many of those nobody knows whether they are done."""
    return _steps(page, StepState.UNKNOWN)


def _steps(page: TenantPage, state: StepState) -> int:
    return sum(shown.state is state and not shown.step.optional for shown in page.steps)


def glance_at(page: TenantPage) -> Glance:
    """The tenant's row of the index."""
    return Glance(
        standing=worst_of(page),
        sentence=headline(page),
        last_success=newest_success(page),
        drifted=drifted(page),
        next_expiry=next_expiry(page),
        open_steps=open_steps(page),
        unknown_steps=unknown_steps(page),
    )


def index_headline(page: IndexPage) -> str:
    """All stacks in one sentence."""
    unseen = [row.stack for row in page.rows if isinstance(row.seen, Unseen)]
    standings = [row.seen.standing for row in page.rows if not isinstance(row.seen, Unseen)]
    worst_first = sorted(Verdict, key=lambda one: -one.badness)
    counts = ((verdict.value, standings.count(verdict)) for verdict in worst_first)
    told = [f"{count} {word}" for word, count in counts if count]
    told += [f"{len(unseen)} could not be looked at"] if unseen else []
    return f"{_count(len(page.rows), 'stack')}: {', '.join(told)}." if told else "There is no stack."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _clause(text: str) -> str:
    """A text's first line, as the end of a sentence."""
    lines = text.strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else ""
