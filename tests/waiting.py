"""Waiting for conditions, never for time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
LIMIT_S = 30.0
_TICK_S = 0.02


def until(look: Callable[[], T | None], what: str, limit_s: float = LIMIT_S) -> T:
    """The first true thing that looking finds; fails once that takes too long."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(_TICK_S)
    msg = f"waited {limit_s:.0f} s in vain for {what}"
    raise AssertionError(msg)
