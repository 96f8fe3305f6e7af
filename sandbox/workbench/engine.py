"""Runs the Pulumi engine on one stack of the sandbox."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA_MAP_TYPES = "pulumi-python:dynamic/purview:"
NO_OBJECT = ("pulumi:", "purview-ai:index:")
"""Types that are nothing in the outside world: the stack, its providers, and components."""


@dataclass(frozen=True)
class Tally:
    """What an operation did, as the engine's own events tell it."""

    azure: Counter[str] = field(default_factory=Counter[str])
    """Operations on Azure and Entra objects, by kind."""
    data_map: Counter[str] = field(default_factory=Counter[str])
    """Operations on the Data Map's objects, by kind."""
    seconds: float = 0.0

    @classmethod
    def of(cls, events: Path) -> Tally:
        """From an event log."""
        azure, data_map, seconds = Counter[str](), Counter[str](), 0.0
        for line in events.read_text().splitlines():
            event: dict[str, Any] = json.loads(line)
            if done := event.get("resOutputsEvent"):
                kind: str = done["metadata"]["type"]
                if not kind.startswith(NO_OBJECT):
                    (data_map if kind.startswith(DATA_MAP_TYPES) else azure)[done["metadata"]["op"]] += 1
            if summary := event.get("summaryEvent"):
                seconds = float(summary["durationSeconds"])
        return cls(azure, data_map, seconds)


def patiently(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> int:
    """Wait for a command however often Ctrl-C is pressed: it heard that, too, and tidies up before it ends."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


@dataclass(frozen=True)
class Engine:
    """The engine in a checkout, with the environment of its sandbox."""

    checkout: Path
    environment: dict[str, str]
    stack: str

    def select(self) -> None:
        """Make the stack's state where there is none; its stack file is there already."""
        command = ["pulumi", "stack", "select", "--create", self.stack]
        subprocess.run(command, cwd=self.checkout, env=self.environment, check=True, capture_output=True, text=True)

    def run(self, *words: str, **settings: str) -> int:
        """One command, its output to the terminal."""
        command = ["pulumi", *words, "--stack", self.stack]
        environment = {**self.environment, **settings}
        return patiently(subprocess.Popen(command, cwd=self.checkout, env=environment))

    def tallied(self, *words: str) -> tuple[int, Tally]:
        """One command, with what it did."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            # The engine keeps this flag for those who debug commands; its Automation API uses it too.
            code = self.run(*words, "--event-log", str(log), PULUMI_DEBUG_COMMANDS="1")
            return code, Tally.of(log) if log.exists() else Tally()
