"""How many may ask one service at once, and when nobody needs to ask it any more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from purview_ai.calls.threads import in_a_thread
from purview_ai.objects.failures import ObjectError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
AT_ONCE = 10
"""As many requests to one service may be on their way: what one pool of connections holds."""


@dataclass
class Gate:
    """To one service.

    Once as many as may ask at once got no answer, and nobody else got one in between, whoever comes next is not let
    through: with hundreds of objects, each of them would wait for as long.
    """

    limit_s: float
    """For how long each answer is waited for."""
    _open: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _silent: int = 0
    """How many got no answer since somebody got one."""

    async def through(self, ask: Callable[[], T]) -> T:
        """What the service answers.

        Raises what asking raises, ``TimeoutError``, or :class:`UnreachableError` where nobody is let through.
        """
        async with self._open:
            if self._silent >= AT_ONCE:
                msg = f"it was not asked: nobody has answered {self._silent} others"
                raise UnreachableError(msg)
            try:
                answer = await asyncio.wait_for(in_a_thread(ask), self.limit_s)
            except Exception as error:
                self._silent = self._silent + 1 if _is_silence(error) else 0
                raise
            self._silent = 0
            return answer


def _is_silence(error: Exception) -> bool:
    """Not where signing in failed, which costs nobody time and is told to each, or where somebody did answer."""
    # Whoever speaks of an object keeps what happened as the cause.
    error = error.__cause__ if isinstance(error, ObjectError) and isinstance(error.__cause__, Exception) else error
    if isinstance(error, UnreachableError):
        return not error.at_sign_in and not error.remedy
    return isinstance(error, TimeoutError)
