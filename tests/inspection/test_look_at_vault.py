"""The vault, and who may read from it."""

from __future__ import annotations

from typing import Any

import pytest
from estates import estate_with, look
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.vault import lets_purview_in, readable

ACCOUNT = {"account": {"identity": {"principalId": "Purviews-Own"}}}


def acls(action: str, bypass: str | None = None) -> dict[str, Any]:
    return {"networkAcls": {"defaultAction": action, **({"bypass": bypass} if bypass else {})}}


@pytest.mark.parametrize(
    ("properties", "lets"),
    [
        ({}, True),
        ({"publicNetworkAccess": "Enabled"}, True),
        ({"publicNetworkAccess": "Disabled"}, True),
        ({"publicNetworkAccess": "Disabled", **acls("Allow", "None")}, False),
        ({"publicNetworkAccess": "disabled", **acls("Deny", "None")}, False),
        ({"publicNetworkAccess": "Disabled", **acls("Deny", "AzureServices")}, True),
        (acls("Allow", "None"), True),
        (acls("Deny"), True),
        (acls("Deny", "None"), False),
    ],
)
def test_a_firewall_lets_purview_in(properties: dict[str, Any], *, lets: bool) -> None:
    assert lets_purview_in({"properties": properties}) is lets


def policy(principal: str, *secrets: str) -> dict[str, Any]:
    return {"objectId": principal, "permissions": {"secrets": list(secrets), "keys": ["get"]}}


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        ([], Verdict.FAILED),
        ([policy("somebody-else", "get")], Verdict.FAILED),
        ([policy("purviews-own", "list", "set")], Verdict.FAILED),
        ([policy("purviews-own")], Verdict.FAILED),
        ([policy("purviews-own", "list"), policy("purviews-own", "Get")], Verdict.PASSED),
        ([policy("PURVIEWS-OWN", "all")], Verdict.PASSED),
    ],
)
def test_an_access_policy_of_the_identity_that_gets_secrets_is_needed(
    policies: list[dict[str, Any]], verdict: Verdict
) -> None:
    estate = estate_with({**ACCOUNT, "vault": {"properties": {"accessPolicies": policies}}})
    assert look(readable(estate, "a-secret")).verdict is verdict
