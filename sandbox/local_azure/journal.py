"""What was asked of the services: one line a request, never a body or a header."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 20_000


@dataclass(frozen=True)
class Entry:
    """One request, as it was answered; one that hangs has its line as soon as it does."""

    service: str
    method: str
    host: str
    path: str
    status: int
    """0 where the service never saw it."""
    request_id: str
    agent: str
    """The client's User-Agent, which tells the provider plugins, our own provider and the tests apart."""
    caller: str
    """The caller's application id, empty where nobody signed in."""
    error: str = ""
    """The service's code of a refusal."""
    hangs: bool = False
    """Whether the client waits in vain."""


class Journal:
    """The latest requests, oldest first."""

    def __init__(self) -> None:
        """Empty."""
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        """Write one line."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Begin anew."""
        self._entries.clear()

    def lines(self) -> list[dict[str, Any]]:
        """All lines, ready for JSON."""
        return [asdict(entry) for entry in self._entries]
