"""What a stack's state knows, read beside the links that ask for it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import unexpected
from purview_ai.calls.threads import in_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

_SHARE = 0.1
"""Of a link's time that is left when it stops waiting for a state: so no link is given up because of one."""
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


class StateUnreadError(Exception):
    """The stack's state could not be read; the message says why and what to do."""


def look_ends(at: float) -> None:
    """Say when, on the monotonic clock, the look that this thread takes at a link is given up."""
    _ends.set(at)


@dataclass
class State:
    """The ids that a stack's state knows, read once, when somebody first asks."""

    read: Callable[[], frozenset[str]]
    """In small letters. May raise anything."""
    patience_s: float = 60.0
    """For how long each link is waited for."""
    _reading: Future[frozenset[str]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ids(self) -> frozenset[str]:
        """What was read; raises :class:`StateUnreadError`, also where it takes longer than a link may."""
        ends, now = _ends.get(), time.monotonic()
        left_s = self.patience_s if ends is None else ends - now
        limit_s = max(0.0, left_s - _SHARE * self.patience_s)
        try:
            return self._asked().result(limit_s)
        except TimeoutError:
            waited = in_seconds(round(limit_s, 1))
            msg = f"the state was not read within {waited}: run the command again, with more --patience"
            raise StateUnreadError(msg) from None

    def _asked(self) -> Future[frozenset[str]]:
        with self._lock:
            if self._reading is None:
                self._reading = Future()
                threading.Thread(target=self._settle, args=(self._reading,), daemon=True).start()
            return self._reading

    def _settle(self, reading: Future[frozenset[str]]) -> None:
        try:
            reading.set_result(self.read())
        except StateUnreadError as error:
            reading.set_exception(error)
        except Exception as error:  # noqa: BLE001  # whatever it was, nobody knows what the state knows
            reading.set_exception(StateUnreadError(unexpected(error, "reading the state")))
