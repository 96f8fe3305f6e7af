"""How the command line ends and speaks: exit codes, and what is said to people on standard error."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, NoReturn

import typer


class Exit(IntEnum):
    """What a command's exit code says."""

    GOOD = 0
    BAD = 1
    """The answer is no: a run failed, say."""
    USAGE = 2
    """The command or the stack file is wrong."""
    UNKNOWN = 3
    """Nobody could be asked."""
    PENDING = 4
    """It cannot be told yet: the same command, given later, tells."""
    INTERRUPTED = 130


Stack = Annotated[str | None, typer.Option(help="The stack; default: the selected one.")]


def say(text: str, code: Exit) -> NoReturn:
    """Say something, and end."""
    typer.echo(text, err=True)
    raise typer.Exit(code)
