"""What differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


NOT_RECORDED = "there, and not recorded"
"""What is now where the stack has recorded nothing."""


@dataclass(frozen=True)
class Change:
    """A field of a resource that is not as it was recorded."""

    resource: str
    """The resource's name in the stack."""
    kind: str
    """Its kind, as people call it."""
    field: str
    """The field's path; empty where the whole resource has gone."""
    was: Any = None
    now: Any = None


@dataclass(frozen=True)
class Left:
    """What was not compared."""

    resource: str
    """The resource's name in the stack."""
    kind: str
    """Its kind, as people call it."""
    field: str
    """The field's path; empty where it is the whole resource."""
    why: str


@dataclass(frozen=True)
class Drift:
    """What was found of one stack."""

    stack: str
    changes: list[Change] = field(default_factory=list[Change])
    covered: list[str] = field(default_factory=list[str])
    """The names of the resources that were compared."""
    uncovered: list[Left] = field(default_factory=list[Left])
    """What is never compared, or not as it is recorded: resources, and fields of those that were compared."""
    unknown: list[Left] = field(default_factory=list[Left])
    """The resources that could not be looked at: with these, nobody knows."""
    notes: list[str] = field(default_factory=list[str])
    """What else a reader should know, such as that the stack is being deployed just now."""
    problem: str = ""
    """Why nothing of this stack could be looked at."""
    deployed: bool = True
    """Whether there is a state of it, as far as anybody could tell."""
    left_out: list[Left] = field(default_factory=list[Left])
    """The resources that nobody was meant to look at, by their kind."""
    may_pass_again: bool = False
    """Whether another look may tell more: something of it is unknown by what may go by itself."""

    @property
    def differs(self) -> bool | None:
        """Whether something is not as it was recorded; None where nobody knows.

        A state that has recorded nothing differs from nothing.
        """
        if self.changes:
            return True
        only_uncovered = bool(self.uncovered or self.left_out) and not self.covered
        return None if self.problem or self.unknown or only_uncovered else False

    @property
    def empty(self) -> bool:
        """Whether there is a state that has recorded nothing: made and not deployed yet, or destroyed."""
        seen = (self.changes, self.covered, self.uncovered, self.unknown, self.left_out)
        return not (any(seen) or self.problem)

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return {**asdict(self), "differs": self.differs, "empty": self.empty}


def left_out_in_words(kinds: Sequence[str], whose: str = "") -> str:
    """How many objects nobody was meant to look at, and of which kinds, in a clause; empty where there are none.

    Args:
        kinds: The kind of each object.
        whose: The stacks, in words, where it is said of several at once.
    """
    if not kinds:
        return ""
    objects = "1 object" if len(kinds) == 1 else f"{len(kinds)} objects"
    return f"{objects}{whose and f' of {whose}'} left out: {', '.join(dict.fromkeys(kinds))}"
