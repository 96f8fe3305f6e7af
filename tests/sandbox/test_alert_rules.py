"""Log search alert rules, as Azure Monitor takes them and as it refuses them."""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import ARM
from whole_chain import ACTION_GROUP_ID, GROUP, LOG_WORKSPACE_ID, SUBSCRIPTION, role_body, role_url, rule_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

RULES = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
VERSION = {"api-version": "2025-01-01-preview"}
MONITORING_CONTRIBUTOR = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def url() -> str:
    """Where a rule may be made."""
    return f"{RULES}/rule-{uuid.uuid4().hex[:8]}"


def test_a_rule_is_made_changed_listed_and_deleted(operator: Person, url: str) -> None:
    made = operator.do("PUT", url, json=rule_body(), params=VERSION)
    assert made["kind"] == "LogAlert"
    assert made["properties"]["autoMitigate"] is True
    assert made["properties"]["criteria"]["allOf"][0]["failingPeriods"]["numberOfEvaluationPeriods"] == 1
    changed = operator.do(
        "PATCH", url, json={"properties": {"severity": 3}, "tags": {"by": "security"}}, params=VERSION
    )
    assert changed["properties"] == made["properties"] | {"severity": 3}
    assert operator.get(url, **VERSION) == changed
    for everywhere in (RULES, f"{SUBSCRIPTION}/providers/Microsoft.Insights/scheduledQueryRules"):
        assert changed in operator.get(everywhere, **VERSION)["value"]
    assert operator.do("PUT", url, json=deepcopy(rule_body()), params=VERSION)["tags"] == {}
    operator.do("DELETE", url, params=VERSION)
    assert operator.ask("DELETE", url, params=VERSION).status_code == 204
    assert refused(operator.ask("GET", url, params=VERSION), 404, "ResourceNotFound")
    assert refused(operator.ask("PATCH", url, json={}, params=VERSION), 404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (rule_body(severity=None), "severity"),
        (rule_body(severity=5), "severity"),
        (rule_body(enabled=None), "enabled"),
        (rule_body(scopes=[]), "scopes"),
        (rule_body(windowSize=None), "windowSize"),
        (rule_body(evaluationFrequency=None), "evaluationFrequency"),
        (rule_body(criteria={"allOf": []}), "criteria.allOf"),
        (rule_body({"operator": "lt"}), "operator"),
        (rule_body({"operator": None}), "operator"),
        (rule_body({"timeAggregation": "NumberOfEvents"}), "timeAggregation"),
        (rule_body({"threshold": None}), "threshold"),
        (rule_body({"query": None}), "query"),
        (rule_body(windowsize="PT1H"), "windowsize"),
    ],
)
def test_a_rule_says_all_that_its_kind_needs_in_the_services_words(
    operator: Person, url: str, body: dict[str, Any], place: str
) -> None:
    assert place in refused(operator.ask("PUT", url, json=body, params=VERSION), 400, "BadRequest")
    assert operator.ask("GET", url, params=VERSION).status_code == 404


@pytest.mark.parametrize("times", [{"windowSize": "PT7H"}, {"evaluationFrequency": "PT90M"}, {"windowSize": "2 hours"}])
def test_a_rules_times_are_some_that_azure_names(operator: Person, url: str, times: dict[str, Any]) -> None:
    says = refused(operator.ask("PUT", url, json=rule_body(**times), params=VERSION), 400, "BadRequest")
    assert "Supported granularities are: 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440, 2880" in says


def test_a_rule_looks_back_as_far_as_it_pauses_and_two_days_at_most(operator: Person, url: str) -> None:
    twice = {"failingPeriods": {"numberOfEvaluationPeriods": 2, "minFailingPeriodsToAlert": 1}}
    for body in (rule_body(windowSize="PT30M"), rule_body(twice, windowSize="P2D")):
        assert "look-back" in refused(operator.ask("PUT", url, json=body, params=VERSION), 400, "BadRequest")
    operator.do("PUT", url, json=rule_body(windowSize="P2D"), params=VERSION)


def test_a_daily_rule_does_not_resolve_its_alerts(operator: Person, url: str) -> None:
    daily: dict[str, Any] = {"evaluationFrequency": "P1D", "windowSize": "P1D"}
    assert "12 hours" in refused(operator.ask("PUT", url, json=rule_body(**daily), params=VERSION), 400, "BadRequest")
    operator.do("PUT", url, json=rule_body(**daily, autoMitigate=False), params=VERSION)


def test_a_rule_searches_a_workspace_that_exists(operator: Person, url: str) -> None:
    nowhere = rule_body(scopes=[f"{LOG_WORKSPACE_ID}-not"])
    assert refused(operator.ask("PUT", url, json=nowhere, params=VERSION), 404, "ResourceNotFound")


def test_a_rule_has_a_location_and_a_name_that_azure_takes(operator: Person, url: str) -> None:
    assert refused(
        operator.ask("PUT", url, json={**rule_body(), "location": ""}, params=VERSION), 400, "LocationRequired"
    )
    assert refused(operator.ask("PUT", f"{RULES}/a*b", json=rule_body(), params=VERSION), 400, "BadRequest")
    assert refused(
        operator.ask("PUT", url, json={**rule_body(), "kind": "LogToMetric"}, params=VERSION), 400, "BadRequest"
    )


def test_who_may_not_read_what_a_rule_names_cannot_make_it(operator: Person, stranger: Person, url: str) -> None:
    home = f"{SUBSCRIPTION}/resourceGroups/rg-{uuid.uuid4().hex[:8]}"
    operator.do("PUT", home, json={"location": seed.LOCATION})
    operator.do("PUT", role_url(home), json=role_body(MONITORING_CONTRIBUTOR, seed.STRANGER_ID))
    own, told = url.replace(GROUP, home), {"actionGroups": [ACTION_GROUP_ID]}
    assert LOG_WORKSPACE_ID in refused(
        stranger.ask("PUT", own, json=rule_body(), params=VERSION), 403, "LinkedAuthorizationFailed"
    )
    operator.do("PUT", role_url(ARM + LOG_WORKSPACE_ID), json=role_body(seed.ACCOUNT_READER, seed.STRANGER_ID))
    stranger.do("PUT", own, json=rule_body(), params=VERSION)
    assert ACTION_GROUP_ID in refused(
        stranger.ask("PUT", own, json=rule_body(actions=told), params=VERSION), 403, "LinkedAuthorizationFailed"
    )
