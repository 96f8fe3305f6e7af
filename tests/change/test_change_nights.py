"""What nights without end leave in the issue about drift, whatever each of them finds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st
from purview_ai.change.drift_text import drift_told
from purview_ai.drift.change import Change, Drift, Left
from purview_ai.operate.change_telling import keep_issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.code_hosts.host import Approvals, Issue

MOVED = [Change("vault", "key vault", f"tags.{number}", "old", "new") for number in range(9)]
HIDDEN = [Left("scan", "scan", "", "nobody may look")]
SEEN = {"covered": ["vault"]}
FOUND: dict[str, dict[str, Any]] = {
    "fine": SEEN,
    "differs": {**SEEN, "changes": MOVED},
    "differs, and some of it is unknown": {**SEEN, "changes": MOVED, "unknown": HIDDEN},
    "some of it is unknown": {**SEEN, "unknown": HIDDEN},
    "its job failed": {"problem": "nothing was found out"},
    "empty": {},
    "no state": {"deployed": False, "problem": "there is no state of it in the backend"},
}
"""What a night may find of a tenant."""
DIFFERS = [name for name in FOUND if name.startswith("differs")]
TENANTS: tuple[str, ...] = ("a", "a-b", "b")
WHOLE, SHORT = 65536, 1200
"""How many characters an issue may have, and so few that details are cut."""
NIGHTS = st.lists(st.tuples(*[st.sampled_from(list(FOUND))] * len(TENANTS)), min_size=2, max_size=6)


@dataclass
class Board:
    """A code host's issue, which it is itself."""

    comment_limit: int
    how_to_approve: str = ""
    said: str | None = None
    name: str = "#1"
    last_words: list[str] = field(default_factory=list[str])

    def put_comment(self, marker: str, text: str, *, only_edit: bool = False) -> None:
        """Nobody comments at night."""
        raise AssertionError(marker, text, only_edit)

    def approvals(self, word: str) -> Approvals:
        """Nobody approves at night."""
        raise AssertionError(word)

    def issue(self, about: str) -> Issue | None:
        """It, while it is open."""
        return self if about and self.said is not None else None

    def open_issue(self, about: str, title: str, text: str) -> Issue:
        """It, from now on."""
        assert self.issue(about) is None, "one is enough"
        self.update(title, text)
        return self

    def text(self) -> str:
        """What it says."""
        return self.said or ""

    def update(self, title: str, text: str) -> None:
        """It says this from now on."""
        assert title
        assert len(text) <= self.comment_limit
        self.said = text

    def close(self, why: str) -> None:
        """It is closed."""
        self.said = None
        self.last_words.append(why)


@dataclass(frozen=True)
class Night:
    """One of them, as whoever has seen all of them knows it."""

    found: dict[str, str]
    """Of each tenant."""
    before: str | None
    """What the issue said; None where there is none."""
    after: str | None
    differed: frozenset[str]
    """Who differed when they were last looked at, since the issue was opened."""
    ever: frozenset[str]
    """Who has differed at all since then."""

    def those(self, *found: str) -> set[str]:
        """Of whom one of these was found."""
        return {stack for stack, one in self.found.items() if one in found}

    @property
    def closes(self) -> bool:
        """Whether the issue is closed now."""
        return self.before is not None and self.after is None


def passed(nights: list[tuple[str, ...]], limit: int) -> Iterator[Night]:
    """One night after the other, with an issue that holds so many characters."""
    board, differed, ever = Board(limit), frozenset[str](), frozenset[str]()
    for one in nights:
        night = Night(dict(zip(TENANTS, one, strict=True)), board.said, None, differed, ever)
        found = [Drift(stack, **FOUND[what]).as_json() for stack, what in night.found.items()]
        keep_issue(board, drift_told(json.dumps(found)))
        differed = (differed | night.those(*DIFFERS)) - night.those("fine")
        ever |= differed
        yield replace(night, after=board.said, differed=differed, ever=ever)
        if board.said is None:
            differed, ever = frozenset[str](), frozenset[str]()


@given(NIGHTS)
@example([("differs", "fine", "differs"), ("differs", "fine", "its job failed"), ("fine", "fine", "empty")])
@example([("differs", "fine", "differs"), ("differs", "fine", "empty"), ("differs", "fine", "no state")] * 2)
@example([("differs", "differs", "differs"), ("differs", "fine", "its job failed"), ("fine", "fine", "empty")])
def test_no_night_closes_an_issue_while_nobody_knows_of_one_that_differed(nights: list[tuple[str, ...]]) -> None:
    for limit in (WHOLE, SHORT):
        for night in passed(nights, limit):
            if night.closes:
                assert night.those("fine", "empty", "no state") == set(TENANTS)
                assert not night.differed & night.those("empty", "no state")
            if night.those(*DIFFERS):
                assert night.after is not None


@given(NIGHTS)
@example([("differs", "fine", "its job failed"), ("differs", "fine", "its job failed"), ("fine", "fine", "empty")])
def test_an_issue_is_held_open_by_those_alone_that_have_differed(nights: list[tuple[str, ...]]) -> None:
    for night in passed(nights, WHOLE):
        over = night.those("fine") and night.those("fine", "empty") == set(TENANTS)
        if night.before is not None and over and not night.ever & night.those("empty"):
            assert night.closes


@given(NIGHTS)
def test_an_issue_that_is_cut_is_open_whenever_a_whole_one_is(nights: list[tuple[str, ...]]) -> None:
    for whole, short in zip(passed(nights, WHOLE), passed(nights, SHORT), strict=True):
        assert whole.after is None or short.after is not None
