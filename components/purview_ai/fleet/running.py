"""Goes through an order: wave by wave, some stacks side by side, each failure by itself and tried once more."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from purview_ai.fleet.choosing import failed_of, member_of
from purview_ai.fleet.job import Job
from purview_ai.fleet.results import Ending, StackResult, not_begun
from purview_ai.fleet.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.journal import Journal
    from purview_ai.settings.files import Project

CUT_OFF_WAIT_S = 900.0
"""For so long an operation is waited for that a run before left behind: it ends what it is at."""
_AGAIN = 2
"""So often a stack is tried."""
_BAD = (Ending.FAILED, Ending.UNKNOWN)
NO_MORE, CANARY_BAD = "{bad} of them failed, which was the limit", "the canary did not go well"
INTERRUPTED, WENT_WRONG = "it was interrupted", "something went wrong with the run itself"


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
    backend_for: Callable[[str], str]
    """The URL of a stack's own backend; empty where it has none."""
    onlooker: Onlooker
    stopped: str = ""
    """Why some were not begun."""
    interrupted: bool = False
    _bad: set[str] = field(default_factory=set[str])
    """What went wrong since it was begun, or gone on with."""
    _idle: list[Worker] = field(default_factory=list[Worker])
    _busy: set[Worker] = field(default_factory=set[Worker])
    _asides: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    async def results(self) -> tuple[StackResult, ...]:
        """What became of each stack of the order, in its order, and of those that may have been meant."""
        past = self.journal.past
        left, cut_off = set(past.left), frozenset(past.cut_off)
        with self._heeding_ctrl_c():
            try:
                for number, wave in enumerate(past.order.waves):
                    await self._wave([stack for stack in wave if stack in left], cut_off)
                    if number == 0 and past.order.canary and self._bad.intersection(wave):
                        self._stop(CANARY_BAD)
            finally:
                # Where something unforeseen ended the run, some may be at work still.
                await asyncio.gather(*(worker.end() for worker in (*self._idle, *self._busy)))
        return (*map(self._known_of, past.order.stacks), *past.order.untold)

    def _known_of(self, stack: str) -> StackResult:
        past = self.journal.past
        if stack in past.cut_off:
            reason = (
                f"{stack}: it was cut off, so nobody knows how far it came, and was not begun again: {self.stopped}"
            )
            return StackResult(stack=stack, ending=Ending.UNKNOWN, reason=reason)
        return past.results.get(stack) or not_begun(stack, self.stopped)

    async def _wave(self, stacks: list[str], cut_off: frozenset[str]) -> None:
        first = deque(stacks)
        second = deque[StackResult]()

        async def begin() -> None:
            while first and not self._enough_bad(len(second)):
                result = await self._done(self._job(first.popleft(), cut_off))
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
                again = None if self.stopped else await self._done(self._job(before.stack, cut_off), before)
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

        tasks = (guarded() for _ in range(min(self.journal.past.order.parallel, stacks)))
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if outcome is not None:
                raise outcome

    def _enough_bad(self, waiting: int) -> bool:
        """Whether no other stack is begun, or none before those that wait for their second try have had it."""
        limit = self.journal.past.order.stop_after
        return bool(self.stopped) or bool(limit and len(self._bad) + waiting >= limit)

    async def _done(self, job: Job, before: StackResult | None = None) -> StackResult | None:
        """What became of it; None where it was not begun any more."""
        if (member := member_of(self.project, job.stack)).problem:
            return failed_of(member)
        worker = self._idle.pop() if self._idle else await Worker.start(self.journal.folder / "workers.log")
        if self.stopped:
            self._idle.append(worker)
            return None
        self.journal.began(job.stack)
        self.onlooker.began(job.stack)
        self._busy.add(worker)
        result = await worker.do(job, lambda report: self._told(job.stack, report))
        self._busy.discard(worker)
        if worker.alive:
            self._idle.append(worker)
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

    def _job(self, stack: str, cut_off: frozenset[str]) -> Job:
        order = self.journal.past.order
        return Job(
            stack=stack,
            operation=order.operation,
            project=str(self.project.folder),
            plan=plan_of(order.plans, stack),
            expect_no_changes=order.expect_no_changes,
            policy_packs=order.policy_packs,
            policy_pack_configs=order.policy_pack_configs,
            backend=self.backend_for(stack),
            wait_s=CUT_OFF_WAIT_S if stack in cut_off else 0.0,
            before=self.journal.past.engines.get(stack),
        )

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
        for worker in self._busy:
            task = asyncio.ensure_future(worker.cancel())
            self._asides.add(task)
            task.add_done_callback(self._asides.discard)


def plan_of(folder: str, stack: str) -> str:
    """The file of a stack's plan; empty where there are no plans."""
    return f"{folder}/{stack}.json" if folder else ""
