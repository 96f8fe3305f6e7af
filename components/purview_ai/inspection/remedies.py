"""What mends what a stack has made, or would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.inspection.estate import StateUnreadError

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate


def again(estate: Estate) -> str:
    """The commands that make what lacks: a state that knows what is gone needs a refresh first."""
    up = f"pulumi up --stack {estate.stack}"
    return f"pulumi refresh --stack {estate.stack}, then {up}" if _deployed(estate) else up


def _deployed(estate: Estate) -> bool:
    try:
        return bool(estate.once("state", estate.read_state))
    except StateUnreadError:
        return True
