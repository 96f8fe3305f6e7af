"""Worker processes, as whoever starts them sees them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.results import Ending, StackResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TICK_S, _KILLED_S = 0.05, 5.0
STARTING_S, ENDING_S = 30.0, 120.0
"""An engine that lost its worker may have a lock and not heed signals yet; then it may end what it is at."""
AT_ONCE_S = 30.0
"""Who is told to end at once is killed after so long."""
_LONGEST_LINE = 2**20
_AT_ONCE = 2
"""Told so often, it is to end at once."""


@dataclass(eq=False)
class Worker:
    """A process that does one job after the other."""

    process: asyncio.subprocess.Process
    log: Path
    """What it says besides its answers."""
    _asked: int = 0
    """So often it was told to end what it does."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it has nothing to do, or is no more."""
    _killed: bool = False

    @classmethod
    async def start(cls, log: Path) -> Worker:
        """A new one, in a session of its own: Ctrl-C in a terminal does not reach it, and this process tells it."""
        with log.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "purview_ai.fleet.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=sink,
                start_new_session=True,
                limit=_LONGEST_LINE,
            )
        return cls(process, log)

    @property
    def alive(self) -> bool:
        """Whether it can be told another job."""
        return self.process.returncode is None

    async def do(self, job: Job, told: Callable[[Report], None]) -> StackResult:
        """Have a job done; what becomes of it is unknown where the process dies of it."""
        self._asked, heard = 0, not job.operation.changes_something
        self._over.clear()
        with contextlib.suppress(ConnectionError):
            await self._say(Command(job=job))
            while line := await self._answers().readline():
                try:
                    report = Report.model_validate_json(line)
                except ValidationError:
                    continue
                if report.result is not None:
                    self._over.set()
                    return report.result
                heard = True
                told(report)
        gone_by_itself = await self._bury(heard=heard)
        self._over.set()
        return self._lost(job, may_have_left_a_lock=not (heard or gone_by_itself))

    def _lost(self, job: Job, *, may_have_left_a_lock: bool) -> StackResult:
        died = (
            f"did not end in {AT_ONCE_S:.0f} s when it was told to end at once, and was killed"
            if self._killed
            else f"died ({self.process.returncode})"
        )
        unknown = "how far it came" if job.operation.changes_something else "what it would change; it changed nothing"
        reason = (
            f"{job.stack}: the process that worked on it {died}, so nobody knows {unknown}\n"
            f"  Its last words are in {self.log}."
        )
        if may_have_left_a_lock:
            reason += (
                "\n  Its engine had not begun, and may have left a lock that the next run does not know."
                f"\n  Where that says so, and nobody is at work there: pulumi cancel --stack {job.stack}"
            )
        return StackResult(stack=job.stack, ending=Ending.UNKNOWN, reason=reason, may_pass_again=True)

    async def cancel(self) -> None:
        """Let its operation end; told twice, it ends at once, and is killed where it does not.

        Who hears nothing any more, or is dead, has its engine ended once already.
        """
        self._asked += 1
        if self.alive and self.process.stdin is not None and not self.process.stdin.is_closing():
            with contextlib.suppress(ConnectionError):
                await self._say(Command(cancel=True))
        elif self._asked > 1:
            self._signal(signal.SIGINT)
        if self._asked == _AT_ONCE:
            await self._end_at_once()

    async def end(self) -> None:
        """Let it go, once it has nothing to do."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()
        self._over.set()

    async def _end_at_once(self) -> None:
        """Whatever keeps it, or its engine, from ending."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), AT_ONCE_S)
        if not self._over.is_set():
            self._killed = True
            self._signal(signal.SIGKILL)

    async def _bury(self, *, heard: bool) -> bool:
        """Let its engine end what it is at: another one had better not begin before. Whether it did so by itself.

        One that was not heard of may leave a lock that nobody knows whose it is, so it gets the time to begin. One that
        does not end is killed: its lock is known as the run's own.
        """
        await self.process.wait()
        if self._killed:
            return False
        if not heard and await self._gone(STARTING_S):
            return True
        # Told twice, it would not end what it is at.
        if not (heard and self._asked):
            self._signal(signal.SIGINT)
        if not await self._gone(ENDING_S):
            self._signal(signal.SIGKILL)
            await self._gone(_KILLED_S)
        return False

    async def _gone(self, limit_s: float) -> bool:
        """Whether nobody of its group is left; a dead one counts until somebody reaps it."""
        deadline = time.monotonic() + limit_s
        while self._signal(0):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_TICK_S)
        return True

    def _signal(self, number: int) -> bool:
        """To all of its group, which its engine is in; whether there is one."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    async def _say(self, command: Command) -> None:
        orders = self.process.stdin
        if orders is None:
            raise ConnectionError
        orders.write(command.model_dump_json(exclude_defaults=True).encode() + b"\n")
        await orders.drain()

    def _answers(self) -> asyncio.StreamReader:
        if self.process.stdout is None:
            raise ConnectionError
        return self.process.stdout
