"""The engine's protocol without the rest of Pulumi's SDK, which plugins do not use and which takes long to load."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def alone() -> None:
    """Let ``pulumi.runtime.proto`` be all of ``pulumi`` that this process loads: the packages above it are empty."""
    sdk = find_spec("pulumi")
    folders = [] if sdk is None else sdk.submodule_search_locations or []
    for name in ("pulumi", "pulumi.runtime"):
        package = ModuleType(name)
        package.__path__ = [str(Path(folder, *name.split(".")[1:])) for folder in folders]
        sys.modules[name] = package
