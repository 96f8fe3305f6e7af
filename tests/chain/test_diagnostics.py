"""Audit logs of vault and account go to a workspace, for whoever may send them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from whole_chain import ACCOUNT, LOG_WORKSPACE_ID, VAULT, role_body, role_url

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant


def settings_of(operator: Person, resource: str) -> list[tuple[str, str, list[str]]]:
    """Name, workspace and groups of each diagnostic setting of a resource."""
    url = f"{resource}/providers/Microsoft.Insights/diagnosticSettings"
    found = operator.get(url, **{"api-version": "2021-05-01-preview"})["value"]
    return [
        (
            one["name"],
            one["properties"]["workspaceId"],
            [log["categoryGroup"] for log in one["properties"]["logs"] if log["enabled"]],
        )
        for one in found
    ]


@pytest.mark.deployed
def test_audit_logs_of_vault_and_account_go_to_a_workspace(tenant: Tenant, operator: Person) -> None:
    tenant.change({"diagnostics": {"workspace": LOG_WORKSPACE_ID}})
    refused = tenant.up().must_fail()
    assert "the audit logs of contoso-purview were not sent to the workspace" in refused.words
    assert "Monitoring Contributor" in refused.words
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))
    tenant.up().must_succeed()
    wanted = [("purview-ai-sandbox", LOG_WORKSPACE_ID, ["audit"])]
    assert settings_of(operator, VAULT) == settings_of(operator, ACCOUNT) == wanted
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    tenant.change({"diagnostics.account": False})
    assert tenant.preview().must_succeed().steps == {"diagnostics-account": "delete"}
    tenant.destroy().must_succeed()
    assert settings_of(operator, ACCOUNT) == []


@pytest.mark.deployed
def test_a_workspace_that_is_not_there_or_closed_is_told(tenant: Tenant) -> None:
    elsewhere = LOG_WORKSPACE_ID.replace(seed.TENANT_GROUP, seed.GOVERNANCE_GROUP)
    for workspace, help_ in (
        (elsewhere, "needs Log Analytics Contributor on the workspace"),
        (LOG_WORKSPACE_ID.replace(seed.LOG_WORKSPACE, "law-nobody"), "Does the workspace exist?"),
    ):
        tenant.change({"diagnostics": {"workspace": workspace, "account": False}})
        refused = tenant.up().must_fail()
        assert help_ in refused.words
        assert "docs/troubleshooting.md#diagnostics" in refused.words


def test_what_is_no_id_of_a_workspace_is_refused(tenant: Tenant) -> None:
    tenant.change({"diagnostics": {"workspace": "law-contoso"}})
    refused = tenant.preview().must_fail()
    assert "diagnostics.workspace = 'law-contoso'" in refused.words
    assert "/providers/Microsoft.OperationalInsights/workspaces/" in refused.words
