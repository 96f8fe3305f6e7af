"""What the processes of a command cost: processor time and peak memory, by part."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from types import TracebackType

TICK_S = 0.01
PARTS = (
    ("fleet worker", "purview_ai.fleet.worker"),
    ("azure-native plugin", "stand_ins.azure_native"),
    ("azuread plugin", "stand_ins.azuread"),
    ("our provider", "pulumi.dynamic"),
    ("our provider", "pulumi/dynamic/__main__"),
    ("program", "pulumi-language-python-exec"),
    ("language host", "pulumi-language-python"),
    ("tool chain", "uv "),
    ("engine", "pulumi "),
)
"""The first word that a command line holds names its part."""


OTHER = "other"


def part_of(command: str) -> str:
    """The part that a process belongs to."""
    return next((part for part, words in PARTS if words in command), OTHER)


@dataclass
class Costs:
    """Processor seconds and peak memory (MiB) by part, of one command and all that it started."""

    seconds: float = 0.0
    processor_s: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    peak_mib: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))


class Watched:
    """Watches the descendants of this process while a block runs."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.costs = Costs()
        self._own = psutil.Process()
        self._before = {process.pid for process in self._own.children(recursive=True)}
        self._spent: dict[int, tuple[str, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._begun = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Stop looking, and sum up."""
        self.costs.seconds = time.monotonic() - self._begun
        self._over.set()
        self._thread.join()
        for part, seconds in self._spent.values():
            self.costs.processor_s[part] += seconds

    def _watch(self) -> None:
        while not self._over.wait(TICK_S):
            for process in self._own.children(recursive=True):
                if process.pid not in self._before:
                    self._look_at(process)

    def _look_at(self, process: psutil.Process) -> None:
        try:
            part = part_of(" ".join(process.cmdline()))
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            return
        if part == OTHER:
            # A shell before it becomes a plugin, or a process that ends: its last known part counts.
            part = self._spent.get(process.pid, (OTHER, 0.0))[0]
        self._spent[process.pid] = (part, times.user + times.system)
        self.costs.peak_mib[part] = max(self.costs.peak_mib[part], memory.rss / 2**20)
