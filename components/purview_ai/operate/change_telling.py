"""What a pipeline's code host is asked and told about a change, and how its answers are understood."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from purview_ai.change.approvals import ALLOW, ApprovalError, approvals_in
from purview_ai.change.gate import stops
from purview_ai.change.rules import RULES
from purview_ai.change.text import markdown, prose
from purview_ai.code_hosts.found import code_host
from purview_ai.code_hosts.host import NoPullRequestError, SettingError, hidden
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.speaking import Exit, say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from purview_ai.change.approvals import Approval
    from purview_ai.change.drift_text import DriftTold
    from purview_ai.change.gate import Stop
    from purview_ai.change.preview import Preview
    from purview_ai.code_hosts.host import Approvals, CodeHost

T = TypeVar("T")
RULE_NAMES = [rule.name for rule in RULES]
_ABOUT, _COMMENT = "drift", "change"


class Instead(StrEnum):
    """What there is to tell on a pull request that has no preview."""

    UNKNOWN = "unknown"
    FORK = "fork"


_WORDS = {
    Instead.UNKNOWN: (
        "**Nobody knows what this would change:** which tenants it touches could not be told, so nothing was "
        "previewed. The log of that job says why.\n\n**Next:** put that right. Nothing can be deployed before."
    ),
    Instead.FORK: (
        "**Nobody knows what this would change:** a pull request from a fork is not previewed, because it would need "
        "an identity.\n\n**Next:** somebody who has read it pushes it to a branch of this repository."
    ),
}
_NO_TENANT = "This pull request touches no tenant{more}."


def asked(ask: Callable[[CodeHost], T]) -> T:
    """What the code host of this pipeline says; ends the command where it says nothing."""
    try:
        return ask(code_host(os.environ))
    except (SettingError, NoPullRequestError) as error:
        say(str(error), Exit.USAGE)
    except RefusedError as error:
        say(f"{error}\n  docs/pipelines.md#when-the-code-host-refuses", Exit.UNKNOWN)
    except UnreachableError as error:
        say(str(error), Exit.UNKNOWN)


def counted(given: Approvals) -> tuple[set[Approval], list[str]]:
    """What was said yes to on a pull request, and what was said in vain."""
    found: set[Approval] = set()
    in_vain = list(given.not_counted)
    for words in given.said:
        try:
            found.update(approvals_in(words, RULE_NAMES))
        except ApprovalError as error:
            in_vain.append(f"{ALLOW}{words}: {error}")
    # Each on one line, whatever somebody writes.
    return found, [" ".join(why.split()) for why in in_vain]


def stopped(previews: Collection[Preview], approved: Collection[Approval]) -> list[Stop]:
    """What the gate stops of previews."""
    return [stop for one in previews for stop in stops(one, RULES, approved)]


def put_comment(host: CodeHost, previews: Collection[Preview], gone: Sequence[str]) -> None:
    """One comment on the pull request: what previews showed, and which stack files go.

    Where it touches nothing, only what an earlier comment says is put right.
    """
    head = "".join(f"{line}\n\n" for line in _taken_away(gone))
    nothing = _NO_TENANT.format(more="" if gone else " any more")
    text = _text_for(host, previews, host.comment_limit - len(head)) if previews else nothing
    host.put_comment(_COMMENT, head + text, only_edit=not previews and not gone)


def put_words(host: CodeHost, instead: Instead) -> None:
    """One comment on the pull request: why there is no preview."""
    host.put_comment(_COMMENT, _WORDS[instead])


def _taken_away(gone: Sequence[str]) -> Iterator[str]:
    if gone:
        yield (
            f"**Stack files are taken away:** {', '.join(map(prose, gone))}. What they deployed stays, and nobody "
            "looks after it any more: destroy it first, see `purview-ai offboard`."
        )


def _text_for(host: CodeHost, previews: Collection[Preview], limit: int) -> str:
    """What previews showed, in so many characters, of which the marker takes some."""
    said, in_vain = counted(host.approvals(ALLOW))
    found = stopped(previews, ())
    return markdown(
        list(previews),
        [stop for stop in found if stop.approval not in said],
        host.how_to_approve,
        limit - len(hidden(_COMMENT)) - 1,
        approved=[stop for stop in found if stop.approval in said],
        not_counted=in_vain,
    )


def keep_issue(host: CodeHost, told: DriftTold) -> str:
    """Open an issue about drift, keep it as it is now, or close it; what was done, in a sentence."""
    known = host.issue(_ABOUT)
    if told.differs:
        text = told.markdown(host.comment_limit)
        if known is None:
            return f"opened {host.open_issue(_ABOUT, told.title, text).name}: {told.title}"
        known.update(told.title, text)
        return f"updated {known.name}: {told.title}"
    if known is None:
        return told.title
    if told.unknown:
        return f"left {known.name} open: {told.title}"
    known.close(told.over)
    return f"closed {known.name}: {told.title}"
