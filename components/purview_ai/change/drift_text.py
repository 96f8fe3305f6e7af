"""What was found to differ, for an issue that people read."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from purview_ai.change.text import code, cut, prose, value, was_cut
from purview_ai.drift.change import NOT_RECORDED, left_out_in_words
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
    without_state: list[str] = field(default_factory=list[str])
    """Stacks that were passed by, because others of their identity have a state and they have none."""
    emptied: list[str] = field(default_factory=list[str])
    """Stacks that an open issue tells of and of which nothing is recorded any more: nobody knows what became of it."""
    told_before: list[str] = field(default_factory=list[str])
    """Stacks that an open issue tells of and that could not wholly be looked at: it goes on telling of them."""

    def after(self, issue: str) -> DriftTold:
        """The same beside an open issue that says this.

        A state that is emptied looks like one of a tenant that is not deployed yet; that the issue tells of it is what
        makes the difference. Where the issue was cut, it may have told of each.
        """
        lines, all_of_them = set(issue.splitlines()), was_cut(issue)
        nothing = [*(str(one["stack"]) for one in self.stacks if one.get("empty")), *self.without_state]
        unknown = [str(one["stack"]) for one in self.unknown]

        def told(stacks: list[str]) -> list[str]:
            return [stack for stack in stacks if all_of_them or _heading(stack) in lines]

        return replace(self, emptied=told(nothing), told_before=told(unknown))

    @property
    def differs(self) -> list[JsonObject]:
        """The stacks of which something differs."""
        return [one for one in self.stacks if one["changes"]]

    @property
    def unknown(self) -> list[JsonObject]:
        """Those that could not be looked at, or not wholly."""
        return [one for one in self.stacks if one["problem"] or one["unknown"] or one.get("differs", False) is None]

    @property
    def title(self) -> str:
        """What matters most, in a line for an issue."""
        return _begun(self._found[0])

    @property
    def line(self) -> str:
        """All of it, in a line for a log."""
        return "; ".join([*self._found, *filter(None, [self._left_out, self._empty])])

    def markdown(self, limit: int) -> str:
        """All of it, in at most so many characters; a cut takes details only."""
        differs, told = self.differs, [*self._found[1:], self._empty]
        head = [
            *([_NEXT, ""] if differs else []),
            *([_STATE_BACK, ""] if self.emptied else []),
            *(line for clause in filter(None, told) for line in (f"**{prose(_begun(clause))}.**", "")),
            *([f"**{prose(_begun(self._left_out))}.** {self._how_to_look}", ""] if self._left_out else []),
        ]
        shown = [*differs, *(one for one in self.unknown if one not in differs)]
        details = [
            *(line for stack in self.emptied for line in (_heading(stack), "", f"* {_EMPTIED}", "")),
            *(line for one in shown for line in _of_stack(one, told_before=one["stack"] in self.told_before)),
        ]
        return cut([*head, *details], limit, _ELSEWHERE)

    @property
    def over(self) -> str:
        """That nothing differs any more, for an issue that is closed, and what is not meant by that."""
        told = "; ".join(["Nothing differs any more", *map(prose, filter(None, [self._left_out, self._empty]))])
        return f"{told}.\n\n{self._how_to_look}".strip()

    @property
    def _found(self) -> list[str]:
        """What was found, in clauses of which the first matters most."""
        found = list[str]()
        if differs := self.differs:
            found.append(f"Drift: {_named(differs)}")
        if self.emptied:
            found.append(f"{_EMPTIED}: {_in_few_words(self.emptied)}")
        if unknown := self.unknown:
            left = f"{len(unknown)} of {len(self.stacks)} could not wholly be looked at: {_named(unknown)}"
            found.append(left if differs else f"nobody knows whether there is drift, {left}")
        return found or ["no drift"]

    @property
    def _left_out(self) -> str:
        whose = self._leaving_out
        return left_out_in_words([str(each["kind"]) for one in whose for each in one["left_out"]], _named(whose))

    @property
    def _how_to_look(self) -> str:
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
    def _empty(self) -> str:
        empty = [one for one in self.stacks if one.get("empty") and one["stack"] not in self.emptied]
        return f"nothing is recorded as deployed of {_named(empty)}" if empty else ""


def _named(stacks: Sequence[JsonObject]) -> str:
    return _in_few_words([str(one["stack"]) for one in stacks])


def _in_few_words(names: Sequence[str]) -> str:
    """Stacks by their names, in few words however many there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(name[:_LONGEST_NAME] for name in names[:_NAMED])}{more}"


def _begun(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}"


_NEXT = (
    "What is there differs from what was deployed. Have the change taken back, or put it into the stack file; "
    "`pulumi preview` shows what a deployment would make of it. This issue is closed by the first night without drift."
)
_EMPTIED = "nothing is recorded any more"
_TOLD_BEFORE = "this issue told of it before, or was cut and may have; nobody knows whether that is over"
_STATE_BACK = (
    "This issue told of tenants, or was cut and may have, of which nothing is recorded any more: their state was "
    "emptied, or is looked for in the wrong place, and nobody knows whether they still differ. Put the state back, or "
    "deploy them. Where it is as it should be, close this issue by hand: no night does."
)
_REMOVED_BY_HAND = (
    "Have it removed in the Purview portal: each of its runs ingests everything once more, and no deployment ends it."
)
_ELSEWHERE = "what `purview-ai drift --json` said has them, which `drift.yml` keeps as artifacts `drift-…` of its run"


def drift_told(text: str) -> DriftTold:
    """What a file says; raises :class:`DriftFileError`."""
    return _passing_by(_read(text))


def drift_told_in(folder: Path, stacks: Iterable[str]) -> DriftTold:
    """What the files of a folder say together, of these stacks.

    Each job of a pipeline writes one. Who signed in nowhere has written none, or nothing that can be read: a stack of
    which none says anything could not be looked at.
    """
    told, found = set[str](), DriftTold([])
    for file in sorted(folder.rglob("*.json")):
        with suppress(DriftFileError):
            here = _read(file.read_text())
            told |= {one["stack"] for one in here}
            its = _passing_by(here)
            found = DriftTold([*found.stacks, *its.stacks], [*found.without_state, *its.without_state])
    silent = (_SILENT | {"stack": stack} for stack in stacks if stack not in told)
    return replace(found, stacks=[*found.stacks, *silent])


def _passing_by(stacks: list[JsonObject]) -> DriftTold:
    """Without those that were never deployed; all, where none was: then it is the wrong state that was asked."""
    deployed = [one for one in stacks if one.get("deployed", True)]
    never = [str(one["stack"]) for one in stacks if not one.get("deployed", True)]
    return DriftTold(deployed, never) if deployed else DriftTold(stacks)


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


def _heading(stack: str) -> str:
    return f"### {prose(stack)}"


def _of_stack(one: JsonObject, *, told_before: bool) -> Iterator[str]:
    # One that never differed is told of in other words: that it is empty later is no state that was lost.
    yield f"{_heading(str(one['stack']))}{'' if one['changes'] or told_before else ', of which nobody knows'}"
    yield ""
    if told_before and not one["changes"]:
        yield f"* {_TOLD_BEFORE}"
    for change in one["changes"]:
        what = f"{prose(change['kind'])} {code(change['resource'])}"
        if change.get("now") == NOT_RECORDED:
            yield f"* {what}: {code(change['field'])} is {NOT_RECORDED}. {_REMOVED_BY_HAND}"
        elif change["field"]:
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
