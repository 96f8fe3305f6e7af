"""What a branch has by now that is not what is checked out: deploying this would undo it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from purview_ai.fleet.changed import what_matters
from purview_ai.git import Git
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.settings.files import Project

_NAMED = 5
"""Of files, in a sentence."""


def newer_on(project: Project, branch: str) -> dict[str, list[str]]:
    """By the stacks that it concerns, the files of theirs that a branch has otherwise; by their paths from its folder.

    Those are a stack's own file, and what every stack uses. Raises
    :class:`~purview_ai.settings.files.StackFileError` where git cannot say.
    """
    git = Git.whole(project.folder)
    commit = git.word("rev-parse", "--verify", "--quiet", "--end-of-options", f"{branch}^{{commit}}")
    if not commit:
        msg = f"git knows no revision {branch} here; in a pipeline, fetch the whole history (fetch-depth: 0)"
        raise StackFileError(msg)
    # As the two stand now, and not since they parted: what the branch took back is no more to be deployed, either.
    changed = what_matters(project, git.folder, git.differing("HEAD", commit))
    own = {
        stack: [os.path.relpath(file.resolve(), project.folder.resolve())]
        for stack, file in project.stacks().items()
        if stack in changed.stacks
    }
    found = {stack: [*own.get(stack, ()), *changed.shared] for stack in project.stacks()}
    return {stack: files for stack, files in found.items() if files}


def would_undo(stack: str, branch: str, files: Sequence[str]) -> str:
    """Why a stack is not deployed, and what to do."""
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    # A file may be called by anything, also by bytes that are no text.
    named = " ".join(", ".join(files[:_NAMED]).split()).encode(errors="replace").decode()
    return (
        f"{stack}: {branch} has a newer {named}{more}: deploying this would undo it, so nothing was done\n"
        "  The newer commit's own deployment has it. What that leaves is deployed by hand, from there "
        "(docs/pipelines.md#after-the-merge)."
    )
