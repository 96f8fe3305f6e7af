"""An AI app, as its data file has it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from purview_ai.apps.capability import Answer, CapabilityName, Cell, Cells, Document
from purview_ai.apps.data import Data, Founded, Mark
from purview_ai.apps.profile import ConnectorProfile
from purview_ai.apps.vendor import KeyRule, Members, Probe, WorkspaceRule
from purview_ai.apps.way import Way

FormName = Literal["literal", "bracketless", "wildcard"]
"""How an item class of an article is read: as it stands, without its angle brackets, or as a beginning."""


class Connector(Data):
    """The app's connector in the Purview Data Map: one whose objects an API makes."""

    verified: bool = Field(description="Whether somebody has seen these wire names at work.")
    profile: ConnectorProfile = Field(description="The wire names.")
    capabilities: Cells = Field(default_factory=dict[str, Cell], description="What Purview says of its scans.")


class NoConnectorApi(Data):
    """Why the Data Map has no objects of the app."""

    reason: str = Field(min_length=1)
    document: str = Field(description="The document that says so, by its name in the file.")


class AuditTrail(Data):
    """How the app's interactions are told from others in the audit log."""

    record_types: tuple[str, ...] = Field(
        description="The types of records to search for, by Graph's names.", min_length=1
    )
    app_identity: str = Field(
        description="What the AppIdentity of a record contains, in whichever letters.", min_length=1
    )


class ItemClassForm(Data):
    """One way to write an item class."""

    value: str = Field(description="The class; {app_id} stands for the id that a stack file names.", min_length=1)
    mark: Mark = Field(description="How sure it is, as docs/facts.md says it.")
    collects: str = Field(default="", description="What else a search by it collects; empty: nothing.")


class ItemClass(Data):
    """What eDiscovery calls the app's interactions of one channel."""

    means: str = Field(description="Which interactions those are.", min_length=1)
    document: str = Field(description="The document that says so, by its name in the file.")
    forms: dict[FormName, ItemClassForm] = Field(description="The ways to write it.", min_length=1)


class ByHand(Founded):
    """What somebody does by hand, because no API does it."""

    key: CapabilityName = Field(description="A name that stays the same.")
    title: str = Field(description="What it is called where another step needs it.", min_length=1)
    text: str = Field(description="What to do, and where.", min_length=1)
    why: str = Field(description="What does not work without it.", min_length=1)
    who: str = Field(default="", description="The role that it takes.")
    link: str = Field(default="", description="Where it is described.", pattern="^(https://.*)?$")
    setting: str = Field(default="", description="Which setting has a script written that does it instead.")
    role_group: str = Field(
        default="", description="The role group of the Purview portal that it puts people into, by its name there."
    )
    proof: str = Field(default="", description="How a person sees that it is done.")
    shown_by: tuple[str, ...] = Field(
        default=(),
        description="What passes once it is done: links of verify or preflight, with {source} for the source's name.",
    )
    optional: bool = Field(default=False, description="Recommended, and nothing fails without it.")


class App(Data):
    """An AI app whose interactions Purview can take in."""

    name: str = Field(description="What stack files call it: its folder's name, with hyphens.")
    title: str = Field(description="What its vendor calls it.", min_length=1)
    workspace: WorkspaceRule
    key: KeyRule
    probes: tuple[Probe, ...] = ()
    members: Members | None = Field(default=None, description="None where the vendor documents no such list.")
    documents: dict[str, Document]
    capabilities: Cells = Field(description="What Purview does with the app's interactions.")
    around: Cells = Field(
        default_factory=dict[str, Cell], description="What can be had around the scan, from other documents."
    )
    ways: dict[CapabilityName, Way] = Field(
        default_factory=dict[str, Way], description="How each capability that there is comes into force."
    )
    connector: Connector | None = None
    no_connector_api: NoConnectorApi | None = None
    audit: AuditTrail
    item_classes: dict[CapabilityName, ItemClass] = Field(
        default_factory=dict[str, ItemClass],
        description="What eDiscovery finds the app's interactions by, by channel; none where no document tells.",
    )
    by_hand: tuple[ByHand, ...] = Field(default=(), description="What remains to be done by hand, in this order.")

    @property
    def cells(self) -> Cells:
        """All capabilities that can be wished for: of its interactions, around them, and of its scans."""
        return {**self.capabilities, **self.around, **(self.connector.capabilities if self.connector else {})}

    def called(self, need: str) -> str:
        """What a way needs, as a person calls it."""
        steps = {step.key: step.title for step in self.by_hand}
        return steps.get(need) or (self.cells[need].title if need in self.cells else need)

    def document_of(self, cell: Cell) -> Document:
        """Where a cell comes from."""
        return self.documents[cell.document]

    @model_validator(mode="after")
    def _either_a_connector_or_a_reason(self) -> App:
        if (self.connector is None) == (self.no_connector_api is None):
            msg = "an app has either a connector or no_connector_api, which says why it has none"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _every_name_once(self) -> App:
        scans = set(self.connector.capabilities if self.connector else ())
        twice = (set(self.capabilities) | set(self.around)) & scans | set(self.capabilities) & set(self.around)
        if twice:
            msg = f"a capability of the connector has a name of its own, and {min(twice)} is taken"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _documents_that_are_there(self) -> App:
        cited = {cell.document for cell in self.cells.values()}
        cited |= {self.no_connector_api.document} if self.no_connector_api else set()
        if missing := cited - set(self.documents):
            msg = f"there is no document {min(missing)}; known are {', '.join(self.documents)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _needs_that_are_there(self) -> App:
        named = {need for way in self.ways.values() for need in way.needs if " " not in need}
        if missing := named - {step.key for step in self.by_hand} - set(self.ways):
            msg = f"a way needs {min(missing)}, which is no step of by_hand and no capability with a way"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _a_way_for_what_there_is(self) -> App:
        there = {name for name, cell in {**self.capabilities, **self.around}.items() if cell.answer is Answer.YES}
        if wrong := there ^ set(self.ways):
            msg = f"a way stands with each capability that is answered yes, and with no other: {min(wrong)}"
            raise ValueError(msg)
        return self
