"""What an inspection shows: progress while it goes on, what is broken first, and an exit code for machines."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from purview_ai.inspection.estate import now
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import inspected
from purview_ai.inspection.verify import worst_first
from purview_ai.operate.estates import estate_of
from purview_ai.operate.speaking import Exit, say
from purview_ai.operate.stack_file import WRONG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.inspector import Link

_COLOURS = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.UNKNOWN: "yellow",
    Verdict.PENDING: "cyan",
    Verdict.TOO_EARLY: "cyan",
}
_WIDE = 240
_CODES = ((Verdict.FAILED, Exit.BAD), (Verdict.UNKNOWN, Exit.UNKNOWN))


def estate_for(stack: str | None, patience_s: float) -> Estate:
    """The estate of a stack; ends the command where its stack file is wrong."""
    try:
        return estate_of(stack, patience_s)
    except WRONG as error:
        say(str(error), Exit.USAGE)


def look_at(links: Sequence[Link], patience_s: float) -> list[Finding]:
    """The findings; on a terminal it is shown which are still waited for."""
    waiting = {link.name: link.title for link in links}
    console = Console(stderr=True)
    status = Status("", console=console)

    def tell(finding: Finding) -> None:
        waiting.pop(finding.link, None)
        status.update(_waiting(waiting, len(links)))

    status.update(_waiting(waiting, len(links)))
    if not console.is_terminal:
        return asyncio.run(inspected(links, patience_s, tell))
    with status:
        return asyncio.run(inspected(links, patience_s, tell))


def _waiting(waiting: dict[str, str], whole: int) -> Text:
    told = f"{whole - len(waiting)} of {whole}"
    return Text(told + (f", looking at: {next(iter(waiting.values()))}" if waiting else ""))


def show(
    stack: str,
    findings: Sequence[Finding],
    *,
    as_json: bool,
    summary: Callable[[Sequence[Finding]], str],
    more: dict[str, object] | None = None,
) -> None:
    """Show them, and end with the exit code that they come to."""
    if as_json:
        told = {"stack": stack, "at": now(), "verdict": verdict_of(findings), **(more or {})}
        typer.echo(json.dumps({**told, "findings": [finding.as_json() for finding in findings]}))
    else:
        _show_to_people(findings, summary)
    raise typer.Exit(code_of(findings))


def _show_to_people(findings: Sequence[Finding], summary: Callable[[Sequence[Finding]], str]) -> None:
    # What services and stack files say is neither markup nor the name of a picture.
    out = Console(highlight=False, emoji=False)
    if not out.is_terminal:
        # A file has no width to fold for.
        out = Console(highlight=False, emoji=False, width=_WIDE)
    ordered = worst_first(findings)
    for finding in ordered:
        if finding.verdict is not Verdict.PASSED:
            out.print(f"{finding.title}: {finding.verdict}", style=_COLOURS[finding.verdict], markup=False)
            for line in (finding.reason, finding.remedy):
                if line:
                    out.print(f"  {line}", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("link", "state", "what was seen", "of", "by"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        first, *others = _seen(finding)
        table.add_row(Text(finding.title), Text(finding.verdict, style=_COLOURS[finding.verdict]), *map(Text, first))
        for other in others:
            table.add_row("", "", *map(Text, other))
    out.print(table)
    out.print(f"\n{summary(ordered)}", markup=False, soft_wrap=True)


def _seen(finding: Finding) -> list[tuple[str, str, str]]:
    """The evidence; and of what passed, which is told nowhere else, what there is to say."""
    rows = [(one.what, one.when, one.source) for one in finding.evidence]
    if finding.verdict is Verdict.PASSED:
        rows += [(line, "", "") for line in (finding.reason, finding.remedy) if line]
    return rows or [("", "", "")]


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The worst of them."""
    worst = worst_first(findings)
    return worst[0].verdict if worst else Verdict.PASSED


def code_of(findings: Sequence[Finding]) -> Exit:
    """What the exit code says of them."""
    worst = verdict_of(findings)
    if worst is Verdict.PASSED:
        return Exit.GOOD
    return dict(_CODES).get(worst, Exit.PENDING)
