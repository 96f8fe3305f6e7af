"""What is there more than once: tenants, subscriptions, workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from answers import refused
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import ARM
from whole_chain import (
    ACCOUNT,
    CREDENTIAL,
    SCAN_API,
    SOURCE,
    VAULT,
    credential_body,
    scan_body,
    source_body,
)

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person
    from whole_chain import WholeChain

ELSEWHERE = ACCOUNT.replace(seed.SUBSCRIPTION, seed.OTHER_SUBSCRIPTION).replace(seed.ACCOUNT, "fabrikam-purview")


def test_an_account_of_another_tenant_is_refused_before_anything_else(azure: LocalAzure, operator: Person) -> None:
    azure.add_account(
        "fabrikam-purview", Circumstances(), tenant=seed.OTHER_TENANT, subscription=seed.OTHER_SUBSCRIPTION
    )
    for url in (ELSEWHERE, f"{ARM}/subscriptions/{seed.OTHER_SUBSCRIPTION}"):
        answer = operator.ask("GET", url)
        says = refused(answer, 401, "InvalidAuthenticationTokenTenant")
        assert f"'https://sts.windows.net/{seed.TENANT}/'. It must match the tenant" in says
        assert f"'https://sts.windows.net/{seed.OTHER_TENANT}/' associated with this subscription" in says
        assert seed.OTHER_TENANT in answer.headers["www-authenticate"]
    default = f"{ARM}/providers/Microsoft.Purview/getDefaultAccount"
    asked = {"scopeTenantId": seed.OTHER_TENANT, "scopeType": "Tenant"}
    assert refused(operator.ask("GET", default, params=asked), 404, "ResourceNotFound")
    nowhere = f"{ARM}/subscriptions/{seed.OTHER_TENANT}"
    assert refused(operator.ask("GET", nowhere), 404, "SubscriptionNotFound")


def test_a_tenant_may_have_another_subscription(azure: LocalAzure, operator: Person, deployer: Person) -> None:
    azure.add_account("fabrikam-purview", Circumstances(billing_only=True), subscription=seed.OTHER_SUBSCRIPTION)
    assert operator.get(ELSEWHERE)["name"] == "fabrikam-purview"
    assert refused(deployer.ask("GET", ELSEWHERE), 403, "AuthorizationFailed")


def test_two_workspaces_are_captured_side_by_side(chain: WholeChain, operator: Person) -> None:
    operator.do("PUT", f"{VAULT}/secrets/second-key", json={"properties": {"value": seed.OTHER_VENDOR_KEY}})
    credential = credential_body()
    credential["properties"]["typeProperties"]["talon"]["secretName"] = "second-key"
    second = CREDENTIAL.replace("chatgpt-key", "second-key")
    operator.do("PUT", second, json=credential)
    operator.do("PUT", SOURCE.replace("chatgpt", "subsidiary"), json=source_body(seed.OTHER_WORKSPACE))
    scan = "datasources/subsidiary/scans/subsidiary-scan"
    operator.do("PUT", f"{SCAN_API}/{scan}", json=scan_body(credential="second-key"))
    first, other = chain.run(), operator.run_again(scan)
    assert (first["status"], other["status"]) == ("Succeeded", "Succeeded")
    found = [run["discoveryExecutionDetails"]["statistics"]["assets"]["classified"] for run in (first, other)]
    assert found[0] > found[1] > 0
