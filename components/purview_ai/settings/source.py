"""One workspace whose interactions are captured, as a stack file has it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.apps.catalogue import App, AppName, app_named
from purview_ai.apps.profile import ConnectorProfile
from purview_ai.settings.forms import GUID, DataMapName, as_date, found
from purview_ai.settings.key import KeySettings
from purview_ai.settings.scanning import ScanSettings
from purview_ai.settings.strict import Strict

TODAY = "today"
_LIKE_A_GUID = re.compile(r"^\w+(-\w+){4}$")


def _date_or_today(given: object) -> object:
    if given == TODAY:
        return given
    try:
        return as_date(given)
    except ValueError:
        msg = "it must be a date, as in 2026-01-01, or the word today"
        raise ValueError(msg) from None


def _all_of_it(given: object) -> object:
    """``true`` takes over what has the expected names."""
    return {} if given is True else None if given is False else given


class AdoptSettings(Strict):
    """What was set up by hand, by the names that it has in Purview."""

    data_source: DataMapName | None = Field(
        default=None, description="The data source's name in Purview; default: the source's name here."
    )
    scan: DataMapName | None = Field(
        default=None, description="The scan's name in Purview; default: the source's name and -scan."
    )


class SourceSettings(Strict):
    """One workspace whose interactions are captured."""

    app: AppName = Field(description="The AI app: chatgpt-enterprise.")
    workspace_id: str = Field(
        description="The workspace's id, from the vendor's workspace settings.",
        min_length=1,
        examples=["11111111-1111-1111-1111-111111111111"],
        json_schema_extra=found("ChatGPT > Workspace settings > Workspace ID"),
    )
    capture_since: Annotated[date | Literal["today"], BeforeValidator(_date_or_today)] = Field(
        default=TODAY,
        description="From when on interactions are captured: a date, or today. Fixed when the scan is made.",
        examples=["2026-01-01"],
    )
    key: KeySettings = Field(description="Where the vendor's API key is kept.")
    scan: ScanSettings = Field(
        default_factory=ScanSettings, description="How and when the workspace is scanned.", validate_default=True
    )
    adopt: Annotated[
        AdoptSettings | None, BeforeValidator(_all_of_it, json_schema_input_type=bool | AdoptSettings | None)
    ] = Field(
        default=None,
        description="Take over a data source and scan that exist, although they differ: true, or their names.",
        examples=[{"data_source": "ChatGPT-Prod", "scan": "Scan-k3d"}],
        json_schema_extra=found("Purview portal > Data map > Data sources > the source, and its Scans"),
    )
    profile: ConnectorProfile | None = Field(
        default=None,
        description="The connector's wire names, where they are known; takes the place of the shipped profile.",
        examples=[
            {
                "data_source": {"kind": "SourceKind", "properties": {"workspaceId": "{workspace_id}"}},
                "scan": {"kind": "ScanKind", "properties": {"since": "{capture_since:%Y-%m-%d}"}},
                "credential": {"kind": "CredentialKind", "secret_property": "secret"},
            }
        ],
    )
    accept_unverified_profile: StrictBool = Field(
        default=False,
        validate_default=True,
        description="Go on with the shipped profile although nobody has verified it.",
        examples=[True],
    )

    @property
    def application(self) -> App:
        """The app that the source belongs to."""
        return app_named(self.app)

    @property
    def connector(self) -> ConnectorProfile:
        """The profile in force."""
        return self.profile or self.application.profile

    @property
    def since(self) -> date | None:
        """The first day to capture; None lets the service begin on the day the scan is made."""
        return self.capture_since if isinstance(self.capture_since, date) else None

    def names(self, source: str) -> naming.SourceNames:
        """What the workspace's objects are called in Purview, for a source of this name."""
        by_hand = self.adopt or AdoptSettings()
        return naming.source_names(source, data_source=by_hand.data_source, scan=by_hand.scan)

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        rule, title = self.application.workspace, self.application.title
        if not rule.pattern.match(self.workspace_id):
            told.append(
                f"workspace_id: {self.workspace_id!r} does not look like the id of a {title} workspace, which is a "
                f"GUID found at {rule.found_at}"
            )
        if self.profile is None and not self.application.profile_verified:
            told.append("accept_unverified_profile: nobody has verified the shipped profile; Purview may refuse it")
        return told

    @field_validator("workspace_id")
    @classmethod
    def _workspace_of_the_right_kind(cls, given: str, info: ValidationInfo) -> str:
        # Where the app itself is wrong, what any of them refuses is refused.
        named = info.data.get("app")
        rules = [app_named(app).workspace for app in ([named] if named else AppName)]
        for rule in rules:
            if given.startswith(rule.refused_prefix):
                msg = f"{rule.refused_reason}; it is found at {rule.found_at}"
                raise ValueError(msg)
        rule = rules[0] if named else None
        if rule and _LIKE_A_GUID.match(given) and not GUID.match(given):
            msg = f"it looks like a GUID with a mistake in it; it is found at {rule.found_at}"
            raise ValueError(msg)
        return given

    @field_validator("accept_unverified_profile")
    @classmethod
    def _profile_that_somebody_answers_for(
        cls,
        accepted: bool,  # noqa: FBT001  # pydantic's way
        info: ValidationInfo,
    ) -> bool:
        app = info.data.get("app")
        if app and not accepted and info.data.get("profile", app) is None and not app_named(app).profile_verified:
            msg = (
                f"the wire names of the {app_named(app).title} connector are not published, and the profile that is "
                "shipped for it is unverified; register one source in the Purview portal and let purview-ai discover "
                "read the right one from it, or set accept_unverified_profile: true"
            )
            raise ValueError(msg)
        return accepted
