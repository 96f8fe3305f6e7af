"""The vendor's own API: keys and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import people, seed

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


@pytest.mark.parametrize(("what", "size"), [("users", 10), ("conversations", 150)])
def test_lists_go_on_after_the_last_one(azure: LocalAzure, what: str, size: int) -> None:
    path = f"{seed.WORKSPACE}/{what}"
    found: list[str] = []
    page = ask(azure, seed.VENDOR_KEY, path, limit=str(size)).json()
    while True:
        found += [one["id"] for one in page["data"]]
        assert page["last_id"] == found[-1]
        if not page["has_more"]:
            break
        page = ask(azure, seed.VENDOR_KEY, path, limit=str(size), after=page["last_id"]).json()
    assert found == [one["id"] for one in ask(azure, seed.VENDOR_KEY, path, limit="1000").json()["data"]]
    for query in ({"limit": "many"}, {"limit": "0"}, {"after": "nobody"}):
        assert ask(azure, seed.VENDOR_KEY, path, **query).status_code == 400


def test_a_user_has_an_id_that_is_no_address(azure: LocalAzure) -> None:
    users = ask(azure, seed.VENDOR_KEY, limit="500").json()["data"]
    assert all(user["id"].startswith("user-") and "@" not in user["id"] for user in users)
    addresses = [user["email"] for user in users]
    # The vendor knows somebody by an address that is not the name to sign in with.
    assert "user05@contoso.example" in addresses
    assert people.RENAMED not in addresses


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


def test_each_workspace_has_a_key_of_its_own(azure: LocalAzure) -> None:
    path = f"{seed.OTHER_WORKSPACE}/users"
    assert ask(azure, seed.OTHER_VENDOR_KEY, path).status_code == 200
    assert ask(azure, seed.OTHER_VENDOR_KEY).status_code == 403


def test_a_key_of_the_platform_is_the_wrong_kind(azure: LocalAzure) -> None:
    azure.set_vendor_key("an-admins-key", kind="admin")
    for key in (seed.PLATFORM_KEY, "an-admins-key"):
        answer = ask(azure, key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


def test_a_key_whose_scope_is_not_approved_yet_opens_nothing(azure: LocalAzure) -> None:
    answer = ask(azure, seed.UNAPPROVED_VENDOR_KEY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "missing_scope")
    azure.set_vendor_key(seed.UNAPPROVED_VENDOR_KEY)
    assert ask(azure, seed.UNAPPROVED_VENDOR_KEY).status_code == 200
    azure.set_vendor_key(seed.UNAPPROVED_VENDOR_KEY, approved=False)


def test_logs_are_listed_by_their_kind_and_end(azure: LocalAzure) -> None:
    path = f"{seed.WORKSPACE}/logs"
    first = ask(azure, seed.VENDOR_KEY, path, event_type="AUTH_LOG", limit="2").json()
    assert (len(first["data"]), first["has_more"]) == (2, True)
    assert first["last_end_time"] == first["data"][-1]["end_time"]
    later = ask(azure, seed.VENDOR_KEY, path, event_type="AUTH_LOG", after=first["last_end_time"]).json()["data"]
    assert later[0]["end_time"] > first["last_end_time"]
    for query in ({}, {"event_type": "AUTH_LOG", "after": "2026-01-01T00:00:00"}):
        assert ask(azure, seed.VENDOR_KEY, path, **query).status_code == 400
    assert ask(azure, seed.PLATFORM_KEY, path, event_type="AUTH_LOG").status_code == 401


def test_bad_weather_is_told_in_the_vendors_words(azure: LocalAzure) -> None:
    azure.weather(effect="status", service="chatgpt", status=429, code="rate_limit_exceeded", retry_after=1)
    answer = ask(azure, seed.VENDOR_KEY)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"


def test_another_workspace_is_opened_by_its_own_key_alone(azure: LocalAzure) -> None:
    workspace = "00000000-0000-4000-8000-000000000001"
    assert ask(azure, seed.VENDOR_KEY, f"{workspace}/users").status_code == 404
    azure.set_workspace(workspace, ("user01@contoso.example", "2026-02-01T00:00:00Z"))
    azure.set_vendor_key("a-key-of-another", workspace=workspace)
    assert [one["email"] for one in ask(azure, "a-key-of-another", f"{workspace}/users").json()["data"]] == [
        "user01@contoso.example"
    ]
    assert ask(azure, seed.VENDOR_KEY, f"{workspace}/users").status_code == 403
