"""``purview-ai``: write a tenant's stack file, check it, and ask how the tenant is.

A command is loaded once it is asked for: what some are made of takes longer to load than others take.
"""

from __future__ import annotations

import atexit
import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from purview_ai.operate.pipeline_log import guard

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = {
    "init": "Make a tenant's stack: its file, checked as a whole, and the vendor's key in it, encrypted.",
    "settings": "What a stack file may say, and whether it is right.",
    "permissions": "Say what each identity needs at the least, and where; asks nobody.",
    "preflight": "Look at all that a deployment needs, before anything is changed.",
    "discover": "Read a connector profile from a source and scan that exist, and compare it with the shipped one.",
    "scan": "The scans of a tenant and their runs.",
    "verify": "Look at every link of a tenant's chain: app roles, vault, key, Purview's objects, runs, audit records.",
    "drift": "Compare what is there with what the stacks have recorded, without running their program.",
    "checklist": "List what only a person can do for a tenant, in order: where, why, who, and what shows it done.",
    "governance": "What comes into force around the scan, and how.",
    "offboard": "Say what destroy removes, what it leaves behind and why, and how each of that is removed.",
    "change": "What a deployment would change: preview, gate, the text for reviewers, and the deployment of just that.",
    "fleet": "Work on many stacks at once, chosen by name, tag or change.",
    "report": "Write a page for each tenant, and index.html over all of them: files that need no network to be read.",
}
"""Each command by its name, with the first line of its help."""
_GROUPS = ("settings", "scan", "governance", "change", "fleet")
"""Those that have commands of their own."""
_OBJECTS_BETWEEN_LOOKS = 100_000
"""So many new objects are some megabytes."""


def loaded(name: str) -> Any:
    """A command, with all that it is made of."""
    module = import_module(f"{__package__}.{name}_command{'s' if name in _GROUPS else ''}")
    if name in _GROUPS:
        return get_command(module.app)
    function: Callable[..., None] = getattr(module, name)
    alone = typer.Typer(rich_markup_mode="markdown", add_completion=False)
    alone.command(name, epilog=module.EXAMPLES)(function)
    return get_command(alone)


class _OnDemand(TyperGroup):
    """Knows its commands by name and first line, and loads the one that is asked for."""

    def __init__(self, **settings: Any) -> None:
        """With all commands listed."""
        super().__init__(**settings)
        for name, short in COMMANDS.items():
            self.add_command(TyperCommand(name, help=short))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command itself, in the place of the line that stands for it in the list."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name in COMMANDS else command, rest


app = typer.Typer(
    cls=_OnDemand,
    help="Write a tenant's stack file, check it, and ask how the tenant is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _whole() -> None:
    """Write a tenant's stack file, check it, and ask how the tenant is."""


def main() -> None:
    """The console script."""
    # What a command loads stays until it ends; to look for garbage in it, meanwhile and at the end, takes a fifth of
    # a short command's time.
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    atexit.register(gc.freeze)
    guard()
    app()
