"""Which jobs of the workflows run, in which order, behind which environments, and who waits for whom.

Each job's result is given here, so nothing is deployed. That the jobs do what they say is what the stories are about.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from crons import DAYS, moments
from workflow_wiring import (
    CANCELLED,
    FAILURE,
    SKIPPED,
    SUCCESS,
    WORKFLOW_FILES,
    Ended,
    Event,
    Job,
    Line,
    Turn,
    crons_of,
    play,
    starts,
    turn_of_run,
)
from workflows import WORKFLOWS, Runner, filled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workflow_wiring import Run

A, B, C = "alpha", "beta", "gamma"
"""Tenants with identities of their own, of sandbox, pre-production and production."""
OURS = "contoso/purview"


def of(*stacks: str) -> str:
    """A matrix, as ``purview-ai change scope`` says it."""
    jobs = [{"stack": one, "name": one, "identity": one, "group": one} for one in stacks]
    return json.dumps({"include": jobs}) if jobs else ""


def touched(a: str = A, b: str = B, c: str = C, **more: str) -> Ended:
    """What a scope finds: a tenant of each environment, unless one is left out."""
    everybody = [one for one in (a, b, c) if one]
    environments = {"sandbox": a, "pre-production": b, "production": c}
    found = {name: of(*([one] if one else [])) for name, one in environments.items()}
    names = {"names": ",".join(everybody), "reviewed": "false", "gone": ""}
    return Ended(outputs={"stacks": of(*everybody), "identities": of(*everybody), **names, **found, **more})


def pull_request(number: int = 7, repository: str = OURS, branch: str = "main") -> Event:
    """Somebody opens one, or pushes to it."""
    event = {"number": number, "head.repo.full_name": repository, "head.sha": "5ee"}
    told = {f"github.event.pull_request.{name}": value for name, value in event.items()}
    return Event("pull_request_target", branch, {"github.repository": OURS, "github.sha": "ba5e", **told})


def push(commit: str = "c0de", branch: str = "main") -> Event:
    """Something is merged."""
    return Event("push", branch, {"github.sha": commit, "github.event.before": "01d"})


def by_hand(**inputs: str) -> Event:
    """Somebody starts it, from main."""
    return Event("workflow_dispatch", context={"github.sha": "c0de", "github.event.before": ""}, inputs=inputs)


SCHEDULE = Event("schedule", context={"github.sha": "c0de"})
BY_SOMEBODY = Ended(CANCELLED, whole_run=True)


def played(workflow: str, event: Event, ends: Mapping[str, str | Ended]) -> tuple[Run, dict[str, str]]:
    """A run whose jobs end well, but for those that are named by their titles."""

    return play(workflow, event, lambda job: ended(ends.get(job.title, SUCCESS)))


def ended(end: str | Ended) -> Ended:
    """By its result alone, or with more."""
    return end if isinstance(end, Ended) else Ended(end)


PLAN_A, PLAN_B, PLAN_C = (f"plan {one} in {one}-plan" for one in (A, B, C))
ALL = (PLAN_A, PLAN_B, PLAN_C)
APPLY_A, APPLY_B, APPLY_C = (
    f"{where} / apply {one} in {one}-{where}"
    for where, one in (("sandbox", A), ("pre-production", B), ("production", C))
)
IN_A, IN_B, IN_C = (one.partition(" in ")[0] for one in (APPLY_A, APPLY_B, APPLY_C))


@dataclass(frozen=True)
class Deployment:
    """How some of its jobs end, which begin between the first and the last one, and how the last one ends."""

    ends: dict[str, str | Ended]
    begin: tuple[str, ...]
    left: str = FAILURE


DEPLOYMENTS = {
    "all goes well": Deployment({}, (*ALL, "gate", APPLY_A, APPLY_B, APPLY_C), SUCCESS),
    "no tenant is touched": Deployment({"scope": touched("", "", "")}, (), SUCCESS),
    # The run itself has failed then.
    "nobody knows what is touched": Deployment({"scope": FAILURE}, (), SUCCESS),
    "one cannot be previewed": Deployment({f"plan {B}": FAILURE}, ALL),
    "a preview comes to no end": Deployment({f"plan {C}": CANCELLED}, ALL),
    "the gate stops": Deployment({"gate": FAILURE}, (*ALL, "gate")),
    "the gate comes to no end": Deployment({"gate": CANCELLED}, (*ALL, "gate")),
    "the sandbox has nothing": Deployment(
        {"scope": touched(a="")}, (PLAN_B, PLAN_C, "gate", APPLY_B, APPLY_C), SUCCESS
    ),
    "pre-production has nothing": Deployment(
        {"scope": touched(b="")}, (PLAN_A, PLAN_C, "gate", APPLY_A, APPLY_C), SUCCESS
    ),
    "production alone": Deployment({"scope": touched("", "")}, (PLAN_C, "gate", APPLY_C), SUCCESS),
    "production alone, without a preview": Deployment({"scope": touched("", ""), f"plan {C}": FAILURE}, (PLAN_C,)),
    "production alone, and the gate stops": Deployment({"scope": touched("", ""), "gate": FAILURE}, (PLAN_C, "gate")),
    "production alone, and the gate comes to no end": Deployment(
        {"scope": touched("", ""), "gate": CANCELLED}, (PLAN_C, "gate")
    ),
    "the sandbox fails": Deployment({IN_A: FAILURE}, (*ALL, "gate", APPLY_A)),
    "the sandbox fails, and pre-production has nothing": Deployment(
        {"scope": touched(b=""), IN_A: FAILURE}, (PLAN_A, PLAN_C, "gate", APPLY_A)
    ),
    "the sandbox gives way to a newer plan": Deployment({IN_A: CANCELLED}, (*ALL, "gate", APPLY_A)),
    "the sandbox gives way, and pre-production has nothing": Deployment(
        {"scope": touched(b=""), IN_A: CANCELLED}, (PLAN_A, PLAN_C, "gate", APPLY_A)
    ),
    "pre-production is rejected": Deployment({IN_B: FAILURE}, (*ALL, "gate", APPLY_A, APPLY_B)),
    "pre-production gives way to a newer plan": Deployment({IN_B: CANCELLED}, (*ALL, "gate", APPLY_A, APPLY_B)),
    "production is rejected": Deployment({IN_C: FAILURE}, (*ALL, "gate", APPLY_A, APPLY_B, APPLY_C)),
    "somebody cancels it before the gate": Deployment({f"plan {A}": BY_SOMEBODY}, ALL),
    "somebody cancels it in the sandbox": Deployment({IN_A: BY_SOMEBODY}, (*ALL, "gate", APPLY_A)),
}


@pytest.mark.parametrize("said", DEPLOYMENTS)
@pytest.mark.parametrize("event", [push(), by_hand(stacks="*")], ids=["merged", "by-hand"])
def test_an_environment_is_deployed_after_the_gate_and_after_each_one_before_it(
    said: str, event: Event, tmp_path: Path
) -> None:
    case = DEPLOYMENTS[said]
    runner = Runner(tmp_path, tmp_path, {"PATH": os.environ["PATH"]}, {}, {})

    def does(job: Job) -> Ended:
        if job.name == "left":
            return Ended(SUCCESS if runner.job(job.workflow, job.name, **job.context).succeeded else FAILURE)
        return ended({"scope": touched(), **case.ends}.get(job.title, SUCCESS))

    run, results = play("deploy.yml", event, does)
    assert run.told == ["scope", *case.begin, "left"]
    assert results["left"] == case.left, "what is not deployed is told"


def test_several_tenants_of_one_environment_go_on_without_each_other_and_stop_the_next_one() -> None:
    scope = Ended(outputs={**touched(b="").outputs, "sandbox": of(A, B)})
    run, results = played("deploy.yml", push(), {"scope": scope, IN_A: FAILURE})
    assert run.told[-3:] == [APPLY_A, f"sandbox / apply {B} in {B}-sandbox", "left"]
    assert (results["sandbox"], results["production"]) == (FAILURE, SKIPPED)


@pytest.mark.parametrize(
    ("said", "event", "ends", "expected"),
    [
        ("settings alone", pull_request(), {}, [f"preview {A} in {A}-plan"]),
        (
            "what runs is touched",
            pull_request(),
            {"scope": touched(b="", c="", reviewed="true")},
            [f"preview {A} in {A}-plan-reviewed"],
        ),
        ("a preview fails", pull_request(), {f"preview {A}": FAILURE}, [f"preview {A} in {A}-plan"]),
        ("no tenant is touched", pull_request(), {"scope": touched("", "", "")}, []),
        ("nobody knows what is touched", pull_request(), {"scope": FAILURE}, []),
    ],
)
def test_a_pull_request_is_told_whatever_becomes_of_its_previews(
    said: str, event: Event, ends: dict[str, str | Ended], expected: list[str]
) -> None:
    run, _ = played("pull-request.yml", event, {"scope": touched(b="", c=""), **ends})
    assert run.told == ["scope", *expected, "tell"], said


def test_of_a_fork_nothing_is_looked_at_and_its_check_still_fails() -> None:
    run, results = played("pull-request.yml", pull_request(repository="mallory/purview"), {})
    assert run.told == ["tell"]
    assert results == {"scope": SKIPPED, "preview": SKIPPED, "tell": SUCCESS}
    [tell] = run.began
    assert tell.context["needs.scope.result"] == SKIPPED, "which is how it knows"


def test_a_newer_push_leaves_nothing_to_be_told_of_the_older_one() -> None:
    run, _ = played("pull-request.yml", pull_request(), {"scope": touched(b="", c=""), f"preview {A}": BY_SOMEBODY})
    assert run.told == ["scope", f"preview {A} in {A}-plan"]


@pytest.mark.parametrize("event", [SCHEDULE, by_hand()], ids=["night", "by-hand"])
def test_a_night_is_told_whichever_of_its_jobs_was_let_in(event: Event) -> None:
    looks = [f"drift {one} in {one}-plan" for one in (A, C)]
    two = touched(b="")
    ends: Mapping[str, str | Ended]
    for ends, expected in (
        ({"scope": two}, ["scope", *looks, "tell"]),
        ({"scope": two, f"drift {A}": FAILURE}, ["scope", *looks, "tell"]),
        ({"scope": two, f"drift {A}": CANCELLED}, ["scope", *looks, "tell"]),
        ({"scope": FAILURE}, ["scope", "tell"]),
        ({"scope": BY_SOMEBODY}, ["scope"]),
    ):
        run, _ = played("drift.yml", event, ends)
        assert run.told == expected


def env_of(job: Job, command: str) -> dict[str, str]:
    """What the step with this command is given."""
    steps = yaml.safe_load((WORKFLOWS / job.workflow).read_text())["jobs"][job.name]["steps"]
    [step] = [one for one in steps if command in one.get("run", "")]
    return {name: filled(value, job.context) for name, value in step["env"].items()}


@pytest.mark.parametrize(
    ("event", "asked"),
    [(SCHEDULE, "*"), (by_hand(), "*"), (by_hand(stacks="fab*"), "fab*")],
    ids=["week", "by-hand", "chosen"],
)
def test_scans_are_of_all_by_schedule_and_of_chosen_ones_by_hand(event: Event, asked: str) -> None:
    run, _ = played("scans.yml", event, {"choose": touched()})
    assert run.told == ["choose", *(f"scan {one} in {one}-scans" for one in (A, B, C))]
    assert env_of(run.began[0], "change scope") == {"STACKS": asked}
    assert [env_of(job, "scan run") for job in run.began[1:]] == [{"STACK": one} for one in (A, B, C)]
    run, _ = played("scans.yml", event, {"choose": FAILURE})
    assert run.told == ["choose"]


def test_one_scan_that_fails_keeps_no_other_from_being_started() -> None:
    run, _ = played("scans.yml", SCHEDULE, {"choose": touched(), f"scan {A}": FAILURE})
    assert len(run.began) == 4


def test_a_deployment_by_hand_has_the_tenants_that_somebody_names() -> None:
    for event, expected in (
        (push(), {"BEFORE": "01d", "STACKS": "*"}),
        (by_hand(), {"BEFORE": "", "STACKS": "*"}),
        (by_hand(stacks="contoso,fab*"), {"BEFORE": "", "STACKS": "contoso,fab*"}),
    ):
        run, _ = played("deploy.yml", event, {"scope": touched()})
        assert env_of(run.began[0], "change scope") == expected


def test_grants_are_given_after_their_gate_by_an_identity_of_their_own() -> None:
    event = by_hand(stack="contoso", allow="delete-grant contoso")
    for end, expected in ((SUCCESS, ["apply in grants"]), (FAILURE, []), (CANCELLED, []), (BY_SOMEBODY, [])):
        run, _ = played("grants.yml", event, {"plan": end})
        assert run.told == ["plan in grants-plan", *expected]
    assert env_of(run.began[0], "change gate") == {"ALLOW": "delete-grant contoso"}


# What sets each of them off.


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (pull_request(), ["pull-request.yml"]),
        (pull_request(branch="release"), []),
        # Its own file would run then, with what that says.
        (Event("pull_request"), []),
        (push(), ["deploy.yml"]),
        (push(branch="change"), []),
        (SCHEDULE, ["drift.yml", "scans.yml"]),
        (by_hand(), ["deploy.yml", "drift.yml", "grants.yml", "scans.yml"]),
        (Event("workflow_call"), ["apply.yml"]),
    ],
    ids=lambda one: f"{one.name}-{one.branch}" if isinstance(one, Event) else "",
)
def test_an_event_sets_off_what_is_meant_for_it(event: Event, expected: list[str]) -> None:
    assert [one for one in WORKFLOW_FILES if starts(one, event)] == expected


def test_drift_is_looked_for_each_night_and_scans_are_started_each_week() -> None:
    assert moments(crons_of("drift.yml")) == {(day, 2): 1 for day in DAYS}
    assert moments(crons_of("scans.yml")) == {("Mon", 4): 1}


# Who waits for whom.


def applies(*stacks: str) -> list[Job]:
    """The jobs of a deployment of these tenants, in production."""
    found = {"stacks": of(*stacks), "names": ",".join(stacks), "production": of(*stacks)}
    run, _ = played("deploy.yml", push(), {"scope": Ended(outputs=found)})
    return [job for job in run.began if job.name == "apply"]


def test_a_tenant_is_never_deployed_twice_at_a_time_and_the_newest_plan_is_next() -> None:
    line = Line()
    for number, stacks in enumerate([(A, B), (A,), (A,)], start=1):
        for job in applies(*stacks):
            line.comes(f"{job.context['matrix.name']} of {number}", job.turn)
    assert sorted(line.at_work.values()) == [f"{A} of 1", f"{B} of 1"], "each on its own, and none is cut off"
    assert list(line.waiting.values()) == [f"{A} of 3"]
    assert line.cancelled == [f"{A} of 2"]
    line.ends(f"{A} of 1")
    assert sorted(line.at_work.values()) == [f"{A} of 3", f"{B} of 1"]


def test_tenants_of_one_job_wait_for_each_other_whichever_of_them_is_meant() -> None:
    def turn(stacks: str) -> Turn | None:
        job = {"stack": stacks, "name": stacks, "identity": "fleet", "group": A}
        found = {"stacks": of(A), "production": json.dumps({"include": [job]})}
        run, _ = played("deploy.yml", push(), {"scope": Ended(outputs=found)})
        return run.began[-2].turn

    assert isinstance(turn(B), Turn)
    assert turn(f"{A},{B}") == turn(B)


def test_a_tenant_that_changes_its_environment_waits_for_itself_too() -> None:
    before, _ = played("deploy.yml", push(), {"scope": touched("", "")})
    after, _ = played("deploy.yml", push(), {"scope": Ended(outputs={"stacks": of(C), "sandbox": of(C)})})
    turns = [job.turn for run in (before, after) for job in run.began if job.name == "apply"]
    assert len(turns) == 2
    assert turns[0] == turns[1]


def waiting(*runs: tuple[str, Event]) -> tuple[list[str], list[str], list[str]]:
    """Runs that come one after the other: those at work, those that wait, those that are cancelled; by their places."""
    line = Line()
    for number, (workflow, event) in enumerate(runs):
        line.comes(str(number), turn_of_run(workflow, event))
    return list(line.at_work.values()), list(line.waiting.values()), line.cancelled


def test_a_pull_request_has_one_run_and_that_is_of_its_newest_push() -> None:
    seven, eight = ("pull-request.yml", pull_request(7)), ("pull-request.yml", pull_request(8))
    assert waiting(seven, eight, seven) == (["1", "2"], [], ["0"])


def test_no_run_that_deploys_is_ever_cancelled_for_another() -> None:
    merges = [("deploy.yml", push(commit)) for commit in ("c1", "c2", "c3")]
    assert waiting(*merges) == (["0", "1", "2"], [], [])
    again = [("deploy.yml", push("c1"))] * 2
    assert waiting(*again) == (["0"], ["1"], [])
    grants = [("grants.yml", by_hand(stack=one)) for one in ("contoso", "fabrikam")]
    assert waiting(*grants) == (["0"], ["1"], [])


@pytest.mark.parametrize("workflow", ["drift.yml", "scans.yml"])
def test_two_nights_and_two_weeks_do_not_overlap(workflow: str) -> None:
    assert waiting((workflow, SCHEDULE), (workflow, by_hand())) == (["0"], ["1"], [])


# What their steps run.

INSTALLS = "uv sync"
COMMANDS = ("uv run purview-ai ", "uv run --project .. purview-ai ", "../.venv/bin/purview-ai ")


def runs_of(workflow: str) -> list[tuple[str, dict[str, Any]]]:
    """The steps of a workflow that a shell runs, each with its job's name."""
    jobs = yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"]
    return [(name, step) for name, job in jobs.items() for step in job.get("steps", []) if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOW_FILES)
def test_what_workflows_run_is_a_command_of_this_project_or_an_installation(workflow: str) -> None:
    assert runs_of(workflow)
    for name, step in runs_of(workflow):
        [line] = step["run"].splitlines()
        assert line in (INSTALLS, "exit 1") or line.startswith(COMMANDS), f"{name}: {line}"
        assert "shell" not in step, f"{name}: {step}"
        # One command, and not another one behind it.
        assert not set(line) & set(";|&`"), f"{name}: {line}"
        assert "$(" not in line, f"{name}: {line}"


@pytest.mark.parametrize("workflow", WORKFLOW_FILES)
def test_what_somebody_else_says_is_no_part_of_a_workflow_s_command(workflow: str) -> None:
    """Names of stacks, and what somebody fills in, reach the shell as a variable alone."""
    for name, step in runs_of(workflow):
        assert "${{" not in step["run"], f"{name}: {step['run']}"
        unquoted = step["run"].replace('"$', "")
        assert "$" not in unquoted, f"{name}: {step['run']}"
