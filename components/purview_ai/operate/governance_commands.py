"""``purview-ai governance``: what comes into force around the scan, and how."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from purview_ai.governance.plan import plan_of
from purview_ai.operate.inspecting import estate_of
from purview_ai.operate.speaking import Stack  # noqa: TC001  # typer reads it

if TYPE_CHECKING:
    from purview_ai.governance.plan import Planned

app = typer.Typer(help="What comes into force around the scan, and how.", no_args_is_help=True, add_completion=False)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]
Wished = Annotated[bool, typer.Option("--wished", help="Only what the stack file's capabilities ask for.")]


@app.callback()
def _governance() -> None:
    """What comes into force around the scan, and how."""


@app.command(epilog="Examples: `purview-ai governance plan --stack contoso` · `purview-ai governance plan --wished`")
def plan(stack: Stack = None, wished: Wished = False, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Show every capability of the tenant's apps and the way to it: declared, script, portal, or by itself.

    With what it needs before, who can do it, and how it is seen to be in force. What Purview does not do stands there
    with the reason. Asks nobody. Exit code: 0, or 2 where the stack file is wrong.
    """
    estate = estate_of(stack)
    planned = [one for one in plan_of(estate.settings) if one.wished or not wished]
    if as_json:
        typer.echo(json.dumps({"stack": estate.stack, "capabilities": [one.as_json() for one in planned]}))
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
        "setting": one.way.setting,
        **{f"step {number}": step for number, step in enumerate(one.way.steps, 1)},
        "needs": "; ".join(one.way.needs),
        "who": one.way.who,
        "more": one.way.link,
        "in force": one.way.proof,
        "shown by": ", ".join(f"{link} of purview-ai verify" for link in one.shown_by),
    }
    return [f"{one.title} ({one.capability}): {one.way.route}{wished}", *_shown(shown)]


def _shown(lines: dict[str, str]) -> list[str]:
    return [f"   {name}: {text}" for name, text in lines.items() if text]
