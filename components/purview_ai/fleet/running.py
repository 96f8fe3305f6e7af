"""Goes through an order: wave by wave, some stacks side by side, each failure by itself and tried once more."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from purview_ai.fleet.choosing import failed_of, member_of
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending, StackResult, not_begun

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.journal import Journal
    from purview_ai.settings.files import Project

_AGAIN = 2
"""So often a stack is tried."""
_BAD = (Ending.FAILED, Ending.UNKNOWN)
NO_MORE, CANARY_BAD = "{bad} of them failed, which was the limit", "the canary did not go well"
INTERRUPTED, WENT_WRONG = "it was interrupted", "something went wrong with the run itself"


class Hand(Protocol):
    """Does one stack after the other."""

    @property
    def alive(self) -> bool:
        """Whether it can do another one."""
        ...

    async def do(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        """Do it, and say what became of it."""
        ...

    async def cancel(self) -> None:
        """End what it is at; told twice, at once."""

    async def end(self) -> None:
        """Let it go, once it has nothing to do."""


class Hands(Protocol):
    """Who does the work."""

    async def another(self) -> Hand:
        """One more."""
        ...

    def new_turn(self) -> None:
        """A wave begins, or those who are tried once more: what was given up meanwhile may be asked again."""


class Onlooker(Protocol):
    """Is told what happens, to show it."""

    def began(self, stack: str) -> None:
        """A stack is begun."""

    def step(self, stack: str, report: Report) -> None:
        """A stack is so far."""

    def ended(self, result: StackResult) -> None:
        """That became of a stack."""

    def again(self, result: StackResult) -> None:
        """That became of a stack, and it will be tried once more."""

    def stopping(self, why: str) -> None:
        """No other stack is begun."""


@dataclass
class Run:
    """One run of a fleet, from its beginning or from where it was ended."""

    project: Project
    journal: Journal
    hands: Hands
    onlooker: Onlooker
    stopped: str = ""
    """Why some were not begun."""
    interrupted: bool = False
    _bad: set[str] = field(default_factory=set[str])
    """What went wrong since it was begun, or gone on with."""
    _idle: list[Hand] = field(default_factory=list[Hand])
    _busy: set[Hand] = field(default_factory=set[Hand])
    _asides: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    async def results(self) -> tuple[StackResult, ...]:
        """What became of each stack of the order, in its order, and of those that may have been meant."""
        past = self.journal.past
        left = set(past.left)
        with self._heeding_ctrl_c():
            try:
                for number, wave in enumerate(past.order.waves):
                    await self._wave([stack for stack in wave if stack in left])
                    if number == 0 and past.order.canary and self._bad.intersection(wave):
                        self._stop(CANARY_BAD)
            finally:
                # Where something unforeseen ended the run, some may be at work still.
                await asyncio.gather(*(hand.end() for hand in (*self._idle, *self._busy)))
        return (*map(self._known_of, past.order.stacks), *past.order.untold)

    def _known_of(self, stack: str) -> StackResult:
        past = self.journal.past
        if stack in past.cut_off:
            reason = (
                f"{stack}: it was cut off, so nobody knows how far it came, and was not begun again: {self.stopped}"
            )
            return StackResult(stack=stack, ending=Ending.UNKNOWN, reason=reason)
        return past.results.get(stack) or not_begun(stack, self.stopped)

    async def _wave(self, stacks: list[str]) -> None:
        first = deque(stacks)
        second = deque[StackResult]()

        async def begin() -> None:
            while first and not self._enough_bad(len(second)):
                result = await self._done(first.popleft())
                if result is None:
                    return
                if result.may_pass_again and not self.stopped:
                    self.onlooker.again(result)
                    second.append(result)
                else:
                    self._settle(result)

        async def repeat() -> None:
            while second:
                before = second.popleft()
                # What is not tried a second time keeps what became of it the first time.
                again = None if self.stopped else await self._done(before.stack, before)
                self._settle(again or before)

        while first and not self.stopped:
            await self._side_by_side(begin, len(first))
            await self._side_by_side(repeat, len(second))

    async def _side_by_side(self, work: Callable[[], Coroutine[None, None, None]], stacks: int) -> None:
        """So many at a time; what is unforeseen ends none that goes on, and is raised once all are over."""

        async def guarded() -> None:
            try:
                await work()
            except Exception:
                self._stop(WENT_WRONG)
                raise

        if stacks:
            self.hands.new_turn()
        tasks = (guarded() for _ in range(min(self.journal.past.order.parallel, stacks)))
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if outcome is not None:
                raise outcome

    def _enough_bad(self, waiting: int) -> bool:
        """Whether no other stack is begun, or none before those that wait for their second try have had it."""
        limit = self.journal.past.order.stop_after
        return bool(self.stopped) or bool(limit and len(self._bad) + waiting >= limit)

    async def _done(self, stack: str, before: StackResult | None = None) -> StackResult | None:
        """What became of it; None where it was not begun any more."""
        if (member := member_of(self.project, stack)).problem:
            # Of whom nobody can say what to compare, nobody says that something differs.
            unread = Ending.UNKNOWN if self.journal.past.order.operation is Operation.DRIFT else Ending.FAILED
            return failed_of(member, unread)
        hand = self._idle.pop() if self._idle else await self.hands.another()
        if self.stopped:
            self._idle.append(hand)
            return None
        self.journal.began(stack)
        self.onlooker.began(stack)
        self._busy.add(hand)
        result = await hand.do(stack, lambda report: self._told(stack, report))
        self._busy.discard(hand)
        if hand.alive:
            self._idle.append(hand)
        if before is None:
            return result
        return result.model_copy(update={"attempts": _AGAIN, "first_reason": before.reason})

    def _told(self, stack: str, report: Report) -> None:
        if report.engine is not None:
            self.journal.at_work(report.engine)
        else:
            self.onlooker.step(stack, report)

    def _settle(self, result: StackResult) -> None:
        self.journal.ended(result)
        self.onlooker.ended(result)
        if result.ending in _BAD:
            self._bad.add(result.stack)
        if self._enough_bad(0):
            self._stop(NO_MORE.format(bad=len(self._bad)))

    def _stop(self, why: str) -> None:
        if not self.stopped:
            self.stopped = why
            self.onlooker.stopping(why)

    @contextmanager
    def _heeding_ctrl_c(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    def _interrupt(self) -> None:
        """Begin no more, and let what goes on end its steps; the second time the engine ends it at once."""
        self.interrupted = True
        self._stop(INTERRUPTED)
        for hand in self._busy:
            task = asyncio.ensure_future(hand.cancel())
            self._asides.add(task)
            task.add_done_callback(self._asides.discard)
