"""How every command of ``purview-ai fleet`` ends: with one summary, for people, for machines and as a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from purview_ai.operate.fleet_showing import code_of, show
from purview_ai.operate.speaking import Exit, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from purview_ai.fleet.summary import Summary

Html = Annotated[
    Path | None, typer.Option("--html", dir_okay=False, help="Write the summary as a page, too: one file.")
]


def end(
    summary: Summary,
    *,
    html: Path | None,
    as_json: bool,
    to_come: bool = False,
    interrupted: bool = False,
    more: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Show the summary, and end with the exit code that it comes to.

    ``more`` is what machines are told of a stack besides, by the stack's name.
    """
    if as_json:
        told = summary.as_json()
        for entry in told["stacks"]:
            entry.update((more or {}).get(entry["stack"], {}))
        typer.echo(json.dumps(told))
    elif summary.results:
        show(summary, to_come=to_come)
    else:
        typer.echo(f"fleet {summary.what}: no stack has changed, so nothing was done")
    if html is not None:
        _write(summary, html, to_come=to_come)
    raise typer.Exit(code_of(summary, interrupted=interrupted))


def _write(summary: Summary, html: Path, *, to_come: bool) -> None:
    from purview_ai.operate.reporting import made_by
    from purview_ai.report.contents import FleetPage
    from purview_ai.report.page import fleet_page

    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(fleet_page(FleetPage(datetime.now(UTC), made_by(), summary, to_come)), encoding="utf-8")
    except OSError as error:
        say(f"the page cannot be written: {error}", Exit.USAGE)
