"""In what Purview accounts differ from each other."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import AUDIENCES, PURVIEW, Person
from sandboxes import local_azure
from whole_chain import (
    ACCOUNT,
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SCAN_API,
    SOURCE,
    TRIGGER,
    connection_body,
    credential_body,
    scan_body,
    source_body,
    tried,
    trigger_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure

TENANT_HOST = f"https://{seed.TENANT}-api.purview-service.microsoft.com"
SCANNING = {"api-version": "2023-09-01"}


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(autouse=True)
def _as_it_was_seeded(azure: LocalAzure) -> Iterator[None]:
    yield
    azure.set_circumstances(Circumstances())


@pytest.fixture
def scan(operator: Person) -> None:
    """A scan, and all that it refers to."""
    for url, body in (
        (CONNECTION, connection_body()),
        (CREDENTIAL, credential_body()),
        (SOURCE, source_body()),
        (SCAN, scan_body()),
    ):
        operator.do("PUT", url, json=body)


def endpoints(person: Person, version: str = "2021-12-01") -> dict[str, str]:
    """Where ARM says that the account answers."""
    return person.get(ACCOUNT, **{"api-version": version})["properties"].get("endpoints", {})


def on_the_tenants_host(person: Person, path: str = "/scan/datasources") -> httpx.Response:
    return person.ask("GET", TENANT_HOST + path, audience=AUDIENCES[PURVIEW], params=dict(SCANNING))


def test_an_account_begins_with_a_host_of_its_own(operator: Person) -> None:
    assert endpoints(operator)["scan"] == f"{PURVIEW}/scan"
    assert on_the_tenants_host(operator).status_code == 200


def test_arm_may_report_the_tenants_host_while_the_accounts_own_answers(azure: LocalAzure, operator: Person) -> None:
    azure.set_circumstances(Circumstances(host="tenant"))
    assert endpoints(operator)["scan"] == f"{TENANT_HOST}/scan"
    assert operator.ask("GET", f"{SCAN_API}/datasources").status_code == 200
    assert on_the_tenants_host(operator).status_code == 200


def test_an_account_may_have_no_host_of_its_own(azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(host="tenant-only"))
    token = {"authorization": f"Bearer {azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES[PURVIEW])}"}
    for url in (f"{SCAN_API}/datasources", f"https://{seed.ACCOUNT}.scan.purview.azure.com/datasources"):
        with azure.client() as client, pytest.raises(httpx.ProxyError, match="502"):
            client.get(url, params=SCANNING, headers=token)
    with azure.client() as client:
        assert on_the_tenants_host(Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)).status_code == 200


def test_a_connection_that_is_still_open_does_not_bring_the_host_back(azure: LocalAzure, operator: Person) -> None:
    assert operator.ask("GET", f"{SCAN_API}/datasources").status_code == 200
    azure.set_circumstances(Circumstances(host="tenant-only"))
    assert refused(operator.ask("GET", f"{SCAN_API}/datasources"), 404, "AccountNotFound")


@pytest.mark.parametrize(("host", "base"), [("classic", PURVIEW), ("tenant", TENANT_HOST)])
def test_the_reported_address_may_lack_its_path(azure: LocalAzure, operator: Person, host: Any, base: str) -> None:
    azure.set_circumstances(Circumstances(host=host, scan_endpoint="bare"))
    for version in ("2021-12-01", "2024-04-01-preview"):
        found = endpoints(operator, version)
        assert (found["scan"], found["catalog"]) == (base, f"{base}/catalog")


def test_an_account_that_carries_the_billing_only_has_no_address(azure: LocalAzure, operator: Person) -> None:
    azure.set_circumstances(Circumstances(scan_endpoint="missing"))
    for version in ("2021-12-01", "2024-04-01-preview"):
        assert endpoints(operator, version) == {}


def test_the_tenants_host_may_refuse_applications_without_a_word(azure: LocalAzure, operator: Person) -> None:
    azure.set_circumstances(Circumstances(host="tenant", tenant_host_refuses_applications=True))
    for path in ("/scan/datasources", "/account/collections", "/policystore/metadataPolicies"):
        versions = {"/scan/datasources": "2023-09-01", "/account/collections": "2019-11-01-preview"}
        params = {"api-version": versions.get(path, "2021-07-01")}
        answer = operator.ask("GET", TENANT_HOST + path, audience=AUDIENCES[PURVIEW], params=params)
        assert (answer.status_code, answer.content) == (403, b"")
        assert "x-ms-error-code" not in answer.headers
    assert operator.ask("GET", f"{SCAN_API}/datasources").status_code == 200


def test_a_connector_may_take_no_triggers(azure: LocalAzure, operator: Person, scan: None) -> None:
    del scan
    azure.set_circumstances(Circumstances(takes_triggers=False))
    for method, url in (("PUT", TRIGGER), ("GET", TRIGGER), ("POST", f"{TRIGGER}:enable"), ("DELETE", TRIGGER)):
        body = trigger_body() if method == "PUT" else None
        assert "not supported" in refused(operator.ask(method, url, json=body), 400, "OperationNotSupported")
    azure.set_circumstances(Circumstances())
    assert operator.ask("PUT", TRIGGER, json=trigger_body()).status_code == 201
    operator.do("DELETE", TRIGGER)


def test_a_service_may_have_no_test_of_connections(azure: LocalAzure, operator: Person, scan: None) -> None:
    del scan
    azure.set_circumstances(Circumstances(tests_connections=False))
    answer = tried(operator)
    assert (answer.status_code, answer.content) == (404, b"")


def names_by_page(person: Person, url: str, params: dict[str, str]) -> list[list[str]]:
    """The names on each page of a list, as its links lead through them."""
    pages: list[list[str]] = []
    page = person.get(url, **params)
    while True:
        pages.append([one.get("name") or one["id"] for one in page["value"]])
        if not page.get("nextLink"):
            assert sum(len(names) for names in pages) == page["count"]
            return pages
        page = followed(person, page["nextLink"]).json()


def followed(person: Person, link: str) -> httpx.Response:
    """What a link leads to, all of its query kept."""
    there = httpx.URL(link)
    return person.ask("GET", link.partition("?")[0], audience=AUDIENCES[PURVIEW], params=dict(there.params))


def test_lists_may_come_page_by_page(azure: LocalAzure, operator: Person, scan: None) -> None:
    del scan
    lists = {
        f"{SCAN_API}/datasources": SCANNING,
        f"{SCAN_API}/azureKeyVaults": SCANNING,
        f"{SOURCE}/scans": SCANNING,
        f"{SCAN}/runs": SCANNING,
        f"{PURVIEW}/account/collections": {"api-version": "2019-11-01-preview"},
        f"{PURVIEW}/account/collections/{seed.ACCOUNT}/getChildCollectionNames": {"api-version": "2023-10-01-preview"},
    }
    for number in range(2):
        operator.do("PUT", f"{SCAN_API}/azureKeyVaults/vault-{number}", json=connection_body())
        operator.do("PUT", f"{SOURCE}/scans/another-{number}", json=scan_body())
        operator.run_again()
    whole = {url: names_by_page(operator, url, params) for url, params in lists.items()}
    assert all(len(pages) == 1 for pages in whole.values())
    azure.set_circumstances(Circumstances(page_size=1))
    for url, params in lists.items():
        assert names_by_page(operator, url, params) == [[name] for name in whole[url][0]]
    azure.set_circumstances(Circumstances(page_size=2))
    assert [len(page) for page in names_by_page(operator, f"{SCAN_API}/azureKeyVaults", SCANNING)] == [2, 1]


def test_pages_are_linked_on_the_host_that_was_asked(azure: LocalAzure, operator: Person, scan: None) -> None:
    del scan
    operator.do("PUT", f"{SCAN_API}/azureKeyVaults/another", json=connection_body())
    azure.set_circumstances(Circumstances(page_size=1))
    older = f"https://{seed.ACCOUNT}.scan.purview.azure.com"
    for base in (f"{TENANT_HOST}/scan", older):
        asked = {"audience": AUDIENCES[PURVIEW], "params": dict(SCANNING)}
        link = operator.ask("GET", f"{base}/azureKeyVaults", **asked).json()["nextLink"]
        assert link.startswith(f"{base}/azureKeyVaults?")
        assert followed(operator, link).status_code == 200


@pytest.mark.parametrize("token", ["page-2", "from-999", "from--1"])
def test_a_made_up_token_leads_to_no_page(operator: Person, token: str) -> None:
    answer = operator.ask("GET", f"{SCAN_API}/datasources", params={**SCANNING, "$skipToken": token})
    assert refused(answer, 400, "InvalidInput")


def test_circumstances_that_make_no_sense_are_refused(azure: LocalAzure) -> None:
    url = f"{azure.admin_url}/accounts/{seed.ACCOUNT}/circumstances"
    for body in ({"host": "elsewhere"}, {"page_size": 0}, {"pages": 1}):
        assert httpx.put(url, json=body, trust_env=False).status_code == 422
    assert httpx.get(url, trust_env=False).json() == Circumstances().model_dump()
    assert httpx.get(url.replace(seed.ACCOUNT, f"no-{uuid.uuid4()}"), trust_env=False).status_code == 404


def test_circumstances_outlive_the_sandbox(tmp_path: Path) -> None:
    with local_azure(tmp_path) as azure:
        azure.set_circumstances(Circumstances(host="tenant", page_size=3))
        azure.kill()
    with local_azure(tmp_path) as again, again.client() as client:
        who = Person(again, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        assert endpoints(who)["scan"] == f"{TENANT_HOST}/scan"
