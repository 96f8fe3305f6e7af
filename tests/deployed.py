"""A tenant that is deployed: its first run has succeeded, and somebody with all rights is at hand."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_azure import seed
from local_azure.process import LocalAzure
from people import Person
from tenants import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACE_S = 0.02
"""How long one phase of a run takes in tests."""


@contextmanager
def deployed_tenant(
    folder: Path, *conversations: tuple[str, str], pace: float = PACE_S
) -> Iterator[tuple[Tenant, Person]]:
    """In a local Azure of its own, whose workspace has these conversations besides those it begins with."""
    azure = LocalAzure.start(folder / "azure", pace=pace)
    try:
        if conversations:
            azure.add_conversations(*conversations)
        tenant = Tenant(folder / "tenant", azure)
        tenant.up().must_succeed()
        with azure.client() as client:
            operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
            assert operator.run_of()["status"] == "Succeeded"
            yield tenant, operator
    finally:
        azure.stop()
