"""How long an operation waits, and when it gives up."""

from __future__ import annotations

import os
import threading
import time

from stand_ins.failures import ProviderError

USUAL_PACE = 1 / 50


class TimedOutError(ProviderError):
    """The operation's time is over."""

    def __init__(self) -> None:
        """In the provider's own words (fact 32)."""
        super().__init__("operation timed out")


def pace() -> float:
    """The part of a genuine provider's wait that a stand-in waits: ``STAND_INS_PACE``, 1/50 where unset."""
    return float(os.environ.get("STAND_INS_PACE") or USUAL_PACE)


class Patience:
    """One operation's time, in seconds of the genuine provider.

    A wait takes only its share of real time but counts in full, so that a stand-in gives up after
    as many tries as the genuine provider.
    """

    def __init__(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        """Start the clock; a set event ends every wait at once."""
        self._cancelled = cancelled or threading.Event()
        self._end = time.monotonic() + seconds
        self._pace = pace()

    @property
    def left(self) -> float:
        """Seconds until this operation gives up."""
        return self._end - time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait, or raise where the time would be over before."""
        if seconds > self.left:
            raise TimedOutError
        self._end -= seconds * (1 - self._pace)
        if self._cancelled.wait(seconds * self._pace):
            msg = "operation cancelled"
            raise ProviderError(msg)
