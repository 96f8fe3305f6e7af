"""Shows a fleet at work: a live table on a terminal, a line for each stack elsewhere; and its summary."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending
from purview_ai.fleet.summary import changes_in_words, in_time
from purview_ai.operate.speaking import Exit

if TYPE_CHECKING:
    from collections.abc import Generator

    from purview_ai.fleet.job import Report
    from purview_ai.fleet.results import StackResult
    from purview_ai.fleet.summary import Summary

_COLOURS = {
    Ending.SUCCEEDED: "green",
    Ending.FAILED: "bold red",
    Ending.DIFFERS: "yellow",
    Ending.UNKNOWN: "yellow",
    Ending.CANCELLED: "magenta",
    Ending.PENDING: "cyan",
    Ending.NOT_BEGUN: "dim",
}
_TIMES_A_SECOND = 4
_CODES = (
    ((Ending.FAILED, Ending.DIFFERS), Exit.BAD),
    ((Ending.UNKNOWN, Ending.CANCELLED, Ending.NOT_BEGUN), Exit.UNKNOWN),
    ((Ending.PENDING,), Exit.PENDING),
)


@dataclass
class _Going:
    """A stack that is being worked on."""

    since: float
    steps: int = 0
    at: str = ""


@dataclass
class Showing:
    """Looks on, for people; to standard error, so that the summary can be piped."""

    what: str
    waves: tuple[tuple[str, ...], ...]
    parallel: int
    over: set[str] = field(default_factory=set[str])
    """Who has nothing left to be done; those of an earlier run, too."""
    to_come: bool = False
    """Whether changes are only shown."""
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, emoji=False))
    _going: dict[str, _Going] = field(default_factory=dict[str, _Going])
    _counts: dict[Ending, int] = field(default_factory=dict[Ending, int])
    _spent: list[float] = field(default_factory=list[float])

    @contextmanager
    def shown(self) -> Generator[None]:
        """While the fleet works."""
        if not self.console.is_terminal:
            yield
            return
        with Live(get_renderable=self._table, console=self.console, refresh_per_second=_TIMES_A_SECOND, transient=True):
            yield

    def began(self, stack: str) -> None:
        """See :class:`~purview_ai.fleet.running.Onlooker`."""
        self._going[stack] = _Going(time.monotonic())

    def step(self, stack: str, report: Report) -> None:
        """See :class:`~purview_ai.fleet.running.Onlooker`."""
        going = self._going[stack]
        going.steps, going.at = report.steps, report.at

    def again(self, result: StackResult) -> None:
        """See :class:`~purview_ai.fleet.running.Onlooker`."""
        self._going.pop(result.stack, None)
        self._say(f"{result.stack}: {result.ending}, and will be tried once more: {_clause(result)}", "yellow")

    def ended(self, result: StackResult) -> None:
        """See :class:`~purview_ai.fleet.running.Onlooker`."""
        self._going.pop(result.stack, None)
        self.over.add(result.stack)
        self._spent.append(result.seconds)
        self._counts[result.ending] = self._counts.get(result.ending, 0) + 1
        changes = changes_in_words(result.changes, to_come=self.to_come)
        told = [f"{result.ending} in {in_time(result.seconds)}", changes, _clause(result)]
        self._say(f"{result.stack}: {', '.join(filter(None, told))} ({self._place})", _COLOURS[result.ending])

    def stopping(self, why: str) -> None:
        """See :class:`~purview_ai.fleet.running.Onlooker`."""
        going = ", ".join(self._going)
        self._say(f"no other stack is begun: {why}{f'; still at work: {going}' if going else ''}", "bold yellow")

    @property
    def _place(self) -> str:
        return f"{len(self.over)} of {sum(map(len, self.waves))}"

    def _say(self, text: str, style: str) -> None:
        self.console.print(Text(text, style), soft_wrap=True)

    def _table(self) -> Group:
        now = time.monotonic()
        table = Table(box=None, pad_edge=False, header_style="bold")
        counted = "resources" if Operation(self.what).needs_the_engine else "looked at"
        for column in ("stack", "time", counted, "at"):
            table.add_column(column, overflow="ellipsis", no_wrap=True)
        for stack, going in self._going.items():
            table.add_row(Text(stack), in_time(now - going.since), str(going.steps), Text(going.at))
        counts = ", ".join(f"{count} {ending}" for ending, count in self._counts.items())
        left = f", about {in_time(self._left_s(now))} left" if self._spent else ""
        return Group(table, Text(f"fleet {self.what}: {self._place} stacks{left}  {counts}", "bold"))

    def _left_s(self, now: float) -> float:
        """If each takes as long as those that are over did: a wave after the other, as many side by side as may be."""
        mean = sum(self._spent) / len(self._spent)
        begun = {stack: now - one.since for stack, one in self._going.items()}
        left = [[max(0.0, mean - begun.get(one, 0.0)) for one in wave if one not in self.over] for wave in self.waves]
        return sum(max(sum(wave) / self.parallel, *wave) for wave in left if wave)


def _clause(result: StackResult) -> str:
    """Why, without the stack's name, which stands before it."""
    return result.first_line.removeprefix(f"{result.stack}: ")


def show(summary: Summary, *, to_come: bool = False) -> None:
    """The whole run on standard output: a table, and each reason in full."""
    out = Console(highlight=False, emoji=False, soft_wrap=not Console().is_terminal)
    if not out.is_terminal:
        out = Console(highlight=False, emoji=False, width=240)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("stack", "result", "time", "changes"):
        table.add_column(column, overflow="fold")
    for result in summary.worst_first:
        tried = f" ({result.attempts} tries)" if result.attempts > 1 else ""
        changes = changes_in_words(result.changes, to_come=to_come)
        seconds = in_time(result.seconds) if result.attempts else ""
        table.add_row(
            Text(result.stack), Text(f"{result.ending}{tried}", _COLOURS[result.ending]), seconds, Text(changes)
        )
    out.print(table)
    for result in summary.worst_first:
        if result.reason and result.ending is not Ending.NOT_BEGUN:
            out.print(Text(f"\n{result.reason}", _COLOURS[result.ending]), soft_wrap=True)
        if result.note:
            out.print(Text(f"\n{result.note}"), soft_wrap=True)
    typer.echo(f"\n{summary.headline}")
    if summary.run and any(result.resumable for result in summary.results):
        typer.echo(f"What is left: purview-ai fleet {summary.what} --resume")


def code_of(summary: Summary, *, interrupted: bool = False) -> Exit:
    """What the exit code says."""
    if interrupted:
        return Exit.INTERRUPTED
    return next((code for endings, code in _CODES if any(one in summary.totals for one in endings)), Exit.GOOD)
