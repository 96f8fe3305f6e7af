"""``purview-ai scan list``, ``run`` and ``cancel``: runs are listed, started and ended, each as it was asked for."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from command_line import STRANGER, said
from local_azure import seed
from local_azure.process import LocalAzure
from local_azure.purview.accounts import Circumstances
from purview_ai.datamap.run_report import RunReport
from purview_ai.operate.run_commands import show
from tenants import Tenant

if TYPE_CHECKING:
    from pathlib import Path

    from people import Person

GOOD, BAD, USAGE, UNKNOWN = range(4)


def test_runs_are_listed_with_their_counts(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    [first] = said(tenant, "scan", "list", "--json").json["sources"]["chatgpt"][-1:]
    assert (first["level"], first["status"]) == ("Full", "Succeeded")
    assert first["ingested"] == first["classified"] + 1 == seed.INTERACTIONS + 1
    assert first["seconds"] >= 0
    shown = said(tenant, "scan", "list")
    assert shown.code == GOOD
    assert "Classified is one less than ingested" in shown.out
    assert f" {seed.INTERACTIONS} " in shown.out


def test_a_run_is_incremental_unless_all_is_asked_for(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    for words, level in (((), "Incremental"), (("--full",), "Full")):
        told = said(tenant, "scan", "run", *words, "--json")
        assert told.code == GOOD
        operator.run_of()
        newest = said(tenant, "scan", "list", "--json", "--limit", "1").json["sources"]["chatgpt"]
        assert [(run["id"], run["level"]) for run in newest] == [(told.json["run"], level)]
    assert tenant.preview("--expect-no-changes").code == 0


def test_of_several_stacks_one_that_is_wrong_keeps_no_other_from_its_scan(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    told = said(tenant, "scan", "run", "--stack", "nowhere, elsewhere")
    assert told.code == USAGE
    assert "there is no stack nowhere" in told.err
    assert "there is no stack elsewhere" in told.err
    run = f"incremental run {operator.run_of()['id']} of scan chatgpt-scan was started"
    assert told.out.startswith(f"sandbox: chatgpt: {run}\n")


def test_a_scan_has_one_run_at_a_time_and_it_can_be_ended(tmp_path: Path, pulumi_home: Path) -> None:
    del pulumi_home
    azure = LocalAzure.start(tmp_path / "azure", pace=20.0, warm=True)
    try:
        tenant = Tenant(tmp_path / "tenant", azure)
        tenant.up().must_succeed()
        second = said(tenant, "scan", "run")
        assert (second.code, second.out) == (BAD, "")
        assert "sandbox: chatgpt: a run goes on already" in second.err
        by_schedule = said(tenant, "scan", "run", "--scheduled")
        assert (by_schedule.code, by_schedule.err) == (GOOD, "")
        assert "sandbox: chatgpt: passed by: a run goes on already" in by_schedule.out
        told = said(tenant, "scan", "run", "--scheduled", "--json").json
        assert (told["stack"], told["run"], told["problem"]) == ("sandbox", "", "")
        assert told["passed_by"] == "a run goes on already, and a scan has one at a time"
        assert "Follow it" not in by_schedule.out
        [going] = said(tenant, "scan", "list", "--json").json["sources"]["chatgpt"]
        other = said(tenant, "scan", "cancel", "--run", "11111111-2222-4333-8444-555555555555")
        assert other.code == BAD
        ended = said(tenant, "scan", "cancel", "--json")
        assert (ended.code, ended.json["run"]) == (GOOD, going["id"])
        again = said(tenant, "scan", "cancel")
        assert (again.code, "no such run" in again.err) == (BAD, True)
    finally:
        azure.kill()


def test_a_failed_run_is_listed_with_its_error(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert said(tenant, "scan", "run").code == GOOD
    operator.run_of()
    tenant.azure.set_vendor_key(seed.VENDOR_KEY)
    told = said(tenant, "scan", "list", "--limit", "1")
    assert told.code == GOOD
    assert "key was rejected by api.chatgpt.com" in told.out


@pytest.mark.parametrize("command", ["list", "run", "cancel"])
def test_whoever_may_not_is_told_what_it_takes(deployed: tuple[Tenant, Person], command: str) -> None:
    told = said(deployed[0], "scan", command, **STRANGER)
    assert (told.code, told.out) == (UNKNOWN, "")
    assert "the runs could not be asked for" in told.err
    assert "Azure: 403" in told.err
    assert "Reader on the Purview account in Azure" in told.err


@pytest.mark.parametrize("command", ["list", "run", "cancel"])
def test_offline_is_told_and_ends_with_3(deployed: tuple[Tenant, Person], command: str) -> None:
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    told = said(deployed[0], "scan", command, **nobody)
    assert (told.code, told.out) == (UNKNOWN, "")
    assert "docs/troubleshooting.md" in told.err


def test_what_was_started_is_told_although_another_source_is_refused(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    sources = tenant.config["purview-ai:tenant"]["sources"]
    second = {**sources["chatgpt"], "workspace_id": seed.OTHER_WORKSPACE}
    tenant.change({"sources": {**sources, "second": second}})
    refusal = {"effect": "status", "service": "purview", "method": "POST", "path": "datasources/second"}
    try:
        for status in (403, 500):
            tenant.azure.weather(**refusal, status=status, code="No", times=4)
            told = said(tenant, "scan", "run", "--json")
            tenant.azure.fine_weather()
            operator.run_of()
            first, other = (json.loads(line) for line in told.out.splitlines())
            assert (told.code, first["problem"], first["run"] != "") == (UNKNOWN, "", True)
            assert f"the runs could not be asked for\n  Purview: {status} No" in other["problem"]
    finally:
        tenant.change({"sources": sources})


@pytest.mark.parametrize("command", ["list", "run", "cancel"])
def test_a_purview_that_hangs_is_waited_for_no_longer_than_said(deployed: tuple[Tenant, Person], command: str) -> None:
    tenant, operator = deployed
    tenant.azure.weather(effect="latency", service="purview", path="chatgpt-scan", seconds=60.0, times=9)
    begun = time.monotonic()
    told = said(tenant, "scan", command, "--patience", "2")
    took = time.monotonic() - begun
    tenant.azure.fine_weather()
    operator.run_of()
    assert (told.code, told.out, took < 30) == (UNKNOWN, "", True)
    assert "no answer within 2 seconds (--patience)" in told.err
    assert ("Whether run " in told.err) is (command == "run")


def test_the_next_command_follows_the_very_run(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    told = said(tenant, "scan", "run")
    run_id = operator.run_of()["id"]
    follow = f"scan watch --stack sandbox --source chatgpt --run {run_id}"
    assert told.out.splitlines()[-1] == f"Follow it: purview-ai {follow}"
    assert said(tenant, *follow.replace("--stack sandbox ", "").split(), "--every", "0.1").code == GOOD


def test_a_tenant_without_a_default_account_is_told_which_setting(tenant: Tenant) -> None:
    tenant.change({"purview": {"account": "default", "collection": seed.COLLECTION}})
    tenant.azure.set_circumstances(Circumstances(default_of_tenant=False))
    told = said(tenant, "scan", "list")
    assert told.code == UNKNOWN
    assert "Set purview.account to" in told.err
    assert "network" not in told.err


def test_what_purview_says_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    odd = RunReport("[red]:key:", ":key:", "[bold]", "[/bold]", None, 1, 1, 1, "a[/b]:key:")
    show({"a[/b]:key:": ("a[/b]-scan", [odd])})
    shown = capsys.readouterr().out
    for text in ("[red]:key:", "[bold]", "[/bold]", "a[/b]:key:", "a[/b]-scan"):
        assert text in shown


@pytest.mark.parametrize("width", [200, 80, 40])
def test_a_narrow_terminal_cuts_nothing_off(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    run = RunReport(
        "4def549c-98af-4509-b5f2-8e3e4f7caa21",
        "Succeeded",
        "Incremental",
        "2026-11-20T00:50:18.790281Z",
        "2026-11-20T00:50:20Z",
        12413,
        12412,
        12413,
        "",
    )
    show({"chatgpt": ("chatgpt-scan", [run])})
    shown = capsys.readouterr().out
    for text in (run.id, "Succeeded", "Incremental", "2026-11-20T00:50:18Z", "12413", "12412", "0 min 01 s"):
        assert text in shown, shown


def test_an_unknown_source_ends_with_2(deployed: tuple[Tenant, Person]) -> None:
    told = said(deployed[0], "scan", "run", "--source", "nobody")
    assert (told.code, told.err) == (USAGE, "sandbox: there is no source nobody with a scan; known are chatgpt\n")


def test_a_schedule_passes_by_a_tenant_whose_apps_have_no_scan(tenant: Tenant) -> None:
    claude = {"app": "claude-enterprise", "workspace_id": "5d3c2b1a-0f9e-4d8c-b7a6-95847362510d"}
    tenant.change({"sources": {"claude": claude}})
    by_hand = said(tenant, "scan", "run")
    assert (by_hand.code, "sandbox: no source has a scan" in by_hand.err) == (USAGE, True)
    told = said(tenant, "scan", "run", "--scheduled")
    assert (told.code, "no source has a scan" in told.out) == (GOOD, True)
    wrong = said(tenant, "scan", "run", "--scheduled", "--stack", "nowhere")
    assert wrong.code == USAGE


def test_a_scan_that_is_not_there_cannot_be_run(tenant: Tenant) -> None:
    told = said(tenant, "scan", "run", "--json")
    assert told.code == BAD
    assert "Purview has no scan chatgpt-scan" in json.loads(told.out)["problem"]
