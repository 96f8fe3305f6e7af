"""``purview-ai governance``: what comes into force around the scan, and how."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from purview_ai.governance.plan import plan_of
from purview_ai.governance.scripts.catalogue import FILES, wanted
from purview_ai.governance.scripts.rendering import render
from purview_ai.operate.speaking import AsJson, Exit, Stack, say
from purview_ai.operate.stack_file import tenant_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from purview_ai.governance.plan import Planned

app = typer.Typer(
    help="What comes into force around the scan, and how.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
Wished = Annotated[bool, typer.Option("--wished", help="Only what the stack file's capabilities ask for.")]
Out = Annotated[
    Path | None, typer.Option(help="The folder; default: governance/ with the stack's name.", file_okay=False)
]
Force = Annotated[bool, typer.Option("--force", help="Write over files that are there and say something else.")]


@app.callback()
def _governance() -> None:
    """What comes into force around the scan, and how."""


@app.command(epilog="Examples: `purview-ai governance plan --stack contoso` · `purview-ai governance plan --wished`")
def plan(stack: Stack = None, wished: Wished = False, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Show every capability of the tenant's apps and the way to it: declared, script, portal, or by itself.

    With what it needs before, who can do it, and how it is seen to be in force. What Purview does not do stands there
    with the reason. Asks nobody. Exit code: 0, or 2 where the stack file is wrong.
    """
    tenant = tenant_for(stack)
    planned = [one for one in plan_of(tenant.settings) if one.wished or not wished]
    if as_json:
        typer.echo(json.dumps({"stack": tenant.stack, "capabilities": [one.as_json() for one in planned]}))
        return
    out = Console(highlight=False, soft_wrap=True)
    app_title = ""
    for one in planned:
        if one.app != app_title:
            app_title = one.app
            out.print(f"{app_title}\n", style="bold", markup=False)
        out.print("\n".join(_lines(one)), markup=False)


def _lines(one: Planned) -> list[str]:
    wished = f", wished by {', '.join(one.wished)}" if one.wished else ""
    if one.way is None:
        return [
            f"{one.title} ({one.capability}): {one.answer}{wished}",
            *_shown({"why": one.reason, "by": one.document}),
        ]
    shown = {
        "setting": one.way.setting and f"{one.way.setting}, {'' if one.asked else 'not '}in the stack file",
        **{f"step {number}": step for number, step in enumerate(one.way.steps, 1)},
        "instead": one.way.instead,
        "needs": "; ".join(one.needs),
        "who": one.way.who,
        "more": one.way.link,
        "in force": one.way.proof,
        "shown by": ", ".join(f"{link} of purview-ai verify" for link in one.shown_by),
        "note": one.way.doubt,
        "facts": ", ".join(one.way.facts),
    }
    return [f"{one.title} ({one.capability}): {one.way.route}{wished}", *_shown(shown)]


def _shown(lines: dict[str, str]) -> list[str]:
    return [f"   {name}: {text}" for name, text in lines.items() if text]


class _Is(StrEnum):
    """What a file is, held against what is there."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    STALE = "no longer asked for"


@app.command(
    "render", epilog="Examples: `purview-ai governance render --stack contoso` · `… render --out scripts --force`"
)
def render_(stack: Stack = None, out: Out = None, *, force: Force = False, as_json: AsJson = False) -> None:
    """Write the PowerShell that the stack file asks for, with a README, into a folder. Asks nobody.

    A person reads the scripts and runs them. Where a file is there already and says something else, nothing is written
    without --force. Exit code: 0 all is written, 1 some files differ and nothing was written, 2 the stack file is wrong
    or asks for no scripts.
    """
    tenant = tenant_for(stack)
    governance = tenant.settings.governance
    if governance is None or governance.scripts is None or not wanted(governance.scripts):
        say(f"{tenant.stack}: governance.scripts of the stack file asks for no script", Exit.USAGE)
    files = {file: text.encode() for file, text in render(tenant.stack, governance.scripts).items()}
    folder = out or Path("governance") / tenant.stack
    found = _compared(folder, files)
    writes = force or _Is.CHANGED not in found.values()
    if writes:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), "written": writes, "files": found}))
    else:
        typer.echo("\n".join(f"{folder / file}: {how}" for file, how in found.items()))
    if not writes:
        say("nothing was written: --force writes over what differs", Exit.BAD)


def _compared(folder: Path, files: Mapping[str, bytes]) -> dict[str, _Is]:
    """What each file is; those that another rendering left come last, and stay where they are."""
    found = {file: _held_against(folder / file, content) for file, content in files.items()}
    return found | {file: _Is.STALE for file in FILES if file not in files and (folder / file).exists()}


def _held_against(path: Path, content: bytes) -> _Is:
    if not path.exists():
        return _Is.NEW
    return _Is.UNCHANGED if path.read_bytes() == content else _Is.CHANGED
