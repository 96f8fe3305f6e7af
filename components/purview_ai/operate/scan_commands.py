"""``purview-ai scan``: the scans of a tenant and their runs."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.clouds import UnknownCloudError
from purview_ai.datamap.remedies import remedy_for
from purview_ai.identity import IdentityError
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.speaking import Exit, Stack, say
from purview_ai.operate.stack_file import Tenant, tenant_of
from purview_ai.operate.watching import Sight, Watch
from purview_ai.settings.files import StackFileError
from purview_ai.settings.mistakes import SettingsError

if TYPE_CHECKING:
    from types import FrameType

app = typer.Typer(help="The scans of a tenant and their runs.", no_args_is_help=True)

Source = Annotated[str | None, typer.Option(help="Only this source of the stack file.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON per source at the end, for machines.")]
Every = Annotated[float, typer.Option(help="Seconds between two looks.", min=0.05)]


@app.callback()
def _scan() -> None:
    """The scans of a tenant and their runs."""


@app.command(
    epilog="Examples: `purview-ai scan watch --stack contoso` · `purview-ai scan watch --source chatgpt --json`"
)
def watch(stack: Stack = None, source: Source = None, every: Every = 10.0, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Follow the newest run of each scan to its end.

    A first full run may take more than a day. Ctrl-C ends the watching and leaves the run alone; a lost
    connection does not end it. Exit code: 0 all succeeded, 1 a run failed or there is none, 2 the stack file
    is wrong, 3 nobody could be asked.
    """
    signal.signal(signal.SIGINT, _leave)
    try:
        tenant = tenant_of(stack)
        last = _asked(tenant, Watch(tenant, _chosen(source, list(tenant.settings.captured)), every), as_json=as_json)
    except (StackFileError, SettingsError, IdentityError, UnknownCloudError) as error:
        say(str(error), Exit.USAGE)
    if not all(sight.run is not None and sight.run.succeeded for sight in last):
        raise typer.Exit(Exit.BAD)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End at once: Python's own KeyboardInterrupt is lost where it comes up in a callback of C code."""
    typer.echo("The run goes on; look again with purview-ai scan watch.", err=True)
    os._exit(Exit.INTERRUPTED)


def _asked(tenant: Tenant, watching: Watch, *, as_json: bool) -> list[Sight]:
    try:
        return _follow(watching, tenant.stack, as_json=as_json)
    except (UnreachableError, RefusedError) as error:
        remedy = remedy_for(error, "scan") if isinstance(error, RefusedError) else remedy_for_silence(error)
        say(f"{tenant.stack}: the runs could not be asked for\n  {error}\n  {remedy}", Exit.UNKNOWN)


def _chosen(source: str | None, known: list[str]) -> list[str]:
    if not known:
        say("no source of this stack has a scan: pulumi stack output readme says what the portal does", Exit.USAGE)
    if source is None:
        return known
    if source not in known:
        say(f"there is no source {source} with a scan; known are {', '.join(known)}", Exit.USAGE)
    return [source]


def _follow(watching: Watch, stack: str, *, as_json: bool) -> list[Sight]:
    last: dict[str, Sight] = {}
    out = Console(highlight=False, soft_wrap=True, stderr=as_json)
    for sight in watching.sights():
        last[sight.source] = sight
        out.print(_line(sight), markup=False)
    if as_json:
        for sight in last.values():
            run = sight.run.as_json() if sight.run else None
            typer.echo(json.dumps({"stack": stack, "source": sight.source, "scan": sight.scan, "run": run}))
    return list(last.values())


def _line(sight: Sight) -> str:
    run = sight.run
    if sight.trouble:
        return f"{sight.source}: no answer just now, trying on ({sight.trouble})"
    if run is None:
        return f"{sight.source}: scan {sight.scan} never ran"
    counts = f"discovered {run.discovered}, classified {run.classified}, ingested {run.ingested}"
    told = {True: counts, False: run.reason}[run.succeeded] if run.over else f"since {run.started}"
    return f"{sight.source}: {run.level.lower()} run {run.status}   {told}"
