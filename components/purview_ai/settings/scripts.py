"""What the rendered PowerShell shall set up, as a stack file has it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt, ValidationInfo, field_validator

from purview_ai.settings.forms import GUID, Form, found
from purview_ai.settings.strict import Strict

POLICY_NAME = re.compile(r"^(?=.{1,64}$)[^\x00-\x1f\x7f-\x9f\u2028\u2029\s](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S)?\Z")
POLICY_NAME_RULE = "1 to 64 characters, neither line breaks nor other control characters, no blank at either end"

PolicyName = Annotated[str, Form(POLICY_NAME, POLICY_NAME_RULE)]
Guid = Annotated[str, Form(GUID, "the form of a GUID")]


class RetentionAction(StrEnum):
    """What becomes of interactions, and when."""

    KEEP = "keep"
    """They are kept for so long; after that, nothing is done to them."""
    DELETE = "delete"
    """They are deleted once they are so old."""
    KEEP_AND_DELETE = "keep-and-delete"
    """They are kept for so long, then deleted."""


class RetentionSettings(Strict):
    """A retention policy for the location Enterprise AI apps."""

    name: PolicyName = Field(
        default="Enterprise AI apps", description="The policy's name.", examples=["Enterprise AI apps"]
    )
    days: Annotated[StrictInt, Field(ge=1, le=36500)] | Literal["unlimited"] = Field(
        description="For how many days, or unlimited. How long is a question for your lawyers: there is no default.",
        examples=[2555],
    )
    action: RetentionAction = Field(
        default=RetentionAction.KEEP,
        description="keep, delete, or keep-and-delete. The last two delete what people wrote, for good.",
    )

    @field_validator("action")
    @classmethod
    def _ends(cls, given: RetentionAction, info: ValidationInfo) -> RetentionAction:
        if info.data.get("days") == "unlimited" and given is not RetentionAction.KEEP:
            msg = "what is kept for ever is never deleted: with days: unlimited, the action is keep"
            raise ValueError(msg)
        return given


class CollectionPolicySettings(Strict):
    """A collection policy."""

    keeps_content: ClassVar[bool]
    """Whether what people write is kept, and not only that they did."""

    name: PolicyName = Field(
        description="The policy's name. That of the portal's own one-click policy takes that one over.",
        examples=["DSPM for AI - Capture interactions for enterprise AI apps"],
    )
    enabled: StrictBool = Field(default=True, description="Whether the policy is on.")


class CaptureSettings(CollectionPolicySettings):
    """The collection policy that takes in prompts and responses of enterprise AI apps."""

    keeps_content = True
    name: PolicyName = Field(
        default="DSPM for AI - Capture interactions for enterprise AI apps",
        description="The policy's name. The default is that of the portal's own one-click policy, which it takes over.",
        examples=["DSPM for AI - Capture interactions for enterprise AI apps"],
    )


class NetworkSettings(CollectionPolicySettings):
    """The collection policy that sees sensitive information on its way to AI over the network."""

    keeps_content = False
    name: PolicyName = Field(
        default="DSPM for AI - Detect sensitive info shared with AI via network",
        description="The policy's name. The default is that of the portal's own one-click policy, which it takes over.",
        examples=["DSPM for AI - Detect sensitive info shared with AI via network"],
    )


class EDiscoveryAppSettings(Strict):
    """An application that may use eDiscovery through Microsoft Graph."""

    name: PolicyName = Field(description="What the application is called.", examples=["purview-ai ediscovery"])
    app_id: Guid = Field(
        description="The application's id.",
        examples=["11111111-1111-1111-1111-111111111111"],
        json_schema_extra=found("Entra admin center > Enterprise applications > the application > Application ID"),
    )
    object_id: Guid = Field(
        description="The object id of its enterprise application, and not of its app registration.",
        examples=["22222222-2222-2222-2222-222222222222"],
        json_schema_extra=found("Entra admin center > Enterprise applications > the application > Object ID"),
    )

    @field_validator("object_id")
    @classmethod
    def _not_the_application(cls, given: str, info: ValidationInfo) -> str:
        if given.lower() == str(info.data.get("app_id", "")).lower():
            msg = "it is the application's id; its enterprise application has another one, the object id"
            raise ValueError(msg)
        return given


class ScriptsSettings(Strict):
    """What the rendered PowerShell sets up. What is left out is rendered by nobody."""

    auditing: StrictBool = Field(default=True, description="Whether a script turns auditing on.")
    retention: RetentionSettings | None = Field(
        default=None, description="A retention policy for the interactions of enterprise AI apps."
    )
    capture: CaptureSettings | None = Field(
        default=None,
        description="A collection policy that captures prompts and responses of enterprise AI apps. Without one, "
        "Purview keeps no content. Needs pay-as-you-go billing before it is made.",
    )
    network: NetworkSettings | None = Field(
        default=None,
        description="A collection policy for sensitive information that is shared with AI over the network. It sees "
        "nothing without a network partner (SASE or SSE) in Purview.",
    )
    ediscovery: EDiscoveryAppSettings | None = Field(
        default=None,
        description="The application that may use eDiscovery without a person. It then sees every case of the tenant.",
    )

    @field_validator("network")
    @classmethod
    def _not_the_policy_that_captures(
        cls, given: NetworkSettings | None, info: ValidationInfo
    ) -> NetworkSettings | None:
        capture = info.data.get("capture") or CaptureSettings()
        if given and given.name.lower() == capture.name.lower():
            msg = f"its name is that of the policy that captures, which would keep no content any more: {given.name}"
            raise ValueError(msg)
        return given

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        if self.retention and self.retention.action is not RetentionAction.KEEP:
            told.append(
                f"retention.action: {self.retention.action} deletes the interactions of all enterprise AI apps of the "
                f"tenant once they are {self.retention.days} days old"
            )
        if self.retention and not self.capture:
            told.append(
                "capture: no collection policy is asked for; where nobody else made one, there is no content to retain"
            )
        return told
