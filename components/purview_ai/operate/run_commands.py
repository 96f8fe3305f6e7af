"""``purview-ai scan list``, ``run`` and ``cancel``: the runs of a tenant's scans."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from purview_ai.datamap.run import ACTIVE_RUN
from purview_ai.datamap.run_report import RunReport, runs_of
from purview_ai.datamap.wishes import ScanLevel
from purview_ai.objects.failures import RefusedError
from purview_ai.operate.scans import AsJson, Source, answered, chosen, tenant_for
from purview_ai.operate.speaking import Exit, Stack, say

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.operate.stack_file import Tenant

_WIDE = 200
Limit = Annotated[int, typer.Option(help="How many runs of each scan, the newest first.", min=1)]
Full = Annotated[bool, typer.Option("--full", help="Look at all again, and not only at what is new.")]
RunId = Annotated[str | None, typer.Option("--run", help="The id of the run; default: whichever goes on.")]
HEALTHY = "classified is one less than ingested: the organisation itself is an asset, and that is healthy"


def list_(stack: Stack = None, source: Source = None, limit: Limit = 10, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """List the runs of each scan: status, duration, discovered, classified and ingested assets, and errors.

    Exit code: 0, also where runs failed or a scan never ran; 2 the stack file is wrong, 3 nobody could be asked.
    """
    tenant = tenant_for(stack)
    sources = chosen(source, list(tenant.settings.captured))
    found = answered(tenant, lambda there: {name: _runs(there, tenant, name) for name in sources})
    if as_json:
        told = {name: [run.as_json() for run in runs[:limit]] for name, runs in found.items()}
        typer.echo(json.dumps({"stack": tenant.stack, "sources": told}))
        return
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=_WIDE)
    for name, runs in found.items():
        out.print(_table(name, tenant.settings.sources[name].names(name).scan, runs[:limit]))
    out.print(f"\n{HEALTHY[0].upper()}{HEALTHY[1:]}.", markup=False, soft_wrap=True)


def _runs(there: DataMap, tenant: Tenant, source: str) -> list[RunReport]:
    names = tenant.settings.sources[source].names(source)
    return runs_of(there, names.data_source, names.scan)


def _table(source: str, scan: str, runs: list[RunReport]) -> Table:
    title = f"{source}: scan {scan}" + ("" if runs else " never ran")
    table = Table(
        title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", show_header=bool(runs)
    )
    for name in ("started", "level", "status", "took", "discovered", "classified", "ingested", "error", "run"):
        table.add_column(name, justify="right" if name in ("took", "discovered", "classified", "ingested") else "left")
    for run in runs:
        counts = (run.discovered, run.classified, run.ingested)
        shown = [str(count) if count is not None else "-" for count in counts]
        took = "-" if run.seconds is None else lasted(run.seconds)
        table.add_row(run.started or "-", run.level, run.status, took, *shown, run.reason.replace("[", r"\["), run.id)
    return table


def lasted(seconds: int) -> str:
    """A duration as people read it."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60:02} min" if hours else f"{rest // 60} min {rest % 60:02} s"


def run(stack: Stack = None, source: Source = None, full: Full = False, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Start a run of each scan now: of what is new, or of all with --full.

    The schedule and the stack know nothing of it; pulumi preview shows no change. Exit code: 0 started, 1 a run goes
    on already or there is no scan, 2 the stack file is wrong, 3 nobody could be asked.
    """
    tenant = tenant_for(stack)
    level = ScanLevel.FULL if full else ScanLevel.INCREMENTAL
    sources = chosen(source, list(tenant.settings.captured))
    told = answered(tenant, lambda there: [_started(there, tenant, name, level) for name in sources])
    _tell(tenant, told, as_json=as_json)
    if any(one["problem"] for one in told):
        raise typer.Exit(Exit.BAD)
    if not as_json:
        typer.echo(f"Follow it: purview-ai scan watch --stack {tenant.stack}")


def _started(there: DataMap, tenant: Tenant, source: str, level: ScanLevel) -> dict[str, Any]:
    names = tenant.settings.sources[source].names(source)
    run_id = str(uuid.uuid4())
    problem = ""
    try:
        there.post(f"/datasources/{names.data_source}/scans/{names.scan}:run", runId=run_id, scanLevel=level)
    except RefusedError as refusal:
        if refusal.code == ACTIVE_RUN:
            problem = "a run goes on already, and a scan has one at a time"
        elif refusal.status == HTTPStatus.NOT_FOUND:
            problem = f"Purview has no scan {names.scan}: pulumi up makes it"
        else:
            raise
    happened = f"{level.lower()} run {run_id} of scan {names.scan} was started"
    return {"source": source, "run": "" if problem else run_id, "level": level, "told": happened, "problem": problem}


def cancel(stack: Stack = None, source: Source = None, run_id: RunId = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Cancel the run that goes on; what it has ingested stays.

    Exit code: 0 asked to end, 1 no such run goes on, 2 the stack file is wrong, 3 nobody could be asked.
    """
    tenant = tenant_for(stack)
    sources = chosen(source, list(tenant.settings.captured))
    if run_id and len(sources) > 1:
        say("--run says which run of one scan; say which with --source", Exit.USAGE)
    told = answered(tenant, lambda there: [_cancelled(there, tenant, name, run_id) for name in sources])
    _tell(tenant, told, as_json=as_json)
    if all(one["problem"] for one in told):
        raise typer.Exit(Exit.BAD)


def _cancelled(there: DataMap, tenant: Tenant, source: str, run_id: str | None) -> dict[str, Any]:
    names = tenant.settings.sources[source].names(source)
    going = [run.id for run in _runs(there, tenant, source) if not run.over and run_id in (None, run.id)]
    for one in going:
        there.post(f"/datasources/{names.data_source}/scans/{names.scan}/runs/{one}:cancel")
    problem = "" if going else f"no such run of scan {names.scan} goes on"
    happened = f"run {', '.join(going)} of scan {names.scan} was asked to end"
    return {"source": source, "run": ", ".join(going), "told": happened, "problem": problem}


def _tell(tenant: Tenant, told: list[dict[str, Any]], *, as_json: bool) -> None:
    for one in told:
        if as_json:
            shown = {name: value for name, value in one.items() if name != "told"}
            typer.echo(json.dumps({"stack": tenant.stack, **shown}))
        else:
            typer.echo(f"{one['source']}: {one['problem'] or one['told']}", err=bool(one["problem"]))
