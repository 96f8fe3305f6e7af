"""Worker processes, as whoever starts them sees them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.results import Ending, StackResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TICK_S, _ORPHANED_S = 0.05, 120.0
"""An engine that lost its worker is waited for; not for ever, since a dead one is there until somebody reaps it."""
_LONGEST_LINE = 2**20


@dataclass(eq=False)
class Worker:
    """A process that does one job after the other."""

    process: asyncio.subprocess.Process
    log: Path
    """What it says besides its answers."""

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
        with contextlib.suppress(ConnectionError):
            await self._say(Command(job=job))
            while line := await self._answers().readline():
                try:
                    report = Report.model_validate_json(line)
                except ValidationError:
                    continue
                if report.result is not None:
                    return report.result
                told(report)
        await self._bury()
        reason = (
            f"{job.stack}: the process that worked on it died ({self.process.returncode}), so nobody knows how far it "
            f"came\n  Its last words are in {self.log}."
        )
        return StackResult(stack=job.stack, ending=Ending.UNKNOWN, reason=reason, may_pass_again=True)

    async def cancel(self) -> None:
        """Let its operation end; told twice, it ends at once."""
        with contextlib.suppress(ConnectionError):
            await self._say(Command(cancel=True))

    async def end(self) -> None:
        """Let it go, once it has nothing to do."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()

    async def _bury(self) -> None:
        """Let its engine end what it is at: another one had better not begin before."""
        await self.process.wait()
        group, deadline = self.process.pid, time.monotonic() + _ORPHANED_S
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGINT)
            while time.monotonic() < deadline:
                os.killpg(group, 0)
                await asyncio.sleep(_TICK_S)

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
