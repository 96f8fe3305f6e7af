"""HTTP with the retries of each genuine client; the proxy and the certificates come from the environment."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from stand_ins.failures import ProviderError
from stand_ins.values import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stand_ins.patience import Patience
    from stand_ins.values import Values

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


def _nothing_more(_: httpx.Response) -> bool:
    return False


@dataclass(frozen=True)
class Retries:
    """Which answers a client sends a request again for, how often, and after how long."""

    most: int
    delay: Callable[[int], float]
    """Seconds before the n-th retry, where the service names none."""
    statuses: frozenset[int] = TRANSIENT
    also: Callable[[httpx.Response], bool] = _nothing_more
    longest_wait: float = float("inf")
    """A Retry-After beyond this is not waited for: the answer stands."""

    def wanted(self, answer: httpx.Response) -> bool:
        """Whether this answer is worth another try."""
        return answer.status_code in self.statuses or self.also(answer)


def json_object(answer: httpx.Response) -> Values:
    """The JSON object that an answer holds; empty where it holds something else."""
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return found if is_object(found) else {}


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds that the service asks to wait for."""
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdigit() and value != "0" else None


def _in_gos_words(error: httpx.TransportError) -> str:
    """As the genuine plugins' language says it (net/http: a connection that ends early is EOF)."""
    if isinstance(error, httpx.TimeoutException):
        return "context deadline exceeded"
    if isinstance(error, httpx.ProxyError):
        return f"proxyconnect tcp: {error}"
    if isinstance(error, httpx.ConnectError):
        return f"dial tcp: {error}"
    return "EOF"


@dataclass(frozen=True)
class Request:
    """What to send; a second try sends the same."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None


class Transport:
    """One connection pool, shared by all clients of a plugin."""

    def __init__(self, user_agent: str) -> None:
        """Open nothing yet."""
        self._client = httpx.Client(headers={"User-Agent": user_agent})

    def send(self, request: Request, retries: Retries, patience: Patience) -> httpx.Response:
        """The final answer, of whatever status; raises where no answer came."""
        for attempt in itertools.count(1):
            try:
                answer = self._client.request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    content=request.content,
                    timeout=max(patience.left, 1),
                )
            except httpx.TransportError as error:
                if attempt > retries.most:
                    msg = f'{request.method.title()} "{request.url}": {_in_gos_words(error)}'
                    raise ProviderError(msg) from error
                patience.wait(retries.delay(attempt))
                continue
            asked = retry_after(answer)
            if attempt > retries.most or not retries.wanted(answer) or (asked or 0) > retries.longest_wait:
                return answer
            patience.wait(asked or retries.delay(attempt))
        raise AssertionError
