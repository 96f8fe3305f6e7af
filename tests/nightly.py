"""What is tried in every run, and what at night only (``make nightly``): more of the same kinds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def some_of(cases: Sequence[T], *in_every_run: int) -> list[T]:
    """All cases at night; else those of these places, which must have one of each kind among them."""
    return list(cases) if NIGHTLY else [cases[place] for place in in_every_run]
