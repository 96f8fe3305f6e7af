"""``purview-ai fleet operator``: stacks as resources of the Pulumi Kubernetes Operator."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from purview_ai.drift.backend import backend_url_of
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.fleet.operator import SHORTEST_S, Cluster, OperatorError, Source, resources_of
from purview_ai.git import Git
from purview_ai.operate.fleet_choice import Every, Globs, Since, WithTags, chosen, said_of_wrong
from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from purview_ai.settings.files import Project

EXAMPLES = (
    "Examples: `purview-ai fleet operator --all --repository https://github.com/contoso/tenants > stacks.yaml` · "
    "`… --tag wave=canary --repository … --commit 3f0c…`"
)
Repository = Annotated[str, typer.Option(help="The repository's address, without anything that opens it.")]
Branch = Annotated[str, typer.Option(help="The branch that is deployed.")]
Commit = Annotated[str | None, typer.Option(help="One commit, all 40 digits, instead of a branch.")]
Directory = Annotated[
    str | None, typer.Option(help="The project's folder in the repository; default: as it is in this clone.")
]
GitSecret = Annotated[str, typer.Option(help="The Secret whose key accessToken opens the repository.")]
Backend = Annotated[str | None, typer.Option(help="Where the states are; default: as pulumi finds it.")]
Namespace = Annotated[str, typer.Option(help="The namespace of the resources.")]
ServiceAccount = Annotated[
    str, typer.Option(help="One service account for all; default: each stack has its own, with its resource's name.")
]
Image = Annotated[str, typer.Option(help="The workspace's image; default: the operator's own.")]
EverySeconds = Annotated[int, typer.Option(help="How often new commits and drift are looked for.", min=SHORTEST_S)]
RetrySeconds = Annotated[
    int, typer.Option(help="How long a stack that failed waits at most to be tried again.", min=SHORTEST_S)
]
_OF_ALL = Cluster()


def operator(
    repository: Repository,
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    branch: Branch = "main",
    commit: Commit = None,
    directory: Directory = None,
    git_secret: GitSecret = "",
    backend: Backend = None,
    namespace: Namespace = _OF_ALL.namespace,
    service_account: ServiceAccount = "",
    image: Image = "",
    every_seconds: EverySeconds = _OF_ALL.every_s,
    retry_seconds: RetrySeconds = _OF_ALL.retry_at_most_s,
    as_json: AsJson = False,
) -> None:
    """Write Stack resources of the Pulumi Kubernetes Operator for the chosen stacks, as YAML to be committed.

    Two for each: one deploys, the other looks for drift and changes nothing. Secrets are only referred to, and those
    that must be there are named on standard error. Asks nobody but git. Exit code: 0, or 2 where no resource can be
    written so, or a stack file cannot be read.
    """
    project, meant = chosen(stack, tag, changed_since, every=every)
    if said_of_wrong(meant) is not Exit.GOOD:
        # What is written takes the place of what is committed: a stack that is missing there goes from the cluster.
        say("no resource is written, since those of these stacks would be missing", Exit.USAGE)
    try:
        source = Source(repository, branch, commit or "", _directory(project, directory), git_secret)
        cluster = Cluster(namespace, service_account, image, every_seconds, retry_seconds)
        found = resources_of(
            project,
            meant.members,
            source,
            cluster,
            lambda one: backend if backend is not None else backend_url_of(one, project.folder, os.environ),
        )
    except (OperatorError, StackFileError, CheckpointError) as error:
        say(str(error), Exit.USAGE)
    if as_json:
        typer.echo(json.dumps({"apiVersion": "v1", "kind": "List", "items": found.documents}))
    else:
        typer.echo(yaml.safe_dump_all(found.documents, explicit_start=True, sort_keys=False, width=120), nl=False)
    for name, keys in found.secrets.items():
        typer.echo(f"Secret {namespace}/{name} must have: {', '.join(keys)}", err=True)


def _directory(project: Project, said: str | None) -> str:
    """Below the repository's root."""
    if said is not None:
        return said
    top = Git(project.folder).top
    if top is None:
        msg = f"{project.folder} is in no git repository: say where the project is in it with --directory"
        raise OperatorError(msg)
    directory = project.folder.resolve().relative_to(top).as_posix()
    return "" if directory == "." else directory
