"""What each operation on one stack costs, against a preview of the same run: processor time, memory, calls, state.

From these figures benchmarks/scale.py plans fleets.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from drift.sights import purview_ai
from local_azure.process import LocalAzure
from rich.table import Table
from tenants import STACK, Tenant

from benchmarks.processes import Watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.processes import Costs

ROUNDS = 3
LOOKED = ("GET", "HEAD")


def calls_by_service(azure: LocalAzure) -> tuple[Counter[str], Counter[str]]:
    """Those that only look, sign-ins among them, and those that change something, since they were forgotten."""
    reads, writes = Counter[str](), Counter[str]()
    for one in azure.requests():
        if one["service"] == "login":
            reads["sign-in"] += 1
        else:
            (reads if one["method"] in LOOKED else writes)[one["service"]] += 1
    return reads, writes


def operations(tenant: Tenant) -> dict[str, Callable[[], object]]:
    """Those on a stack that is there, by the names that benchmarks/scale.py has for them."""
    return {
        "preview": lambda: tenant.preview().must_succeed(),
        "up, no change": lambda: tenant.up().must_succeed(),
        "refresh, only shown": lambda: tenant.refresh().must_succeed(),
        "up --refresh": lambda: tenant.up("--refresh").must_succeed(),
        "drift, one by one": lambda: _drift(tenant),
    }


def _drift(tenant: Tenant) -> None:
    project = tenant.folder / "project"
    project.mkdir(exist_ok=True)
    (project / "Pulumi.yaml").write_text(f"name: purview-ai\nruntime: python\nstackConfigDir: {tenant.folder}\n")
    said = purview_ai("drift", "--stack", STACK, "--json", env=tenant.environment, cwd=project)
    if said.code != 0:
        msg = f"drift did not say that nothing differs: {said.code} {said.out} {said.err}"
        raise RuntimeError(msg)


def kept_kib(tenant: Tenant) -> tuple[float, float]:
    """The state with its ``.bak``, and all backups and history, as they lie in a backend of files."""
    sizes = {file: file.stat().st_size / 1024 for file in (tenant.folder / "state").rglob("*") if file.is_file()}
    state = sum(size for file, size in sizes.items() if "stacks" in file.parts)
    history = sum(size for file, size in sizes.items() if {"backups", "history"} & set(file.parts))
    return state, history


def comparison(root: Path) -> Table:
    """Every operation in turns, so that whatever else the machine does meets all."""
    costs: dict[str, list[Costs]] = {}
    azure = LocalAzure.start(root / "azure", pace=0.02)
    try:
        for number in range(ROUNDS):
            tenant = Tenant(root / f"tenant{number}", azure)
            if number:
                tenant.change({"vault.name": f"kv-contoso-{number}"})
                tenant.rename_source("chatgpt", f"chatgpt{number}")
            first = {"first up": lambda tenant=tenant: tenant.up().must_succeed()}
            for name, command in {**first, **operations(tenant)}.items():
                costs.setdefault(name, []).append(_cost(command))
            tenant.destroy().must_succeed()
    finally:
        azure.stop()
    table = Table(title=f"Operations on one stack: medians of {ROUNDS}", title_justify="left")
    for column in ("operation", "processor s", "of a preview", "peak MiB"):
        table.add_column(column, justify="left" if column == "operation" else "right")
    preview = _processor_s(costs["preview"])
    for name, of_it in costs.items():
        memory = statistics.median(sum(one.peak_mib.values()) for one in of_it)
        table.add_row(name, f"{_processor_s(of_it):.2f}", f"{_processor_s(of_it) / preview:.2f}", f"{memory:.0f}")
    return table


def _processor_s(costs: list[Costs]) -> float:
    return statistics.median(sum(one.processor_s.values()) for one in costs)


def _cost(command: Callable[[], object]) -> Costs:
    with Watched() as watched:
        command()
    return watched.costs
