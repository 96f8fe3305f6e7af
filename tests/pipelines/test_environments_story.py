"""One merge that touches a tenant of each environment: the sandbox first, and nobody after it until it is well there.

The workflow's own jobs, in its own order, on the real engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from chain.test_kinds_of_app import CLAUDE
from code_hosting import ROBOT, OnGithub
from pipeline_teams import NOT_ANYBODYS, commit_on_branch, may_read, merge_branch
from pipelines.test_github_story import APPLY, PLAN, SAME_PLACE
from repositories import Repository
from workflow_wiring import FAILURE, SKIPPED, SUCCESS, Ended, Event, Run, play
from workflows import Runner, with_uv

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from workflow_wiring import Job

FIRST, SECOND, THIRD = "adatum", "fabrikam", "northwind"
ENVIRONMENTS = {FIRST: "sandbox", SECOND: "pre-production", THIRD: "production"}
PLANS = [f"plan {one} in {one}-plan" for one in ENVIRONMENTS]
APPLIES = [f"{where} / apply {one} in {one}-{where}" for one, where in ENVIRONMENTS.items()]


def settings_of(tenant: str, block: dict[str, Any]) -> dict[str, Any]:
    """A tenant with a vault for a source that is set up in the portal, and nothing else."""
    vault = {**block["vault"], "name": f"kv-{tenant}", "deployer_access": False}
    return {
        "tags": {"environment": ENVIRONMENTS[tenant], "owner": "security"},
        "purview": block["purview"],
        "vault": vault,
        "grants": "expected",
        "sources": {"claude": CLAUDE},
    }


@dataclass
class Fleet:
    """Three tenants of one repository, each of an environment of its own and with identities of its own."""

    folder: Path
    repository: Repository
    hosted: OnGithub
    event: Event
    said: dict[str, str] = field(default_factory=dict[str, str])
    """What each job of the newest run said, by its title."""

    def run(self, name: str) -> tuple[Run, dict[str, str]]:
        """The workflow of the merge, from its first job to its last one."""
        runner = self._runner(name)

        def does(job: Job) -> Ended:
            ran = runner.job(job.workflow, job.name, **job.context)
            assert ran.environment == job.environment
            self.said[job.title] = ran.said
            return Ended(SUCCESS if ran.succeeded else FAILURE, ran.outputs)

        return play("deploy.yml", self.event, does)

    def _runner(self, name: str) -> Runner:
        here = {**SAME_PLACE, "PULUMI_BACKEND_URL": self.repository.environment["PULUMI_BACKEND_URL"]}
        plans = {f"{one}-plan": {**PLAN, **here} for one in ENVIRONMENTS}
        applies = {f"{one}-{where}": {**APPLY, **here} for one, where in ENVIRONMENTS.items()}
        machine = {key: value for key, value in self.repository.environment.items() if key not in NOT_ANYBODYS}
        machine |= self.hosted.environment(on_pull_request=False, commit=self.event.context["github.sha"])
        token = machine.pop("GITHUB_TOKEN")
        return Runner(
            self.folder / name,
            self.repository.clone,
            {**machine, "PATH": with_uv(self.folder / "bin", machine["PATH"])},
            {**plans, **applies},
            {"github.token": token},
            on_token=lambda held: self.hosted.token(ROBOT, "Bot", held),
        )

    def vaults(self) -> list[str]:
        """Whose vaults were made, in their order."""
        made = [
            one["path"].rpartition("/vaults/")[2]
            for one in self.repository.azure.requests()
            if (one["method"], one["status"]) in (("PUT", 200), ("PUT", 201)) and "/vaults/" in one["path"]
        ]
        return list(dict.fromkeys(path.partition("/")[0] for path in made))


@pytest.fixture
def fleet(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Fleet:
    """Nobody is deployed yet; a pull request with all of them is merged."""
    del pulumi_home
    repository = Repository(tmp_path / "tenants", azure, stack=THIRD)
    may_read(operator)
    whole = yaml.safe_load(repository.file.read_text())
    block = whole["config"].pop("purview-ai:tenant")
    whole["config"].pop("purview-ai:chatgpt-compliance-key")
    for one in ENVIRONMENTS:
        config = {**whole["config"], "purview-ai:tenant": settings_of(one, block)}
        file = repository.file.with_name(f"Pulumi.{one}.yaml")
        file.write_text(yaml.safe_dump({**whole, "config": config}, sort_keys=False))
    commit_on_branch(repository, "A tenant for each environment")
    before = repository.git("rev-parse", "main")
    commit = merge_branch(repository)
    for one in (FIRST, SECOND):
        made = repository.command("pulumi", "stack", "init", one, "--non-interactive")
        assert made.code == 0, made.err
    hosted = OnGithub(azure, operator.client, tmp_path)
    hosted.merge(commit)
    return Fleet(
        tmp_path, repository, hosted, Event("push", context={"github.sha": commit, "github.event.before": before})
    )


@pytest.mark.long
def test_what_fails_in_the_sandbox_goes_no_further_and_once_it_is_mended_each_environment_follows(fleet: Fleet) -> None:
    fleet.repository.azure.weather(effect="status", method="PUT", path=f"vaults/kv-{FIRST}", status=400, code="BadDay")
    run, results = fleet.run("bad")
    assert run.told == ["scope", *PLANS, "gate", APPLIES[0], "left"], fleet.said
    ended = {"sandbox": FAILURE, "pre-production": SKIPPED, "production": SKIPPED, "left": FAILURE}
    assert results == {"scope": SUCCESS, "plan": SUCCESS, "gate": SUCCESS, **ended}
    assert "BadDay" in fleet.said[f"sandbox / apply {FIRST}"]
    assert fleet.vaults() == []

    run, results = fleet.run("again")
    assert run.told == ["scope", *PLANS, "gate", *APPLIES, "left"], fleet.said
    assert set(results.values()) == {SUCCESS}
    assert fleet.vaults() == [f"kv-{one}" for one in ENVIRONMENTS]
