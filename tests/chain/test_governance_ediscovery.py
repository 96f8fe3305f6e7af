"""A case of eDiscovery beside the chain: made, kept, seen to drift, switched on and off by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure.ediscovery import EdiscoveryCircumstances
from people import GRAPH
from rights import give_graph

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person
    from tenants import Tenant

CASES = f"{GRAPH}/v1.0/security/cases/ediscoveryCases"
WRITES = "eDiscovery.ReadWrite.All"
BOTH = {"ediscovery-case": "create", "ediscovery-search-chatgpt": "create"}
NAMES = set(BOTH)


def governance(**more: Any) -> dict[str, Any]:
    """A case with one search, as a stack file has it."""
    case = {"name": "AI interactions", "description": "What was asked and answered"}
    return {"governance": {"ediscovery": {"case": case, "searches": {"chatgpt": searched()}, **more}}}


def searched(**more: Any) -> dict[str, Any]:
    return {"app": "chatgpt-enterprise", "since": "2026-01-01", **more}


def cases(operator: Person) -> dict[str, dict[str, Any]]:
    return {one["displayName"]: one for one in operator.get(CASES)["value"]}


def searches(operator: Person) -> list[dict[str, Any]]:
    return operator.get(f"{CASES}/{cases(operator)['AI interactions']['id']}/searches")["value"]


@pytest.mark.deployed
def test_a_case_goes_on_and_off_without_a_step_on_source_and_scan(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    assert cases(operator) == {}

    tenant.change(governance())
    assert tenant.preview().must_succeed().steps == BOTH
    assert cases(operator) == {}
    assert tenant.up().must_succeed().steps == BOTH
    [found] = searches(operator)
    assert found["contentQuery"] == (
        '(ItemClass:"IPM.SkypeTeams.Message.ConnectedAIApp.Connector.<ChatGPTEnterprise>" OR '
        'ItemClass:"IPM.SkypeTeams.Message.ConnectedAIApp.Connector.ChatGPTEnterprise") AND Date>=2026-01-01'
    )
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}

    case = f"{CASES}/{cases(operator)['AI interactions']['id']}"
    operator.ask("PATCH", case, json={"description": "Somebody else's words"})
    drifted = tenant.refresh()
    assert (drifted.code, "Somebody else's words" in drifted.words) == (7, True)
    tenant.run("refresh", "--yes", "--skip-preview").must_succeed()
    assert tenant.up().must_succeed().steps == {"ediscovery-case": "update"}
    assert operator.get(case)["description"] == "What was asked and answered"

    tenant.change({"governance": None})
    tenant.azure.forget_requests()
    shown = tenant.run("preview").must_succeed()
    assert [f"{name} delete[retain]" in shown.words for name in sorted(NAMES)] == [True, True]
    assert tenant.up().must_succeed().steps == dict.fromkeys(NAMES, "delete")
    assert tenant.writes() == []
    assert len(searches(operator)) == 1


@pytest.mark.deployed
def test_destroy_keeps_the_case_unless_that_is_asked_for(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    tenant.change(governance())
    tenant.up().must_succeed()
    assert "[retain]" not in tenant.run("destroy", "--preview-only", "--diff").must_succeed().words, "engine 37"
    shown = tenant.run("destroy", "--preview-only").must_succeed()
    assert [f"{name} delete[retain]" in shown.words for name in sorted(NAMES)] == [True, True]
    tenant.destroy().must_succeed()
    assert set(cases(operator)) == {"AI interactions"}

    # What was left behind is taken over, and goes only where it is named.
    tenant.change({**governance(release=["AI interactions", "chatgpt"]), "vault.recover": True})
    again = tenant.up().must_succeed()
    assert 'governance.ediscovery.release: case "AI interactions" is deleted' in again.words
    assert "is there already; it is taken over and left as it is" in again.words
    tenant.destroy().must_succeed()
    assert cases(operator) == {}


@pytest.mark.deployed
def test_destroy_deletes_the_case_once_that_is_deployed(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    tenant.change(governance(keep_on_destroy=False))
    warned = tenant.up().must_succeed()
    assert "governance.ediscovery.keep_on_destroy: it is false" in warned.words
    assert "[retain]" not in tenant.run("destroy", "--preview-only").must_succeed().words
    tenant.destroy().must_succeed()
    assert cases(operator) == {}


@pytest.mark.deployed
def test_what_was_there_before_is_told_to_stay_by_each_preview(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    case = {"displayName": "AI interactions", "description": "What was asked and answered"}
    operator.do("POST", CASES, json=case)
    tenant.change(governance(keep_on_destroy=False))
    told = 'eDiscovery case "AI interactions" was there before this stack, so it stays when the stack goes'
    assert told in tenant.preview().must_succeed().words
    tenant.up().must_succeed()
    again = tenant.preview("--expect-no-changes").must_succeed()
    assert told in again.words
    assert "eDiscovery search" not in again.words, "that one is the stack's own"
    assert "it was there before this stack" in tenant.destroy().must_succeed().words
    assert set(cases(operator)) == {"AI interactions"}


@pytest.mark.deployed
def test_a_collections_release_keeps_the_case_of_its_name(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    named = {"case": {"name": "ai-interactions"}, "keep_on_destroy": True}
    tenant.change({**governance(**named), "release": ["ai-interactions"]})
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    assert set(cases(operator)) == {"ai-interactions"}


@pytest.mark.deployed
def test_who_may_not_make_cases_is_told_what_it_takes(tenant: Tenant, operator: Person, azure: LocalAzure) -> None:
    tenant.change(governance())
    unseen = tenant.preview().must_succeed()
    assert "could not be looked for, so the preview cannot tell" in unseen.words
    refused = tenant.up().must_fail()
    assert f"needs the Graph permission {WRITES} with an administrator's consent" in refused.words
    assert "docs/troubleshooting.md#ediscovery-access" in refused.words
    give_graph(operator, WRITES)
    azure.set_ediscovery(EdiscoveryCircumstances(authorised=False))
    refused = tenant.up().must_fail()
    assert "Microsoft Graph: 401 UnknownError" in refused.words
    assert "Add-eDiscoveryCaseAdmin" in refused.words
    azure.set_ediscovery(EdiscoveryCircumstances())
    tenant.up().must_succeed()
    assert set(cases(operator)) == {"AI interactions"}


def test_a_wildcard_is_warned_of_at_each_preview(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    tenant.change(governance(searches={"chatgpt": searched(forms=["wildcard"])}))
    warned = tenant.preview().must_succeed()
    assert "governance.ediscovery.searches.chatgpt.forms: wildcard collects more than it says" in warned.words


@pytest.mark.deployed
def test_a_case_that_differs_is_not_overwritten(tenant: Tenant, operator: Person) -> None:
    give_graph(operator, WRITES)
    operator.do("POST", CASES, json={"displayName": "AI interactions", "description": "Of the legal team"})
    tenant.change(governance())
    refused = tenant.preview().must_fail()
    assert "description: 'Of the legal team' instead of 'What was asked and answered'" in refused.words
    assert "governance.ediscovery.adopt: true" in refused.words
    tenant.change(governance(adopt=True))
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    assert cases(operator)["AI interactions"]["description"] == "What was asked and answered"
