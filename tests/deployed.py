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
def local_azure_in(folder: Path, *, pace: float = PACE_S) -> Iterator[LocalAzure]:
    """A local Azure that keeps its state in a folder, and is ended also where what comes after it fails."""
    azure = LocalAzure.start(folder / "azure", pace=pace, warm=True)
    try:
        yield azure
    finally:
        azure.kill()


@contextmanager
def tenant_in(folder: Path, *, pace: float = PACE_S) -> Iterator[tuple[Tenant, Person]]:
    """The tenant of a folder and somebody with all rights, in the local Azure that is there too."""
    with local_azure_in(folder, pace=pace) as azure, azure.client() as client:
        yield Tenant(folder / "tenant", azure), Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@contextmanager
def deployed_tenant(
    folder: Path, *conversations: tuple[str, str], pace: float = PACE_S
) -> Iterator[tuple[Tenant, Person]]:
    """In a local Azure of its own, whose workspace has these conversations besides those it begins with."""
    with tenant_in(folder, pace=pace) as (tenant, operator):
        if conversations:
            tenant.azure.add_conversations(*conversations)
        tenant.up().must_succeed()
        assert operator.run_of()["status"] == "Succeeded"
        yield tenant, operator
