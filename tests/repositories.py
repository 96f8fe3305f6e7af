"""A team's own repository: the program and its stack files under git, its state, and one local Azure."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenants import CHECKOUT, LIMIT_S, Tenant

if TYPE_CHECKING:
    from pathlib import Path

_AUTHOR = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@contoso.example", "-c", "init.defaultBranch=main")


def commit_all(folder: Path) -> str:
    """Everything in a folder, as the newest commit of a repository there; its id."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *_IDENTITY, *words],
            cwd=folder,
            env=os.environ | _AUTHOR,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "As it is")
    return git("rev-parse", "HEAD")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All that it said, with white space folded."""
        return " ".join((self.out + self.err).split())


@dataclass
class Repository(Tenant):
    """One tenant whose stack file lies in a repository of its own, beside the program."""

    clone: Path = field(init=False)

    def __post_init__(self) -> None:
        """Lay the project down and commit it."""
        self.clone = self.project = self.folder / "repository"
        (self.clone / "stacks").mkdir(parents=True)
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(CHECKOUT / name, self.clone)
        # Nothing is installed: the environment and the package are the checkout's own.
        for name in (".venv", "policy"):
            (self.clone / name).symlink_to(CHECKOUT / name)
        (self.clone / ".gitignore").write_text(".venv\n__pycache__\npolicy\npreviews\n")
        super().__post_init__()
        self.git("init", "--quiet")
        self.commit("The first tenant")

    @property
    def file(self) -> Path:
        """The stack file, in the repository."""
        return self.clone / "stacks" / f"Pulumi.{self.stack}.yaml"

    def commit(self, message: str) -> str:
        """All that was changed, as one commit; its id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        """A command of git."""
        done = subprocess.run(
            ["git", *_IDENTITY, *words],
            cwd=self.clone,
            env={**self.environment, **_AUTHOR},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def command(self, *words: str, **environment: str) -> Ended:
        """A command in the repository, by whoever deploys unless the environment says otherwise."""
        done = subprocess.run(
            words,
            cwd=self.clone,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    def change_command(self, name: str, *words: str, **environment: str) -> Ended:
        """``purview-ai change``."""
        return self.command("purview-ai", "change", name, *words, **environment)

    def previewed(self, *words: str, **environment: str) -> Ended:
        """A preview of the stack, kept in the folder ``previews``."""
        return self.change_command("preview", "--stack", self.stack, "--into", "previews", *words, **environment)
