"""What the pipelines ask of a code host, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

TOPIC = "purview-ai-"
"""How the label or tag of an issue begins; what it is about follows."""


class NoPullRequestError(Exception):
    """The run belongs to no pull request; the message says what would tell it."""


class SettingError(Exception):
    """A variable of the pipeline's environment is missing or cannot be right."""


@dataclass(frozen=True)
class Approvals:
    """What people have said yes to on a pull request, for what it is now."""

    said: tuple[str, ...] = ()
    """What follows the word in each line that counts."""
    not_counted: tuple[str, ...] = ()
    """Who has written such a line in vain, and why it counts for nothing; each a sentence."""


class CodeHost(Protocol):
    """A code host, for one repository and one run of a pipeline."""

    comment_limit: int
    """How many characters a comment may have."""
    how_to_approve: str
    """Who lets pass what the gate stops, and where, in a sentence."""

    def put_comment(self, marker: str, text: str, *, only_edit: bool = False) -> None:
        """One comment on the pull request: the one with this hidden marker is edited where it is there already.

        With ``only_edit`` none is made where there is none. Raises :class:`NoPullRequestError`.
        """
        ...

    def approvals(self, word: str) -> Approvals:
        """The lines that begin with a word, by people who have no part in the change and have looked at all of it.

        Nothing where the run belongs to no pull request.
        """
        ...

    def issue(self, about: str) -> Issue | None:
        """The open issue about a topic that an earlier run has opened."""
        ...

    def open_issue(self, about: str, title: str, text: str) -> Issue:
        """A new one."""
        ...


class Issue(Protocol):
    """An open issue of a code host."""

    @property
    def name(self) -> str:
        """As people call it, such as ``#12``."""
        ...

    def text(self) -> str:
        """What it says, as it was given."""
        ...

    def update(self, title: str, text: str) -> None:
        """Another title and text in the place of the old ones."""
        ...

    def close(self, why: str) -> None:
        """Close it, with a last word."""
        ...


def lines_after(word: str, text: str) -> list[str]:
    """What follows a word in the lines of a text that begin with it."""
    found = (line.strip() for line in text.splitlines())
    return [line.removeprefix(word).strip() for line in found if line.startswith(word)]


def needed(environment: Mapping[str, str], *names: str, from_: str) -> list[str]:
    """The values of variables; raises :class:`SettingError` where one is missing."""
    if missing := [name for name in names if not environment.get(name)]:
        msg = f"{', '.join(missing)} not set: {from_}"
        raise SettingError(msg)
    return [environment[name] for name in names]


def address(name: str, value: str) -> str:
    """An address that a token goes to; raises :class:`SettingError` where it is not encrypted."""
    if not value.startswith("https://"):
        msg = f"{name} is {value}, and a token goes there: it must begin with https://"
        raise SettingError(msg)
    return value.rstrip("/")


def hidden(marker: str) -> str:
    """A marker as a comment in Markdown, which nobody sees."""
    return f"<!-- purview-ai: {marker} -->"
