"""How links are looked at: in their own time, once for all that share something, whatever befalls one of them."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from purview_ai.calls.service import FAILED_FOR_S, OneSignIn
from purview_ai.calls.threads import in_seconds
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.finding import Finding, Verdict
from purview_ai.inspection.inspector import Link, inspected
from purview_ai.objects.failures import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Clock:
    """A time that passes when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Login:
    """A credential that fails as it is told, and counts how often it is asked."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked = 0

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return AccessToken(scopes[0], 0)


def looked_at(links: Sequence[Link], limit_s: float = 30.0) -> dict[str, Finding]:
    return {one.link: one for one in asyncio.run(inspected(links, limit_s, lambda _: None))}


def link(name: str, look: Callable[[Link], Finding], **more: Any) -> Link:
    return Link(name, name.title(), look, **more)


def test_a_failure_that_nobody_foresaw_leaves_its_own_link_unknown() -> None:
    def fail(_: Link) -> Finding:
        msg = "sk-secret"
        raise LookupError(msg)

    found = looked_at([link("one", fail), link("two", lambda it: it.passed())])
    assert (found["one"].verdict, found["two"].verdict) == (Verdict.UNKNOWN, Verdict.PASSED)
    assert found["one"].reason == "looking at it failed unexpectedly (LookupError)"
    assert "sk-secret" not in str(found["one"])


def test_a_link_beside_one_that_nobody_looks_at_is_looked_at() -> None:
    found = looked_at([link("one", lambda it: it.passed(), after=("nobody",), beside=("nobody",))])
    assert found["one"].verdict is Verdict.PASSED


def test_only_a_link_that_waits_for_something_of_its_own_has_more_time() -> None:
    patient = threading.Event()

    def slow(it: Link) -> Finding:
        # Ends once its neighbour has been given up, which is after the limit that both have.
        assert patient.wait(30.0)
        return it.passed()

    def hang(it: Link) -> Finding:
        threading.Event().wait(60.0)
        return it.passed()

    async def story() -> list[Finding]:
        links = [link("search", slow, more_s=30.0), link("hanging", hang)]
        return await inspected(links, 0.1, lambda one: patient.set() if one.link == "hanging" else None)

    found = {one.link: one for one in asyncio.run(story())}
    assert found["search"].verdict is Verdict.PASSED
    assert found["hanging"].reason == "no answer within 0.1 seconds"


@pytest.mark.parametrize(("limit", "words"), [(1.0, "1 second"), (1.5, "1.5 seconds"), (60.0, "60 seconds")])
def test_a_limit_is_named_as_it_was_asked_for(limit: float, words: str) -> None:
    assert in_seconds(limit) == words


def test_what_failed_is_told_again_for_a_moment_and_then_asked_again() -> None:
    clock = Clock()
    login = Login(ServiceRequestError("('Unable to connect to proxy', OSError('nobody'))"))
    credential = OneSignIn(lambda: login, clock)
    for scope in ("arm", "graph", "arm"):
        with pytest.raises(UnreachableError, match="signing in failed: Unable to connect to proxy: nobody"):
            credential.get_token(scope)
    assert login.asked == 1, "Entra that cannot be reached is not tried once more for each service"
    clock.now = FAILED_FOR_S + 1
    assert credential.get_token("arm").token == "arm"


def test_what_entra_refuses_for_one_service_it_may_allow_for_another() -> None:
    login = Login(ClientAuthenticationError("AADSTS50105: not for this one"))
    credential = OneSignIn(lambda: login, Clock())
    for _ in range(2):
        with pytest.raises(UnreachableError, match="AADSTS50105"):
            credential.get_token("arm")
    assert credential.get_token("graph").token == "graph"
    assert login.asked == 2


def test_what_several_need_is_asked_for_once_even_where_it_fails(any_estate: Estate) -> None:
    clock = any_estate.clock = Clock()
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        if len(asked) == 1:
            msg = "nobody answers"
            raise UnreachableError(msg)
        return "there"

    for _ in range(3):
        with pytest.raises(UnreachableError):
            any_estate.once("something", ask)
    assert len(asked) == 1
    clock.now = FAILED_FOR_S + 1
    assert any_estate.once("something", ask) == "there"


@pytest.fixture
def any_estate(monkeypatch: pytest.MonkeyPatch) -> Estate:
    """The sandbox tenant's, of which nothing is asked."""
    from purview_ai.operate.stack_file import tenant_of
    from tenants import CHECKOUT, STACK

    monkeypatch.chdir(CHECKOUT)
    tenant = tenant_of(STACK)
    return Estate(tenant.stack, tenant.settings, tenant.azure)
