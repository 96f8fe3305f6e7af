"""Whose a lock is, from what the engine says of it."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from purview_ai.fleet.held import Engine, Lock, Locks, on_backend
from waiting import until

NOW = datetime(2026, 11, 27, 10, 0, 0, 500_000, tzinfo=UTC)
PATH = "file:///states/.pulumi/locks/organization/purview-ai/contoso/x.json"


@pytest.fixture
def gone() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def _said(*locks: Lock) -> Locks:
    """As the engine says it; in a test with the genuine one it is held to that."""
    listed = "".join(f"\n  {PATH}: created by {one.who} (pid {one.pid}) at {one.since}" for one in locks)
    found = Locks.of(f"error: the stack is currently locked by {len(locks)} lock(s). Either wait for …{listed}")
    assert found is not None
    return found


def _lock(pid: int) -> Lock:
    host = socket.gethostname()
    return Lock(f"robin@{host}", host, pid, "2026-11-27T11:00:00+01:00")


def _engine(pid: int, name: str = "pulumi") -> Engine:
    namespace = str(Path("/proc/self/ns/pid").readlink())
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    host = socket.gethostname()
    return Engine(stack="contoso", pid=pid, name=name, host=host, namespace=namespace, boot=boot, seen=NOW)


def test_a_lock_of_the_runs_own_engine_that_is_no_more_is_its_own(gone: int) -> None:
    assert _engine(gone).left(_said(_lock(gone)))


def test_any_other_lock_is_somebody_elses(gone: int) -> None:
    engine, lock = _engine(gone), _lock(gone)
    younger = replace(lock, since="2026-11-27T11:00:01+01:00")
    others = [replace(lock, pid=gone + 1), replace(lock, host="build-7", who="robin@build-7"), younger]
    assert [other for other in others if engine.left(_said(other))] == []
    assert not engine.left(_said(lock, lock)), "one of two is somebody's who came in between"
    assert not engine.left(Locks(1, ())), "Pulumi Cloud does not say whose"
    assert not engine.left(Locks(2, _said(lock).told))
    elsewheres = ({"host": "build-7"}, {"namespace": "pid:[1]"}, {"boot": "1"}, {"seen": NOW - timedelta(seconds=1)})
    for elsewhere in elsewheres:
        assert not engine.model_copy(update=elsewhere).left(_said(lock))


def test_an_engine_that_lives_keeps_its_lock_and_a_process_that_has_its_id_now_does_not() -> None:
    me = psutil.Process()
    lock = _said(_lock(me.pid))
    assert not _engine(me.pid, me.name()).left(lock)
    assert _engine(me.pid, "another program").left(lock)


def test_a_process_that_has_ended_and_waits_to_be_forgotten_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        until(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE, "its end")
        lock = _lock(ended.pid)
        assert lock.unseen
        assert _engine(ended.pid, psutil.Process(ended.pid).name()).left(_said(lock))


AT_WORK = """
import subprocess, sys
from purview_ai.fleet.held import Engine
alone = Engine.at_work("contoso")
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
    seen = Engine.at_work("contoso")
    process.communicate(b"\\n")
print(alone, process.pid, seen.pid, seen.host, seen.boot)
"""


def test_the_one_process_that_is_waited_for_is_the_engine() -> None:
    """Asked by a process that has no others, as a worker is one."""
    done = subprocess.run([sys.executable, "-c", AT_WORK], capture_output=True, text=True, check=True)
    alone, waited_for, seen, host, boot = done.stdout.split()
    assert (alone, seen, host, boot) == ("None", waited_for, socket.gethostname(), _engine(0).boot)


def test_a_command_names_the_backend_but_nothing_that_opens_it() -> None:
    assert on_backend("pulumi cancel", "") == "pulumi cancel"
    url = "azblob://state-a?storage_account=st&x='y z'"
    assert shlex.split(on_backend("pulumi cancel", url)) == [f"PULUMI_BACKEND_URL={url}", "pulumi", "cancel"]
    assert "word" not in on_backend("pulumi cancel", "postgres://robin:word@db/states")
