"""Accounts that a deployment must not trust blindly: without an identity, unfinished, or a meter only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import ARM, AUDIENCES, PURVIEW
from whole_chain import ACCOUNT, SUBSCRIPTION, WholeChain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person

METER = ACCOUNT.replace(seed.ACCOUNT, "contoso-meter")
DEFAULT = f"{ARM}/providers/Microsoft.Purview/getDefaultAccount"
TENANT_HOST = f"https://{seed.TENANT}-api.purview-service.microsoft.com"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(autouse=True)
def _as_it_was_seeded(azure: LocalAzure) -> Iterator[None]:
    yield
    azure.set_circumstances(Circumstances())


def shown(person: Person, url: str = ACCOUNT) -> dict[str, Any]:
    return person.get(url, **{"api-version": "2024-04-01-preview"})


def default_of(person: Person) -> httpx.Response:
    return person.ask("GET", DEFAULT, params={"scopeTenantId": seed.TENANT, "scopeType": "Tenant"})


def test_without_an_identity_of_its_own_an_account_reads_no_key(
    azure: LocalAzure, chain: WholeChain, operator: Person
) -> None:
    azure.set_circumstances(Circumstances(identity="none"))
    assert shown(operator)["identity"] == {"type": "None"}
    assert "ForbiddenByRbac" in chain.reason_of_failure()
    azure.set_circumstances(Circumstances(identity="user-assigned"))
    identity = shown(operator)["identity"]
    assert (identity["type"], "principalId" in identity) == ("UserAssigned", False)
    assert "ForbiddenByRbac" in chain.reason_of_failure()
    azure.set_circumstances(Circumstances())
    assert chain.run()["status"] == "Succeeded"


@pytest.mark.parametrize("state", ["Creating", "SoftDeleted", "Failed"])
def test_an_account_may_be_in_another_state(azure: LocalAzure, operator: Person, state: Any) -> None:
    azure.set_circumstances(Circumstances(provisioning_state=state))
    properties = shown(operator)["properties"]
    assert (properties["provisioningState"], properties["accountStatus"]["accountProvisioningState"]) == (state, state)


def test_a_meter_looks_like_an_account_and_has_no_data_map(azure: LocalAzure, operator: Person) -> None:
    azure.add_account("contoso-meter", Circumstances(billing_only=True))
    ours, meter = shown(operator), shown(operator, METER)
    assert alike(meter) == alike(ours)
    listed = operator.get(f"{SUBSCRIPTION}/providers/Microsoft.Purview/accounts")["value"]
    assert [one["name"] for one in listed] == [seed.ACCOUNT, "contoso-meter"]
    assert default_of(operator).json()["accountName"] == seed.ACCOUNT
    token = azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES[PURVIEW])
    with azure.client() as client, pytest.raises(httpx.ProxyError, match="502"):
        client.get(
            "https://contoso-meter.purview.azure.com/scan/datasources",
            params={"api-version": "2023-09-01"},
            headers={"authorization": f"Bearer {token}"},
        )


def alike(account: dict[str, Any]) -> list[str]:
    """Everything that an account has, by name: what could tell one from another."""
    return sorted([*account, *account["properties"], *account["identity"]])


def test_the_tenants_host_is_never_a_meters(azure: LocalAzure, operator: Person) -> None:
    azure.set_circumstances(Circumstances(billing_only=True))
    params = {"api-version": "2023-09-01"}
    answer = operator.ask("GET", f"{TENANT_HOST}/scan/datasources", audience=AUDIENCES[PURVIEW], params=params)
    assert refused(answer, 404, "AccountNotFound")
    assert refused(default_of(operator), 404, "ResourceNotFound")


def test_a_tenant_may_have_no_default_account(azure: LocalAzure, operator: Person) -> None:
    azure.set_circumstances(Circumstances(default_of_tenant=False))
    assert refused(default_of(operator), 404, "ResourceNotFound")
    assert operator.ask("GET", f"{PURVIEW}/scan/datasources").status_code == 200
