"""A case of eDiscovery and the searches in it, as a stack file has them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, ValidationInfo, field_validator, model_validator

from purview_ai import naming
from purview_ai.apps.app import FormName
from purview_ai.apps.catalogue import app_named
from purview_ai.governance.ediscovery.query import query_of
from purview_ai.settings.forms import Form, as_date, left_out
from purview_ai.settings.source import AppName
from purview_ai.settings.strict import Strict

if TYPE_CHECKING:
    from purview_ai.apps.app import App, ItemClassForm

APP_ID = "{app_id}"
_OPEN_END = "its * takes in whatever begins alike, the interactions of other AI apps too"
_OF_THE_APPS_QUERY = ("forms", "browser_app_id", "channels", "since", "until")
"""What the app's query is made of, and one's own is not."""
_APP_ID = re.compile(r"^[0-9A-Za-z._-]+\Z")
_CASE = re.compile(r"^(?![0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z)\S(?:.*\S)?\Z")
"""Where a search names its case, a GUID is Graph's id of one."""
_Scope = Literal["none", "allTenantMailboxes", "allTenantSites", "allCaseCustodians", "allCaseNoncustodialDataSources"]
_Day = Annotated[date, BeforeValidator(as_date, json_schema_input_type=str)]


class CaseSettings(Strict):
    """The case."""

    name: Annotated[str, Form(_CASE, "some other form than a GUID, and no blank at either end")] = Field(
        min_length=1, description="Its name, unique in the tenant.", examples=["AI interactions"]
    )
    description: str = Field(default="", description="What it is for.", examples=["Prompts and responses of AI apps"])
    number: str = Field(default="", description="The number that it has elsewhere.", examples=["2026-017"])


class SearchSettings(Strict):
    """One search of the case: it is kept there, and never run by a deployment."""

    app: AppName | None = Field(
        default=None,
        description="The AI app whose interactions it finds, by its name in the package's data files.",
        examples=["chatgpt-enterprise"],
    )
    query: str = Field(
        default="",
        validate_default=True,
        description="A query of your own in KQL, in the place of the app's.",
        examples=['ItemClass:"IPM.SkypeTeams.Message.ConnectedAIApp.Connector.SomeApp"'],
    )
    forms: tuple[FormName, ...] = Field(
        default=("literal", "bracketless"),
        min_length=1,
        description="How the item classes of Microsoft's article are written: literal (with its angle brackets), "
        "bracketless, wildcard (which collects other apps' interactions too). Which one is right is not known, so "
        "several are searched for at once.",
        examples=[["bracketless"]],
    )
    browser_app_id: Annotated[str, Form(_APP_ID, "letters, digits, points, hyphens and underscores")] | None = Field(
        default=None,
        description="The AppID in the item class of what people say to the app in a browser.",
        examples=["11111111-1111-1111-1111-111111111111"],
    )
    channels: tuple[str, ...] = Field(
        default=("connector",),
        validate_default=True,
        min_length=1,
        description="Which interactions: connector (what the connector takes in), browser (what was said in a "
        "browser; needs browser_app_id, or the form wildcard alone).",
        examples=[["connector", "browser"]],
    )
    since: _Day | None = Field(default=None, description="The first day, in UTC.", examples=["2026-01-01"])
    until: _Day | None = Field(default=None, description="The last day, in UTC.", examples=["2026-12-31"])
    scopes: tuple[_Scope, ...] = Field(
        default=("allTenantMailboxes",),
        min_length=1,
        description="Where it looks: allTenantMailboxes (where the interactions are), or what the case itself names.",
        examples=[["allCaseCustodians"]],
    )
    description: str = Field(default="", description="What it is for.", examples=["All of ChatGPT Enterprise"])

    @property
    def kql(self) -> str:
        """The query as Graph takes it."""
        return self.query or query_of((form.value for form in self._written()), self.since, self.until)

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        if self.query:
            # In quotes too: at the end of a phrase it is a wildcard (docs/facts.md, graph 33).
            return [f"query: {_OPEN_END}"] if "*" in self.query else []
        return [
            f"forms: wildcard collects more than it says: {form.collects} ({form.value}, {form.mark})"
            for form in self._written()
            if form.collects
        ]

    def _written(self) -> list[ItemClassForm]:
        """The item classes, each in each of its forms, with the app's id in its place."""
        classes = app_named(self.app).item_classes if self.app else {}
        return [
            form.model_copy(update={"value": form.value.replace(APP_ID, self.browser_app_id or "")})
            for channel in self.channels
            for name, form in classes[channel].forms.items()
            if name in self.forms
        ]

    @field_validator("query")
    @classmethod
    def _of_an_app_or_ones_own(cls, given: str, info: ValidationInfo) -> str:
        app = _app_of(info)
        if not given and "app" in info.data and (app is None or not app.item_classes):
            if app is None:
                raise left_out()
            msg = (
                f"which item classes the interactions of {app.title} have is not documented, so there is no query for "
                "it; find them in the tenant, and set query"
            )
            raise ValueError(msg)
        return given

    @field_validator("scopes")
    @classmethod
    def _nowhere_or_somewhere(cls, given: tuple[_Scope, ...]) -> tuple[_Scope, ...]:
        if "none" in given and len(given) > 1:
            msg = "none is no place beside others"
            raise ValueError(msg)
        return given

    @model_validator(mode="after")
    def _ones_own_query_is_the_whole_one(self) -> SearchSettings:
        if self.query and (beside := [name for name in _OF_THE_APPS_QUERY if name in self.model_fields_set]):
            msg = (
                f"query is searched for as it stands, so {', '.join(beside)} would do nothing; write it into the query"
            )
            raise ValueError(msg)
        return self

    @field_validator("channels")
    @classmethod
    def _channels_with_a_query(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        app = _app_of(info)
        if app is None or info.data.get("query", "x"):
            return given
        for channel in given:
            if channel not in app.item_classes:
                msg = f"there is no channel {channel} of {app.title}; known are {', '.join(app.item_classes)}"
                raise ValueError(msg)
            forms = app.item_classes[channel].forms
            wanted = [form for name, form in forms.items() if name in info.data.get("forms", ())]
            if not info.data.get("browser_app_id", "x") and any(APP_ID in form.value for form in wanted):
                msg = f"{channel} needs browser_app_id, which nobody has published; or the form wildcard alone"
                raise ValueError(msg)
        return given

    @field_validator("until")
    @classmethod
    def _after_it_begins(cls, given: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if given and since and given < since:
            msg = "it is before since"
            raise ValueError(msg)
        return given


def _app_of(info: ValidationInfo) -> App | None:
    named = info.data.get("app")
    return app_named(named) if named else None


class EdiscoverySettings(Strict):
    """A case with searches for what AI apps were asked and answered. Off where the block is not there."""

    case: CaseSettings = Field(description="The case: made, or taken over where it is there already.")
    searches: dict[Annotated[str, Form(naming.SOURCE_KEY, naming.SOURCE_KEY_RULE)], SearchSettings] = Field(
        default_factory=dict[str, SearchSettings],
        description="The searches of the case, by the names that they have there.",
        examples=[{"chatgpt": {"app": "chatgpt-enterprise"}}],
    )
    adopt: StrictBool = Field(
        default=False, description="Take over a case and searches that have these names and differ, and change them."
    )
    keep_on_destroy: StrictBool = Field(
        default=True,
        description="Whether the case and its searches stay when the stack or this block goes. With false, which must "
        "be deployed before, they are deleted, and that cannot be undone.",
    )
    release: tuple[str, ...] = Field(
        default=(),
        description="The case and searches, by their names, that are deleted when the stack or this block goes, also "
        "those that were there before the stack. It must be deployed before, and cannot be undone.",
        examples=[["AI interactions", "chatgpt"]],
    )

    @field_validator("release")
    @classmethod
    def _what_is_there_and_one_thing(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        case, searches = info.data.get("case"), info.data.get("searches")
        if case is None or searches is None:
            return given
        for name in given:
            if name != case.name and name not in searches:
                msg = f"neither the case nor a search is called {name}; known are {', '.join([case.name, *searches])}"
                raise ValueError(msg)
            if name == case.name and name in searches:
                msg = f"the case and a search are both called {name}; give the search another name"
                raise ValueError(msg)
        return given

    @property
    def names(self) -> list[str]:
        """What carries a name in eDiscovery: the case and its searches."""
        return [self.case.name, *self.searches]

    def stays(self, name: str) -> bool:
        """Whether the case, or the search, of a name stays when the stack or this block goes."""
        return self.keep_on_destroy and name not in self.release

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told = [f"searches.{name}.{warning}" for name, search in self.searches.items() for warning in search.warnings()]
        if not self.searches:
            told.append("searches: there is none, and a case alone finds nothing")
        if not self.keep_on_destroy:
            told.append(
                "keep_on_destroy: it is false, so the case and its searches are deleted with the stack or with this "
                "block, and nothing brings them back; only what was there before the stack stays"
            )
        if self.case.name in self.release:
            told.append(
                f'release: case "{self.case.name}" is deleted with the stack or with this block, with all searches and '
                "items that are in it, whoever made it; nothing brings it back"
            )
        told += [
            f'release: search "{name}" is deleted with the stack or with this block, whoever made it'
            for name in self.release
            if name != self.case.name
        ]
        return told
