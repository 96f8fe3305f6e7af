"""``python -m benchmarks.scale``: machines, hours, calls and storage of a fleet, from measured figures and quotas."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR_S = 3600.0
TRIES = 4
"""How often the package sends a request at most."""


@dataclass(frozen=True)
class Operation:
    """What one operation on one stack costs. Processor time and memory as `make bench` counts them."""

    name: str
    processor_s: float
    memory_mib: float
    reads: dict[str, int]
    """Calls that only look, by service."""
    writes: dict[str, int] = field(default_factory=dict[str, int])
    kept_kib: float = 0.0
    """What each one adds to the state's backups and history."""


_PREVIEW_S = 0.33 + 0.30 + 0.28 + 0.57 + 0.31 + 0.02 + 0.02
"""Engine, two plugins, program, own provider, language host, tool chain."""
_PREVIEW_MIB = 110 + 61 + 61 + 102 + 82 + 26 + 28
_KEPT_KIB = 137.0
MEASURED = (
    Operation("preview", _PREVIEW_S, _PREVIEW_MIB, {"arm": 1, "graph": 4, "sign-in": 3}),
    Operation("up, no change", _PREVIEW_S, _PREVIEW_MIB, {"arm": 1, "graph": 4, "sign-in": 3}, {}, _KEPT_KIB),
    Operation(
        "first up",
        1.33 * _PREVIEW_S,
        _PREVIEW_MIB,
        {"arm": 13, "graph": 6, "purview": 6, "sign-in": 12},
        {"arm": 4, "graph": 2, "purview": 7},
        _KEPT_KIB,
    ),
    Operation("refresh, only shown", 0.58 * _PREVIEW_S, 340, {"arm": 5, "graph": 2, "purview": 6, "sign-in": 10}),
    Operation(
        "up --refresh",
        1.40 * _PREVIEW_S,
        _PREVIEW_MIB,
        {"arm": 6, "graph": 6, "purview": 6, "sign-in": 13},
        {},
        _KEPT_KIB,
    ),
    Operation("drift, one by one", 0.26 * _PREVIEW_S, 65, {"arm": 5, "graph": 2, "purview": 7, "sign-in": 4}),
)
"""A tenant with one source on 2 cores with nothing else to do, as `make bench` has it: a preview, and the others as
ratios to a preview of the same run (benchmarks/operations.py). How often plugins sign in varies. A refresh that is only
shown (`--preview-only`) keeps nothing; any other keeps what an update does."""


@dataclass(frozen=True)
class Bucket:
    """A quota: a burst, and what comes back each second."""

    burst: float
    per_s: float


class Level:
    """What is left of a quota; it begins full."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket, self._tokens, self._at = bucket, bucket.burst, 0.0

    def wait_s(self, now: float) -> int:
        """0 where a call at this moment is answered; else the whole seconds of Retry-After."""
        self._tokens = min(self._bucket.burst, self._tokens + (now - self._at) * self._bucket.per_s)
        self._at = now
        if self._tokens < 1.0:
            return math.ceil((1.0 - self._tokens) / self._bucket.per_s)
        self._tokens -= 1.0
        return 0


@dataclass(frozen=True)
class Quota:
    """A documented limit (docs/facts.md, graph 1.4 and 84, and purview 6.5)."""

    name: str
    service: str
    bucket: Bucket
    shared_by: str
    """Which parameter tells how many stacks ask within one of it."""
    writes: bool = False
    cost: str = ""
    """Which parameter tells what one call takes of it; empty: one."""


QUOTAS = (
    Quota("ARM, reads by one identity in a subscription", "arm", Bucket(250, 25), "per_subscription"),
    Quota("ARM, writes by one identity in a subscription", "arm", Bucket(200, 10), "per_subscription", writes=True),
    Quota(
        "Graph, identity, one app in a small Entra tenant",
        "graph",
        Bucket(3500, 350),
        "per_directory",
        cost="graph_units",
    ),
    Quota(
        "Graph, identity, writes by one app in an Entra tenant", "graph", Bucket(3000, 20), "per_directory", writes=True
    ),
    Quota(
        "Graph, identity, one app in all Entra tenants",
        "graph",
        Bucket(150_000, 7_500),
        "per_app",
        cost="graph_units",
    ),
    Quota("Graph, one app in all Entra tenants", "graph", Bucket(130_000, 13_000), "per_app"),
    Quota("Data Map, one capacity unit", "purview", Bucket(25, 25), "per_account"),
)
"""Whether a call of the scanning API counts as an operation of the Data Map is not known: here each does."""


@dataclass(frozen=True)
class Fleet:
    """What a reader knows of a fleet."""

    tenants: int = 10_000
    hours: float = 8.0
    """Within so many hours every stack shall have had its turn."""
    cores: int = 4
    memory_mib: int = 16_384
    busy: float = 0.7
    """Which share of a machine may be used."""
    wait_s: float = 20.0
    """How long an operation waits for real services: not known; measure one of yours."""
    graph_units: float = 5.0
    """What a call of Graph costs, in resource units: Microsoft's table has it, from 1 on."""
    per_subscription: int = 1
    """How many stacks have their vault in one subscription, deployed by one identity."""
    per_directory: int = 1
    per_account: int = 1
    per_app: int = 0
    """How many stacks sign in as one multi-tenant application; 0: each as its own."""

    def sharing(self, quota: Quota) -> int:
        """How many stacks share one of a quota."""
        return max(1, int(getattr(self, quota.shared_by)))


@dataclass(frozen=True)
class Plan:
    """What an operation on the whole fleet takes."""

    operation: Operation
    at_once: int
    """Workers on one machine."""
    bound_by: str
    """What keeps one machine from doing more."""
    per_machine_hour: float
    machines: int
    processor_hours: float
    nearest: Quota | None
    """The quota of which most is used."""
    used: float
    """Its share, while the fleet's turn is spread evenly over its hours."""
    kept_gib: float


def plan(operation: Operation, fleet: Fleet) -> Plan:
    """How many machines do it in the given hours."""
    memory = max(1, math.floor(fleet.memory_mib * fleet.busy / operation.memory_mib))
    by_processor = fleet.cores * fleet.busy / operation.processor_s
    by_memory = memory / (operation.processor_s + fleet.wait_s)
    per_s = min(by_processor, by_memory)
    machines = math.ceil(fleet.tenants / (per_s * HOUR_S * fleet.hours))
    at_once = min(memory, math.ceil(per_s * (operation.processor_s + fleet.wait_s)))
    used, nearest = max(_shares(operation, fleet), key=lambda one: one[0], default=(0.0, None))
    return Plan(
        operation,
        at_once,
        "processor" if by_processor < by_memory else "memory",
        per_s * HOUR_S,
        machines,
        fleet.tenants * operation.processor_s / HOUR_S,
        nearest,
        used,
        fleet.tenants * operation.kept_kib / 2**20,
    )


def _shares(operation: Operation, fleet: Fleet) -> Iterator[tuple[float, Quota]]:
    """How much of each quota is used while a fleet's turn is spread evenly over its hours."""
    for quota in QUOTAS:
        calls = (operation.writes if quota.writes else operation.reads).get(quota.service, 0)
        if calls and (quota.shared_by != "per_app" or fleet.per_app):
            units = getattr(fleet, quota.cost) if quota.cost else 1.0
            asked = calls * units * fleet.sharing(quota) / (fleet.hours * HOUR_S)
            yield asked / quota.bucket.per_s, quota


@dataclass(frozen=True)
class Throttled:
    """How clients fare with a quota."""

    seconds: float
    answered: int
    refused: int
    given_up: int
    """Calls that were refused each time they were sent."""

    @property
    def per_s(self) -> float:
        """Calls that were answered, each second."""
        return self.answered / self.seconds if self.seconds else math.inf


def throttled(calls: int, clients: int, bucket: Bucket, call_s: float) -> Throttled:
    """Play clients that take Retry-After at its word, in whole seconds, against a bucket.

    Each sends one call after the other; ``call_s`` is how long an answer takes, a refusal too.
    """
    level, last = Level(bucket), 0.0
    left, answered, refused, given_up = calls, 0, 0, 0
    waiting = [(0.0, client, 0) for client in range(clients)]
    heapify(waiting)
    while waiting:
        now, client, tried = heappop(waiting)
        if tried == 0:
            if not left:
                continue
            left -= 1
        last = max(last, now + call_s)
        wait_s = level.wait_s(now)
        if not wait_s:
            answered += 1
            heappush(waiting, (now + call_s, client, 0))
            continue
        refused += 1
        if tried + 1 == TRIES:
            given_up += 1
            heappush(waiting, (now + call_s, client, 0))
        else:
            heappush(waiting, (now + call_s + wait_s, client, tried + 1))
    return Throttled(last, answered, refused, given_up)


def lines(fleet: Fleet) -> Iterator[str]:
    """All of it, for people."""
    yield (
        f"{fleet.tenants} stacks within {fleet.hours:g} hours, on machines of {fleet.cores} cores and "
        f"{fleet.memory_mib / 1024:g} GiB, of which {fleet.busy:.0%} are used; {fleet.wait_s:g} s of waiting each"
    )
    head = ["operation", "processor h", "machines", "workers", "bound by", "stacks/h", "kept GiB", "most used quota"]
    yield from _table([head, *(_row(plan(operation, fleet)) for operation in MEASURED)])
    yield ""
    yield f"{_CALLS} calls of 0.1 s against one quota, by how many clients at once"
    rows = [["quota", "clients", "calls/s", "refusals per call", "given up"]]
    for quota in (QUOTAS[0], QUOTAS[-1]):
        for clients in (1, 5, 10, 50, 200):
            fared = throttled(_CALLS, clients, quota.bucket, 0.1)
            shares = f"{fared.refused / _CALLS:.2f}", f"{fared.given_up / _CALLS:.0%}"
            rows.append([quota.name, str(clients), f"{fared.per_s:.1f}", *shares])
    yield from _table(rows)


_CALLS = 20_000


def _row(found: Plan) -> list[str]:
    return [
        found.operation.name,
        f"{found.processor_hours:.1f}",
        str(found.machines),
        str(found.at_once),
        found.bound_by,
        f"{found.per_machine_hour:.0f}",
        f"{found.kept_gib:.2f}",
        f"{found.used:.2%} of {found.nearest.name}" if found.nearest else "",
    ]


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


_MAY_BE_0 = ("wait_s", "per_app")
"""Waiting for nobody, and no application that stacks share; of all else there is some."""


def main() -> None:
    """Print the plan of a fleet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    for name, value in vars(Fleet()).items():
        parser.add_argument(_option(name), type=type(value), default=value)
    given = vars(parser.parse_args())
    for name, value in given.items():
        if not math.isfinite(value) or value < 0 or (value == 0 and name not in _MAY_BE_0):
            least = "0 or more" if name in _MAY_BE_0 else "more than 0"
            parser.error(f"{_option(name)}: {value:g} gives no plan; say a number, {least}")
    if given["busy"] > 1:
        parser.error(f"--busy: {given['busy']:g} is more than a machine has; say a share, up to 1")
    print("\n".join(lines(Fleet(**given))))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


if __name__ == "__main__":
    main()
