"""Purview accounts in ARM: made, changed, deleted, and what comes and goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import ARM, AUDIENCES, GRAPH, PURVIEW, Person
from sandboxes import FOR_EVER_S, local_azure
from waiting import until
from whole_chain import ACCOUNT, GROUP, SECRETS_USER, SUBSCRIPTION, account_body, role_body, role_url, settled_account

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

VERSION = {"api-version": "2024-04-01-preview"}
NEW = f"{GROUP}/providers/Microsoft.Purview/accounts/contoso-new"
NEW_HOST = "https://contoso-new.purview.azure.com"
PRINCIPALS = f"{GRAPH}/v1.0/servicePrincipals"


def put(person: Person, url: str = NEW, **more: Any) -> httpx.Response:
    return person.ask("PUT", url, params=dict(VERSION), json=account_body(**more))


def made(person: Person, **more: Any) -> dict[str, Any]:
    """A fresh account in the place of the seeded one, ready."""
    person.do("DELETE", ACCOUNT)
    assert settled_account(person) is None
    assert put(person, **more).status_code == 201
    found = settled_account(person, NEW)
    assert found is not None
    return found


def collections(person: Person, host: str = NEW_HOST) -> httpx.Response:
    params = {"api-version": "2019-11-01-preview"}
    return person.ask("GET", f"{host}/account/collections", audience=AUDIENCES[PURVIEW], params=params)


def test_a_tenant_has_one_account(operator: Person) -> None:
    says = refused(put(operator), 409, "Conflict")
    assert says == (
        "Validation failed for contoso-new. An Enterprise Tenant-level Purview Account already exists for tenant "
        f"with ID: {seed.TENANT}."
    )


def test_an_account_is_made_in_its_own_time_with_an_identity_of_its_own(operator: Person) -> None:
    before = {one["id"] for one in operator.get(PRINCIPALS)["value"]} - {seed.PURVIEW_IDENTITY}
    found = made(operator, tags={"team": "security"})
    assert found["tags"] == {"team": "security"}
    assert found["properties"]["provisioningState"] == "Succeeded"
    assert found["properties"]["endpoints"]["scan"] == f"{NEW_HOST}/scan"
    identity = operator.get(f"{PRINCIPALS}/{found['identity']['principalId']}")
    assert (identity["displayName"], identity["servicePrincipalType"]) == ("contoso-new", "ManagedIdentity")
    assert {one["id"] for one in operator.get(PRINCIPALS)["value"]} - before == {identity["id"]}
    [root] = collections(operator).json()["value"]
    assert root["name"] == "contoso-new"
    default = operator.get(
        f"{ARM}/providers/Microsoft.Purview/getDefaultAccount", scopeTenantId=seed.TENANT, scopeType="Tenant"
    )
    assert (default["accountName"], default["resourceGroupName"]) == ("contoso-new", seed.TENANT_GROUP)


def test_until_it_is_made_it_has_no_data_map(tmp_path: Path) -> None:
    with local_azure(tmp_path, pace=0.02) as azure, azure.client() as client:
        operator = person(azure, client)
        operator.do("DELETE", ACCOUNT)
        assert settled_account(operator) is None
        azure.stop()
    with local_azure(tmp_path, pace=FOR_EVER_S) as azure, azure.client() as client:
        operator = person(azure, client)
        answer = put(operator)
        assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Creating")
        with pytest.raises(httpx.ProxyError, match="502"):
            collections(operator)
        assert refused(put(operator), 409, "Conflict")


def person(azure: LocalAzure, client: httpx.Client) -> Person:
    return Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


def test_who_may_write_in_a_group_may_make_an_account_and_nobody_else(deployer: Person, operator: Person) -> None:
    operator.do("DELETE", ACCOUNT)
    assert settled_account(operator) is None
    assert refused(put(deployer, ACCOUNT), 403, "AuthorizationFailed")
    assert put(deployer).status_code == 201
    settled_account(operator, NEW)
    assert collections(deployer).status_code == 200
    assert collections(operator).status_code == 403


def test_an_accounts_name_keeps_to_its_form(operator: Person) -> None:
    operator.do("DELETE", ACCOUNT)
    assert settled_account(operator) is None
    for name in ("no_underscore", "ab", "-x-y-z", "x" * 64):
        assert refused(put(operator, NEW.replace("contoso-new", name)), 400, "InvalidResourceName")
        assert available(operator, name)["reason"] == "Invalid"


def test_a_name_that_is_taken_is_not_available(azure: LocalAzure, operator: Person) -> None:
    azure.add_account("contoso-meter", Circumstances(billing_only=True))
    elsewhere = put(operator, NEW.replace("contoso-new", "contoso-meter"))
    assert refused(elsewhere, 409, "AccountNameNotAvailable")
    assert available(operator, "contoso-meter")["reason"] == "AlreadyExists"
    assert available(operator, "contoso-new") == {"nameAvailable": True}


def available(person: Person, name: str) -> dict[str, Any]:
    url = f"{SUBSCRIPTION}/providers/Microsoft.Purview/checkNameAvailability"
    return person.do("POST", url, json={"name": name, "type": "Microsoft.Purview/accounts"})


def test_a_put_replaces_and_a_patch_merges(operator: Person) -> None:
    first = operator.get(ACCOUNT)["identity"]
    again = operator.do("PUT", ACCOUNT, params=dict(VERSION), json=account_body(tags={"a": "b"}))
    assert again["properties"]["accountStatus"] == {"accountProvisioningState": "Updating"}
    assert again["identity"] == first
    settled_account(operator)
    answer = operator.ask("PATCH", ACCOUNT, params=dict(VERSION), json={"tags": {"a": "c"}})
    assert answer.status_code == 202
    where = answer.headers["location"].partition("?")[0]
    until(lambda: operator.ask("GET", where, params=dict(VERSION)).status_code == 200, "the end of the change")
    found = operator.get(ACCOUNT, **VERSION)
    assert (found["tags"], found["identity"]) == ({"a": "c"}, first)
    assert found["properties"]["managedEventHubState"] == "NotSpecified"


def test_the_managed_group_is_said_once(operator: Person) -> None:
    made(operator, properties={"managedResourceGroupName": "rg-managed"})
    operator.do("PUT", NEW, params=dict(VERSION), json=account_body(properties={"managedResourceGroupName": "other"}))
    found = settled_account(operator, NEW)
    assert found is not None
    assert found["properties"]["managedResourceGroupName"] == "rg-managed"


def test_an_account_can_be_made_without_an_identity_and_lose_it(operator: Person) -> None:
    found = made(operator, identity={"type": "None"})
    assert found["identity"] == {"type": "None"}
    operator.do("PUT", NEW, params=dict(VERSION), json=account_body())
    given = settled_account(operator, NEW)
    assert given is not None
    principal = given["identity"]["principalId"]
    operator.do("PUT", NEW, params=dict(VERSION), json=account_body(identity={"type": "None"}))
    assert refused(operator.ask("GET", f"{PRINCIPALS}/{principal}"), 404, "Request_ResourceNotFound")
    settled_account(operator, NEW)
    users = operator.ask("PUT", NEW, params=dict(VERSION), json=account_body(identity={"type": "UserAssigned"}))
    assert refused(users, 400, "IdentityTypeNotSupported")


def test_a_fresh_identity_is_not_known_at_once(azure: LocalAzure, operator: Person) -> None:
    operator.do("DELETE", ACCOUNT)
    assert settled_account(operator) is None
    azure.weather(effect="slow-propagation", checks=2)
    principal = put(operator).json()["identity"]["principalId"]
    azure.fine_weather()
    assert refused(operator.ask("GET", f"{PRINCIPALS}/{principal}"), 404, "Request_ResourceNotFound")
    body = role_body(SECRETS_USER, principal)
    del body["properties"]["principalType"]
    assert refused(operator.ask("PUT", role_url(GROUP), json=body), 400, "PrincipalNotFound")
    operator.do("PUT", role_url(GROUP), json=body)


def test_with_an_account_goes_all_that_was_in_it_and_its_identity(operator: Person) -> None:
    answer = operator.ask("DELETE", ACCOUNT)
    assert answer.status_code == 202
    where = answer.headers["location"].partition("?")[0]
    until(lambda: operator.ask("GET", where, params=dict(VERSION)).status_code == 200, "the end of the deletion")
    assert refused(operator.ask("GET", ACCOUNT), 404, "ResourceNotFound")
    assert operator.ask("DELETE", ACCOUNT).status_code == 204
    gone = operator.ask("GET", f"{PRINCIPALS}/{seed.PURVIEW_IDENTITY}")
    assert refused(gone, 404, "Request_ResourceNotFound")
    operator.do("PUT", ACCOUNT, params=dict(VERSION), json=account_body())
    assert settled_account(operator) is not None
    assert [one["name"] for one in collections(operator, PURVIEW).json()["value"]] == [seed.ACCOUNT]


def test_a_resource_group_takes_its_account_with_it(operator: Person) -> None:
    made(operator)
    operator.do("DELETE", GROUP)
    until(lambda: operator.ask("GET", GROUP).status_code == 404, "the end of the group")
    everywhere = f"{SUBSCRIPTION}/providers/Microsoft.Purview/accounts"
    until(lambda: operator.get(everywhere)["value"] == [], "the end of the account")


def test_an_account_that_is_made_survives_the_sandbox(tmp_path: Path) -> None:
    with local_azure(tmp_path) as azure, azure.client() as client:
        found = made(person(azure, client))
        azure.kill()
    with local_azure(tmp_path) as azure, azure.client() as client:
        assert settled_account(person(azure, client), NEW) == found
