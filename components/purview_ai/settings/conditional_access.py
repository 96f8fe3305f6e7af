"""Conditional Access for people with insider risk, as a stack file has it (docs/facts.md, graph 20)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, ValidationInfo, field_validator, model_validator

from purview_ai.settings.forms import GUID, EachOnce, Form, InEntra, PrincipalId, found
from purview_ai.settings.strict import Strict

ApplicationId = Annotated[
    str,
    Form(
        GUID,
        "the form of a GUID: the application id of an enterprise application, and not its object id; all resources are "
        "meant by all_resources: true alone",
    ),
    InEntra,
]


class RiskLevel(StrEnum):
    """A level of insider risk, which adaptive protection gives to people."""

    MINOR = "minor"
    MODERATE = "moderate"
    ELEVATED = "elevated"


class AccessAction(StrEnum):
    """What happens to somebody with that risk."""

    BLOCK = "block"
    """They do not get in."""
    MFA = "mfa"
    """They prove once more who they are."""


class AccessState(StrEnum):
    """Whether the policy is in force."""

    REPORT_ONLY = "report-only"
    """It only tells, in the sign-in logs, whom it would have met."""
    ENABLED = "enabled"
    DISABLED = "disabled"


class BreakGlassSettings(Strict):
    """The emergency accounts, which no policy may lock out."""

    users: Annotated[tuple[PrincipalId, ...], EachOnce] = Field(
        default=(),
        description="Object ids of the emergency accounts.",
        examples=[["44444444-4444-4444-4444-444444444444"]],
        json_schema_extra=found("Entra admin center > Users > the account > Object ID"),
    )
    groups: Annotated[tuple[PrincipalId, ...], EachOnce] = Field(
        default=(),
        description="Object ids of the groups that hold them.",
        examples=[["55555555-5555-5555-5555-555555555555"]],
        json_schema_extra=found("Entra admin center > Groups > the group > Object ID"),
    )

    @model_validator(mode="after")
    def _somebody(self) -> BreakGlassSettings:
        if not (self.users or self.groups):
            msg = "it names nobody, and a policy without an emergency account can lock everybody out"
            raise ValueError(msg)
        if both := set(self.users) & set(self.groups):
            msg = f"{min(both)} is under users and under groups, and an object id is of one of the two"
            raise ValueError(msg)
        return self


class ConditionalAccessSettings(Strict):
    """A Conditional Access policy for people with insider risk."""

    break_glass: BreakGlassSettings = Field(
        description="The emergency accounts that the policy leaves out: object ids of users, groups or both. There is "
        "no policy without them. Microsoft advises two accounts, tried regularly.",
        examples=[{"groups": ["55555555-5555-5555-5555-555555555555"]}],
    )
    all_resources: StrictBool = Field(
        default=False,
        description="Whether the policy is on all resources of the tenant, as in Microsoft's own recipe, instead of on "
        "single applications: people with that risk then get into nothing at all.",
    )
    applications: Annotated[tuple[ApplicationId, ...], EachOnce] = Field(
        default=(),
        validate_default=True,
        description="The application ids of the enterprise applications through which people sign in to ChatGPT "
        "Enterprise.",
        examples=[["66666666-6666-6666-6666-666666666666"]],
        json_schema_extra=found("Entra admin center > Enterprise applications > the application > Application ID"),
    )
    risk: RiskLevel = Field(default=RiskLevel.ELEVATED, description="Whom it is for, by their level of insider risk.")
    action: AccessAction = Field(
        default=AccessAction.BLOCK, description="What happens to them: block, or mfa (they prove again who they are)."
    )
    state: AccessState = Field(
        default=AccessState.REPORT_ONLY,
        description="Whether it is in force: report-only (it only tells in the sign-in logs whom it would have met), "
        "enabled or disabled. Begin with report-only.",
    )
    exclude_external_users: StrictBool = Field(
        default=True,
        description="Whether B2B direct connect users, service provider users and other external users are left out, "
        "as in Microsoft's own recipe: this tenant knows no insider risk of theirs.",
    )
    display_name: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="What the policy is called; default: a name with the stack's in it.",
        examples=["ChatGPT Enterprise: block elevated insider risk"],
    )

    @field_validator("applications")
    @classmethod
    def _something(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        everywhere = info.data.get("all_resources")
        if given and everywhere:
            msg = "all_resources is true, which leaves no single applications; take one of the two out"
            raise ValueError(msg)
        if not given and everywhere is False:
            msg = "it names none, so the policy would be on nothing"
            raise ValueError(msg)
        return given

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        if self.state is AccessState.ENABLED:
            happens = "is kept out" if self.action is AccessAction.BLOCK else "must prove again who they are"
            told.append(
                f"state: enabled, so whoever has {self.risk} insider risk {happens}; look through the sign-in "
                "logs of its time as report-only first"
            )
            if self.all_resources and self.action is AccessAction.BLOCK:
                told.append("all_resources: they are kept out of everything, help and mail too")
        if len(self.break_glass.users) + 2 * len(self.break_glass.groups) == 1:
            told.append("break_glass: one account alone; Microsoft advises two")
        if not self.exclude_external_users:
            told.append("exclude_external_users: false, and no insider risk is known of people of other tenants")
        return told
