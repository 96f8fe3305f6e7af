"""What a report may claim: of steps, of capabilities, of files' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from purview_ai.datamap.run_report import RunReport
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.finding import Evidence, Finding, Verdict
from purview_ai.inspection.step import Step
from purview_ai.operate.report_command import files_of
from purview_ai.operate.reporting import matrices_of, state_of
from purview_ai.operate.stack_file import tenant_of
from purview_ai.report.contents import RunHistory, StepState, Unseen
from purview_ai.settings.conditional_access import AccessState, BreakGlassSettings, ConditionalAccessSettings
from purview_ai.settings.ediscovery import CaseSettings, EdiscoverySettings, SearchSettings
from purview_ai.settings.governance import GovernanceSettings
from purview_ai.settings.scripts import RetentionSettings, ScriptsSettings
from tenants import CHECKOUT, STACK

if TYPE_CHECKING:
    from purview_ai.report.contents import Capability

ENDED = "2026-11-20T10:00:00Z"


@pytest.mark.parametrize(
    ("shown_by", "state"),
    [
        ((), StepState.UNKNOWN),
        (("good",), StepState.DONE),
        (("good", "bad"), StepState.OPEN),
        (("good", "dark"), StepState.UNKNOWN),
        (("dark", "bad"), StepState.OPEN),
        (("good", "young"), StepState.UNKNOWN),
        (("nowhere",), StepState.UNKNOWN),
    ],
)
def test_a_step_is_done_only_where_all_that_shows_it_passed(shown_by: tuple[str, ...], state: StepState) -> None:
    verdicts = {
        "good": Verdict.PASSED,
        "bad": Verdict.FAILED,
        "dark": Verdict.UNKNOWN,
        "young": Verdict.TOO_EARLY,
        "other": Verdict.FAILED,
    }
    findings = [Finding(name, name, verdict) for name, verdict in verdicts.items()]
    assert state_of(Step("a", "Do it.", "It is needed.", shown_by=shown_by), findings) is state


def run(level: str, status: str = "Succeeded", classified: int | None = 0) -> RunReport:
    return RunReport("1", status, level, ENDED, ENDED, 5, classified, 5, "")


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Estate:
    """The sandbox tenant's, of which nothing is asked."""
    monkeypatch.chdir(CHECKOUT)
    tenant = tenant_of(STACK)
    return Estate(tenant.stack, tenant.settings, tenant.azure)


def capabilities(estate: Estate, *runs: RunReport) -> dict[str, Capability]:
    [matrix] = matrices_of(estate, [], [RunHistory("chatgpt", runs)])
    return {one.cell.title: one for one in matrix.rows}


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ([run("Full")], {"Full scan"}),
        ([run("Full"), run("Incremental", "Failed")], {"Full scan"}),
        ([run("Full"), run("Incremental")], {"Full scan", "Incremental scan"}),
        ([run("Full", "Failed", classified=4)], set[str]()),
        ([run("Full", classified=4)], {"Full scan", "Classification"}),
        ([run("", classified=None)], set[str]()),
    ],
)
def test_a_capability_is_verified_by_a_run_that_did_it(estate: Estate, runs: list[RunReport], shown: set[str]) -> None:
    found = capabilities(estate, *runs)
    assert {title for title, one in found.items() if one.verified} == shown
    assert all(one.verified_at for one in found.values() if one.verified)
    assert {title for title, one in found.items() if one.configured} >= {"Full scan", "Incremental scan"}


def test_a_row_says_the_way_and_what_the_stack_asks_for(estate: Estate) -> None:
    found = capabilities(estate)
    ways = {title: (one.way, one.setting, one.read_by) for title, one in found.items()}
    assert ways["Data Lifecycle Management"] == ("script", "governance.scripts.retention", "Test-Governance.ps1")
    assert ways["eDiscovery"] == ("declared", "governance.ediscovery", "")
    assert [ways[title][0] for title in ("Insider Risk Management", "Data classification")] == ["portal", "by itself"]
    assert [ways[title][0] for title in ("Full scan", "Lineage")] == ["with the scan", ""]
    assert not found["eDiscovery"].configured

    searches = {"one": SearchSettings(app="chatgpt-enterprise")}
    case = EdiscoverySettings(case=CaseSettings(name="AI interactions"), searches=searches)
    governance = GovernanceSettings(ediscovery=case, scripts=ScriptsSettings(retention=RetentionSettings(days=30)))
    estate.settings = estate.settings.model_copy(update={"governance": governance})
    seen = Finding("governance.case", "The case", Verdict.PASSED, evidence=(Evidence("it", ENDED, "Graph"),))
    [matrix] = matrices_of(estate, [seen], [])
    rows = {one.cell.title: one for one in matrix.rows}
    assert (rows["eDiscovery"].configured, rows["eDiscovery"].verified) == (True, Verdict.PASSED)
    retention = rows["Data Lifecycle Management"]
    assert (retention.asked_for, retention.configured, retention.verified) == (True, False, None), "nobody saw it run"


@pytest.mark.parametrize("state", AccessState)
def test_a_policy_that_meets_nobody_verifies_nothing(estate: Estate, state: AccessState) -> None:
    spared = BreakGlassSettings(users=("44444444-4444-4444-4444-444444444444",))
    access = ConditionalAccessSettings(all_resources=True, break_glass=spared, state=state)
    estate.settings = estate.settings.model_copy(update={"governance": GovernanceSettings(conditional_access=access)})
    [matrix] = matrices_of(estate, [Finding("governance.access", "The policy", Verdict.PASSED)], [])
    verified = {one.cell.title: one.verified for one in matrix.rows}
    assert verified["Conditional Access by insider risk"] == (Verdict.PASSED if state == AccessState.ENABLED else None)
    assert verified["Adaptive protection"] is None


def test_a_case_without_a_search_verifies_nothing(estate: Estate) -> None:
    governance = GovernanceSettings(ediscovery=EdiscoverySettings(case=CaseSettings(name="AI interactions")))
    assert any("searches: there is none" in told for told in governance.warnings())
    estate.settings = estate.settings.model_copy(update={"governance": governance})
    [matrix] = matrices_of(estate, [Finding("governance.case", "The case", Verdict.PASSED)], [])
    assert {one.cell.title: one.verified for one in matrix.rows}["eDiscovery"] is None


def test_runs_that_nobody_saw_verify_nothing(estate: Estate) -> None:
    [matrix] = matrices_of(estate, [], [RunHistory("chatgpt", Unseen("no answer"))])
    assert not [one for one in matrix.rows if one.verified]


def test_no_page_takes_the_place_of_another() -> None:
    files = files_of(["index", "Index", "contoso", "org/it's a \\ stack", "50%", "bücher"])
    assert len({name.lower() for name in (*files.values(), "index.html")}) == 7
    assert files["contoso"] == "contoso.html"
    assert files["bücher"] == "bücher.html"
    assert files["org/it's a \\ stack"] == "org%2Fit%27s a %5C stack.html"
    assert files["50%"] == "50%25.html"
    assert files_of(["contoso", "contoso"]) == {"contoso": "contoso.html"}
