"""Local Azures that are forked from one process which has everything loaded, for who starts hundreds of them.

They end with the process that asked for them, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["local_azure.serve"])


def forked(words: list[str], log: Path) -> ForkServerProcess:
    """A process that serves as ``python -m local_azure.serve`` would with these words, and writes into this log."""
    process = _CONTEXT.Process(target=_serve, args=(words, log), daemon=True)
    process.start()
    return process


def _serve(words: list[str], log: Path) -> None:
    # Whoever starts local Azures needs no more of them than their addresses.
    from local_azure.serve import main

    os.setsid()
    with log.open("ab") as sink:
        os.dup2(sink.fileno(), sys.stdout.fileno())
        os.dup2(sink.fileno(), sys.stderr.fileno())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    main(words)


def _end_with_who_asked() -> None:
    asked = multiprocessing.parent_process()
    if asked is not None:
        asked.join()
        os.kill(os.getpid(), signal.SIGTERM)
