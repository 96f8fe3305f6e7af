"""Every command of docs/operating.md runs, as it stands there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from docs.pages import CHECKOUT
from operate.command_line import said

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

PAGE = (CHECKOUT / "docs" / "operating.md").read_text()
COMMANDS = [line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
ENDS = {"verify": (0, 4), "scan cancel": (0, 1)}
"""What a fresh and healthy tenant comes to, where it is not 0 alone."""


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs(deployed: tuple[Tenant, Person], command: str) -> None:
    program, *words = shlex.split(command.replace(" --stack contoso", ""))
    assert program == "purview-ai"
    name = " ".join(words[:2] if words[0] == "scan" else words[:1])
    told = said(deployed[0], *words)
    assert told.code in ENDS.get(name, (0,)), told.out + told.err


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)`", PAGE)) - {"--stack", "--help"}))
def test_an_option_of_the_page_is_one(deployed: tuple[Tenant, Person], option: str) -> None:
    commands = ("preflight", "verify", "checklist", "report", "scan run", "scan watch", "drift")
    helps = [said(deployed[0], *command.split(), "--help", COLUMNS="200").out for command in commands]
    assert any(option in text for text in helps)
