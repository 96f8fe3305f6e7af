"""What a fleet costs: previews and drift of many tenants against a shell loop over the same, and how it grows."""

from __future__ import annotations

import os
import statistics
from typing import TYPE_CHECKING

from drift.sights import purview_ai
from fleet.fleets import Fleet
from local_azure.process import LocalAzure
from rich.table import Table

from benchmarks.processes import Watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.processes import Costs

FEW, MANY = 10, 50
ROUNDS = 3
WORKER = "fleet worker"


def growth_of_a_fleet(root: Path, few: int = FEW, many: int = MANY, rounds: int = ROUNDS) -> Table:
    """Fleet and loop in turns over the same stacks, so that whatever else the machine does meets both."""
    table = Table(title=f"A fleet against a shell loop: medians of {rounds}", title_justify="left")
    for column in (
        "what",
        "tenants",
        "fleet s",
        "loop s",
        "ratio",
        "s per tenant",
        "peak MiB a worker",
        "of an engine",
    ):
        table.add_column(column, justify="left" if column == "what" else "right")
    azure = LocalAzure.start(root / "azure", pace=0.02)
    try:
        fleet = Fleet.of(root, azure, many)
        _good(fleet, "up", "--all", "--yes")
        stacks = [f"tenant{number:02}" for number in range(many)]
        for what, loop in (("preview", _previews), ("drift", _drifts)):
            for size in (few, many):
                rows = [_turn(fleet, what, stacks[:size], loop) for _ in range(rounds)]
                table.add_row(*_row(what, size, rows))
    finally:
        azure.stop()
    table.caption = f"{len(os.sched_getaffinity(0))} cores, and as many stacks side by side."
    return table


def _turn(fleet: Fleet, what: str, stacks: list[str], loop: Callable[[Fleet, list[str]], None]) -> tuple[Costs, Costs]:
    ours = _ours(fleet, what, stacks)
    with Watched() as watched:
        loop(fleet, stacks)
    return ours, watched.costs


def _ours(fleet: Fleet, what: str, stacks: list[str]) -> Costs:
    with Watched() as watched:
        _good(fleet, what, "--stack", ",".join(stacks))
    return watched.costs


def _good(fleet: Fleet, *words: str) -> None:
    said = fleet.said(*words)
    if said.code != 0:
        msg = f"fleet {' '.join(words)} ended with {said.code}: {said.out} {said.err}"
        raise RuntimeError(msg)


def _previews(fleet: Fleet, stacks: list[str]) -> None:
    """What somebody would write in a shell: one after the other."""
    for stack in stacks:
        fleet.tenants.pulumi("preview", "--stack", stack)


def _drifts(fleet: Fleet, stacks: list[str]) -> None:
    """The command that looks at one stack, for one after the other."""
    for stack in stacks:
        said = purview_ai("drift", "--stack", stack, env=fleet.tenants.environment, cwd=fleet.folder)
        if said.code != 0:
            msg = f"drift of {stack} ended with {said.code}: {said.out} {said.err}"
            raise RuntimeError(msg)


def _row(what: str, tenants: int, rows: list[tuple[Costs, Costs]]) -> tuple[str, ...]:
    costs = [ours for ours, _ in rows]
    seconds = statistics.median(one.seconds for one in costs)
    looped = statistics.median(loop.seconds for _, loop in rows)
    worker, engine = (statistics.median(one.peak_mib.get(part, 0.0) for one in costs) for part in (WORKER, "engine"))
    return (
        what,
        str(tenants),
        f"{seconds:.1f}",
        f"{looped:.1f}",
        f"{looped / seconds:.1f}",
        f"{seconds / tenants:.2f}",
        f"{worker:.0f}" if worker else "",
        f"{engine:.0f}" if engine else "",
    )
