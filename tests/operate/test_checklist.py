"""``purview-ai checklist``: what only a person can do, in order, for the very tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_line import OPERATOR, said
from local_azure.seed import OTHER_WORKSPACE
from purview_ai.identity import AzureSettings
from purview_ai.inspection.checklist import steps_of
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.preflight import needed
from purview_ai.inspection.verify import Limits, chain
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from tenants import Tenant


def test_each_step_says_where_why_and_what_shows_it_done(tenant: Tenant) -> None:
    tenant.azure.forget_requests()
    told = said(tenant, "checklist", "--json")
    steps = told.json["steps"]
    assert told.code == 0
    assert [step["key"] for step in steps] == [
        "key-scope",
        "pay-as-you-go",
        "auditing",
        "collection-policy",
        "content-viewer",
        "reports",
        "copilot-licence",
    ]
    assert [step["key"] for step in steps if step["optional"]] == ["copilot-licence"]
    assert all(step["why"] and step["link"].startswith("https://") for step in steps)
    assert [step["key"] for step in steps if not step["proof"]] == ["copilot-licence"]
    assert tenant.azure.requests() == [], "nobody is asked"
    shown = said(tenant, "checklist").out
    assert "in force: Whoever is in it sees in activity explorer what was asked and answered." in shown
    assert "shown by: records.chatgpt of purview-ai verify" in shown
    assert "7. Recommended: " in shown


def test_what_the_settings_leave_to_others_comes_first_and_what_two_apps_share_once(tenant: Tenant) -> None:
    organisation = "5d3c2b1a-0f9e-4d8c-b7a6-95847362510d"
    tenant.change(
        {
            "grants": "expected",
            "vault.purview_reads": "expected",
            "sources.chatgpt.key.origin": "vault",
            "sources.claude": {"app": "claude-enterprise", "workspace_id": organisation},
        }
    )
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    assert list(steps)[:3] == ["app-roles", "vault-reader", "key-chatgpt-compliance-key"]
    assert steps["pay-as-you-go"]["shown_by"] == ["records.chatgpt", "records.claude"]
    assert steps["reports"]["shown_by"] == ["records.chatgpt"]
    assert steps["reports-claude-enterprise"]["shown_by"] == ["records.claude"]


SOMEBODY = "44444444-4444-4444-4444-444444444444"
SCRIPTS = {"auditing": True, "retention": {"days": 2555}, "capture": {}}


def test_scripts_take_the_place_of_what_they_do(tenant: Tenant) -> None:
    before = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    tenant.change({"governance": {"scripts": SCRIPTS}})
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    assert steps.keys() - before.keys() == {"script-retention"}
    for key, file in (
        ("auditing", "Set-Auditing.ps1"),
        ("collection-policy", "Set-Capture.ps1 -EnforcementPlanes <planes>"),
        ("script-retention", "Set-Retention.ps1"),
    ):
        assert f"run {file}" in steps[key]["text"]
        assert "Test-Governance.ps1 beside it only reads" in steps[key]["text"]
    assert steps["auditing"]["why"] == before["auditing"]["why"]
    assert steps["auditing"]["shown_by"] == ["records.chatgpt"]
    assert steps["script-retention"]["shown_by"] == []
    assert "shown by: nothing that purview-ai can ask" in said(tenant, "checklist").out


def test_what_is_wished_for_and_not_asked_for_names_its_setting(tenant: Tenant) -> None:
    wishes = ["data-lifecycle-management", "ediscovery", "conditional-access-by-risk", "data-classification"]
    tenant.change({"sources.chatgpt.capabilities": wishes})
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    for wish, words in (
        ("data-lifecycle-management", "Say governance.scripts.retention in the stack file; purview-ai governance"),
        ("ediscovery", "Say governance.ediscovery in the stack file, and deploy it"),
        ("conditional-access-by-risk", "Say governance.conditional_access in the stack file, and deploy it"),
    ):
        assert steps[wish]["text"].startswith(words)
    assert "Or in the Purview portal" in steps["data-lifecycle-management"]["text"]
    assert "PowerShell or the portal" in steps["data-lifecycle-management"]["why"]
    assert "data-classification" not in steps, "it holds by itself"

    emergency = {"users": ["44444444-4444-4444-4444-444444444444"]}
    access = {"all_resources": True, "break_glass": emergency}
    case = {"case": {"name": "AI interactions"}}
    tenant.change({"governance": {"scripts": SCRIPTS, "ediscovery": case, "conditional_access": access}})
    steps = {step["key"]: step for step in said(tenant, "checklist", "--json").json["steps"]}
    assert set(wishes) & steps.keys() == {"ediscovery"}, "a case alone finds nothing"
    assert "a search with app: chatgpt-enterprise under governance.ediscovery.searches" in steps["ediscovery"]["text"]
    assert "script-retention" in steps
    assert "turn Adaptive Protection on" in steps["adaptive-protection"]["text"]
    tenant.change({"governance.ediscovery.searches": {"all": {"app": "chatgpt-enterprise"}}})
    assert "ediscovery" not in {step["key"] for step in said(tenant, "checklist", "--json").json["steps"]}


def test_what_risk_decides_in_the_portal_has_its_steps_once(tenant: Tenant) -> None:
    access = {"all_resources": True, "break_glass": {"users": ["44444444-4444-4444-4444-444444444444"]}}
    wishes = ["adaptive-protection", "data-loss-prevention-by-risk"]
    tenant.change({"governance": {"conditional_access": access}, "sources.chatgpt.capabilities": wishes})
    told = said(tenant, "checklist", "--json").json["steps"]
    assert sum("turn Adaptive Protection on" in step["text"] for step in told) == 1
    steps = {step["key"]: step for step in told}
    assert steps["adaptive-protection"]["shown_by"] == []
    assert "the user's insider risk level, Elevated" in steps["data-loss-prevention-by-risk"]["text"]
    assert steps["data-loss-prevention-by-risk"]["who"].startswith("Compliance Administrator")


def test_each_thing_is_named_once_however_many_wish_for_it_or_ask_for_it(tenant: Tenant) -> None:
    second = {**tenant.config["purview-ai:tenant"]["sources"]["chatgpt"], "workspace_id": OTHER_WORKSPACE}
    wishes = ["dspm-for-ai", "auditing", "collection-policy", "communication-compliance", "network-detection"]
    viewers = {"display_name": "Viewers", "owners": [SOMEBODY], "role_groups": ["Content Explorer Content Viewer"]}
    tenant.change(
        {
            "sources.second": second,
            "sources.chatgpt.capabilities": wishes,
            "governance": {"people": {"groups": {"viewers": viewers}}},
        }
    )
    tenant.change({"sources.second.capabilities": wishes})
    steps = said(tenant, "checklist", "--json").json["steps"]
    for words in (
        "Set-AdminAuditLogConfig",
        "Secure interactions from enterprise apps",
        "Extend insights into sensitive data",
        "detects interactions with generative AI",
        "Content Explorer Content Viewer",
        "> Reports",
        *(f"governance.scripts.{part} in the stack file" for part in ("auditing", "capture", "network")),
    ):
        assert sum(words in step["text"] for step in steps) == 1, words
    shown = {step["key"]: step["shown_by"] for step in steps}
    assert shown["auditing"] == shown["collection-policy"] == ["records.chatgpt", "records.second"]


def test_two_apps_with_ways_of_their_own_have_a_step_each(tenant: Tenant) -> None:
    claude = {"app": "claude-enterprise", "workspace_id": SOMEBODY, "capabilities": ["communication-compliance"]}
    tenant.change({"sources.claude": claude, "sources.chatgpt.capabilities": ["communication-compliance"]})
    steps = {step["key"]: step["text"] for step in said(tenant, "checklist", "--json").json["steps"]}
    assert "ChatGPT Enterprise among them" in steps["communication-compliance"]
    assert "Anthropic Claude among them" in steps["communication-compliance-claude-enterprise"]


def test_whatever_shows_a_step_done_is_a_link_that_there_is(tenant: Tenant) -> None:
    tenant.change({"grants": "expected", "vault.purview_reads": "expected", "sources.chatgpt.key.origin": "vault"})
    tenant.change({"governance": {"scripts": SCRIPTS}, "sources.chatgpt.capabilities": ["auditing", "ediscovery"]})
    settings = TenantSettings.model_validate(tenant.config["purview-ai:tenant"])
    azure = AzureSettings(lambda _: None, {**tenant.environment, **OPERATOR})
    estate = Estate("sandbox", settings, azure)
    known = {link.name for link in chain(estate, Limits())}
    known |= {link.name for link in needed(estate, lambda _: "", user_names=False)}
    shown = {link for step in steps_of("sandbox", settings) for link in step.shown_by}
    assert shown <= known
