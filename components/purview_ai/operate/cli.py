"""``purview-ai``: write a tenant's stack file, check it, and ask how the tenant is."""

from __future__ import annotations

import typer

from purview_ai.operate import (
    discover_command,
    drift_command,
    init_command,
    permission_commands,
    scan_commands,
    settings_commands,
)

app = typer.Typer(
    help="Write a tenant's stack file, check it, and ask how the tenant is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command(epilog=init_command.EXAMPLES)(init_command.init)
app.command(epilog=discover_command.EXAMPLES)(discover_command.discover)
app.command(epilog=drift_command.EXAMPLES)(drift_command.drift)
app.add_typer(settings_commands.app, name="settings")
app.add_typer(scan_commands.app, name="scan")
app.command(epilog="Examples: `purview-ai permissions` · `purview-ai permissions --stack contoso --json`")(
    permission_commands.permissions
)


def main() -> None:
    """The console script."""
    app()
