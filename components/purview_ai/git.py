"""What git says of a folder."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from purview_ai.settings.files import StackFileError


@dataclass(frozen=True)
class Git:
    """git, asked in one folder, from which paths are seen.

    Raises :class:`~purview_ai.settings.files.StackFileError` where there is no git.
    """

    folder: Path

    @classmethod
    def whole(cls, folder: Path) -> Git:
        """git, asked at the top of the working tree that a folder is in; raises where it is in none."""
        top = cls(folder).top
        if top is None:
            msg = f"{folder} is in no working tree of git, so nobody can tell what has changed"
            raise StackFileError(msg)
        return cls(top)

    @property
    def top(self) -> Path | None:
        """The root of the working tree that the folder is in; None where it is in none."""
        said = self.said("rev-parse", "--show-toplevel").removesuffix("\n")
        return Path(said).resolve() if said else None

    def said(self, *command: str) -> str:
        """What it says; nothing, where it refuses."""
        done = self._run(*command)
        return done.stdout if done.returncode == 0 else ""

    def word(self, *command: str) -> str:
        """The same, of which it is one word."""
        return self.said(*command).strip()

    def paths(self, *command: str) -> list[str]:
        """The paths that it names with ``-z``; raises with its own words where it refuses, too."""
        done = self._run(*command)
        if done.returncode:
            msg = f"git does not say what has changed: {done.stderr.strip() or ' '.join(command)}"
            raise StackFileError(msg)
        return [path for path in done.stdout.split("\0") if path]

    def differing(self, *revisions: str) -> list[Path]:
        """The files that ``git diff`` names, by their whole paths; some may have gone. Raises as :meth:`paths` does."""
        paths = self.paths("diff", "--name-only", "-z", "--no-renames", *revisions, "--")
        return [self.folder / path for path in paths]

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["git", "-C", str(self.folder), *command],
                capture_output=True,
                text=True,
                encoding="utf-8",
                # A file may be called by bytes that are no text.
                errors="surrogateescape",
                check=False,
            )
        except FileNotFoundError:
            msg = "git is not on PATH: install it first (https://git-scm.com/downloads)"
            raise StackFileError(msg) from None
