"""How an operation fails, in the words that the engine shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stand_ins.values import Values


class ProviderError(Exception):
    """A failed operation; its text goes to the user as it is."""


class PartialError(ProviderError):
    """The resource exists, but the operation did not come to its end (fact 33).

    The engine keeps the resource in the state, and the next update tries again.
    """

    def __init__(self, text: str, resource_id: str, outputs: Values | None, inputs: Values) -> None:
        """The error's text, and what is known of the resource; no outputs where even reading failed."""
        super().__init__(text)
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs
