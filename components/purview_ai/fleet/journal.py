"""What a run has done so far, in a file that survives whatever ends the run."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pydantic import ValidationError

from purview_ai.fleet.held import Engine
from purview_ai.fleet.order import Order
from purview_ai.fleet.results import StackResult, Told
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from purview_ai.fleet.order import Operation

HOME = ".purview-ai"
"""In the project's folder; git takes no notice of what is in it."""
FILE = "journal.jsonl"
KEPT = 20
"""So many runs of each command are kept, the newest ones."""


class RunError(StackFileError):
    """A run cannot be gone on with; the message says why."""


class Line(Told):
    """One of the file's lines: the first one is the order, each of the others says what happened to a stack."""

    at: datetime
    order: Order | None = None
    began: str = ""
    engine: Engine | None = None
    ended: StackResult | None = None


@dataclass
class Past:
    """What a journal says."""

    order: Order
    begun_at: datetime
    results: dict[str, StackResult] = field(default_factory=dict[str, StackResult])
    """The last one of each stack."""
    cut_off: set[str] = field(default_factory=set[str])
    """The stacks that were begun, and nobody knows how it ended."""
    engines: dict[str, Engine] = field(default_factory=dict[str, Engine])
    """The last one that was at work on each stack."""

    @property
    def left(self) -> tuple[str, ...]:
        """The stacks for which there is something left to do."""
        return tuple(one for one in self.order.stacks if one not in self.results or not self.results[one].settled)

    def forget_lost_pages(self) -> None:
        """Whose page is not there any more has none."""
        lost = [stack for stack, one in self.results.items() if not Path(one.details.get("page", ".")).exists()]
        for stack in lost:
            del self.results[stack]


def past_of(lines: Iterable[bytes]) -> Past | None:
    """What the lines say; None where they do not even have an order.

    A line that was not written to its end is the last one, and did not happen.
    """
    past: Past | None = None
    for raw in lines:
        try:
            line = Line.model_validate_json(raw)
        except ValidationError:
            break
        if line.order is not None:
            past = Past(line.order, line.at)
        elif past is not None and line.ended is not None:
            past.results[line.ended.stack] = line.ended
            past.cut_off.discard(line.ended.stack)
        elif past is not None and line.engine is not None:
            past.engines[line.engine.stack] = line.engine
        elif past is not None and line.began:
            past.cut_off.add(line.began)
    return past


@dataclass
class Journal:
    """A run that is going on; nobody else goes on with it meanwhile."""

    folder: Path
    past: Past
    _file: BinaryIO

    @property
    def run(self) -> str:
        """The run's name; empty where nothing is written down."""
        return self.folder.name

    @classmethod
    def begin(cls, project: Path, order: Order) -> Journal:
        """A new run's."""
        now = datetime.now(UTC)
        folder = home_of(project) / "fleet" / f"{now:%Y%m%dT%H%M%S.%f}-{order.operation}"
        folder.mkdir(parents=True)
        journal = cls(folder, Past(order, now), _taken(folder))
        journal._put(Line(at=now, order=order))
        _tidy(folder.parent, order.operation)
        return journal

    @classmethod
    def unwritten(cls, order: Order) -> Journal:
        """Of a run that nobody can go on with."""
        return cls(Path(), Past(order, datetime.now(UTC)), BytesIO())

    @classmethod
    def resume(cls, project: Path, operation: Operation) -> Journal:
        """The newest run of this operation, to go on with; raises :class:`RunError`."""
        folders = _runs(home_of(project) / "fleet", operation)
        if not folders:
            msg = f"there is no run of fleet {operation} in this checkout to go on with"
            raise RunError(msg)
        file = _taken(folders[-1])
        written = (folders[-1] / FILE).read_bytes()
        # A line that was cut off did not happen, also where only its end is missing.
        whole = written[: written.rfind(b"\n") + 1]
        past = past_of(whole.splitlines())
        if past is None:
            msg = f"the run {folders[-1].name} ended before it began; begin it again without --resume"
            raise RunError(msg)
        # And it must not swallow the next one.
        file.truncate(len(whole))
        return cls(folders[-1], past, file)

    def began(self, stack: str) -> None:
        """A stack is about to be begun."""
        self._write(Line(at=datetime.now(UTC), began=stack))
        self.past.cut_off.add(stack)

    def at_work(self, engine: Engine) -> None:
        """An engine holds its stack's lock."""
        self._write(Line(at=datetime.now(UTC), engine=engine))
        self.past.engines[engine.stack] = engine

    def ended(self, result: StackResult) -> None:
        """It is known what became of a stack."""
        self._write(Line(at=datetime.now(UTC), ended=result))
        self.past.results[result.stack] = result
        self.past.cut_off.discard(result.stack)

    def close(self) -> None:
        """Let others go on with the run."""
        with self._lossy():
            self._file.close()

    def _write(self, line: Line) -> None:
        with self._lossy():
            self._put(line)

    def _lossy(self) -> AbstractContextManager[None]:
        """What a look could not write down, as on a full disk, is looked at once more."""
        return nullcontext() if self.past.order.operation.needs_the_engine else suppress(OSError)

    def _put(self, line: Line) -> None:
        self._file.write(line.model_dump_json(exclude_defaults=True).encode() + b"\n")
        self._file.flush()
        if self.past.order.operation.changes_something:
            os.fsync(self._file.fileno())


def home_of(project: Path) -> Path:
    """Where runs and locks are kept, made if need be."""
    home = project / HOME
    home.mkdir(exist_ok=True)
    ignored = home / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n")
    return home


def _runs(folder: Path, operation: Operation) -> list[Path]:
    """Of one command, the oldest first."""
    return sorted(folder.glob(f"*-{operation}"))


def _tidy(folder: Path, operation: Operation) -> None:
    """Remove the runs before the newest ones, but none that is going on still."""
    for old in _runs(folder, operation)[:-KEPT]:
        try:
            file = _taken(old)
        except (RunError, OSError):
            continue
        with file:
            shutil.rmtree(old, ignore_errors=True)


def _taken(folder: Path) -> BinaryIO:
    file = (folder / FILE).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        msg = f"the run {folder.name} goes on in another process; wait for its end"
        raise RunError(msg) from None
    return file
