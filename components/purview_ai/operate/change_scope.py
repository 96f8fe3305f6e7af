"""``purview-ai change scope``: which tenants a change touches, for people and for the jobs of a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from purview_ai.change.jobs import one_each, spread
from purview_ai.change.scope import project_in, scope_of
from purview_ai.json_values import is_list, is_object
from purview_ai.operate.pipeline_log import set_variable
from purview_ai.operate.speaking import Exit, say
from purview_ai.settings.files import StackFileError
from purview_ai.settings.pipeline_environments import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.change.scope import Scope
    from purview_ai.fleet.choosing import Member

SCOPE_EXAMPLES = "Examples: `purview-ai change scope --since origin/main` · `… --output $GITHUB_OUTPUT`"
SinceRevision = Annotated[
    str, typer.Option("--since", help="A revision of git that the change begins from; empty or all zeros: everything.")
]
OfStacks = Annotated[
    list[str] | None,
    typer.Option(
        "--stack", help="Of these stacks only: names with * and ?, also several with commas; may be repeated."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(dir_okay=False, help="A file that matrices of jobs are added to as name=value, for GitHub Actions."),
]
AzurePipelines = Annotated[
    str,
    typer.Option(
        help="Set variables of Azure Pipelines, the stacks' names with commas; says which identities the pipeline has, "
        'by environment, as JSON: {"production": ["contoso"]}.',
    ),
]


def scope(
    since: SinceRevision,
    stack: OfStacks = None,
    output: Output = None,
    azure_pipelines: AzurePipelines = "",
) -> None:
    """Say which tenants a change touches, by environment, and whether it touches settings alone.

    Runs nothing of what has changed. No job of a matrix has stacks of two identities; `identity` says whose they are.
    Exit code: 0, 2 git or a stack file does not say, or the pipeline cannot sign in for a stack.
    """
    try:
        found = scope_of(project_in(Path.cwd()), since, stack or ())
        variables = _variables(found, azure_pipelines) if azure_pipelines else {}
        outputs = _outputs(found) if output is not None else {}
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    for why in found.runs:
        # A file may be called by anything, also by bytes that are no text.
        typer.echo(f"touches what runs: {' '.join(why.split())}".encode(errors="replace").decode())
    for environment in ENVIRONMENTS:
        typer.echo(f"{environment}: {_names(found.of(environment)) or 'nothing'}")
    for one in found.gone:
        typer.echo(f"taken away, and what it deployed stays: {one}")
    if output is not None:
        with output.open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    for name, value in variables.items():
        set_variable(name, value)


def _outputs(found: Scope) -> dict[str, str]:
    """For GitHub: an empty text where there are no stacks, because a matrix without jobs is an error there."""

    def told(matrix: dict[str, Any]) -> str:
        return json.dumps(matrix) if matrix["include"] else ""

    meant, everybody = found.by_identity(found.members), found.by_identity(found.everybody)
    return {
        "reviewed": "true" if found.runs else "false",
        "stacks": told(spread(meant, everybody)),
        "identities": told(one_each(meant)),
        "names": _names(found.members),
        "gone": ",".join(found.gone),
        **{one: told(spread(found.by_identity(found.of(one)), everybody)) for one in ENVIRONMENTS},
    }


def _variables(found: Scope, known: str) -> dict[str, str]:
    """For Azure Pipelines, whose jobs are made before anybody knows what has changed."""
    identities = _known(known)
    variables = {"stacks": _names(found.members), "gone": ",".join(found.gone)}
    for environment in ENVIRONMENTS:
        touched = found.by_identity(found.of(environment))
        variables[environment] = _names(found.of(environment))
        variables |= {f"{environment}_{one}": _names(members) for one, members in touched.items()}
        for identity in touched.keys() - set(identities.get(environment, ())):
            msg = (
                f"{_names(touched[identity])}: this pipeline has no identity {identity} in {environment}; make its "
                f"service connections, and add {identity} to {environment} in the parameter identities of each pipeline"
            )
            raise StackFileError(msg)
    return variables


def _known(text: str) -> Mapping[str, Sequence[str]]:
    try:
        read: Any = json.loads(text)
    except ValueError:
        read = None
    if not is_object(read) or any(name not in ENVIRONMENTS or not is_list(value) for name, value in read.items()):
        msg = f"--azure-pipelines: {text!r} names no identities by environment ({', '.join(ENVIRONMENTS)}) as JSON"
        raise StackFileError(msg)
    return {name: [str(one) for one in value] for name, value in read.items()}


def _names(members: Sequence[Member]) -> str:
    return ",".join(one.stack for one in members)
