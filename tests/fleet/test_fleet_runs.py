"""Runs of a fleet whose engine is none: what begins, what is gone on with, and how it ends."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from drift.sights import Said, purview_ai
from fleet.engines import FAILS, engine
from purview_ai.fleet.engines import Engines
from purview_ai.fleet.journal import FILE as FILE_OF_RUN
from purview_ai.fleet.journal import Journal
from purview_ai.fleet.order import Operation, Order
from purview_ai.fleet.results import Ending
from purview_ai.fleet.running import Run
from purview_ai.settings.files import Project
from tenants import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.results import StackResult

BREAKS_THE_PROJECT = """#!/bin/sh
[ "$1" = version ] && echo v3.246.0 && exit
echo ': [' > Pulumi.yaml
"""
SIDE_BY_SIDE = """
hear_signals()
if "a" in sys.argv:
    tell_first_event()
    folder.joinpath("started").touch()
    wait_until(folder.joinpath("go").exists)
    no_signal_comes()
wait_until(folder.joinpath("started").exists)
"""
ENDED_AFTER_A_MISTAKE = """
hear_signals()
if "a" in sys.argv:
    tell_first_event()
    folder.joinpath("started").touch()
    wait_until(lambda: told)
    sys.exit(1)
wait_until(folder.joinpath("started").exists)
folder.joinpath("Pulumi.yaml").write_text(": [")
"""
FILE = "config: {{'purview-ai:tenant': {{tags: {{wave: {wave}}}}}}}\n"


@dataclass(frozen=True)
class Tenants:
    """Stacks that nobody has deployed, and what is found as pulumi."""

    folder: Path
    pulumi: Callable[[str], None]

    def file(self, stack: str) -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def said(self, *words: str, **environment: str) -> Said:
        """``purview-ai fleet`` to its end."""
        return purview_ai("fleet", *words, env={**os.environ, **environment}, cwd=self.folder)


@pytest.fixture
def tenants(tmp_path: Path, pulumi: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Tenants:
    """Three of them, a being the canary."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{CHECKOUT / '.venv' / 'bin'}")
    found = Tenants(tmp_path / "tenants", pulumi)
    found.folder.mkdir()
    (found.folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    for stack in ("a", "b", "c"):
        found.file(stack).write_text(FILE.format(wave="canary" if stack == "a" else "main"))
    pulumi(FAILS)
    return found


@dataclass
class Looking:
    """Looks on, and may do something once a stack is over."""

    then: Callable[[str], None]
    begun: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])

    def began(self, stack: str) -> None:
        self.begun.append(stack)

    def step(self, stack: str, report: Report) -> None:
        """Nobody asks."""

    def ended(self, result: StackResult) -> None:
        self.then(result.stack)

    def again(self, result: StackResult) -> None:
        """Nobody asks."""

    def stopping(self, why: str) -> None:
        self.stopped.append(why)


def _run(tenants: Tenants, looking: Looking, *waves: tuple[str, ...], stop_after: int = 0) -> Run:
    order = Order(operation=Operation.UP, waves=waves, parallel=2, stop_after=stop_after)
    journal = Journal.begin(tenants.folder, order)
    return Run(Project(tenants.folder), journal, Engines(tenants.folder, journal, lambda _: ""), looking)


def test_after_something_unforeseen_no_other_is_begun_and_what_goes_on_ends(tenants: Tenants) -> None:
    tenants.pulumi(engine(tenants.folder, SIDE_BY_SIDE))

    def no_room(stack: str) -> None:
        if stack == "b":
            (tenants.folder / "go").touch()
            msg = "no room for another process"
            raise OSError(msg)

    looking = Looking(no_room)
    run = _run(tenants, looking, ("a", "b", "c"))
    with pytest.raises(OSError, match="no room for another process"):
        asyncio.run(run.results())
    assert (sorted(looking.begun), looking.stopped) == (["a", "b"], ["something went wrong with the run itself"])
    assert run.journal.past.results["a"].ending is Ending.SUCCEEDED
    assert not list(tenants.folder.glob("told-*"))


def test_after_the_last_failure_that_is_allowed_none_begins_that_was_about_to(tenants: Tenants) -> None:
    tenants.file("a").write_text("config: [")
    looking = Looking(lambda _: None)
    # b waits for its worker when a fails at once.
    run = _run(tenants, looking, ("b", "a"), stop_after=1)
    endings = {one.stack: one.ending for one in asyncio.run(run.results())}
    assert endings == {"a": Ending.FAILED, "b": Ending.NOT_BEGUN}
    assert looking.begun == []
    run.journal.close()
    assert b'"began"' not in (run.journal.folder / FILE_OF_RUN).read_bytes()


def test_a_project_that_cannot_be_read_any_more_ends_the_run_with_one_error(tenants: Tenants) -> None:
    tenants.pulumi(BREAKS_THE_PROJECT)
    for words in (("--all", "--parallel", "1"), ("--resume",)):
        done = tenants.said("up", "--yes", *words)
        assert done.code == 3
        assert f"cannot go on: {tenants.folder / 'Pulumi.yaml'} cannot be read: line 1" in done.err
        assert "Mend that, and go on with --resume." in done.err


def test_a_run_that_was_interrupted_and_cannot_go_on_says_both(tenants: Tenants) -> None:
    tenants.pulumi(engine(tenants.folder, ENDED_AFTER_A_MISTAKE))
    command = ["env", "--default-signal=INT", "purview-ai", "fleet", "up", "--all", "--yes", "--parallel", "2"]
    with subprocess.Popen(command, cwd=tenants.folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("something went wrong with the run itself" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "cannot go on: " in err) == (130, True), err


@pytest.mark.parametrize("words", [("--all",), ("--resume",)])
def test_a_path_that_is_no_text_is_told_before_anything_is_done(tenants: Tenants, words: tuple[str, ...]) -> None:
    assert tenants.said("up", "--all", "--yes").code == 1
    folder = tenants.folder.rename(os.fsdecode(os.fsencode(tenants.folder) + b"-\xff"))
    before = sorted(folder.rglob("*"))
    refused = purview_ai("fleet", "up", "--yes", *words, env=dict(os.environ), cwd=folder)
    assert (refused.code, refused.err) == (
        2,
        f"{tenants.folder}-\\xff has a byte that is no UTF-8, and pulumi takes no such path: rename it\n",
    )
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("preview", "--all", "--save-plans", "pl\udcff"), {}, "/pl\\xff has a byte that is no UTF-8"),
        (
            ("up", "--all", "--yes"),
            {"PURVIEW_AI_BACKEND": "file:///hunter2\udcff/{stack}"},
            "PURVIEW_AI_BACKEND has a byte that is no UTF-8: set it to a URL",
        ),
    ],
)
def test_so_is_what_else_is_handed_on(
    tenants: Tenants, words: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    refused = tenants.said(*words, **environment)
    assert (refused.code, told in refused.err, "hunter2" in refused.err) == (2, True, False), refused
    assert not (tenants.folder / ".purview-ai").exists()


def test_a_canary_whose_file_cannot_be_read_fails_as_one(tenants: Tenants) -> None:
    tenants.file("a").write_text("config: {'purview-ai:tenat': {}}")
    done = tenants.said("up", "--all", "--yes", "--canary", "wave=canary")
    assert (done.code, "1 failed, 2 not begun; stopped because the canary did not go well" in done.out) == (1, True)


def test_what_was_cut_off_and_not_begun_again_is_told_as_such(tenants: Tenants) -> None:
    journal = Journal.begin(tenants.folder, Order(operation=Operation.UP, waves=(("a",), ("b", "c")), canary=True))
    journal.began("b")
    journal.close()
    for _ in range(2):
        done = tenants.said("up", "--resume", "--yes")
        assert (done.code, "1 failed, 1 unknown, 1 not begun" in done.out) == (1, True)
        assert "b: it was cut off, so nobody knows how far it came" in done.out


def test_a_run_without_stacks_is_none_to_go_on_with(tenants: Tenants) -> None:
    git = ["git", "-c", "user.name=robin", "-c", "user.email=robin@contoso.example"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "tenants"]):
        subprocess.run([*git, *words], cwd=tenants.folder, check=True)
    assert tenants.said("up", "--stack", "b", "--yes").code == 1
    nothing = tenants.said("up", "--changed-since", "HEAD", "--yes")
    assert (nothing.code, nothing.out) == (0, "fleet up: no stack has changed, so nothing was done\n")
    resumed = tenants.said("up", "--resume", "--yes")
    assert (resumed.code, "b: no such luck" in resumed.out) == (1, True)


@pytest.mark.parametrize("name", ["PURVIEW_AI_BACKEND", "PULUMI_BACKEND_URL"])
def test_a_run_is_gone_on_with_in_its_own_backend_alone(tenants: Tenants, name: str) -> None:
    own = {name: "file:///hunter2/{stack}"}
    assert tenants.said("up", "--all", "--yes", **own).code == 1
    assert tenants.said("up", "--resume", "--yes", **own).code == 1
    [journal] = tenants.folder.glob(".purview-ai/fleet/*/journal.jsonl")
    assert "hunter2" not in journal.read_text()
    before = journal.read_text()
    for other in ({name: "file:///elsewhere/{stack}"}, {name: ""}):
        refused = tenants.said("up", "--resume", "--yes", **other)
        assert (refused.code, f"{name} is not what it was when the run" in refused.err) == (2, True)
    assert journal.read_text() == before


def test_ctrl_c_at_the_question_ends_the_command_with_nothing_done(tenants: Tenants) -> None:
    ours, theirs = pty.openpty()
    # Whoever starts the tests in the background has Ctrl-C ignored, and so would the command.
    command = ["env", "--default-signal=INT", CHECKOUT / ".venv" / "bin" / "purview-ai", "fleet", "up", "--all"]
    with subprocess.Popen(command, cwd=tenants.folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = ""
        while "Go on?" not in shown:
            shown += os.read(ours, 4096).decode()
        # Python may miss the one that comes just before it waits for a line: then a person presses again.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
    os.close(ours)
    assert process.returncode == 130
    assert not (tenants.folder / ".purview-ai").exists()
