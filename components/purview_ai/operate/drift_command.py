"""``purview-ai drift``: how the outside world differs from what stacks have recorded."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from purview_ai.clouds import UnknownCloudError
from purview_ai.drift.backend import backend_of
from purview_ai.drift.change import left_out_in_words
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.drift.kinds import known_kinds
from purview_ai.drift.looking import LIMIT_S, Seen, Wanted, Watcher
from purview_ai.operate.chosen_stack import azure_in, selected_stack, stacks_in
from purview_ai.operate.speaking import AsJson, Exit, LeaveOut, Patience, StacksInWords, say
from purview_ai.settings.files import Project, StackFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from rich.console import Console
    from rich.table import Table

    from purview_ai.drift.change import Change, Drift

EXAMPLES = (
    "Examples: `purview-ai drift --stack contoso` · `purview-ai drift --stack contoso --stack fabrikam --json` · "
    "`purview-ai drift --all --leave-out 'collection role'`"
)
All = Annotated[bool, typer.Option("--all", help="All stacks of the project that have a state.")]
WRONG_FILE = (StackFileError, UnknownCloudError)
"""What is raised where a stack file does not say whom to ask."""
_MANY = 2
"""From so many stacks on, a terminal shows how far it is."""


def drift(
    stack: StacksInWords = None,
    every: All = False,  # noqa: FBT002  # typer's way
    leave_out: LeaveOut = None,
    patience: Patience = LIMIT_S,
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Compare what is there with what the stacks have recorded, without running their program.

    Changes nothing. It reads the state from its backend and asks each service for each object. Exit code: 0 nothing
    differs of what is not left out, 1 something does, 2 the command or a stack file is wrong or there is no state, 3
    something could not be looked at: an object, or a whole state.
    """
    without = kinds_in(leave_out or ())
    try:
        project = Project.around(Path.cwd())
        names = _chosen(project, stacks_in(stack or ()), every=every)
        wanted = [wanted_of(project, name) for name in names]
    except WRONG_FILE as error:
        say(str(error), Exit.USAGE)
    found = drifts_of(project, wanted, patience, without)
    if every:
        found = [one for one in found if one.deployed] or found
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found]))
    else:
        _show(found)
    raise typer.Exit(_code(found))


def kinds_in(words: Sequence[str]) -> frozenset[str]:
    """The kinds that are to be left out; ends the command where there is no such kind."""
    known = known_kinds()
    if wrong := [word for word in words if word not in known]:
        say(
            f"--leave-out {wrong[0]!r}: drift tells of no kind of object that is called so\n"
            f"  Give one of: {', '.join(sorted(known, key=str.lower))}",
            Exit.USAGE,
        )
    return frozenset(words)


def drifts_of(project: Project, wanted: list[Wanted], patience: float, leave_out: frozenset[str]) -> list[Drift]:
    """What is found of each stack; ends the command where no state can be found."""
    try:
        backend = backend_of(project.folder, os.environ)
    except CheckpointError as error:
        say(str(error), Exit.USAGE)
    with _progress(len(wanted)) as told:
        return Watcher(backend, told, patience, leave_out).drifts(wanted)


def _chosen(project: Project, named: list[str], *, every: bool) -> list[str]:
    if every and named:
        say("--all and --stack say two different things: give one of them", Exit.USAGE)
    if not every:
        return named or [selected_stack()]
    if not (all_of_them := list(project.stacks())):
        say(f"there is no stack file in {project.stacks_folder}", Exit.USAGE)
    return all_of_them


def wanted_of(project: Project, stack: str) -> Wanted:
    """A stack to look at; raises what :data:`WRONG_FILE` names."""
    azure = azure_in(project.config_of(stack))
    # An unknown cloud, or a setting that is encrypted, is told before anybody is asked.
    azure.signs_in_as()
    _ = azure.cloud
    return Wanted(stack, azure)


@contextmanager
def _progress(stacks: int) -> Generator[Callable[[Seen], None]]:
    """Shows how far it is, on a terminal and where there are many."""
    if stacks < _MANY or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Reading the states …") as status:
        yield lambda seen: status.update(f"{seen.done} of {seen.of_all} objects of {stacks} stacks")


def _code(found: list[Drift]) -> Exit:
    if any(one.differs for one in found):
        return Exit.BAD
    if not all(one.deployed for one in found):
        return Exit.USAGE
    return Exit.UNKNOWN if any(one.differs is None for one in found) else Exit.GOOD


def _show(found: list[Drift]) -> None:
    from rich.console import Console

    out = Console(highlight=False, soft_wrap=not Console().is_terminal)
    for one in found:
        show_one(out, one)
    if len(found) > 1:
        counts = {
            "without drift": sum(one.differs is False and not one.empty for one in found),
            "with drift": sum(bool(one.differs) for one in found),
            "not wholly looked at": sum(bool(one.unknown) or _compares_nothing(one) for one in found),
            "not looked at": sum(bool(one.problem) for one in found),
            "with nothing recorded": sum(one.empty for one in found),
        }
        told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        left_out = left_out_in_words([left.kind for one in found for left in one.left_out])
        out.print(f"{len(found)} stacks: {'; '.join(filter(None, [told, left_out]))}", markup=False)


def show_one(out: Console, found: Drift) -> None:
    """All that was found of one stack."""
    if found.problem:
        typer.echo(found.problem, err=True)
        return
    if found.changes:
        out.print(_table(found))
    whole = [left for left in found.uncovered if not left.field]
    told = in_words(found)
    compared = [
        f"{_counted(len(found.covered), 'object')} compared",
        f"{len(whole)} not covered" if whole else "",
        left_out_in_words([left.kind for left in found.left_out]),
    ]
    out.print(f"{found.stack}: {told} ({', '.join(filter(None, compared))})", markup=False)
    for note in found.notes:
        out.print(f"  {note}", markup=False)
    for left in found.uncovered:
        what = f"{left.resource} ({left.kind}){f': {left.field}' if left.field else ''}"
        out.print(f"  not covered: {what} - {left.why}", markup=False)
    for left in found.left_out:
        out.print(f"  left out: {left.resource} ({left.kind}) - {left.why}", markup=False)
    for left in found.unknown:
        typer.echo(left.why, err=True)


def _compares_nothing(found: Drift) -> bool:
    return found.differs is None and not (found.unknown or found.problem)


def in_words(found: Drift) -> str:
    """What was found of one stack, in a clause."""
    fields = sum(bool(change.field) for change in found.changes)
    gone = len(found.changes) - fields
    parts = [
        f"{_counted(fields, 'field')} changed" if fields else "",
        f"{_counted(gone, 'object')} gone" if gone else "",
        f"{_counted(len(found.unknown), 'object')} not looked at" if found.unknown else "",
    ]
    if told := ", ".join(part for part in parts if part):
        return told
    if found.empty:
        return "nothing is recorded as deployed"
    return "nothing compared" if _compares_nothing(found) else "no drift"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _table(found: Drift) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=found.stack, title_justify="left")
    for column in ("resource", "field", "was", "now"):
        table.add_column(column, overflow="fold")
    for change in found.changes:
        resource = f"{change.resource} ({change.kind})"
        cells = (resource, change.field, _shown(change.was), _shown(change.now)) if change.field else _gone(change)
        # What services say is no markup.
        table.add_row(*map(Text, cells))
    return table


def _gone(change: Change) -> tuple[str, str, str, str]:
    return f"{change.resource} ({change.kind})", "", "there", "gone"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else "" if value is None else json.dumps(value)
