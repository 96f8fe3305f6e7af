"""What all settings have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Settings refuse what they do not know, and never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
