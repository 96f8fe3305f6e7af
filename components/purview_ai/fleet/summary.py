"""A run of a fleet, summed up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.fleet.results import WORST_FIRST, Ending, StackResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class Summary:
    """What became of all stacks that were chosen."""

    what: str
    """What was done with them, such as ``up``."""
    results: tuple[StackResult, ...]
    """In the order in which they were to come."""
    begun: datetime
    seconds: float
    run: str = ""
    """The name of the run, which may be gone on with; empty where it is none."""
    stopped: str = ""
    """Why some were not begun."""

    @property
    def totals(self) -> dict[Ending, int]:
        """How many stacks ended in each way, the worst first; ways that none ended in are left out."""
        counted = Counter(result.ending for result in self.results)
        return {ending: counted[ending] for ending in WORST_FIRST if counted[ending]}

    @property
    def worst_first(self) -> tuple[StackResult, ...]:
        """The results, those that need somebody before the others."""
        return tuple(sorted(self.results, key=lambda one: WORST_FIRST.index(one.ending)))

    @property
    def headline(self) -> str:
        """All of it in one sentence."""
        stacks = "1 stack" if len(self.results) == 1 else f"{len(self.results)} stacks"
        told = ", ".join(f"{count} {ending}" for ending, count in self.totals.items())
        retried = sum(result.attempts > 1 for result in self.results)
        more = f"; {retried} tried twice" if retried else ""
        why = f"; stopped because {self.stopped}" if self.stopped else ""
        return f"fleet {self.what}: {stacks} in {in_time(self.seconds)}: {told}{more}{why}"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "operation": self.what,
            "run": self.run or None,
            "begun": self.begun.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 1),
            "stopped": self.stopped or None,
            "totals": {str(ending): count for ending, count in self.totals.items()},
            "stacks": [_entry(result) for result in self.results],
        }


def _entry(result: StackResult) -> dict[str, Any]:
    return {
        "stack": result.stack,
        "result": str(result.ending),
        "reason": result.reason or None,
        "note": result.note or None,
        "changes": result.changes,
        "seconds": result.seconds,
        "attempts": result.attempts,
        "first_reason": result.first_reason or None,
        **result.details,
    }


_WORDS = {"create": "created", "update": "changed", "delete": "deleted", "replace": "replaced", "import": "imported"}
_MINUTE_S, _HOUR_S = 60, 3600


def changes_in_words(changes: Mapping[str, int], *, to_come: bool) -> str:
    """Such as ``3 created, 1 changed``, or ``3 to create``; empty where nothing changed."""
    if to_come:
        return ", ".join(f"{count} to {how}" for how, count in changes.items())
    return ", ".join(f"{count} {_WORDS.get(how, how)}" for how, count in changes.items())


def in_time(seconds: float) -> str:
    """A duration as people say it."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
