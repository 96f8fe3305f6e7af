"""What a preview of one stack showed, in a form that can be kept, judged and read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

UNKNOWN = "known after the deployment"
"""Stands where a preview cannot know a value."""


class _Kept(BaseModel):
    """Written to a file and read again by a later command."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    CHANGE = "change"
    REPLACE = "replace"
    DELETE = "delete"
    LET_GO = "let go"
    """The stack forgets it, and it stays where it is."""
    IMPORT = "import"
    OPTIONS = "change options"
    """Only what the engine itself keeps of it changes, such as its protection."""


class Property(_Kept):
    """One input that changes. Nested ones by their path, lists as a whole; a secret is ``[secret]``."""

    path: str
    was: Any = None
    now: Any = None


class Options(_Kept):
    """What the engine keeps of a resource beside its inputs."""

    protect: bool = False
    retain_on_delete: bool = False


class Change(_Kept):
    """What happens to one resource of a stack."""

    resource: str
    """Its name in the stack."""
    urn: str
    type: str
    """Its object kind where it is the package's own, else its type, without an API version."""
    called: str
    """Its kind in people's words."""
    action: Action
    properties: list[Property] = Field(default_factory=list[Property])
    """What changes of its inputs; of a new resource all of them, of one that goes none."""
    stays: dict[str, Any] = Field(default_factory=dict[str, Any])
    """The inputs that stay what they are, by their paths: what a change means may hang on them."""
    hidden: list[str] = Field(default_factory=list[str])
    """The paths of what changes and is not shown, such as within a secret."""
    overwrites: str = ""
    """What the deployment would change of an object that is there already and that it takes over; empty: nothing."""
    before: Options = Options()
    after: Options = Options()

    def value(self, path: str) -> Any:
        """What an input is after the deployment, whether or not it changes; None where there is none."""
        found = self.changed(path)
        return found.now if found else self.stays.get(path)

    def now(self, path: str) -> Any:
        """What an input becomes; None where it does not change or goes away."""
        return next((one.now for one in self.properties if one.path == path), None)

    def changed(self, path: str) -> Property | None:
        """The change of an input; None where there is none."""
        return next((one for one in self.properties if one.path == path), None)


class Violation(_Kept):
    """A rule of the policy pack that a resource does not hold to."""

    policy: str
    mandatory: bool
    resource: str
    message: str


class Preview(_Kept):
    """All of it, for one stack."""

    stack: str
    failed: bool
    """Whether it ended with an error or a mandatory violation, so that there is no plan."""
    first: bool = False
    """Whether nothing of the stack was deployed before."""
    changes: list[Change] = Field(default_factory=list[Change])
    violations: list[Violation] = Field(default_factory=list[Violation])
    errors: list[str] = Field(default_factory=list[str])
    """What the engine, the program and the providers said of it."""

    def count(self, action: Action) -> int:
        """How many resources an action meets."""
        return sum(change.action is action for change in self.changes)
