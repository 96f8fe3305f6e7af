"""Which Purview account captures: by its name, its id or as the tenant's default, made by the stack, or of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import ARM, AUDIENCES, ENDED, PURVIEW
from waiting import until
from whole_chain import ACCOUNT, SUBSCRIPTION, remove_account, role_body, role_url, settled_account

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

ID = ACCOUNT.removeprefix(ARM)
NEW_PURVIEW = PURVIEW.replace(seed.ACCOUNT, "new-purview")
ELSEWHERE = ID.replace(seed.SUBSCRIPTION, seed.OTHER_SUBSCRIPTION).replace(seed.ACCOUNT, "fabrikam-purview")
VERSION = {"api-version": "2021-12-01"}
BY_ID: dict[str, Any] = {"purview.resource_group": None}


def let_read(operator: Person, account: str) -> None:
    """The deployer may read an account, and no more."""
    operator.do("PUT", role_url(account), json=role_body(seed.ACCOUNT_READER, seed.DEPLOYER_ID))


@pytest.mark.parametrize("account", [ID, "default"])
def test_an_account_is_given_by_its_id_or_found_as_the_tenants(tenant: Tenant, operator: Person, account: str) -> None:
    tenant.change({**BY_ID, "purview.account": account})
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    # It is the same one as by its name, so nothing changes with the way in which it is given.
    tenant.change({"purview.account": seed.ACCOUNT, "purview.resource_group": seed.GOVERNANCE_GROUP})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


@pytest.mark.parametrize("account", [ELSEWHERE, "default"])
def test_an_account_of_another_subscription_is_found(tenant: Tenant, operator: Person, account: str) -> None:
    remove_account(operator)
    tenant.azure.add_account("fabrikam-purview", Circumstances(), subscription=seed.OTHER_SUBSCRIPTION)
    tenant.change({**BY_ID, "purview.account": account})
    refused = tenant.preview().must_fail()
    assert "AuthorizationFailed" in refused.words
    assert "docs/troubleshooting.md#purview-account" in refused.words
    let_read(operator, f"{ARM}{ELSEWHERE}")
    assert tenant.preview().must_succeed().steps["chatgpt-scan"] == "create"


def test_a_tenant_without_a_default_account_is_told(tenant: Tenant) -> None:
    tenant.azure.set_circumstances(Circumstances(default_of_tenant=False))
    tenant.change({**BY_ID, "purview.account": "default"})
    refused = tenant.preview().must_fail()
    assert "Azure names none for this tenant" in refused.words
    assert "purview.account and purview.resource_group" in refused.words


def test_an_account_that_only_carries_the_billing_is_refused_with_the_reason(tenant: Tenant, operator: Person) -> None:
    tenant.azure.add_account("contoso-payg", Circumstances(billing_only=True))
    let_read(operator, ACCOUNT.replace(seed.ACCOUNT, "contoso-payg"))
    tenant.azure.forget_requests()
    tenant.change({"purview.account": "contoso-payg"})
    refused = tenant.preview().must_fail()
    assert "contoso-payg may only carry the billing" in refused.words
    assert seed.ACCOUNT in refused.words
    assert "purview.account: default" in refused.words
    assert tenant.writes() == []


def test_an_account_of_another_tenant_is_told(tenant: Tenant) -> None:
    tenant.azure.add_account(
        "fabrikam-purview", Circumstances(), tenant=seed.OTHER_TENANT, subscription=seed.OTHER_SUBSCRIPTION
    )
    tenant.change({**BY_ID, "purview.account": ELSEWHERE})
    refused = tenant.preview().must_fail()
    assert "InvalidAuthenticationTokenTenant" in refused.words
    assert "belong to the tenant that is signed in to" in refused.words
    tenant.set_config({"azure-native:subscriptionId": seed.OTHER_SUBSCRIPTION})
    tenant.change({"purview.account": "fabrikam-purview", "purview.resource_group": seed.GOVERNANCE_GROUP})
    refused = tenant.preview().must_fail()
    assert "InvalidAuthenticationTokenTenant" in refused.words
    assert "belong to the tenant that is signed in to" in refused.words


@pytest.mark.parametrize(
    ("state", "help_"), [("Creating", "Wait until that is over"), ("SoftDeleted", "Azure portal"), ("Failed", "portal")]
)
@pytest.mark.parametrize("account", [seed.ACCOUNT, "default"])
def test_an_account_in_another_state_is_told(tenant: Tenant, state: Any, help_: str, account: str) -> None:
    tenant.azure.set_circumstances(Circumstances(provisioning_state=state))
    tenant.change({"purview.account": account, **(BY_ID if account == "default" else {})})
    refused = tenant.preview().must_fail()
    assert f"Azure says that it is {state}" in refused.words
    assert help_ in refused.words


@pytest.mark.parametrize("identity", ["none", "user-assigned"])
@pytest.mark.parametrize("account", [seed.ACCOUNT, "default"])
def test_an_account_without_an_identity_of_its_own_is_told(tenant: Tenant, identity: Any, account: str) -> None:
    tenant.azure.set_circumstances(Circumstances(identity=identity))
    tenant.change({"purview.account": account, **(BY_ID if account == "default" else {})})
    refused = tenant.preview().must_fail()
    assert f"Purview account {seed.ACCOUNT} has no system-assigned identity" in refused.words


def test_an_account_is_made_when_asked_for_and_stays(tenant: Tenant, operator: Person) -> None:
    tenant.change({"purview.create": True, "purview.collection": "new-purview", "purview.account": "new-purview"})
    refused = tenant.up().must_fail()
    assert "AuthorizationFailed" in refused.words
    scope = f"{SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    operator.do("PUT", role_url(scope), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))
    refused = tenant.up().must_fail()
    assert "Account already exists for tenant" in refused.words
    assert "purview.account: default" in refused.words

    remove_account(operator)
    warned = tenant.preview().must_succeed()
    assert "purview.deployer_access: true gives the roles to register and scan" in warned.words
    readers = {"purview-reader": [seed.OPERATOR_ID]}
    tenant.change({"purview.deployer_access": True, "purview.roles": readers, "protect": True})
    shown = tenant.preview().must_succeed().steps
    done = tenant.up().must_succeed()
    assert set(done.steps) == set(shown)
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    runs = f"{NEW_PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan/runs"

    def ended() -> list[str]:
        answer = operator.ask("GET", runs, audience=AUDIENCES[PURVIEW], params={"api-version": "2023-09-01"})
        return [one["status"] for one in answer.json()["value"] if one["status"] in ENDED]

    assert until(ended, "the end of the first run") == ["Succeeded"]

    tenant.change({"protect": False})
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    assert settled_account(operator, ACCOUNT.replace(seed.ACCOUNT, "new-purview")) is not None
    again = tenant.up().must_fail()
    assert "purview.create: false" in again.words
