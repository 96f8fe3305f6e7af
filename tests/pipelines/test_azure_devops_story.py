"""The same on Azure DevOps: the pipelines' own commands, on the real engine.

A client secret stands in for the token of each service connection.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from azure_pipelines import (
    OURS,
    PIPELINES,
    command_of,
    every_step_of,
    filled,
    holds,
    runs,
    set_by,
    stages_of,
    steps_of,
    variables_of,
)
from code_hosting import REVIEWER, OnAzureDevops
from local_azure import seed
from pipeline_hosts import commands_in
from pipeline_teams import (
    NOT_ANYBODYS,
    STACK,
    commit_on_branch,
    give_readers_a_role,
    merge_branch,
    scans_by_itself,
    team_repository,
)
from whole_chain import TRIGGER
from workflows import LIMIT_S, WORKFLOWS, with_uv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from repositories import Repository

CONNECTIONS = {
    f"purview-{STACK}-plan": (seed.STRANGER_APP, seed.STRANGER_SECRET),
    f"purview-{STACK}-plan-reviewed": (seed.STRANGER_APP, seed.STRANGER_SECRET),
    f"purview-{STACK}-production": (seed.DEPLOYER_APP, seed.DEPLOYER_SECRET),
    f"purview-{STACK}-scans": (seed.DEPLOYER_APP, seed.DEPLOYER_SECRET),
}
IDENTITIES = {"sandbox": [], "pre-production": [], "production": [STACK]}
"""The tenant has an identity of its own, and says nothing of its environment."""
OF_ITS_OWN = f"production_{STACK}"
STATE = "stteamstate"


@dataclass
class Agent:
    """Runs the stages of pipelines in one check-out; a run begins with its stage ``scope``."""

    repository: Repository
    hosted: OnAzureDevops
    operator: Person
    variables: dict[str, str] = field(default_factory=dict[str, str])
    """What the stage ``scope`` found."""
    outputs: dict[str, str] = field(default_factory=dict[str, str])
    """What the other stages have told later ones, as ``stage.job.step.name``."""
    jobs: int = 0

    def run(self, pipeline: str, stage: str, *, on_pull_request: bool) -> tuple[bool, str]:
        """One stage, or another attempt of it: whether it succeeded, and what its commands said."""
        self.jobs += 1
        if stage == "scope":
            self.outputs.clear()
            shutil.rmtree(self._artifacts, ignore_errors=True)
        # As on a machine that nobody has had before.
        shutil.rmtree(self.repository.clone / "previews", ignore_errors=True)
        (self.repository.clone / "drift.json").unlink(missing_ok=True)
        commit = self.repository.git("rev-parse", "HEAD")
        host = self.hosted.environment(on_pull_request=on_pull_request, commit=commit)
        token = host.pop("SYSTEM_ACCESSTOKEN")
        known = {
            "System.AccessToken": token,
            "System.PullRequest.TargetBranchName": "main",
            "Pipeline.Workspace": str(self.repository.folder / f"workspace-{self.jobs}"),
            "System.JobId": f"attempt-{self.jobs}",
            "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION,
            "STATE_STORAGE_ACCOUNT": STATE,
        }
        machine = {k: v for k, v in self.repository.environment.items() if k not in NOT_ANYBODYS} | host
        machine["PATH"] = with_uv(self.repository.folder / "bin", machine["PATH"])
        whole, good = "", True
        found = stages_of(pipeline, identities=IDENTITIES)[stage]
        results = defaultdict[str, str](lambda: "Succeeded")
        assert holds(found.get("condition", "true"), self.variables, results, succeeded=True), self.variables
        earlier = found.get("dependsOn", [])
        told = {name: value for name, value in self.outputs.items() if name.split(".")[0] in earlier}
        for step, job in every_step_of(found):
            variables = {**known, **variables_of(job, {**self.variables, **told})}
            if not runs(step, variables, good=good):
                continue
            if "publish" in step or step.get("task", "").startswith("DownloadPipelineArtifact"):
                good = (self._moved(step, variables) or step.get("continueOnError", False)) and good
                continue
            if OURS not in command_of(step) and "name" not in step:
                # It installs something.
                continue
            given = {name: filled(value, variables) for name, value in step.get("env", {}).items()}
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", filled(command_of(step), variables)],
                cwd=self.repository.clone,
                env={**machine, **given, **_connected(step), **self._state(given)},
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert "Traceback" not in done.stderr, done.stderr
            whole += done.stdout + done.stderr
            if stage == "scope":
                self.variables = set_by(done.stdout)
            elif "name" in step:
                tells = set_by(done.stdout).items()
                self.outputs |= {f"{stage}.{job['job']}.{step['name']}.{name}": value for name, value in tells}
            assert all(line.startswith("##vso[task.setvariable ") for line in commands_in(done.stdout + done.stderr))
            good = good and (done.returncode == 0 or step.get("continueOnError") in (True, "true"))
        return good, whole

    @property
    def _artifacts(self) -> Path:
        return self.repository.folder / "artifacts"

    def _moved(self, step: dict[str, Any], variables: Mapping[str, str]) -> bool:
        """Whether an artifact was published or downloaded. No name is published twice (docs/facts.md, graph 163)."""
        if "publish" not in step:
            kept = self._artifacts / filled(step["inputs"]["artifactName"], variables)
            if kept.is_dir():
                shutil.copytree(kept, filled(step["inputs"]["targetPath"], variables), dirs_exist_ok=True)
            return kept.is_dir()
        kept, left = self._artifacts / filled(step["artifact"], variables), self.repository.clone / step["publish"]
        if kept.exists() or not left.exists():
            return False
        if left.is_dir():
            shutil.copytree(left, kept)
        else:
            kept.mkdir(parents=True)
            shutil.copy(left, kept)
        return True

    def _state(self, given: dict[str, str]) -> dict[str, str]:
        """The team's state lies in a folder, which stands for the container of its identity."""
        url = given.get("PULUMI_BACKEND_URL", "")
        assert url in ("", f"azblob://state-{STACK}?storage_account={STATE}")
        return {"PULUMI_BACKEND_URL": self.repository.environment["PULUMI_BACKEND_URL"]} if url else {}


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
    agent.repository.change({"sources.chatgpt.scan.enabled": False})
    commit_on_branch(agent.repository, "No more incremental scans")
    agent.repository.git("update-ref", "refs/remotes/origin/main", "main")
    agent.repository.git("checkout", "--quiet", "change")
    good, said = agent.run("pull-request.yml", "scope", on_pull_request=True)
    assert good, said
    touched = {"stacks": STACK, "gone": "", "sandbox": "", "pre-production": "", "production": STACK, OF_ITS_OWN: STACK}
    assert agent.variables == touched
    good, said = agent.run("pull-request.yml", f"preview_{OF_ITS_OWN}", on_pull_request=True)
    assert good, said
    good, said = agent.run("pull-request.yml", "tell", on_pull_request=True)
    assert not good
    assert "stop-trigger" in said
    [comment] = agent.hosted.comments()
    assert f"To let it pass: `allow: stop-trigger {STACK}`" in comment["content"]

    agent.hosted.say(REVIEWER, f"We start them by hand from now on.\nallow: stop-trigger {STACK}")
    agent.hosted.vote(REVIEWER)
    good, said = agent.run("pull-request.yml", "tell", on_pull_request=True)
    assert good, said
    assert len(agent.hosted.comments()) == 2, "the pipeline's own was edited"

    agent.repository.git("checkout", "--quiet", "main")
    agent.hosted.merge(merge_branch(agent.repository))
    for stage in ("scope", f"preview_{OF_ITS_OWN}", "gate"):
        good, said = agent.run("deploy.yml", stage, on_pull_request=False)
        assert good, said
    assert scans_by_itself(agent.operator)
    merged = agent.repository.git("rev-parse", "main")
    agent.repository.change({"vault.tags": {"owner": "security"}})
    agent.repository.git("update-ref", "refs/remotes/origin/main", agent.repository.commit("Meanwhile"))
    agent.repository.git("reset", "--quiet", "--hard", merged)
    good, said = agent.run("deploy.yml", "production", on_pull_request=False)
    assert not good
    assert f"{STACK}: origin/main has a newer stacks/Pulumi.{STACK}.yaml" in said
    assert scans_by_itself(agent.operator)
    agent.repository.git("update-ref", "refs/remotes/origin/main", merged)
    good, said = agent.run("deploy.yml", "production", on_pull_request=False)
    assert good, said
    assert not scans_by_itself(agent.operator)


def test_a_night_of_drift_is_a_work_item_until_it_is_over(agent: Agent) -> None:
    def night() -> str:
        for stage in ("scope", f"drift_{OF_ITS_OWN}"):
            good, said = agent.run("drift.yml", stage, on_pull_request=False)
            assert good, said
        good, said = agent.run("drift.yml", "tell", on_pull_request=False)
        assert good, said
        return said

    give_readers_a_role(agent.repository, agent.operator)
    left_out = f"no drift; 1 object of {STACK} left out: collection role"
    assert left_out in night()
    before = agent.operator.get(TRIGGER)
    agent.operator.do("DELETE", TRIGGER)
    assert "opened" in night()
    assert len(agent.hosted.items("Done")) == 1
    agent.operator.do("PUT", TRIGGER, json=before)
    agent.outputs.clear()
    good, said = agent.run("drift.yml", "tell", on_pull_request=False)
    assert not good, "whose stage failed does not count as without drift"
    assert "open: nobody knows whether there is drift" in said
    tell = stages_of("drift.yml", identities=IDENTITIES)["tell"]
    assert holds(tell["condition"], {}, {}, failed=True), "also where the first stage failed"
    assert left_out in night()
    assert agent.hosted.items("Done") == []


def test_scans_are_started_by_the_identity_that_may(agent: Agent) -> None:
    before = agent.operator.run_of()
    for stage in ("scope", f"scan_{OF_ITS_OWN}"):
        good, said = agent.run("scans.yml", stage, on_pull_request=False)
        assert good, said
    assert agent.operator.run_of()["id"] != before["id"]


def test_a_tenant_as_whom_the_pipeline_cannot_sign_in_is_told_and_not_passed_by(agent: Agent) -> None:
    agent.repository.change({"tags": {"environment": "sandbox"}})
    agent.repository.commit("To where the pipelines have no identity")
    good, said = agent.run("scans.yml", "scope", on_pull_request=False)
    assert not good
    assert f"{STACK}: this pipeline has no identity {STACK} in sandbox" in said


TWO = {"sandbox": ["fleet"], "pre-production": ["fleet"], "production": ["contoso", "fleet"]}


def test_each_identity_has_a_stage_and_connections_of_its_own() -> None:
    stages = stages_of("deploy.yml", identities=TWO)
    previews = [name for name in stages if name.startswith("preview_")]
    assert previews == [
        "preview_sandbox_fleet",
        "preview_pre_production_fleet",
        "preview_production_contoso",
        "preview_production_fleet",
    ]
    assert stages["gate"]["dependsOn"] == ["scope", *previews]
    used = [
        (step["inputs"]["azureSubscription"], step["env"]["PULUMI_BACKEND_URL"].partition("?")[0])
        for step, _ in steps_of(stages["production"])
    ]
    assert used == [
        ("purview-contoso-production", "azblob://state-contoso"),
        ("purview-fleet-production", "azblob://state-fleet"),
    ]
    touched = {"production": "contoso", "production_contoso": "contoso"}
    runs = {job["deployment"]: holds(job["condition"], touched, {}) for job in stages["production"]["jobs"]}
    assert runs == {"apply_contoso": True, "apply_fleet": False}
    assert [job["job"] for job in stages_of("deploy.yml", identities=IDENTITIES)["sandbox"]["jobs"]] == ["nobody"]


EVERYWHERE = {"stacks": "a,b,c", "sandbox": "a", "pre-production": "b", "production": "c"}


def test_a_pull_request_without_a_preview_is_told_as_such() -> None:
    stages = stages_of("pull-request.yml", identities=IDENTITIES)

    def told(stacks: str, *, failed: bool = False) -> list[str]:
        results = {"scope": "Failed" if failed else "Succeeded"}
        return [
            one
            for one in ("unknown", "tell")
            if holds(stages[one]["condition"], {"stacks": stacks}, results, failed=failed)
        ]

    assert (told(STACK), told(""), told("", failed=True)) == (["tell"], ["tell"], ["unknown"])


GOOD = {"gate": "Succeeded", "sandbox": "Succeeded", "pre_production": "Succeeded"}


def test_a_stage_follows_those_that_were_deployed_or_had_nothing_to_deploy() -> None:
    """Whatever a stage that was rejected is called: none of the results but one lets the next one begin."""
    stages = stages_of("deploy.yml", identities=TWO)
    for name in ("sandbox", "pre_production", "production"):
        assert holds(stages[name]["condition"], EVERYWHERE, GOOD)
        assert not holds(stages[name]["condition"], EVERYWHERE, {**GOOD, "gate": "Skipped"})
        assert not holds(stages[name]["condition"], EVERYWHERE, GOOD, canceled=True)
        assert not holds(stages[name]["condition"], {"stacks": "a"}, GOOD)
    for name, before in (("pre_production", "sandbox"), ("production", "sandbox"), ("production", "pre_production")):
        assert set(stages[name]["dependsOn"]) >= {"scope", "gate", before}
        for result in ("Skipped", "Failed", "Canceled", "SucceededWithIssues"):
            assert not holds(stages[name]["condition"], EVERYWHERE, {**GOOD, before: result})
        nothing_there = {**EVERYWHERE, before.replace("_", "-"): ""}
        assert holds(stages[name]["condition"], nothing_there, {**GOOD, before: "Skipped"})


def test_a_stage_fails_where_a_tenant_is_left_out() -> None:
    left = stages_of("deploy.yml", identities=TWO)["left"]
    [step] = [one for one in left["jobs"][0]["steps"] if "script" in one]
    assert (step["script"], "by hand from main" in step["displayName"]) == ("exit 1", True)
    everybody = {**GOOD, "production": "Succeeded"}
    assert not holds(left["condition"], EVERYWHERE, everybody)
    for stage in ("sandbox", "pre_production", "production"):
        assert stage in left["dependsOn"]
        for result in ("Skipped", "Failed", "Canceled"):
            ended = {**everybody, stage: result}
            assert holds(left["condition"], EVERYWHERE, ended, canceled=True)
            assert not holds(left["condition"], {**EVERYWHERE, stage.replace("_", "-"): ""}, ended)


def test_a_deployment_by_hand_has_the_tenants_that_somebody_names() -> None:
    def said(**given: str) -> dict[str, str]:
        [(step, _)] = steps_of(stages_of("deploy.yml", identities=TWO, **given)["scope"])
        return {name: step["env"][name] for name in ("SINCE", "CHOSEN")}

    assert said() == {"SINCE": "HEAD^1", "CHOSEN": "*"}
    assert said(stacks="contoso,fab*") == {"SINCE": "", "CHOSEN": "contoso,fab*"}


def test_both_hosts_give_the_grants_by_the_same_commands() -> None:
    stages = stages_of("grants.yml", stack="contoso", allow="delete-grant contoso")
    theirs = yaml.safe_load((WORKFLOWS / "grants.yml").read_text())["jobs"]
    for name in ("plan", "apply"):
        ours = [command_of(step).split("purview-ai ")[1] for step, _ in steps_of(stages[name])]
        there = [step["run"] for step in theirs[name]["steps"] if "purview-ai " in step.get("run", "")]
        assert [one.replace('"$(Pipeline.Workspace)/previews"', "../previews") for one in ours] == [
            one.split("purview-ai ")[1].replace('"$STACK"', '"$STACKS"') for one in there
        ]
    [gate] = [step for step, _ in steps_of(stages["plan"]) if "change gate" in command_of(step)]
    assert gate["env"] == {"ALLOW": "delete-grant contoso"}


def test_what_pipelines_run_is_a_command_of_this_project_or_an_installation() -> None:
    telling = [f'echo "##vso[task.{what}]' for what in ("prependpath", "setvariable variable=artifact;isOutput=true")]
    known = ("uv run purview-ai ", "make install", "exit 1", *telling)
    for file in sorted(PIPELINES.glob("*.yml")):
        for line in file.read_text().splitlines():
            _, found, command = line.partition("script: ")
            if found and not line.strip().startswith(("#", "inlineScript")):
                assert command.startswith(known), line


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
        assert "parameters.since" not in line, line
        assert "parameters.allow" not in line, line
