"""What fleets of three tenants look at: drift, chains and pages, on bad days, after a kill and with limits."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from fleet.fleets import LONG_S, ONE, THREE, TWO, Fleet, vault_path
from operate.command_line import OPERATOR
from operate.terminal import answered
from purview_ai.drift.gate import AT_ONCE
from waiting import until

from benchmarks.scale import MEASURED, Bucket, throttled

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

QUOTAS = {"arm": Bucket(8, 8), "graph": Bucket(3, 3), "purview": Bucket(8, 8)}
"""Less than a look at all of them asks for at once."""
[DRIFT] = [one for one in MEASURED if one.name.startswith("drift")]
LOOKS = ("drift", "verify", "report")


def _into(look: str, folder: Path) -> tuple[str, ...]:
    """Where the pages go, where there are any."""
    return ("--out", str(folder)) if look == "report" else ()


def _unanswered(stack: str, status: int = 503) -> dict[str, Any]:
    """Nobody is told about a vault any more."""
    path = f"vaults/kv-{stack}"
    return {"effect": "status", "method": "GET", "path": path, "status": status, "code": "BadDay", "times": 99}


def test_under_quotas_each_service_refuses_some_calls_and_no_tenant_is_lost_as_the_model_says(fleet: Fleet) -> None:
    calls = {service: 3 * count for service, count in DRIFT.reads.items() if service in QUOTAS}
    fleet.azure.forget_requests()
    for service, bucket in QUOTAS.items():
        modelled = throttled(calls[service], AT_ONCE, bucket, call_s=0.05)
        assert (modelled.refused > 0, modelled.given_up) == (True, 0), service
        fleet.azure.weather(effect="quota", service=service, burst=bucket.burst, per_second=bucket.per_s)
    told = fleet.told("drift", "--all")
    assert (told.code, set(told.results.values())) == (0, {"succeeded"}), told
    seen = Counter((one["service"], one["status"] == 429) for one in fleet.azure.requests())
    assert all(calls[service] - 2 <= seen[service, False] <= calls[service] for service in QUOTAS), (
        "some find the account"
    )
    assert all(seen[service, True] for service in QUOTAS), "each of them refused some"


def test_drift_is_found_and_a_refresh_takes_it_in(fleet: Fleet, tmp_path: Path) -> None:
    fleet.tag_by_hand(TWO)
    page = tmp_path / "drift.html"
    found = fleet.told("drift", "--all", "--html", str(page))
    assert (found.code, found.results) == (1, {ONE: "succeeded", TWO: "differs", THREE: "succeeded"})
    assert found.of(TWO)["drift"]["changes"][0]["field"].startswith("tags")
    assert f"{TWO}: " in page.read_text()
    shown = fleet.said("drift", "--stack", "tenant0[12]")
    assert (shown.code, "custody-vault" in shown.out) == (1, True)
    assert "fleet drift: 2 stacks in " in shown.out
    file = fleet.folder / "stacks" / f"Pulumi.{ONE}.yaml"
    right = file.read_text()
    file.write_text(right.replace("config:", "config:\n  azure-native:clientSecret: {secure: 'v1:x:y'}", 1))
    beside_a_wrong_file = fleet.told("drift", "--stack", f"{ONE},{TWO}")
    file.write_text(right)
    assert (beside_a_wrong_file.code, beside_a_wrong_file.results) == (1, {ONE: "unknown", TWO: "differs"})
    assert f"{ONE}: azure-native's settings are encrypted" in beside_a_wrong_file.of(ONE)["reason"]
    left = fleet.told("drift", "--stack", TWO, "--leave-out", "key vault")
    assert (left.code, left.of(TWO)["note"]) == (0, f"{TWO}: 1 object left out: key vault")
    assert len(left.of(TWO)["drift"]["left_out"]) == 1
    no_such = fleet.said("drift", "--stack", TWO, "--leave-out", "vault")
    assert (no_such.code, "no kind of object that is called so" in no_such.err) == (2, True)
    taken = fleet.told("refresh", "--stack", TWO, "--yes")
    assert (taken.code, taken.of(TWO)["changes"]) == (0, {"update": 1})
    assert fleet.told("drift", "--stack", TWO).code == 0


def test_pages_are_written_of_the_chosen_stacks(fleet: Fleet, tmp_path: Path) -> None:
    words = ("--stack", f"{ONE},{TWO}", "--no-drift", "--search", "0")
    written = fleet.said("report", *words, "--out", str(tmp_path), "--html", str(tmp_path / "run" / "page.html"))
    assert (written.code, f"2 of 2 pages written; begin with {tmp_path}/index.html" in written.out) == (0, True)
    assert {file.name for file in tmp_path.glob("*.html")} == {"index.html", f"{ONE}.html", f"{TWO}.html"}
    assert "<title>fleet report of 2 stacks" in (tmp_path / "run" / "page.html").read_text()
    (tmp_path / "file").touch()
    refused = fleet.said("report", *words, "--out", str(tmp_path / "file" / "pages"))
    assert (refused.code, "the pages cannot be written: " in refused.err) == (2, True)


def test_a_file_that_cannot_be_read_is_one_stacks_affair(fleet: Fleet, tmp_path: Path) -> None:
    with fleet.broken(TWO) as file:
        verified = fleet.told("verify", "--all", "--search", "0")
        drifted = fleet.told("drift", "--all")
        pages = fleet.told("report", "--all", "--out", str(tmp_path), "--no-drift", "--search", "0")
    for told in (verified, drifted, pages):
        assert f"{TWO}: {file} cannot be read" in told.of(TWO)["reason"]
        assert told.of(TWO)["attempts"] == 1
    assert [told.of(TWO)["result"] for told in (verified, drifted, pages)] == ["failed", "unknown", "failed"]
    assert len(verified.of(ONE)["findings"]) > 1
    assert (drifted.code, drifted.of(ONE)["result"]) == (3, "succeeded")
    assert (pages.code, pages.summary["index"]) == (1, f"{tmp_path}/index.html")
    assert "cannot be read" in (tmp_path / "index.html").read_text()
    assert [one.get("page") for one in pages.summary["stacks"]] == [
        f"{tmp_path}/{ONE}.html",
        None,
        f"{tmp_path}/{THREE}.html",
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_what_no_service_answered_is_asked_once_more(fleet: Fleet, tmp_path: Path, look: str) -> None:
    fleet.azure.weather(**_unanswered(TWO))
    run = fleet.start(look, "--stack", f"{ONE},{TWO}", "--json", *_into(look, tmp_path), **OPERATOR)
    assert run.stderr is not None
    assert any(f"{TWO}: unknown, and will be tried once more: " in line for line in run.stderr)
    fleet.azure.fine_weather()
    out, err = run.communicate(timeout=LONG_S)
    first, second = json.loads(out)["stacks"]
    assert (first["attempts"], second["attempts"]) == (1, 2), err
    assert "503 BadDay" in second["first_reason"]
    assert second["result"] == first["result"] == "succeeded"


def test_what_stays_unanswered_is_told_and_what_was_refused_is_not_asked_again(fleet: Fleet, tmp_path: Path) -> None:
    fleet.azure.weather(**_unanswered(TWO))
    pages = fleet.told("report", "--stack", TWO, *_into("report", tmp_path))
    assert (pages.code, pages.of(TWO)["result"], pages.of(TWO)["attempts"]) == (3, "unknown", 2)
    assert "503 BadDay" in (tmp_path / f"{TWO}.html").read_text()
    fleet.azure.fine_weather()
    mended = fleet.told("report", "--resume")
    assert (mended.code, mended.of(TWO)["result"]) == (0, "succeeded")
    assert "503 BadDay" not in (tmp_path / f"{TWO}.html").read_text()
    fleet.azure.weather(**_unanswered(TWO, 403))
    for look in ("drift", "verify"):
        refused = fleet.told(look, "--stack", TWO)
        assert (refused.code, refused.of(TWO)["attempts"]) == (3, 1), refused


def test_what_is_unknown_of_a_stack_that_differs_is_left_to_be_looked_at(fleet: Fleet, tmp_path: Path) -> None:
    fleet.tag_by_hand(TWO, "night")
    fleet.azure.weather(effect="status", service="purview", status=503, code="BadDay", times=999)
    page = tmp_path / "drift.html"
    found = fleet.told("drift", "--stack", TWO, "--html", str(page))
    assert (found.code, found.of(TWO)["result"], found.of(TWO)["attempts"]) == (1, "differs", 2)
    assert "custody-vault: tags" in page.read_text()
    assert "503 BadDay" in page.read_text()
    fleet.azure.fine_weather()
    resumed = fleet.told("drift", "--resume")
    assert (resumed.code, resumed.of(TWO)["result"], resumed.of(TWO)["drift"]["unknown"]) == (1, "differs", [])
    assert fleet.told("refresh", "--stack", TWO, "--yes").code == 0


def test_a_service_that_is_back_is_asked_again_by_the_next_wave(fleet: Fleet) -> None:
    fleet.azure.weather(effect="hang-before", service="arm", times=999)
    limits = ("--wave-size", "2", "--patience", "1")
    run = fleet.start("drift", "--all", *limits, "--json")
    assert run.stderr is not None
    assert any("(2 of 3)" in line for line in run.stderr)
    fleet.azure.fine_weather()
    results = {one["stack"]: one["result"] for one in json.loads(run.communicate(timeout=LONG_S)[0])["stacks"]}
    assert results == {ONE: "unknown", TWO: "unknown", THREE: "succeeded"}


def test_who_could_not_sign_in_signs_in_once_more(fleet: Fleet) -> None:
    fleet.azure.weather(effect="status", service="login", status=503, times=999)
    run = fleet.start("drift", "--all", "--json")
    assert run.stderr is not None
    assert any("will be tried once more" in line for line in run.stderr)
    fleet.azure.fine_weather()
    told = json.loads(run.communicate(timeout=LONG_S)[0])
    assert {one["attempts"] for one in told["stacks"]} == {2}
    assert {one["result"] for one in told["stacks"]} == {"succeeded"}, told


def test_pages_that_were_lost_are_written_anew(fleet: Fleet, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    assert fleet.told("report", "--stack", f"{ONE},{TWO}", "--out", str(pages)).code == 0
    (pages / f"{ONE}.html").unlink()
    fleet.azure.forget_requests()
    assert fleet.told("report", "--resume").code == 0
    assert (fleet.asked("GET", vault_path(ONE)), fleet.asked("GET", vault_path(TWO))) == (True, False)
    shutil.rmtree(pages)
    assert fleet.told("report", "--resume").results == {ONE: "succeeded", TWO: "succeeded"}
    assert {file.name for file in pages.iterdir()} == {"index.html", f"{ONE}.html", f"{TWO}.html"}
    (pages / "index.html").unlink()
    (pages / "index.html").mkdir()
    (tmp_path / "file").touch()
    told = fleet.told("report", "--resume", "--html", str(tmp_path / "file" / "page.html"))
    assert (told.code, told.results, told.summary["index"]) == (1, {ONE: "succeeded", TWO: "succeeded"}, None)
    assert "the page over all cannot be written: " in told.err
    assert "the page cannot be written: " in told.err


def test_a_look_that_cannot_be_written_down_is_a_look_all_the_same(fleet: Fleet, tmp_path: Path) -> None:
    home = fleet.folder / ".purview-ai"
    home.rename(tmp_path / "home")
    home.touch()
    told = fleet.told("drift", "--stack", ONE)
    home.unlink()
    (tmp_path / "home").rename(home)
    assert (told.code, told.summary["run"]) == (0, None)
    assert "nothing is written down in .purview-ai of the project, so --resume will not know it" in told.err


def test_without_a_backend_nothing_begins(fleet: Fleet) -> None:
    before = sorted((fleet.folder / ".purview-ai").rglob("*"))
    refused = fleet.said("drift", "--all", PULUMI_BACKEND_URL="azblob://states")
    assert (refused.code, "names no storage account" in refused.err) == (2, True), refused
    assert sorted((fleet.folder / ".purview-ai").rglob("*")) == before


def _at_second(fleet: Fleet, look: str, *words: str) -> subprocess.Popen[str]:
    """A look at all of them, one after the other, that waits for an answer about the second."""
    fleet.azure.weather(effect="hang-before", method="GET", path=f"vaults/kv-{TWO}")
    fleet.azure.forget_requests()
    run = fleet.start(look, "--all", "--parallel", "1", *words, **OPERATOR)
    until(lambda: fleet.asked("GET", vault_path(TWO)) or run.poll() is not None, "the moment", LONG_S)
    assert run.poll() is None, run.communicate()
    return run


@pytest.mark.parametrize("look", LOOKS)
def test_who_goes_on_after_a_kill_looks_at_the_others_alone(fleet: Fleet, tmp_path: Path, look: str) -> None:
    run = _at_second(fleet, look, *_into(look, tmp_path))
    run.kill()
    run.communicate()
    fleet.azure.fine_weather()
    fleet.azure.forget_requests()
    resumed = fleet.told(look, "--resume", **OPERATOR)
    assert [one["stack"] for one in resumed.summary["stacks"]] == [ONE, TWO, THREE]
    assert set(resumed.results.values()) == {"succeeded"}
    assert (fleet.asked("GET", vault_path(ONE)), fleet.asked("GET", vault_path(THREE))) == (False, True)
    if look == "report":
        index = (tmp_path / "index.html").read_text()
        assert all(f"{stack}.html" in index and (tmp_path / f"{stack}.html").exists() for stack in (ONE, TWO, THREE))
    else:
        told = {"drift": "drift", "verify": "findings"}[look]
        assert resumed.of(ONE)[told], "also of whom was looked at before"


@pytest.mark.parametrize("look", LOOKS)
def test_ctrl_c_ends_a_look_at_once(fleet: Fleet, tmp_path: Path, look: str) -> None:
    run = _at_second(fleet, look, "--json", *_into(look, tmp_path))
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=LONG_S)
    assert (run.returncode, "no other stack is begun: it was interrupted" in err) == (130, True), err
    results = {one["stack"]: one["result"] for one in json.loads(out)["stacks"]}
    assert [results[stack] for stack in (TWO, THREE)] == ["cancelled", "not begun"]
    if look == "report":
        assert "it was interrupted" in (tmp_path / "index.html").read_text()


def test_a_canary_and_a_limit_hold_for_looks(fleet: Fleet) -> None:
    fleet.azure.weather(**_unanswered(ONE, 403))
    for limit in (("--canary", "wave=canary"), ("--stop-after", "1", "--parallel", "1")):
        stopped = fleet.told("drift", "--all", *limit)
        assert stopped.results == {ONE: "unknown", TWO: "not begun", THREE: "not begun"}


def test_on_a_terminal_it_shows_how_far_a_look_is(fleet: Fleet) -> None:
    where = {"cwd": fleet.folder, "env": {**fleet.tenants.environment, "TERM": "xterm", "COLUMNS": "120"}}
    fleet.azure.weather(effect="latency", method="GET", path="vaults/kv-", seconds=1.0)
    code, shown = answered(["purview-ai", "fleet", "drift", "--all", "--parallel", "2"], [], limit_s=LONG_S, **where)
    assert code == 0
    assert "fleet drift: 0 of 3 stacks" in shown
    assert "looked at" in shown
    assert "s left" in shown
