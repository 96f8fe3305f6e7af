"""``purview-ai governance plan``: every capability, and the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from command_line import said
from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.settings.explaining import explain

if TYPE_CHECKING:
    from tenants import Tenant

SETTINGS = [(app, name, way.setting) for app in app_names() for name, way in app_named(app).ways.items() if way.setting]
CLAUDE = {"app": "claude-enterprise", "workspace_id": "5d3c2b1a-0f9e-4d8c-b7a6-95847362510d"}


def test_every_capability_has_its_way_or_its_reason(tenant: Tenant) -> None:
    tenant.change({"sources.claude": CLAUDE})
    tenant.azure.forget_requests()
    planned = said(tenant, "governance", "plan", "--json").json["capabilities"]
    assert tenant.azure.requests() == [], "nobody is asked"
    routes = {(one["app"], one["capability"]): one["way"] and one["way"]["route"] for one in planned}
    assert routes["ChatGPT Enterprise", "ediscovery"] == "declared"
    assert routes["ChatGPT Enterprise", "data-lifecycle-management"] == "script"
    assert routes["Claude Enterprise", "insider-risk-management"] == "portal"
    retention = [one["way"] for one in planned if one["capability"] == "data-lifecycle-management"]
    assert all("Purview portal" in way["instead"] for way in retention), "both ways are told"
    for one in planned:
        assert (one["way"] is None) == (one["answer"] != "yes")
        assert one["way"] is None or one["way"]["proof"]
    refused = next(one for one in planned if one["capability"] == "data-loss-prevention")
    assert "marks it as not supported" in refused["reason"]


def test_each_collection_policy_has_its_own_row_and_its_setting(tenant: Tenant) -> None:
    planned = said(tenant, "governance", "plan", "--json").json["capabilities"]
    settings = {one["capability"]: one["way"]["setting"] for one in planned if one["way"]}
    assert settings["collection-policy"] == "governance.scripts.capture"
    assert settings["network-detection"] == "governance.scripts.network"
    tenant.change({"governance": {"scripts": {"capture": {}}}})
    shown = said(tenant, "governance", "plan").out
    assert "setting: governance.scripts.capture, in the stack file" in shown
    assert "setting: governance.scripts.network, not in the stack file" in shown


def test_what_a_way_needs_is_called_as_people_call_it(tenant: Tenant) -> None:
    tenant.change({"sources.claude": CLAUDE})
    shown = said(tenant, "governance", "plan")
    assert "needs: the collection policy that captures interactions; pay-as-you-go billing; a licence for" in shown.out
    assert "needs: Adaptive protection" in shown.out
    assert "needs: the data connector" in shown.out
    planned = said(tenant, "governance", "plan", "--json").json["capabilities"]
    keys = {step.key for name in app_names() for step in app_named(name).by_hand}
    assert not keys - {"auditing"} & {need for one in planned for need in one["needs"]}


def test_wording_that_no_document_confirms_is_shown_as_such(tenant: Tenant) -> None:
    wishes = ["adaptive-protection", "communication-compliance"]
    tenant.change({"sources.chatgpt.capabilities": wishes})
    told = "note: wording unconfirmed (inferred): see docs/facts.md, graph 50, graph 56"
    shown = said(tenant, "governance", "plan", "--wished").out
    assert told in shown
    assert shown.count("unconfirmed") == 1, "what is documented has no such note"
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    assert steps["communication-compliance"]["doubt"] == told.removeprefix("note: ")
    assert steps["adaptive-protection"]["doubt"] == ""
    assert told in said(tenant, "checklist").out


def test_what_is_wished_is_told_by_itself_and_lands_on_the_checklist(tenant: Tenant) -> None:
    tenant.change({"sources.chatgpt.capabilities": ["auditing", "communication-compliance"]})
    shown = said(tenant, "governance", "plan", "--wished").out
    assert "Auditing (auditing): script, wished by chatgpt" in shown
    assert "Communication compliance (communication-compliance): portal, wished by chatgpt" in shown
    assert "eDiscovery" not in shown
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    assert "jailbreak and prompt injection" in steps["communication-compliance"]["text"]
    assert "governance.scripts.auditing" in steps["auditing"]["text"]


@pytest.mark.parametrize(
    ("app", "capability", "setting"), SETTINGS, ids=[f"{one[0]}-{one[1]}-{one[2]}" for one in SETTINGS]
)
def test_the_setting_that_a_way_or_a_step_names_is_there(app: str, capability: str, setting: str) -> None:
    assert explain(setting).path == setting, f"{app}: {capability}"


def test_only_what_is_declared_is_shown_by_verify(tenant: Tenant) -> None:
    def shown() -> list[str]:
        planned = said(tenant, "governance", "plan", "--json").json["capabilities"]
        return next(one["shown_by"] for one in planned if one["capability"] == "ediscovery")

    assert shown() == []
    case: dict[str, Any] = {"case": {"name": "AI interactions"}}
    tenant.change({"governance": {"ediscovery": case}})
    assert shown() == [], "a case alone finds nothing"
    others = {"others": {"app": "claude-enterprise", "query": "ItemClass:IPM.Something*"}}
    tenant.change({"governance": {"ediscovery": {**case, "searches": others}}})
    assert shown() == [], "a search for another app shows nothing of this one"
    tenant.change(
        {"governance": {"ediscovery": {**case, "searches": {"own": {"app": "chatgpt-enterprise"}, **others}}}}
    )
    assert shown() == ["governance.case", "governance.search.own"]
