"""The app roles of the Purview account's identity, as a stack file has them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from purview_ai.settings.strict import Strict


class GrantsMode(StrEnum):
    """Who gives the app roles."""

    MANAGED = "managed"
    """The stack gives them; one that is there already is taken over."""
    EXPECTED = "expected"
    """Somebody else gives them, and the stack looks whether they are there."""


class AppRolesSettings(Strict):
    """Which app roles the Purview account's identity needs."""

    process_conversations: StrictBool = Field(
        default=True,
        description="Whether Purview.ProcessConversationMessages.All of the Purview API is given or expected.",
    )
    read_users: StrictBool = Field(
        default=True,
        description="Whether User.Read.All of Microsoft Graph is given or expected; Microsoft's older text on the "
        "connector does without it.",
    )
    create_service_principal: StrictBool = Field(
        default=False,
        description="Whether the stack makes the service principal of the Purview API, where the tenant has none. It "
        "is protected, and stays when the stack is destroyed.",
    )

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        missing = [name for name in ("process_conversations", "read_users") if not getattr(self, name)]
        return [f"grants.{name} is false: nobody looks whether that app role is there" for name in missing]


class GrantsSettings(AppRolesSettings):
    """The app roles that the Purview account's identity needs, and who gives them."""

    mode: GrantsMode = Field(
        default=GrantsMode.MANAGED,
        description="Who gives the app roles: managed (the stack, whose deployer needs rare rights) or expected "
        "(somebody else, and the stack stops where they are missing).",
    )

    @field_validator("mode")
    @classmethod
    def _made_by_who_gives(cls, given: GrantsMode, info: ValidationInfo) -> GrantsMode:
        if given is GrantsMode.EXPECTED and info.data.get("create_service_principal"):
            msg = "who only expects the app roles makes no service principal; take create_service_principal out"
            raise ValueError(msg)
        return given


def by_mode(given: object) -> object:
    """The mode alone says the rest."""
    return {"mode": given} if isinstance(given, str) else given
