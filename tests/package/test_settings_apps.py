"""What a stack file may say of each app: wishes, sources without a connector, keys that Purview must not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from local_azure import seed
from purview_ai.apps.catalogue import app_named
from purview_ai.readme import readme
from purview_ai.settings.checks import key_of_a_wrong_kind, key_warning
from purview_ai.settings.files import Project
from purview_ai.settings.neighbours import Neighbour, neighbours
from purview_ai.settings.reading import read
from purview_ai.settings.schema import stack_file_schema
from purview_ai.settings.tenant import TenantSettings
from purview_ai.settings.whole_tenant import whole_tenant
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from purview_ai.settings.mistakes import Mistake

CLAUDE: dict[str, Any] = {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION}
KEPT = {"secret": "claude-key"}


def tenant(*, claude: dict[str, Any] | None = None, chatgpt: dict[str, Any] | None = None, **vault: Any) -> Any:
    """The sandbox's tenant with a source of Claude Enterprise beside its own."""
    file = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    block = file["config"]["purview-ai:tenant"]
    block["sources"]["chatgpt"] |= chatgpt or {}
    block["sources"]["claude"] = CLAUDE | (claude or {})
    block["vault"] |= vault
    return block


def mistakes(block: dict[str, Any]) -> list[Mistake]:
    """All that is wrong with a tenant by itself."""
    reading = read(block)
    assert reading.settings is not None
    return [*reading.mistakes, *whole_tenant("contoso", reading.settings, reading)]


def test_a_source_without_a_connector_needs_neither_key_nor_scan() -> None:
    assert mistakes(tenant()) == []
    settings = TenantSettings.model_validate(tenant())
    assert list(settings.captured) == ["chatgpt"]
    assert settings.warnings() == []
    with pytest.raises(ValueError, match="no published API"):
        _ = settings.sources["claude"].connector


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("scan", {"every": "1 day"}),
        ("capture_since", "2026-01-01"),
        ("adopt", True),
        ("accept_unverified_profile", True),
        (
            "profile",
            {
                "data_source": {"kind": "K"},
                "scan": {"kind": "K"},
                "credential": {"kind": "K", "secret_property": "key"},
            },
        ),
    ],
)
def test_what_needs_a_connector_is_refused_without_one(setting: str, value: Any) -> None:
    [mistake] = mistakes(tenant(claude={setting: value}))
    assert mistake.path == f"sources.claude.{setting}"
    assert "Claude Enterprise has none" in mistake.reason
    assert "set up in the portal" in mistake.reason


def test_all_of_them_are_told_at_once() -> None:
    given = {
        "scan": {"every": "1 day"},
        "capture_since": "2026-01-01",
        "adopt": True,
        "capabilities": ["one-click-policies"],
    }
    told = [mistake.path for mistake in mistakes(tenant(claude=given))]
    assert sorted(told) == [
        "sources.claude.adopt",
        "sources.claude.capabilities.0",
        "sources.claude.capture_since",
        "sources.claude.scan",
    ]


def test_an_app_with_a_connector_needs_a_key() -> None:
    block = tenant()
    del block["sources"]["chatgpt"]["key"]
    [mistake] = mistakes(block)
    assert (mistake.path, mistake.reason) == ("sources.chatgpt.key", "it is missing")
    assert "chatgpt-compliance-key" in mistake.fix


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("data-loss-prevention", "not supported for these prompts and responses. Source: Microsoft Learn, Use Micros"),
        ("sensitivity-labels", "Purview puts no labels on these prompts and responses"),
        ("scoped-scan", "only its first day can be chosen"),
        ("ediscovry", "did you mean ediscovery?"),
        ("agent-observability", "there is no capability of ChatGPT Enterprise agent-observability; "),
    ],
)
def test_a_wish_that_purview_does_not_grant_is_refused_with_the_reason(wish: str, reason: str) -> None:
    [mistake] = mistakes(tenant(chatgpt={"capabilities": ["auditing", wish]}))
    assert mistake.path == "sources.chatgpt.capabilities.1"
    assert mistake.value == repr(wish)
    assert reason in mistake.reason
    assert "docs/apps.md" in mistake.fix


def test_there_are_no_one_click_policies_for_claude() -> None:
    [mistake] = mistakes(tenant(claude={"capabilities": ["one-click-policies"]}))
    assert "DSPM has no one-click policies for it at present" in mistake.reason


def test_data_loss_prevention_by_risk_is_not_refused() -> None:
    assert mistakes(tenant(chatgpt={"capabilities": ["adaptive-protection"]})) == []


def test_a_refused_wish_names_its_document_and_date() -> None:
    [mistake] = mistakes(tenant(claude={"capabilities": ["recommendations"]}))
    assert mistake.reason.endswith("for Anthropic Claude (Enterprise) (undated)")


def test_a_wish_that_no_document_answers_is_a_warning() -> None:
    block = tenant(claude={"capabilities": ["auditing", "sensitivity-labels"]})
    assert mistakes(block) == []
    [warning] = TenantSettings.model_validate(block).warnings()
    assert warning.startswith("sources.claude.capabilities: whether Purview does Sensitivity labels for Claude")
    assert "not stated in" in warning


def test_a_wrong_app_suggests_the_one_that_was_meant_and_is_held_against_its_rules() -> None:
    [mistake] = mistakes(tenant(claude={"app": "claude"}))
    assert mistake.path == "sources.claude.app"
    assert "did you mean claude-enterprise? Known are chatgpt-enterprise, claude-enterprise" in mistake.reason
    told = {mistake.path for mistake in mistakes(tenant(claude={"app": "chatgpt-entreprise"}))}
    assert told == {"sources.claude.app", "sources.claude.key", "sources.claude.accept_unverified_profile"}


def test_an_organization_that_looks_wrong_is_named_as_its_vendor_does() -> None:
    settings = TenantSettings.model_validate(tenant(claude={"workspace_id": "contoso"}))
    [warning] = settings.warnings()
    assert "id of a Claude Enterprise organization" in warning


def test_a_kept_key_is_right_where_purview_reads_its_own_secrets_alone() -> None:
    assert mistakes(tenant(claude={"key": KEPT})) == []
    assert mistakes(tenant(claude={"key": KEPT}, purview_reads="expected")) == []


@pytest.mark.parametrize(
    ("vault", "way"),
    [
        ({"purview_reads": "vault"}, "vault.purview_reads: vault"),
        ({"access": "access-policy"}, "vault.access: access-policy"),
    ],
)
def test_a_kept_key_that_purview_could_read_is_refused(vault: dict[str, Any], way: str) -> None:
    [mistake] = mistakes(tenant(claude={"key": KEPT}, **vault))
    assert mistake.path == "sources.claude.key"
    assert f"must not be able to read it, which {way} lets it" in mistake.reason
    assert "purview_reads: secret" in mistake.fix
    assert mistakes(tenant(**vault)) == []


def test_another_mistake_hides_no_key_that_purview_could_read() -> None:
    told = mistakes(tenant(claude={"key": KEPT, "adopt": True}, purview_reads="vault", network="moon"))
    assert [mistake.path for mistake in told] == ["vault.network", "sources.claude.adopt", "sources.claude.key"]
    wrong = mistakes(tenant(claude={"key": KEPT}, access="perhaps"))
    assert [mistake.path for mistake in wrong] == ["vault.access"]


def test_a_kept_key_shares_no_secret_that_purview_reads() -> None:
    [mistake] = mistakes(tenant(claude={"key": {"secret": "ChatGPT-compliance-key"}}))
    assert mistake.path == "sources.claude.key.secret"
    assert "chatgpt lets Purview read this secret" in mistake.reason


def test_purview_reads_no_version_of_a_kept_key() -> None:
    [mistake] = mistakes(tenant(claude={"key": {**KEPT, "version": "latest"}}))
    assert mistake.path == "sources.claude.key"
    assert "version says which one Purview reads" in mistake.reason


def test_a_source_without_a_scan_has_none_to_replace_or_release() -> None:
    block = tenant() | {"allow_rescan": ["claude"], "release": ["claude-scan"]}
    replaced, released = mistakes(block)
    assert (replaced.path, replaced.reason) == ("allow_rescan", "that source has no scan")
    assert "claude" not in released.fix


def test_a_tenant_without_a_scan_has_no_connection_to_release() -> None:
    block = tenant() | {"release": ["contoso-kv-contoso-ai"]}
    assert mistakes(block) == []
    del block["sources"]["chatgpt"]
    assert [mistake.path for mistake in mistakes(block)] == ["release"]


def test_an_id_is_another_one_at_another_vendor() -> None:
    assert mistakes(tenant(claude={"workspace_id": seed.WORKSPACE})) == []


def test_an_organization_is_named_once() -> None:
    block = tenant()
    block["sources"]["second"] = CLAUDE
    [mistake] = mistakes(block)
    assert "claude and second are the same organization" in mistake.reason


def beside(tmp_path: Path, other: dict[str, Any]) -> list[Mistake]:
    """What is wrong with a tenant that keeps a key, beside another one in the same vault."""
    named = {name: other["vault"][name] for name in ("resource_group", "name", "access")}
    other["vault"] = {"purview_reads": other["vault"].get("purview_reads"), **named, "existing": True}
    other["purview"]["account"] = "fabrikam-purview"
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\n")
    (tmp_path / "Pulumi.fabrikam.yaml").write_text(yaml.safe_dump({"config": {"purview-ai:tenant": other}}))
    ours = read(tenant(claude={"key": {**KEPT, "origin": "vault"}}))
    assert ours.settings is not None
    return neighbours(Neighbour("contoso", ours.settings, ours, seed.SUBSCRIPTION), Project(tmp_path))


@pytest.mark.parametrize(
    ("theirs", "fix"),
    [({"purview_reads": "vault"}, "set vault.purview_reads: secret there"), ({}, "give the secret another name")],
)
def test_another_stack_lets_purview_read_no_kept_key(tmp_path: Path, theirs: dict[str, Any], fix: str) -> None:
    other = tenant(chatgpt={"key": {"secret": "another-key" if theirs else "claude-key"}}, **theirs)
    del other["sources"]["claude"]
    [mistake] = beside(tmp_path, other)
    assert mistake.path == "sources.claude.key.secret"
    assert "stack fabrikam lets Purview read this secret" in mistake.reason
    assert fix in mistake.fix


def test_another_stack_that_lets_purview_read_nothing_is_right(tmp_path: Path) -> None:
    other = tenant(purview_reads="vault")
    del other["sources"]["chatgpt"]
    assert beside(tmp_path, other) == []


def test_a_key_of_another_kind_is_told_by_its_beginning_alone() -> None:
    claude, chatgpt = app_named("claude-enterprise"), app_named("chatgpt-enterprise")
    form = claude.key.form_of(seed.CLAUDE_API_KEY)
    assert form
    told = str(key_of_a_wrong_kind("contoso", "claude-key", claude, form))
    assert "sk-ant-api03-" in told
    assert "opens nothing of the Compliance API" in told
    assert "sandbox" not in told
    assert "activity feed alone" in key_warning("claude-key", claude, claude.key.form_of(seed.CLAUDE_ADMIN_KEY))
    assert "begins with sk-ant-api01-" in key_warning("claude-key", claude, None)
    assert key_warning("claude-key", claude, claude.key.form_of(seed.CLAUDE_KEY)) == ""
    assert key_warning("chatgpt-key", chatgpt, None) == ""


def test_an_editor_completes_apps_and_wishes_and_asks_for_the_key_of_a_connector() -> None:
    source = stack_file_schema()["$defs"]["SourceSettings"]
    assert source["properties"]["app"]["enum"] == ["chatgpt-enterprise", "claude-enterprise"]
    assert {"auditing", "one-click-policies"} <= set(source["properties"]["capabilities"]["items"]["enum"])
    assert source["if"]["properties"]["app"]["enum"] == ["chatgpt-enterprise"]
    assert source["then"] == {"required": ["key"]}


def test_the_readme_lists_what_to_do_in_the_portal() -> None:
    told = readme("contoso", "/accounts/contoso-purview", TenantSettings.model_validate(tenant()))
    captured, rest = told.split("Set up by hand, and not by this stack:")
    assert f"* chatgpt: ChatGPT Enterprise, workspace {seed.WORKSPACE}, since 2026-01-01" in captured
    assert f"* claude: Claude Enterprise, organization {seed.CLAUDE_ORGANISATION}" in rest
    steps = rest.split("## By hand, for Claude Enterprise")[1]
    assert "3. Purview portal > Settings > Data connectors > Anthropic Claude" in steps
    assert "(wording unconfirmed (inferred): see docs/facts.md, graph 0.1, graph 64)" in steps
    assert "https://learn.microsoft.com/purview/manage-anthropic-data" in steps
