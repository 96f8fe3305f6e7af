"""The key's version in the vault: in force, not expired, and not about to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from estates import estate_with, look
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.keys import credential, kept, lasting

NEWEST, OTHER = "a" * 32, "b" * 32
SECRET = "secret chatgpt-compliance-key"


def secret(**attributes: Any) -> dict[str, Any]:
    where = f"https://kv-contoso-ai.vault.azure.net/secrets/chatgpt-compliance-key/{NEWEST}"
    return {SECRET: {"properties": {"attributes": {"enabled": True, **attributes}, "secretUriWithVersion": where}}}


def in_days(days: float) -> int:
    return int((datetime.now(UTC) + timedelta(days=days)).timestamp())


@pytest.mark.parametrize(
    ("attributes", "in_force", "lasts"),
    [
        ({}, Verdict.PASSED, Verdict.PASSED),
        ({"exp": in_days(400)}, Verdict.PASSED, Verdict.PASSED),
        ({"exp": in_days(31.5)}, Verdict.PASSED, Verdict.PASSED),
        ({"exp": in_days(29)}, Verdict.PASSED, Verdict.FAILED),
        ({"exp": in_days(-0.01)}, Verdict.FAILED, Verdict.FAILED),
        ({"exp": in_days(-40)}, Verdict.FAILED, Verdict.FAILED),
        ({"nbf": in_days(1)}, Verdict.FAILED, Verdict.PASSED),
        ({"nbf": in_days(-1)}, Verdict.PASSED, Verdict.PASSED),
        ({"enabled": False}, Verdict.FAILED, Verdict.PASSED),
    ],
)
def test_a_key_is_in_force_and_lasts(attributes: dict[str, Any], in_force: Verdict, lasts: Verdict) -> None:
    estate = estate_with(secret(**attributes))
    assert look(kept(estate, "chatgpt")).verdict is in_force
    assert look(lasting(estate, "chatgpt")).verdict is lasts


@pytest.mark.parametrize(("days", "in_force"), [(20, Verdict.PASSED), (-1, Verdict.FAILED)])
def test_a_day_that_the_stack_file_says_counts_where_the_vault_has_none(days: int, in_force: Verdict) -> None:
    key = {"secret": "chatgpt-compliance-key", "expires": f"{datetime.now(UTC).date() + timedelta(days=days)}"}
    estate = estate_with(secret(), sources__chatgpt__key=key)
    assert look(kept(estate, "chatgpt")).verdict is in_force
    found = look(lasting(estate, "chatgpt"))
    assert (found.verdict, "expires on" in found.reason) == (Verdict.FAILED, True)


def test_of_a_pinned_version_azure_tells_nothing_but_that_it_is_the_newest() -> None:
    key = {"secret": "chatgpt-compliance-key", "origin": "vault"}
    newest = estate_with(secret(enabled=False), sources__chatgpt__key={**key, "version": NEWEST})
    assert look(kept(newest, "chatgpt")).verdict is Verdict.FAILED
    other = estate_with(secret(enabled=False), sources__chatgpt__key={**key, "version": OTHER})
    found = look(kept(other, "chatgpt"))
    assert found.verdict is Verdict.UNKNOWN
    assert f"--version {OTHER}" in found.remedy


def test_nothing_behind_a_key_waits_for_its_expiry() -> None:
    pinned = {"secret": "chatgpt-compliance-key", "origin": "vault", "version": OTHER}
    assert "key-expiry.chatgpt" not in credential(estate_with(), "chatgpt").after
    assert "key.chatgpt" in credential(estate_with(), "chatgpt").after
    assert "key.chatgpt" not in credential(estate_with(sources__chatgpt__key=pinned), "chatgpt").after


def test_a_key_of_which_nobody_says_when_it_expires_is_not_told_to_last() -> None:
    secret = {"properties": {"secretUriWithVersion": "https://kv/secrets/a/1", "attributes": {"enabled": True}}}
    found = look(lasting(estate_with({"secret chatgpt-compliance-key": secret}), "chatgpt"))
    assert (found.verdict, found.reason) == (Verdict.PASSED, "nobody has said when the key expires")
    assert found.title == "Expiry of key chatgpt-compliance-key"
