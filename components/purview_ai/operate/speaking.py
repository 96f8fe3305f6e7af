"""How the command line ends and speaks: exit codes, and what is said to people on standard error."""

from __future__ import annotations

import math
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
Stacks = Annotated[
    list[str] | None, typer.Option("--stack", help="A stack; may be repeated. Default: the selected one.")
]
StacksInWords = Annotated[
    list[str] | None,
    typer.Option("--stack", help="A stack, or several with commas; may be repeated. Default: the selected one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, for machines.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="A line of JSON for each source, for machines.")]


def a_number(value: float | None) -> float | None:
    """An option's number; ``nan`` is none, and passes all bounds."""
    if value is not None and math.isnan(value):
        msg = "nan is not a number."
        raise typer.BadParameter(msg)
    return value


LONGEST_S = 3600
"""For longer nobody waits for one answer."""
Patience = Annotated[
    float,
    typer.Option(
        help="For how many seconds each service's answer is waited for.", min=1, max=LONGEST_S, callback=a_number
    ),
]
SearchSeconds = Annotated[
    float,
    typer.Option(
        help="For how many seconds the end of a search in the audit log is waited for.",
        min=0,
        max=LONGEST_S,
        callback=a_number,
    ),
]
LeaveOut = Annotated[
    list[str] | None,
    typer.Option(
        "--leave-out",
        metavar="KIND",
        help="A kind of object that is not looked at, such as 'collection role', which is told; may be repeated.",
    ),
]


def say(text: str, code: Exit) -> NoReturn:
    """Say something, and end."""
    typer.echo(text, err=True)
    raise typer.Exit(code)
