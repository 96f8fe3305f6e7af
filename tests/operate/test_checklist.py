"""``purview-ai checklist``: what only a person can do, in order, for the very tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_line import OPERATOR, said
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
    assert tenant.azure.requests() == [], "nobody is asked"
    shown = said(tenant, "checklist").out
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


def test_whatever_shows_a_step_done_is_a_link_that_there_is(tenant: Tenant) -> None:
    tenant.change({"grants": "expected", "vault.purview_reads": "expected", "sources.chatgpt.key.origin": "vault"})
    settings = TenantSettings.model_validate(tenant.config["purview-ai:tenant"])
    azure = AzureSettings(lambda _: None, {**tenant.environment, **OPERATOR})
    estate = Estate("sandbox", settings, azure)
    known = {link.name for link in chain(estate, Limits())}
    known |= {link.name for link in needed(estate, lambda _: "", user_names=False)}
    shown = {link for step in steps_of("sandbox", settings) for link in step.shown_by}
    assert shown <= known
