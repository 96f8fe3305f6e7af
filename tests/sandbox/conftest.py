"""What the judges of the sandbox share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandboxes import local_azure
from whole_chain import WholeChain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person


@pytest.fixture(scope="module")
def shared_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """One local Azure for a module whose tests do not stand in each other's way.

    Such a module makes it its ``azure``.
    """
    with local_azure(tmp_path_factory.mktemp("shared") / "azure") as found:
        yield found


@pytest.fixture
def chain(operator: Person) -> WholeChain:
    """The whole chain, complete and working."""
    return WholeChain(operator).build()
