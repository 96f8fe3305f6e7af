"""``purview-ai``: write a tenant's stack file, check it, and ask how the tenant is."""

from __future__ import annotations

import typer

from purview_ai.operate import (
    checklist_command,
    discover_command,
    drift_command,
    init_command,
    permission_commands,
    preflight_command,
    report_command,
    scan_commands,
    settings_commands,
    verify_command,
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
app.command(epilog=checklist_command.EXAMPLES)(checklist_command.checklist)
app.command(epilog=preflight_command.EXAMPLES)(preflight_command.preflight)
app.command(epilog=report_command.EXAMPLES)(report_command.report)
app.command(epilog=verify_command.EXAMPLES)(verify_command.verify)
app.command(epilog="Examples: `purview-ai permissions` · `purview-ai permissions --stack contoso --json`")(
    permission_commands.permissions
)


def main() -> None:
    """The console script."""
    app()
