"""The engine at work: each stack in a worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.fleet.job import Job
from purview_ai.fleet.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.journal import Journal
    from purview_ai.fleet.results import StackResult
    from purview_ai.fleet.running import Hand

CUT_OFF_WAIT_S = 900.0
"""For so long an operation is waited for that a run before left behind: it ends what it is at."""


class Engines:
    """Starts the workers of a run."""

    def __init__(self, project: Path, journal: Journal, backend_for: Callable[[str], str]) -> None:
        """``backend_for`` gives the URL of a stack's own backend; empty where it has none."""
        self._project, self._journal, self._backend_for = project, journal, backend_for
        self._cut_off = frozenset(journal.past.cut_off)

    async def another(self) -> Hand:
        """One more worker."""
        return _Engine(await Worker.start(self._journal.folder / "workers.log"), self._job)

    def new_turn(self) -> None:
        """Engines begin anew for each stack."""

    def _job(self, stack: str) -> Job:
        past = self._journal.past
        order = past.order
        return Job(
            stack=stack,
            operation=order.operation,
            project=str(self._project),
            plan=order.plan_of(stack),
            expect_no_changes=order.expect_no_changes,
            policy_packs=order.policy_packs,
            policy_pack_configs=order.policy_pack_configs,
            backend=self._backend_for(stack),
            wait_s=CUT_OFF_WAIT_S if stack in self._cut_off else 0.0,
            before=past.engines.get(stack),
        )


@dataclass(eq=False)
class _Engine:
    """A worker, as a run knows it."""

    worker: Worker
    job_of: Callable[[str], Job]

    @property
    def alive(self) -> bool:
        return self.worker.alive

    async def do(self, stack: str, told: Callable[[Report], None]) -> StackResult:
        return await self.worker.do(self.job_of(stack), told)

    async def cancel(self) -> None:
        await self.worker.cancel()

    async def end(self) -> None:
        await self.worker.end()
