"""What a yes looks like: the name of a rule and the stack that it is for, in the same words everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from purview_ai.naming import STACK_NAME

if TYPE_CHECKING:
    from collections.abc import Collection

ALLOW = "allow: "
"""How a line begins in which somebody says yes on a code host; the approval follows."""
EXAMPLE = "replace-scan contoso"


class ApprovalError(Exception):
    """A yes names no rule or no stack that there could be; the message says why."""


@dataclass(frozen=True)
class Approval:
    """A yes to what one rule stops in one stack, and to nothing else."""

    rule: str
    stack: str

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.rule} {self.stack}"


def approvals_in(words: str, known: Collection[str]) -> list[Approval]:
    """The approvals of a line such as ``replace-scan contoso, fabrikam``; raises :class:`ApprovalError`.

    Args:
        words: The name of a rule and the names of stacks, with commas between these. There is no wildcard.
        known: The names of all rules.
    """
    rule, _, stacks = words.strip().partition(" ")
    if rule not in known:
        near = get_close_matches(rule, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        msg = f"the gate has no rule {rule!r}; {fix}"
        raise ApprovalError(msg)
    if not stacks.strip():
        msg = f"it names no stack: a yes is for one rule and the stacks that it names, as in {EXAMPLE!r}"
        raise ApprovalError(msg)
    names = [name.strip() for name in stacks.split(",")]
    for name in names:
        if not STACK_NAME.match(name):
            msg = f"{name!r} is no stack: name each in full, with commas between them, as in '{EXAMPLE}, fabrikam'"
            raise ApprovalError(msg)
    return [Approval(rule, name) for name in names]
