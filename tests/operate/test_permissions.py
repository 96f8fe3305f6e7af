"""``purview-ai permissions``: what each identity needs, for a page, for one tenant, and for machines."""

from __future__ import annotations

import json
import subprocess

import pytest
from purview_ai.permissions import as_markdown, needs_of
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block
from tenants import CHECKOUT

CLAUDE = {"claude": {"app": "claude-enterprise", "workspace_id": "33333333-3333-4333-8333-333333333333"}}
A_GUID = f"{'1' * 8}-1111-1111-1111-{'1' * 12}"
ACCESS = {"applications": [A_GUID], "break_glass": {"users": [A_GUID]}}
SOME = {"display_name": "Some", "owners": [A_GUID]}
ROLE = {"directory_roles": ["Compliance Administrator"]}


def permissions(*words: str) -> str:
    """What the command says."""
    done = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "purview-ai", "permissions", *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_readme_shows_what_the_data_says() -> None:
    assert as_markdown() in (CHECKOUT / "README.md").read_text(), "purview-ai permissions --markdown"
    assert permissions("--markdown").strip() == as_markdown()


@pytest.mark.parametrize(
    ("changes", "role", "needed"),
    [
        ({}, "AppRoleAssignment.ReadWrite.All", True),
        ({"grants": "expected"}, "AppRoleAssignment.ReadWrite.All", False),
        ({"grants": {"create_service_principal": True}}, "Application.ReadWrite.All", True),
        ({}, "Application.ReadWrite.All", False),
        ({"vault__create_resource_group": True}, "Contributor and User Access Administrator", True),
        ({"purview__collection": {"name": "new-one", "create": True}}, "makes the collection", True),
        ({}, "makes the collection", False),
        ({}, "User Access Administrator (or Key Vault Data Access Administrator)", True),
        ({"vault__access": "access-policy"}, "User Access Administrator (or", False),
        ({"diagnostics": {"workspace": f"/subscriptions/{'1' * 8}-1111-1111-1111-{'1' * 12}/resourceGroups/a"
          "/providers/Microsoft.OperationalInsights/workspaces/b"}}, "Log Analytics Contributor", True),
        ({"alerts": {}}, "Monitoring Contributor", True),
        ({}, "Monitoring Contributor", False),
        ({"sources__chatgpt__key": {"secret": "a-key", "origin": "vault"}}, "try a key that somebody else keeps", True),
        ({}, "try a key that somebody else keeps", False),
        ({}, "for `preflight` to see whether the deployer holds its roles there", True),
        ({"sources": CLAUDE}, "Purview.ProcessConversationMessages.All", False),
        ({"governance": {"conditional_access": ACCESS}}, "Policy.ReadWrite.ConditionalAccess", True),
        ({"governance": {"conditional_access": ACCESS}}, "Group.ReadWrite.All", False),
        ({"governance": {"people": {"groups": {"some": SOME}}}}, "Group.ReadWrite.All", True),
        ({"governance": {"people": {"groups": {"some": SOME}}}}, "RoleManagement.ReadWrite.Directory", False),
        ({"governance": {"people": {"groups": {"some": SOME | ROLE}}}}, "RoleManagement.ReadWrite.Directory", True),
        ({}, "Policy.Read.All", False),
        ({"governance": {"ediscovery": {"case": {"name": "AI"}}}}, "eDiscovery.ReadWrite.All", True),
        ({}, "eDiscovery.ReadWrite.All", False),
    ],
)  # fmt: skip
def test_a_tenant_asks_for_what_its_settings_need(changes: dict[str, object], role: str, needed: bool) -> None:  # noqa: FBT001  # a table
    told = "\n".join(map(str, needs_of(TenantSettings.model_validate(block(**changes)))))
    assert (role in told) == needed


def test_nobody_needs_a_search_that_the_cloud_does_not_have() -> None:
    settings = TenantSettings.model_validate(block())
    of_public, of_others = (str([*map(str, needs_of(settings, audit_search=there))]) for there in (True, False))
    assert "AuditLogsQuery" in of_public
    assert "AuditLogsQuery" not in of_others


def test_machines_get_one_entry_for_each_need() -> None:
    told = json.loads(permissions("--stack", "sandbox", "--json"))
    assert {"identity": "who deploys", "where": "Microsoft Graph", "roles": ["Application.Read.All"]}.items() <= next(
        one for one in told if one["where"] == "Microsoft Graph"
    ).items()
    assert "AppRoleAssignment.ReadWrite.All" in permissions("--stack", "sandbox")
