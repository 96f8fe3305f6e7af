"""``purview-ai governance``: what surrounds the scan in Microsoft 365."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.governance.scripts.rendering import FILES, render
from purview_ai.operate.chosen_stack import selected_stack
from purview_ai.operate.speaking import Exit, Stack, say
from purview_ai.operate.stack_file import tenant_of
from purview_ai.settings.files import StackFileError
from purview_ai.settings.mistakes import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(help="What surrounds the scan in Microsoft 365.", no_args_is_help=True, add_completion=False)

Out = Annotated[Path | None, typer.Option(help="The folder; default: governance/<stack>.", file_okay=False)]
Force = Annotated[bool, typer.Option("--force", help="Write over files that are there and say something else.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]


@app.callback()
def _whole() -> None:
    """What surrounds the scan in Microsoft 365."""


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
    try:
        name = stack or selected_stack()
        settings = tenant_of(name).settings
    except (StackFileError, SettingsError) as error:
        say(str(error), Exit.USAGE)
    if settings.governance is None or settings.governance.scripts is None:
        say(f"{name}: the stack file has no governance.scripts, so there is nothing to render", Exit.USAGE)
    files = {file: text.encode() for file, text in render(name, settings.governance.scripts).items()}
    folder = out or Path("governance") / name
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
