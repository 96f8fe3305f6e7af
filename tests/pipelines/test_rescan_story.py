"""Everything is captured once more, as docs/living-with-a-tenant.md has it: from three pull requests to production.

The workflows' own steps, under the policy pack as it is shipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from code_hosting import EVERYTHING, REVIEWER, OnGithub
from local_azure import seed
from pipeline_teams import STACK, commit_on_branch, scans_by_itself, team_repository
from pipelines.test_github_story import Team, needing, of_matrix, proposed
from tenants import CHECKOUT
from whole_chain import SCAN

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from workflows import Ran, Runner

PAGE = (CHECKOUT / "docs" / "living-with-a-tenant.md").read_text()
SECTION = PAGE.partition("### Capture everything once more\n")[2].partition("\n## ")[0]
BLOCKS = [(kind, dedent(text)) for kind, text in re.findall(r" *```(\w+)\n(.*?) *```", SECTION, re.DOTALL)]
SETTINGS: list[dict[str, Any]] = [yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml"]
YES = [text for kind, text in BLOCKS if kind == "text"]
ALLOWED, CHANGED, OVER = (
    {(f"sources.chatgpt.{name}" if name == "capture_since" else name): value for name, value in one.items()}
    for one in SETTINGS
)
KEPT = ("chatgpt-source", "chatgpt-scan", "chatgpt-trigger")


@pytest.fixture
def team(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Team:
    """A team whose tenant is deployed and protected."""
    del pulumi_home
    repository = team_repository(tmp_path, azure, operator)
    found = Team(tmp_path, repository, OnGithub(azure, operator.client, tmp_path), operator)
    assert protected(found) == dict.fromkeys(KEPT, True)
    return found


def protected(team: Team) -> dict[str, bool]:
    """What of the source is protected."""
    return {name: bool(team.repository.recorded(name).get("protect")) for name in KEPT}


@dataclass
class Proposed:
    """What a push to a pull request came to."""

    team: Team
    run: Runner
    passes: bool

    @property
    def comment(self) -> str:
        """The pipeline's one comment."""
        self.team.hosted.token(REVIEWER, "User", EVERYTHING)
        [one] = self.team.hosted.comments()
        return one["body"]

    def approve(self, words: str) -> None:
        """Somebody says yes, and the job that failed is run again."""
        self.team.hosted.token(REVIEWER, "User", EVERYTHING)
        self.team.hosted.review(REVIEWER, words)
        ended = {"needs.scope.result": "success", "needs.preview.result": "success"}
        touched = {"needs.scope.outputs.names": STACK, "needs.scope.outputs.gone": ""}
        tell = self.run.job("pull-request.yml", "tell", **ended, **touched)
        assert tell.succeeded, tell.said


def propose(team: Team, number: int, *changes: dict[str, Any]) -> Proposed:
    """A new pull request with these settings."""
    team.hosted = OnGithub(team.hosted.azure, team.hosted.client, team.hosted.folder, number=number)
    return push(team, f"pull-request-{number}", *changes)


def push(team: Team, name: str, *changes: dict[str, Any]) -> Proposed:
    """The branch is as main with these settings."""
    for one in changes:
        team.repository.change(one)
    commit_on_branch(team.repository, name)
    run, scope, preview, tell = proposed(team, name)
    assert (scope.outputs["reviewed"], preview.environment) == ("false", f"{STACK}-plan"), "settings alone are changed"
    return Proposed(team, run, tell.succeeded)


@dataclass
class Merged:
    """A merge, whose workflow may be run again."""

    team: Team
    before: str
    commit: str

    def deployed(self, name: str) -> Ran:
        """All jobs of a run that somebody lets into production."""
        context = {"github.sha": self.commit, "github.event.before": self.before, "inputs.stacks": ""}
        run = self.team.runner(name, context, on_pull_request=False, commit=self.commit)
        scope = run.job("deploy.yml", "scope")
        for job, more in (("plan", of_matrix(scope)), ("gate", {})):
            ran = run.job("deploy.yml", job, **needing(scope), **more)
            assert ran.succeeded, ran.said
        return run.job("apply.yml", "apply", **{"inputs.environment": "production", **of_matrix(scope, "production")})


def merge(team: Team) -> Merged:
    """The pull request is merged."""
    return Merged(team, team.repository.git("rev-parse", "main"), team.merge())


def done(applied: Ran) -> bool:
    """Whether it was deployed as it was shown."""
    assert applied.succeeded, applied.said
    return f"{STACK}: deployed as it was shown" in applied.said


@pytest.mark.long
def test_a_protected_tenant_captures_everything_once_more(team: Team) -> None:
    scan, run = team.operator.get(SCAN), team.operator.run_of()

    at_once = propose(team, 1, ALLOWED, CHANGED)
    assert not at_once.passes
    assert "That takes a deployment of its own before this one" in at_once.comment
    assert "pulumi state unprotect" not in at_once.comment, "nobody works on the state by hand"

    allowed = push(team, "first-the-one", ALLOWED)
    assert not allowed.passes
    assert f"To let it pass: `{YES[0].strip()}`" in allowed.comment
    assert f"policy `no-rescan` (advisory), {KEPT[1]}: " in allowed.comment
    allowed.approve(YES[0])
    assert done(merge(team).deployed("deploy-1"))
    assert protected(team) == dict.fromkeys(KEPT, False)
    assert team.repository.recorded("custody-vault")["protect"] is True
    assert team.operator.run_of()["id"] == run["id"], "nothing is captured again yet"

    changed = propose(team, 2, CHANGED)
    assert not changed.passes
    assert YES[1] in changed.comment, "to be copied"
    changed.approve(YES[1])
    merged = merge(team)
    team.repository.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    failed = merged.deployed("deploy-2")
    assert not failed.succeeded
    assert "The key was rejected" in failed.said
    team.repository.azure.set_vendor_key(seed.VENDOR_KEY)
    assert done(merged.deployed("deploy-2-again")), "the same yes holds"
    now, newest = team.operator.get(SCAN), team.operator.run_of()
    assert now["properties"]["firstLight"] == f"{CHANGED['sources.chatgpt.capture_since']}T00:00:00Z"
    assert now["properties"]["firstLight"] < scan["properties"]["firstLight"]
    assert (newest["id"] != run["id"], newest["scanLevelType"], newest["status"]) == (True, "Full", "Succeeded")
    assert scans_by_itself(team.operator)

    over = propose(team, 3, OVER)
    assert over.passes, "what is protected again takes no yes"
    assert "no-rescan" not in over.comment
    assert done(merge(team).deployed("deploy-3"))
    assert protected(team) == dict.fromkeys(KEPT, True)
