"""The vendor's own API: keys and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

WORKSPACES = "https://api.chatgpt.com/v1/compliance/workspaces"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def ask(azure: LocalAzure, key: str, path: str = f"{seed.WORKSPACE}/users", **query: str) -> httpx.Response:
    with azure.client() as client:
        return client.get(f"{WORKSPACES}/{path}", params=query, headers={"authorization": f"Bearer {key}"})


def test_a_key_opens_its_workspace(azure: LocalAzure) -> None:
    users = ask(azure, seed.VENDOR_KEY, limit="2").json()
    assert len(users["data"]) == 2
    assert users["has_more"] is True
    everybody = ask(azure, seed.VENDOR_KEY, limit="500").json()
    assert (len(everybody["data"]), everybody["has_more"]) == (seed.USERS, False)


def test_conversations_are_counted_from_a_time(azure: LocalAzure) -> None:
    path = f"{seed.WORKSPACE}/conversations"
    whole = ask(azure, seed.VENDOR_KEY, path, limit="1000").json()["data"]
    later = ask(azure, seed.VENDOR_KEY, path, limit="1000", since_timestamp="2026-06-01").json()["data"]
    assert len(whole) == seed.INTERACTIONS
    assert later == [one for one in whole if one["created"] >= "2026-06-01"]
    assert 0 < len(later) < len(whole)


def test_an_unknown_or_revoked_key_is_refused(azure: LocalAzure) -> None:
    azure.set_vendor_key("a-key-to-revoke")
    assert ask(azure, "a-key-to-revoke").status_code == 200
    azure.set_vendor_key("a-key-to-revoke", revoked=True)
    for key in ("a-key-to-revoke", "no-key-at-all"):
        answer = ask(azure, key)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "Incorrect API key provided."


def test_a_key_does_not_open_another_workspace(azure: LocalAzure) -> None:
    answer = ask(azure, seed.VENDOR_KEY, f"{seed.OTHER_WORKSPACE}/users")
    assert answer.status_code == 403
    assert seed.OTHER_WORKSPACE in answer.json()["error"]["message"]


def test_a_workspace_that_does_not_exist_is_not_found(azure: LocalAzure) -> None:
    assert ask(azure, seed.VENDOR_KEY, f"{seed.TENANT}/users").status_code == 404
