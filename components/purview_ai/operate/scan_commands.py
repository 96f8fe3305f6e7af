"""``purview-ai scan``: the scans of a tenant and their runs."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from purview_ai.objects.failures import RefusedError
from purview_ai.operate import run_commands
from purview_ai.operate.run_commands import shown_counts
from purview_ai.operate.scans import RunId, Source, chosen, not_asked, opened
from purview_ai.operate.speaking import LONGEST_S, AsJsonLines, Exit, Patience, Stack, a_number, say
from purview_ai.operate.stack_file import tenant_for
from purview_ai.operate.watching import Sight, Watch

if TYPE_CHECKING:
    from types import FrameType

    from purview_ai.datamap.client import DataMap

app = typer.Typer(
    help="The scans of a tenant and their runs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.command("list", epilog="Examples: `purview-ai scan list` · `purview-ai scan list --source chatgpt --json`")(
    run_commands.list_
)
app.command(epilog="Examples: `purview-ai scan run --source chatgpt` · `purview-ai scan run --full`")(run_commands.run)
app.command(epilog="Examples: `purview-ai scan cancel` · `purview-ai scan cancel --source chatgpt --run <id>`")(
    run_commands.cancel
)

Every = Annotated[float, typer.Option(help="Seconds between two looks.", min=0.05, max=LONGEST_S, callback=a_number)]


@app.command(
    epilog="Examples: `purview-ai scan watch --stack contoso` · `purview-ai scan watch --source chatgpt --json`"
)
def watch(
    stack: Stack = None,
    source: Source = None,
    *,
    run_id: RunId = None,
    every: Every = 10.0,
    patience: Patience = 60.0,
    as_json: AsJsonLines = False,
) -> None:
    """Follow the newest run of each scan, or the one that is named, to its end.

    A first full run may take more than a day. Ctrl-C ends the watching and leaves the run alone; a lost
    connection does not end it. Exit code: 0 all succeeded, 1 a run failed or there is none, 2 the stack file
    is wrong, 3 nobody could be asked.
    """
    signal.signal(signal.SIGINT, _leave)
    tenant = tenant_for(stack)
    watching = Watch(tenant, chosen(source, tenant, run_id), every, patience, run_id)
    there = opened(tenant, patience)
    try:
        last = _follow(watching, there, tenant.stack, as_json=as_json)
    except RefusedError as refusal:
        say(f"{tenant.stack}: {not_asked(refusal)}", Exit.UNKNOWN)
    if not all(sight.run is not None and sight.run.succeeded for sight in last):
        raise typer.Exit(Exit.BAD)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End at once: Python's own KeyboardInterrupt is lost where it comes up in a callback of C code."""
    typer.echo("The run goes on; look again with purview-ai scan watch.", err=True)
    os._exit(Exit.INTERRUPTED)


def _follow(watching: Watch, there: DataMap, stack: str, *, as_json: bool) -> list[Sight]:
    last: dict[str, Sight] = {}
    told: dict[str, str] = {}
    out = Console(highlight=False, emoji=False, soft_wrap=True, stderr=as_json)
    for sight in watching.sights(there):
        last[sight.source], line = sight, _line(sight, watching.run_id)
        if line != told.get(sight.source):
            out.print(line, markup=False)
        told[sight.source] = line
    if as_json:
        for sight in last.values():
            run = sight.run.as_json() if sight.run else None
            typer.echo(json.dumps({"stack": stack, "source": sight.source, "scan": sight.scan, "run": run}))
    return list(last.values())


def _line(sight: Sight, run_id: str | None) -> str:
    run = sight.run
    if sight.trouble:
        return f"{sight.source}: no answer just now, trying on ({sight.trouble})"
    if run is None:
        lacks = f"has no run {run_id}, or not yet" if run_id else "never ran"
        return f"{sight.source}: scan {sight.scan} {lacks}"
    discovered, classified, ingested = shown_counts(run)
    counts = f"discovered {discovered}, classified {classified}, ingested {ingested}"
    told = (counts if run.succeeded else run.reason) if run.over else f"since {run.started or 'now'}: {counts}"
    return f"{sight.source}: {run.level.lower()} run {run.status}   {told}"
