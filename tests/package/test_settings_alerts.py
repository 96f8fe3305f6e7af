"""Alerts in a stack file: what could find nothing is refused, and what tells less than it seems is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from purview_ai.settings.reading import read
from purview_ai.settings.scanning import ScanSettings
from purview_ai.settings.tenant import TenantSettings
from purview_ai.settings.whole_tenant import whole_tenant
from settings_blocks import block
from whole_chain import ACTION_GROUP_ID, LOG_WORKSPACE_ID

if TYPE_CHECKING:
    from purview_ai.settings.mistakes import Mistake

LOGS = {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"}
TOLD = {"action_groups": [ACTION_GROUP_ID]}
ONLY_KEYS = {"failed_run": False, "key_expires_within_days": 14, **TOLD}
NOT_SCANNED = {"claude": {"app": "claude-enterprise", "workspace_id": "3" * 8 + "-3333-4333-8333-" + "3" * 12}}


def mistakes(**changes: Any) -> list[Mistake]:
    reading = read(block(**changes))
    assert reading.settings is not None
    return [*reading.mistakes, *whole_tenant("contoso", reading.settings, reading)]


def warnings(**changes: Any) -> list[str]:
    """What is said of the alerts, once all is right."""
    assert mistakes(**changes) == []
    told = TenantSettings.model_validate(block(**changes)).warnings()
    return [one for one in told if one.startswith("alerts")]


@pytest.mark.parametrize(
    ("alerts", "logs", "path"),
    [
        ({}, None, "alerts"),
        (ONLY_KEYS, None, "alerts"),
        ({"failed_run": False}, LOGS, "alerts"),
        ({}, {"workspace": LOG_WORKSPACE_ID}, "diagnostics.category_group"),
        ({}, {"workspace": LOG_WORKSPACE_ID, "category_group": "Audit"}, "diagnostics.category_group"),
        ({"no_success_for_hours": 49}, LOGS, "alerts.no_success_for_hours"),
        ({"no_success_for_hours": 0}, LOGS, "alerts.no_success_for_hours"),
        ({"every_minutes": 90}, LOGS, "alerts.every_minutes"),
        ({"severity": 5}, LOGS, "alerts.severity"),
        ({"action_groups": [LOG_WORKSPACE_ID]}, LOGS, "alerts.action_groups.0"),
        ({"action_groups": [ACTION_GROUP_ID] * 6}, LOGS, "alerts.action_groups"),
        ({"run_log": {"scan": 'ScanName == "" or'}}, LOGS, "alerts.run_log.scan"),
        ({"run_log": {"failed": '"'}}, LOGS, "alerts.run_log.failed"),
        (ONLY_KEYS, LOGS, "alerts.key_expires_within_days"),
    ],
)
def test_an_alert_that_azure_refuses_or_that_could_find_nothing_is_a_mistake(
    alerts: dict[str, Any], logs: dict[str, Any] | None, path: str
) -> None:
    told = mistakes(alerts=alerts, diagnostics=logs)
    assert path in [mistake.path for mistake in told]
    assert all(mistake.reason and mistake.fix for mistake in told)


def test_runs_of_an_app_that_purview_does_not_scan_cannot_be_watched() -> None:
    [mistake] = mistakes(alerts=TOLD, diagnostics=LOGS, sources=NOT_SCANNED, purview__collection="ai-interactions")
    assert mistake.path == "alerts.failed_run"


def test_what_is_wrong_with_the_block_itself_is_told_once() -> None:
    told = mistakes(alerts={"severity": 5}, diagnostics={"workspace": "law-contoso"})
    assert sorted(mistake.path for mistake in told) == ["alerts.severity", "diagnostics.workspace"]


@pytest.mark.parametrize(
    "group", [ACTION_GROUP_ID, ACTION_GROUP_ID.replace("Microsoft.Insights/a", "microsoft.insights/a")]
)
def test_an_action_groups_id_is_taken_as_azure_writes_it(group: str) -> None:
    assert warnings(alerts={"action_groups": [group]}, diagnostics=LOGS) == []


def test_what_tells_less_than_it_seems_is_said() -> None:
    [nobody] = warnings(alerts={}, diagnostics=LOGS)
    assert "nobody is told" in nobody
    [elsewhere] = warnings(alerts=TOLD, diagnostics={"workspace": LOG_WORKSPACE_ID, "account": False})
    assert "another diagnostic setting" in elsewhere
    assert warnings(alerts=ONLY_KEYS, diagnostics=LOGS, sources__chatgpt__key__expires="2027-06-30") == []
    assert warnings(alerts=ONLY_KEYS, diagnostics=LOGS, sources__chatgpt__key__origin="vault") == []


def test_a_key_of_which_nobody_knows_the_day_is_named_where_another_is_known() -> None:
    found = block(alerts=ONLY_KEYS, diagnostics=LOGS, sources__chatgpt__key__expires="2027-06-30")
    other = {**found["sources"]["chatgpt"], "workspace_id": "9" * 8 + "-1111-4111-8111-" + "9" * 12}
    found["sources"]["subsidiary"] = {**other, "key": {"secret": "their-key"}}
    [unknown] = [one for one in TenantSettings.model_validate(found).warnings() if one.startswith("alerts")]
    assert "sources.subsidiary.key.expires says it" in unknown


@pytest.mark.parametrize(
    ("scan", "said"),
    [
        ({"every": "1 day"}, ""),
        ({"every": "12 hours"}, ""),
        ({"every": "2 days"}, "its scan pauses for 48 hours"),
        ({"every": "1 week", "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]}, "pauses for 72 hours"),
        ({}, "its scan has no schedule"),
        ({"every": "1 day", "enabled": False}, "its schedule is not in force"),
    ],
)
def test_a_scan_that_runs_more_rarely_than_the_alert_waits_is_said(scan: dict[str, Any], said: str) -> None:
    alerts = {"no_success_for_hours": 36, **TOLD}
    told = warnings(alerts=alerts, diagnostics=LOGS, sources__chatgpt__scan=scan)
    assert [said in one for one in told] == ([True] if said else [])


@pytest.mark.parametrize(
    ("scan", "hours"),
    [
        ({}, None),
        ({"every": "3 hours"}, 3),
        ({"every": "2 weeks"}, 14 * 24),
        ({"every": "2 weeks", "days": ["Monday", "Friday"]}, 10 * 24),
        ({"every": "1 month", "days": [1, 15]}, 17 * 24),
    ],
)
def test_the_longest_pause_of_a_schedule_is_known(scan: dict[str, Any], hours: int | None) -> None:
    assert ScanSettings.model_validate(scan).longest_pause_hours() == hours
