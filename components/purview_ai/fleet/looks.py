"""Looks at stacks: in this very process, since no engine is needed and nothing is changed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from purview_ai.calls.speaking import OUR_FAULT, unexpected
from purview_ai.fleet.results import Ending, StackResult

AT_ONCE = 8
"""So many stacks are looked at side by side, unless somebody says how many."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.running import Hand


class Look(Protocol):
    """What is looked for in each stack."""

    async def at(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        """Look at one stack, and say what was found."""
        ...


class Eyes:
    """Look at stacks, each at one at a time; all of a turn share what signs in and who is asked no more."""

    def __init__(self, make: Callable[[], Look]) -> None:
        """Raises what making a look raises."""
        self._make = make
        self._look = make()

    async def another(self) -> Hand:
        """One more."""
        return _Eye(lambda: self._look)

    def new_turn(self) -> None:
        """Sign in anew, and ask also whom the last turn has given up."""
        self._look = self._make()


@dataclass(eq=False)
class _Eye:
    look: Callable[[], Look]
    alive: bool = True
    _going: asyncio.Task[StackResult] | None = None

    async def do(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        begun = asyncio.get_running_loop().time()
        self._going = asyncio.create_task(self.look().at(stack, told))
        await asyncio.wait([self._going])
        seconds = round(asyncio.get_running_loop().time() - begun, 1)
        return _as_text(_result_of(stack, self._going).model_copy(update={"seconds": seconds}))

    async def cancel(self) -> None:
        """Nothing is half done, so it ends at once."""
        if self._going is not None:
            self._going.cancel()

    async def end(self) -> None:
        """There is nothing to let go."""


def _as_text(result: StackResult) -> StackResult:
    """With a question mark for what JSON may hold and no file can: half of a character that takes two."""
    return StackResult.model_validate_json(json.dumps(result.model_dump(), ensure_ascii=False).encode(errors="replace"))


def _result_of(stack: str, look: asyncio.Task[StackResult]) -> StackResult:
    if look.cancelled():
        reason = f"{stack}: it was ended before it was over"
        return StackResult(stack=stack, ending=Ending.CANCELLED, reason=reason)
    if (error := look.exception()) is None:
        return look.result()
    if not isinstance(error, Exception):
        raise error
    # One stack's fault is no reason to be silent about the others.
    return StackResult(stack=stack, ending=Ending.UNKNOWN, reason=f"{stack}: {unexpected(error)}\n  {OUR_FAULT}")
