"""What was found to differ, for an issue that people read."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.change.text import code, cut, prose, value
from purview_ai.json_values import JsonObject, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class DriftFileError(Exception):
    """A file does not hold what ``purview-ai drift --json`` says; the message says what it holds."""


_NAMED, _LONGEST_NAME = 5, 40
"""In a title, for which GitHub and Azure DevOps have 255 characters."""


@dataclass(frozen=True)
class DriftTold:
    """What ``purview-ai drift --json`` said of some stacks."""

    stacks: list[JsonObject]

    @property
    def differs(self) -> list[JsonObject]:
        """The stacks of which something differs."""
        return [one for one in self.stacks if one["changes"]]

    @property
    def unknown(self) -> list[JsonObject]:
        """Those that could not be looked at, or not wholly."""
        return [one for one in self.stacks if one["problem"] or one["unknown"] or one.get("differs", False) is None]

    @property
    def besides(self) -> list[str]:
        """Of what it cannot be said that nothing differs, in clauses: what was left out, and what is not there."""
        return [clause for clause in (_left_out(self._leaving_out), _nothing(self.stacks)) if clause]

    @property
    def how_to_look(self) -> str:
        """What it takes to look at what was left out; empty where nothing was."""
        if not (whose := self._leaving_out):
            return ""
        why = "; ".join(dict.fromkeys(str(each["why"]) for one in whose for each in one["left_out"]))
        by_hand = code(f"purview-ai drift --stack {whose[0]['stack']}")
        return f"Whether what was left out differs, nobody knows ({prose(why)}). By hand: {by_hand}"

    @property
    def _leaving_out(self) -> list[JsonObject]:
        return [one for one in self.stacks if one.get("left_out")]

    @property
    def title(self) -> str:
        """All of it in a line."""
        if self.differs:
            return f"Drift: {_named(self.differs)}"
        if self.unknown:
            left = f"{len(self.unknown)} of {len(self.stacks)} could not wholly be looked at"
            return f"nobody knows whether there is drift, {left}"
        return "; ".join(["no drift", *self.besides])

    def markdown(self, limit: int) -> str:
        """All of it, in at most so many characters."""
        differs = self.differs
        shown = [*differs, *(one for one in self.unknown if one not in differs)]
        lines = [line for one in shown for line in _of_stack(one)]
        if self._leaving_out:
            lines += [f"**{prose(_left_out(self._leaving_out))}.** {self.how_to_look}", ""]
        return cut([*lines, _NEXT], limit)

    @property
    def over(self) -> str:
        """That nothing differs any more, for an issue that is closed, and what is not meant by that."""
        told = "; ".join(["Nothing differs any more", *map(prose, self.besides)])
        return f"{told}.\n\n{self.how_to_look}".strip()


def _left_out(whose: Sequence[JsonObject]) -> str:
    if not whose:
        return ""
    left = [each for one in whose for each in one["left_out"]]
    objects = "1 object" if len(left) == 1 else f"{len(left)} objects"
    return f"{objects} of {_named(whose)} left out: {', '.join(dict.fromkeys(str(each['kind']) for each in left))}"


def _nothing(stacks: Sequence[JsonObject]) -> str:
    empty = [one for one in stacks if one.get("empty")]
    return f"nothing is recorded as deployed of {_named(empty)}" if empty else ""


def _named(stacks: Sequence[JsonObject]) -> str:
    """Stacks by their names, in few words however many there are."""
    more = f" and {len(stacks) - _NAMED} more" if len(stacks) > _NAMED else ""
    return f"{', '.join(str(one['stack'])[:_LONGEST_NAME] for one in stacks[:_NAMED])}{more}"


_NEXT = (
    "What is there differs from what was deployed. Have the change taken back, or put it into the stack file; "
    "`pulumi preview` shows what a deployment would make of it. This issue is closed by the first night without drift."
)


def drift_told(text: str) -> DriftTold:
    """What a file says; raises :class:`DriftFileError`."""
    return DriftTold(_deployed(_read(text)))


def drift_told_in(folder: Path, stacks: Iterable[str]) -> DriftTold:
    """What the files of a folder say together, of these stacks.

    Each job of a pipeline writes one. Who signed in nowhere has written none, or nothing that can be read: a stack of
    which none says anything could not be looked at.
    """
    told, found = set[str](), list[JsonObject]()
    for file in sorted(folder.rglob("*.json")):
        with suppress(DriftFileError):
            here = _read(file.read_text())
            told |= {one["stack"] for one in here}
            found += _deployed(here)
    return DriftTold([*found, *(_SILENT | {"stack": stack} for stack in stacks if stack not in told)])


def _deployed(stacks: list[JsonObject]) -> list[JsonObject]:
    """Without those that were never deployed; all, where none was: then it is the wrong state that was asked."""
    return [one for one in stacks if one.get("deployed", True)] or stacks


def _read(text: str) -> list[JsonObject]:
    try:
        read: Any = json.loads(text)
    except ValueError:
        msg = "it is no JSON: purview-ai drift itself has failed, and its own words say why"
        raise DriftFileError(msg) from None
    stacks = [one for one in read if is_object(one) and one.keys() >= _NEEDED] if is_list(read) else []
    if not stacks:
        msg = "it says nothing of any stack: purview-ai drift --json writes it"
        raise DriftFileError(msg)
    return stacks


_NEEDED = {"stack", "changes", "unknown", "problem"}
_SILENT: JsonObject = {
    "changes": [],
    "unknown": [],
    "problem": "nothing was found out; the log of the job that looks at it says why",
}


def _of_stack(one: JsonObject) -> Iterator[str]:
    yield f"### {prose(str(one['stack']))}"
    yield ""
    for change in one["changes"]:
        what = f"{prose(change['kind'])} {code(change['resource'])}"
        if change["field"]:
            yield f"* {what}: {code(change['field'])} was {value(change['was'])}, is {value(change['now'])}"
        else:
            yield f"* {what} is gone"
    for left in one["unknown"]:
        yield f"* {code(left['resource'])} could not be looked at: {prose(left['why'])}"
    if not (one["changes"] or one["unknown"] or one["problem"]):
        yield "* nothing of it could be compared"
    if one["problem"]:
        yield f"* could not be looked at: {prose(one['problem'])}"
    yield ""
