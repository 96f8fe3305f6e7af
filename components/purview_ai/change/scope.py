"""What a change touches: which tenants, and whether it is settings alone or also what runs.

Whoever may preview a change of what runs may run anything with the identity of the pipeline. So anything that is not
known to be a setting counts as what runs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import yaml

from purview_ai import naming
from purview_ai.fleet.choosing import Choice, Member, chosen_of, members_of
from purview_ai.fleet.matrix import JOBS
from purview_ai.git import Git
from purview_ai.json_values import JsonObject, is_object, take_from
from purview_ai.settings.files import NAMESPACE, TENANT, Project, StackFileError, read_stack_file, stack_file_in
from purview_ai.settings.pipeline_environments import ENVIRONMENTS, IDENTITY, environment_of, identity_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FREE = ("azure-native:location", "azure-native:subscriptionId")
"""Settings outside of the package's own that lead no token elsewhere."""
_READ_BY_PEOPLE = ("README.md", "docs/*.md")
"""In the project's folder, or at the top of the working tree."""


@dataclass(frozen=True)
class Scope:
    """What a change touches."""

    members: tuple[Member, ...]
    runs: tuple[str, ...]
    """What it touches beside settings, each in a sentence; empty where it is settings alone."""
    environments: Mapping[str, str]
    """Where each tenant is deployed."""
    identities: Mapping[str, str]
    """As whom each tenant's pipelines sign in."""
    everybody: tuple[Member, ...]
    """All tenants, where there are more of them than jobs; else those that it touches."""
    gone: tuple[str, ...] = ()
    """The stacks whose files are taken away. Nothing is done with them, and what they deployed stays."""

    def of(self, environment: str) -> list[Member]:
        """The tenants of one environment."""
        return [one for one in self.members if self.environments[one.stack] == environment]

    def by_identity(self, members: Iterable[Member]) -> dict[str, list[Member]]:
        """Tenants by the identities of their pipelines, in the order of their names."""
        found: dict[str, list[Member]] = {}
        for one in members:
            found.setdefault(self.identities[one.stack], []).append(one)
        return found


def project_in(here: Path) -> Project:
    """The project of a working tree of git; raises :class:`StackFileError` where there is none.

    A pull request is checked out inside of the default branch's own working tree. Where it takes Pulumi.yaml away, the
    one around it must not be taken for it: nothing of that has changed.
    """
    top = Git.whole(here).folder
    project = Project.around(here)
    if not project.folder.resolve().is_relative_to(top):
        msg = f"no Pulumi.yaml in {here} or above it in {top}, so no tenant can be told: put it back where it was"
        raise StackFileError(msg)
    return project


def scope_of(project: Project, since: str, stacks: Iterable[str] = ()) -> Scope:
    """What has changed since a revision, of these stacks; all, where none is given. Raises :class:`StackFileError`."""
    everything = not since.strip("0")
    choice = Choice.of(stacks, (), None if everything else since)
    members = chosen_of(project, choice).members
    environments = {one.stack: environment_of(one.stack, one.tags) for one in members}
    identities = {one.stack: identity_of(one.stack, one.tags) for one in members}
    everybody = members
    if len(project.stacks()) > JOBS:
        identities |= (others := _identities(project))
        everybody = tuple(one for one in members_of(project) if one.stack in others)
    if everything:
        return Scope(members, (), environments, identities, everybody)
    # A tenant does not leave an environment without that environment's own approval.
    for stack, now in environments.items():
        environments[stack] = max(now, _environment_before(project, since, stack), key=ENVIRONMENTS.index)
    runs = tuple(_beside_settings(project, since))
    return Scope(members, runs, environments, identities, everybody, _gone(project, since))


def _identities(project: Project) -> dict[str, str]:
    """Those of all tenants that say theirs; what is wrong with another one's file is no matter of this change."""
    found: dict[str, str] = {}
    for one in members_of(project):
        with suppress(StackFileError):
            found |= {} if one.problem else {one.stack: identity_of(one.stack, one.tags)}
    return found


def _gone(project: Project, since: str) -> tuple[str, ...]:
    # From where the two parted: what came in there since is not taken away here.
    deleted = Git.whole(project.folder).differing("--diff-filter=D", f"{since}...HEAD")
    names = [project.stack_of(file) for file in deleted]
    return tuple(name for name in names if naming.STACK_NAME.match(name))


def _environment_before(project: Project, since: str, stack: str) -> str:
    """Where a tenant stood; where a new one did not stand anywhere, the first one."""
    git, file = Git.whole(project.folder), project.stack_file(stack)
    file = file.parent.resolve() / file.name
    if not git.said("cat-file", "-t", _object(git, since, file)):
        return ENVIRONMENTS[0]
    try:
        # A link, or what nobody can read, says nothing: that comes last.
        return environment_of(stack, _tags(_before(git, since, file)))
    except StackFileError:
        return ENVIRONMENTS[-1]


def _beside_settings(project: Project, since: str) -> Iterator[str]:
    # Against what stands there now, and not where the two parted: that may be a commit which was merged along with the
    # one that took it back, and whose code nobody has ever looked at.
    # And in the whole working tree: what is installed, and the pipelines, may stand above the project.
    git, root = Git.whole(project.folder), project.folder.resolve()
    for file in git.differing(since):
        path = os.path.relpath(file, root)
        if _is_read_by_people(root, file) or _is_read_by_people(git.folder, file):
            continue
        if not project.stack_of(file):
            yield f"{path} is no stack file"
        elif file.is_symlink():
            yield f"{path} is a link to another file"
        elif file.exists():
            yield from (f"{path}: {what}" for what in _not_free(read_stack_file(file), _before(git, since, file)))


def _is_read_by_people(folder: Path, file: Path) -> bool:
    path = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else ""
    return any(fnmatchcase(path, pattern) for pattern in _READ_BY_PEOPLE)


def _not_free(now: JsonObject, before: JsonObject) -> Iterator[str]:
    """What may say how to sign in, where to, or who decrypts."""
    if not before:
        yield "it is new, and its pipelines have not signed in as anybody before"
    elif tag_of(_tags(now), IDENTITY, "") != tag_of(_tags(before), IDENTITY, ""):
        yield f"the tag {IDENTITY} says as whom its pipelines sign in"
    if _endpoint(now) != _endpoint(before):
        yield "purview.endpoint says where the token goes"
    for name in sorted({*now, *before} - {"config"}):
        if now.get(name) != before.get(name):
            yield f"{name} says who decrypts"
    config, old = _config(now), _config(before)
    for name in sorted({*config, *old}):
        if not name.startswith(f"{NAMESPACE}:") and name not in _FREE and config.get(name) != old.get(name):
            yield f"{name} may say how to sign in, or where"


def _config(stack_file: JsonObject) -> JsonObject:
    config = stack_file.get("config")
    return config if is_object(config) else {}


def _endpoint(stack_file: JsonObject) -> object:
    return take_from(stack_file, ("config", TENANT, "purview", "endpoint"))


def _tags(stack_file: JsonObject) -> dict[str, str]:
    tags = take_from(stack_file, ("config", TENANT, "tags"))
    return {str(name): str(value) for name, value in tags.items()} if is_object(tags) else {}


def _before(git: Git, since: str, file: Path) -> JsonObject:
    try:
        return stack_file_in(git.said("show", _object(git, since, file)))
    except (ValueError, TypeError, RecursionError, yaml.YAMLError):
        # What nobody can read now counts as new.
        return {}


def _object(git: Git, since: str, file: Path) -> str:
    """What git calls a file of a revision."""
    return f"{since}:{os.path.relpath(file, git.folder)}"
