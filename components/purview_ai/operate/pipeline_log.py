"""What a command says in a pipeline, whose host reads the log and takes some words in it for commands to itself.

Names of files, settings, what reviewers write, what services answer and what the engine says pass through here, and
none of it is a command any more. A sign of each such word is written as JSON writes signs, so a document for machines
says the same as before.
"""

from __future__ import annotations

import atexit
import io
import os
import re
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_HOSTS = ("TF_BUILD", "GITHUB_ACTIONS")
"""One of these is set wherever Azure Pipelines or GitHub Actions runs something (docs/facts.md, graph 160)."""
_UNSEEN = rb"[^\x20-\x7e]*"
"""What a host may overlook inside of a word: some compare as people read (docs/facts.md, graph 160)."""
_ANYWHERE = re.compile(rb"(#%b)#(?=%b(?:\[|v%bs%bo))" % ((_UNSEEN,) * 4))
"""Azure Pipelines' ``##vso[`` and GitHub's ``##[`` (docs/facts.md, graph 161)."""
_AT_ITS_BEGIN = re.compile(rb"((?:^|\r)[^\x21-\x7e]*):(?=%b:)" % _UNSEEN)


def guard() -> None:
    """Let a pipeline's log have no command in it but those that :func:`set_variable` gives; elsewhere, do nothing."""
    if any(map(os.environ.get, _HOSTS)):
        sys.stdout, sys.stderr = guarded(sys.stdout), guarded(sys.stderr)
        atexit.register(_end)


def is_guarded(stream: TextIO) -> bool:
    """Whether what is written there goes through the guard, so that no other process may write there by itself."""
    return isinstance(stream.buffer, _Guarded)


def guarded(stream: TextIO) -> TextIO:
    """A stream like this one, in whose lines no host finds a command; itself, where it is a terminal."""
    if stream.isatty():
        return stream
    return io.TextIOWrapper(_Guarded(stream.buffer), stream.encoding, stream.errors, write_through=True)


def set_variable(name: str, value: str) -> None:
    """Have Azure Pipelines set an output variable of the step that this runs in."""
    out = sys.stdout.buffer
    sys.stdout.flush()
    words = b"##vso[task.setvariable variable=%b;isOutput=true]%b\n" % (name.encode(), _harmless(value.encode()))
    log = out.log if isinstance(out, _Guarded) else out
    log.write(words)
    log.flush()


class _Guarded(io.BufferedIOBase):
    """Writes whole lines, since a word may come in parts."""

    def __init__(self, log: BinaryIO) -> None:
        super().__init__()
        self.log, self._begun = log, b""

    @property
    def name(self) -> str:
        return self.log.name

    def writable(self) -> bool:
        return True

    def write(self, words: ReadableBuffer) -> int:
        told = bytes(words)
        *lines, self._begun = (self._begun + told).split(b"\n")
        for line in lines:
            self.log.write(_harmless(line) + b"\n")
        return len(told)

    def flush(self) -> None:
        self.log.flush()

    def end(self) -> None:
        """Write what no line end has come for."""
        self.log.write(_harmless(self._begun))
        self._begun = b""
        self.log.flush()


def _end() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream.buffer, _Guarded):
            stream.buffer.end()


def _harmless(line: bytes) -> bytes:
    return _AT_ITS_BEGIN.sub(rb"\1\\u003a", _ANYWHERE.sub(rb"\1\\u0023", line))
