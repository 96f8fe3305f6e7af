"""What the commands of a fleet do with three tenants: plans, pages, failures, locks and interruptions."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from drift.sights import purview_ai
from fleet.fleets import LONG_S, ONE, THREE, TWO, Fleet, engines_of, kill, kill_all, workers_of
from operate.terminal import answered
from tenants import CHECKOUT
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path


def _bad_day(fleet: Fleet, stack: str, times: int) -> None:
    """The next changes of a vault are refused, in a way that no client repeats."""
    fleet.azure.weather(
        effect="status", method="PUT", path=f"vaults/kv-{stack}", status=400, code="BadDay", times=times
    )


def _next_tag(fleet: Fleet, *stacks: str) -> dict[str, str]:
    """Something to change for each of them, that was not there before."""
    tags = {"wave": "main", "change": os.urandom(4).hex()}
    for stack in stacks:
        fleet.change(stack, {"tags": tags})
    return tags


def test_a_preview_keeps_plans_and_an_update_does_what_they_showed(fleet: Fleet, tmp_path: Path) -> None:
    planned = _next_tag(fleet, TWO)
    plans, page = tmp_path / "plans", tmp_path / "page.html"
    words = ("--all", "--expect-no-changes", "--save-plans", str(plans), "--html", str(page))
    seen = fleet.told("preview", *words)
    assert seen.code == 1
    assert seen.results == {ONE: "succeeded", TWO: "differs", THREE: "succeeded"}
    assert seen.of(TWO)["changes"] == {"update": 1}
    html = page.read_text()
    assert all(words in html for words in ("1 to update", "1 differs", "<title>fleet preview of 3 stacks", TWO))
    assert "<script" not in html
    fleet.azure.forget_requests()
    _next_tag(fleet, THREE)
    done = fleet.told("up", "--plans", str(plans), "--all", "--yes")
    assert done.code == 1
    assert done.results == {ONE: "succeeded", TWO: "succeeded", THREE: "failed"}
    assert f"{THREE}: custody-vault would not become what the plan showed" in done.of(THREE)["reason"]
    assert done.of(THREE)["attempts"] == 1, "it cannot pass a second time"
    assert fleet.tags_of_vault(TWO) == planned
    assert fleet.writes(THREE) == []
    fleet.change(ONE, {"vault.soft_delete_days": 3})
    with fleet.broken(TWO):
        again = fleet.told("preview", "--stack", f"{ONE},{TWO}", "--save-plans", str(plans))
    fleet.change(ONE, {"vault.soft_delete_days": 7})
    assert set(again.results.values()) == {"failed"}
    refused = fleet.said("up", "--plans", str(plans), "--all", "--yes")
    assert (refused.code, f"there is no plan in {plans} of {ONE}, {TWO}: " in refused.err) == (2, True)
    with fleet.broken(ONE):
        failed = fleet.told("up", "--plans", str(plans), "--stack", ONE, "--yes")
    assert (failed.code, failed.results) == (1, {ONE: "failed"}), "whose preview failed has no plan, and is not begun"


def test_a_failure_is_tried_once_more_and_a_wrong_stack_file_is_not(fleet: Fleet) -> None:
    _next_tag(fleet, TWO, THREE)
    _bad_day(fleet, TWO, 1)
    fleet.change(THREE, {"vault.soft_delete_days": 3})
    done = fleet.said("up", "--stack", f"{TWO},{THREE}", "--yes")
    fleet.change(THREE, {"vault.soft_delete_days": 7})
    assert done.code == 1
    assert f"{TWO}: failed, and will be tried once more: custody-vault: Status=400" in done.err
    assert f"{THREE}: 1 setting is wrong in its stack file; nothing was sent to Azure" in done.out
    assert "vault.soft_delete_days = 3\n    it must be at least 7" in done.out
    assert "fleet up: 2 stacks in " in done.out
    assert "1 failed, 1 succeeded; 1 tried twice" in done.out
    assert "What is left: purview-ai fleet up --resume" in done.out
    left = fleet.told("up", "--resume", "--yes")
    assert (left.code, left.results) == (0, {TWO: "succeeded", THREE: "succeeded"})


def test_a_file_that_cannot_be_read_is_one_stacks_failure(fleet: Fleet, tmp_path: Path) -> None:
    tags = _next_tag(fleet, ONE, TWO, THREE)
    with fleet.broken(TWO) as file:
        done = fleet.told("up", "--all", "--yes")
        by_tag = fleet.said("preview", "--tag", f"change={tags['change']}", "--html", str(tmp_path / "page.html"))
    assert (done.code, done.results) == (1, {ONE: "succeeded", TWO: "failed", THREE: "succeeded"})
    assert f"{TWO}: {file} cannot be read: line " in done.of(TWO)["reason"]
    assert (done.of(TWO)["attempts"], done.of(TWO)["first_reason"]) == (1, None)
    assert by_tag.code == 3, "it may have the tag"
    assert f"{TWO}: {file} cannot be read" in by_tag.err
    assert "2 succeeded" in by_tag.out
    assert "Nobody knows whether it has the tags that were asked for" in by_tag.out
    assert "What is left" not in by_tag.out
    assert "Nobody knows whether" in (tmp_path / "page.html").read_text()
    left = fleet.told("up", "--resume", "--yes")
    assert (left.code, set(left.results.values())) == (0, {"succeeded"})
    assert fleet.tags_of_vault(TWO) == tags


def test_a_canary_that_fails_and_a_limit_of_failures_keep_the_others_from_beginning(fleet: Fleet) -> None:
    _next_tag(fleet, ONE, TWO, THREE)
    fleet.change(ONE, {"tags": {"wave": "canary", "change": "1"}})
    _bad_day(fleet, ONE, 2)
    fleet.azure.forget_requests()
    stopped = fleet.told("up", "--all", "--yes", "--canary", "wave=canary")
    assert stopped.code == 1
    assert stopped.results == {ONE: "failed", TWO: "not begun", THREE: "not begun"}
    assert stopped.of(TWO)["reason"] == stopped.summary["stopped"] == "the canary did not go well"
    assert fleet.writes(TWO) + fleet.writes(THREE) == []
    _bad_day(fleet, ONE, 2)
    stopped = fleet.told("up", "--all", "--yes", "--stop-after", "1", "--parallel", "1")
    assert stopped.results == {ONE: "failed", TWO: "not begun", THREE: "not begun"}
    assert "1 of them failed, which was the limit" in stopped.summary["stopped"]
    left = fleet.told("up", "--resume", "--yes")
    assert (left.code, set(left.results.values())) == (0, {"succeeded"})


def test_ctrl_c_lets_what_goes_on_end_and_begins_no_more(fleet: Fleet) -> None:
    tags = _next_tag(fleet, ONE, TWO, THREE)
    # The trigger comes after the vault, which is looked at before and after it is changed.
    fleet.change(ONE, {f"sources.{ONE}.scan.at": "03:00"})
    fleet.azure.weather(effect="latency", method="GET", path=f"vaults/kv-{ONE}", seconds=4.0, times=2)
    fleet.azure.forget_requests()
    run = fleet.start("up", "--all", "--yes", "--parallel", "1", "--json")
    until(lambda: fleet.asked("PUT", f"vaults/kv-{ONE}"), "the moment", LONG_S)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=LONG_S)
    assert run.returncode == 130, err
    results = {one["stack"]: one["result"] for one in json.loads(out)["stacks"]}
    assert results == {ONE: "cancelled", TWO: "not begun", THREE: "not begun"}
    assert "no other stack is begun: it was interrupted" in err
    # The step that was at work was ended and is known, and no other one was begun.
    assert fleet.tags_of_vault(ONE) == tags
    assert fleet.writes("triggers/default") == []
    assert fleet.locks() == []
    assert not [left for left in fleet.resources(ONE) if left.startswith("half done")]
    assert fleet.told("up", "--resume", "--yes").code == 0
    assert len(fleet.writes("triggers/default")) == 1


def test_ctrl_c_given_twice_ends_what_would_not_end(fleet: Fleet) -> None:
    _next_tag(fleet, ONE)
    fleet.azure.weather(effect="hang-before", method="GET", path=f"vaults/kv-{ONE}")
    fleet.azure.forget_requests()
    run = fleet.start("up", "--stack", ONE, "--yes", "--json")
    until(lambda: fleet.asked("GET", f"vaults/kv-{ONE}"), "the moment", LONG_S)
    os.killpg(run.pid, signal.SIGINT)
    assert run.stderr is not None
    assert any("no other stack is begun" in line for line in run.stderr)
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=LONG_S)
    assert (run.returncode, json.loads(out)["stacks"][0]["result"]) == (130, "cancelled")
    assert fleet.locks() == []
    assert fleet.told("up", "--resume", "--yes").code == 0


def test_who_goes_on_right_after_a_kill_waits_for_what_it_left_behind(fleet: Fleet) -> None:
    tags = _next_tag(fleet, ONE)
    fleet.azure.weather(effect="latency", method="GET", path=f"vaults/kv-{ONE}", seconds=4.0, times=2)
    fleet.azure.forget_requests()
    run = fleet.start("up", "--stack", ONE, "--yes")
    until(lambda: fleet.asked("PUT", f"vaults/kv-{ONE}"), "the moment", LONG_S)
    assert kill(run), "a worker that is at work"
    resumed = fleet.told("up", "--resume", "--yes")
    assert (resumed.code, resumed.of(ONE)["attempts"]) == (0, 1)
    assert fleet.tags_of_vault(ONE) == tags
    assert fleet.locks() == []


def test_a_worker_that_dies_is_replaced_and_its_stack_tried_again(fleet: Fleet) -> None:
    tags = _next_tag(fleet, ONE)
    fleet.azure.weather(effect="latency", method="GET", path=f"vaults/kv-{ONE}", seconds=3.0)
    run = fleet.start("up", "--stack", ONE, "--yes", "--json")
    [worker] = until(lambda: [one for one in workers_of(run) if one.children()], "an engine at work", LONG_S)
    worker.kill()
    out, err = run.communicate(timeout=LONG_S)
    assert run.returncode == 0, err
    [result] = json.loads(out)["stacks"]
    assert (result["result"], result["attempts"]) == ("succeeded", 2)
    assert "the process that worked on it died (-9), so nobody knows how far it came" in result["first_reason"]
    assert fleet.tags_of_vault(ONE) == tags
    assert fleet.locks() == []


def test_what_a_killed_engine_of_the_run_held_is_taken_back(fleet: Fleet) -> None:
    """Its worker tries again; and where all of them were killed, whoever goes on with the run does."""
    tags = _next_tag(fleet, ONE)
    run = _at_work_on(fleet, ONE)
    kill_all(*engines_of(run))
    out, err = run.communicate(timeout=LONG_S)
    assert run.returncode == 0, err
    [result] = json.loads(out)["stacks"]
    assert (result["result"], result["attempts"]) == ("succeeded", 2)
    assert "was killed, and its lock was taken away" in result["note"]
    assert (fleet.tags_of_vault(ONE), fleet.locks()) == (tags, [])
    tags = _next_tag(fleet, ONE)
    run = _at_work_on(fleet, ONE)
    kill_all(psutil.Process(run.pid), *workers_of(run), *engines_of(run))
    run.communicate(timeout=LONG_S)
    [lock] = fleet.locks()
    assert [left for left in fleet.resources(ONE) if left.startswith("half done")]
    by_hand = fleet.told("refresh", "--stack", ONE, "--yes")
    assert (by_hand.code, fleet.locks()) == (1, [lock]), "a run takes away what is its own"
    assert "on this machine\n  If " in by_hand.of(ONE)["reason"]
    page = fleet.folder / "run.html"
    resumed = fleet.said("up", "--resume", "--yes", "--html", str(page))
    assert resumed.code == 0, resumed
    assert "was killed, and its lock was taken away" in resumed.out
    assert "was killed, and its lock was taken away" in page.read_text()
    assert (fleet.tags_of_vault(ONE), fleet.locks()) == (tags, [])
    assert not [left for left in fleet.resources(ONE) if left.startswith("half done")]


def _at_work_on(fleet: Fleet, stack: str) -> subprocess.Popen[str]:
    """An update that is changing the vault, and gets no answer."""
    fleet.azure.weather(effect="hang-before", method="PUT", path=f"vaults/kv-{stack}")
    fleet.azure.forget_requests()
    run = fleet.start("up", "--stack", stack, "--yes", "--json")
    until(lambda: fleet.asked("PUT", f"vaults/kv-{stack}") or run.poll() is not None, "the moment", LONG_S)
    fleet.azure.fine_weather()
    assert run.poll() is None, run.communicate()
    return run


def test_each_stack_may_have_a_backend_of_its_own(fleet: Fleet, tmp_path: Path) -> None:
    shutil.copytree(fleet.folder / "state", tmp_path / f"state-{TWO}")
    own = {"PULUMI_BACKEND_URL": "file:///nowhere", "PURVIEW_AI_BACKEND": f"file://{tmp_path}/state-{{stack}}"}
    seen = fleet.told("preview", "--stack", TWO, **own)
    assert (seen.code, seen.of(TWO)["changes"]) == (0, {})
    assert fleet.told("drift", "--stack", TWO, **own).code == 0
    without = fleet.told("drift", "--stack", ONE, **own)
    assert (without.code, "there is no state of it in the backend" in without.of(ONE)["reason"]) == (3, True)
    environment = {**fleet.tenants.environment, **own}
    told = purview_ai("offboard", "--stack", TWO, "--json", env=environment, cwd=fleet.folder, limit_s=LONG_S)
    [state] = [one["name"] for one in json.loads(told.out)["beside"] if one["kind"] == "state"]
    assert state.endswith(f"in file://{tmp_path}/state-{TWO}")
    locks = tmp_path / f"state-{TWO}/.pulumi/locks/organization/purview-ai" / TWO
    _locked_by_robin(locks)
    refused = fleet.told("refresh", "--stack", TWO, "--yes", **own)
    [command] = re.findall(r"take the lock away: (.*)", refused.of(TWO)["reason"])
    subprocess.run(["sh", "-c", command], cwd=fleet.folder, env=environment, check=True, capture_output=True)
    assert list(locks.glob("*")) == []
    wrong = fleet.said("preview", "--stack", TWO, PURVIEW_AI_BACKEND="azblob://states")
    assert (wrong.code, "PURVIEW_AI_BACKEND does not say where a stack's name goes" in wrong.err) == (2, True)


def test_on_a_terminal_it_asks_and_shows_how_far_it_is(fleet: Fleet) -> None:
    words = ["purview-ai", "fleet", "up", "--stack", f"{ONE},{TWO}"]
    where = {"cwd": fleet.folder, "env": {**fleet.tenants.environment, "TERM": "xterm", "COLUMNS": "120"}}
    code, shown = answered(words, [("Go on? [y/N]:", "n")], **where)
    assert (code, "nothing was done" in shown) == (1, True)
    code, shown = answered(words, [("Go on? [y/N]:", "y")], limit_s=LONG_S, **where)
    assert code == 0
    assert "fleet up: 0 of 2 stacks" in shown
    assert "2 of 2" in shown


def test_two_never_work_on_one_stack(fleet: Fleet) -> None:
    _next_tag(fleet, ONE)
    fleet.azure.weather(effect="latency", method="PUT", path=f"vaults/kv-{ONE}", seconds=8.0)
    fleet.azure.forget_requests()
    first = fleet.start("up", "--stack", ONE, "--yes")
    until(lambda: engines_of(first), "an engine at work", LONG_S)
    second = fleet.told("preview", "--stack", ONE)
    assert (second.code, second.results) == (1, {ONE: "failed"})
    assert "another purview-ai fleet of this checkout is working on it" in second.of(ONE)["reason"]
    again = fleet.said("up", "--resume", "--yes")
    assert (again.code, "goes on in another process" in again.err) == (2, True)
    first.communicate(timeout=LONG_S)
    assert first.returncode == 0
    assert len(fleet.writes(f"vaults/kv-{ONE}")) == 1


def test_a_lock_of_somebody_else_is_told_as_such(fleet: Fleet) -> None:
    lock = _locked_by_robin(fleet.folder / "state/.pulumi/locks/organization/purview-ai" / TWO)
    told = fleet.told("refresh", "--stack", TWO, "--yes")
    lock.unlink()
    assert told.code == 1
    assert told.of(TWO)["reason"].startswith(f"{TWO}: its state is locked by robin@build-7 since 2026-11-26T10:00:00Z")
    assert f"pulumi cancel --stack {TWO}" in told.of(TWO)["reason"]
    assert told.of(TWO)["attempts"] == 2, "it may be gone by then"


def _locked_by_robin(folder: Path) -> Path:
    """Somebody else works on the stack whose locks are in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 1, "username": "robin", "hostname": "build-7", "timestamp": "2026-11-26T10:00:00Z"}
    (folder / "x.json").write_text(json.dumps(holder))
    return folder / "x.json"


def test_what_the_operator_asks_the_engine_for_tells_drift_and_writes_nothing(fleet: Fleet) -> None:
    """Its resources for drift are previews with a refresh that expect no changes (docs/facts.md, pulumi 23)."""
    look = ("preview", "--refresh", "--expect-no-changes", "--stack", THREE)
    assert fleet.told("up", "--stack", THREE, "--yes").code == 0
    fleet.tenants.pulumi(*look)
    fleet.tag_by_hand(THREE)
    before = {file: file.read_bytes() for file in (fleet.folder / "state").rglob("*") if file.is_file()}
    with pytest.raises(AssertionError, match="no changes were expected"):
        fleet.tenants.pulumi(*look)
    assert {file: file.read_bytes() for file in (fleet.folder / "state").rglob("*") if file.is_file()} == before
    assert fleet.tags_of_vault(THREE) == {"by": "hand"}
    assert fleet.told("up", "--stack", THREE, "--yes").code == 0
    assert fleet.tags_of_vault(THREE) == {"by": "hand"}, "what a commit does not change stays"
    fleet.tenants.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", THREE)
    assert fleet.tags_of_vault(THREE) != {"by": "hand"}, "with a refresh it is written over"


def test_policies_hold_for_a_fleet_and_are_not_tried_again(fleet: Fleet, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rule = {"enforcementLevel": "mandatory", "required": ["cost"]}
    rules.write_text(json.dumps({"all": "disabled", "required-tags": rule}))
    words = ("--policy-pack", str(CHECKOUT / "policy"), "--policy-pack-config", str(rules))
    told = fleet.told("preview", "--stack", ONE, *words)
    assert (told.code, told.of(ONE)["attempts"]) == (1, 1)
    assert told.of(ONE)["reason"].startswith(f"{ONE}: policy required-tags (custody-vault): ")
    assert "the tag cost is missing" in told.of(ONE)["reason"]


def test_a_run_that_cannot_be_written_down_does_not_begin(fleet: Fleet) -> None:
    fleet.azure.forget_requests()
    limited = "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); os.execvp('purview-ai', sys.argv[1:])"
    command = [sys.executable, "-c", limited, "purview-ai", "fleet", "preview", "--stack", ONE]
    done = subprocess.run(
        command, cwd=fleet.folder, env=fleet.tenants.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "what the run does cannot be written down, in .purview-ai" in done.stderr) == (2, True)
    assert fleet.azure.requests() == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("up",), "say which stacks: --stack, --tag, --changed-since or --all"),
        (("up", "--all"), "fleet up changes things: say --yes, or answer on a terminal"),
        (("up", "--all", "--yes", "--canary", "nobody"), "no chosen stack is the canary nobody"),
        (("up", "--resume", "--all"), "--resume goes on with a run as it was asked for"),
    ],
)
def test_a_slip_of_the_pen_is_told_before_anything_is_done(fleet: Fleet, words: tuple[str, ...], told: str) -> None:
    fleet.azure.forget_requests()
    refused = fleet.said(*words)
    assert (refused.code, told in refused.err) == (2, True), refused
    assert fleet.azure.requests() == []
