"""Domains: the parts of an account that stand beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from collection_requests import (
    COLLECTIONS,
    POLICIES,
    POLICY_API,
    below,
    grant_source_admin,
    policy_of,
    put_collection,
)
from local_azure import seed
from people import PURVIEW
from whole_chain import (
    ACCOUNT,
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SOURCE,
    connection_body,
    credential_body,
    scan_body,
    source_body,
)

if TYPE_CHECKING:
    from people import Person

DOMAINS = f"{PURVIEW}/account/domains"
READ = {"api-version": "2023-10-01-preview"}
WRITE = {"api-version": "2023-12-01-preview"}


@pytest.fixture
def domain(operator: Person) -> str:
    """The name of a fresh domain."""
    put_domain(operator, "emea")
    return "emea"


def domain_body(name: str) -> dict[str, Any]:
    return {"name": name, "containerType": "Domain", "friendlyName": name.upper(), "description": ""}


def put_domain(person: Person, name: str) -> dict[str, Any]:
    return person.do("PUT", f"{DOMAINS}/{name}", params=WRITE, json=domain_body(name))


def default_domain(person: Person) -> str:
    return person.get(ACCOUNT, **{"api-version": "2024-04-01-preview"})["properties"]["defaultDomain"]


def test_an_account_begins_with_its_default_domain(operator: Person) -> None:
    listed = operator.get(DOMAINS, **READ)
    assert [one["name"] for one in listed["value"]] == [default_domain(operator)]
    own = operator.get(f"{DOMAINS}/{default_domain(operator)}", **READ)
    assert (own["containerType"], own["provisioningState"]) == ("Domain", "Succeeded")
    for collection in operator.get(COLLECTIONS, **READ)["value"]:
        assert collection["domain"] == own["name"]


def test_older_versions_know_no_domains(operator: Person) -> None:
    older = {"api-version": "2019-11-01-preview"}
    assert "domain" not in operator.get(f"{COLLECTIONS}/{seed.COLLECTION}", **older)
    assert refused(operator.ask("GET", DOMAINS, params=older), 400, "UnsupportedApiVersion")
    answer = operator.ask("PUT", f"{DOMAINS}/emea", params=READ, json=domain_body("emea"))
    assert refused(answer, 400, "UnsupportedApiVersion")


def test_a_domain_is_made_and_changed_with_200(operator: Person, domain: str) -> None:
    made = operator.get(f"{DOMAINS}/{domain}", **READ)
    assert made["friendlyName"] == "EMEA"
    assert operator.get(f"{DOMAINS}/{domain.upper()}", **READ) == made
    changed = operator.ask("PUT", f"{DOMAINS}/{domain}", params=WRITE, json={"friendlyName": "Europe"})
    assert (changed.status_code, changed.json()["friendlyName"]) == (200, "Europe")
    assert changed.json()["systemData"]["createdAt"] == made["systemData"]["createdAt"]
    renamed = operator.do("PUT", f"{DOMAINS}/{default_domain(operator)}", params=WRITE, json={"friendlyName": "All"})
    assert [one["friendlyName"] for one in operator.get(DOMAINS, **READ)["value"]] == ["Europe", "All"]
    assert renamed["name"] == default_domain(operator)
    assert refused(operator.ask("GET", f"{DOMAINS}/nowhere", params=READ), 404, "ResourceNotFound")


def test_an_account_has_five_domains_at_most(operator: Person) -> None:
    for number in range(4):
        put_domain(operator, f"domain-{number}")
    answer = operator.ask("PUT", f"{DOMAINS}/one-more", params=WRITE, json=domain_body("one-more"))
    assert "5 domains" in refused(answer, 409, "DomainLimitExceeded")
    assert len(operator.get(DOMAINS, **READ)["value"]) == 5
    put_domain(operator, "domain-3")


def test_a_domains_name_is_as_short_as_a_collections_and_no_collections(operator: Person) -> None:
    answer = operator.ask("PUT", f"{DOMAINS}/EM", params=WRITE, json=domain_body("EM"))
    assert "EM" in refused(answer, 400, "InvalidInput")
    answer = operator.ask("PUT", f"{DOMAINS}/{seed.COLLECTION}", params=WRITE, json={})
    assert refused(answer, 409, "NameInUse")


def test_only_the_roots_administrators_make_domains(deployer: Person, stranger: Person) -> None:
    answer = deployer.ask("PUT", f"{DOMAINS}/emea", params=WRITE, json=domain_body("emea"))
    assert refused(answer, 403, "Unauthorized")
    assert deployer.ask("GET", DOMAINS, params=READ).status_code == 200
    assert refused(stranger.ask("GET", DOMAINS, params=READ), 403, "Unauthorized")


def test_a_collection_lies_in_the_domain_that_is_its_parent(operator: Person, deployer: Person, domain: str) -> None:
    answer = deployer.ask("PUT", f"{COLLECTIONS}/sales", params=READ, json=below(domain))
    assert refused(answer, 403, "Unauthorized")
    put_collection(operator, "sales", domain)
    put_collection(operator, "inner", "sales")
    for name in ("sales", "inner"):
        assert operator.get(f"{COLLECTIONS}/{name}", **READ)["domain"] == domain
    path = operator.get(f"{COLLECTIONS}/inner/getCollectionPath", **READ)
    assert path == {"parentNameChain": [domain, "sales"], "parentFriendlyNameChain": ["EMEA", "A collection"]}
    put_collection(operator, "inner", seed.ACCOUNT)
    assert operator.get(f"{COLLECTIONS}/inner", **READ)["domain"] == default_domain(operator)


def put_all_but_the_scan(person: Person, collection: str = seed.COLLECTION) -> None:
    for url, body in (
        (CONNECTION, connection_body()),
        (CREDENTIAL, credential_body()),
        (SOURCE, source_body(collection=collection)),
    ):
        person.do("PUT", url, json=body)


def test_a_scans_domain_must_exist(operator: Person, domain: str) -> None:
    put_all_but_the_scan(operator)
    scan = scan_body()
    scan["properties"]["domain"] = "nowhere"
    assert "'nowhere'" in refused(operator.ask("PUT", SCAN, json=scan), 404, "ResourceNotFound")
    for name in (domain, default_domain(operator)):
        scan["properties"]["domain"] = name
        assert operator.do("PUT", SCAN, json=scan)["properties"]["domain"] == name


def test_a_scan_without_a_domain_gets_its_collections(operator: Person, domain: str) -> None:
    put_collection(operator, "sales", domain)
    # A domain's collections inherit nothing from the root.
    refusal = operator.ask("PUT", SOURCE, json=source_body(collection="sales"))
    assert refused(refusal, 403, "Unauthorized")
    policy = policy_of(operator, "sales")
    grant_source_admin(policy, "sales", seed.OPERATOR_ID)
    operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    put_all_but_the_scan(operator, "sales")
    scan = scan_body()
    scan["properties"]["collection"]["referenceName"] = "sales"
    assert operator.do("PUT", SCAN, json=scan)["properties"]["domain"] == domain
