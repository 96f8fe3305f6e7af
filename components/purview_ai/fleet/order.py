"""What a fleet is asked to do, whole: enough to go on with it after the machine was switched off."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from purview_ai.fleet.results import StackResult, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Operation(StrEnum):
    """What is done with each stack."""

    PREVIEW = "preview"
    UP = "up"
    REFRESH = "refresh"
    DRIFT = "drift"
    VERIFY = "verify"
    REPORT = "report"

    @property
    def needs_the_engine(self) -> bool:
        """Whether pulumi does it; the others only look."""
        return self in (Operation.PREVIEW, Operation.UP, Operation.REFRESH)

    @property
    def changes_something(self) -> bool:
        """Whether it changes Azure, or what is recorded of it."""
        return self in (Operation.UP, Operation.REFRESH)


class Looking(Told):
    """How closely those that only look do so."""

    patience_s: float = 60.0
    """For so long each answer is waited for."""
    search_s: float = 20.0
    """For so long the end of a search in the audit log is waited for."""
    leave_out: tuple[str, ...] = ()
    """Kinds of objects that drift does not look at."""
    without_drift: bool = False
    """Whether a report does not compare with the state."""
    pages: str = "report"
    """The folder of a report's pages."""


class Order(Told):
    """What is to be done, and how."""

    operation: Operation
    waves: tuple[tuple[str, ...], ...]
    """The stacks, in the order in which they come; a wave begins once the one before it is over."""
    canary: bool = False
    """Whether the first wave has to go well before another begins."""
    parallel: int = 1
    stop_after: int = 0
    """So many failures, and no more is begun; 0: however many."""
    expect_no_changes: bool = False
    plans: str = ""
    """The folder that plans are saved in, or taken from."""
    policy_packs: tuple[str, ...] = ()
    policy_pack_configs: tuple[str, ...] = ()
    looking: Looking = Looking()
    backends: dict[str, str] = Field(default_factory=dict[str, str])
    """A digest of each variable that leads to the states, where it was set."""
    untold: tuple[StackResult, ...] = ()
    """Of stacks that nobody knows of whether they were meant; nothing is done with them."""

    @property
    def stacks(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(stack for wave in self.waves for stack in wave)

    def plan_of(self, stack: str) -> str:
        """The file of a stack's plan; empty where there are no plans."""
        return f"{self.plans}/{stack}.json" if self.plans else ""


def waves_of(stacks: Sequence[str], canaries: Iterable[str] = (), size: int = 0) -> tuple[tuple[str, ...], ...]:
    """The canaries by themselves, then the others by so many at a time (0: all of them), each in their order."""
    first = set(canaries)
    alone = tuple(stack for stack in stacks if stack in first)
    others = tuple(stack for stack in stacks if stack not in first)
    step = size or max(1, len(others))
    waves = (alone, *(others[start : start + step] for start in range(0, len(others), step)))
    return tuple(wave for wave in waves if wave)
