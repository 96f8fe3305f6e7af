"""Every command of docs/operating.md runs, as it stands there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from docs.pages import CHECKOUT
from local_azure import seed
from local_azure.process import LocalAzure
from operate.command_line import said
from people import Person
from tenants import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (CHECKOUT / "docs" / "operating.md").read_text()
COMMANDS = [line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
ENDS = {"verify": (0, 4), "scan cancel": (0, 1)}
"""What a fresh and healthy tenant comes to, where it is not 0 alone."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[Tenant]:
    """A deployed tenant whose first run has ended."""
    del pulumi_home
    folder = tmp_path_factory.mktemp("page")
    azure = LocalAzure.start(folder / "azure", pace=0.02)
    tenant = Tenant(folder / "tenant", azure)
    tenant.up().must_succeed()
    with azure.client() as client:
        Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET).run_of()
    yield tenant
    azure.stop()


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs(deployed: Tenant, command: str) -> None:
    program, *words = shlex.split(command.replace(" --stack contoso", ""))
    assert program == "purview-ai"
    name = " ".join(words[:2] if words[0] == "scan" else words[:1])
    told = said(deployed, *words)
    assert told.code in ENDS.get(name, (0,)), told.out + told.err


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)`", PAGE)) - {"--stack", "--help"}))
def test_an_option_of_the_page_is_one(deployed: Tenant, option: str) -> None:
    commands = ("preflight", "verify", "checklist", "report", "scan run", "drift")
    helps = [said(deployed, *command.split(), "--help", COLUMNS="200").out for command in commands]
    assert any(option in text for text in helps)
