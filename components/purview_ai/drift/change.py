"""What differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


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
class Drift:
    """What was found of one stack."""

    stack: str
    changes: list[Change] = field(default_factory=list[Change])
    covered: list[str] = field(default_factory=list[str])
    """The names of the resources that were compared."""
    uncovered: dict[str, str] = field(default_factory=dict[str, str])
    """Why others were not, by their names; of a single field by name and path, as in ``vault: properties.value``."""
    unknown: dict[str, str] = field(default_factory=dict[str, str])
    """Why others could not be looked at, by their names: with these, nobody knows."""
    notes: list[str] = field(default_factory=list[str])
    """What else a reader should know, such as that the stack is being deployed just now."""
    problem: str = ""
    """Why nothing of this stack could be looked at."""
    deployed: bool = True
    """Whether there is a state of it."""

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return asdict(self)
