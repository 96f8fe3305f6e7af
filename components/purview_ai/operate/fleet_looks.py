"""What ``drift`` and ``verify`` find of many stacks, in the words of a fleet's summary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from purview_ai.calls.speaking import OUR_FAULT, unexpected
from purview_ai.calls.threads import load
from purview_ai.drift.change import Drift, left_out_in_words
from purview_ai.drift.looking import Wanted
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import inspected
from purview_ai.inspection.verify import chain, worst_first
from purview_ai.operate.drift_command import WRONG_FILE, drifts_of, in_words, wanted_of
from purview_ai.operate.estates import AT_ONCE, SignIns, estate_of
from purview_ai.operate.stack_file import WRONG

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.verify import Limits
    from purview_ai.operate.fleet_showing import Showing
    from purview_ai.settings.files import Project

_ENDINGS = {
    Verdict.PASSED: Ending.SUCCEEDED,
    Verdict.FAILED: Ending.FAILED,
    Verdict.UNKNOWN: Ending.UNKNOWN,
    Verdict.PENDING: Ending.PENDING,
    Verdict.TOO_EARLY: Ending.PENDING,
}


def drifts(project: Project, stacks: Sequence[str], patience_s: float, leave_out: frozenset[str]) -> list[Drift]:
    """What is found of each, in their order; one's wrong stack file is no reason to be silent about the others."""
    wanted, wrong = list[Wanted](), dict[str, Drift]()
    for stack in stacks:
        try:
            wanted.append(wanted_of(project, stack))
        except WRONG_FILE as error:
            wrong[stack] = Drift(stack, problem=f"{stack}: {error}")
    found = {one.stack: one for one in drifts_of(project, wanted, patience_s, leave_out)} | wrong
    return [found[stack] for stack in stacks]


def of_drift(found: Drift) -> StackResult:
    """What a comparison comes to."""
    told = f"{found.stack}: {in_words(found)}"
    left_out = left_out_in_words([left.kind for left in found.left_out])
    note = f"{found.stack}: {left_out}" if left_out else ""
    if found.problem:
        return StackResult(stack=found.stack, ending=Ending.UNKNOWN, reason=found.problem)
    if found.changes:
        return StackResult(stack=found.stack, ending=Ending.DIFFERS, reason=told, note=note)
    if found.differs is None:
        because = [f"  {left.why}" for left in found.unknown[:1]]
        return StackResult(stack=found.stack, ending=Ending.UNKNOWN, reason="\n".join([told, *because]), note=note)
    return StackResult(stack=found.stack, ending=Ending.SUCCEEDED, note=told if found.empty else note)


async def verified(
    stacks: Iterable[str], limits: Limits, patience_s: float, showing: Showing
) -> tuple[list[StackResult], dict[str, Any]]:
    """What becomes of each, in their order, and the findings for machines."""
    gate, sign_ins = asyncio.Semaphore(AT_ONCE), SignIns()
    details: dict[str, Any] = {}
    load()

    async def one(stack: str) -> StackResult:
        async with gate:
            showing.began(stack)
            begun = asyncio.get_running_loop().time()
            try:
                estate = estate_of(stack, patience_s, sign_ins.once)
                findings = await inspected(chain(estate, limits), patience_s, lambda _: None)
            except WRONG as error:
                result = StackResult(stack=stack, ending=Ending.FAILED, reason=str(error))
            except Exception as error:  # noqa: BLE001  # one stack's fault is no reason to be silent about the others
                reason = f"{stack}: {unexpected(error)}\n  {OUR_FAULT}"
                result = StackResult(stack=stack, ending=Ending.UNKNOWN, reason=reason)
            else:
                details[stack] = {"findings": [finding.as_json() for finding in findings]}
                result = _of_findings(stack, findings)
            seconds = round(asyncio.get_running_loop().time() - begun, 1)
            result = result.model_copy(update={"seconds": seconds})
            showing.ended(result)
            return result

    return list(await asyncio.gather(*map(one, stacks))), details


def _of_findings(stack: str, findings: Sequence[Finding]) -> StackResult:
    worst = worst_first(findings)[0]
    if worst.verdict is Verdict.PASSED:
        return StackResult(stack=stack, ending=Ending.SUCCEEDED)
    alike = sum(finding.verdict is worst.verdict for finding in findings)
    more = f" (and {alike - 1} more)" if alike > 1 else ""
    told = [f"{stack}: {worst.title}{more}: {worst.reason}", *(f"  {line}" for line in worst.remedy.splitlines())]
    return StackResult(stack=stack, ending=_ENDINGS[worst.verdict], reason="\n".join(told))
