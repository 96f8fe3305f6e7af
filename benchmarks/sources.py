"""What a stack of many sources costs: a refresh of 1, 10 and 50, and an update that changes one field of one."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_azure.process import LocalAzure
from rich.table import Table
from tenants import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZES = (1, 10, 50)
ROUNDS = 3


@dataclass(frozen=True)
class Figures:
    """One command at one size."""

    seconds: float
    calls: int
    """Of all providers, tokens not counted."""


def growth(root: Path) -> Table:
    """Refresh and update of stacks of growing size, each in a local Azure of its own."""
    table = Table(title=f"Many sources: medians of {ROUNDS}", title_justify="left")
    for column in (
        "sources",
        "refresh s",
        "ratio to 1",
        "calls",
        "calls per source",
        "update s",
        "ratio to 1",
        "calls",
    ):
        table.add_column(column, justify="right")
    found = {size: _measured(root / f"sources{size}", size) for size in SIZES}
    first_refresh, first_update = found[SIZES[0]]
    for size, (refresh, update) in found.items():
        per_source = (refresh.calls - first_refresh.calls) / (size - 1) if size > 1 else 0
        table.add_row(
            str(size),
            f"{refresh.seconds:.2f}",
            f"{refresh.seconds / first_refresh.seconds:.2f}",
            str(refresh.calls),
            f"{per_source:.1f}" if per_source else "-",
            f"{update.seconds:.2f}",
            f"{update.seconds / first_update.seconds:.2f}",
            str(update.calls),
        )
    return table


def _measured(folder: Path, size: int) -> tuple[Figures, Figures]:
    azure = LocalAzure.start(folder / "azure", pace=0.02)
    try:
        tenant = Tenant(folder / "tenant", azure)
        one = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
        scan = {**one["scan"], "test_connection": False}
        sources = {
            f"chatgpt-{number}": {**one, "scan": dict(scan), "workspace_id": f"00000000-0000-4000-8000-{number:012}"}
            for number in range(size)
        }
        tenant.change({"sources": sources})
        tenant.up().must_succeed()
        refresh = _figures(azure, lambda _: tenant.refresh().must_succeed())

        def update(turn: int) -> None:
            tenant.change({"sources.chatgpt-0.scan.at": f"{turn + 3:02}:00"})
            changed = tenant.up().must_succeed().steps
            if changed != {"chatgpt-0-trigger": "update"}:
                msg = f"this is no update of one field: {changed}"
                raise RuntimeError(msg)

        return refresh, _figures(azure, update)
    finally:
        azure.stop()


def _figures(azure: LocalAzure, command: Callable[[int], object]) -> Figures:
    seconds: list[float] = []
    for turn in range(ROUNDS):
        azure.forget_requests()
        begun = time.monotonic()
        command(turn)
        seconds.append(time.monotonic() - begun)
    calls = [request for request in azure.requests() if request["service"] != "login"]
    return Figures(statistics.median(seconds), len(calls))
