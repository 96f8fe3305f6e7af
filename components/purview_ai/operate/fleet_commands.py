"""``purview-ai fleet``: the same for many stacks."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from purview_ai.fleet.matrix import matrix_of
from purview_ai.operate.fleet_choice import Every, Globs, Since, WithTags, chosen
from purview_ai.operate.speaking import AsJson, Exit, say

app = typer.Typer(
    help="Work on many stacks at once, chosen by name, tag or change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
Matrix = Annotated[bool, typer.Option("--matrix", help="The JSON that a GitHub workflow's strategy.matrix takes.")]


@app.callback()
def _whole() -> None:
    """Work on many stacks at once, chosen by name, tag or change."""


@app.command(
    "list",
    epilog="Examples: `purview-ai fleet list` · `purview-ai fleet list --tag wave=canary` · "
    "`purview-ai fleet list --changed-since origin/main --matrix`",
)
def list_(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    matrix: Matrix = False,
    as_json: AsJson = False,
) -> None:
    """List the stacks that are chosen, with their tags; all of them, where nothing is asked for.

    Reads the stack files and asks nobody but git. Exit code: 0, also where nothing has changed; 2 nothing can be
    chosen so.
    """
    if matrix and as_json:
        say("--matrix and --json say two different things: give one of them", Exit.USAGE)
    _, members = chosen(stack, tag, changed_since, every=every, else_all=True)
    if matrix:
        typer.echo(json.dumps(matrix_of(members)))
    elif as_json:
        typer.echo(json.dumps([{"stack": one.stack, "tags": dict(one.tags)} for one in members]))
    else:
        width = max((len(one.stack) for one in members), default=0)
        for one in members:
            told = " ".join(f"{name}={value}" for name, value in one.tags.items())
            typer.echo(f"{one.stack:<{width}}  {told}".rstrip())
