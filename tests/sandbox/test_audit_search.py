"""The audit search: what runs of a scan leave in the audit log, and how it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import people, seed
from local_azure.audit_log import AuditCircumstances
from people import GRAPH, Person
from sandboxes import local_azure
from whole_chain import SCAN, WholeChain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure

QUERIES = f"{GRAPH}/v1.0/security/auditLog/queries"
BETA = QUERIES.replace("v1.0", "beta")
TYPE = "ConnectedAIAppInteraction"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(scope="module")
def scanned(azure: LocalAzure) -> WholeChain:
    """A whole chain, one run of which has taken everything in."""
    with azure.client() as client:
        chain = WholeChain(Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)).build()
        assert chain.run()["status"] == "Succeeded"
    return chain


@pytest.fixture(autouse=True)
def _as_it_was_seeded(azure: LocalAzure) -> Iterator[None]:
    yield
    azure.set_audit(AuditCircumstances())


def asked(person: Person, url: str = QUERIES, **wanted: Any) -> str:
    """Where a new query stands."""
    made = person.ask("POST", url, json=wanted)
    assert (made.status_code, made.json()["status"]) == (201, "notStarted"), made.text
    return f"{url}/{made.json()['id']}"


def ended(person: Person, query: str, looks: int = 2) -> str:
    """What becomes of a query in so many looks."""
    return [person.get(query)["status"] for _ in range(looks)][-1]


def found(person: Person, **wanted: Any) -> list[dict[str, Any]]:
    """All records that a new query finds."""
    query = asked(person, **wanted)
    assert ended(person, query) == "succeeded"
    return person.get(f"{query}/records", **{"$top": "999"})["value"]


def test_the_audit_log_is_closed_without_its_permission(operator: Person, deployer: Person) -> None:
    query = asked(operator)
    for method, url in (("POST", QUERIES), ("GET", QUERIES), ("GET", query), ("GET", f"{query}/records")):
        assert refused(deployer.ask(method, url), 403, "Authorization_RequestDenied")
    assert refused(operator.ask("GET", f"{QUERIES}/{seed.TENANT}"), 404, "NotFound")


@pytest.mark.usefixtures("scanned")
def test_a_run_leaves_one_record_for_each_interaction(operator: Person) -> None:
    records = found(operator)
    assert len({record["id"] for record in records}) == len(records) == seed.INTERACTIONS
    newest = records[0]
    assert newest["createdDateTime"] >= records[-1]["createdDateTime"]
    assert (newest["auditLogRecordType"], newest["operation"], newest["service"]) == (TYPE, TYPE, "ConnectedAIApp")
    assert newest["organizationId"] == seed.TENANT
    assert newest["auditData"]["AppIdentity"] == "ConnectedAIApp.Connector.ChatGPTEnterprise"
    assert newest["auditData"]["Workload"] == newest["service"]
    names = {record["userPrincipalName"] for record in records}
    # Those who are in the directory have its names, the others the vendor's.
    assert {people.IN_CAPITALS, people.RENAMED, people.BY_MAIL, *people.NOT_IN_THE_DIRECTORY} <= names
    assert len(names) == seed.USERS


def test_another_run_records_only_what_is_new(azure: LocalAzure, operator: Person, scanned: WholeChain) -> None:
    since = {"filterStartDateTime": "2031-01-01T00:00:00Z"}
    azure.add_conversations(("user08@contoso.example", "2031-05-01T10:00:00Z"))
    assert found(operator, **since) == []
    assert WholeChain(operator, scanned.version).run()["status"] == "Succeeded"
    [record] = found(operator, **since)
    assert (record["userPrincipalName"], record["createdDateTime"]) == (
        "user08@contoso.example",
        "2031-05-01T10:00:00Z",
    )
    WholeChain(operator, scanned.version).run()
    assert found(operator, **since) == [record]


@pytest.mark.usefixtures("scanned")
def test_a_failed_run_and_one_while_nothing_is_audited_leave_no_records(azure: LocalAzure, operator: Person) -> None:
    azure.add_conversations(("user08@contoso.example", "2032-05-01T10:00:00Z"))
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert operator.run_again()["status"] == "Failed"
    azure.set_vendor_key(seed.VENDOR_KEY)
    assert found(operator, filterStartDateTime="2032-01-01T00:00:00Z") == []
    azure.set_audit(AuditCircumstances(auditing=False))
    assert operator.run_again()["status"] == "Succeeded"
    azure.set_audit(AuditCircumstances())
    operator.run_again()
    assert found(operator, filterStartDateTime="2032-01-01T00:00:00Z") == []


@pytest.mark.usefixtures("scanned")
def test_filters_are_all_to_be_met_and_know_no_case(operator: Person) -> None:
    name = "user09@contoso.example"
    own = found(operator, userPrincipalNameFilters=[name.upper(), "nobody@contoso.example"])
    assert {record["userPrincipalName"] for record in own} == {name}
    window = {"filterStartDateTime": "2026-02-01T00:00:00Z", "filterEndDateTime": "2026-03-01T02:00:00+02:00"}
    within = found(operator, **window)
    assert within == [one for one in found(operator) if "2026-02-01" <= one["createdDateTime"][:10] < "2026-03-01"]
    both = found(operator, userPrincipalNameFilters=[name], **window)
    assert both == [one for one in within if one["userPrincipalName"] == name]
    for wanted in (
        {"recordTypeFilters": [TYPE, "CopilotInteraction"]},
        {"operationFilters": [TYPE.lower()]},
        {"serviceFilters": ["connectedaiapp"]},
        {"keywordFilter": "chatgptENTERPRISE"},
    ):
        assert found(operator, **window, **wanted) == within
    for wanted in (
        {"recordTypeFilters": ["CopilotInteraction"]},
        {"operationFilters": ["FileAccessed"]},
        {"serviceFilters": ["Exchange"]},
        {"keywordFilter": "Claude"},
        {"ipAddressFilters": ["192.0.2.1"]},
        {"objectIdFilters": ["a-file"]},
        {"administrativeUnitIdFilters": [seed.TENANT]},
    ):
        assert found(operator, **window, **wanted) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"filterStartDateTime": "2026-01-01T00:00:00"},
        {"filterEndDateTime": "yesterday"},
        {"recordTypeFilters": TYPE},
        {"recordTypes": [TYPE]},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(operator: Person, wanted: dict[str, Any]) -> None:
    [name] = wanted
    assert f"'{name}'" in refused(operator.ask("POST", QUERIES, json=wanted), 400, "BadRequest")


@pytest.mark.usefixtures("scanned")
def test_records_can_be_had_once_the_query_has_succeeded(operator: Person) -> None:
    query = asked(operator, displayName="mine")
    states: list[str] = []
    for _ in range(2):
        assert refused(operator.ask("GET", f"{query}/records"), 400, "BadRequest")
        states.append(operator.get(query)["status"])
    assert states == ["running", "succeeded"]
    assert operator.get(f"{query}/records")["value"]
    assert operator.get(query)["displayName"] == "mine"


@pytest.mark.usefixtures("scanned")
def test_queries_and_records_come_page_by_page(operator: Person) -> None:
    first, second = asked(operator), asked(operator)
    listed = operator.get(QUERIES, **{"$top": "1"})
    assert listed["value"][0]["id"] == second.rsplit("/", 1)[1]
    link = httpx.URL(listed["@odata.nextLink"])
    assert operator.get(QUERIES, **dict(link.params))["value"][0]["id"] == first.rsplit("/", 1)[1]
    ended(operator, first)
    sizes: list[int] = []
    page = operator.get(f"{first}/records", **{"$top": "150"})
    while link := page.get("@odata.nextLink"):
        sizes.append(len(page["value"]))
        page = operator.get(f"{first}/records", **dict(httpx.URL(link).params))
    assert [*sizes[:2], sum(sizes) + len(page["value"])] == [150, 150, len(found(operator))]


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_query_may_run_for_long_and_end_badly(azure: LocalAzure, operator: Person, end: Any) -> None:
    azure.set_audit(AuditCircumstances(looks=5, ends=end))
    query = asked(operator)
    assert ended(operator, query, 5) == "running"
    assert ended(operator, query, 2) == end
    assert refused(operator.ask("GET", f"{query}/records"), 400, "BadRequest")


@pytest.mark.usefixtures("scanned")
def test_records_may_look_otherwise_or_not_be_there_yet(azure: LocalAzure, operator: Person) -> None:
    azure.set_audit(
        AuditCircumstances(
            record_type="AIAppInteraction",
            app_identity="AIApp.Elsewhere",
            service="AIApp",
            dated_by="ingestion",
            data_in="dynamicProperties",
        )
    )
    record = found(operator, recordTypeFilters=["AIAppInteraction"], keywordFilter="AIApp.Elsewhere")[0]
    assert record["auditData"]["@odata.type"] == "#microsoft.graph.security.aiAppInteractionAuditRecord"
    assert record["auditData"]["dynamicProperties"]["Workload"] == record["service"] == "AIApp"
    first_run = operator.get(f"{SCAN}/runs")["value"][-1]
    assert first_run["startTime"] < record["createdDateTime"]
    azure.set_audit(AuditCircumstances(held_back=True))
    assert found(operator) == []


def test_a_tenant_may_have_the_audit_search_in_beta_alone(azure: LocalAzure, operator: Person) -> None:
    azure.set_audit(AuditCircumstances(in_v1=False))
    assert refused(operator.ask("POST", QUERIES, json={}), 404, "NotFound")
    assert ended(operator, asked(operator, BETA)) == "succeeded"


def test_other_clouds_have_no_audit_search(tmp_path: Path) -> None:
    with local_azure(tmp_path, cloud="usgovernment") as azure, azure.client() as client:
        who = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        assert who.ask("GET", f"{GRAPH}/v1.0/users").status_code == 200
        assert refused(who.ask("POST", QUERIES, json={}), 404, "NotFound")


def test_the_audit_log_outlives_the_sandbox(tmp_path: Path) -> None:
    with local_azure(tmp_path) as azure, azure.client() as client:
        who = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        assert WholeChain(who).build().run()["status"] == "Succeeded"
        azure.set_audit(AuditCircumstances(looks=0))
        query = asked(who)
        azure.kill()
    with local_azure(tmp_path) as azure, azure.client() as client:
        who = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        assert ended(who, query, 1) == "succeeded"
        assert who.get(f"{query}/records")["value"]
