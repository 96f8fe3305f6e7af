"""``purview-ai scan list``, ``run`` and ``cancel``: the runs of a tenant's scans."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from purview_ai.datamap.run import ACTIVE_RUN
from purview_ai.datamap.run_report import RunReport, runs_of
from purview_ai.datamap.wishes import ScanLevel
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.objects.sameness import read_moment
from purview_ai.operate.chosen_stack import stacks_in
from purview_ai.operate.scans import (
    RunId,
    Source,
    answered,
    chosen,
    in_time,
    not_asked,
    opened,
)
from purview_ai.operate.speaking import AsJson, AsJsonLines, Exit, Patience, Stack, StacksInWords, say
from purview_ai.operate.stack_file import tenant_for
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.operate.stack_file import Tenant

_WIDE = 200
_BOUNDLESS = 10_000
Limit = Annotated[int, typer.Option(help="How many runs of each scan, the newest first.", min=1)]
Scheduled = Annotated[
    bool,
    typer.Option(
        "--scheduled", help="For a schedule: a stack without a scan, or whose run goes on already, is passed by."
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Look at all again, and not only at what is new.")]
HEALTHY = "classified is one less than ingested: the organisation itself is an asset, and that is healthy"


def list_(
    stack: Stack = None,
    source: Source = None,
    *,
    limit: Limit = 10,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> None:
    """List the runs of each scan: status, duration, discovered, classified and ingested assets, and errors.

    Exit code: 0, also where runs failed or a scan never ran; 2 the stack file is wrong, 3 nobody could be asked.
    """
    tenant = tenant_for(stack)
    sources = chosen(source, tenant)
    there = opened(tenant, patience)
    found = {name: answered(tenant, patience, partial(_runs, there, tenant, name)) for name in sources}
    if as_json:
        told = {name: [run.as_json() for run in runs[:limit]] for name, runs in found.items()}
        typer.echo(json.dumps({"stack": tenant.stack, "sources": told}))
        return
    show({name: (tenant.settings.sources[name].names(name).scan, runs[:limit]) for name, runs in found.items()})


def show(found: dict[str, tuple[str, list[RunReport]]]) -> None:
    """A table for each source, of its scan's name and runs; or lines, where a table has no room and would cut off."""
    out = Console(highlight=False, emoji=False)
    if not out.is_terminal:
        out = Console(highlight=False, emoji=False, width=_WIDE)
    for name, (scan, runs) in found.items():
        table = _table(name, scan, runs)
        if out.measure(table, options=out.options.update(width=_BOUNDLESS)).maximum <= out.width:
            out.print(table)
        else:
            out.print("\n".join(_lines(name, scan, runs)), markup=False, soft_wrap=True)
    out.print(f"\n{HEALTHY[0].upper()}{HEALTHY[1:]}.", markup=False, soft_wrap=True)


def _runs(there: DataMap, tenant: Tenant, source: str) -> list[RunReport]:
    names = tenant.settings.sources[source].names(source)
    return runs_of(there, names.data_source, names.scan)


def _table(source: str, scan: str, runs: list[RunReport]) -> Table:
    table = Table(
        title=Text(_title(source, scan, runs)),
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        show_header=bool(runs),
    )
    for name in ("started", "level", "status", "took", "discovered", "classified", "ingested", "error", "run"):
        table.add_column(name, justify="right" if name in ("took", "discovered", "classified", "ingested") else "left")
    for run in runs:
        row = (_started_at(run), run.level, run.status, _took(run), *shown_counts(run), run.reason, run.id)
        # What a service says is no markup.
        table.add_row(*map(Text, row))
    return table


def _lines(source: str, scan: str, runs: list[RunReport]) -> list[str]:
    found = [_title(source, scan, runs)]
    for run in runs:
        discovered, classified, ingested = shown_counts(run)
        found += [
            f"{_started_at(run)}  {run.level} {run.status}, took {_took(run)}",
            f"  discovered {discovered}, classified {classified}, ingested {ingested}",
            *([f"  error: {run.reason}"] if run.reason else []),
            f"  run {run.id}",
        ]
    return found


def _title(source: str, scan: str, runs: list[RunReport]) -> str:
    return f"{source}: scan {scan}" + ("" if runs else " never ran")


def _started_at(run: RunReport) -> str:
    started = read_moment(run.started)
    return f"{started:%Y-%m-%dT%H:%M:%SZ}" if started else run.started or "-"


def _took(run: RunReport) -> str:
    return "-" if run.seconds is None else lasted(run.seconds)


def shown_counts(run: RunReport) -> list[str]:
    """Discovered, classified and ingested, as far as Purview says them."""
    counts = (run.discovered, run.classified, run.ingested)
    return [str(count) if count is not None else "-" for count in counts]


def lasted(seconds: int) -> str:
    """A duration as people read it."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60:02} min" if hours else f"{rest // 60} min {rest % 60:02} s"


@dataclass(frozen=True)
class Told:
    """What became of one source."""

    source: str
    run: str = ""
    """The run's id."""
    happened: str = ""
    problem: str = ""
    """Why it did not happen."""
    unknown: bool = False
    """Nobody could be asked, so it is not known either way."""
    goes_on: bool = False
    """A run that somebody else started goes on."""
    passed_by: str = ""
    """Why nothing was to be done."""


def run(
    stack: StacksInWords = None,
    source: Source = None,
    *,
    full: Full = False,
    scheduled: Scheduled = False,
    patience: Patience = 60.0,
    as_json: AsJsonLines = False,
) -> None:
    """Start a run of each scan now: of what is new, or of all with --full.

    The schedule and the stack know nothing of it; pulumi preview shows no change. Of several stacks one keeps no other
    from its scan. Exit code: 0 started, or with --scheduled passed by, 1 a run goes on already or there is no scan, 2
    the stack file is wrong or has no source with a scan, 3 nobody could be asked.
    """
    level = ScanLevel.FULL if full else ScanLevel.INCREMENTAL
    try:
        stacks = stacks_in(stack or ()) or (None,)
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    ends = [_run(one, source, level, patience, as_json=as_json, scheduled=scheduled) for one in stacks]
    raise typer.Exit(min(filter(None, ends), default=Exit.GOOD))


def _run(
    stack: str | None, source: str | None, level: ScanLevel, patience_s: float, *, as_json: bool, scheduled: bool
) -> int:
    try:
        tenant = tenant_for(stack)
        if scheduled and not tenant.settings.captured:
            typer.echo(f"{tenant.stack}: no source has a scan, so none was started", err=as_json)
            return Exit.GOOD
        sources = chosen(source, tenant)
        there = opened(tenant, patience_s)
    except typer.Exit as ended:
        return ended.exit_code
    told = [_started(there, tenant, name, level, patience_s) for name in sources]
    if scheduled:
        told = [replace(one, passed_by=one.problem, problem="") if one.goes_on else one for one in told]
    for one in told:
        _tell(tenant, one, as_json=as_json, level=level, passed_by=one.passed_by)
    for one in told if not as_json else ():
        if one.run and not one.problem:
            follow = f"purview-ai scan watch --stack {tenant.stack} --source {one.source} --run {one.run}"
            typer.echo(f"Follow it: {follow}")
    if any(one.problem and not one.unknown for one in told):
        return Exit.BAD
    return Exit.UNKNOWN if any(one.unknown for one in told) else Exit.GOOD


def _started(there: DataMap, tenant: Tenant, source: str, level: ScanLevel, patience_s: float) -> Told:
    names = tenant.settings.sources[source].names(source)
    run_id = str(uuid.uuid4())
    path = f"/datasources/{names.data_source}/scans/{names.scan}:run"
    try:
        in_time(patience_s, lambda: there.post(path, runId=run_id, scanLevel=level))
    except RefusedError as refusal:
        if refusal.code == ACTIVE_RUN:
            return Told(source, problem="a run goes on already, and a scan has one at a time", goes_on=True)
        if refusal.status == HTTPStatus.NOT_FOUND:
            return Told(source, problem=f"Purview has no scan {names.scan}: pulumi up makes it")
        return Told(source, problem=not_asked(refusal), unknown=True)
    except UnreachableError as error:
        perhaps = f"  Whether run {run_id} was started: purview-ai scan list --stack {tenant.stack}"
        return Told(source, run_id, problem=f"{not_asked(error)}\n{perhaps}", unknown=True)
    return Told(source, run_id, f"{level.lower()} run {run_id} of scan {names.scan} was started")


def cancel(
    stack: Stack = None,
    source: Source = None,
    *,
    run_id: RunId = None,
    patience: Patience = 60.0,
    as_json: AsJsonLines = False,
) -> None:
    """Cancel the run that goes on; what it has ingested stays.

    Exit code: 0 asked to end, 1 no such run goes on, 2 the stack file is wrong, 3 nobody could be asked.
    """
    tenant = tenant_for(stack)
    sources = chosen(source, tenant, run_id)
    there = opened(tenant, patience)
    told = [_cancelled(there, tenant, name, run_id, patience) for name in sources]
    for one in told:
        _tell(tenant, one, as_json=as_json)
    if any(one.unknown for one in told):
        raise typer.Exit(Exit.UNKNOWN)
    if all(one.problem for one in told):
        raise typer.Exit(Exit.BAD)


def _cancelled(there: DataMap, tenant: Tenant, source: str, run_id: str | None, patience_s: float) -> Told:
    names = tenant.settings.sources[source].names(source)
    path = f"/datasources/{names.data_source}/scans/{names.scan}/runs"
    asked: list[str] = []
    try:
        for one in in_time(patience_s, lambda: _runs(there, tenant, source)):
            if not one.over and run_id in (None, one.id):
                in_time(patience_s, partial(there.post, f"{path}/{one.id}:cancel"))
                asked.append(one.id)
    except (RefusedError, UnreachableError) as error:
        before = f"run {', '.join(asked)} was asked to end; then " if asked else ""
        return Told(source, ", ".join(asked), problem=f"{before}{not_asked(error)}", unknown=True)
    if not asked:
        return Told(source, problem=f"no such run of scan {names.scan} goes on")
    return Told(source, ", ".join(asked), f"run {', '.join(asked)} of scan {names.scan} was asked to end")


def _tell(tenant: Tenant, one: Told, *, as_json: bool, **more: str) -> None:
    if as_json:
        shown = {"stack": tenant.stack, "source": one.source, "run": one.run, **more, "problem": one.problem}
        typer.echo(json.dumps(shown))
        return
    passed_by = f"passed by: {one.passed_by}" if one.passed_by else ""
    said = one.problem or passed_by or one.happened
    typer.echo(f"{tenant.stack}: {one.source}: {said}", err=bool(one.problem))
