"""The account: there, in use, with an identity; and before a deployment, whether it can be made."""

from __future__ import annotations

from typing import Any

import pytest
from estates import estate_with, look
from local_azure import seed
from purview_ai.datamap.client import DataMaps
from purview_ai.datamap.endpoints import NoAccountError
from purview_ai.inspection import account, grants, objects, vault
from purview_ai.inspection.finding import Verdict

ACCOUNT = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/rg-governance/providers/Microsoft.Purview/accounts"
IDENTITY = {"type": "SystemAssigned", "principalId": "an-identity"}


def there(state: str = "Succeeded", identity: dict[str, str] = IDENTITY) -> dict[str, Any]:
    known = {"name": "contoso-purview", "identity": identity, "properties": {"provisioningState": state}}
    return {"account": known}


@pytest.mark.parametrize(
    ("answers", "verdict", "words"),
    [
        (there(), Verdict.PASSED, ""),
        (there("SoftDeleting"), Verdict.FAILED, "SoftDeleting"),
        (there("Failed"), Verdict.FAILED, "Failed"),
        (there(identity={"type": "None"}), Verdict.FAILED, "no system-assigned identity"),
        ({"account": None}, Verdict.FAILED, "Azure knows no account /subscriptions"),
    ],
)
def test_an_account_as_it_is(answers: dict[str, Any], verdict: Verdict, words: str) -> None:
    for link in (account.present(estate_with(answers)), account.found(estate_with(answers))):
        found = look(link)
        assert (found.verdict, words in found.reason) == (verdict, True), found


def test_a_tenant_without_an_account_of_its_own_is_told_which_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataMaps, "default_account", lambda _: "")
    estate = estate_with(purview={"account": "default", "collection": "ai-interactions"})
    for link in (account.present(estate), account.found(estate)):
        found = look(link)
        assert found.verdict is Verdict.FAILED
        assert "purview.account" in found.remedy
    with pytest.raises(NoAccountError):
        _ = estate.account_id


def test_all_that_is_about_the_account_comes_after_it() -> None:
    estate = estate_with()
    links = [objects.connection(estate), objects.data_source(estate, "chatgpt"), vault.readable(estate, "a-secret")]
    links += [grants.held(estate, role) for role in grants.wished_roles(estate)]
    assert all(account.FOUND in link.after for link in links)


def test_a_data_map_whose_address_is_said_needs_no_look_at_azure() -> None:
    estate = estate_with(purview__endpoint="https://contoso-purview.purview.azure.com")
    assert objects.connection(estate).after == ()


def own() -> frozenset[str]:
    """What the state knows of a stack that made the account."""
    return frozenset({f"{ACCOUNT}/contoso-purview".lower()})


def test_an_account_that_the_stack_made_is_not_in_its_way() -> None:
    mine = estate_with(there(), own, purview__create=True)
    assert look(account.found(mine)).verdict is Verdict.PASSED
    unwell = estate_with(there("Failed"), own, purview__create=True)
    assert look(account.found(unwell)).verdict is Verdict.FAILED
    anothers = look(account.found(estate_with(there(), purview__create=True)))
    assert (anothers.verdict, "this stack has not made it" in anothers.reason) == (Verdict.FAILED, True)


@pytest.mark.parametrize(
    ("there", "verdict"),
    [
        ({"collectionProvisioningState": "Succeeded"}, Verdict.PASSED),
        ({"collectionProvisioningState": "Creating"}, Verdict.FAILED),
        ({"collectionProvisioningState": "Failed"}, Verdict.FAILED),
        ({}, Verdict.FAILED),
        (None, Verdict.FAILED),
    ],
)
def test_a_collection_is_ready_or_not(there: dict[str, str] | None, verdict: Verdict) -> None:
    estate = estate_with({"account": {"name": "contoso-purview"}, "collection": there})
    assert look(account.collection(estate)).verdict is verdict
