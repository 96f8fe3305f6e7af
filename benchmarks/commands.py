"""What the command line costs: its start against that of an empty typer program, and the calls of each command."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from local_azure import seed
from local_azure.process import LocalAzure
from operate.command_line import said
from people import Person
from rich.table import Table
from tenants import Tenant

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 9
EMPTY = "import typer\napp = typer.Typer()\n@app.command()\ndef nothing() -> None:\n    '''Nothing.'''\napp()\n"
COMMANDS = (
    ("preflight",),
    ("verify",),
    ("scan", "list"),
    ("scan", "run"),
    ("scan", "cancel"),
    ("checklist",),
    ("drift",),
    ("report", "--no-drift"),
)


def start(root: Path) -> Table:
    """``purview-ai --help`` in turns with ``--help`` of a program that is a typer program and no more."""
    program = root / "nothing.py"
    program.write_text(EMPTY)
    whole = [sys.executable, "-c", "from purview_ai.operate.cli import main; main()", "--help"]
    ours, empty = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(whole))
        empty.append(_seconds([sys.executable, str(program), "--help"]))
    table = Table(title=f"Start of the command line: medians of {ROUNDS}", title_justify="left")
    for column in ("purview-ai --help s", "empty typer program s", "ratio"):
        table.add_column(column, justify="right")
    one, other = statistics.median(ours), statistics.median(empty)
    table.add_row(f"{one:.3f}", f"{other:.3f}", f"{one / other:.2f}")
    return table


def _seconds(command: list[str]) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - begun


def calls(root: Path) -> Table:
    """The calls that each command makes for a deployed tenant, by service."""
    azure = LocalAzure.start(root / "azure", pace=0.02)
    counted: dict[str, Counter[str]] = {}
    try:
        tenant = Tenant(root / "tenant", azure)
        tenant.up().must_succeed()
        with azure.client() as client:
            Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET).run_of()
        for words in COMMANDS:
            azure.forget_requests()
            out = ("--out", str(root / "pages")) if words[0] == "report" else ()
            said(tenant, *words, *out)
            counted[" ".join(words)] = Counter(one["service"] for one in azure.requests())
    finally:
        azure.stop()
    services = sorted({service for one in counted.values() for service in one})
    table = Table(title="Calls of each command, for one deployed tenant", title_justify="left")
    for column in ("command", *services, "all but sign-in"):
        table.add_column(column, justify="left" if column == "command" else "right")
    for name, one in counted.items():
        whole = sum(one.values()) - one["login"]
        table.add_row(name, *(str(one[service]) for service in services), str(whole))
    return table
