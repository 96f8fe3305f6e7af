"""Log search alert rules through the stand-in for azure-native."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from plugin_process import RefusedError
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

RULE = "azure-native:monitor:ScheduledQueryRule"
GROUP = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{seed.LOG_WORKSPACE}"
RULE_ID = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/failed-run"


def condition(**more: object) -> dict[str, Any]:
    return {
        "query": "PurviewScanStatusLogs",
        "timeAggregation": "Count",
        "operator": "GreaterThan",
        "threshold": 0,
        **more,
    }


def inputs(**more: object) -> dict[str, Any]:
    return {
        "resourceGroupName": seed.TENANT_GROUP,
        "ruleName": "failed-run",
        "location": seed.LOCATION,
        "severity": 1,
        "enabled": True,
        "scopes": [WORKSPACE],
        "evaluationFrequency": "PT1H",
        "windowSize": "PT2H",
        "criteria": {"allOf": [condition()]},
        "azureApiVersion": "2025-01-01-preview",
        **more,
    }


def calls(azure: LocalAzure) -> list[str]:
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == "arm"]


@pytest.fixture
def rule(azure: LocalAzure, native: PluginProcess) -> PluginProcess:
    azure.forget_requests()
    return native.of(RULE)


@pytest.mark.fact(24)
@pytest.mark.fact(28)
def test_a_rule_is_flat_in_the_program_and_not_in_arm(azure: LocalAzure, rule: PluginProcess) -> None:
    made, outputs = rule.create(inputs())
    assert made == RULE_ID
    assert calls(azure) == ["GET 404", "PUT 201", "GET 200"]
    assert outputs["scopes"] == [WORKSPACE]
    assert outputs["criteria"]["allOf"][0]["failingPeriods"]["numberOfEvaluationPeriods"] == 1
    assert outputs["kind"] == "LogAlert"
    assert not {"properties", "resourceGroupName", "ruleName"} & outputs.keys()
    azure.forget_requests()
    changed = rule.update(made, outputs, inputs(severity=3))
    assert calls(azure) == ["PUT 200", "GET 200"]
    assert changed["severity"] == 3
    assert rule.read(made, changed, inputs())[1] == changed
    rule.delete(made)
    assert rule.read(made, changed, inputs())[0] == ""


def test_a_refusal_has_the_services_words(rule: PluginProcess) -> None:
    with pytest.raises(RefusedError, match=r'Status=400 Code="BadRequest" Message=".*operator'):
        rule.create(inputs(criteria={"allOf": [condition(operator="lt")]}))


@pytest.mark.fact(5)
@pytest.mark.fact(6)
@pytest.mark.fact(10)
def test_a_rule_is_checked_for_its_types_and_gets_a_name(offline: PluginProcess) -> None:
    unnamed = {name: value for name, value in inputs().items() if name not in ("ruleName", "azureApiVersion")}
    checked = offline.of(RULE, "runs").check(unnamed)
    assert checked.reasons == []
    assert checked.inputs["ruleName"].startswith("runs")
    assert checked.inputs["azureApiVersion"] == "2025-01-01-preview"
    half = offline.of(RULE).check(inputs(criteria={"allOf": [condition(threshold=0.5)]}, severity=0.5))
    assert half.reasons == ["'severity' must be an integer but got 0.500000"]
    assert "does not match expression" in offline.of(RULE).check(inputs(ruleName="a*b")).reasons[0]


@pytest.mark.fact(13)
@pytest.mark.fact(18)
def test_a_preview_knows_the_inputs_and_another_place_is_another_rule(offline: PluginProcess) -> None:
    outputs = offline.of(RULE).preview_create(inputs())
    assert outputs["windowSize"] == "PT2H"
    assert outputs["etag"] is UNKNOWN
    for news, replaced in (
        (inputs(resourceGroupName="another"), ["resourceGroupName"]),
        (inputs(ruleName="other"), ["ruleName"]),
        (inputs(location="northeurope"), ["location"]),
        (inputs(severity=3), []),
    ):
        assert list(offline.of(RULE).diff(inputs(), news, inputs()).replaces) == replaced
