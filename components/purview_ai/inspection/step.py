"""What only a person can do for a tenant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One thing to do by hand."""

    key: str
    """A name that stays the same, such as ``pay-as-you-go``."""
    text: str
    """What to do, and where."""
    why: str
    """What does not work without it."""
    who: str = ""
    """The role that it takes."""
    link: str = ""
    """Where it is described."""
    shown_by: tuple[str, ...] = ()
    """The links of the chain (see :class:`~purview_ai.inspection.finding.Finding`) that pass once it is done."""
    optional: bool = False
    """Recommended, and nothing fails without it."""
    proof: str = ""
    """How a person sees that it is done."""
    doubt: str = ""
    """What is not sure of the portal's wording; empty: nothing."""

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return asdict(self)
