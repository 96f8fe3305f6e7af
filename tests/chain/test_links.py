"""Every link of the chain is needed: take one away, and the run or the deployment fails and names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import ARM, GRAPH, PURVIEW, VAULT, Person

if TYPE_CHECKING:
    from tenants import Tenant

VAULT_ID = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    "/providers/Microsoft.KeyVault/vaults/kv-contoso-ai"
)
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def failed_run(operator: Person) -> str:
    """Why a run that is started now fails."""
    run = operator.run_again()
    assert run["status"] == "Failed", run
    return str(run["errorMessage"])


@pytest.mark.parametrize(
    ("resource", "value"),
    [(seed.PURVIEW_API, "Purview.ProcessConversationMessages.All"), (seed.GRAPH, "User.Read.All")],
)
def test_without_a_grant_the_run_names_the_app_role(deployed: tuple[Tenant, Person], resource: str, value: str) -> None:
    _, operator = deployed
    granted = f"{GRAPH}/v1.0/servicePrincipals/{resource}/appRoleAssignedTo"
    [held] = [g for g in operator.get(granted)["value"] if g["principalId"] == seed.PURVIEW_IDENTITY]
    operator.do("DELETE", f"{granted}/{held['id']}")
    assert value in failed_run(operator)
    again = {name: held[name] for name in ("principalId", "resourceId", "appRoleId")}
    operator.do("POST", granted, json=again)
    assert operator.run_again()["status"] == "Succeeded"


def test_without_its_vault_role_the_purview_identity_cannot_read_the_key(
    deployed: tuple[Tenant, Person],
) -> None:
    _, operator = deployed
    assigned = f"{ARM}{VAULT_ID}/providers/Microsoft.Authorization/roleAssignments"
    version = {"api-version": "2022-04-01"}
    [held] = [
        a
        for a in operator.get(assigned, **version)["value"]
        if a["properties"]["roleDefinitionId"].endswith(SECRETS_USER)
    ]
    operator.do("DELETE", f"{ARM}{held['id']}", params=version)
    reason = failed_run(operator)
    assert "ForbiddenByRbac" in reason
    assert "chatgpt-compliance-key" in reason
    operator.do("PUT", f"{ARM}{held['id']}", params=version, json={"properties": held["properties"]})


def test_without_the_trusted_services_the_firewall_keeps_purview_out(
    deployed: tuple[Tenant, Person],
) -> None:
    _, operator = deployed
    vault = operator.get(ARM + VAULT_ID)
    for bypass, status in (("None", "Failed"), ("AzureServices", "Succeeded")):
        vault["properties"]["networkAcls"]["bypass"] = bypass
        operator.do("PUT", ARM + VAULT_ID, json=vault)
        run = operator.run_again()
        assert run["status"] == status
        assert ("ForbiddenByFirewall" in (run["errorMessage"] or "")) == (status == "Failed")


def test_a_secret_version_that_is_switched_off_stops_the_run(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    version = tenant.recorded("chatgpt-credential")["outputs"]["secret_version"]
    # The operator is not behind the firewall's list by chance: the sandbox's callers share one address.
    secret = f"{VAULT}/secrets/chatgpt-compliance-key/{version}"
    for enabled, status in ((False, "Failed"), (True, "Succeeded")):
        operator.do("PATCH", secret, json={"attributes": {"enabled": enabled}})
        run = operator.run_again()
        assert run["status"] == status
        assert ("SecretDisabled" in (run["errorMessage"] or "")) == (status == "Failed")


def test_a_revoked_key_stops_the_run_and_says_so(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert "key was rejected by api.chatgpt.com" in failed_run(operator)
    tenant.azure.set_vendor_key(seed.VENDOR_KEY)


def test_another_workspace_is_refused_by_the_vendor(tenant: Tenant, operator: Person) -> None:
    tenant.change({"sources.chatgpt.workspace_id": seed.OTHER_WORKSPACE})
    refused = tenant.up().must_fail()
    assert 'scan "chatgpt-scan" was not saved, because its connection test failed' in refused.words
    assert f"workspace {seed.OTHER_WORKSPACE}" in refused.words
    # Without the test the scan is saved, and its run says the same.
    tenant.change({"sources.chatgpt.scan.test_connection": False})
    tenant.up().must_succeed()
    run = operator.run_of()
    assert run["status"] == "Failed"
    assert f"workspace {seed.OTHER_WORKSPACE}" in run["errorMessage"]


def test_a_collection_that_does_not_exist_stops_up_before_anything_is_scanned(tenant: Tenant, operator: Person) -> None:
    tenant.change({"purview.collection": "no-such-collection"})
    failed = tenant.up().must_fail()
    assert 'data source "chatgpt" was not created' in failed.words
    assert "404 ResourceNotFound" in failed.words
    assert "purview.collection" in failed.words
    assert operator.get(f"{PURVIEW}/scan/datasources")["value"] == []
