"""Repositories for the tests: one that is new, and one whose tenant is deployed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from deployed import local_azure_in
from local_azure import seed
from people import Person
from repositories import Repository
from tenants import STACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure


@pytest.fixture
def repository(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> Repository:
    """A repository with a tenant that nobody has deployed yet."""
    del pulumi_home
    return Repository(tmp_path / "tenant", azure)


@pytest.fixture(scope="module")
def _lasting(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[tuple[Repository, Person]]:
    del pulumi_home
    folder = tmp_path_factory.mktemp("lasting")
    with local_azure_in(folder) as azure:
        made = Repository(folder / "tenant", azure)
        assert made.previewed("--policy-pack", "policy").code == 0
        assert made.change_command("apply", "--stack", STACK, "--from", "previews").code == 0
        with azure.client() as client:
            yield made, Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture
def deployed(_lasting: tuple[Repository, Person]) -> Iterator[Repository]:
    """A repository whose tenant is deployed; its files are put back, and its tests deploy nothing."""
    made, _ = _lasting
    yield made
    made.git("checkout", "--quiet", "--", ".")
