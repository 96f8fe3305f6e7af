"""What became of one stack, in the words that journal, summary and page share."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Ending(StrEnum):
    """How it ended for a stack."""

    SUCCEEDED = "succeeded"
    DIFFERS = "differs"
    """It was looked at, and is not as it should be."""
    FAILED = "failed"
    PENDING = "pending"
    """It cannot be told yet."""
    UNKNOWN = "unknown"
    """Nobody can tell."""
    CANCELLED = "cancelled"
    """Somebody ended it before it was over."""
    NOT_BEGUN = "not begun"

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done for the stack."""
        return self in (Ending.SUCCEEDED, Ending.DIFFERS)


WORST_FIRST = (
    Ending.FAILED,
    Ending.DIFFERS,
    Ending.UNKNOWN,
    Ending.CANCELLED,
    Ending.NOT_BEGUN,
    Ending.PENDING,
    Ending.SUCCEEDED,
)


class Told(BaseModel):
    """What goes to and fro between processes, and into files: of today's fields, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StackResult(Told):
    """What became of a stack."""

    stack: str
    ending: Ending
    reason: str = ""
    """Why it is no success, or what differs; some lines."""
    changes: dict[str, int] = {}
    """How many resources were, or would be, changed in which way, in the engine's words."""
    note: str = ""
    """What else was done for it, that somebody should know."""
    seconds: float = 0.0
    attempts: int = 1
    """0: nobody came to it."""
    first_reason: str = ""
    """Why it was tried a second time."""
    may_pass_again: bool = False
    """Whether what was in the way may have gone by itself."""
    details: dict[str, Any] = {}
    """What else machines are told of it, ready for JSON."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done: also nothing that was not told what may be told another time."""
        return self.ending.settled and not self.may_pass_again

    @property
    def resumable(self) -> bool:
        """Whether going on with the run does what is left: not where nobody knows whether the stack was meant."""
        return not self.settled and not (self.ending is Ending.UNKNOWN and not self.attempts)

    @property
    def first_line(self) -> str:
        """The reason in one sentence."""
        return self.reason.strip().split("\n", maxsplit=1)[0]


def not_begun(stack: str, reason: str) -> StackResult:
    """Of a stack that nobody came to."""
    return StackResult(stack=stack, ending=Ending.NOT_BEGUN, reason=reason, attempts=0)
