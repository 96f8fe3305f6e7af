"""When a scan shall run by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SOURCE,
    TRIGGER,
    connection_body,
    credential_body,
    scan_body,
    source_body,
    trigger_body,
)

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(autouse=True)
def _scan_without_a_trigger(operator: Person) -> None:
    for url, body in (
        (CONNECTION, connection_body()),
        (CREDENTIAL, credential_body()),
        (SOURCE, source_body()),
        (SCAN, scan_body()),
    ):
        operator.do("PUT", url, json=body)
    operator.ask("DELETE", TRIGGER)


def recurrence_of(trigger: dict[str, Any]) -> dict[str, Any]:
    return trigger["properties"]["recurrence"]


def test_a_trigger_is_made_told_replaced_and_deleted(operator: Person) -> None:
    assert refused(operator.ask("GET", TRIGGER), 404, "ResourceNotFound")
    made = operator.ask("PUT", TRIGGER, json=trigger_body())
    assert made.status_code == 201
    assert made.json() == operator.get(TRIGGER)
    assert (made.json()["name"], made.json()["id"]) == (
        "default",
        "datasources/chatgpt/scans/chatgpt-scan/triggers/default",
    )
    replaced = operator.ask("PUT", TRIGGER, json=trigger_body(frequency="Week", schedule=None))
    assert replaced.status_code == 200
    assert recurrence_of(operator.get(TRIGGER)) == {
        "frequency": "Week",
        "interval": 1,
        "startTime": "2026-01-05T01:00:00Z",
    }
    assert operator.ask("DELETE", TRIGGER).status_code == 204
    for method in ("GET", "DELETE"):
        assert refused(operator.ask(method, TRIGGER), 404, "ResourceNotFound")


def test_the_service_adds_its_stamps_and_the_scans_id(operator: Person) -> None:
    first = operator.do("PUT", TRIGGER, json=trigger_body())["properties"]
    assert first["scanId"] == operator.get(SCAN)["scanId"]
    assert (first["lastScheduled"], first["recurrenceInterval"], first["scanLevel"]) == (None, None, "Incremental")
    # What came back may be sent again.
    again = operator.do("PUT", TRIGGER, json={"properties": first})["properties"]
    assert (again["createdAt"], again["scanId"]) == (first["createdAt"], first["scanId"])
    assert again["lastModifiedAt"] > first["lastModifiedAt"]


def test_times_and_lists_come_back_in_another_form_than_they_were_sent(operator: Person) -> None:
    sent = trigger_body(
        frequency="Week",
        startTime="2026-01-05T02:00:00.500+01:00",
        endTime="2026-12-31T23:00:00.000Z",
        schedule={"hours": [14, 2], "minutes": [30, 0], "weekDays": ["Friday", "Monday", "Sunday"]},
    )
    sent["properties"]["incrementalScanStartTime"] = "2026-01-01T00:00:00-08:00"
    told = operator.do("PUT", TRIGGER, json=sent)
    assert told["properties"]["incrementalScanStartTime"] == "2026-01-01T08:00:00Z"
    assert recurrence_of(told) == {
        "frequency": "Week",
        "interval": 1,
        "startTime": "2026-01-05T01:00:00.5Z",
        "endTime": "2026-12-31T23:00:00Z",
        "schedule": {
            "hours": [2, 14],
            "minutes": [0, 30],
            "weekDays": ["Sunday", "Monday", "Friday"],
            "monthDays": None,
            "monthlyOccurrences": None,
        },
    }


def test_a_time_zone_stays_as_it_was_sent(operator: Person) -> None:
    told = operator.do("PUT", TRIGGER, json=trigger_body(timeZone="W. Europe Standard Time"))
    assert recurrence_of(told)["timeZone"] == "W. Europe Standard Time"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"frequency": "Minute"}, "recurrence.frequency"),
        ({"interval": 0}, "recurrence.interval"),
        ({"interval": "1"}, "recurrence.interval"),
        ({"interval": None}, "recurrence.interval"),
        ({"startTime": "02:00"}, "recurrence.startTime"),
        ({"startTime": "2026-01-05T02:00:00"}, "recurrence.startTime"),
        ({"startTime": "0001-01-01T00:00:00+14:00"}, "recurrence.startTime"),
        ({"schedule": {"hours": [24]}}, "recurrence.schedule.hours.0"),
        ({"schedule": {"minutes": [0, 60]}}, "recurrence.schedule.minutes.1"),
        ({"schedule": {"weekDays": ["Mon"]}}, "recurrence.schedule.weekDays.0"),
        ({"schedule": {"monthDays": [0]}}, "recurrence.schedule.monthDays.0"),
        ({"schedule": {"monthDays": [32]}}, "recurrence.schedule.monthDays.0"),
        (
            {"schedule": {"monthlyOccurrences": [{"day": "Monday", "occurrence": 6}]}},
            "recurrence.schedule.monthlyOccurrences.0.occurrence",
        ),
    ],
    ids=str,
)
def test_a_trigger_keeps_to_what_is_described(operator: Person, wrong: dict[str, Any], place: str) -> None:
    says = refused(operator.ask("PUT", TRIGGER, json=trigger_body(**wrong)), 400, "InvalidInput")
    assert f"'properties.{place}' is not valid" in says
    assert operator.ask("GET", TRIGGER).status_code == 404


@pytest.mark.parametrize(
    "properties",
    [{}, {"recurrence": None}, {"scanLevel": "Half"}, {"state": "Started"}, {"recurrenceInterval": 1}],
    ids=str,
)
def test_a_trigger_needs_its_recurrence_and_known_words(operator: Person, properties: dict[str, Any]) -> None:
    body = {"properties": (trigger_body()["properties"] if properties else {}) | properties}
    assert "is not valid" in refused(operator.ask("PUT", TRIGGER, json=body), 400, "InvalidInput")


@pytest.mark.parametrize("wrong", [{"every": 1}, {"schedule": {"days": ["Monday"]}}], ids=str)
def test_a_trigger_has_no_other_properties(operator: Person, wrong: dict[str, Any]) -> None:
    says = refused(operator.ask("PUT", TRIGGER, json=trigger_body(**wrong)), 400, "InvalidInput")
    assert "Could not find member" in says


def test_a_monthly_trigger_without_days_is_taken_and_called_invalid(operator: Person) -> None:
    told = operator.do("PUT", TRIGGER, json=trigger_body(frequency="Month", schedule={"hours": [2]}))
    assert "monthDays or monthlyOccurrences is required" in told["validationErrorInfo"]
    for days in ({"monthDays": [1]}, {"monthlyOccurrences": [{"day": "Monday", "occurrence": 1}]}):
        told = operator.do("PUT", TRIGGER, json=trigger_body(frequency="Month", schedule=days))
        assert "validationErrorInfo" not in told


def test_a_trigger_is_enabled_unless_it_is_said_otherwise(operator: Person) -> None:
    sent = trigger_body()
    del sent["properties"]["state"]
    assert operator.do("PUT", TRIGGER, json=sent)["properties"]["state"] == "Enabled"
    off = operator.do("POST", f"{TRIGGER}:disable")
    assert (off["properties"]["state"], operator.get(TRIGGER)) == ("Disabled", off)
    assert operator.do("POST", f"{TRIGGER}:enable")["properties"]["state"] == "Enabled"
    sent["properties"]["state"] = "Disabled"
    assert operator.do("PUT", TRIGGER, json=sent)["properties"]["state"] == "Disabled"
    operator.do("DELETE", TRIGGER)
    for action in ("enable", "disable"):
        assert refused(operator.ask("POST", f"{TRIGGER}:{action}"), 404, "ResourceNotFound")


def test_a_scan_with_a_trigger_cannot_be_deleted(operator: Person) -> None:
    operator.do("PUT", TRIGGER, json=trigger_body())
    assert "triggers/default" in refused(operator.ask("DELETE", SCAN), 409, "ResourceInUse")
    operator.do("DELETE", TRIGGER)
    assert operator.ask("DELETE", SCAN).status_code == 204
    assert "chatgpt-scan" in refused(operator.ask("PUT", TRIGGER, json=trigger_body()), 404, "ResourceNotFound")


def test_a_trigger_is_no_scan_of_its_source(operator: Person) -> None:
    operator.do("PUT", TRIGGER, json=trigger_body())
    assert [one["name"] for one in operator.get(f"{SOURCE}/scans")["value"]] == ["chatgpt-scan"]


def test_a_trigger_needs_the_same_roles_as_its_scan(stranger: Person, deployer: Person) -> None:
    deployer.do("PUT", TRIGGER, json=trigger_body())
    for method, url in (("GET", TRIGGER), ("PUT", TRIGGER), ("POST", f"{TRIGGER}:disable"), ("DELETE", TRIGGER)):
        body = trigger_body() if method == "PUT" else None
        assert refused(stranger.ask(method, url, json=body), 403, "Unauthorized")
    answer = deployer.ask("GET", TRIGGER, params={"api-version": "2020-01-01"})
    assert refused(answer, 400, "UnsupportedApiVersion")
