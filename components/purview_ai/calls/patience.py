"""Waiting for what comes true by itself, with the reason told; never for a fixed time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 15.0
_TELL_AGAIN_S = 60.0
PROPAGATION_S = 600.0
"""Roles take minutes to be seen everywhere; others have polled for up to 8 (docs/facts.md, purview 6.6)."""


class NotYetError(Exception):
    """What is waited for has not come true; the text says why, as a user would read it."""


@dataclass(frozen=True)
class Patience:
    """Looks again and again, at longer and longer intervals, and tells a user what it waits for."""

    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def until(self, look: Callable[[], T], limit_s: float) -> T:
        """What looking returns once it raises :class:`NotYetError` no more; its last one after ``limit_s`` seconds."""
        begun = told_at = self.clock()
        told = ""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return look()
            except NotYetError as reason:
                now = self.clock()
                if now - begun >= limit_s:
                    raise
                if str(reason) != told or now - told_at >= _TELL_AGAIN_S:
                    told, told_at = str(reason), now
                    self.tell(f"waiting, for {_time(limit_s - (now - begun))} at most: {reason}")
            self.pause(min(pause_s, max(0.0, limit_s - (self.clock() - begun))))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 2 * _TELL_AGAIN_S else f"{seconds:.0f} seconds"
