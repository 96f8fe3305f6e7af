"""From a pull request to production, a night of drift, and a pull request that looks for the key.

The workflows' own steps, on the real engine. A client secret stands in for each federated token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from chain.test_keys_of_others import leave_to_others, newest
from code_hosting import EVERYTHING, REVIEWER, ROBOT, OnGithub
from leaks import leaks
from local_azure import seed
from local_azure.directory import GRAPH_ROLES
from people import GRAPH, PURVIEW, Person
from repositories import Repository
from tenants import STACK
from whole_chain import ACCOUNT, GROUP, SECRET, TRIGGER, VAULT_URL, role_body, role_url
from workflows import WORKFLOWS, Ran, Runner, matrix_of, with_uv

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
PLAN = {"AZURE_CLIENT_ID": seed.STRANGER_APP, "secret": seed.STRANGER_SECRET}
APPLY = {"AZURE_CLIENT_ID": seed.DEPLOYER_APP, "secret": seed.DEPLOYER_SECRET}
NOT_ANYBODYS = ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID")
SAME_PLACE = {"AZURE_TENANT_ID": seed.TENANT, "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION}


@dataclass
class Team:
    """A team with a deployed tenant whose key somebody else keeps, on GitHub."""

    folder: Path
    repository: Repository
    hosted: OnGithub
    operator: Person

    def runner(self, name: str, context: dict[str, Any], *, on_pull_request: bool, commit: str) -> Runner:
        """A run of a workflow."""
        here = {**SAME_PLACE, "PULUMI_BACKEND_URL": self.repository.environment["PULUMI_BACKEND_URL"]}
        theirs = {"plan": PLAN, "plan-reviewed": PLAN, "production": APPLY, "sandbox": APPLY, "scans": APPLY}
        machine = {key: value for key, value in self.repository.environment.items() if key not in NOT_ANYBODYS}
        machine |= self.hosted.environment(on_pull_request=on_pull_request, commit=commit)
        token = machine.pop("GITHUB_TOKEN")
        return Runner(
            self.folder / name,
            self.repository.clone,
            {**machine, "PATH": with_uv(self.folder / "bin", machine["PATH"])},
            {environment: {**identity, **here} for environment, identity in theirs.items()},
            {"github.token": token, "strategy.job-index": 0, **context},
            on_token=lambda held: self.hosted.token(ROBOT, "Bot", held),
        )

    def pull_request(self, name: str) -> Runner:
        """The workflow of a pull request, for what the branch is now."""
        head, base = self.repository.git("rev-parse", "change"), self.repository.git("rev-parse", "main")
        self.hosted.push(head)
        context = {
            "github.sha": base,
            "github.event.pull_request.head.sha": head,
            "github.event.pull_request.base.sha": base,
        }
        return self.runner(name, context, on_pull_request=True, commit=base)

    def branch(self, message: str) -> None:
        """Commit what is changed on a branch of its own, and go back."""
        self.repository.git("checkout", "--quiet", "-B", "change")
        self.repository.commit(message)
        self.repository.git("checkout", "--quiet", "main")

    def merge(self) -> str:
        """Merge the branch; the commit that it came as."""
        self.repository.git("merge", "--quiet", "--no-ff", "--message", "Merge a change", "change")
        commit = self.repository.git("rev-parse", "HEAD")
        self.hosted.merge(commit)
        return commit

    def trigger(self) -> bool:
        """Whether there is one."""
        return self.operator.ask("GET", TRIGGER).status_code == 200


def may_read(operator: Person) -> None:
    """What README.md asks for whoever previews: reads in Azure, Graph and the Data Map."""
    for scope in (GROUP, ACCOUNT):
        operator.do("PUT", role_url(scope), json=role_body(READER, seed.STRANGER_ID))
    held = f"{GRAPH}/v1.0/servicePrincipals/{seed.STRANGER_ID}/appRoleAssignments"
    role = GRAPH_ROLES["Application.Read.All"]
    operator.do("POST", held, json={"principalId": seed.STRANGER_ID, "resourceId": seed.GRAPH, "appRoleId": role})
    store = {"api-version": "2021-07-01"}
    url = f"{PURVIEW}/policystore/metadataPolicies"
    [policy] = operator.get(url, collectionName=seed.COLLECTION, **store)["values"]
    name = f"purviewmetadatarole_builtin_data-curator:{seed.COLLECTION}".replace("data-curator", "purview-reader")
    [rule] = [one for one in policy["properties"]["attributeRules"] if one["id"] == name]
    rule["dnfCondition"][0][0]["attributeValueIncludedIn"].append(seed.STRANGER_ID)
    operator.do("PUT", f"{url}/{policy['id']}", params=store, json=policy)


@pytest.fixture
def team(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Team:
    """A team whose tenant is deployed."""
    del pulumi_home
    repository = Repository(tmp_path / "tenant", azure)
    repository.up().must_succeed()
    leave_to_others(repository)
    # Who previews and who deploys are two: a right of "whoever runs this" would change hands each time.
    repository.change({"vault.deployer_access": False})
    repository.up().must_succeed()
    repository.commit("Somebody else keeps the key")
    may_read(operator)
    return Team(tmp_path, repository, OnGithub(azure, operator.client, tmp_path), operator)


def of_matrix(job: Ran, output: str = "stacks") -> dict[str, str]:
    """The one tenant that a scope found, as a matrix job sees it."""
    [one] = matrix_of(job.outputs[output])
    return {"matrix.stack": one["stack"], "matrix.name": one["name"]}


def needing(job: Ran) -> dict[str, str]:
    """What the jobs after a scope see of it."""
    return {f"needs.scope.outputs.{name}": value for name, value in job.outputs.items()}


def proposed(team: Team, name: str) -> tuple[Runner, Ran, Ran, Ran]:
    """All jobs of a pull request's workflow."""
    run = team.pull_request(name)
    scope = run.job("pull-request.yml", "scope")
    assert scope.succeeded, scope.said
    preview = run.job("pull-request.yml", "preview", **needing(scope), **of_matrix(scope))
    return run, scope, preview, run.job("pull-request.yml", "tell")


def test_a_change_goes_from_a_pull_request_to_production(team: Team) -> None:
    team.repository.change({"sources.chatgpt.scan": {"patience_minutes": 0}})
    team.branch("No more incremental scans")
    _, scope, preview, tell = proposed(team, "first")
    assert (scope.outputs["reviewed"], preview.environment) == ("false", "plan")
    assert preview.succeeded, preview.said
    assert not tell.succeeded
    [comment] = team.hosted.comments()
    assert "`delete-trigger` in sandbox" in comment["body"]
    assert "sets the label `allow: <rule>`" in comment["body"]

    team.hosted.token(REVIEWER, "User", EVERYTHING)
    team.hosted.label(REVIEWER, "allow: delete-trigger")
    team.hosted.review(REVIEWER)
    _, _, _, tell = proposed(team, "second")
    assert tell.succeeded, tell.said
    [comment] = team.hosted.comments()
    assert "exactly this is deployed" in comment["body"], "edited, and not repeated"
    assert team.trigger()

    before = team.repository.git("rev-parse", "main")
    commit = team.merge()
    context = {"github.sha": commit, "github.event.before": before}
    run = team.runner("deploy", context, on_pull_request=False, commit=commit)
    scope = run.job("deploy.yml", "scope")
    assert (scope.outputs["sandbox"], scope.outputs["pre-production"]) == ("", "")
    plan = run.job("deploy.yml", "plan", **needing(scope), **of_matrix(scope))
    assert plan.succeeded, plan.said
    gate = run.job("deploy.yml", "gate")
    assert gate.succeeded, gate.said
    assert team.trigger(), "nothing is deployed before production is approved"
    chosen = {"inputs.environment": "production", **of_matrix(scope, "production")}
    applied = run.job("apply.yml", "apply", **chosen)
    assert applied.succeeded, applied.said
    assert f"{STACK}: deployed as it was shown" in applied.said
    assert not team.trigger()


def test_a_night_of_drift_opens_an_issue_and_the_next_one_closes_it(team: Team) -> None:
    commit = team.repository.git("rev-parse", "main")

    def night(name: str) -> Ran:
        run = team.runner(name, {"github.sha": commit}, on_pull_request=False, commit=commit)
        return run.job("drift.yml", "drift")

    quiet = night("quiet")
    assert quiet.succeeded, quiet.said
    team.hosted.token(REVIEWER, "User", EVERYTHING)
    assert team.hosted.issues() == []
    before = team.operator.get(TRIGGER)
    team.operator.do("DELETE", TRIGGER)
    found = night("drift")
    assert found.succeeded, found.said
    [issue] = team.hosted.issues()
    assert issue["title"] == "Drift: sandbox"
    assert "trigger `chatgpt-trigger` is gone" in issue["body"]
    again = night("again")
    assert again.succeeded, again.said
    assert [one["number"] for one in team.hosted.issues()] == [issue["number"]]
    team.operator.do("PUT", TRIGGER, json=before)
    mended = night("mended")
    assert f"closed #{issue['number']}" in mended.said, mended.said
    assert team.hosted.issues() == []


HOSTILE = """
import json, os, pathlib, subprocess, urllib.request
found = [json.dumps(dict(os.environ)), os.environ.get("PULUMI_CONFIG", "")]
for words in (["pulumi", "config", "--show-secrets", "--json"], ["pulumi", "stack", "export", "--show-secrets"]):
    done = subprocess.run(words, capture_output=True, text=True)
    found.append(done.stdout + done.stderr)
for file in pathlib.Path(os.environ["PULUMI_BACKEND_URL"].split("?")[0].removeprefix("file://")).rglob("*"):
    found.append(file.read_text(errors="replace") if file.is_file() else "")
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
who = ClientSecretCredential(*(os.environ[f"ARM_{name}"] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")))
try:
    found.append(SecretClient("{vault}", who).get_secret("{secret}").value)
except Exception as error:
    found.append("vault: " + str(error))
pathlib.Path("loot").write_text("\\n".join(found))
"""


def test_a_pull_request_that_looks_for_the_key_finds_none(team: Team) -> None:
    program = team.repository.clone / "__main__.py"
    hostile = HOSTILE.replace("{vault}", VAULT_URL).replace("{secret}", SECRET)
    program.write_text(f"{program.read_text()}\n{hostile}")
    team.branch("A small improvement")
    run = team.pull_request("hostile")
    scope = run.job("pull-request.yml", "scope")
    assert scope.outputs["reviewed"] == "true"
    assert "__main__.py is no stack file" in scope.said
    assert not list(scope.folder.rglob("loot")), "nothing of it ran"
    # A reviewer did not look closely, and let it run.
    preview = run.job("pull-request.yml", "preview", **needing(scope), **of_matrix(scope))
    assert preview.environment == "plan-reviewed"
    assert preview.succeeded, preview.said
    loot = (preview.folder / "loot").read_bytes()
    assert seed.STRANGER_SECRET.encode() in loot, "it did look"
    assert b"vault: (Forbidden)" in loot
    key = newest(team.operator)["value"]
    assert key == seed.VENDOR_KEY
    assert leaks(loot + preview.said.encode(), key) == []


def test_no_job_that_runs_a_proposal_may_write_and_none_stores_a_secret() -> None:
    for file in sorted(WORKFLOWS.glob("*.yml")):
        text = file.read_text()
        assert "secrets." not in text, file.name
        for name, job in yaml.safe_load(text)["jobs"].items():
            held = job["permissions"]
            assert held, f"{file.name}: {name} says what its token may"
            if held.get("id-token") == "write" and "uses" not in job:
                assert "environment" in job, f"{file.name}: {name} has an identity without an environment"
    jobs = yaml.safe_load((WORKFLOWS / "pull-request.yml").read_text())["jobs"]
    assert "id-token" not in json.dumps([jobs["scope"], jobs["tell"]])
    assert "write" not in json.dumps({k: v for k, v in jobs["preview"]["permissions"].items() if k != "id-token"})
