"""The provider against a local Azure, without the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_engine import SmallEngine

if TYPE_CHECKING:
    from local_azure.process import LocalAzure


@pytest.fixture
def stack(azure: LocalAzure) -> SmallEngine:
    """A stack of somebody with all rights."""
    return SmallEngine.of(azure)


@pytest.fixture
def other_stack(azure: LocalAzure) -> SmallEngine:
    """A second stack of the same account, with a provider process of its own."""
    return SmallEngine.of(azure)
