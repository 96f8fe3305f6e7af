"""``make bench``: what previews, deployments, drift, fleets and commands cost, against empty programs and loops."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from local_azure.process import LocalAzure
from rich.console import Console
from rich.table import Table
from stand_ins.install import install
from tenants import CHECKOUT, PULUMI_HOME, Tenant

from benchmarks import commands, operations, throttling
from benchmarks.drift import comparison
from benchmarks.fleet import growth_of_a_fleet
from benchmarks.processes import Watched
from benchmarks.sources import growth

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.processes import Costs

ROUNDS = 5
EMPTY = f"""name: empty
runtime: {{name: python, options: {{toolchain: uv, virtualenv: {CHECKOUT / ".venv"}}}}}
"""
OUR_AGENT = "purview-ai"


def main() -> None:
    """Measure and print."""
    out = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ[PULUMI_HOME] = str(root / "home")
        install(root / "home", CHECKOUT / ".venv" / "bin" / "python")
        ups = [_first_up(root / f"up{number}") for number in range(ROUNDS)]
        empty_ups = [_empty(root / f"empty{number}", "up", "--yes", "--skip-preview") for number in range(ROUNDS)]
        azure = LocalAzure.start(root / "azure", pace=0.02)
        try:
            _preview_and_refresh(root, azure, ups, empty_ups, out)
            memory = psutil.Process(azure.pid).memory_info().rss / 2**20
        finally:
            azure.stop()
        out.print(operations.comparison(root / "operations"))
        out.print(growth(root))
        out.print(comparison(root / "drift"))
        out.print(growth_of_a_fleet(root / "fleet"))
        out.print(throttling.comparison(root / "throttling"))
        out.print(commands.start(root))
        out.print(commands.calls(root / "commands"))
    out.print(f"Local Azure: {memory:.0f} MiB.  {os.cpu_count()} cores, Python {sys.version.split()[0]}.")


def _preview_and_refresh(root: Path, azure: LocalAzure, ups: list[Costs], empty_ups: list[Costs], out: Console) -> None:
    tenant = Tenant(root / "tenant", azure)
    calls: dict[str, Counter[str]] = {}
    azure.forget_requests()
    tenant.up().must_succeed()
    calls["first up"] = _calls(azure)
    for name, command in (("no-change preview", tenant.preview), ("refresh", tenant.refresh)):
        azure.forget_requests()
        command().must_succeed()
        calls[name] = _calls(azure)
    previews: list[Costs] = []
    empty_previews: list[Costs] = []
    # In turns, so that whatever else the machine does meets both sides.
    for number in range(ROUNDS):
        previews.append(_cost(tenant.preview))
        empty_previews.append(_empty(root / f"preview{number}", "preview"))
    out.print(_times("No-change preview", previews, empty_previews))
    out.print(_times("First up", ups, empty_ups))
    out.print(_call_table(calls))


def _cost(command: Callable[[], object]) -> Costs:
    with Watched() as watched:
        command()
    return watched.costs


def _first_up(folder: Path) -> Costs:
    azure = LocalAzure.start(folder / "azure", pace=0.02)
    try:
        tenant = Tenant(folder / "tenant", azure)
        return _cost(lambda: tenant.up().must_succeed())
    finally:
        azure.stop()


def _empty(folder: Path, *words: str) -> Costs:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(EMPTY)
    (folder / "__main__.py").write_text("")
    (folder / "state").mkdir()
    inherited = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **inherited,
        "PATH": f"{CHECKOUT}/.tools/engine/bin:{CHECKOUT}/.tools/uv/bin:{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "empty",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "UV_OFFLINE": "1",
        "UV_FROZEN": "1",
    }

    def pulumi(*command: str) -> None:
        subprocess.run(
            ["pulumi", *command, "--non-interactive"], cwd=folder, env=environment, check=True, capture_output=True
        )

    pulumi("stack", "init", "empty")
    return _cost(lambda: pulumi(*words, "--stack", "empty"))


def _median(costs: list[Costs], figure: Callable[[Costs], float]) -> float:
    return statistics.median(map(figure, costs))


def _times(title: str, ours: list[Costs], empty: list[Costs]) -> Table:
    table = Table(title=f"{title}: medians of {ROUNDS}", title_justify="left")
    for column in ("part", "tenant, processor s", "empty, processor s", "tenant, peak MiB"):
        table.add_column(column, justify="left" if column == "part" else "right")
    parts = sorted({part for costs in ours for part in costs.processor_s})
    for part in parts:
        table.add_row(
            part,
            f"{_median(ours, lambda c, p=part: c.processor_s.get(p, 0.0)):.2f}",
            f"{_median(empty, lambda c, p=part: c.processor_s.get(p, 0.0)):.2f}",
            f"{_median(ours, lambda c, p=part: c.peak_mib.get(p, 0.0)):.0f}",
        )
    whole, nothing = _median(ours, lambda c: c.seconds), _median(empty, lambda c: c.seconds)
    table.add_section()
    table.add_row("whole, wall clock s", f"{whole:.2f}", f"{nothing:.2f}", f"ratio {whole / nothing:.2f}")
    return table


def _calls(azure: LocalAzure) -> Counter[str]:
    counted = Counter[str]()
    for request in azure.requests():
        whose = "ours" if request["agent"].startswith(OUR_AGENT) else "other providers"
        kind = "read" if request["method"] in ("GET", "HEAD") else "write"
        service = "login" if request["service"] == "login" else f"{request['service']}, {whose}, {kind}"
        counted[service] += 1
    return counted


def _call_table(calls: dict[str, Counter[str]]) -> Table:
    table = Table(title="HTTP calls", title_justify="left")
    table.add_column("service")
    for name in calls:
        table.add_column(name, justify="right")
    for service in sorted({service for counted in calls.values() for service in counted}):
        table.add_row(service, *(str(counted[service]) for counted in calls.values()))
    table.add_section()
    table.add_row(
        "all but login",
        *(str(sum(n for service, n in counted.items() if service != "login")) for counted in calls.values()),
    )
    return table


if __name__ == "__main__":
    main()
