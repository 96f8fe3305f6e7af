"""Makes the environments on GitHub that the pipelines' jobs run in, with their variables, or puts them right.

pulumi stack output environments --json | uv run python environments_on_github.py contoso/purview purview-reviewers
"""

import json
import subprocess
import sys
from typing import Annotated, Any

import typer

Repository = Annotated[str, typer.Argument(help="The repository, as <organization>/<name>.")]
Team = Annotated[str, typer.Argument(help="The team that approves: its slug, in the same organization.")]
Branch = Annotated[str, typer.Option(help="The one branch whose runs get in.")]


def main(repository: Repository, team: Team, branch: Branch = "main") -> None:
    """Make the environments that standard input tells, as bootstrap/ has them in its output environments.

    Needs the GitHub CLI, signed in as an administrator of the repository. May be repeated.
    """
    environments: dict[str, Any] = json.load(sys.stdin)
    reviewers = [
        {"type": "Team", "id": int(_gh("api", f"orgs/{repository.split('/')[0]}/teams/{team}", "--jq", ".id"))}
    ]
    for name, told in environments.items():
        url, reviewed = f"repos/{repository}/environments/{name}", told["reviewers"]
        rules = {
            # Without any pattern nobody gets in, so at no time anybody does whom the next call would keep out.
            "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
            "reviewers": reviewers if reviewed else [],
            "prevent_self_review": reviewed,
        }
        _gh("api", "--method", "PUT", url, "--input", "-", said=json.dumps(rules))
        _let_in(url, branch)
        for variable, value in told["variables"].items():
            _gh("variable", "set", variable, "--repo", repository, "--env", name, "--body", value)
        typer.echo(f"{name}: {branch} alone{f', approved by {team}' if reviewed else ''}")


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
    done = subprocess.run(["gh", *words], input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        typer.echo(f"gh {' '.join(words)}: {done.stderr.strip()}", err=True)
        raise typer.Exit(1)
    return done.stdout


if __name__ == "__main__":
    typer.run(main)
