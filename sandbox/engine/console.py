"""What the installation tells the person who waits for it."""

import sys
import time

LINE_SECONDS = 10


class EngineError(Exception):
    """Why there is no engine, in words for the person who asked for one."""


class UnavailableError(Exception):
    """Why one source has no engine; the next one is tried."""


def say(line: str) -> None:
    """Writes a line."""
    sys.stderr.write(f"{line}\n")


class Progress:
    """How far a long step is: a moving line on a terminal, elsewhere a line now and then."""

    def __init__(self, step: str, end: str) -> None:
        """Args: what is being done, and what follows the number: "of 1890 packages"."""
        self.done = 0
        self._step, self._end = step, end
        self._moving = sys.stderr.isatty()
        self._shown = time.monotonic()

    def at(self, done: int) -> None:
        """Says that so much is done."""
        self.done = done
        if self._moving or time.monotonic() - self._shown >= LINE_SECONDS:
            self._show()

    def finish(self) -> None:
        """Says how far it came."""
        self._show()
        if self._moving:
            sys.stderr.write("\n")

    def _show(self) -> None:
        self._shown = time.monotonic()
        line = f"  {self._step} {self.done} {self._end}"
        sys.stderr.write(f"\r{line}" if self._moving else f"{line}\n")
        sys.stderr.flush()
