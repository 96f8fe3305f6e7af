"""An alert that would find less, tell less or look less often is stopped, and one that does more is not."""

from __future__ import annotations

from typing import Any

import pytest
from change.test_change_gate import change, met
from purview_ai.change.preview import UNKNOWN, Action
from purview_ai.drift.azure_types import ALERT_RULE

OURS = '(DataSourceName =~ "chatgpt" and ScanName =~ "chatgpt-scan")'
THEIRS = '(DataSourceName =~ "agents" and ScanName =~ "agents-scan")'


def failed(*sources: str) -> dict[str, Any]:
    """The condition for runs that failed."""
    query = f'PurviewScanStatusLogs\n| where {" or ".join(sources)}\n| where ResultType =~ "Failed"'
    return {
        "query": query,
        "operator": "GreaterThan",
        "threshold": 0,
        "timeAggregation": "Count",
        "dimensions": [{"name": "DataSourceName", "operator": "Include", "values": ["*"]}],
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    }


def missing(*sources: str, hours: int = 36) -> dict[str, Any]:
    """The condition for runs that do not come."""
    query = f"PurviewScanStatusLogs\n| where TimeGenerated > ago({hours}h)\n| where {' or '.join(sources)}"
    return {"query": query, "operator": "LessThan", "threshold": 1, "timeAggregation": "Count"}


def expiring(days: int = 14, **keys: str) -> dict[str, Any]:
    """The condition for keys that expire."""
    known = ", ".join(f'{{"secret": "{key}", "expires": "{day}T23:59:59Z"}}' for key, day in keys.items())
    query = f"Usage\n| extend Key = dynamic([{known}])\n| where now() > Expires - {days}d"
    return {"query": query, "operator": "GreaterThan", "threshold": 0}


def conditions(was: dict[str, Any], now: dict[str, Any]) -> tuple[str, Any, Any]:
    """One condition in the place of another."""
    return ("criteria.allOf", [was], [now])


WEAKER = [
    ("scopes", ["/ours"], ["/theirs"]),
    ("muteActionsDuration", None, "PT1H"),
    ("muteActionsDuration", "PT1H", "PT2H"),
    ("evaluationFrequency", "PT1H", "P1D"),
    ("evaluationFrequency", "PT1H", UNKNOWN),
    ("windowSize", "PT1H", "PT2H"),
    ("windowSize", "PT2H", "PT1H"),
    ("windowSize", "PT2H", None),
    ("criteria.allOf", [failed(OURS)], None),
    ("criteria.allOf", [failed(OURS)], [failed(OURS), missing(OURS)]),
    conditions(failed(OURS), {**failed(OURS), "threshold": 1}),
    conditions(failed(OURS), {**failed(OURS), "threshold": UNKNOWN}),
    conditions(failed(OURS), {**failed(OURS), "operator": "Equal"}),
    conditions(failed(OURS), {**failed(OURS), "timeAggregation": "Total"}),
    conditions(failed(OURS), {**failed(OURS), "dimensions": []}),
    conditions(failed(OURS), {**failed(OURS), "query": UNKNOWN}),
    conditions(
        failed(OURS),
        {**failed(OURS), "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 2}},
    ),
    conditions(failed(OURS, THEIRS), failed(THEIRS)),
    conditions(failed(OURS), {**failed(OURS), "query": f"{failed(OURS)['query']}\n| where false"}),
    conditions(failed(OURS), {**failed(OURS), "query": failed(OURS)["query"].replace("Failed", "Broken")}),
    conditions(missing(OURS), {**missing(OURS), "threshold": 0}),
    conditions(missing(OURS), missing(OURS, hours=48)),
    conditions(missing(OURS), missing(OURS, THEIRS)),
    conditions(expiring(chatgpt="2027-06-30"), expiring(7, chatgpt="2027-06-30")),
    conditions(expiring(chatgpt="2027-06-30", claude="2027-06-30"), expiring(claude="2027-06-30")),
]
STRONGER = [
    [("evaluationFrequency", "PT1H", "PT30M")],
    [("evaluationFrequency", "PT1H", "PT30M"), ("windowSize", "PT2H", "PT1H")],
    [("windowSize", "P2D", "P1D"), conditions(missing(OURS, hours=36), missing(OURS, hours=24))],
    [("muteActionsDuration", "PT1H", None)],
    [conditions(failed(OURS), failed(THEIRS, OURS))],
    [conditions({**failed(OURS), "threshold": 2}, failed(OURS))],
    [conditions(missing(OURS), {**missing(OURS), "threshold": 2})],
    [conditions(expiring(chatgpt="2027-06-30"), expiring(chatgpt="2028-06-30", claude="2027-06-30"))],
    [conditions(expiring(chatgpt="2027-06-30"), expiring(30, chatgpt="2027-06-30"))],
    [("description", "old", "new")],
]


@pytest.mark.parametrize("of", WEAKER)
def test_an_alert_that_does_less_is_stopped(of: tuple[str, Any, Any]) -> None:
    assert met(change(ALERT_RULE, Action.CHANGE, of)) == {"weaken-alert"}
    assert met(change(ALERT_RULE, Action.REPLACE, of)) == {"weaken-alert", "replace-alert"}


@pytest.mark.parametrize("of", STRONGER)
def test_an_alert_that_does_more_passes(of: list[tuple[str, Any, Any]]) -> None:
    assert met(change(ALERT_RULE, Action.CHANGE, *of)) == set()
