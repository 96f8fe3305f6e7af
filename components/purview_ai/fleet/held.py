"""Locks of a backend: who holds one, and whether it was left behind by an engine of the very run that meets it."""

from __future__ import annotations

import re
import shlex
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from purview_ai.fleet.results import Told

_LOCKED = re.compile(r"the stack is currently locked by (?P<count>\d+) lock\(s\)")
_LOCKED_IN_CLOUD = "Another update is currently in progress"
_HOLDER = re.compile(r": created by (?P<who>\S+@(?P<host>\S+)) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True)
class Lock:
    """A lock of a stack, as the engine tells of it (docs/facts.md, engine 40)."""

    who: str
    """Their name and machine."""
    host: str
    pid: int
    since: str
    """The moment, to the second."""

    @property
    def unseen(self) -> bool:
        """Whether a machine of this one's name holds it, and this one has no such process.

        Two machines may have one name, as may containers: that alone does not tell that the holder is no more.
        """
        return self.host == socket.gethostname() and _living(self.pid) is None


@dataclass(frozen=True)
class Locks:
    """What the engine says of a stack that is locked."""

    count: int
    told: tuple[Lock, ...]
    """Those that it describes; Pulumi Cloud describes none."""

    @classmethod
    def of(cls, said: str) -> Locks | None:
        """None where the engine's words tell of no lock."""
        if found := _LOCKED.search(said):
            return cls(int(found["count"]), tuple(_lock(holder) for holder in _HOLDER.finditer(said)))
        return cls(1, ()) if _LOCKED_IN_CLOUD in said else None


def _lock(found: re.Match[str]) -> Lock:
    return Lock(found["who"], found["host"], int(found["pid"]), found["since"])


class Engine(Told):
    """An engine that was at work on a stack, and so held its only lock."""

    stack: str
    pid: int
    name: str
    """The program's, as the system has it."""
    host: str
    namespace: str = ""
    """In which the process id counts, where the system knows such."""
    boot: str = ""
    """Since which start of which machine, where the system knows that."""
    seen: datetime
    """When it was at work."""

    @classmethod
    def at_work(cls, stack: str) -> Engine | None:
        """The one that this process waits for; None where that cannot be told."""
        children = psutil.Process().children()
        if len(children) != 1:
            return None
        try:
            name = children[0].name()
        except psutil.NoSuchProcess:
            return None
        host, namespace, boot = _here()
        seen = datetime.now(UTC)
        return cls(stack=stack, pid=children[0].pid, name=name, host=host, namespace=namespace, boot=boot, seen=seen)

    def left(self, locks: Locks) -> bool:
        """Whether this engine is no more, and the lock is its own.

        While it was seen at work no other lock was there, so one of its process id that is not younger is its own. What
        has the id now may be another process; one with the same name counts as the engine itself, since its start
        cannot be told for sure on a machine whose clock was set.
        """
        if locks.count != 1 or len(locks.told) != 1:
            return False
        [lock] = locks.told
        own = (lock.pid, lock.host) == (self.pid, self.host) and datetime.fromisoformat(lock.since) <= self.seen
        here = (self.host, self.namespace, self.boot) == _here()
        return own and here and _living(self.pid) != self.name


def _living(pid: int) -> str | None:
    """The name of the process that has an id; None where there is none, or only one that waits to be forgotten."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.name()
    except psutil.NoSuchProcess:
        return None


def _here() -> tuple[str, str, str]:
    """Where this process's id counts: the host's name, the namespace, and the start of the machine.

    Two containers, or two machines, may share a folder and a host's name, and count their processes each for itself;
    and of two machines the first namespace is called alike.
    """
    return socket.gethostname(), _namespace(), _boot()


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def on_backend(command: str, backend: str) -> str:
    """A command of pulumi as it is to be given where the stack has a backend of its own."""
    if not backend:
        return command
    if urlsplit(backend).password:
        return f"PULUMI_BACKEND_URL=<the backend of this stack> {command}"
    return f"PULUMI_BACKEND_URL={shlex.quote(backend)} {command}"
