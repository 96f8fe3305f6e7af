"""What was seen of one resource."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purview_ai.drift.change import Change


class NotCoveredError(Exception):
    """A resource that is not compared; the text says why."""


@dataclass(frozen=True)
class Sight:
    """How a resource differs from what was recorded."""

    changes: list[Change]
    uncovered: dict[str, str] = field(default_factory=dict[str, str])
    """Why single fields were not compared, by their paths."""


ENCRYPTED = "encrypted in the state, and never decrypted here"
