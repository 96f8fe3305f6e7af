"""The Data Map's objects: Key Vault connections, credentials, data sources, scans."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import PURVIEW
from whole_chain import (
    ACCOUNT,
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SCAN_API,
    SOURCE,
    SUBSCRIPTION,
    connection_body,
    credential_body,
    reference,
    scan_body,
    source_body,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.process import LocalAzure
    from people import Person


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def objects(operator: Person) -> None:
    """One object of each kind in its place; what a test left behind goes first."""
    for source in operator.get(f"{SCAN_API}/datasources")["value"]:
        for scan in operator.get(f"{SCAN_API}/{source['id']}/scans")["value"]:
            operator.do("DELETE", f"{SCAN_API}/{scan['id']}")
        operator.do("DELETE", f"{SCAN_API}/{source['id']}")
    for url, body in (
        (CONNECTION, connection_body()),
        (CREDENTIAL, credential_body()),
        (SOURCE, source_body()),
        (SCAN, scan_body()),
    ):
        operator.do("PUT", url, json=body)


def test_the_data_map_is_closed_without_a_role(stranger: Person, deployer: Person) -> None:
    assert refused(stranger.ask("GET", f"{SCAN_API}/datasources"), 403, "Unauthorized")
    assert deployer.ask("GET", f"{SCAN_API}/datasources").status_code == 200


def test_a_role_on_a_collection_does_not_reach_above_it(operator: Person, deployer: Person) -> None:
    source = f"{SCAN_API}/datasources/above"
    body = source_body(workspace=seed.OTHER_WORKSPACE, collection=seed.ACCOUNT)
    assert refused(deployer.ask("PUT", source, json=body), 403, "Unauthorized")
    operator.do("PUT", source, json=body)
    below = {**body, "properties": {**body["properties"], "collection": reference(seed.COLLECTION)}}
    assert refused(deployer.ask("PUT", source, json=below), 403, "Unauthorized")
    assert refused(deployer.ask("DELETE", source), 403, "Unauthorized")
    operator.do("PUT", source, json=below)
    deployer.do("DELETE", source)


@pytest.mark.parametrize("bad", ["my_source", "-source", "source-", "a--b", "ab", "a" * 64])
def test_a_name_has_3_to_63_letters_digits_and_single_hyphens(operator: Person, bad: str) -> None:
    for kind, body in (("azureKeyVaults", connection_body()), ("datasources", source_body())):
        answer = operator.ask("PUT", f"{SCAN_API}/{kind}/{bad}", json=body)
        assert bad in refused(answer, 400, "InvalidInput")


def test_put_replaces_the_whole_object(operator: Person, objects: None) -> None:
    del objects
    told = scan_body()
    told["properties"]["logLevel"] = "Verbose"
    assert operator.ask("PUT", SCAN, json=told).status_code == 200
    assert operator.get(SCAN)["properties"]["logLevel"] == "Verbose"
    operator.do("PUT", SCAN, json=scan_body())
    assert "logLevel" not in operator.get(SCAN)["properties"]


def test_a_new_object_is_201_and_a_replaced_one_200(operator: Person) -> None:
    url = f"{SCAN_API}/azureKeyVaults/vault-{uuid.uuid4().hex[:8]}"
    assert [operator.ask("PUT", url, json=connection_body()).status_code for _ in range(2)] == [201, 200]
    assert operator.ask("DELETE", url).status_code == 204
    assert refused(operator.ask("GET", url), 404, "ResourceNotFound")


def test_older_api_versions_answer_a_deletion_with_what_was_deleted(operator: Person) -> None:
    url = f"{SCAN_API}/azureKeyVaults/vault-{uuid.uuid4().hex[:8]}"
    operator.do("PUT", url, json=connection_body())
    deleted = operator.ask("DELETE", url, params={"api-version": "2022-07-01-preview"})
    assert (deleted.status_code, deleted.json()["name"]) == (200, url.rsplit("/", 1)[1])


@pytest.mark.parametrize("version", ["2020-01-01", "latest", ""])
def test_the_data_map_wants_an_api_version_that_it_has(operator: Person, version: str) -> None:
    answer = operator.ask("GET", f"{SCAN_API}/datasources", params={"api-version": version})
    assert version in refused(answer, 400, "UnsupportedApiVersion")
    collections = operator.ask("GET", f"{PURVIEW}/account/collections", params={"api-version": version})
    assert refused(collections, 400, "UnsupportedApiVersion")


def test_the_service_adds_what_nobody_sent(operator: Person, objects: None) -> None:
    del objects
    source, scan = operator.get(SOURCE), operator.get(SCAN)
    assert (source["id"], source["name"], source["creationType"]) == ("datasources/chatgpt", "chatgpt", "Manual")
    assert {"createdAt", "lastModifiedAt", "dataSourceCollectionMovingState"} <= set(source["properties"])
    assert "lastModifiedAt" in source["properties"]["collection"]
    assert scan["properties"]["domain"] == operator.get(ACCOUNT)["properties"]["defaultDomain"]
    assert scan["properties"]["scanScopeType"] == "AutoDetect"
    again = operator.do("PUT", SOURCE, json=source)
    assert again["properties"]["createdAt"] == source["properties"]["createdAt"]
    assert again["properties"]["lastModifiedAt"] > source["properties"]["lastModifiedAt"]


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (CREDENTIAL, {**credential_body(), "kind": "ApiKey"}),
        (SOURCE, {**source_body(), "kind": "ChatGPTEnterprise"}),
        (SCAN, {**scan_body(), "kind": "ChatGPTEnterpriseCredential"}),
    ],
)
def test_a_guessed_kind_is_refused(operator: Person, objects: None, url: str, body: dict[str, Any]) -> None:
    del objects
    assert f"'{body['kind']}' was not found" in refused(operator.ask("PUT", url, json=body), 400, "InvalidInput")


@pytest.mark.parametrize(
    ("url", "make", "path"),
    [
        (CREDENTIAL, credential_body, ("properties", "typeProperties")),
        (SOURCE, source_body, ("properties",)),
        (SOURCE, source_body, ("properties", "nest")),
        (SCAN, scan_body, ("properties",)),
    ],
)
def test_a_guessed_property_is_refused(
    operator: Person, objects: None, url: str, make: Callable[[], dict[str, Any]], path: tuple[str, ...]
) -> None:
    del objects
    body = place = make()
    for step in path:
        place = place[step]
    place["workspaceId"] = seed.WORKSPACE
    answer = operator.ask("PUT", url, json=body)
    assert "Could not find member 'workspaceId'" in refused(answer, 400, "InvalidInput")


def test_a_reference_must_lead_somewhere(operator: Person, objects: None) -> None:
    del objects
    answer = operator.ask("PUT", CREDENTIAL, json=credential_body(connection="no-vault"))
    assert "'no-vault'" in refused(answer, 404, "ResourceNotFound")
    answer = operator.ask("PUT", SCAN, json=scan_body(credential="no-credential"))
    assert "'no-credential'" in refused(answer, 404, "ResourceNotFound")


@pytest.mark.parametrize("collection", [None, "no-such-collection"])
def test_a_data_source_without_its_collection_is_not_found(
    operator: Person, objects: None, collection: str | None
) -> None:
    del objects
    body = source_body()
    if collection is None:
        del body["properties"]["collection"]
    else:
        body["properties"]["collection"] = reference(collection)
    assert "collection" in refused(operator.ask("PUT", SOURCE, json=body), 404, "ResourceNotFound")


def test_a_workspace_can_be_registered_once(operator: Person, objects: None) -> None:
    del objects
    answer = operator.ask("PUT", f"{SCAN_API}/datasources/the-same", json=source_body())
    words = refused(answer, 409, "DataSource_Duplicate")
    assert words.startswith("A data source already exists for this target")
    assert "'chatgpt'" in words
    assert operator.ask("PUT", SOURCE, json=source_body()).status_code == 200


def test_a_scan_needs_its_data_source(operator: Person, objects: None) -> None:
    del objects
    answer = operator.ask("PUT", f"{SCAN_API}/datasources/no-source/scans/a-scan", json=scan_body())
    assert "datasources/no-source" in refused(answer, 404, "ResourceNotFound")


def test_what_something_else_needs_cannot_be_deleted(operator: Person, objects: None) -> None:
    del objects
    for url, user in ((CONNECTION, "credentials/"), (CREDENTIAL, "/scans/"), (SOURCE, "/scans/")):
        assert user in refused(operator.ask("DELETE", url), 409, "ResourceInUse")
    for url in (SCAN, SOURCE, CREDENTIAL, CONNECTION):
        assert operator.ask("DELETE", url).status_code == 204


def test_paths_ignore_case(operator: Person, objects: None) -> None:
    del objects
    loud = SCAN.replace("/scan/datasources/chatgpt/scans/", "/SCAN/dataSources/ChatGPT/Scans/")
    assert operator.get(loud)["name"] == "chatgpt-scan"
    listed = operator.get(f"{SCAN_API}/DATASOURCES/chatgpt/scans")
    assert [one["name"] for one in listed["value"]] == ["chatgpt-scan"]


def test_every_host_of_the_account_shows_the_same_objects(operator: Person, objects: None) -> None:
    del objects
    audience = "https://purview.azure.net/.default"
    for base in (
        f"https://{seed.ACCOUNT}.scan.purview.azure.com",
        f"https://{seed.TENANT}-api.purview-service.microsoft.com/scan",
    ):
        params = {"api-version": "2023-09-01"}
        listed = operator.ask("GET", f"{base}/datasources", audience=audience, params=params)
        assert [one["name"] for one in listed.json()["value"]] == ["chatgpt"], base


def test_an_account_of_nobody_is_not_found(operator: Person) -> None:
    url = "https://no-such-account.purview.azure.com/scan/datasources"
    params = {"api-version": "2023-09-01"}
    answer = operator.ask("GET", url, audience="https://purview.azure.net/.default", params=params)
    assert refused(answer, 404, "AccountNotFound")


def test_a_vault_connection_needs_an_address(operator: Person) -> None:
    answer = operator.ask("PUT", CONNECTION, json={"properties": {"description": "nowhere"}})
    assert "baseUrl" in refused(answer, 400, "InvalidInput")


@pytest.mark.parametrize("content", [b"[]", b"{", b'"text"'])
def test_a_body_that_is_no_object_is_refused(operator: Person, content: bytes) -> None:
    assert refused(operator.ask("PUT", CONNECTION, content=content), 400, "InvalidRequestContent")


def test_what_does_not_exist_is_404_in_the_services_form(operator: Person) -> None:
    assert refused(operator.ask("GET", f"{SCAN_API}/nothing-of-the-kind"), 404, "NotFound")
    assert refused(operator.ask("GET", f"{SUBSCRIPTION}/nothing/of/the/kind"), 404, "NotFound")
