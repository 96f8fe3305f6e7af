"""Following a long-running operation to its end, as Azure's Go clients do (fact 31)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from stand_ins.transport import json_object, retry_after
from stand_ins.values import is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from stand_ins.patience import Patience

_ENDED = {"succeeded", "failed", "canceled"}


def follow(
    first: httpx.Response,
    get: Callable[[str], httpx.Response],
    frequency: float,
    patience: Patience,
) -> tuple[httpx.Response, bool]:
    """The last answer of the operation that ``first`` began, and whether it failed.

    The first poll comes at once unless ARM asks to wait, and its wish goes before the frequency.
    """
    state_of, url, state = _style(first)
    if (wait := retry_after(first)) and not _over(state):
        patience.wait(wait)
    answer = first
    while not _over(state):
        answer = get(url)
        state, url = state_of(answer), _next_url(answer, url)
        if not _over(state):
            patience.wait(retry_after(answer) or frequency)
    if state.lower() != "succeeded":
        return answer, True
    if state_of is _operation_state and first.request.method == "PUT":
        answer = get(str(first.request.url))
    return answer, False


def _over(state: str) -> bool:
    return state.lower() in _ENDED


def _style(first: httpx.Response) -> tuple[Callable[[httpx.Response], str], str, str]:
    """How the state is told, where to ask, and the state so far."""
    operation = first.headers.get("azure-asyncoperation")
    if operation:
        return _operation_state, operation, "InProgress"
    location = first.headers.get("location")
    if location:
        return _location_state, location, "InProgress"
    if first.request.method == "PUT":
        usual = "InProgress" if first.status_code == HTTPStatus.CREATED else "Succeeded"
        return _body_state, str(first.request.url), _provisioning_state(first) or usual
    return _body_state, "", "Succeeded"


def _next_url(answer: httpx.Response, url: str) -> str:
    """ARM may move the place to ask at."""
    return answer.headers.get("azure-asyncoperation") or answer.headers.get("location") or url


def _operation_state(answer: httpx.Response) -> str:
    return str(json_object(answer).get("status"))


def _location_state(answer: httpx.Response) -> str:
    usual = "InProgress" if answer.status_code == HTTPStatus.ACCEPTED else "Succeeded"
    return _provisioning_state(answer) or usual


def _body_state(answer: httpx.Response) -> str:
    return _provisioning_state(answer) or "Succeeded"


def _provisioning_state(answer: httpx.Response) -> str:
    properties = json_object(answer).get("properties")
    return str(properties.get("provisioningState") or "") if is_object(properties) else ""
