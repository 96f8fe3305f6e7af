"""What git says has changed, as far as it matters to a project's stacks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from purview_ai.git import Git
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from purview_ai.settings.files import Project

PROGRAM = ("*.py", "Pulumi.yaml")
"""Files directly in the project's folder that every stack uses."""
INSTALLED = ("pyproject.toml", "uv.lock", "uv.toml", ".python-version", "requirements.txt")
"""The same, of what is installed: these may also stand in any folder above it."""
INSTALLED_FOLDERS = ("components", "policy")
"""With all that is in them, in the project's folder or beside a ``pyproject.toml`` above it.

Elsewhere a larger repository may call anything so.
"""


@dataclass(frozen=True)
class Changed:
    """What has changed since a revision."""

    stacks: frozenset[str]
    """The stacks whose own file changed."""
    shared: tuple[str, ...]
    """What every stack uses, and changed; by its path from the project's folder."""
    notes: tuple[str, ...]


def changed_since(project: Project, revision: str) -> Changed:
    """What has changed here since a revision, committed or not, and without what changed there in the meantime.

    That is: since the newest commit that both have in common. Raises
    :class:`~purview_ai.settings.files.StackFileError` where git cannot say.
    """
    git = Git.whole(project.folder)
    commit = git.word("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not commit:
        msg = f"git knows no revision {revision} here; in a pipeline, fetch the whole history (fetch-depth: 0)"
        raise StackFileError(msg)
    base = git.word("merge-base", commit, "HEAD")
    if not base:
        msg = (
            f"{revision} and what is checked out have no commit in common here: fetch the whole history "
            "(fetch-depth: 0)"
        )
        raise StackFileError(msg)
    untracked = git.paths("ls-files", "-z", "--others", "--exclude-standard")
    return what_matters(project, git.folder, {*git.differing(base), *(git.folder / path for path in untracked)})


def what_matters(project: Project, top: Path, files: Iterable[Path]) -> Changed:
    """Of files that changed in a working tree with this top, by their whole paths; some may have gone."""
    stacks, shared, notes = set[str](), list[str](), list[str]()
    root, there = project.folder.resolve(), _stacks_by_file(project)
    # A member of a workspace has a pyproject.toml of its own, and the lock stands above it.
    installed = [folder for folder in (root, *root.parents) if folder.is_relative_to(top)]
    gone = project.stack_file("*").resolve()
    for file in sorted(files):
        if file in there:
            stacks |= there[file]
        elif file.parent == gone.parent and fnmatchcase(file.name, gone.name):
            notes.append(f"{file.name} has gone, so its stack is not chosen; what it deployed may be there still")
        elif _stands_in(root, file, PROGRAM) or any(_is_installed(folder, file, root) for folder in installed):
            shared.append(os.path.relpath(file, root))
    return Changed(frozenset(stacks), tuple(shared), tuple(notes))


def _stacks_by_file(project: Project) -> dict[Path, set[str]]:
    """A stack file may be a link, also one of several to one file: either of the two may be what changed."""
    found: dict[Path, set[str]] = {}
    for stack, file in project.stacks().items():
        for path in (file.parent.resolve() / file.name, file.resolve()):
            found.setdefault(path, set()).add(stack)
    return found


def _stands_in(folder: Path, file: Path, patterns: Iterable[str]) -> bool:
    return file.parent == folder and any(fnmatchcase(file.name, pattern) for pattern in patterns)


def _is_installed(folder: Path, file: Path, root: Path) -> bool:
    whole = folder == root or (folder / "pyproject.toml").is_file()
    inside = whole and any(file.is_relative_to(folder / one) for one in INSTALLED_FOLDERS)
    return inside or _stands_in(folder, file, INSTALLED)
