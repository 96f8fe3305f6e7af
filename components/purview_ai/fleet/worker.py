"""A process that lets the engine work on one stack after the other: ``python -m purview_ai.fleet.worker``.

It is told jobs on its standard input and tells how they end on its standard output. Where its input ends, whoever
started it has gone, and it ends as it would if it was told to: the operation that goes on finishes what it is at, so
that no lock and no half-made resource stays behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any, TextIO

from pulumi.automation import CommandResult, LocalWorkspace, Stack, UpdateSummary
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError, InvalidVersionError

from purview_ai.fleet.command import Pulumi
from purview_ai.fleet.held import Engine
from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.locks import BusyError, locked
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.fleet.words import Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from pulumi.automation import EngineEvent, OutputMap

UNCHANGED = ("same", "read", "refresh")
DEAF_S, _AGAIN_S = 60.0, 1.0
"""For so long an engine that takes a lock, and has said nothing yet, is left alone; then it is told to end so often."""
_UNFINISHED = ".unfinished"
"""What the name of a plan ends with until its preview has gone well: of one that fails the engine writes a part."""


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


class _Ctrl:
    """Ctrl-C for the engine, given once it can hear it.

    An engine hears it from shortly before its first event on (docs/facts.md, engine 60). Before, it would be lost on a
    process that is about to become the engine, and would end an engine that has its lock already and leave it there. It
    is kept until then, but not for ever: where the backend gives no answer, no first event comes.
    """

    def __init__(self) -> None:
        self._turn, self._asked = threading.Lock(), 0
        self._wait_s = 0.0
        self._starting: threading.Event | None = None
        """Set once the engine that is starting can hear, or has ended."""

    @property
    def asked(self) -> bool:
        """Whether the job that goes on shall end."""
        return self._asked > 0

    def next_job(self) -> None:
        """What was asked for before counts no more."""
        with self._turn:
            self._asked = 0

    def ask(self) -> None:
        """End the job; asked for twice, at once."""
        with self._turn:
            self._asked += 1
            if self._starting is None or self._asked > 1:
                self._signal()
            else:
                threading.Thread(target=self._insist, args=(self._starting, self._wait_s), daemon=True).start()

    @contextmanager
    def engine(self, operation: Operation) -> Generator[None]:
        """While there is an engine; raises :class:`_CutShortError` where none shall begin any more."""
        over = threading.Event()
        with self._turn:
            if self._asked:
                raise _CutShortError
            # A preview takes no lock, so it may end at any time.
            self._starting, self._wait_s = over, DEAF_S if operation.changes_something else 0.0
        try:
            yield
        finally:
            with self._turn:
                self._starting = None
                over.set()

    def heard(self) -> bool:
        """The engine has said something; whether it is the first time."""
        with self._turn:
            if self._starting is None:
                return False
            self._starting.set()
            self._starting = None
            if self._asked:
                self._signal()
        return True

    def _insist(self, over: threading.Event, wait_s: float) -> None:
        """End an engine that says nothing; again and again, since what is not the engine yet loses a signal."""
        while not over.wait(wait_s):
            wait_s = _AGAIN_S
            with self._turn:
                if not over.is_set():
                    self._signal()

    def _signal(self) -> None:
        # The engine is in the same group of processes as this one, and its plugins are not.
        os.killpg(0, signal.SIGINT)


class _CutShortError(Exception):
    """Somebody ended the job before its engine began."""


class _Operation:
    """One operation of the engine, as it goes."""

    def __init__(self, job: Job, tell: Callable[[Report], None], ctrl_c: _Ctrl) -> None:
        self._job, self._tell, self._ctrl_c = job, tell, ctrl_c
        self._heard, self._steps = Heard(job.stack, job.backend), 0
        self._changes: dict[str, int] = {}
        self._note = ""

    def result(self, command: Pulumi) -> StackResult:
        """Do it, and say what became of it."""
        job = self._job
        environment = {"PULUMI_BACKEND_URL": job.backend} if job.backend else {}
        workspace = _Workspace(work_dir=job.project, pulumi_command=command, env_vars=environment)
        # Its select() makes one of their own class.
        stack = _Stack(job.stack, workspace, StackInitMode.SELECT)
        try:
            with _plan_of(job):
                self._run(stack)
        except CommandError:
            if self._ctrl_c.asked:
                return self._ended(Ending.CANCELLED, _cut_short(job.stack))
            reason, again = self._heard.reason()
            return self._ended(Ending.FAILED, reason, again=again)
        if job.expect_no_changes and self._changes:
            return self._ended(Ending.DIFFERS, f"{job.stack}: it would change")
        return self._ended(Ending.SUCCEEDED)

    def _run(self, stack: Stack) -> None:
        try:
            self._engine(stack)
        except CommandError:
            locks, before = self._heard.locks, self._job.before
            if locks is None or before is None or not before.left(locks):
                raise
            # Nobody else can have got a lock since: while one is there, the engine gives no other.
            stack.cancel()
            self._heard = Heard(self._job.stack, self._job.backend)
            self._note = (
                f"{self._job.stack}: the engine that worked on it before in this run (pid {before.pid}) was killed, "
                "and its lock was taken away. How far it came with what it was at, nobody knows."
            )
            self._engine(stack)

    def _engine(self, stack: Stack) -> None:
        job = self._job
        told: dict[str, Any] = {"on_event": self._heed, "on_error": self._heard.loose.append, "color": "never"}
        rules = {"policy_packs": list(job.policy_packs), "policy_pack_configs": list(job.policy_pack_configs)}
        with self._ctrl_c.engine(job.operation):
            match job.operation:
                case Operation.PREVIEW:
                    try:
                        stack.preview(plan=f"{job.plan}{_UNFINISHED}" if job.plan else None, **rules, **told)
                    except RuntimeError as error:
                        # The engine ended well, and its events have no summary.
                        self._heard.failed(f"pulumi does not say what would change: {error}")
                        raise CommandError(CommandResult("", "", 0)) from error
                case Operation.UP:
                    stack.up(plan=job.plan or None, suppress_outputs=True, **rules, **told)
                case Operation.REFRESH:
                    stack.refresh(suppress_outputs=True, **told)
                case Operation.DRIFT | Operation.VERIFY | Operation.REPORT:
                    msg = f"{job.operation} needs no engine"
                    raise ValueError(msg)

    def _heed(self, event: EngineEvent) -> None:
        first = self._ctrl_c.heard()
        if first and self._job.operation.changes_something and (engine := Engine.at_work(self._job.stack)):
            self._tell(Report(engine=engine))
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
            stack=self._job.stack,
            ending=ending,
            reason=reason,
            note=self._note,
            changes=self._changes,
            may_pass_again=again,
        )


def _unusable(job: Job, error: OSError) -> tuple[str, bool]:
    """What is missing, or cannot be written; and whether it may be there the next time."""
    if not Path(job.project).is_dir():
        return f"{job.stack}: the project's folder {job.project} is not there any more", False
    if shutil.which("pulumi") is None:
        return "pulumi is not on PATH: install it first (https://www.pulumi.com/docs/install/)", False
    return f"{job.stack}: {error}", True


@contextmanager
def _plan_of(job: Job) -> Generator[None]:
    """The plan of a preview has its name once the preview has gone well, and only then."""
    if not (job.plan and job.operation is Operation.PREVIEW):
        yield
        return
    plan, unfinished = Path(job.plan), Path(f"{job.plan}{_UNFINISHED}")
    plan.unlink(missing_ok=True)
    try:
        yield
        unfinished.replace(plan)
    finally:
        unfinished.unlink(missing_ok=True)


def _cut_short(stack: str) -> str:
    return f"{stack}: it was ended before it was over"


def _changes_in(counted: Mapping[Any, int]) -> dict[str, int]:
    return {str(how): count for how, count in counted.items() if str(how) not in UNCHANGED and count}


class _Worker:
    """Does what it is told."""

    def __init__(self, orders: TextIO, answers: TextIO) -> None:
        self._orders, self._answers = orders, answers
        self._jobs = SimpleQueue[Job | None]()
        self._ctrl_c = _Ctrl()
        self._command: Pulumi | None = None

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
                self._ctrl_c.next_job()
                self._jobs.put(command.job)
            if command.cancel:
                self._ctrl_c.ask()
        # Told twice, the engine would not end its steps any more.
        if not self._ctrl_c.asked:
            self._ctrl_c.ask()
        self._jobs.put(None)

    def _done(self, job: Job) -> StackResult:
        reason, again = "", False
        try:
            with locked(Path(job.project), job.stack, job.wait_s, lambda: self._ctrl_c.asked):
                self._command = self._command or Pulumi()
                return _Operation(job, self._tell, self._ctrl_c).result(self._command)
        except _CutShortError:
            reason = _cut_short(job.stack)
        except BusyError:
            reason, again = f"{job.stack}: another purview-ai fleet of this checkout is working on it", True
        except OSError as error:
            reason, again = _unusable(job, error)
        except InvalidVersionError as error:
            reason = str(error)
        except (CalledProcessError, UnicodeDecodeError) as error:
            reason, again = f"{job.stack}: pulumi does not say its version: {error}", True
        if self._ctrl_c.asked:
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
    # What it is told is UTF-8, whatever people here write.
    orders = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    _Worker(orders, answers).work()


if __name__ == "__main__":
    main()
