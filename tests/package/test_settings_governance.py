"""Governance in a stack file: what is dangerous is refused, and what looks like a mistake is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from purview_ai.inspection.checklist import steps_of
from purview_ai.readme import readme
from purview_ai.settings.people import CONTENT_VIEWER, DirectoryRole
from purview_ai.settings.reading import read
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block

FIRST, SECOND, APPLICATION = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123")
ACCESS: dict[str, Any] = {"applications": [APPLICATION], "break_glass": {"users": [FIRST, SECOND]}}
FACTS = Path(__file__).parents[2] / "docs" / "facts.md"
GROUP: dict[str, Any] = {"display_name": "Compliance", "owners": [FIRST], "members": [SECOND]}


def mistakes(**governance: Any) -> dict[str, str]:
    """The reasons, by their places."""
    return {one.path.removeprefix("governance."): one.reason for one in read(block(governance=governance)).mistakes}


def settings(**governance: Any) -> TenantSettings:
    return TenantSettings.model_validate(block(governance=governance))


def warnings(**governance: Any) -> list[str]:
    return [one for one in settings(**governance).warnings() if one.startswith("governance.")]


def people(**groups: Any) -> dict[str, Any]:
    return {"people": {"groups": groups}}


def test_the_default_is_the_safe_one_and_says_nothing() -> None:
    access = settings(conditional_access=ACCESS)
    assert access.governance
    assert access.governance.conditional_access
    wished = access.governance.conditional_access
    assert (wished.state, wished.action, wished.risk) == ("report-only", "block", "elevated")
    assert (wished.exclude_external_users, wished.all_resources) == (True, False)
    assert warnings(conditional_access=ACCESS, **people(some=GROUP)) == []


@pytest.mark.parametrize("state", ["report-only", "enabled", "disabled"])
@pytest.mark.parametrize("spared", [None, {}, {"users": []}, {"users": [], "groups": []}])
def test_no_policy_is_without_emergency_accounts(state: str, spared: dict[str, Any] | None) -> None:
    access = {"applications": [APPLICATION], "state": state}
    told = mistakes(conditional_access=access if spared is None else {**access, "break_glass": spared})
    assert list(told) == ["conditional_access.break_glass"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"applications": ["All"]}, "applications.0"),
        ({"applications": ["ChatGPT Enterprise"]}, "applications.0"),
        ({"applications": []}, "applications"),
        ({"all_resources": True}, "applications"),
        ({"break_glass": {"users": ["admin@contoso.example"]}}, "break_glass.users.0"),
        ({"break_glass": {"users": ["00000000-0000-0000-0000-000000000000"]}}, "break_glass.users.0"),
        ({"break_glass": {"users": [SECOND, SECOND]}}, "break_glass.users"),
        ({"break_glass": {"users": [FIRST], "groups": [FIRST]}}, "break_glass"),
        ({"applications": [APPLICATION, APPLICATION]}, "applications"),
        ({"risk": "high"}, "risk"),
        ({"action": "allow"}, "action"),
        ({"state": "report_only"}, "state"),
    ],
)
def test_what_means_nothing_or_everything_is_refused(changes: dict[str, Any], field: str) -> None:
    assert list(mistakes(conditional_access={**ACCESS, **changes})) == [f"conditional_access.{field}"]


def test_ids_are_in_small_letters_as_entra_has_them() -> None:
    shouted = "ABCDEF12-0000-4000-8000-ABCDEF123456"
    access = settings(conditional_access={**ACCESS, "applications": [shouted]}).governance
    assert access
    assert access.conditional_access
    assert access.conditional_access.applications == (shouted.lower(),)
    twice = {**ACCESS, "break_glass": {"users": [shouted, shouted.lower()]}}
    assert mistakes(conditional_access=twice) == {
        "conditional_access.break_glass.users": f"it names {shouted.lower()} twice"
    }


def test_the_whole_tenant_is_meant_only_on_purpose() -> None:
    wide = {"all_resources": True, "break_glass": ACCESS["break_glass"]}
    assert mistakes(conditional_access=wide) == {}
    [enabled, everything] = warnings(conditional_access={**wide, "state": "enabled"})
    assert "whoever has elevated insider risk is kept out" in enabled
    assert "kept out of everything" in everything


def test_one_account_and_people_of_other_tenants_are_said() -> None:
    one = {**ACCESS, "break_glass": {"users": [FIRST]}, "exclude_external_users": False}
    [alone, others] = warnings(conditional_access=one)
    assert "Microsoft advises two" in alone
    assert "people of other tenants" in others
    assert warnings(conditional_access={**ACCESS, "break_glass": {"groups": [FIRST]}}) == []


@pytest.mark.parametrize(
    ("groups", "field"),
    [
        ({}, "people.groups"),
        ({"some": {"display_name": "x"}}, "people.groups.some.owners"),
        ({"some": {**GROUP, "owners": []}}, "people.groups.some.owners"),
        ({"some": {**GROUP, "members": ["heidi"]}}, "people.groups.some.members.0"),
        ({"some": {**GROUP, "members": [FIRST, FIRST]}}, "people.groups.some.members"),
        ({"some": {**GROUP, "directory_roles": ["Global Administrator"]}}, "people.groups.some.directory_roles.0"),
        ({"some": {**GROUP, "directory_roles": ["Security Reader"] * 2}}, "people.groups.some.directory_roles"),
        ({"some": {**GROUP, "role_groups": [" "]}}, "people.groups.some.role_groups.0"),
        ({"some": GROUP, "other": {**GROUP, "display_name": "COMPLIANCE"}}, "people.groups"),
    ],
)
def test_groups_have_owners_names_of_their_own_and_no_role_over_the_tenant(groups: dict[str, Any], field: str) -> None:
    assert list(mistakes(people={"groups": groups})) == [field]


def test_who_administers_and_reads_and_who_is_nobody_is_said() -> None:
    for role_group in (CONTENT_VIEWER, CONTENT_VIEWER.lower()):
        both = {**GROUP, "directory_roles": ["Compliance Administrator"], "role_groups": [role_group]}
        [mixed] = warnings(**people(some=both))
        assert "two groups keep the two apart" in mixed
    [empty] = warnings(**people(some={**GROUP, "members": []}))
    assert "nobody is in the group" in empty


def test_what_only_the_portal_does_is_a_step() -> None:
    tenant = settings(**people(viewers={**GROUP, "role_groups": [CONTENT_VIEWER]}))
    [step] = [one for one in steps_of("contoso", tenant) if one.key.startswith("role-group")]
    assert step.key == "role-group-compliance-content-explorer-content-viewer"
    assert 'Entra group "Compliance" into the role group Content Explorer Content Viewer' in step.text
    told = readme("contoso", "/accounts/a", tenant)
    assert told.count(CONTENT_VIEWER) == 1, "the app's own step says no more than that of the group"
    assert '* put the Entra group "Compliance" into' in told
    assert "for the people" not in readme("contoso", "/accounts/a", settings(**people(some=GROUP)))


def test_a_search_for_claude_shows_its_ediscovery_and_one_for_another_app_does_not() -> None:
    claude = {"app": "claude-enterprise", "workspace_id": FIRST, "capabilities": ["ediscovery"]}

    def shown(app: str, **more: str) -> tuple[str, ...]:
        case = {"case": {"name": "AI interactions"}, "searches": {"one": {"app": app, **more}}}
        tenant = TenantSettings.model_validate(block(sources__claude=claude, governance={"ediscovery": case}))
        [step] = [one for one in steps_of("contoso", tenant) if one.key == "ediscovery"]
        return step.shown_by

    assert shown("claude-enterprise", query="ItemClass:One") == ("governance.case", "governance.search.one")
    assert shown("chatgpt-enterprise") == ()


def test_every_role_has_an_id_of_its_own_with_a_source() -> None:
    assert len({role.role_id for role in DirectoryRole}) == len(DirectoryRole)
    known = FACTS.read_text()
    assert [role for role in DirectoryRole if role.role_id not in known] == []
