"""Bad days on purpose: latency, throttling, server errors, cut and hanging connections, slow propagation.

Each piece of weather matches requests by service, method and path, and lasts for a number of them; slow
propagation lasts for a number of grants, and a quota until the weather is fine again.
"""

from __future__ import annotations

import math
import time
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

if TYPE_CHECKING:
    from collections.abc import Callable


class Effect(StrEnum):
    """What happens to a request that a piece of weather meets."""

    LATENCY = "latency"
    STATUS = "status"
    CUT_BEFORE = "cut-before"
    """The connection breaks before the service saw the request."""
    CUT_AFTER = "cut-after"
    """The service did its work, and the answer is lost."""
    CUT_MIDDLE = "cut-middle"
    """The answer breaks off in the middle of its body."""
    HANG_BEFORE = "hang-before"
    """The service never sees the request, and nothing comes until the client goes away."""
    HANG_AFTER = "hang-after"
    """The service did its work, and nothing comes until the client goes away."""
    QUOTA = "quota"
    """A bucket of tokens: a request takes one, and finds 429 with Retry-After where there is none."""
    SLOW_PROPAGATION = "slow-propagation"
    """Role assignments and app roles that are granted now are not seen at once."""


class Weather(BaseModel):
    """One piece of weather."""

    model_config = ConfigDict(extra="forbid")

    effect: Effect
    service: str | None = None
    method: str | None = None
    path: str | None = None
    """A part of the path, compared without regard to case."""
    times: int = 1
    """How many requests (or grants, for slow propagation) it meets before it is over."""
    seconds: float = 0.0
    """How long, for latency."""
    status: int = 503
    code: str = "ServiceUnavailable"
    retry_after: int | None = None
    """Seconds of a Retry-After header, for a status."""
    checks: int = 1
    """How many checks do not see a grant, for slow propagation."""
    burst: float = Field(default=1.0, ge=1.0)
    """How many tokens a quota's bucket holds; it begins full."""
    per_second: float = Field(default=1.0, gt=0.0)
    """How many tokens come back each second."""
    _tokens: float | None = PrivateAttr(default=None)
    _at: float = PrivateAttr(default=0.0)

    def meets(self, service: str, method: str, path: str) -> bool:
        """Whether this request is in it."""
        return (
            self.effect is not Effect.SLOW_PROPAGATION
            and self.service in (None, service)
            and self.method in (None, method)
            and (self.path is None or self.path.lower() in path.lower())
        )

    def take_token(self, now: float) -> Weather | None:
        """A refusal where the bucket is empty, with the whole seconds until there is a token again."""
        grown = math.inf if self._tokens is None else self._tokens + (now - self._at) * self.per_second
        tokens, self._at = min(self.burst, grown), now
        if tokens >= 1.0:
            self._tokens = tokens - 1.0
            return None
        self._tokens = tokens
        wait = math.ceil((1.0 - tokens) / self.per_second)
        return Weather(effect=Effect.STATUS, status=429, code="TooManyRequests", retry_after=wait)


class Forecast:
    """The weather of the moment."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Fine at first."""
        self.pieces: list[Weather] = []
        self._clock = clock

    def take(self, service: str, method: str, path: str) -> list[Weather]:
        """The pieces that this request meets, each counted down but the quotas, which may refuse it."""
        met = [piece for piece in self.pieces if piece.meets(service, method, path)]
        quotas = [piece for piece in met if piece.effect is Effect.QUOTA]
        others = [piece for piece in met if piece.effect is not Effect.QUOTA]
        self._count_down(others)
        now = self._clock()
        return others + [refusal for refusal in (piece.take_token(now) for piece in quotas) if refusal]

    def checks_before_seen(self) -> int:
        """How many checks will not see a grant that is made now."""
        slow = [piece for piece in self.pieces if piece.effect is Effect.SLOW_PROPAGATION][:1]
        self._count_down(slow)
        return slow[0].checks if slow else 0

    def _count_down(self, met: list[Weather]) -> None:
        for piece in met:
            piece.times -= 1
        self.pieces = [piece for piece in self.pieces if piece.times > 0]
