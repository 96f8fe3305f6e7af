"""The vendor's side of an app: what its workspaces and keys look like, and how it is asked whether a key works."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from purview_ai.apps.data import Data

_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def _pattern(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        msg = f"it is no regular expression: {error}"
        raise ValueError(msg) from None
    return given


class RefusedForm(Data):
    """How an id begins that is certainly another one."""

    prefix: str = Field(description="Its beginning.", min_length=1)
    reason: str = Field(description="What it is instead.", min_length=1)


class WorkspaceRule(Data):
    """What the id of a workspace looks like."""

    called: str = Field(default="workspace", description="What the vendor calls a workspace.", min_length=1)
    pattern: Annotated[str, AfterValidator(_pattern)] = Field(description="Another form is a warning.")
    form: str = Field(description="The pattern in words.", min_length=1)
    found_at: str = Field(description="Where the id is found.", min_length=1)
    refused: tuple[RefusedForm, ...] = Field(default=(), description="Ids of something else.")

    def looks_right(self, given: str) -> bool:
        """Whether an id has the usual form."""
        return re.match(self.pattern, given) is not None

    def why_refused(self, given: str) -> str:
        """Why an id is certainly wrong; empty where it is not."""
        return next((form.reason for form in self.refused if given.startswith(form.prefix)), "")


class Verdict(StrEnum):
    """Whether a kind of key does."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"
    """It opens a part, and nobody has said whether that is enough."""
    REFUSED = "refused"


class KeyForm(Data):
    """A kind of key, told by how it begins."""

    prefix: str = Field(description="How all keys of this kind begin.", min_length=1)
    kind: str = Field(description="What the vendor calls such a key.", min_length=1)
    verdict: Verdict = Field(description="Whether it does.")
    reason: str = Field(default="", description="Why it does not, or may not.")

    @model_validator(mode="after")
    def _a_reason_for_whatever_is_not_accepted(self) -> KeyForm:
        if (self.verdict is Verdict.ACCEPTED) == bool(self.reason):
            msg = "a reason stands with each key that is doubtful or refused, and with no other"
            raise ValueError(msg)
        return self


class KeyRule(Data):
    """The vendor's keys."""

    made_at: str = Field(description="Where a key is made, and what has to be done for it to work.", min_length=1)
    scopes: tuple[str, ...] = Field(description="What a key may be allowed to do.")
    scopes_needed: str = Field(description="Which of them Purview needs, as far as anybody has said.", min_length=1)
    forms: tuple[KeyForm, ...] = Field(default=(), description="The known kinds of keys.")

    def form_of(self, key: str) -> KeyForm | None:
        """The kind of a key; None where it begins like none that is known."""
        return next((form for form in self.forms if key.startswith(form.prefix)), None)

    @property
    def beginnings(self) -> tuple[str, ...]:
        """How a key that does begins; empty where the vendor has not said."""
        return tuple(form.prefix for form in self.forms if form.verdict is Verdict.ACCEPTED)


class ProbeAnswer(Data):
    """What a status of the vendor's means."""

    status: int = Field(ge=100, le=599)
    good: bool = Field(default=False, description="Whether the key works.")
    means: str = Field(min_length=1)


class Probe(Data):
    """A request that tells whether a key works, and reads no conversation."""

    name: str = Field(min_length=1)
    url: str = Field(
        description="GET this; {workspace_id} is filled in, and the key never is.", pattern="^https://[^/]+/"
    )
    headers: dict[str, str] = Field(description="With these headers, in which {key} is filled in.")
    scope: str = Field(default="", description="The scope that it needs, where the vendor says.")
    workspace_id_at: str = Field(
        default="", description="Where the answer holds the workspace's id, as in data[].uuid; empty if it does not."
    )
    answers: tuple[ProbeAnswer, ...] = Field(description="What the vendor's statuses mean.", min_length=1)

    @model_validator(mode="after")
    def _placeholders_that_there_are(self) -> Probe:
        texts = ((self.url, "workspace_id"), *((value, "key") for value in self.headers.values()))
        for text, known in texts:
            unknown = [name for name in _PLACEHOLDER.findall(text) if name != known]
            if unknown:
                msg = f"there is no placeholder {{{unknown[0]}}} here; known is {{{known}}}"
                raise ValueError(msg)
        return self


class Members(Data):
    """How the vendor lists who uses a workspace, page by page; no conversation is read."""

    url: str = Field(description="GET this; {workspace_id} is filled in.", pattern="^https://[^/]+/")
    headers: dict[str, str] = Field(description="With these headers, in which {key} is filled in.")
    address: str = Field(description="Which field of an entry of data is the member's address.", min_length=1)
    more: str = Field(description="Which field says whether there is another page.", min_length=1)
    last: str = Field(description="Which field names the last entry of a page.", min_length=1)
    after: str = Field(description="Which parameter asks for the page after that entry.", min_length=1)
