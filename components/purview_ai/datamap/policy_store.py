"""Where metadata policies are kept: read whole and written whole, beside others who do the same.

The store has no conditional write (docs/facts.md, purview 2.11): whoever writes last wins. A policy carries a version,
so a write that went over another one shows by its number. What stood there is known only to whoever looked
meanwhile; therefore a write that takes its time is watched.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.datamap.client import POLICY_STORE
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.datamap.client import DataMap
    from purview_ai.json_values import JsonObject

_WATCH_EVERY_S = 0.2
"""Shorter than the pause after which every writer looks at its own write again: one of the two sees it."""
_TRY_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


def policy_of(there: DataMap, collection: str) -> JsonObject | None:
    """A collection's policy as it is now."""
    return next(there.list("/metadataPolicies", POLICY_STORE, collectionName=collection), None)


def write(there: DataMap, collection: str, policy: JsonObject, edit: Callable[[JsonObject], JsonObject]) -> int | None:
    """Write an edited policy; where that went over another one that was seen meanwhile, edit that one, too.

    Returns how many writes of others it went over that nobody saw, and that are lost; None where no answer came.
    No request is repeated as it is, because it may undo what others wrote meanwhile: whoever must try again begins
    with another look, which is what :class:`NotYetError` asks for.
    """
    known = version(policy)
    while True:
        answer, seen = _put(there, collection, edit(policy))
        if answer is None:
            return None
        overtaken = version(answer) - known - 1
        if overtaken <= 0:
            return 0
        lost = seen.get(version(answer) - 1)
        if lost is None:
            return overtaken
        policy, known = lost, version(answer)


def _put(there: DataMap, collection: str, policy: JsonObject) -> tuple[JsonObject | None, dict[int, JsonObject]]:
    """The answer, if one came, and the policies that were seen meanwhile, by their versions."""
    seen: dict[int, JsonObject] = {}
    with ThreadPoolExecutor(max_workers=1) as pool:
        sent = pool.submit(there.send_once, "PUT", f"/metadataPolicies/{policy['id']}", policy, POLICY_STORE)
        while not wait([sent], _WATCH_EVERY_S).done:
            if (found := _glance(there, collection)) is not None:
                seen[version(found)] = found
    return _answer(sent), seen


def _glance(there: DataMap, collection: str) -> JsonObject | None:
    """The policy while the own write is on its way. That nothing could be seen is no failure of the write."""
    try:
        return policy_of(there.hurried(), collection)
    except (RefusedError, UnreachableError):
        return None


def _answer(sent: Future[JsonObject]) -> JsonObject | None:
    try:
        return sent.result()
    except UnreachableError:
        return None
    except RefusedError as refusal:
        if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR and refusal.status not in _TRY_AGAIN:
            raise
        raise NotYetError(str(refusal)) from refusal


def version(policy: JsonObject) -> int:
    """Which write of a policy this is; 0 where the store does not say."""
    number = policy.get("version")
    return number if isinstance(number, int) else 0
