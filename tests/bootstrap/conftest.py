"""State, keys and identities of two tenants, made by the program in ``bootstrap/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bootstrapped import Bootstrap
from deployed import PACE_S
from local_azure import seed
from local_azure.process import LocalAzure
from people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bootstrap(tmp_path: Path, azure: LocalAzure, operator: Person, pulumi_home: Path) -> Bootstrap:
    """The program's stack, deployed by nobody yet."""
    del pulumi_home
    return Bootstrap.at(tmp_path, azure, operator)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[Bootstrap]:
    """One that is deployed, for a module."""
    del pulumi_home
    folder = tmp_path_factory.mktemp("bootstrap")
    azure = LocalAzure.start(folder / "azure", pace=PACE_S)
    try:
        with azure.client() as client:
            found = Bootstrap.at(folder, azure, Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET))
            found.stack.up().must_succeed()
            yield found
    finally:
        azure.stop()
