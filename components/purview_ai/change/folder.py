"""A folder with what previews showed: for each stack the engine's plan, and beside it what it showed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from purview_ai.change.preview import Preview
from purview_ai.git import Git
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic.config import ExtraValues

    from purview_ai.settings.files import Project

_PLAN, _PREVIEW = ".plan.json", ".preview.json"


class FolderError(Exception):
    """What is needed is not there, or was made for something else; the message says what to do."""


class MadeFor(BaseModel):
    """What a preview was made of: with anything else, its plan is another one's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commit: str
    """Of the program; empty outside of a git repository."""
    stack_file: str
    """The stack file's SHA-256."""

    @classmethod
    def of(cls, project: Project, stack: str) -> MadeFor:
        """What stands here now; raises :class:`FolderError` where there is no such stack."""
        if not project.stack_file(stack).is_file():
            msg = f"there is no stack {stack}: {project.stack_file(stack)} does not exist"
            raise FolderError(msg)
        return cls(commit=_commit(project.folder), stack_file=_digest(project.stack_file(stack)))


class Kept(BaseModel):
    """A preview as it is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_for: MadeFor
    plan: str
    """The plan's SHA-256; empty where the preview failed, so that there is none."""
    policy_pack: str = ""
    """The policy pack that it was held to, from the project's folder."""
    policy_pack_config: str = ""
    """The file with the levels and parameters of its rules, likewise."""
    preview: Preview


@dataclass(frozen=True)
class Folder:
    """One such folder."""

    path: Path

    def plan(self, stack: str) -> Path:
        """Where a stack's plan is."""
        return self.path / f"{stack}{_PLAN}"

    def begin(self, stack: str) -> None:
        """Forget what an earlier preview of a stack left here."""
        self.path.mkdir(parents=True, exist_ok=True)
        for file in (self.plan(stack), self._preview(stack)):
            file.unlink(missing_ok=True)

    def keep(self, made_for: MadeFor, preview: Preview, policy_pack: str = "", policy_pack_config: str = "") -> None:
        """Write down what a preview showed, which plan goes with it, and what it was held to."""
        plan = self.plan(preview.stack)
        if preview.failed:
            # The engine writes a plan of what it got to; nobody must apply that.
            plan.unlink(missing_ok=True)
        digest = "" if preview.failed else _digest(plan)
        kept = Kept(
            made_for=made_for,
            plan=digest,
            policy_pack=policy_pack,
            policy_pack_config=policy_pack_config,
            preview=preview,
        )
        self._preview(preview.stack).write_text(kept.model_dump_json(indent=2) + "\n")

    def of(self, stack: str, extra: ExtraValues = "ignore") -> Kept:
        """What a preview of a stack showed; raises :class:`FolderError` where there is none.

        On a pull request its own program writes what the default branch's reads: what only a newer one knows is
        overlooked, unless it is to be forbidden.
        """
        file = self._preview(stack)
        if not file.is_file():
            msg = f"{file} does not exist: purview-ai change preview --stack {stack} --into {self.path} makes it"
            raise FolderError(msg)
        try:
            kept = Kept.model_validate_json(file.read_bytes(), extra=extra)
        except ValidationError as error:
            raise FolderError(_not_understood(file, error)) from None
        if kept.preview.stack != stack:
            msg = f"{file} is the preview of {kept.preview.stack!r}, and not of {stack}; make it again"
            raise FolderError(msg)
        return kept

    def previews(self, wanted: Iterable[str] = ()) -> list[Preview]:
        """What the previews here showed, by the stacks' names.

        Args:
            wanted: Stacks of which there must be one: where there is none, it counts as a preview that failed.

        Raises:
            FolderError: There is none at all, or one cannot be read.
        """
        there = {file.name.removesuffix(_PREVIEW) for file in self.path.glob(f"*{_PREVIEW}")}
        names = sorted(there | set(wanted))
        if not names:
            msg = f"there is no preview in {self.path}: purview-ai change preview --into {self.path} makes them"
            raise FolderError(msg)
        return [self.of(name).preview if name in there else _missing(name) for name in names]

    def plan_for(self, stack: str, now: MadeFor) -> Kept:
        """The preview whose plan may be applied here and now; raises :class:`FolderError` where none may."""
        kept = self.of(stack, "forbid")
        again = f"make the preview again: purview-ai change preview --stack {stack} --into {self.path}"
        if kept.preview.failed:
            msg = f"{stack}: its preview failed, so there is nothing to apply; put right what it says, and {again}"
            raise FolderError(msg)
        plan = self.plan(stack)
        if not plan.is_file() or _digest(plan) != kept.plan:
            what = "is not the one that goes with the preview" if plan.is_file() else "does not exist"
            msg = f"{stack}: the plan {plan} {what}; {again}"
            raise FolderError(msg)
        if kept.made_for.stack_file != now.stack_file:
            msg = f"{stack}: the stack file is not the one that the plan was made for; {again}"
            raise FolderError(msg)
        if kept.made_for.commit != now.commit:
            msg = (
                f"{stack}: the plan was made for commit {kept.made_for.commit or 'none'}, and here is "
                f"{now.commit or 'none'}; {again}"
            )
            raise FolderError(msg)
        return kept

    def _preview(self, stack: str) -> Path:
        return self.path / f"{stack}{_PREVIEW}"


def _not_understood(file: Path, error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    if not where:
        return f"{file} is no preview: {first['msg']}; make it again"
    return (
        f"{file} was written by another version of purview-ai than this one, which needs it otherwise: {where}: "
        f"{first['msg']}\n"
        "  Make the preview with this version. On a pull request that changes what a preview keeps, this is main's own "
        "version: let the pull request go on to write what that reads, and a later one leave it out."
    )


def _missing(stack: str) -> Preview:
    said = (
        f"There is no preview of {stack}: the job that should have made it did not come so far, and its log says why."
    )
    return Preview(stack=stack, failed=True, errors=[said])


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _commit(folder: Path) -> str:
    try:
        return Git(folder).word("rev-parse", "HEAD")
    except StackFileError:
        return ""
