"""Which stacks a command of ``purview-ai fleet`` is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.fleet.choosing import Choice, choose
from purview_ai.operate.speaking import Exit, say
from purview_ai.settings.files import Project, StackFileError

if TYPE_CHECKING:
    from purview_ai.fleet.choosing import Chosen

Globs = Annotated[
    list[str] | None,
    typer.Option("--stack", help="A stack's name, with * and ? if need be, or several with commas; may be repeated."),
]
WithTags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="NAME=VALUE",
        help="Only stacks with this tag; may be repeated: of one name any value counts, of several names each.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--changed-since",
        metavar="REVISION",
        help="Only stacks whose file changed since a revision of git; all, where something changed that all use.",
    ),
]
Every = Annotated[bool, typer.Option("--all", help="All stacks of the project.")]


def chosen(
    stacks: list[str] | None, tags: list[str] | None, since: str | None, *, every: bool, else_all: bool = False
) -> tuple[Project, Chosen]:
    """The project and what is chosen of it; ends the command where nothing can be chosen so."""
    try:
        project = Project.around(Path.cwd())
        choice = Choice.of(stacks or (), tags or (), since)
        if every and not choice.says_nothing:
            say("--all and another choice say two different things: give one of them", Exit.USAGE)
        if choice.says_nothing and not (every or else_all):
            say("say which stacks: --stack, --tag, --changed-since or --all", Exit.USAGE)
        found = choose(project, choice)
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    for note in found.notes:
        typer.echo(note, err=True)
    return project, found


def said_of_wrong(found: Chosen) -> Exit:
    """Say on standard error what is wrong with stack files, and how a command ends that does no more than that."""
    for one in (*found.wrong(), *found.untold):
        typer.echo(one.reason, err=True)
    if found.wrong():
        return Exit.BAD
    return Exit.UNKNOWN if found.unsure else Exit.GOOD
