"""How every command of ``purview-ai fleet`` ends: with one summary, for people, for machines and as a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from purview_ai.fleet.order import Operation
from purview_ai.operate.fleet_showing import code_of, show
from purview_ai.operate.speaking import Exit, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.fleet.order import Order
    from purview_ai.fleet.results import StackResult
    from purview_ai.fleet.summary import Summary


def end(
    summary: Summary,
    *,
    html: Path | None,
    as_json: bool,
    to_come: bool = False,
    interrupted: bool = False,
    more: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Show the summary, and end with the exit code that it comes to; ``more`` is what machines are told besides."""
    if as_json:
        typer.echo(json.dumps({**summary.as_json(), **(more or {})}))
    elif summary.results:
        show(summary, to_come=to_come)
    else:
        typer.echo(f"fleet {summary.what}: no stack has changed, so nothing was done")
    if html is not None:
        _write(summary, html, to_come=to_come)
    raise typer.Exit(code_of(summary, interrupted=interrupted))


def beside_the_summary(order: Order, results: Sequence[StackResult], *, as_json: bool) -> dict[str, Any]:
    """Show what a look has found besides its summary; what machines are told of it."""
    if order.operation is Operation.DRIFT and not as_json:
        from purview_ai.operate.fleet_looks import show_drifts

        show_drifts(results)
    if order.operation is not Operation.REPORT:
        return {}
    from purview_ai.operate.fleet_looks import write_index_of

    try:
        index = write_index_of(Path(order.looking.pages), results)
    except OSError as error:
        say(f"the pages cannot be written: {error}", Exit.USAGE)
    if not as_json:
        typer.echo(
            f"{sum('page' in one.details for one in results)} of {len(results)} pages written; begin with {index}"
        )
    return {"index": str(index)}


def _write(summary: Summary, html: Path, *, to_come: bool) -> None:
    from purview_ai.operate.reporting import made_by
    from purview_ai.report.contents import FleetPage
    from purview_ai.report.page import fleet_page

    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(fleet_page(FleetPage(datetime.now(UTC), made_by(), summary, to_come)), encoding="utf-8")
    except OSError as error:
        say(f"the page cannot be written: {error}", Exit.USAGE)
