"""One workspace whose interactions are captured, as a stack file has it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from purview_ai import naming
from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.apps.profile import ConnectorProfile
from purview_ai.settings.capabilities import Wish, wish_warnings
from purview_ai.settings.forms import GUID, DataMapName, OneOf, as_date, found, left_out
from purview_ai.settings.key import KeySettings
from purview_ai.settings.scanning import ScanSettings
from purview_ai.settings.strict import Strict

if TYPE_CHECKING:
    from purview_ai.apps.app import App

TODAY = "today"


def _with_a_data_file(given: str) -> str:
    app_named(given)
    return given


AppName = Annotated[str, OneOf("app", app_names), AfterValidator(_with_a_data_file)]
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


def _schema_with_keys(schema: dict[str, Any]) -> None:
    """In the JSON Schema: apps with a connector need a key."""
    connected = [name for name in app_names() if app_named(name).connector]
    schema["if"] = {"properties": {"app": {"enum": connected}}}
    schema["then"] = {"required": ["key"]}


class SourceSettings(Strict):
    """One workspace whose interactions are captured."""

    model_config = ConfigDict(json_schema_extra=_schema_with_keys)

    app: AppName = Field(
        description="The AI app, by its name in the package's data files.", examples=["chatgpt-enterprise"]
    )
    workspace_id: str = Field(
        description="The workspace's id, from the vendor's workspace settings; of Claude Enterprise, the "
        "organization's.",
        min_length=1,
        examples=["11111111-1111-1111-1111-111111111111"],
        json_schema_extra=found("ChatGPT > Workspace settings > Workspace ID"),
    )
    capture_since: Annotated[date | Literal["today"], BeforeValidator(_date_or_today)] = Field(
        default=TODAY,
        description="From when on interactions are captured: a date, or today. Fixed when the scan is made.",
        examples=["2026-01-01"],
    )
    key: KeySettings | None = Field(
        default=None,
        validate_default=True,
        description="Where the vendor's API key is kept. An app without a connector API needs none: a copy of its key "
        "is kept where this asks for it, and Purview cannot read it.",
        examples=[{"secret": "chatgpt-compliance-key"}],
    )
    capabilities: tuple[Wish, ...] = Field(
        default=(),
        description="What Purview shall do with the interactions, by the names in the app's table (docs/apps.md). One "
        "that Purview does not do is refused.",
        examples=[["auditing", "ediscovery"]],
    )
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
    def connected(self) -> bool:
        """Whether the source has objects in the Data Map; otherwise it is set up in a portal."""
        return self.application.connector is not None

    @property
    def connector(self) -> ConnectorProfile:
        """The profile in force, of a connected source."""
        shipped = self.application.connector
        if shipped is None:
            raise ValueError(_why_none(self.application))
        return self.profile or shipped.profile

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
        app, rule = self.application, self.application.workspace
        if not rule.looks_right(self.workspace_id):
            told.append(
                f"workspace_id: {self.workspace_id!r} does not look like the id of a {app.title} {rule.called}, which "
                f"is {rule.form} found at {rule.found_at}"
            )
        if self.profile is None and app.connector and not app.connector.verified:
            told.append("accept_unverified_profile: nobody has verified the shipped profile; Purview may refuse it")
        return told + wish_warnings(app, self.capabilities)

    @field_validator("workspace_id")
    @classmethod
    def _workspace_of_the_right_kind(cls, given: str, info: ValidationInfo) -> str:
        # Where the app itself is wrong, what any of them refuses is refused.
        named = info.data.get("app")
        rules = [app_named(app).workspace for app in ([named] if named else app_names())]
        for rule in rules:
            if reason := rule.why_refused(given):
                msg = f"{reason}; it is found at {rule.found_at}"
                raise ValueError(msg)
        rule = rules[0] if named else None
        if rule and _LIKE_A_GUID.match(given) and not GUID.match(given):
            msg = f"it looks like a GUID with a mistake in it; it is found at {rule.found_at}"
            raise ValueError(msg)
        return given

    @field_validator("key")
    @classmethod
    def _a_key_that_is_used(cls, given: KeySettings | None, info: ValidationInfo) -> KeySettings | None:
        app = _app_of(info)
        if app and app.connector and given is None:
            raise left_out()
        if app and not app.connector and given and given.version:
            msg = "version says which one Purview reads, and Purview cannot read this key; leave it out"
            raise ValueError(msg)
        return given

    @field_validator("capture_since", "scan", "adopt", "profile", "accept_unverified_profile", mode="before")
    @classmethod
    def _only_with_a_connector(cls, given: object, info: ValidationInfo) -> object:
        app = _app_of(info)
        if app and not app.connector and given not in (None, False, ScanSettings()):
            msg = f"it is about objects in the Data Map, and {app.title} has none: {_why_none(app)}"
            raise ValueError(msg)
        return given

    @field_validator("accept_unverified_profile")
    @classmethod
    def _profile_that_somebody_answers_for(
        cls,
        accepted: bool,  # noqa: FBT001  # pydantic's way
        info: ValidationInfo,
    ) -> bool:
        app = _app_of(info)
        if app is None or app.connector is None or app.connector.verified:
            return accepted
        # Where the profile that was given is wrong itself, that is told already.
        if not accepted and info.data.get("profile", app) is None:
            msg = (
                f"the wire names of the {app.title} connector are not published, and the profile that is shipped for "
                "it is unverified; register one source in the Purview portal and let purview-ai discover read the "
                "right one from it, or set accept_unverified_profile: true"
            )
            raise ValueError(msg)
        return accepted


def _app_of(info: ValidationInfo) -> App | None:
    """The app of the source that is looked at; None where that is wrong itself."""
    named = info.data.get("app")
    return app_named(named) if named else None


def _why_none(app: App) -> str:
    """Why an app has no objects in the Data Map; empty where it has."""
    return app.no_connector_api.reason if app.no_connector_api else ""
