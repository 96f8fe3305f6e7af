"""A vault, and stacks that write a key into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from vaults.key_programs import Program
from whole_chain import VAULT, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


@pytest.fixture(autouse=True)
def _vault(operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())


@pytest.fixture
def stack(azure: LocalAzure) -> Program:
    """A stack of somebody with all rights, with the first key."""
    return Program.of(azure)


@pytest.fixture
def deployers(azure: LocalAzure) -> Program:
    """The same of the identity that deploys, which has no role in the vault itself."""
    return Program.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
