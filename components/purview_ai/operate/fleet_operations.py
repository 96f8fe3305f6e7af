"""What all of a fleet's operations have in common: the order, the asking, the run, its end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from purview_ai.drift.backend import OWN_BACKEND, own_backend
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.fleet.choosing import Choice, ChoiceError
from purview_ai.fleet.engines import Engines
from purview_ai.fleet.journal import HOME, Journal, RunError
from purview_ai.fleet.looks import AT_ONCE, Eyes
from purview_ai.fleet.order import Looking, Operation, Order, waves_of
from purview_ai.fleet.running import Run
from purview_ai.fleet.summary import Summary
from purview_ai.operate.fleet_choice import chosen
from purview_ai.operate.fleet_end import beside_the_summary, end
from purview_ai.operate.fleet_showing import Showing
from purview_ai.operate.speaking import Exit, say
from purview_ai.settings.files import Project, StackFileError

if TYPE_CHECKING:
    from purview_ai.fleet.choosing import Chosen, Member
    from purview_ai.fleet.running import Hands

Parallel = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="So many stacks side by side; default: as many as there are cores, since a deployment keeps one busy.",
    ),
]
LooksSideBySide = Annotated[
    int | None,
    typer.Option("--parallel", min=1, help=f"So many stacks side by side; default: {AT_ONCE}, in one process."),
]
Canaries = Annotated[
    list[str] | None,
    typer.Option(
        "--canary",
        metavar="STACK|NAME=VALUE",
        help="Stacks, by name or tag, that come first and have to go well before any other begins; may be repeated.",
    ),
]
WaveSize = Annotated[
    int | None, typer.Option(min=1, help="So many stacks in a wave, which begins once the one before it is over.")
]
StopAfter = Annotated[int | None, typer.Option(min=1, help="After so many failures no other stack is begun.")]
PolicyPacks = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", exists=True, help="A policy pack's folder, as pulumi takes it; may be repeated."),
]
PolicyPackConfigs = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack-config", exists=True, dir_okay=False, help="The pack's configuration, in its order."),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on with the newest run of this command, as it was asked for, with all that is not done."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
Html = Annotated[
    Path | None, typer.Option("--html", dir_okay=False, help="Write the summary as a page, too: one file.")
]
_BACKENDS = (OWN_BACKEND, "PULUMI_BACKEND_URL")
_NAMED = 8
"""So many stacks of a wave are named before it is asked whether to go on."""


@dataclass(frozen=True)
class Asked:
    """What the command line says of a run that is to begin; with ``--resume`` nothing of it may be said."""

    stacks: list[str] | None = None
    tags: list[str] | None = None
    changed_since: str | None = None
    every: bool = False
    parallel: int | None = None
    canaries: list[str] | None = None
    wave_size: int | None = None
    stop_after: int | None = None
    expect_no_changes: bool = False
    plans: Path | None = None
    policy_packs: list[Path] | None = None
    policy_pack_configs: list[Path] | None = None
    looking: Looking = field(default_factory=Looking)

    @property
    def says_something(self) -> bool:
        """Whether anything of it was given."""
        others = (one.name for one in fields(self) if one.name != "looking")
        return self.looking != Looking() or any(getattr(self, name) for name in others)


@dataclass(frozen=True)
class Wanted:
    """How the command shall end."""

    resume: bool
    yes: bool
    html: Path | None
    as_json: bool


def carry_out(operation: Operation, asked: Asked, wanted: Wanted) -> NoReturn:
    """Begin a run, or go on with one, and end the command with its summary."""
    if operation.needs_the_engine and shutil.which("pulumi") is None:
        say("pulumi is not on PATH: install it first (https://www.pulumi.com/docs/install/)", Exit.USAGE)
    try:
        # A variable that does not do what it is there for is told before anything begins.
        own_backend("", os.environ)
        _check_bytes(asked)
        project, journal, hands = (_resumed if wanted.resume else _begun)(operation, asked, wanted)
    except (StackFileError, CheckpointError) as error:
        say(str(error), Exit.USAGE)
    except OSError as error:
        say(f"what the run does cannot be written down, in {HOME} of the project: {error}", Exit.USAGE)
    order = journal.past.order
    to_come = operation is Operation.PREVIEW
    showing = Showing(operation, order.waves, order.parallel, set(order.stacks) - {*journal.past.left}, to_come=to_come)
    begun, clock = datetime.now(UTC), time.monotonic()
    run = Run(project, journal, hands, showing)
    try:
        with showing.shown():
            results = asyncio.run(run.results())
    except (OSError, StackFileError, CheckpointError) as error:
        code = Exit.INTERRUPTED if run.interrupted else Exit.UNKNOWN
        say(f"the run {journal.run} cannot go on: {error}\n  Mend that, and go on with --resume.", code)
    journal.close()
    summary = Summary(operation, results, begun, time.monotonic() - clock, journal.run, run.stopped)
    beside = beside_the_summary(order, results, as_json=wanted.as_json)
    end(summary, html=wanted.html, as_json=wanted.as_json, to_come=to_come, interrupted=run.interrupted, beside=beside)


def _eyes(project: Project, order: Order) -> Eyes | None:
    """Whoever looks; None where the engine does it."""
    if order.operation.needs_the_engine:
        return None
    from purview_ai.operate.fleet_looks import look_of

    return Eyes(lambda: look_of(project, order))


def _engines(project: Project, journal: Journal) -> Engines:
    return Engines(project.folder, journal, lambda stack: own_backend(stack, os.environ))


def _check_bytes(asked: Asked) -> None:
    """What workers are told and the journal keeps is UTF-8; raises :class:`ChoiceError` for what is not."""
    for name in _BACKENDS:
        if not _is_utf8(os.environ.get(name, "")):
            # It may hold a password.
            msg = f"{name} has a byte that is no UTF-8: set it to a URL"
            raise ChoiceError(msg)
    pages = Path(asked.looking.pages)
    given = (asked.plans, pages, *(asked.policy_packs or ()), *(asked.policy_pack_configs or ()))
    for path in (Project.around(Path.cwd()).folder, *(one.resolve() for one in given if one)):
        if not _is_utf8(str(path)):
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            msg = f"{shown} has a byte that is no UTF-8, and pulumi takes no such path: rename it"
            raise ChoiceError(msg)


def _is_utf8(said: str) -> bool:
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True


def _begun(operation: Operation, asked: Asked, wanted: Wanted) -> tuple[Project, Journal, Hands]:
    project, found = chosen(asked.stacks, asked.tags, asked.changed_since, every=asked.every)
    order = _order(operation, asked, found)
    eyes = _eyes(project, order)
    _prepare_plans(order, found)
    _ask(order, order.stacks, yes=wanted.yes)
    if not order.stacks:
        # It is no run: --resume would go on with it instead of with one that was cut off.
        nothing = Summary(operation, order.untold, datetime.now(UTC), 0.0)
        end(nothing, html=wanted.html, as_json=wanted.as_json, to_come=not operation.changes_something)
    _prepare_pages(order)
    journal = _written_down(project, order)
    return project, journal, eyes or _engines(project, journal)


def _written_down(project: Project, order: Order) -> Journal:
    try:
        return Journal.begin(project.folder, order)
    except OSError as error:
        if order.operation.needs_the_engine:
            raise
        typer.echo(f"nothing is written down in {HOME} of the project, so --resume will not know it: {error}", err=True)
        return Journal.unwritten(order)


def _resumed(operation: Operation, asked: Asked, wanted: Wanted) -> tuple[Project, Journal, Hands]:
    if asked.says_something:
        say("--resume goes on with a run as it was asked for: leave out what says it anew", Exit.USAGE)
    project = Project.around(Path.cwd())
    journal = Journal.resume(project.folder, operation)
    typer.echo(f"going on with the run {journal.run}", err=True)
    order = journal.past.order
    if other := [name for name in _BACKENDS if _backends().get(name) != order.backends.get(name)]:
        msg = (
            f"{' and '.join(other)} is not what it was when the run {journal.run} began, so its states would be looked "
            "for elsewhere: set it as it was, or begin again without --resume"
        )
        raise RunError(msg)
    eyes = _eyes(project, order)
    _prepare_pages(order)
    journal.past.forget_lost_pages()
    _ask(order, journal.past.left, yes=wanted.yes)
    return project, journal, eyes or _engines(project, journal)


def _order(operation: Operation, asked: Asked, found: Chosen) -> Order:
    canaries = _canaries(found.members, asked.canaries or [])
    return Order(
        operation=operation,
        waves=waves_of([one.stack for one in found.members], canaries, asked.wave_size or 0),
        canary=bool(canaries),
        parallel=asked.parallel or (_cores() if operation.needs_the_engine else AT_ONCE),
        stop_after=asked.stop_after or 0,
        expect_no_changes=asked.expect_no_changes,
        plans=str(asked.plans.resolve()) if asked.plans else "",
        policy_packs=tuple(str(pack.resolve()) for pack in asked.policy_packs or ()),
        policy_pack_configs=tuple(str(config.resolve()) for config in asked.policy_pack_configs or ()),
        looking=asked.looking.model_copy(update={"pages": str(Path(asked.looking.pages).resolve())}),
        backends=_backends(),
        untold=found.untold,
    )


def _backends() -> dict[str, str]:
    """What leads to the states, in a form that gives nothing away: such a URL may hold a password."""
    return {name: sha256(said.encode()).hexdigest() for name in _BACKENDS if (said := os.environ.get(name))}


def _cores() -> int:
    """Those that this process may use: an engine with its program and plugins keeps one busy most of the time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _canaries(members: tuple[Member, ...], words: list[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        choice = Choice.of([], [word]) if "=" in word else Choice.of([word], [])
        # Of whom nobody knows whether it is one counts as one: what it would have shown, nobody sees.
        meant = [one.stack for one in members if choice.includes(one) or choice.may_mean(one)]
        # Where nothing has changed nothing is chosen, and a canary is no slip of the pen.
        if members and not meant:
            msg = f"no chosen stack is the canary {word}"
            raise ChoiceError(msg)
        found += meant
    return found


def _prepare_plans(order: Order, found: Chosen) -> None:
    if not order.plans:
        return
    if order.operation is Operation.PREVIEW:
        Path(order.plans).mkdir(parents=True, exist_ok=True)
        # Where this preview fails, nobody shall take what an earlier one showed for what this one did.
        for one in (*found.members, *found.unsure):
            Path(order.plan_of(one.stack)).unlink(missing_ok=True)
        return
    # A stack whose file cannot be read has no plan, and is not begun.
    missing = [one.stack for one in found.sound if not Path(order.plan_of(one.stack)).is_file()]
    if missing:
        some = ", ".join(missing[:_NAMED])
        msg = (
            f"there is no plan in {order.plans} of {some}: save them with purview-ai fleet preview --save-plans, or "
            "choose fewer stacks"
        )
        raise ChoiceError(msg)


def _prepare_pages(order: Order) -> None:
    if order.operation is not Operation.REPORT:
        return
    try:
        Path(order.looking.pages).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        say(f"the pages cannot be written: {error}", Exit.USAGE)


def _ask(order: Order, stacks: tuple[str, ...], *, yes: bool) -> None:
    """Tell what is about to be done, and ask whether to, unless it changes nothing or the answer is known."""
    for one in order.untold:
        typer.echo(one.reason, err=True)
    if not stacks:
        return
    left = set(stacks)
    count = "1 stack" if len(left) == 1 else f"{len(left)} stacks"
    typer.echo(f"fleet {order.operation}: {count}, {min(order.parallel, len(left))} at a time", err=True)
    waves = [[stack for stack in wave if stack in left] for wave in order.waves]
    for number, wave in enumerate(waves, start=0 if order.canary else 1):
        if wave and len(waves) > 1:
            more = f" and {len(wave) - _NAMED} more" if len(wave) > _NAMED else ""
            typer.echo(f"  {f'wave {number}' if number else 'canary'}: {', '.join(wave[:_NAMED])}{more}", err=True)
    if not order.operation.changes_something or yes:
        return
    if not sys.stdin.isatty():
        say(f"fleet {order.operation} changes things: say --yes, or answer on a terminal", Exit.USAGE)
    try:
        answer = typer.confirm("Go on?", err=True)
    except typer.Abort:
        say("\nnothing was done", Exit.INTERRUPTED)
    if not answer:
        say("nothing was done", Exit.BAD)
