"""What git says has changed, as far as it matters to a project's stacks."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from purview_ai.git import Git
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from purview_ai.settings.files import Project

SHARED = ("*.py", "Pulumi.yaml", "pyproject.toml", "uv.lock", "uv.toml", ".python-version", "requirements.txt")
"""Files directly in the project's folder that every stack uses."""
SHARED_FOLDERS = ("components", "policy")


@dataclass(frozen=True)
class Changed:
    """What has changed since a revision."""

    stacks: frozenset[str]
    """The stacks whose own file changed."""
    shared: tuple[str, ...]
    """What every stack uses, and changed; by its path in the project."""
    notes: tuple[str, ...]


def changed_since(project: Project, revision: str) -> Changed:
    """What has changed here since a revision, committed or not, and without what changed there in the meantime.

    That is: since the newest commit that both have in common. Raises
    :class:`~purview_ai.settings.files.StackFileError` where git cannot say.
    """
    root = _root(project.folder)
    git = Git(root)
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
    changed = git.paths("diff", "--name-only", "-z", "--no-renames", base, "--")
    changed += git.paths("ls-files", "-z", "--others", "--exclude-standard")
    return what_matters(project, {root / path for path in changed})


def what_matters(project: Project, files: Iterable[Path]) -> Changed:
    """Of files that changed, by their whole paths; some may have gone."""
    stacks, shared, notes = set[str](), list[str](), list[str]()
    root, there = project.folder.resolve(), _stacks_by_file(project)
    gone = project.stack_file("*").resolve()
    for file in sorted(files):
        if file in there:
            stacks |= there[file]
        elif file.parent == gone.parent and fnmatchcase(file.name, gone.name):
            notes.append(f"{file.name} has gone, so its stack is not chosen; what it deployed may be there still")
        elif file.is_relative_to(root) and _is_shared(file.relative_to(root)):
            shared.append(file.relative_to(root).as_posix())
    return Changed(frozenset(stacks), tuple(shared), tuple(notes))


def _stacks_by_file(project: Project) -> dict[Path, set[str]]:
    """A stack file may be a link, also one of several to one file: either of the two may be what changed."""
    found: dict[Path, set[str]] = {}
    for stack, file in project.stacks().items():
        for path in (file.parent.resolve() / file.name, file.resolve()):
            found.setdefault(path, set()).add(stack)
    return found


def _is_shared(path: Path) -> bool:
    folder, *inside = path.parts
    if inside:
        return folder in SHARED_FOLDERS
    return any(fnmatchcase(folder, pattern) for pattern in SHARED)


def _root(folder: Path) -> Path:
    """Of the working tree that a folder is in."""
    found = Git(folder).top
    if found is None:
        msg = f"{folder} is in no working tree of git, so nobody can tell what has changed"
        raise StackFileError(msg)
    return found
