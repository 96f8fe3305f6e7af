"""Bad moments of a service: waited out where a request can be repeated, bounded, and told where they last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.identity import CredentialUnavailableError
from estate import connection, whole_tenant
from purview_ai.calls.service import TRIES, OneSignIn
from purview_ai.calls.weather import may_pass_again
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError
from small_engine import SmallEngine

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from local_azure.process import LocalAzure

MOMENTS: list[dict[str, Any]] = [
    {"effect": "status", "status": 429, "code": "TooManyRequests", "retry_after": 0},
    {"effect": "status", "status": 503},
    {"effect": "cut-before"},
    {"effect": "cut-after"},
    {"effect": "cut-middle"},
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: str(moment.get("status", moment["effect"])))
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_bad_moment_is_waited_out_for_every_method(
    stack: SmallEngine, azure: LocalAzure, moment: dict[str, Any], method: str
) -> None:
    azure.weather(**moment, service="purview", method=method, times=1)
    stack.up(whole_tenant())
    assert stack.drift() == {}
    stack.destroy()
    met = [r for r in azure.requests() if r["service"] == "purview" and r["method"] == method]
    assert met, "the weather met something"


def test_what_lasts_is_told_after_a_bounded_number_of_tries(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.weather(effect="status", service="purview", method="PUT", status=503, times=100)
    with pytest.raises(ObjectError, match=r"Purview: 503 ServiceUnavailable \(request ") as stopped:
        stack.up({"connection": connection()})
    assert "docs/troubleshooting.md#service-errors" in str(stopped.value)
    assert len([r for r in azure.requests() if r["method"] == "PUT"]) == TRIES


def test_a_service_that_wants_to_be_left_alone_for_long_is_not_waited_for(
    stack: SmallEngine, azure: LocalAzure
) -> None:
    azure.weather(effect="status", service="purview", method="PUT", status=429, retry_after=3600, times=100)
    with pytest.raises(ObjectError, match="Purview: 429"):
        stack.up({"connection": connection()})
    assert len([r for r in azure.requests() if r["method"] == "PUT"]) == 1


def test_a_refusal_that_asks_to_come_back_later_is_no_bad_moment(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.weather(effect="status", service="purview", method="PUT", status=409, code="Conflict", retry_after=0, times=1)
    stack.up({"connection": connection()})
    assert stack.drift() == {}


def test_a_host_that_is_not_reached_is_told_in_words(azure: LocalAzure) -> None:
    """Nobody listens there: neither an answer nor the names of a library's classes."""
    stack = SmallEngine.of(azure)
    stack.environment |= {name: "http://127.0.0.1:1" for name in stack.environment if name.lower() == "https_proxy"}
    with pytest.raises(ObjectError, match="Failed to establish a new connection") as told:
        stack.up({"connection": connection()})
    assert "Connection(" not in str(told.value)
    assert "Error(" not in str(told.value)


@pytest.mark.parametrize(
    ("failure", "may"),
    [
        (CredentialUnavailableError("Azure CLI not found on path"), False),
        (FileNotFoundError("no certificate"), False),
        (ClientAuthenticationError("AADSTS7000222: it has expired"), False),
        (ClientAuthenticationError("503 Service Unavailable"), True),
        (ServiceRequestError("no such host"), True),
    ],
)
def test_of_signing_in_only_an_entra_that_gave_no_answer_may_pass(failure: Exception, may: bool) -> None:  # noqa: FBT001
    class Fails:
        def get_token(self, *_: str, **__: Any) -> AccessToken:
            raise failure

    with pytest.raises(UnreachableError) as told:
        OneSignIn(Fails).get_token("scope")
    assert may_pass_again(told.value) is may


def _wrapped(cause: Exception) -> Exception:
    error = CheckpointError("in words of their own")
    error.__cause__ = cause
    return error


def _answered(status: int) -> HttpResponseError:
    error = HttpResponseError("no")
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (TimeoutError(), True),
        (UnreachableError("nobody answers"), True),
        (UnreachableError("there is none", remedy="Name it."), False),
        (UnreachableError("signing in failed: AADSTS7000222: it has expired", at_sign_in=True, stays=True), False),
        (UnreachableError("signing in failed: no answer", at_sign_in=True), True),
        (RefusedError("Azure", 503, "BadDay", "no", ""), True),
        (RefusedError("Azure", 429, "TooManyRequests", "no", ""), True),
        (RefusedError("Azure", 403, "Denied", "no", ""), False),
        (_wrapped(RefusedError("Azure", 500, "BadDay", "no", "")), True),
        (_wrapped(RefusedError("Azure", 404, "Gone", "no", "")), False),
        (_wrapped(_answered(503)), True),
        (_wrapped(_answered(403)), False),
        (_wrapped(ServiceRequestError("no such host")), True),
        (CheckpointError("it is none"), False),
        (KeyError("a fault of ours"), False),
    ],
    ids=lambda one: f"{type(one).__name__}-{one}" if isinstance(one, Exception) else str(one),
)
def test_what_goes_by_itself_is_known_from_what_stays(error: Exception, may: bool) -> None:  # noqa: FBT001
    assert may_pass_again(error) is may
