"""The app roles of the Purview account's identity, as a stack file has them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, StrictBool

from purview_ai.settings.strict import Strict


class GrantsMode(StrEnum):
    """Who gives the app roles."""

    MANAGED = "managed"
    """The stack gives them; one that is there already is taken over."""
    EXPECTED = "expected"
    """Somebody else gives them, and the stack looks whether they are there."""


class GrantsSettings(Strict):
    """The app roles that the Purview account's identity needs."""

    mode: GrantsMode = Field(
        default=GrantsMode.MANAGED,
        description="Who gives the app roles: managed (the stack, whose deployer needs rare rights) or expected "
        "(somebody else, and the stack stops where they are missing).",
    )
    process_conversations: StrictBool = Field(
        default=True,
        description="Whether Purview.ProcessConversationMessages.All of the Purview API is given or expected.",
    )
    read_users: StrictBool = Field(
        default=True,
        description="Whether User.Read.All of Microsoft Graph is given or expected; Microsoft's older text on the "
        "connector does without it.",
    )

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        missing = [name for name in ("process_conversations", "read_users") if not getattr(self, name)]
        return [f"grants.{name} is false: nobody looks whether that app role is there" for name in missing]


def by_mode(given: object) -> object:
    """The mode alone says the rest."""
    return {"mode": given} if isinstance(given, str) else given
