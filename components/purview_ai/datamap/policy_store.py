"""Where metadata policies are kept: read whole and written whole, beside others who do the same.

The store has no conditional write (docs/facts.md, purview 2.11): whoever writes last wins. A policy carries a version,
so a write that went over another one shows by its number. What stood there is known only to whoever looked
meanwhile; therefore a write that takes its time is watched, and tells what the others changed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from purview_ai.calls.patience import NotYetError
from purview_ai.calls.service import LONGEST_RETRY_AFTER_S, TRIES
from purview_ai.datamap.client import POLICY_STORE
from purview_ai.datamap.policy import beside_holders, holders
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from purview_ai.datamap.client import DataMap
    from purview_ai.datamap.policy import Holder
    from purview_ai.json_values import JsonObject

_WATCH_EVERY_S = 0.2
"""Shorter than the pause after which every writer looks at its own write again: one of the two sees it."""
_TRY_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


def policy_of(there: DataMap, collection: str) -> JsonObject | None:
    """A collection's policy as it is now."""
    return next(there.list("/metadataPolicies", POLICY_STORE, collectionName=collection), None)


@dataclass(frozen=True)
class Written:
    """What became of a write."""

    answered: bool
    """Whether the store said that it was written."""
    others: dict[Holder, bool] = field(default_factory=dict["Holder", bool])
    """Who was let in (True) or taken out (False) by the writes of others that it may have gone over."""
    lost: int = 0
    """How many such writes nobody saw, or did what cannot be done again because nobody knows how it was meant."""
    policy: JsonObject = field(default_factory=dict[str, Any])
    """It as it was written; empty where nobody knows which of the policies that were seen it is."""


def write(there: DataMap, collection: str, edited: JsonObject, base: JsonObject) -> Written:
    """Write a policy that was edited from ``base``, and watch what others write meanwhile.

    The request is not repeated as it is, because it may undo what others wrote: whoever must try again begins with
    another look. Raises :class:`RefusedError` where trying again is of no use.
    """
    seen = {version(base): base}
    with ThreadPoolExecutor(max_workers=1) as pool:
        sent = pool.submit(there.send_once, "PUT", f"/metadataPolicies/{edited['id']}", edited, POLICY_STORE)
        while not wait([sent], _WATCH_EVERY_S).done:
            if (found := _glance(there, collection)) is not None:
                seen[version(found)] = found
    answer = _answer(there, sent)
    if answer is None and (found := _glance(there, collection, TRIES)) is not None:
        seen[version(found)] = found
    own = version(answer or {}) or _number_of(edited, seen, base)
    if own <= version(base):
        # Which of them is the own write, nobody says: what it brought is wished for anyway. It is one of those that
        # nobody saw, if it was done; it may have gone over all others.
        others, unseen = changes_between(seen), max(seen) - version(base) - len(seen)
        return Written(answer is not None, others, max(0, unseen) + _not_done_again(seen, others, edited))
    before = {number: policy for number, policy in seen.items() if number < own}
    others, unseen = changes_between(before), own - 1 - max(before)
    lost = unseen + _not_done_again(before, others, edited)
    return Written(answer is not None, others, lost, {**edited, "version": own})


def _number_of(edited: JsonObject, seen: dict[int, JsonObject], base: JsonObject) -> int:
    """Which of the policies that were seen is the own write; 0 where none is known to be."""
    later = {number: policy for number, policy in seen.items() if number > version(base)}
    sent = _said(edited)
    return min((number for number, policy in later.items() if _said(policy) == sent), default=0)


def _said(policy: JsonObject) -> tuple[set[Holder], set[str]]:
    return holders(policy), beside_holders(policy)


def _not_done_again(seen: dict[int, JsonObject], others: dict[Holder, bool], edited: JsonObject) -> int:
    """How many of these writes took out whom ours lets in again, or changed what is no holder of a role."""
    back = holders(edited) - {holder for holder, held in others.items() if not held}
    pairs = [(seen[earlier], seen[later]) for earlier, later in pairwise(sorted(seen))]
    return sum(
        bool((holders(before) - holders(after)) & back) or beside_holders(before) != beside_holders(after)
        for before, after in pairs
    )


def changes_between(seen: dict[int, JsonObject]) -> dict[Holder, bool]:
    """What others changed from one policy to the next.

    Whoever came in was meant to. Whoever went was meant to only where a single write took one holder out and did
    nothing else; a write that does more than one thing went over another one, and what it lost is not lost on purpose.
    """
    found: dict[Holder, bool] = {}
    numbers = sorted(seen)
    for earlier, later in pairwise(numbers):
        before, after = holders(seen[earlier]), holders(seen[later])
        found.update(dict.fromkeys(after - before, True))
        found.update(dict.fromkeys(done_alone(seen[earlier], seen[later]) - after, False))
    return found


def done_alone(before: JsonObject, after: JsonObject) -> set[Holder]:
    """Whoever came or went by a single write that did nothing else to the holders: it was meant."""
    changed = holders(before) ^ holders(after)
    return changed if version(after) == version(before) + 1 and len(changed) == 1 else set()


def _glance(there: DataMap, collection: str, tries: int = 1) -> JsonObject | None:
    """The policy beside the own write. That nothing could be seen is no failure of the write."""
    try:
        return policy_of(there.hurried(tries), collection)
    except (RefusedError, UnreachableError):
        return None


def _answer(there: DataMap, sent: Future[JsonObject]) -> JsonObject | None:
    """The store's answer; None where none came, or one after which the write may still have been done."""
    try:
        return sent.result()
    except UnreachableError:
        return None
    except RefusedError as refusal:
        if refusal.status in _TRY_AGAIN:
            there.patience.pause(min(refusal.retry_after_s, LONGEST_RETRY_AFTER_S))
            raise NotYetError(str(refusal)) from refusal
        if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return None


def version(policy: JsonObject) -> int:
    """Which write of a policy this is; 0 where the store does not say."""
    number = policy.get("version")
    return number if isinstance(number, int) else 0
