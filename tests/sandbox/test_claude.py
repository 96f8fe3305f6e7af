"""Anthropic's own API: keys, their kinds and scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

API = "https://api.anthropic.com/v1/compliance"
VERSION = {"anthropic-version": "2023-06-01"}


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def ask(azure: LocalAzure, key: str, path: str = "activities", **query: str) -> httpx.Response:
    with azure.client() as client:
        return client.get(f"{API}/{path}", params=query, headers={**VERSION, "x-api-key": key})


def refused(answer: httpx.Response, status: int, kind: str) -> str:
    """The words of a refusal, once its status and type are known to be right."""
    body = answer.json()
    assert (answer.status_code, body["type"], body["error"]["type"]) == (status, "error", kind), answer.text
    return body["error"]["message"]


def test_a_compliance_key_reads_activities_and_organisations(azure: LocalAzure) -> None:
    feed = ask(azure, seed.CLAUDE_KEY, limit="2").json()
    assert (len(feed["data"]), feed["has_more"]) == (2, True)
    assert feed["data"][0]["created_at"] > feed["data"][1]["created_at"]
    assert len(ask(azure, seed.CLAUDE_KEY).json()["data"]) == seed.CLAUDE_ACTIVITIES
    found = ask(azure, seed.CLAUDE_KEY, "organizations").json()["data"]
    assert [one["uuid"] for one in found] == [seed.CLAUDE_ORGANISATION]


def test_a_key_may_come_as_a_bearers(azure: LocalAzure) -> None:
    with azure.client() as client:
        headers = {**VERSION, "authorization": f"Bearer {seed.CLAUDE_KEY}"}
        assert client.get(f"{API}/organizations", headers=headers).status_code == 200


def test_an_unknown_or_revoked_key_is_refused(azure: LocalAzure) -> None:
    key = "sk-ant-api01-sandbox-to-revoke"
    azure.set_claude_key(key, "read:compliance_activities")
    assert ask(azure, key).status_code == 200
    azure.set_claude_key(key, "read:compliance_activities", revoked=True)
    for one in (key, "sk-ant-api01-nobodys", "no key at all"):
        assert refused(ask(azure, one), 401, "authentication_error") == "invalid x-api-key"


def test_keys_of_other_kinds_open_less(azure: LocalAzure) -> None:
    assert ask(azure, seed.CLAUDE_ADMIN_KEY).status_code == 200
    assert refused(ask(azure, seed.CLAUDE_ADMIN_KEY, "organizations"), 403, "permission_error")
    for path in ("activities", "organizations"):
        assert refused(ask(azure, seed.CLAUDE_API_KEY, path), 403, "permission_error")


def test_a_scope_that_is_missing_is_named(azure: LocalAzure) -> None:
    assert ask(azure, seed.CLAUDE_ACTIVITY_KEY).status_code == 200
    says = refused(ask(azure, seed.CLAUDE_ACTIVITY_KEY, "organizations"), 403, "permission_error")
    assert "read:compliance_org_data" in says


def test_a_request_names_its_version(azure: LocalAzure) -> None:
    with azure.client() as client:
        answer = client.get(f"{API}/activities", headers={"x-api-key": seed.CLAUDE_KEY})
    assert "anthropic-version" in refused(answer, 400, "invalid_request_error")


def test_too_many_requests_are_told_in_anthropics_words(azure: LocalAzure) -> None:
    azure.weather(effect="status", service="anthropic", status=429, retry_after=1)
    answer = ask(azure, seed.CLAUDE_KEY)
    assert refused(answer, 429, "rate_limit_error")
    assert answer.headers["retry-after"] == "1"
