"""What ``drift``, ``verify`` and ``report`` find of each stack, in the words of a fleet's summary."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from rich.console import Console

from purview_ai.calls.threads import load
from purview_ai.drift.backend import backend_of
from purview_ai.drift.change import Drift, left_out_in_words
from purview_ai.drift.looking import Seen, Watcher
from purview_ai.fleet.job import Report
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import inspected
from purview_ai.inspection.records import Search
from purview_ai.inspection.verify import Limits, chain, worst_first
from purview_ai.operate.drift_command import WRONG_FILE, in_words, show_one, wanted_of
from purview_ai.operate.estates import SignIns, estate_of
from purview_ai.operate.report_command import files_of, write_index, write_page
from purview_ai.operate.reporting import NOT_ASKED, Gathering, page_of, watcher_of
from purview_ai.operate.stack_file import WRONG
from purview_ai.report.contents import Glance, StackRow, Unseen
from purview_ai.report.page import tenant_page
from purview_ai.report.summary import glance_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from purview_ai.drift.change import Change
    from purview_ai.fleet.looks import Look
    from purview_ai.fleet.order import Looking, Order
    from purview_ai.inspection.finding import Finding
    from purview_ai.report.contents import TenantPage
    from purview_ai.settings.files import Project

_ENDINGS = {
    Verdict.PASSED: Ending.SUCCEEDED,
    Verdict.FAILED: Ending.FAILED,
    Verdict.UNKNOWN: Ending.UNKNOWN,
    Verdict.PENDING: Ending.PENDING,
    Verdict.TOO_EARLY: Ending.PENDING,
}
_DRIFT = TypeAdapter(Drift)
_SHOWN = 5
"""So many of what differs, or of why nobody knows, stand in a summary; JSON has all."""


def look_of(project: Project, order: Order) -> Look:
    """What an order looks for; raises :class:`~purview_ai.drift.checkpoint.CheckpointError` without a backend."""
    load()
    match order.operation:
        case Operation.DRIFT:
            return _Drifts.of(project, order.looking)
        case Operation.VERIFY:
            return _Chains(order.looking)
        case _:
            return _Pages.of(project, order)


@dataclass
class _Drifts:
    """Whether something differs from what was recorded."""

    project: Project
    watcher: Watcher
    steps: dict[str, _Steps]

    @classmethod
    def of(cls, project: Project, looking: Looking) -> _Drifts:
        backend, steps = backend_of(project.folder, os.environ), dict[str, _Steps]()
        watcher = Watcher(backend, _telling(steps), looking.patience_s, frozenset(looking.leave_out))
        return cls(project, watcher, steps)

    async def at(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        """See :class:`~purview_ai.fleet.looks.Look`."""
        self.steps[stack] = _Steps(told)
        try:
            wanted = wanted_of(self.project, stack)
        except WRONG_FILE as error:
            return of_drift(Drift(stack, problem=f"{stack}: {error}"))
        [found] = await self.watcher.found([wanted])
        return of_drift(found)


def _telling(steps: dict[str, _Steps]) -> Callable[[Seen], None]:
    return lambda seen: steps[seen.stack].at(seen.resource)


@dataclass
class _Steps:
    """Counts what was looked at of a stack."""

    told: Callable[[Report], None]
    done: int = 0

    def at(self, what: str) -> None:
        self.done += 1
        self.told(Report(steps=self.done, at=what))


def of_drift(found: Drift) -> StackResult:
    """What a comparison comes to."""
    told = f"{found.stack}: {in_words(found)}"
    notes = [*found.notes, left_out_in_words([left.kind for left in found.left_out])]
    ending, reason = Ending.SUCCEEDED, [""]
    if found.problem:
        ending, reason = Ending.UNKNOWN, [found.problem]
    elif found.changes or found.differs is None:
        ending = Ending.DIFFERS if found.changes else Ending.UNKNOWN
        reason = [told, *_some(map(_change_in_words, found.changes)), *_some(left.why for left in found.unknown)]
    elif found.empty:
        notes.append(in_words(found))
    return StackResult(
        stack=found.stack,
        ending=ending,
        reason="\n".join(reason),
        note="\n".join(f"{found.stack}: {note}" for note in notes if note),
        may_pass_again=found.may_pass_again,
        details={"drift": found.as_json()},
    )


def _change_in_words(change: Change) -> str:
    return f"{change.kind} {change.resource}: {change.field or 'gone'}"


def _some(lines: Iterable[str]) -> list[str]:
    """The first of them, and how many more there are."""
    told = list(dict.fromkeys(lines))
    more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return [f"  {line}" for line in (*told[:_SHOWN], *more)]


def show_drifts(results: Sequence[StackResult]) -> None:
    """What differs, field by field."""
    out = Console(highlight=False, soft_wrap=not Console().is_terminal)
    for one in results:
        if "drift" in one.details and (found := _DRIFT.validate_python(one.details["drift"])).changes:
            show_one(out, found)


@dataclass
class _Chains:
    """How each link of a tenant's chain is."""

    looking: Looking
    sign_ins: SignIns = field(default_factory=SignIns)

    async def at(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        """See :class:`~purview_ai.fleet.looks.Look`."""
        steps, patience_s = _Steps(told), self.looking.patience_s
        try:
            estate = estate_of(stack, patience_s, self.sign_ins.once)
            links = chain(estate, Limits(search=Search(wait_s=self.looking.search_s)))
            findings = await inspected(links, patience_s, lambda one: steps.at(one.title))
        except WRONG as error:
            return StackResult(stack=stack, ending=Ending.FAILED, reason=str(error))
        return of_findings(stack, findings)


def of_findings(stack: str, findings: Sequence[Finding]) -> StackResult:
    """What a chain comes to."""
    worst = worst_first(findings)[0]
    details = {"findings": [finding.as_json() for finding in findings]}
    if worst.verdict is Verdict.PASSED:
        return StackResult(stack=stack, ending=Ending.SUCCEEDED, details=details)
    alike = sum(finding.verdict is worst.verdict for finding in findings)
    more = f" (and {alike - 1} more)" if alike > 1 else ""
    told = [f"{stack}: {worst.title}{more}: {worst.reason}", *(f"  {line}" for line in worst.remedy.splitlines())]
    return StackResult(
        stack=stack,
        ending=_ENDINGS[worst.verdict],
        reason="\n".join(told),
        may_pass_again=any(finding.may_pass_again for finding in findings),
        details=details,
    )


@dataclass
class _Pages:
    """A page of each tenant."""

    out: Path
    files: dict[str, str]
    how: Gathering
    sign_ins: SignIns = field(default_factory=SignIns)

    @classmethod
    def of(cls, project: Project, order: Order) -> _Pages:
        looking = order.looking
        limits = Limits(search=Search(wait_s=looking.search_s))
        watcher = Unseen(NOT_ASKED) if looking.without_drift else watcher_of(project, looking.patience_s)
        return cls(Path(looking.pages), files_of(order.stacks), Gathering(limits, looking.patience_s, watcher))

    async def at(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        """See :class:`~purview_ai.fleet.looks.Look`."""
        how, steps = self.how, _Steps(told)
        try:
            estate = estate_of(stack, how.patience_s, self.sign_ins.once)
            page = await page_of(estate, how, lambda one: steps.at(one.title))
            file = self.out / self.files[stack]
            write_page(file, tenant_page(page))
        except WRONG as error:
            return StackResult(stack=stack, ending=Ending.FAILED, reason=str(error))
        except OSError as error:
            return StackResult(
                stack=stack, ending=Ending.FAILED, reason=f"{stack}: its page cannot be written: {error}"
            )
        return _of_page(page, file)


def _of_page(page: TenantPage, file: Path) -> StackResult:
    glance = glance_at(page)
    details = {"page": str(file), "glance": glance.model_dump(mode="json")}
    told = f"{page.stack}: {glance.sentence}"
    if page.may_show_more:
        reason = f"{told}\n  Its page is written, and does not show what could not be looked at."
        return StackResult(stack=page.stack, ending=Ending.UNKNOWN, reason=reason, may_pass_again=True, details=details)
    return StackResult(stack=page.stack, ending=Ending.SUCCEEDED, note=told, details=details)


def write_index_of(out: Path, results: Sequence[StackResult]) -> Path:
    """Write the page over all that became of a report; its file."""
    return write_index(out, map(_row, results))


def _row(result: StackResult) -> StackRow:
    page: dict[str, Any] = result.details
    if "page" not in page:
        return StackRow(result.stack, Unseen(result.reason))
    return StackRow(result.stack, Glance.model_validate(page["glance"]), Path(page["page"]).name)
