"""Makes the environments on GitHub that the pipelines' jobs run in, with their variables, or puts them right.

pulumi stack output environments --json | uv run python environments_on_github.py contoso/purview purview-reviewers
"""

import json
import re
import shutil
import subprocess
import sys
from typing import Annotated

import typer
from purview_ai.operate.speaking import Exit, say
from purview_ai.settings.bootstrap import Environment
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


def _whole(repository: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        msg = f"{repository!r} is no <organization>/<name>."
        raise typer.BadParameter(msg)
    return repository


Repository = Annotated[str, typer.Argument(help="The repository, as <organization>/<name>.", callback=_whole)]
Team = Annotated[str, typer.Argument(help="The team that approves: its slug, in the same organization.")]
Branch = Annotated[str, typer.Option(help="The one branch whose runs get in.")]


class Told(BaseModel):
    """What the output says of an environment."""

    model_config = ConfigDict(strict=True, extra="forbid")
    reviewers: bool
    variables: dict[str, str]


_TOLD = TypeAdapter(Annotated[dict[Environment, Told], Field(min_length=1)])


def main(repository: Repository, team: Team, branch: Branch = "main") -> None:
    """Make the environments that standard input tells, as bootstrap/ has them in its output environments.

    Needs the GitHub CLI, signed in as an administrator of the repository. May be repeated. Exit code: 0, 1 the GitHub
    CLI was refused something, 2 the command or what standard input tells is wrong, and nothing was changed.
    """
    environments = _told(sys.stdin.buffer.read())
    reviewers = [{"type": "Team", "id": _id_of(repository.partition("/")[0], team)}]
    for name, told in environments.items():
        url = f"repos/{repository}/environments/{name}"
        rules = {
            # Without any pattern nobody gets in, so at no time anybody does whom the next call would keep out.
            "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
            "reviewers": reviewers if told.reviewers else [],
            "prevent_self_review": told.reviewers,
        }
        _gh("api", "--method", "PUT", url, "--input", "-", said=json.dumps(rules))
        _let_in(url, branch)
        for variable, value in told.variables.items():
            _gh("variable", "set", variable, "--repo", repository, "--env", name, "--body", value)
        typer.echo(f"{name}: {branch} alone{f', approved by {team}' if told.reviewers else ''}")


def _told(said: bytes) -> dict[str, Told]:
    try:
        return _TOLD.validate_json(said)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        told = ": ".join(filter(None, (".".join(map(str, wrong["loc"])), wrong["msg"])))
        say(
            f"standard input tells no environments: {told}; nothing was changed\n"
            "  It must be what this says, of a stack with github in its stack file: "
            "pulumi stack output environments --stack <name> --json",
            Exit.USAGE,
        )


def _id_of(organization: str, team: str) -> int:
    found = _gh("api", f"orgs/{organization}/teams/{team}", "--jq", ".id").strip()
    if not found.isdecimal():
        say(f"gh tells no team {team!r} of {organization}; nothing was changed\n  Say the team's slug.", Exit.USAGE)
    return int(found)


def _let_in(url: str, branch: str) -> None:
    """This branch, and nobody whom an environment that was there before lets in: other branches, or tags."""
    patterns = f"{url}/deployment-branch-policies"
    there = _gh("api", "--paginate", patterns, "--jq", r'.branch_policies[] | "\(.id) \(.type) \(.name)"')
    found = [line.split(" ", 2) for line in there.splitlines()]
    for number, kind, name in found:
        if kind == "tag" or name != branch:
            _gh("api", "--method", "DELETE", f"{patterns}/{number}")
            typer.echo(f"{url.rsplit('/', 1)[1]}: {kind} {name} is no longer let in")
    if not any(kind != "tag" and name == branch for _, kind, name in found):
        _gh("api", "--method", "POST", patterns, "-f", f"name={branch}")


def _gh(*words: str, said: str = "") -> str:
    program = shutil.which("gh")
    if program is None:
        say("gh is not on PATH; nothing was changed\n  Install the GitHub CLI: https://cli.github.com", Exit.USAGE)
    done = subprocess.run([program, *words], input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"gh {' '.join(words)}: {done.stderr.strip()}", Exit.BAD)
    return done.stdout


if __name__ == "__main__":
    typer.run(main)
