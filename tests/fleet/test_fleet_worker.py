"""A worker and an engine that does what no real one does at will: it takes its time, and it says too much."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import psutil
import pytest
from fleet.engines import (
    FAILS,
    FAILS_HALF_WAY,
    HARD_TO_END,
    LEFT_ALONE,
    NEVER_LISTENS,
    SAYS_NOTHING,
    SAYS_TOO_MUCH,
    SAYS_WHAT_IS_NO_TEXT,
    SAYS_WHY_ABROAD,
    SLOW_TO_LISTEN,
    TOLD_ONCE,
    engine,
)
from purview_ai.fleet import workers
from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending
from purview_ai.fleet.workers import Worker
from waiting import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
    from pathlib import Path

    from purview_ai.fleet.results import StackResult

    Pulumi = Callable[[str], None]

SLOW_TO_SAY_ITS_VERSION = """#!/bin/sh
cd {folder}
if [ "$1" != version ]; then touch engine; exit 1; fi
trap '{at_signal}' INT
touch started
while [ ! -e heard ]; do sleep 0.02; done
echo v3.246.0
"""


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    """As the command line starts it."""
    with _started("-m", "purview_ai.fleet.worker") as process:
        yield process


@contextmanager
def _started(*words: str) -> Generator[subprocess.Popen[str]]:
    """A worker, which does not outlive its test, nor its engine either."""
    with subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _end_group(process.pid)


@asynccontextmanager
async def _working(folder: Path) -> AsyncGenerator[Worker]:
    """The same, from whoever starts it in earnest."""
    worker = await Worker.start(folder / "log")
    try:
        yield worker
    finally:
        _end_group(worker.process.pid)
        await worker.end()


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _job(folder: Path, operation: Operation = Operation.UP, plan: str = "") -> Job:
    return Job(stack="contoso", operation=operation, project=str(folder), plan=plan)


def _line(command: Command) -> str:
    return command.model_dump_json(exclude_defaults=True) + "\n"


def _begun(worker: subprocess.Popen[str], folder: Path, operation: Operation = Operation.UP) -> None:
    assert worker.stdin is not None
    worker.stdin.write(_line(Command(job=_job(folder, operation))))
    worker.stdin.flush()
    until((folder / "started").exists, "pulumi")


@pytest.mark.parametrize("at_signal", ["touch heard", "exit 130"])
def test_who_is_told_to_end_before_there_is_an_engine_begins_none(
    tmp_path: Path, pulumi: Pulumi, worker: subprocess.Popen[str], at_signal: str
) -> None:
    pulumi(SLOW_TO_SAY_ITS_VERSION.format(folder=tmp_path, at_signal=at_signal))
    _begun(worker, tmp_path)
    said, _ = worker.communicate(_line(Command(cancel=True)), timeout=30)
    result = Report.model_validate_json(said).result
    assert result is not None
    assert (result.ending, result.reason) == (Ending.CANCELLED, "contoso: it was ended before it was over")
    assert worker.returncode == 0
    assert not (tmp_path / "engine").exists()


@pytest.mark.parametrize("told", [_line(Command(cancel=True)), ""], ids=["cancelled", "its parent has gone"])
def test_an_engine_that_cannot_hear_yet_is_told_once_it_can(
    tmp_path: Path, pulumi: Pulumi, worker: subprocess.Popen[str], told: str
) -> None:
    pulumi(engine(tmp_path, SLOW_TO_LISTEN))
    _begun(worker, tmp_path)
    assert worker.stdin is not None
    worker.stdin.write(told)
    worker.stdin.close()
    worker.stdin = None
    (tmp_path / "listen").touch()
    said, _ = worker.communicate(timeout=60)
    results = [report.result for line in said.splitlines() if (report := Report.model_validate_json(line)).result]
    assert [one.ending for one in results if one] == [Ending.CANCELLED]
    assert (tmp_path / "ended").exists()
    assert not (tmp_path / "too-early").exists()


IMPATIENT = "from purview_ai.fleet import worker; worker.DEAF_S = 0.1; worker.main()"


@pytest.mark.parametrize(
    ("words", "operation"),
    [(["-c", IMPATIENT], Operation.UP), (["-m", "purview_ai.fleet.worker"], Operation.PREVIEW)],
    ids=["after a while", "a preview at once"],
)
@pytest.mark.parametrize("told", [_line(Command(cancel=True)), ""], ids=["cancelled", "its parent has gone"])
def test_an_engine_that_never_begins_is_ended(
    tmp_path: Path, pulumi: Pulumi, words: list[str], operation: Operation, told: str
) -> None:
    pulumi(engine(tmp_path, NEVER_LISTENS))
    with _started(*words) as worker:
        _begun(worker, tmp_path, operation)
        said, _ = worker.communicate(told, timeout=20)
    result = Report.model_validate_json(said).result
    assert result is not None
    assert result.ending is Ending.CANCELLED


def _gone(folder: Path) -> None:
    """Wait for the end of an engine, which nobody may have buried yet."""
    pid = int((folder / "started").read_text())
    until(
        lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, "the engine's end"
    )


async def _with_a_worker_that_dies(
    folder: Path, then: Callable[[Worker], Awaitable[None]], *, heard: bool = True
) -> StackResult:
    reports = list[Report]()
    async with _working(folder) as worker:
        doing = asyncio.create_task(worker.do(_job(folder), reports.append))
        await asyncio.to_thread(until, lambda: (folder / "started").exists() and (reports or not heard), "an engine")
        worker.process.kill()
        await worker.process.wait()
        await then(worker)
        result = await asyncio.wait_for(doing, 30)
        await asyncio.to_thread(_gone, folder)
        return result


async def _nothing(_worker: Worker) -> None:
    """Let it be."""


def test_an_engine_without_a_worker_may_begin_before_it_is_ended(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, LEFT_ALONE))
    result = asyncio.run(_with_a_worker_that_dies(tmp_path, _nothing, heard=False))
    assert result.ending is Ending.UNKNOWN
    assert "pulumi cancel" not in result.reason
    assert (tmp_path / "ended").exists()


def test_an_engine_without_a_worker_that_does_not_end_is_killed(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ENDING_S", 0.2)
    pulumi(engine(tmp_path, HARD_TO_END.format(signals=100)))
    result = asyncio.run(_with_a_worker_that_dies(tmp_path, _nothing))
    assert result.ending is Ending.UNKNOWN


def test_an_engine_without_a_worker_is_ended_at_once_by_a_second_ctrl_c(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, HARD_TO_END.format(signals=2)))

    async def twice(worker: Worker) -> None:
        await asyncio.to_thread(until, (tmp_path / "told-1").exists, "the first signal")
        await worker.cancel()
        (tmp_path / "look").touch()
        await asyncio.to_thread(until, (tmp_path / "looked").exists, "a look at signals")
        assert not (tmp_path / "told-2").exists()
        await worker.cancel()

    assert asyncio.run(_with_a_worker_that_dies(tmp_path, twice)).ending is Ending.UNKNOWN
    assert (tmp_path / "told-2").exists()


def test_an_engine_that_was_told_to_end_is_not_told_again_where_its_worker_dies(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, TOLD_ONCE))

    async def ended() -> StackResult:
        async with _working(tmp_path) as worker:
            doing = asyncio.create_task(worker.do(_job(tmp_path), lambda _: None))
            await asyncio.to_thread(until, (tmp_path / "started").exists, "an engine")
            await worker.cancel()
            await asyncio.to_thread(until, (tmp_path / "told-1").exists, "the signal")
            worker.process.kill()
            return await asyncio.wait_for(doing, 30)

    assert asyncio.run(ended()).ending is Ending.UNKNOWN
    assert [file.name for file in tmp_path.glob("told-*")] == ["told-1"], "told again, it would end nothing properly"


def test_an_engine_that_was_ended_before_its_first_event_may_have_left_a_lock(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STARTING_S", "ENDING_S"):
        monkeypatch.setattr(workers, name, 0.2)
    pulumi(engine(tmp_path, HARD_TO_END.replace("tell_first_event()\n", "").format(signals=100)))
    result = asyncio.run(_with_a_worker_that_dies(tmp_path, _nothing, heard=False))
    assert "may have left a lock that the next run does not know" in result.reason
    assert f"pulumi cancel --stack {result.stack}" in result.reason


@pytest.fixture
def _nobody_buries() -> Iterator[None]:
    """As in a container whose first process does not ask how others' children ended: they stay, dead."""
    set_child_subreaper, libc = 36, ctypes.CDLL(None)
    libc.prctl(set_child_subreaper, 1)
    yield
    libc.prctl(set_child_subreaper, 0)


@pytest.mark.usefixtures("_nobody_buries")
@pytest.mark.parametrize(
    ("operation", "told", "begun"),
    [
        (Operation.UP, "nobody knows how far it came", True),
        (Operation.UP, "may have left a lock that the next run does not know", False),
        (Operation.PREVIEW, "it would change; it changed nothing", True),
    ],
)
def test_what_a_second_ctrl_c_does_not_end_is_killed(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch, operation: Operation, told: str, *, begun: bool
) -> None:
    monkeypatch.setattr(workers, "AT_ONCE_S", 0.2)
    does = HARD_TO_END if begun else HARD_TO_END.replace("tell_first_event()\n", "")
    pulumi(engine(tmp_path, does.format(signals=100)))

    async def ended() -> StackResult:
        async with _working(tmp_path) as worker:
            doing = asyncio.create_task(worker.do(_job(tmp_path, operation), lambda _: None))
            await asyncio.to_thread(until, (tmp_path / "started").exists, "an engine")
            for _ in range(2):
                await worker.cancel()
            result = await asyncio.wait_for(doing, 30)
            await asyncio.to_thread(_gone, tmp_path)
            return result

    result = asyncio.run(ended())
    assert result.ending is Ending.UNKNOWN
    assert "did not end in 0 s when it was told to end at once, and was killed, so nobody knows" in result.reason
    assert told in result.reason
    assert ("pulumi cancel" in result.reason) == (not begun)


def test_who_hears_nothing_any_more_is_ended_at_once_by_a_second_ctrl_c(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, HARD_TO_END.format(signals=2)))

    async def ended() -> StackResult:
        async with _working(tmp_path) as worker:
            doing = asyncio.create_task(worker.do(_job(tmp_path), lambda _: None))
            await asyncio.to_thread(until, (tmp_path / "started").exists, "an engine")
            ending = asyncio.create_task(worker.end())
            await asyncio.to_thread(until, (tmp_path / "told-1").exists, "the end of its input")
            for _ in range(2):
                await worker.cancel()
            await asyncio.wait_for(ending, 30)
            return await doing

    assert asyncio.run(ended()).ending is Ending.CANCELLED


def _done(folder: Path, *jobs: Job) -> list[StackResult]:
    async def one_by_one() -> list[StackResult]:
        async with _working(folder) as worker:
            results = [await asyncio.wait_for(worker.do(job, lambda _: None), LIMIT_S) for job in jobs]
            await asyncio.wait_for(worker.end(), LIMIT_S)
            return results

    return asyncio.run(one_by_one())


def test_a_preview_that_fails_leaves_no_plan(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, FAILS_HALF_WAY))
    plans = tmp_path / "plans"
    plans.mkdir()
    job = _job(tmp_path, Operation.PREVIEW, str(plans / "contoso.json"))
    (plans / "contoso.json").write_text("what an earlier one showed")
    assert [one.ending for one in _done(tmp_path, job)] == [Ending.FAILED]
    assert (tmp_path / "written").exists()
    assert list(plans.iterdir()) == []


def test_a_folder_is_found_whatever_the_locale_and_a_missing_one_is_told(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    pulumi(engine(tmp_path, SAYS_TOO_MUCH))
    folder = tmp_path / "bücher"
    folder.mkdir()
    found, missing = _done(tmp_path, _job(folder), _job(tmp_path / "gone"))
    assert found.reason.startswith("contoso: xxx")
    assert missing.reason == f"contoso: the project's folder {tmp_path}/gone is not there any more"


def test_an_engine_that_says_too_much_is_told_in_part(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, SAYS_TOO_MUCH))
    for result in _done(tmp_path, _job(tmp_path), _job(tmp_path)):
        assert result.ending is Ending.FAILED
        assert result.reason == f"contoso: {'x' * 991} …"


def test_what_is_no_text_costs_no_reason_and_no_end(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(engine(tmp_path, SAYS_WHAT_IS_NO_TEXT))
    [result] = _done(tmp_path, _job(tmp_path))
    assert result.reason.startswith("contoso: Zo\N{REPLACEMENT CHARACTER} was here\n  xxx")


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (SAYS_NOTHING, "contoso: pulumi does not say what would change: summary event never found"),
        ("#!/bin/sh\nprintf 'v3\\377'", "contoso: pulumi does not say its version: 'utf-8' codec can't decode byte"),
    ],
    ids=["no summary", "no version"],
)
def test_a_preview_of_which_nothing_is_told_fails_as_one(
    tmp_path: Path, pulumi: Pulumi, program: str, told: str
) -> None:
    pulumi(program if program.startswith("#!") else engine(tmp_path, program))
    for result in _done(tmp_path, *[_job(tmp_path, Operation.PREVIEW)] * 2):
        assert (result.ending, result.reason.startswith(told)) == (Ending.FAILED, True), result.reason


def test_a_reason_comes_as_it_was_said_whatever_the_locale(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without these two Python writes UTF-8 in this locale, too.
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    monkeypatch.setenv("LC_ALL", "C")
    pulumi(engine(tmp_path, SAYS_WHY_ABROAD))
    [result] = _done(tmp_path, _job(tmp_path))
    assert result.reason == "contoso: für nichts"


def test_a_line_that_is_no_report_is_passed_over(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('good morning', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pulumi(FAILS)
    [result] = _done(tmp_path, _job(tmp_path))
    assert result.reason == "contoso: no such luck"
