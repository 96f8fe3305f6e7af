"""The provider against a local Azure, without the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from small_engine import SmallEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """What a provider's process has in its environment goes with the test."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def stack(azure: LocalAzure) -> SmallEngine:
    """A stack of somebody with all rights."""
    return SmallEngine.of(azure)


@pytest.fixture
def other_stack(azure: LocalAzure) -> SmallEngine:
    """A second stack of the same account, with a provider process of its own."""
    return SmallEngine.of(azure)
