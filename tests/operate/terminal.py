"""A command in a terminal of its own, answered as a person would: each prompt once it is there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIMIT_S = 60.0


def answered(
    command: list[str],
    answers: Iterable[tuple[str, str]],
    *,
    cwd: Path,
    env: dict[str, str],
    limit_s: float = LIMIT_S,
) -> tuple[int, str]:
    """Run a command and give each answer when its prompt is shown; its code, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, seen = "", 0
    for prompt, answer in answers:
        shown = _read_until(ours, shown, seen, prompt, limit_s)
        seen = shown.index(prompt, seen) + len(prompt)
        os.write(ours, f"{answer}\n".encode())
    shown = _read_until(ours, shown, seen, None, limit_s)
    os.close(ours)
    return process.wait(limit_s), shown


def _read_until(terminal: int, shown: str, seen: int, prompt: str | None, limit_s: float) -> str:
    """Read on until a prompt is shown (None: until the command ends)."""
    deadline = time.monotonic() + limit_s
    while prompt is None or prompt not in shown[seen:]:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"waited in vain for {prompt!r}:\n{shown}"
        try:
            more = os.read(terminal, 4096)
        except OSError:  # The other side has gone.
            more = b""
        if not more:
            assert prompt is None, f"it ended before {prompt!r}:\n{shown}"
            return shown
        shown += more.decode()
    return shown
