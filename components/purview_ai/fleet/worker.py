"""A process that lets the engine work on one stack after the other: ``python -m purview_ai.fleet.worker``.

It is told jobs on its standard input and tells how they end on its standard output. Where its input ends, whoever
started it has gone, and it ends as it would if it was told to: the operation that goes on finishes what it is at, so
that no lock and no half-made resource stays behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any, TextIO

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack, UpdateSummary
from pulumi.automation.errors import CommandError, InvalidVersionError

from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.locks import BusyError, locked
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.fleet.words import Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi.automation import EngineEvent, OutputMap

UNCHANGED = ("same", "read", "refresh")


class _Workspace(LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Select nothing: what somebody has selected in this folder stays selected."""


class _Stack(Stack):
    def outputs(self) -> OutputMap:
        """Nothing: nobody asks here, and it takes two more engines and decrypts."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:  # noqa: ARG002, FBT001, FBT002  # theirs
        """Nothing that was not told on the way: it takes one more engine and decrypts."""
        return UpdateSummary("update", datetime.now(UTC), "", {}, {}, "succeeded")


class _Operation:
    """One operation of the engine, as it goes."""

    def __init__(self, job: Job, tell: Callable[[Report], None]) -> None:
        self._job, self._tell = job, tell
        self._heard, self._steps = Heard(job.stack), 0
        self._changes: dict[str, int] = {}

    def result(self, command: PulumiCommand, cancelled: Callable[[], bool]) -> StackResult:
        """Do it, and say what became of it."""
        job = self._job
        environment = {"PULUMI_BACKEND_URL": job.backend} if job.backend else {}
        workspace = _Workspace(work_dir=job.project, pulumi_command=command, env_vars=environment)
        stack = _Stack.select(job.stack, workspace)
        try:
            self._run(stack)
        except CommandError:
            if cancelled():
                return self._ended(Ending.CANCELLED, _cut_short(job.stack))
            reason, again = self._heard.reason()
            return self._ended(Ending.FAILED, reason, again=again)
        if job.expect_no_changes and self._changes:
            return self._ended(Ending.DIFFERS, f"{job.stack}: it would change")
        return self._ended(Ending.SUCCEEDED)

    def _run(self, stack: Stack) -> None:
        job = self._job
        told: dict[str, Any] = {"on_event": self._heed, "on_error": self._heard.loose.append, "color": "never"}
        rules = {"policy_packs": list(job.policy_packs), "policy_pack_configs": list(job.policy_pack_configs)}
        match job.operation:
            case Operation.PREVIEW:
                stack.preview(plan=job.plan or None, **rules, **told)
            case Operation.UP:
                stack.up(plan=job.plan or None, suppress_outputs=True, **rules, **told)
            case Operation.REFRESH:
                stack.refresh(suppress_outputs=True, **told)

    def _heed(self, event: EngineEvent) -> None:
        if (told := event.diagnostic_event) is not None and told.severity == "error":
            self._heard.failed(told.message, told.urn or "")
        elif (rule := event.policy_event) is not None and rule.enforcement_level == "mandatory":
            self._heard.violated(rule.policy_name, rule.message, rule.resource_urn or "")
        elif event.summary_event is not None:
            self._changes = _changes_in(event.summary_event.resource_changes)
        elif event.res_outputs_event is not None:
            self._steps += 1
            self._tell(Report(steps=self._steps, at=event.res_outputs_event.metadata.urn.rsplit("::", 1)[-1]))

    def _ended(self, ending: Ending, reason: str = "", *, again: bool = False) -> StackResult:
        return StackResult(
            stack=self._job.stack, ending=ending, reason=reason, changes=self._changes, may_pass_again=again
        )


def _cut_short(stack: str) -> str:
    return f"{stack}: it was ended before it was over"


def _changes_in(counted: Mapping[Any, int]) -> dict[str, int]:
    return {str(how): count for how, count in counted.items() if str(how) not in UNCHANGED and count}


class _Worker:
    """Does what it is told."""

    def __init__(self, orders: TextIO, answers: TextIO) -> None:
        self._orders, self._answers = orders, answers
        self._jobs = SimpleQueue[Job | None]()
        self._cancelled = threading.Event()
        self._command: PulumiCommand | None = None

    def work(self) -> None:
        """Until its input ends."""
        threading.Thread(target=self._listen, daemon=True).start()
        while (job := self._jobs.get()) is not None:
            begun = time.monotonic()
            result = self._done(job)
            self._tell(Report(result=result.model_copy(update={"seconds": round(time.monotonic() - begun, 1)})))

    def _listen(self) -> None:
        for line in self._orders:
            command = Command.model_validate_json(line)
            if command.job is not None:
                self._cancelled.clear()
                self._jobs.put(command.job)
            if command.cancel:
                self._cancel()
        # Told twice, the engine would not end its steps any more.
        if not self._cancelled.is_set():
            self._cancel()
        self._jobs.put(None)

    def _cancel(self) -> None:
        """What Ctrl-C would do: the engine is in the same group of processes as this one, and its plugins are not."""
        self._cancelled.set()
        os.killpg(0, signal.SIGINT)

    def _done(self, job: Job) -> StackResult:
        reason, again = "", False
        try:
            with locked(Path(job.project), job.stack, job.wait_s, self._cancelled.is_set):
                self._command = self._command or PulumiCommand()
                # Who is told before there is an engine that hears the signal begins none.
                if not self._cancelled.is_set():
                    return _Operation(job, self._tell).result(self._command, self._cancelled.is_set)
        except BusyError:
            reason, again = f"{job.stack}: another purview-ai fleet of this checkout is working on it", True
        except FileNotFoundError:
            reason = "pulumi is not on PATH: install it first (https://www.pulumi.com/docs/install/)"
        except InvalidVersionError as error:
            reason = str(error)
        except CalledProcessError as error:
            reason, again = f"{job.stack}: pulumi does not say its version: {error}", True
        if self._cancelled.is_set():
            return StackResult(stack=job.stack, ending=Ending.CANCELLED, reason=_cut_short(job.stack))
        return StackResult(stack=job.stack, ending=Ending.FAILED, reason=reason, may_pass_again=again)

    def _tell(self, report: Report) -> None:
        try:
            self._answers.write(report.model_dump_json(exclude_defaults=True) + "\n")
            self._answers.flush()
        except BrokenPipeError:
            # Nobody listens any more: the end of the input says the same.
            return


def main() -> None:
    """The process: its standard output is for answers alone."""
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _Worker(sys.stdin, answers).work()


if __name__ == "__main__":
    main()
