"""What the workflow of a pull request compares it with: the default branch as it is now, whose code runs unasked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import yaml
from repositories import commit_all
from workflows import Ran, Runner, with_uv

if TYPE_CHECKING:
    from pathlib import Path

TENANT = {"azure-native:location": "westeurope", "purview-ai:tenant": {"tags": {"environment": "sandbox"}}}


@dataclass(frozen=True)
class Repository:
    """A team's, with one tenant, nothing of which is deployed."""

    folder: Path

    def git(self, *words: str) -> str:
        """A command of git."""
        done = subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> str:
        """Write a file and commit it; the commit."""
        (self.folder / path).write_text(text)
        return commit_all(self.folder)

    def propose(self) -> str:
        """A branch with another setting of the tenant; its commit."""
        self.git("checkout", "--quiet", "-b", "change")
        head = self.write("Pulumi.contoso.yaml", yaml.safe_dump({"config": {**TENANT, "azure-native:location": "x"}}))
        self.git("checkout", "--quiet", "main")
        return head

    def scope(self, head: str, base: str) -> Ran:
        """The first job, for a pull request that was pushed when main stood at ``base``."""
        context = {
            "github.sha": self.git("rev-parse", "main"),
            "github.event.pull_request.head.sha": head,
            "github.event.pull_request.base.sha": base,
        }
        machine = {"PATH": with_uv(self.folder.parent / "bin", os.environ["PATH"])}
        return Runner(self.folder.parent / "runs", self.folder, machine, {}, context).job("pull-request.yml", "scope")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Its main has a program and one tenant."""
    found = Repository(tmp_path / "repository")
    found.folder.mkdir()
    (found.folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    (found.folder / "__main__.py").write_text("# good\n")
    found.write("Pulumi.contoso.yaml", yaml.safe_dump({"config": TENANT}))
    return found


def test_settings_beside_the_code_of_main_are_settings_alone(repository: Repository) -> None:
    base = repository.git("rev-parse", "main")
    scope = repository.scope(repository.propose(), base)
    assert scope.succeeded, scope.said
    assert (scope.outputs["reviewed"], scope.outputs["names"]) == ("false", "contoso")


def test_code_that_main_has_taken_back_since_waits_for_a_reviewer(repository: Repository) -> None:
    hostile = repository.write("__main__.py", "# hostile\n")
    head = repository.propose()
    repository.write("__main__.py", "# good\n")
    scope = repository.scope(head, hostile)
    assert scope.succeeded, scope.said
    assert (scope.outputs["reviewed"], scope.outputs["names"]) == ("true", "contoso")
    assert "touches what runs: __main__.py is no stack file" in scope.said
