"""A worker and an engine that does what no real one does at will: it takes its time, and it says too much."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending
from purview_ai.fleet.workers import Worker
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """What is found as pulumi."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    def put(text: str) -> None:
        program.write_text(text)
        program.chmod(0o755)

    return put


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


def _job(folder: Path) -> Job:
    return Job(stack="contoso", operation=Operation.UP, project=str(folder))


def _line(command: Command) -> str:
    return command.model_dump_json(exclude_defaults=True) + "\n"


def _begun(worker: subprocess.Popen[str], folder: Path) -> None:
    assert worker.stdin is not None
    worker.stdin.write(_line(Command(job=_job(folder))))
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


def test_an_engine_that_says_too_much_is_told_in_part(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(SAYS_TOO_MUCH.format(python=sys.executable))

    async def both() -> list[StackResult]:
        worker = await Worker.start(tmp_path / "log")
        try:
            return [await worker.do(_job(tmp_path), lambda _: None) for _ in range(2)]
        finally:
            await worker.end()

    for result in asyncio.run(both()):
        assert result.ending is Ending.FAILED
        assert result.reason == f"contoso: {'x' * 991} …"
