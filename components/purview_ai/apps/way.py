"""How a capability of Purview comes into force for an app: by the stack, by a script, or by hand in a portal."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from purview_ai.apps.data import Founded


class Route(StrEnum):
    """Who brings it into force."""

    DECLARED = "declared"
    """The stack, as its settings say."""
    SCRIPT = "script"
    """A reviewed PowerShell script, because there is no other public interface that writes it."""
    PORTAL = "portal"
    """A person, because there is none at all."""
    BY_ITSELF = "by itself"
    """Nobody: it holds for whatever has been captured."""


class Way(Founded):
    """The way of one capability."""

    route: Route
    setting: str = Field(default="", description="Which setting declares it, or has its script written.")
    steps: tuple[str, ...] = Field(default=(), description="What a person does, in this order.")
    instead: str = Field(default="", description="For a script: what a person may do in the portal in its place.")
    needs: tuple[str, ...] = Field(
        default=(),
        description="What must be there before: steps of by_hand and capabilities, by their names, or other things in "
        "words, with a blank in them.",
    )
    who: str = Field(default="", description="The role that it takes.")
    link: str = Field(default="", description="Where it is described.", pattern="^(https://.*)?$")
    proof: str = Field(description="How it is seen to be in force.", min_length=1)
    shown_by: tuple[str, ...] = Field(
        default=(),
        description="The links of verify that show it, with {source} for the source's name, and {search} "
        "for that of each search of the app.",
    )

    @model_validator(mode="after")
    def _what_its_route_needs(self) -> Way:
        if (self.route is Route.PORTAL) != bool(self.steps):
            msg = "steps stand with the route portal, and with no other"
            raise ValueError(msg)
        if (self.route in (Route.DECLARED, Route.SCRIPT)) != bool(self.setting):
            msg = "a setting stands with what is declared or scripted, and with nothing else"
            raise ValueError(msg)
        if self.instead and self.route is not Route.SCRIPT:
            msg = "instead stands with a script, and with nothing else"
            raise ValueError(msg)
        return self
