"""Starting local Azures of one's own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from local_azure.process import LocalAzure

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

Cloud = Literal["", "public", "usgovernment", "china"]
PACE_S = 0.02
"""How long one phase of a run takes in tests."""
FOR_EVER_S = 3600.0
"""A pace at which a run goes on for longer than any test."""
RULES_OFF = "LOCAL_AZURE_RULES_OFF"
"""The variable that names the rules to switch off, which is how they are proved to matter."""


@contextmanager
def local_azure(folder: Path, pace: float = PACE_S, cloud: Cloud = "") -> Generator[LocalAzure]:
    """A local Azure that keeps its state in this folder, and ends with the block, if nobody killed it before."""
    off = [name for name in os.environ.get(RULES_OFF, "").split(",") if name]
    found = LocalAzure.start(folder, pace=pace, cloud=cloud, rules_off=off, warm=True)
    try:
        yield found
    finally:
        if LocalAzure.running(folder) == found:
            found.kill()
