"""A whole run of a GitHub workflow: which of its jobs begin and in which order, and who waits for whom.

As GitHub has it (docs/facts.md, graph 99, 165 to 167). What a job does is somebody else's: a table of a test, or the
runner of :mod:`workflows`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from workflows import WORKFLOWS, evaluated, filled, holds, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKFLOW_FILES = sorted(file.name for file in WORKFLOWS.glob("*.yml"))
SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"
_STATUS = re.compile(r"\b(success|failure|cancelled|always)\(\)")
_LEVELS = ("none", "read", "write")


@dataclass(frozen=True)
class Event:
    """What may set a run off."""

    name: str
    branch: str = "main"
    """Which it is about; of a pull request the one that it goes to."""
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What expressions may ask for, such as ``github.sha``."""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """What somebody has filled in who starts it by hand."""


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    result: str = SUCCESS
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    whole_run: bool = False
    """Whether somebody cancelled the run while this job was at work."""


@dataclass(frozen=True)
class Turn:
    """Whom something waits for."""

    group: str
    cancels: bool
    """Whether it ends what is at work, and does not wait for it."""


@dataclass(frozen=True)
class Job:
    """One job that begins."""

    workflow: str
    name: str
    title: str
    """As a run's page shows it: below the job that called its workflow."""
    environment: str
    turn: Turn | None
    context: Mapping[str, Any]
    """What its steps may ask for."""

    @property
    def told(self) -> str:
        """Its title, and the environment that it is behind."""
        return f"{self.title} in {self.environment}" if self.environment else self.title


Does = Callable[[Job], Ended]


@dataclass
class Run:
    """One run of a workflow, from its first job to its last one."""

    does: Does
    began: list[Job] = field(default_factory=list[Job])
    """In the order in which they began."""
    cancelled: bool = False

    @property
    def told(self) -> list[str]:
        """What began."""
        return [job.told for job in self.began]


def play(workflow: str, event: Event, does: Does) -> tuple[Run, dict[str, str]]:
    """A whole run; it, and the results of its jobs."""
    assert starts(workflow, event), f"{event} does not set {workflow} off"
    run = Run(does)
    return run, _jobs(run, workflow, _context_of(workflow, event))


def starts(workflow: str, event: Event) -> bool:
    """Whether an event sets a workflow off."""
    # The word on, as YAML reads it.
    known = _read(workflow)[True]
    if event.name not in known:
        return False
    filters = known[event.name] if isinstance(known[event.name], dict) else {}
    return event.branch in filters.get("branches", [event.branch])


def turn_of_run(workflow: str, event: Event) -> Turn | None:
    """Whom a whole run waits for."""
    return _turn(_read(workflow), _context_of(workflow, event))


def crons_of(workflow: str) -> list[str]:
    """The lines of a workflow's schedule."""
    return [one["cron"] for one in _read(workflow)[True].get("schedule", [])]


@dataclass
class Line:
    """What waits for each other: of a group one is at work, and one more waits at most."""

    at_work: dict[str, str] = field(default_factory=dict[str, str])
    waiting: dict[str, str] = field(default_factory=dict[str, str])
    cancelled: list[str] = field(default_factory=list[str])

    def comes(self, name: str, turn: Turn | None) -> None:
        """Somebody comes, at work at once where nobody of its group is."""
        group = turn.group if turn else name
        if turn and turn.cancels and group in self.at_work:
            self.cancelled.append(self.at_work.pop(group))
        if group not in self.at_work:
            self.at_work[group] = name
            return
        if group in self.waiting:
            self.cancelled.append(self.waiting[group])
        self.waiting[group] = name

    def ends(self, name: str) -> None:
        """Somebody is done, and whoever waits is next."""
        [group] = [group for group, one in self.at_work.items() if one == name]
        del self.at_work[group]
        if group in self.waiting:
            self.at_work[group] = self.waiting.pop(group)


@cache
def _read(workflow: str) -> dict[Any, Any]:
    return yaml.safe_load((WORKFLOWS / workflow).read_text())


def _context_of(workflow: str, event: Event) -> dict[str, Any]:
    by_hand = event.name == "workflow_dispatch"
    known = (_read(workflow)[True].get("workflow_dispatch") or {}).get("inputs", {})
    assert set(event.inputs) <= set(known), event.inputs
    given = {name: event.inputs.get(name, one.get("default", "")) if by_hand else "" for name, one in known.items()}
    return {**event.context, **{f"inputs.{name}": value for name, value in given.items()}}


def _jobs(run: Run, workflow: str, context: Mapping[str, Any], below: str = "") -> dict[str, str]:
    """Everything that begins once what it needs has ended; the results."""
    jobs = _read(workflow)["jobs"]
    ended: dict[str, Ended] = {}
    while len(ended) < len(jobs):
        ready = [name for name in jobs if name not in ended and set(_needs(jobs[name])) <= ended.keys()]
        assert ready, f"{workflow}: jobs that need each other"
        name = ready[0]
        sees = {**context, **_seen(jobs, name, ended)}
        if _begins(run, jobs, name, sees, ended):
            ended[name] = _of_matrix(run, workflow, name, sees, below)
        else:
            ended[name] = Ended(SKIPPED)
    return {name: one.result for name, one in ended.items()}


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else needs


def _above(jobs: Mapping[str, Any], name: str) -> set[str]:
    """All that a job needs, and what that needs."""
    return {one for need in _needs(jobs[name]) for one in (need, *_above(jobs, need))}


def _seen(jobs: Mapping[str, Any], name: str, ended: Mapping[str, Ended]) -> dict[str, Any]:
    """What a job sees of those that it needs itself, and of no others."""
    found: dict[str, Any] = {}
    for need in _needs(jobs[name]):
        found[f"needs.{need}.result"] = ended[need].result
        for output in jobs[need].get("outputs", {}):
            found[f"needs.{need}.outputs.{output}"] = ended[need].outputs.get(output, "")
    return found


def _begins(
    run: Run, jobs: Mapping[str, Any], name: str, context: Mapping[str, Any], ended: Mapping[str, Ended]
) -> bool:
    condition = str(jobs[name].get("if", "success()")).strip()
    condition = condition.removeprefix("${{").removesuffix("}}")
    if not _STATUS.search(condition):
        condition = f"success() && ({condition})"
    above = [ended[one].result for one in _above(jobs, name)]
    state = {
        "success": all(one == SUCCESS for one in above) and not run.cancelled,
        "failure": FAILURE in above,
        "cancelled": run.cancelled,
    }
    return holds(condition, {**context, **state})


def _of_matrix(run: Run, workflow: str, name: str, context: Mapping[str, Any], below: str) -> Ended:
    """All jobs of a matrix, or the one job where there is none."""
    job = _read(workflow)["jobs"][name]
    does = _called if "uses" in job else _one
    ends: list[Ended] = []
    for number, one in enumerate(_matrix(job, context)):
        if job.get("strategy", {}).get("fail-fast", True) and FAILURE in (end.result for end in ends):
            ends.append(Ended(CANCELLED))
            continue
        inner = {**context, **{f"matrix.{key}": value for key, value in one.items()}, "strategy.job-index": number}
        ends.append(does(run, workflow, name, inner, below + str(filled(job.get("name", name), inner))))
    # A matrix without jobs is an error there.
    return Ended(_together([one.result for one in ends] or [FAILURE]), ends[-1].outputs if ends else {})


def _matrix(job: Mapping[str, Any], context: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "strategy" not in job:
        return [{}]
    [asked] = re.findall(r"^\$\{\{ fromJSON\((.*)\) \}\}$", job["strategy"]["matrix"])
    return matrix_of(evaluated(asked, context))


def _one(run: Run, workflow: str, name: str, context: Mapping[str, Any], title: str) -> Ended:
    job = _read(workflow)["jobs"][name]
    environment = str(filled(job["environment"]["name"], context)) if "environment" in job else ""
    run.began.append(Job(workflow, name, title, environment, _turn(job, context), context))
    ended = run.does(run.began[-1])
    run.cancelled = run.cancelled or ended.whole_run
    return ended


def _called(run: Run, workflow: str, name: str, context: Mapping[str, Any], title: str) -> Ended:
    """The jobs of a workflow that a job calls; they may no more than that job."""
    job = _read(workflow)["jobs"][name]
    called = job["uses"].removeprefix("./.github/workflows/")
    whole = _read(called)
    known = whole[True]["workflow_call"]["inputs"]
    given = {name: filled(value, context) for name, value in job["with"].items()}
    assert set(given) == set(known), f"{workflow} gives {called} {sorted(given)}"
    for inner in whole["jobs"].values():
        for what, level in inner["permissions"].items():
            held = job["permissions"].get(what, "none")
            assert _LEVELS.index(held) >= _LEVELS.index(level), f"{called}: {what}: {level} of a job that has {held}"
    outer = {name: value for name, value in context.items() if name.startswith("github.")}
    results = _jobs(run, called, {**outer, **{f"inputs.{name}": value for name, value in given.items()}}, f"{title} / ")
    return Ended(_together(list(results.values())))


def _together(results: list[str]) -> str:
    return next((one for one in (FAILURE, CANCELLED, SUCCESS) if one in results), SKIPPED)


def _turn(block: Mapping[Any, Any], context: Mapping[str, Any]) -> Turn | None:
    said = block.get("concurrency")
    return Turn(str(filled(said["group"], context)), bool(said.get("cancel-in-progress"))) if said else None
