"""What mends what a stack has made, or would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.inspection.state import StateUnreadError

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate


def again(estate: Estate) -> str:
    """The commands that make what lacks: a state that knows what is gone needs a refresh first."""
    refresh, up = f"pulumi refresh --stack {estate.stack}", f"pulumi up --stack {estate.stack}"
    try:
        return f"{refresh}, then {up}" if estate.state.ids() else up
    except StateUnreadError:
        return f"{refresh} (where it was ever deployed), then {up}"
