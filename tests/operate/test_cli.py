"""The command line as a whole: every command is listed as it says itself, and loaded only where it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from purview_ai.operate.cli import COMMANDS, app, loaded
from typer.testing import CliRunner

FLEET = ("list", "preview", "up", "refresh", "drift", "verify", "report")
INSIDE = {
    "settings": ("check",),
    "scan": ("list",),
    "governance": ("plan", "render"),
    "change": ("preview", "gate", "apply", "comment", "issue", "scope"),
    "fleet": FLEET,
}
"""Of those that have commands of their own, some of them."""
HEAVY = ("azure.identity", "msgraph", "pydantic", "jinja2", "purview_ai.datamap", "azure.storage.blob")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    first = loaded(name).help.strip().split("\n\n", maxsplit=1)[0]
    assert " ".join(first.split()) == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_with_examples(name: str) -> None:
    for inside in INSIDE.get(name, ("",)):
        said = CliRunner().invoke(app, [*filter(None, (name, inside)), "--help"], env={"COLUMNS": "200"})
        assert said.exit_code == 0
        assert "Example" in said.output
        assert "`" not in said.output, "what is a command is shown as one"


def test_help_loads_no_command() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from purview_ai.operate.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_mistyped_command_is_guessed() -> None:
    said = CliRunner().invoke(app, ["verfy"])
    assert said.exit_code == 2
    assert "verify" in said.output
