"""Scans: tried before they are saved, run once for each generation, ended before they go."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from estate import connection, credential, put, run, scan, source, there, whole_tenant
from local_azure import seed
from local_azure.process import LocalAzure
from local_azure.purview.accounts import Circumstances
from people import PURVIEW, Person
from purview_ai.datamap.run import RUN_ID, SCAN_MADE, began_before
from purview_ai.objects.failures import ObjectError
from small_engine import SmallEngine
from whole_chain import WholeChain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = f"{PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan/runs"


@pytest.fixture
def vault(operator: Person) -> WholeChain:
    """A vault with the vendor's key, open to the Purview account, whose identity holds both app roles."""
    chain = WholeChain(operator)
    chain.open_vault()
    chain.grant_both()
    return chain


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[SmallEngine, Person]]:
    """A stack in a sandbox whose runs never end in the time of a test."""
    azure = LocalAzure.start(tmp_path / "slow", pace=600, warm=True)
    with azure.client() as client:
        yield SmallEngine.of(azure), Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
    azure.kill()


def with_test(**more: Any) -> dict[str, dict[str, Any]]:
    """A tenant whose connection is tested before its scan is saved."""
    return {
        "connection": connection(),
        "credential": credential(),
        "source": source(),
        "scan": scan(test_connection=True, **more),
    }


def listed(operator: Person) -> list[str]:
    """The scan's runs."""
    return [one["id"] for one in operator.get(RUNS)["value"]]


def scans(operator: Person) -> list[str]:
    """The source's scans."""
    return [one["name"] for one in operator.get(f"{PURVIEW}/scan/datasources/chatgpt/scans")["value"]]


@pytest.mark.usefixtures("vault")
def test_a_connection_that_works_is_tested_once_and_the_scan_saved(stack: SmallEngine, operator: Person) -> None:
    stack.up(with_test())
    calls = [r["path"] for r in operator.azure.requests() if "chatgpt-scan" in r["path"] and r["method"] != "GET"]
    assert [call.rsplit("/", 1)[1] for call in calls] == ["testConnectivity", "chatgpt-scan"]


def test_a_connection_that_does_not_work_is_told_and_no_scan_is_saved(
    stack: SmallEngine, vault: WholeChain, operator: Person
) -> None:
    vault.key("not-a-key-of-this-workspace")
    with pytest.raises(ObjectError, match="its connection test failed") as stopped:
        stack.up(with_test())
    assert "key was rejected by api.chatgpt.com" in str(stopped.value)
    assert "(request " in str(stopped.value)
    assert scans(operator) == []
    vault.key()
    assert stack.up(with_test()) == {"scan": "create"}


def test_a_role_on_the_vault_that_is_on_its_way_is_waited_for(
    stack: SmallEngine, vault: WholeChain, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    del vault
    azure.weather(
        effect="status", service="purview", path="testconnectivity", status=403, code="KeyVaultAccessFailed", times=3
    )
    stack.up(with_test(patience_minutes=1))
    told = capsys.readouterr().err
    assert "waiting, for 60 seconds at most: the connection test of scan chatgpt-scan fails" in told
    assert "KeyVaultAccessFailed" in told


def test_a_test_that_goes_on_failing_is_told_once_and_not_with_every_look(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.weather(
        effect="status", service="purview", path="testconnectivity", status=400, code="InvalidScanKind", times=4
    )
    azure.set_circumstances(Circumstances(tests_connections=False))
    stack.up(with_test(patience_minutes=1))
    assert capsys.readouterr().err.count("InvalidScanKind") == 1


def test_a_service_without_a_connection_test_gives_a_warning_and_no_stop(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.set_circumstances(Circumstances(tests_connections=False))
    stack.up(with_test())
    assert "the connection of scan chatgpt-scan could not be tested" in capsys.readouterr().err
    assert scans(operator) == ["chatgpt-scan"]


def test_a_changed_scan_is_tested_too(stack: SmallEngine, vault: WholeChain, operator: Person) -> None:
    stack.up(with_test())
    vault.key("not-a-key-of-this-workspace")
    program = with_test(collection=seed.ACCOUNT)
    with pytest.raises(ObjectError, match="was not saved, because its connection test failed"):
        stack.up(program)
    program["scan"]["test_connection"] = False
    assert stack.up(program) == {"scan": "update"}
    assert scans(operator) == ["chatgpt-scan"]


def test_a_source_without_triggers_says_so_and_names_the_other_way(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(takes_triggers=False))
    with pytest.raises(ObjectError, match='trigger of scan "chatgpt-scan"') as stopped:
        stack.up(whole_tenant())
    assert "leave out sources.<name>.scan.every and let a pipeline start the runs" in str(stopped.value)
    without = {name: wish for name, wish in whole_tenant().items() if name != "trigger"}
    stack.up(without)
    assert stack.drift() == {}


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(("level", "runs"), [("Full", 1), ("Incremental", 2)])
def test_a_scan_that_ran_before_it_was_taken_over_is_not_ingested_again(
    stack: SmallEngine, operator: Person, level: str, runs: int
) -> None:
    by_hand = {name: wish for name, wish in whole_tenant().items() if name != "run"}
    stack.up(by_hand)
    theirs = str(uuid.uuid4())
    operator.do("POST", f"{RUNS.removesuffix('/runs')}:run", params={"runId": theirs, "scanLevel": level})
    operator.run_of()
    stack.state = {}
    stack.new_process().up(whole_tenant())
    assert (stack.state["run"].outputs[RUN_ID] == theirs) == (level == "Full")
    operator.run_of()
    assert len(listed(operator)) == runs
    stack.up(whole_tenant() | {"run": run(generation=2)})
    assert len(listed(operator)) == runs + 1, "asked for by its number, another one starts"


def test_a_run_starts_once_for_each_generation(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    first = stack.state["run"].outputs[RUN_ID]
    operator.run_of()
    assert stack.new_process().up(whole_tenant()) == {}
    del stack.state["run"]
    stack.up(whole_tenant())
    assert listed(operator) == [first], "a repeated request is the same run"
    second = {**whole_tenant(), "run": run(generation=2, level="Incremental")}
    assert stack.up(second) == {"run": "update"}
    operator.run_of()
    assert len(listed(operator)) == 2
    assert stack.state["run"].outputs[RUN_ID] in listed(operator)
    assert stack.drift() == {}


@pytest.mark.parametrize("generation", [1, 2])
def test_a_run_that_was_asked_for_is_found_and_not_asked_for_again(
    stack: SmallEngine, operator: Person, azure: LocalAzure, generation: int
) -> None:
    """No document says that a service which hears a run's id a second time starts no other one."""
    program = {**whole_tenant(), "run": run(generation=generation)}
    stack.up(program)
    operator.run_of()
    del stack.state["run"]
    azure.forget_requests()
    stack.up(program)
    assert not [one for one in azure.requests() if one["path"].endswith("/scans/chatgpt-scan:run")]
    assert len(listed(operator)) == 1


def test_a_scan_whose_moment_moved_has_still_run_where_its_run_is_there(stack: SmallEngine, operator: Person) -> None:
    """Whether a change moves the moment at which a scan was made is not documented; a second full run is too much."""
    stack.up(whole_tenant())
    operator.run_of()
    stack.state["run"].outputs[SCAN_MADE] = "2026-01-01T00:00:00Z"
    assert "run" not in stack.drift()


def test_a_run_that_goes_on_already_counts_and_is_left_alone(slow: tuple[SmallEngine, Person]) -> None:
    stack, operator = slow
    program = whole_tenant()
    without = {name: wish for name, wish in program.items() if name not in ("run", "collection")}
    stack.up(without)
    other = str(uuid.uuid4())
    operator.do("POST", f"{RUNS.removesuffix('/runs')}:run", params={"runId": other, "scanLevel": "Full"})
    stack.up({**without, "run": run()})
    assert listed(operator) == [other]
    assert stack.state["run"].outputs[RUN_ID] == other
    stack.up({**without, "run": run(generation=2)})
    assert listed(operator) == [other]
    stack.up(without)
    assert operator.get(f"{RUNS}/{other}")["status"] not in ("Canceled", "Cancelled")


def test_a_scan_that_goes_ends_its_run_first(slow: tuple[SmallEngine, Person]) -> None:
    stack, operator = slow
    program = {name: wish for name, wish in whole_tenant().items() if name != "collection"}
    stack.up(program)
    stack.destroy()
    assert operator.get(f"{PURVIEW}/scan/datasources")["value"] == []


def test_up_waits_for_a_run_when_told_how_long_and_tells_how_it_goes(
    stack: SmallEngine, vault: WholeChain, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = {**with_test(), "run": run(wait_minutes=1)}
    stack.up(waiting)
    assert operator.get(f"{RUNS}/{stack.state['run'].outputs[RUN_ID]}")["status"] == "Succeeded"
    assert "the run of scan chatgpt-scan is" in capsys.readouterr().err
    vault.key("not-a-key-of-this-workspace")
    with pytest.raises(ObjectError, match="did not succeed") as stopped:
        stack.up({**with_test(), "run": run(wait_minutes=1, generation=2)})
    assert "key was rejected by api.chatgpt.com" in str(stopped.value)
    assert "sources.<name>.scan.generation" in str(stopped.value)


def test_another_scan_of_the_same_name_has_runs_of_its_own(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    first = operator.run_of()["id"]
    for name in ("trigger", "scan"):
        stack.provider.delete("", stack.state[name].outputs)
    assert set(stack.drift()) == {"scan", "trigger", "run"}
    stack.refresh()
    stack.up(whole_tenant())
    assert operator.run_of()["id"] != first


def test_a_scan_that_somebody_made_anew_has_not_run(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    operator.run_of()
    body = there(operator, "scan")
    for name in ("trigger", "scan"):
        stack.provider.delete("", stack.state[name].outputs)
    put(operator, "scan", {n: body[n] for n in ("kind", "properties")})
    assert "run" in stack.drift()


def test_a_run_of_an_earlier_scan_is_told_by_its_time() -> None:
    assert began_before("2026-01-01T00:00:00Z", "2026-01-01T01:30:00+01:00")
    assert not began_before("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")
    for unknown in ("", None, "yesterday", "0001-01-01T00:00:00+23:00"):
        assert not began_before(unknown, "2026-01-01T00:00:00Z")


def test_a_run_of_another_level_is_waited_for_as_long_as_a_user_says(
    slow: tuple[SmallEngine, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, operator = slow
    without = {name: wish for name, wish in whole_tenant().items() if name not in ("run", "collection")}
    stack.up(without)
    params = {"runId": str(uuid.uuid4()), "scanLevel": "Incremental"}
    operator.do("POST", f"{RUNS.removesuffix('/runs')}:run", params=params)
    # A minute that passes with each pause.
    now = iter(range(0, 100_000, 61))
    monkeypatch.setattr("purview_ai.calls.patience.Patience.__init__.__defaults__", (lambda: next(now), lambda _: None))
    with pytest.raises(ObjectError, match=r"incremental run .* goes on, and a scan has one at a time") as stopped:
        stack.up({**without, "run": run()})
    assert "sources.<name>.scan.wait_minutes" in str(stopped.value)


def test_a_repeated_request_that_is_refused_is_the_same_run(
    stack: SmallEngine, operator: Person, azure: LocalAzure
) -> None:
    stack.up(whole_tenant())
    first = operator.run_of()
    assert first["status"] == "Failed", "there is no vault here, so this run counts for nothing"
    del stack.state["run"]
    azure.weather(effect="status", service="purview", method="POST", path=":run", status=409, code="Conflict", times=1)
    stack.new_process().up(whole_tenant())
    assert stack.state["run"].outputs[RUN_ID] == first["id"]
    assert listed(operator) == [first["id"]]


def test_a_scan_in_the_night_is_no_drift(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    operator.run_of()
    operator.run_again()
    assert stack.drift() == {}
    assert stack.preview(whole_tenant()) == {}
