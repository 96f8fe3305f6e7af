"""What the pages show, as others found it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from purview_ai.inspection.finding import Verdict
from purview_ai.report.times import days_until

if TYPE_CHECKING:
    from purview_ai.apps.capability import Cell, Document
    from purview_ai.datamap.run_report import RunReport
    from purview_ai.drift.change import Drift
    from purview_ai.fleet.summary import Summary
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.step import Step


@dataclass(frozen=True)
class Unseen:
    """In the place of what was not looked at, or could not be."""

    reason: str
    may_pass_again: bool = False
    """Whether another look may see it, since what was in the way may go by itself."""


@dataclass(frozen=True)
class Source:
    """A source of interactions."""

    name: str
    app: str
    """The app's title."""
    workspace: str


@dataclass(frozen=True)
class Capability:
    """One row of an app's matrix: what its document says, what the stack wishes for, what was seen."""

    cell: Cell
    document: Document
    configured: bool
    verified: Verdict | None = None
    """None where nothing can verify it."""
    verified_at: datetime | None = None
    way: str = ""
    """How it comes into force, such as ``script``; empty where it does not."""
    setting: str = ""
    """What a stack file says for it."""
    read_by: str = ""
    """The script that reads it, where no request does."""
    asked_for: bool = False
    """Whether the stack wishes for it; what a person brings into force is configured once something shows it."""


@dataclass(frozen=True)
class Matrix:
    """What Purview does for one app."""

    app: str
    """The app's title."""
    rows: tuple[Capability, ...]


@dataclass(frozen=True)
class RunHistory:
    """The runs of one source's scan, in any order."""

    source: str
    runs: tuple[RunReport, ...] | Unseen


@dataclass(frozen=True)
class KeyExpiry:
    """Until when a key is good."""

    name: str
    kept_in: str
    """Where it is kept, such as a vault's secret with its version."""
    expires: date | None
    """The day; None where nobody has said it."""
    asked: bool = True
    """Whether the vault, which may know more, could be asked."""

    def days_left(self, made: datetime) -> int | None:
        """From the day that a page was made; negative once it has expired."""
        return days_until(self.expires, made) if self.expires else None


class StepState(StrEnum):
    """Whether a step is done."""

    OPEN = "open"
    UNKNOWN = "unknown"
    DONE = "done"


@dataclass(frozen=True)
class StepShown:
    """A step, and whether it is done."""

    step: Step
    state: StepState


@dataclass(frozen=True)
class TenantPage:
    """What the page of one stack shows."""

    stack: str
    made: datetime
    """With its zone. All ages on the page are those of this moment."""
    made_by: str
    """The program and its version."""
    account: str
    """The Purview account."""
    sources: tuple[Source, ...]
    chain: tuple[Finding, ...] | Unseen
    runs: tuple[RunHistory, ...]
    matrices: tuple[Matrix, ...]
    keys: tuple[KeyExpiry, ...]
    drift: Drift | Unseen
    steps: tuple[StepShown, ...]
    not_looked_at: tuple[str, ...] = ()
    """What belongs to the chain and cannot be looked at where the tenant is, and what shows it instead."""

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        with_zone(self.made)

    @property
    def may_show_more(self) -> bool:
        """Whether another look may see what this one could not, since what was in the way may go by itself."""
        chain = [self.chain] if isinstance(self.chain, Unseen) else self.chain
        runs = [one.runs for one in self.runs if isinstance(one.runs, Unseen)]
        return any(one.may_pass_again for one in (*chain, *runs, self.drift))


class Glance(BaseModel):
    """A stack in one row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    standing: Verdict
    """The worst of its links."""
    sentence: str
    last_success: datetime | None
    drifted: bool | None
    """None where nobody looked."""
    next_expiry: date | None
    open_steps: int
    unknown_steps: int = 0


@dataclass(frozen=True)
class StackRow:
    """A stack of the index."""

    stack: str
    seen: Glance | Unseen
    page: str = ""
    """The file of its page beside the index; empty where there is none."""


@dataclass(frozen=True)
class IndexPage:
    """What the page over all stacks shows."""

    made: datetime
    made_by: str
    rows: tuple[StackRow, ...]

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        with_zone(self.made)


@dataclass(frozen=True)
class FleetPage:
    """What the page over one run of a fleet shows."""

    made: datetime
    made_by: str
    summary: Summary
    to_come: bool = False
    """Whether the changes were only shown, and not made."""

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        with_zone(self.made)


def with_zone(made: datetime) -> datetime:
    """The moment itself; raises ``ValueError`` where it has no zone, since nobody could tell its age."""
    if made.utcoffset() is None:
        msg = "the time that a page was made needs its zone"
        raise ValueError(msg)
    return made
