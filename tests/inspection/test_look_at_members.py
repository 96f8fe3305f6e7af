"""Which users can be captured, and what is said where the vendor does not tell all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from estates import estate_with, look
from local_azure import seed
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.members import captured, reach_of
from purview_ai.m365.users import EntraUser
from purview_ai.vendor.client import NotListedError, Vendor

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

APP = estate_with().settings.sources["chatgpt"].application
ADA = EntraUser(frozenset({"ada@contoso.example", "lovelace@contoso.example"}), mailbox=True)
BOB = EntraUser(frozenset({"bob@contoso.example"}), mailbox=False)


@pytest.fixture(autouse=True)
def vendor(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> LocalAzure:
    """The vendor's API is the sandbox's."""
    for name, value in azure.network().items():
        monkeypatch.setenv(name, value)
    return azure


def members(vendor: Vendor, workspace: str = seed.WORKSPACE) -> list[str]:
    assert APP.members is not None
    return list(vendor.members(APP.members, workspace))


def test_all_pages_are_read(vendor: LocalAzure) -> None:
    vendor.add_conversations(*((f"more{n}@contoso.example", "2026-10-01T00:00:00Z") for n in range(230)))
    assert len(set(members(Vendor(seed.VENDOR_KEY)))) > 230


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_that_is_refused_is_unknown_and_not_empty(vendor: LocalAzure, status: int) -> None:
    vendor.weather(effect="status", service="chatgpt", path="users", status=status)
    found = look(captured(estate_with(), "chatgpt", lambda _: seed.VENDOR_KEY, names=False))
    assert found.verdict is Verdict.UNKNOWN
    assert f"answered {status}" in found.reason
    assert "allowed to list users" in found.remedy


def test_a_later_page_that_is_refused_is_told(vendor: LocalAzure) -> None:
    vendor.add_conversations(*((f"more{n}@contoso.example", "2026-10-01T00:00:00Z") for n in range(230)))
    assert APP.members is not None
    reading = Vendor(seed.VENDOR_KEY).members(APP.members, seed.WORKSPACE)
    next(reading)
    vendor.weather(effect="status", service="chatgpt", path="users", status=403)
    with pytest.raises(NotListedError, match="answered 403"):
        list(reading)


def test_only_an_empty_list_is_nobody() -> None:
    assert APP.members is not None
    empty = APP.members.model_copy(update={"url": APP.members.url.replace("/users?limit=200", "/logs?event_type=NONE")})
    assert list(Vendor(seed.VENDOR_KEY).members(empty, seed.WORKSPACE)) == []
    no_list = APP.members.model_copy(update={"url": "https://api.anthropic.com/v1/compliance/nothing"})
    with pytest.raises(NotListedError):
        list(Vendor(seed.VENDOR_KEY).members(no_list, seed.WORKSPACE))


def test_users_of_whom_none_can_be_captured_fail() -> None:
    found = look(captured(estate_with({"users": [BOB]}), "chatgpt", lambda _: seed.VENDOR_KEY, names=False))
    assert (found.verdict, found.reason[:7]) == (Verdict.FAILED, "0 users")


def test_users_are_compared_by_every_address() -> None:
    reach = reach_of(["Lovelace@contoso.example", "bob@contoso.example", "eve@contoso.example"], [ADA, BOB])
    assert reach.captured == ["Lovelace@contoso.example"]
    assert reach.without_mailbox == ["bob@contoso.example"]
    assert reach.unknown == ["eve@contoso.example"]
