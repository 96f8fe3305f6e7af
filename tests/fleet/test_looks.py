"""What one look at a stack comes to, whatever it meets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from purview_ai.fleet.journal import Past
from purview_ai.fleet.looks import Eyes
from purview_ai.fleet.order import Operation, Order
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.inspection.finding import Finding, Verdict
from purview_ai.operate.fleet_looks import of_findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.fleet.job import Report


class _Finds:
    """Looks, and finds this."""

    def __init__(self, found: StackResult | Exception) -> None:
        self._found = found

    async def at(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        del stack, told
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


def _seen(found: StackResult | Exception) -> StackResult:
    async def look() -> StackResult:
        eye = await Eyes(lambda: _Finds(found)).another()
        return await eye.do("contoso", lambda _: None)

    return asyncio.run(look())


def test_what_nobody_foresaw_is_the_affair_of_its_stack() -> None:
    result = _seen(KeyError("hunter2"))
    assert (result.ending, result.may_pass_again) == (Ending.UNKNOWN, False)
    assert result.reason.startswith("contoso: looking at it failed unexpectedly (KeyError)")
    assert "hunter2" not in result.reason


def test_half_a_character_of_a_service_ends_no_run() -> None:
    found = StackResult(stack="contoso", ending=Ending.DIFFERS, reason="\ud83d!", details={"now": ["ü", "\udcff"]})
    result = _seen(found)
    assert (result.reason, result.details) == ("?!", {"now": ["ü", "?"]})
    assert StackResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize(
    ("verdicts", "ending", "left"),
    [
        ((Verdict.PASSED,), Ending.SUCCEEDED, False),
        ((Verdict.PASSED, Verdict.PENDING), Ending.PENDING, True),
        ((Verdict.TOO_EARLY, Verdict.PASSED), Ending.PENDING, True),
        ((Verdict.PENDING, Verdict.UNKNOWN), Ending.UNKNOWN, True),
        ((Verdict.UNKNOWN, Verdict.FAILED, Verdict.PENDING), Ending.FAILED, True),
    ],
)
def test_a_chain_comes_to_its_worst_link_and_is_done_once_all_passed(
    verdicts: tuple[Verdict, ...], ending: Ending, *, left: bool
) -> None:
    result = of_findings("contoso", [Finding(one, one, one) for one in verdicts])
    past = Past(Order(operation=Operation.VERIFY, waves=(("contoso",),)), datetime.now(UTC), {"contoso": result})
    assert (result.ending, past.left) == (ending, ("contoso",) if left else ())
