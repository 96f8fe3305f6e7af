"""Log Analytics workspaces, and who may send logs there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import ARM
from whole_chain import GROUP, LOG_WORKSPACE_ID, VAULT, role_body, role_url, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

WORKSPACES = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces"
SETTING = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def setting_body(workspace: str = LOG_WORKSPACE_ID) -> dict[str, Any]:
    return {"properties": {"workspaceId": workspace, "logs": [{"category": "AuditEvent", "enabled": True}]}}


def test_a_workspace_is_there_from_the_start(operator: Person, deployer: Person) -> None:
    found = deployer.get(ARM + LOG_WORKSPACE_ID)
    assert found["name"] == seed.LOG_WORKSPACE
    assert found["properties"]["provisioningState"] == "Succeeded"
    assert [one["name"] for one in operator.get(WORKSPACES)["value"]] == [seed.LOG_WORKSPACE]
    assert refused(operator.ask("GET", f"{WORKSPACES}/law-nowhere"), 404, "ResourceNotFound")


def test_a_workspace_keeps_its_customer_id(operator: Person) -> None:
    url = f"{WORKSPACES}/law-of-another-team"
    made = operator.do("PUT", url, json={"location": "West Europe"})
    again = operator.do("PUT", url, json={"location": "westeurope", "properties": {"retentionInDays": 90}})
    assert (made["location"], again["properties"]["retentionInDays"]) == ("westeurope", 90)
    assert made["properties"]["customerId"] == again["properties"]["customerId"]
    operator.do("DELETE", url)
    assert operator.ask("DELETE", url).status_code == 204


def test_a_setting_to_a_workspace_that_is_not_there_is_refused(operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    answer = operator.ask("PUT", SETTING, json=setting_body(f"{LOG_WORKSPACE_ID}-not"))
    assert (answer.status_code, answer.json()["code"]) == (404, "ResourceNotFound")
    operator.do("PUT", SETTING, json=setting_body())


def test_who_may_not_use_the_workspace_cannot_send_logs_there(operator: Person, stranger: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())
    operator.do("PUT", role_url(VAULT), json=role_body(seed.CONTRIBUTOR, seed.STRANGER_ID))
    says = refused(stranger.ask("PUT", SETTING, json=setting_body()), 403, "LinkedAuthorizationFailed")
    assert "Microsoft.OperationalInsights/workspaces/sharedKeys/action" in says
    assert LOG_WORKSPACE_ID in says
