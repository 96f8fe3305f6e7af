"""What was found of one link of a tenant's chain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How a link is."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody could find out; the remedy says how to."""
    PENDING = "pending"
    """It is being found out, and the same command, given later, tells."""
    TOO_EARLY = "too early"
    """It cannot be there yet; nothing is broken so far."""

    @property
    def badness(self) -> int:
        """The higher, the sooner somebody should look."""
        return _BETTER_FIRST.index(self)


_BETTER_FIRST = (Verdict.PASSED, Verdict.TOO_EARLY, Verdict.PENDING, Verdict.UNKNOWN, Verdict.FAILED)


@dataclass(frozen=True)
class Evidence:
    """Something that was seen."""

    what: str
    """What it was: a version, a status, a count."""
    when: str
    """The moment that it is of, in ISO 8601 (UTC), such as the end of a run; for a state: when it was looked at."""
    source: str
    """Who said so: a service, and what it was asked for."""


@dataclass(frozen=True)
class Finding:
    """One link, how it is, and what to do."""

    link: str
    """Which one, by a name that stays the same, such as ``grants.read-users``."""
    title: str
    """The same for people."""
    verdict: Verdict
    reason: str = ""
    """Why; what was seen instead, where it failed."""
    remedy: str = ""
    """What to do, with the very command, setting or place in a portal; empty where there is nothing to do."""
    evidence: tuple[Evidence, ...] = ()
    may_pass_again: bool = False
    """Of what nobody could find out: whether another look may, since what was in the way may go by itself."""

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return asdict(self)
