"""How every command of ``purview-ai fleet`` ends: with one summary, for people, for machines and as a page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from purview_ai.fleet.order import Operation
from purview_ai.operate.fleet_showing import code_of, show
from purview_ai.operate.speaking import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    beside: Beside | None = None,
) -> NoReturn:
    """Show the summary, and end with the exit code that it comes to."""
    beside = beside or Beside()
    if as_json:
        typer.echo(json.dumps({**summary.as_json(), **beside.told}))
    elif summary.results:
        show(summary, to_come=to_come)
    else:
        typer.echo(f"fleet {summary.what}: no stack has changed, so nothing was done")
    page = html is None or _write(summary, html, to_come=to_come)
    written = page and beside.written
    raise typer.Exit(code_of(summary, interrupted=interrupted) or (Exit.GOOD if written else Exit.BAD))


@dataclass(frozen=True)
class Beside:
    """What there is of a run besides its summary."""

    told: dict[str, Any] = field(default_factory=dict[str, Any])
    """For machines."""
    written: bool = True
    """Whether all of it is written that was to be."""


def beside_the_summary(order: Order, results: Sequence[StackResult], *, as_json: bool) -> Beside:
    """Show, or write, what a look has found besides its summary."""
    if order.operation is Operation.DRIFT and not as_json:
        from purview_ai.operate.fleet_looks import show_drifts

        show_drifts(results)
    if order.operation is not Operation.REPORT:
        return Beside()
    from purview_ai.operate.fleet_looks import write_index_of

    try:
        index = write_index_of(Path(order.looking.pages), results)
    except OSError as error:
        typer.echo(f"the page over all cannot be written: {error}", err=True)
        return Beside({"index": None}, written=False)
    if not as_json:
        typer.echo(
            f"{sum('page' in one.details for one in results)} of {len(results)} pages written; begin with {index}"
        )
    return Beside({"index": str(index)})


def _write(summary: Summary, html: Path, *, to_come: bool) -> bool:
    from purview_ai.operate.reporting import made_by
    from purview_ai.report.contents import FleetPage
    from purview_ai.report.page import fleet_page

    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(fleet_page(FleetPage(datetime.now(UTC), made_by(), summary, to_come)), encoding="utf-8")
    except OSError as error:
        typer.echo(f"the page cannot be written: {error}", err=True)
        return False
    return True
