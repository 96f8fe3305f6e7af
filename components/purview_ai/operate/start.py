"""Starts ``purview-ai`` with no more of it loaded than is asked for."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script.

    Comparing many tenants is asked for often, and what the other commands are made of takes longer to load than one
    tenant takes to compare.
    """
    if sys.argv[1:2] == ["drift"]:
        _compare()
    else:
        from purview_ai.operate import cli

        cli.main()


def _compare() -> None:
    import typer

    from purview_ai.operate import drift_command

    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="markdown")
    app.command(epilog=drift_command.EXAMPLES)(drift_command.drift)
    # A second command makes it a group, as in the whole command line.
    app.callback()(_whole)
    app()


def _whole() -> None:
    """Write a tenant's stack file, check it, and ask how the tenant is."""
