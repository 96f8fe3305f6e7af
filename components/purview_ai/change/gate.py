"""The gate: what a person has to have said yes to, by name, before it is deployed.

A rule is data. Its name is the approval's, too: who lets ``replace-scan`` of one stack pass lets nothing else pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.change.approvals import Approval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from purview_ai.change.preview import Change, Preview


def _never(*_: object) -> bool:
    return False


@dataclass(frozen=True)
class GateRule:
    """One thing that does not pass by itself."""

    name: str
    """Of the rule, and of the approvals that let it pass."""
    why: str
    """Why it is stopped, in a sentence."""
    means: str
    """What it would mean, in a sentence."""
    meets: Callable[[Change], str]
    """What happens to a resource, as the end of a sentence; empty where the rule does not meet it."""
    at_first: bool = True
    """Whether it holds for a stack of which nothing is deployed yet."""
    unless: Callable[[Change, Preview], bool] = _never
    """Whether something else of the preview lets a change pass that the rule meets."""


@dataclass(frozen=True)
class Stop:
    """A change that does not pass."""

    stack: str
    rule: GateRule
    what: str
    """What happens, in a sentence."""

    @property
    def approval(self) -> Approval:
        """What lets it pass."""
        return Approval(self.rule.name, self.stack)

    def __str__(self) -> str:
        """As it is told on a terminal."""
        return f"{self.stack}: {self.rule.name}: {self.what} {self.rule.why} {self.rule.means}"


def stops(preview: Preview, rules: Iterable[GateRule], approved: Collection[Approval] = ()) -> Iterator[Stop]:
    """What does not pass of a preview, in the rules' order."""
    for rule in rules:
        if Approval(rule.name, preview.stack) in approved or (preview.first and not rule.at_first):
            continue
        for change in preview.changes:
            if (what := rule.meets(change)) and not rule.unless(change, preview):
                yield Stop(preview.stack, rule, f"The {change.called} {change.resource} {what}.")
