"""A worker and an engine that does what no real one does at will: it takes its time, and it says too much."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from purview_ai.fleet import workers
from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending
from purview_ai.fleet.workers import Worker
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
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
SLOW_TO_LISTEN = """#!{python}
import pathlib, signal, sys, threading, time
folder = pathlib.Path({folder!r})
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
signal.signal(signal.SIGINT, lambda *_: folder.joinpath("too-early").touch())
folder.joinpath("started").touch()
while not folder.joinpath("listen").exists():
    time.sleep(0.02)
heard = threading.Event()
signal.signal(signal.SIGINT, lambda *_: heard.set())
import grpc, json
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import events_pb2, events_pb2_grpc
log = sys.argv[sys.argv.index("--event-log") + 1].removeprefix("tcp://")
event = {{"sequence": 0, "timestamp": 0, "stdoutEvent": {{"message": "", "color": ""}}}}
with grpc.insecure_channel(log) as channel:
    events_pb2_grpc.EventsStub(channel).StreamEvents(iter([events_pb2.EventRequest(event=json.dumps(event))]))
heard.wait()
folder.joinpath("ended").touch()
sys.exit(1)
"""
"""Tells its first event as the engine does; who tells it to end before would have ended one that holds a lock."""
SAYS_TOO_MUCH = """#!{python}
import sys
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
print("error: " + "x" * 3_000_000, file=sys.stderr)
sys.exit(1)
"""

NEVER_LISTENS = """#!{python}
import pathlib, sys, threading
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
pathlib.Path({folder!r}, "started").touch()
threading.Event().wait()
"""
"""A backend that gives no answer keeps an engine from its first event, and a signal ends it there at once."""
LEFT_ALONE = """#!{python}
import os, pathlib, signal, sys, threading
folder, worker, told = pathlib.Path({folder!r}), os.getppid(), threading.Event()
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
signal.signal(signal.SIGINT, lambda *_: told.set())
folder.joinpath("started").write_text(str(os.getpid()))
while os.getppid() == worker:
    told.wait(0.02)
folder.joinpath("too-early" if told.wait(0.5) else "ended").touch()
"""
"""Its worker dies before it has told its first event."""
HARD_TO_END = """#!{python}
import os, pathlib, signal, sys, time
folder, told = pathlib.Path({folder!r}), []
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
signal.signal(signal.SIGINT, lambda *_: (told.append(1), folder.joinpath(f"told-{{len(told)}}").touch()))
import grpc, json
from pulumi.runtime.proto import events_pb2, events_pb2_grpc
log = sys.argv[sys.argv.index("--event-log") + 1].removeprefix("tcp://")
event = {{"sequence": 0, "timestamp": 0, "stdoutEvent": {{"message": "", "color": ""}}}}
with grpc.insecure_channel(log) as channel:
    events_pb2_grpc.EventsStub(channel).StreamEvents(iter([events_pb2.EventRequest(event=json.dumps(event))]))
folder.joinpath("started").write_text(str(os.getpid()))
while len(told) < {signals}:
    time.sleep(0.02)
sys.exit(1)
"""
FAILS_HALF_WAY = """#!{python}
import pathlib, sys
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()
pathlib.Path(sys.argv[sys.argv.index("--save-plan") + 1]).write_text("a part")
pathlib.Path({folder!r}, "written").touch()
sys.exit(1)
"""


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    """As the command line starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "purview_ai.fleet.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.wait()


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
    pulumi(SLOW_TO_LISTEN.format(folder=str(tmp_path), python=sys.executable))
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
    pulumi(NEVER_LISTENS.format(folder=str(tmp_path), python=sys.executable))
    command = [sys.executable, *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as worker:
        _begun(worker, tmp_path, operation)
        said, _ = worker.communicate(told, timeout=20)
    result = Report.model_validate_json(said).result
    assert result is not None
    assert result.ending is Ending.CANCELLED


async def _with_a_worker_that_dies(
    folder: Path, then: Callable[[Worker], Awaitable[None]], *, heard: bool = True
) -> StackResult:
    worker, reports = await Worker.start(folder / "log"), list[Report]()
    doing = asyncio.create_task(worker.do(_job(folder), reports.append))
    await asyncio.to_thread(until, lambda: (folder / "started").exists() and (reports or not heard), "an engine")
    worker.process.kill()
    await worker.process.wait()
    await then(worker)
    return await asyncio.wait_for(doing, 30)


async def _nothing(_worker: Worker) -> None:
    """Let it be."""


def test_an_engine_without_a_worker_may_begin_before_it_is_ended(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(LEFT_ALONE.format(folder=str(tmp_path), python=sys.executable))
    result = asyncio.run(_with_a_worker_that_dies(tmp_path, _nothing, heard=False))
    assert result.ending is Ending.UNKNOWN
    assert (tmp_path / "ended").exists()


def test_an_engine_without_a_worker_that_does_not_end_is_killed(
    tmp_path: Path, pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ENDING_S", 0.2)
    pulumi(HARD_TO_END.format(folder=str(tmp_path), python=sys.executable, signals=100))
    result = asyncio.run(_with_a_worker_that_dies(tmp_path, _nothing))
    assert result.ending is Ending.UNKNOWN
    engine = int((tmp_path / "started").read_text())
    assert not psutil.pid_exists(engine) or psutil.Process(engine).status() == psutil.STATUS_ZOMBIE


def test_an_engine_without_a_worker_is_ended_at_once_by_a_second_ctrl_c(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(HARD_TO_END.format(folder=str(tmp_path), python=sys.executable, signals=2))

    async def twice(worker: Worker) -> None:
        await asyncio.to_thread(until, (tmp_path / "told-1").exists, "the first signal")
        await worker.cancel()
        assert not (tmp_path / "told-2").exists()
        await worker.cancel()

    assert asyncio.run(_with_a_worker_that_dies(tmp_path, twice)).ending is Ending.UNKNOWN
    assert (tmp_path / "told-2").exists()


def test_who_hears_nothing_any_more_is_ended_at_once_by_a_second_ctrl_c(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(HARD_TO_END.format(folder=str(tmp_path), python=sys.executable, signals=2))

    async def ended() -> StackResult:
        worker = await Worker.start(tmp_path / "log")
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
        worker = await Worker.start(folder / "log")
        try:
            return [await worker.do(job, lambda _: None) for job in jobs]
        finally:
            await worker.end()

    return asyncio.run(one_by_one())


def test_a_preview_that_fails_leaves_no_plan(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(FAILS_HALF_WAY.format(folder=str(tmp_path), python=sys.executable))
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
    pulumi(SAYS_TOO_MUCH.format(python=sys.executable))
    folder = tmp_path / "bücher"
    folder.mkdir()
    found, missing = _done(tmp_path, _job(folder), _job(tmp_path / "gone"))
    assert found.reason.startswith("contoso: xxx")
    assert missing.reason == f"contoso: the project's folder {tmp_path}/gone is not there any more"


def test_an_engine_that_says_too_much_is_told_in_part(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(SAYS_TOO_MUCH.format(python=sys.executable))
    for result in _done(tmp_path, _job(tmp_path), _job(tmp_path)):
        assert result.ending is Ending.FAILED
        assert result.reason == f"contoso: {'x' * 991} …"
