"""Programs in the place of the engine, each doing what no real one does at will."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BEGINNING = """#!{python}
import os, pathlib, signal, sys, time
folder, told = pathlib.Path({folder!r}), []
if sys.argv[1] == "version":
    print("v3.246.0")
    sys.exit()

def wait_until(look):
    while not look():
        time.sleep(0.02)

def hear_signals():
    signal.signal(signal.SIGINT, lambda *_: (told.append(1), folder.joinpath(f"told-{{len(told)}}").touch()))

def tell_first_event():
    import grpc, json
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc
    log = sys.argv[sys.argv.index("--event-log") + 1].removeprefix("tcp://")
    event = {{"sequence": 0, "timestamp": 0, "stdoutEvent": {{"message": "", "color": ""}}}}
    with grpc.insecure_channel(log) as channel:
        events_pb2_grpc.EventsStub(channel).StreamEvents(iter([events_pb2.EventRequest(event=json.dumps(event))]))

def no_signal_comes(seconds=0.5):
    before, deadline = len(told), time.monotonic() + seconds
    wait_until(lambda: len(told) > before or time.monotonic() > deadline)
    return len(told) == before
"""


def engine(folder: Path, what_it_does: str) -> str:
    """A program that says its version, and otherwise does this; its marks are files of a folder."""
    return _BEGINNING.format(python=sys.executable, folder=str(folder)) + what_it_does


FAILS = """#!/bin/sh
[ "$1" = version ] && echo v3.246.0 && exit
echo "error: no such luck" >&2
exit 1
"""
SLOW_TO_LISTEN = """
hear_signals()
folder.joinpath("started").write_text(str(os.getpid()))
wait_until(folder.joinpath("listen").exists)
if told:
    folder.joinpath("too-early").touch()
told.clear()
tell_first_event()
wait_until(lambda: told)
folder.joinpath("ended").touch()
sys.exit(1)
"""
"""Tells its first event as the engine does; who tells it to end before would have ended one that holds a lock."""
SAYS_TOO_MUCH = """
print("error: " + "x" * 3_000_000, file=sys.stderr)
sys.exit(1)
"""
SAYS_WHAT_IS_NO_TEXT = r"""
os.write(2, b"error: Zo\xeb was here\n")
os.write(1, b"Zo\xeb was here\n")
for _ in range(100):
    os.write(1, b"x" * 9_999 + b"\n")
    os.write(2, b"x" * 9_999 + b"\n")
sys.exit(1)
"""
"""More than a pipe holds comes after it, so it ends only where somebody reads on."""
SAYS_WHY_ABROAD = """
os.write(2, "error: für nichts".encode())
sys.exit(1)
"""
SAYS_NOTHING = "sys.exit()"
NEVER_LISTENS = """
hear_signals()
folder.joinpath("started").write_text(str(os.getpid()))
wait_until(lambda: len(told) == 2)
sys.exit(1)
"""
"""A backend that gives no answer keeps an engine from its first event; a signal that comes too early is lost on it."""
LEFT_ALONE = """
hear_signals()
worker = os.getppid()
folder.joinpath("started").write_text(str(os.getpid()))
wait_until(lambda: os.getppid() != worker)
folder.joinpath("ended" if not told and no_signal_comes() else "too-early").touch()
"""
"""Its worker dies before it has told its first event."""
TOLD_ONCE = """
hear_signals()
worker = os.getppid()
tell_first_event()
folder.joinpath("started").write_text(str(os.getpid()))
wait_until(lambda: told and os.getppid() != worker)
no_signal_comes()
sys.exit(1)
"""
"""Its worker dies while it ends what it is at."""
HARD_TO_END = """
hear_signals()
tell_first_event()
folder.joinpath("started").write_text(str(os.getpid()))
while len(told) < {signals}:
    look = folder.joinpath("look").exists()
    time.sleep(0.02)
    if look:
        folder.joinpath("looked").touch()
sys.exit(1)
"""
FAILS_HALF_WAY = """
pathlib.Path(sys.argv[sys.argv.index("--save-plan") + 1]).write_text("a part")
folder.joinpath("written").touch()
sys.exit(1)
"""
