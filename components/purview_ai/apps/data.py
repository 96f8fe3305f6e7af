"""What all data files have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["documented", "observed", "inferred"]
"""How sure something is, as docs/facts.md says it."""
Fact = Annotated[str, Field(pattern=r"^(graph|purview) \d+(\.\d+)?$")]
"""A numbered fact of docs/facts.md."""


class Data(BaseModel):
    """A part of a data file: it refuses what it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Founded(Data):
    """What a person is told to do, and what that stands on."""

    facts: tuple[Fact, ...] = Field(
        description="The facts of docs/facts.md behind each word of it: places, roles, needs, links.", min_length=1
    )
    wording: Mark = Field(
        default="documented",
        description="How sure it is that the portal calls things so; shown to whoever reads it where that is not "
        "documented.",
    )

    @property
    def doubt(self) -> str:
        """What to say of the wording; empty where it is documented."""
        where = f"docs/facts.md, {', '.join(self.facts)}"
        return "" if self.wording == "documented" else f"wording unconfirmed ({self.wording}): see {where}"
