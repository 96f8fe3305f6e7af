"""One thing that a stack knows of or stands beside, what becomes of it at the end, and how it is removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of something when the stack is destroyed."""

    REMOVED = "removed"
    SOFT_DELETED = "soft-deleted"
    """Deleted, and kept by the service for some days, with its name."""
    STAYS = "stays"
    STOPS = "stops destroy"
    """It cannot be removed, so ``pulumi destroy`` ends there."""
    UNKNOWN = "unknown"
    """Nobody could look."""


class Mark(StrEnum):
    """How sure it is that a way leads there, in the words of docs/facts.md."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Way:
    """One way to remove something; names in braces are filled in."""

    text: str
    """The command, the setting, or the place in a portal."""
    who: str = ""
    """The role that it takes; empty: who deploys."""
    source: str = ""
    """Where it is described."""
    mark: Mark = Mark.DOCUMENTED

    def of(self, names: dict[str, str]) -> Way:
        """The same for one object."""
        return replace(self, text=filled(self.text, names), who=filled(self.who, names))


@dataclass(frozen=True)
class Item:
    """One thing and its fate."""

    kind: str
    """As people call it."""
    name: str
    """What it is called where it is."""
    fate: Fate
    why: str = ""
    ways: tuple[Way, ...] = ()
    """How it is removed; empty where destroy does it."""
    resource: str = ""
    """The resource's name in the stack; empty where no state knows it."""
    id: str = ""
    """Its id as the state has it."""
    days: int | None = None
    """How long a deleted one is kept, where that is known."""
    protected: bool = False
    """Whether ``pulumi destroy`` refuses to begin because of it."""


class _Names(dict[str, str]):
    """What is not known is told by its name."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def filled(text: str, names: dict[str, str]) -> str:
    """A text with the names that are known of an object."""
    return text.format_map(_Names(names))
