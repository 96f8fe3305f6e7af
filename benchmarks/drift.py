"""What comparing without the program costs, against refreshes of the engine: one tenant, and many in one call."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from drift.many import ManyTenants
from drift.sights import purview_ai
from local_azure.process import LocalAzure
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUNDS = 5
TENANTS = 50
AT_ONCE = 2
"""Deployments side by side, to have them over sooner."""


def comparison(root: Path) -> Table:
    """Both commands in turns, so that whatever else the machine does meets both."""
    azure = LocalAzure.start(root / "azure", pace=0.02)
    try:
        tenants = ManyTenants.of(root / "project", azure)
        first = tenants.add(0)
        tenants.up(first)
        ones = [
            (_seconds(lambda: tenants.refresh(first)), _seconds(lambda: _drift(tenants, "--stack", first)))
            for _ in range(ROUNDS)
        ]
        azure.forget_requests()
        _drift(tenants, "--stack", first)
        calls = _calls(azure)
        # The others come after one was looked at alone: a service that knows fifty vaults answers more slowly.
        others = [tenants.add(number) for number in range(1, TENANTS)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(tenants.up, others))
        alls = [_seconds(lambda: _drift(tenants, "--all")) for _ in range(ROUNDS)]
        azure.forget_requests()
        _drift(tenants, "--all")
        all_calls = _calls(azure)
    finally:
        azure.stop()
    refresh, drift = (statistics.median(seconds) for seconds in zip(*ones, strict=True))
    for_all = statistics.median(alls)
    table = Table(title=f"Drift against refresh --preview-only: medians of {ROUNDS}", title_justify="left")
    for column in ("tenants", "refreshes s", "drift s", "times faster", "drift s per tenant", "calls", "sign-ins"):
        table.add_column(column, justify="right")
    for count, refreshes, seconds, (asked, signed_in) in (
        (1, refresh, drift, calls),
        (TENANTS, refresh * TENANTS, for_all, all_calls),
    ):
        table.add_row(
            str(count),
            f"{refreshes:.2f}",
            f"{seconds:.2f}",
            f"{refreshes / seconds:.1f}",
            f"{seconds / count:.3f}",
            str(asked),
            str(signed_in),
        )
    table.caption = f"{TENANTS} refreshes are {TENANTS} times the median of one."
    return table


def _drift(tenants: ManyTenants, *words: str) -> None:
    said = purview_ai("drift", *words, "--json", env=tenants.environment, cwd=tenants.folder)
    if said.code != 0:
        msg = f"drift did not say that nothing differs: {said.code} {said.out} {said.err}"
        raise RuntimeError(msg)


def _seconds(command: Callable[[], object]) -> float:
    begun = time.monotonic()
    command()
    return time.monotonic() - begun


def _calls(azure: LocalAzure) -> tuple[int, int]:
    """All but sign-ins, and these."""
    asked = azure.requests()
    sign_ins = [one for one in asked if one["service"] == "login"]
    return len(asked) - len(sign_ins), len(sign_ins)
