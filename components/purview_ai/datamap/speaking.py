"""Failures of the Data Map in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.calls import speaking
from purview_ai.datamap.remedies import remedy_for

if TYPE_CHECKING:
    from purview_ai.datamap.wishes import DataMapWish


class Speaking(speaking.Speaking):
    """With the Data Map's remedies."""

    def __init__(self, kind: str, wish: DataMapWish, happened: str) -> None:
        """The kind and the action, in words."""
        super().__init__(remedy_for, kind, wish, happened)
