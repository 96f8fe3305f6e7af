"""The same on Azure DevOps: the pipelines' own commands, on the real engine.

A client secret stands in for the token of each service connection.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from azure_pipelines import PIPELINES, command_of, filled, set_by, steps_of
from code_hosting import REVIEWER, OnAzureDevops
from local_azure import seed
from pipeline_teams import NOT_ANYBODYS, commit_on_branch, has_trigger, merge_branch, team_repository
from tenants import STACK
from whole_chain import TRIGGER
from workflows import LIMIT_S, with_uv

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from repositories import Repository

CONNECTIONS = {
    "purview-plan": (seed.STRANGER_APP, seed.STRANGER_SECRET),
    "purview-plan-reviewed": (seed.STRANGER_APP, seed.STRANGER_SECRET),
    "purview-apply-production": (seed.DEPLOYER_APP, seed.DEPLOYER_SECRET),
}


@dataclass
class Agent:
    """Runs the stages of pipelines in one check-out."""

    repository: Repository
    hosted: OnAzureDevops
    operator: Person
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, pipeline: str, stage: str, *, on_pull_request: bool) -> tuple[bool, str]:
        """One stage: whether it succeeded, and what its commands said."""
        commit = self.repository.git("rev-parse", "HEAD")
        host = self.hosted.environment(on_pull_request=on_pull_request, commit=commit)
        token = host.pop("SYSTEM_ACCESSTOKEN")
        known = {
            "System.AccessToken": token,
            "System.PullRequest.TargetBranchName": "main",
            "Pipeline.Workspace": str(self.repository.clone),
            "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION,
            "PULUMI_BACKEND_URL": self.repository.environment["PULUMI_BACKEND_URL"],
            **self.variables,
        }
        machine = {k: v for k, v in self.repository.environment.items() if k not in NOT_ANYBODYS} | host
        machine["PATH"] = with_uv(self.repository.folder / "bin", machine["PATH"])
        whole = ""
        for step in steps_of(pipeline, stage):
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", filled(command_of(step), known)],
                cwd=self.repository.clone,
                env={**machine, **{n: filled(v, known) for n, v in step.get("env", {}).items()}, **_connected(step)},
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert "Traceback" not in done.stderr, done.stderr
            whole += done.stdout + done.stderr
            if stage == "scope":
                self.variables = set_by(done.stdout)
            if done.returncode and step.get("continueOnError") not in (True, "true"):
                return False, whole
        return True, whole


def _connected(step: dict[str, object]) -> dict[str, str]:
    """What a service connection gives the step that it is for, and no other."""
    inputs = step.get("inputs")
    if not isinstance(inputs, dict):
        return {}
    client, secret = CONNECTIONS[inputs["azureSubscription"]]
    # The commands put these into ARM_*.
    given = {"servicePrincipalId": client, "tenantId": seed.TENANT, "idToken": "of-the-connection"}
    return {**given, "ARM_CLIENT_SECRET": secret}


@pytest.fixture
def agent(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Agent:
    """An agent, and a team whose tenant is deployed."""
    del pulumi_home
    repository = team_repository(tmp_path, azure, operator)
    return Agent(repository, OnAzureDevops(azure, operator.client), operator)


def test_a_change_goes_from_a_pull_request_to_production_there_too(agent: Agent) -> None:
    agent.repository.change({"sources.chatgpt.scan": {"patience_minutes": 0}})
    commit_on_branch(agent.repository, "No more incremental scans")
    agent.repository.git("update-ref", "refs/remotes/origin/main", "main")
    agent.repository.git("checkout", "--quiet", "change")
    good, said = agent.run("pull-request.yml", "scope", on_pull_request=True)
    assert good, said
    assert agent.variables == {"stacks": STACK, "sandbox": "", "pre-production": "", "production": STACK}
    good, said = agent.run("pull-request.yml", "preview", on_pull_request=True)
    assert good, said
    good, said = agent.run("pull-request.yml", "tell", on_pull_request=True)
    assert not good
    assert "delete-trigger" in said
    [comment] = agent.hosted.comments()
    assert f"To let it pass: `allow: delete-trigger {STACK}`" in comment["content"]

    agent.hosted.say(REVIEWER, f"We start them by hand from now on.\nallow: delete-trigger {STACK}")
    agent.hosted.vote(REVIEWER)
    good, said = agent.run("pull-request.yml", "tell", on_pull_request=True)
    assert good, said
    assert len(agent.hosted.comments()) == 2, "the pipeline's own was edited"

    agent.repository.git("checkout", "--quiet", "main")
    agent.hosted.merge(merge_branch(agent.repository))
    for stage in ("scope", "plan", "gate"):
        good, said = agent.run("deploy.yml", stage, on_pull_request=False)
        assert good, said
    assert has_trigger(agent.operator)
    agent.variables["stacks"] = agent.variables["production"]
    good, said = agent.run("deploy.yml", "production", on_pull_request=False)
    assert good, said
    assert not has_trigger(agent.operator)


def test_a_night_of_drift_is_a_work_item_until_it_is_over(agent: Agent) -> None:
    before = agent.operator.get(TRIGGER)
    agent.operator.do("DELETE", TRIGGER)
    good, said = agent.run("drift.yml", "drift", on_pull_request=False)
    assert good, said
    assert len(agent.hosted.items("Done")) == 1
    agent.operator.do("PUT", TRIGGER, json=before)
    good, said = agent.run("drift.yml", "drift", on_pull_request=False)
    assert good, said
    assert agent.hosted.items("Done") == []


def test_what_pipelines_run_is_a_command_of_this_project_or_an_installation() -> None:
    for file in sorted(PIPELINES.glob("*.yml")):
        for line in file.read_text().splitlines():
            _, found, command = line.partition("script: ")
            if found and not line.strip().startswith(("#", "inlineScript")):
                assert command.startswith(("uv run purview-ai ", "make install", 'echo "##vso[task.prependpath]')), line


def test_what_somebody_else_says_is_no_part_of_a_command() -> None:
    """Names of stacks, which a file's name or whoever starts a run says, reach the shell as a variable alone."""
    read_by_a_shell = [
        line.strip()
        for file in sorted(PIPELINES.glob("*.yml"))
        for line in file.read_text().splitlines()
        if line.strip().startswith(("command: ", "- script: ", "uv run "))
    ]
    assert any('--stack "$STACKS"' in line for line in read_by_a_shell)
    for line in read_by_a_shell:
        assert "$(stacks)" not in line, line
        assert "${{ stack }}" not in line, line
        assert "parameters.stack" not in line, line
