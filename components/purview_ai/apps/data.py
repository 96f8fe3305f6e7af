"""What all data files have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Data(BaseModel):
    """A part of a data file: it refuses what it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
