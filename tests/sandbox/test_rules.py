"""No rule of the sandbox stands unproved: with it off, the test that needs it fails."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import local_azure
import pytest
from local_azure.purview.needs import NEEDED_GRANTS
from local_azure.rules import RULES, Mark, Rule, Rules
from sandboxes import RULES_OFF

HERE = Path(__file__).parent
CODE = Path(local_azure.__file__).parent
FACTS = HERE.parents[1] / "docs" / "facts.md"
FAILED = 1
"""pytest's exit code for tests that failed; it has others for tests that were not found or could not be run."""


def switches(source: str) -> set[str]:
    """The names that a piece of code passes to ``rules.on``; a variable's is written as ``<name>``."""
    found: set[str] = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(func=ast.Attribute(value=owner, attr="on"), args=[named]):
                if ast.unparse(owner).split(".")[-1] == "rules":
                    found.add(str(named.value) if isinstance(named, ast.Constant) else f"<{ast.unparse(named)}>")
            case _:
                pass
    return found


def numbered(text: str) -> dict[str, str]:
    """The facts of a page by part and number."""
    found: dict[str, str] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        pieces = re.split(r"^- \*\*([\d.]+)\*\* ", body, flags=re.MULTILINE)
        found |= {f"{name} {number}": fact for number, fact in zip(pieces[1::2], pieces[2::2], strict=True)}
    return found


def outcome(test: str, off: str = "") -> subprocess.CompletedProcess[str]:
    """One test of this folder, in a pytest of its own, which has the one plugin that the settings ask for."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "pytest_timeout"]
    return subprocess.run(
        [*command, str(HERE / test)],
        cwd=HERE.parents[1],
        env={**os.environ, RULES_OFF: off, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_that_is_off_is_missed(rule: Rule) -> None:
    done = outcome(rule.test, rule.name)
    assert done.returncode == FAILED, done.stdout + done.stderr
    assert re.search(r"^FAILED ", done.stdout, re.MULTILINE), done.stdout
    assert not re.search(r"^ERROR ", done.stdout, re.MULTILINE), done.stdout


def test_with_all_rules_on_such_a_test_passes() -> None:
    assert outcome("test_runs.py::test_a_run_id_must_be_a_guid").returncode == 0


def test_every_switch_in_the_code_is_a_rule_and_every_rule_has_a_switch() -> None:
    used = {name for file in CODE.rglob("*.py") for name in switches(file.read_text())}
    # The one switch that is named by a variable.
    used = used - {"<rule>"} | {name for name, _, _ in NEEDED_GRANTS}
    assert used == {rule.name for rule in RULES}


def test_a_switch_is_found_wherever_it_stands() -> None:
    source = "if call.azure.rules.on('one') and not rules.on('two') or rules.on(name) or lamp.on('three'): pass"
    assert switches(source) == {"one", "two", "<name>"}


def test_every_rule_is_said_once() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.says.endswith(".") for rule in RULES)


def test_every_rules_fact_is_there_and_bears_its_mark() -> None:
    facts = numbered(FACTS.read_text())
    for rule in RULES:
        assert rule.fact in facts, rule.name
        # What is assumed is inferred, unless a line says otherwise.
        marked = f"**[{rule.mark}]**" in facts[rule.fact] or (
            rule.fact.startswith("assumed ") and rule.mark is Mark.INFERRED
        )
        assert marked, rule.name


def test_an_unknown_rule_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="no such rule: no-such-rule"):
        Rules(["no-such-rule", "names"])
