"""One operation on a stack at a time, among all that runs in one checkout."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from purview_ai.fleet.journal import home_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

_TICK_S = 0.1


class BusyError(Exception):
    """Somebody else works on the stack."""


@contextmanager
def locked(project: Path, stack: str, wait_s: float, given_up: Callable[[], bool]) -> Generator[None]:
    """Holds a stack's lock, which goes with the process, whatever ends it.

    Raises :class:`BusyError` where another process has it for longer than this is waited for.
    """
    folder = home_of(project) / "locks"
    folder.mkdir(exist_ok=True)
    deadline = time.monotonic() + wait_s
    with (folder / quote(stack, safe="")).open("ab") as file:
        while not _taken(file.fileno()):
            if time.monotonic() >= deadline or given_up():
                raise BusyError
            time.sleep(_TICK_S)
        yield


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
