"""What one look at a stack comes to, whatever it meets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from purview_ai.fleet.looks import another_eye
from purview_ai.fleet.results import Ending, StackResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.fleet.job import Report


class _Finds:
    """Looks, and finds this."""

    def __init__(self, found: StackResult | Exception) -> None:
        self._found = found

    async def at(self, stack: str, told: Callable[[Report], None], *, again: bool) -> StackResult:
        del stack, told, again
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


def _seen(found: StackResult | Exception) -> StackResult:
    async def look() -> StackResult:
        eye = await another_eye(_Finds(found))
        return await eye.do("contoso", lambda _: None, again=False)

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
