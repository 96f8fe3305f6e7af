"""From a pull request to production, a night of drift, and a pull request that looks for the key.

The workflows' own steps, on the real engine. A client secret stands in for each federated token.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from chain.test_keys_of_others import newest
from code_hosting import EVERYTHING, REVIEWER, ROBOT, OnGithub
from drift.storage import LocalStorage
from leaks import leaks
from local_azure import seed
from people import GRAPH
from pipeline_teams import (
    NOT_ANYBODYS,
    STACK,
    commit_on_branch,
    give_readers_a_role,
    merge_branch,
    scans_by_itself,
    team_repository,
)
from purview_ai.settings.pipeline_environments import ENVIRONMENTS
from tenants import CHECKOUT
from whole_chain import SECRET, TRIGGER, USER_READ_ALL, VAULT_URL
from workflows import WORKFLOWS, Ran, Runner, holds, matrix_of, with_uv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person
    from repositories import Repository

PLAN = {"AZURE_CLIENT_ID": seed.STRANGER_APP, "secret": seed.STRANGER_SECRET}
APPLY = {"AZURE_CLIENT_ID": seed.DEPLOYER_APP, "secret": seed.DEPLOYER_SECRET}
NOT_ALL = {"needs.scope.result": "success", "needs.preview.result": "failure"}
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
        theirs = {
            f"{STACK}-plan": PLAN,
            f"{STACK}-plan-reviewed": PLAN,
            f"{STACK}-production": APPLY,
            f"{STACK}-scans": APPLY,
            "grants-plan": PLAN,
            "grants": APPLY,
        }
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
            "github.event.pull_request.base.sha": self.repository.git("merge-base", "main", "change"),
        }
        return self.runner(name, context, on_pull_request=True, commit=base)

    def merge(self) -> str:
        """Merge the branch; the commit that it came as."""
        commit = merge_branch(self.repository)
        self.hosted.merge(commit)
        return commit


@pytest.fixture
def team(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Team:
    """A team whose tenant is deployed."""
    del pulumi_home
    repository = team_repository(tmp_path, azure, operator)
    return Team(tmp_path, repository, OnGithub(azure, operator.client, tmp_path), operator)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[LocalStorage]:
    """Azure Storage."""
    running = LocalStorage.start(tmp_path / "azurite")
    yield running
    running.stop()


@pytest.fixture
def team_on_azblob(
    tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person, storage: LocalStorage
) -> Team:
    """The same team, whose state is in Azure Storage."""
    del pulumi_home
    repository = team_repository(tmp_path, azure, operator, **storage.backend("/team"))
    return Team(tmp_path, repository, OnGithub(azure, operator.client, tmp_path), operator)


def of_matrix(job: Ran, output: str = "stacks") -> dict[str, str]:
    """The one tenant that a scope found, as a matrix job sees it."""
    [one] = matrix_of(job.outputs[output])
    return {f"matrix.{name}": one[name] for name in ("stack", "name", "identity")}


def needing(job: Ran) -> dict[str, str]:
    """What the jobs after a scope see of it."""
    return {f"needs.scope.outputs.{name}": value for name, value in job.outputs.items()}


def proposed(team: Team, name: str) -> tuple[Runner, Ran, Ran, Ran]:
    """All jobs of a pull request's workflow."""
    run = team.pull_request(name)
    scope = run.job("pull-request.yml", "scope")
    assert scope.succeeded, scope.said
    preview = run.job("pull-request.yml", "preview", **needing(scope), **of_matrix(scope))
    ended = {"needs.scope.result": "success", "needs.preview.result": "success" if preview.succeeded else "failure"}
    return run, scope, preview, run.job("pull-request.yml", "tell", **needing(scope), **ended)


def test_a_change_goes_from_a_pull_request_to_production(team_on_azblob: Team, storage: LocalStorage) -> None:
    team = team_on_azblob
    team.repository.change({"sources.chatgpt.scan.enabled": False})
    commit_on_branch(team.repository, "No more incremental scans")
    _, scope, preview, tell = proposed(team, "first")
    assert (scope.outputs["reviewed"], preview.environment) == ("false", f"{STACK}-plan")
    assert preview.succeeded, preview.said
    assert not tell.succeeded
    [comment] = team.hosted.comments()
    assert f"`stop-trigger` in {STACK}" in comment["body"]
    assert f"To let it pass: `allow: stop-trigger {STACK}`" in comment["body"]

    team.hosted.token(REVIEWER, "User", EVERYTHING)
    team.hosted.review(REVIEWER, f"We start them by hand from now on.\nallow: stop-trigger {STACK}")
    run, _, _, tell = proposed(team, "second")
    assert tell.succeeded, tell.said
    [comment] = team.hosted.comments()
    assert "exactly this is deployed" in comment["body"], "edited, and not repeated"
    assert f"**Approved:**\n\n* `stop-trigger` in {STACK}" in comment["body"], "and still told"
    assert "The gate stops" not in comment["body"]
    two = {**needing(scope), "needs.scope.outputs.names": f"{STACK},another"}
    without_one = run.job("pull-request.yml", "tell", **two, **NOT_ALL)
    assert not without_one.succeeded, "the preview of one says nothing of another, which has none"
    assert scans_by_itself(team.operator)

    before = team.repository.git("rev-parse", "main")
    commit = team.merge()
    context = {"github.sha": commit, "github.event.before": before, "inputs.stacks": ""}
    run = team.runner("deploy", context, on_pull_request=False, commit=commit)
    scope = run.job("deploy.yml", "scope")
    assert (scope.outputs["sandbox"], scope.outputs["pre-production"]) == ("", "")
    plan = run.job("deploy.yml", "plan", **needing(scope), **of_matrix(scope))
    assert plan.succeeded, plan.said
    gate = run.job("deploy.yml", "gate", **needing(scope))
    assert gate.succeeded, gate.said
    assert scans_by_itself(team.operator), "nothing is deployed before production is approved"
    chosen = {"inputs.environment": "production", **of_matrix(scope, "production")}

    team.repository.change({"vault.tags": {"owner": "security"}})
    team.repository.commit("Meanwhile")
    late = run.job("apply.yml", "apply", **chosen)
    assert not late.succeeded, "it was approved when main had something newer"
    assert f"{STACK}: origin/main has a newer stacks/Pulumi.{STACK}.yaml" in late.said
    assert scans_by_itself(team.operator)
    team.repository.git("reset", "--quiet", "--hard", commit)
    applied = run.job("apply.yml", "apply", **chosen)
    assert applied.succeeded, applied.said
    assert applied.environment == f"{STACK}-production"
    assert f"{STACK}: deployed as it was shown" in applied.said
    assert not scans_by_itself(team.operator)
    states = [str(name) for name in storage.container().list_blob_names(name_starts_with="team/.pulumi/stacks/")]
    assert any(f"/{STACK}.json" in name for name in states), states
    assert not any(".pulumi/locks/" in str(name) for name in storage.container().list_blob_names())


def test_a_pull_request_that_gives_the_key_back_to_pulumi_does_not_pass(team: Team) -> None:
    team.repository.change({"sources.chatgpt.key.origin": None})
    commit_on_branch(team.repository, "Simpler settings")
    _, scope, preview, tell = proposed(team, "given back")
    assert (scope.outputs["reviewed"], preview.succeeded, tell.succeeded) == ("false", False, False)
    [comment] = team.hosted.comments()
    assert "sources.chatgpt.key.origin = 'config', which is the default" in comment["body"]
    assert "docs/living-with-a-tenant.md#a-key-that-leaves-pulumi" in comment["body"]
    assert "exactly this is deployed" not in comment["body"]


def test_a_night_of_drift_opens_an_issue_and_the_next_one_closes_it(team_on_azblob: Team) -> None:
    team = team_on_azblob
    give_readers_a_role(team.repository, team.operator)
    left_out = f"1 object of {STACK} left out: collection role"
    commit = team.repository.git("rev-parse", "main")

    def night(name: str, *, looks: bool = True) -> Ran:
        run = team.runner(name, {"github.sha": commit}, on_pull_request=False, commit=commit)
        scope = run.job("drift.yml", "scope")
        assert scope.succeeded, scope.said
        if looks:
            found = run.job("drift.yml", "drift", **of_matrix(scope, "identities"))
            assert found.environment == f"{STACK}-plan"
        return run.job("drift.yml", "tell")

    quiet = night("quiet")
    assert quiet.succeeded, quiet.said
    assert f"no drift; {left_out}" in quiet.said
    team.hosted.token(REVIEWER, "User", EVERYTHING)
    assert team.hosted.issues() == []
    before = team.operator.get(TRIGGER)
    team.operator.do("DELETE", TRIGGER)
    found = night("drift")
    assert found.succeeded, found.said
    [issue] = team.hosted.issues()
    assert issue["title"] == f"Drift: {STACK}"
    assert "trigger `chatgpt-trigger` is gone" in issue["body"]
    assert f"**{left_out}.** Whether what was left out differs, nobody knows" in issue["body"]
    assert "it takes Collection Administrator on the collection" in issue["body"]
    again = night("again")
    assert again.succeeded, again.said
    assert [one["number"] for one in team.hosted.issues()] == [issue["number"]]
    team.operator.do("PUT", TRIGGER, json=before)
    dark = night("dark", looks=False)
    assert not dark.succeeded, "whose job failed does not count as without drift"
    assert "drifts does not exist: no job has looked at any stack" in dark.said
    nobody_knows = "nobody knows whether there is drift, 1 of 1 could not wholly be looked at"
    assert f"left #{issue['number']} open: {nobody_knows}" in dark.said
    mended = night("mended")
    assert f"closed #{issue['number']}: no drift; {left_out}" in mended.said, mended.said
    assert team.hosted.issues() == []


def test_the_app_roles_of_an_account_are_given_by_a_workflow_of_their_own(team: Team) -> None:
    folder = team.repository.clone / "grants"
    folder.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(CHECKOUT / "grants" / name, folder)
    example = yaml.safe_load((CHECKOUT / "grants" / "account.example.yaml").read_text())
    example["config"]["azure-native:subscriptionId"] = seed.SUBSCRIPTION
    (folder / "Pulumi.contoso.yaml").write_text(yaml.safe_dump(example))
    commit = team.repository.commit("The grants of the account")
    made = team.repository.command("pulumi", "stack", "select", "--create", "contoso", "--cwd", "grants")
    assert made.code == 0, made.err

    def started(name: str, commit: str, allow: str = "") -> tuple[Runner, Ran]:
        context = {"github.sha": commit, "inputs.stack": "contoso", "inputs.allow": allow}
        run = team.runner(name, context, on_pull_request=False, commit=commit)
        plan = run.job("grants.yml", "plan")
        assert plan.environment == "grants-plan"
        return run, plan

    # This one the grants' own stack gives, and so takes away.
    principals = f"{GRAPH}/v1.0/servicePrincipals"
    held = team.operator.get(f"{principals}/{seed.PURVIEW_IDENTITY}/appRoleAssignments")["value"]
    [names] = [one["id"] for one in held if one["appRoleId"] == USER_READ_ALL]
    team.operator.do("DELETE", f"{principals}/{seed.GRAPH}/appRoleAssignedTo/{names}")
    run, plan = started("grants", commit)
    assert plan.succeeded, plan.said
    again = run.job("grants.yml", "plan")
    assert again.succeeded, again.said
    assert "| contoso | 2 |" in plan.said
    applied = run.job("grants.yml", "apply")
    assert applied.succeeded, applied.said
    assert "contoso: deployed as it was shown" in applied.said

    example["config"]["purview-ai:grants"]["read_users"] = False
    (folder / "Pulumi.contoso.yaml").write_text(yaml.safe_dump(example))
    less = team.repository.commit("Nobody's names any more")
    _, plan = started("less", less)
    assert not plan.succeeded, "nobody has said yes"
    assert "allow: delete-grant contoso" in plan.said
    run, plan = started("approved", less, "more-rights contoso; delete-grant contoso")
    assert plan.succeeded, plan.said
    (folder / "__main__.py").write_text(f"{(folder / '__main__.py').read_text()}\n# Newer\n")
    team.repository.commit("Meanwhile")
    late = run.job("grants.yml", "apply")
    assert not late.succeeded
    assert "contoso: origin/main has a newer __main__.py" in late.said
    team.repository.git("reset", "--quiet", "--hard", less)
    applied = run.job("grants.yml", "apply")
    assert applied.succeeded, applied.said


def test_scans_are_started_for_whichever_tenants_are_chosen(team: Team) -> None:
    commit = team.repository.git("rev-parse", "main")
    run = team.runner("scans", {"github.sha": commit, "inputs.stacks": "cont*"}, on_pull_request=False, commit=commit)
    choose = run.job("scans.yml", "choose")
    assert choose.succeeded, choose.said
    before = team.operator.run_of()
    scan = run.job("scans.yml", "scan", **of_matrix(choose))
    assert scan.succeeded, scan.said
    newest = team.operator.run_of()
    assert newest["id"] != before["id"]
    assert newest["scanLevelType"] == "Incremental"


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
    commit_on_branch(team.repository, "A small improvement")
    run = team.pull_request("hostile")
    scope = run.job("pull-request.yml", "scope")
    assert scope.outputs["reviewed"] == "true"
    assert "__main__.py is no stack file" in scope.said
    assert not list(scope.folder.rglob("loot")), "nothing of it ran"
    # A reviewer did not look closely, and let it run.
    preview = run.job("pull-request.yml", "preview", **needing(scope), **of_matrix(scope))
    assert preview.environment == f"{STACK}-plan-reviewed"
    assert preview.succeeded, preview.said
    loot = (preview.folder / "loot").read_bytes()
    assert seed.STRANGER_SECRET.encode() in loot, "it did look"
    assert b"vault: (Forbidden)" in loot
    key = newest(team.operator)["value"]
    assert key == seed.VENDOR_KEY
    assert leaks(loot + preview.said.encode(), key) == []

    in_the_commands_place = team.repository.clone / "purview-ai" / "__main__.py"
    in_the_commands_place.parent.mkdir()
    in_the_commands_place.write_text("open('loot', 'w').write('settings alone')\n")
    commit_on_branch(team.repository, "Another one")
    scope = team.pull_request("in its place").job("pull-request.yml", "scope")
    assert scope.outputs["reviewed"] == "true", scope.said
    assert not list(scope.folder.rglob("loot")), "nothing of it ran"


def test_no_job_that_runs_a_proposal_may_write_and_none_stores_a_secret() -> None:
    for file in sorted(WORKFLOWS.glob("*.yml")):
        text = file.read_text()
        assert "secrets." not in text, file.name
        for name, job in yaml.safe_load(text)["jobs"].items():
            assert "permissions" in job, f"{file.name}: {name} says what its token may"
            held = job["permissions"]
            if held.get("id-token") == "write" and "uses" not in job:
                assert "environment" in job, f"{file.name}: {name} has an identity without an environment"
    jobs = yaml.safe_load((WORKFLOWS / "pull-request.yml").read_text())["jobs"]
    assert "id-token" not in json.dumps([jobs["scope"], jobs["tell"]])
    assert "write" not in json.dumps({k: v for k, v in jobs["preview"]["permissions"].items() if k != "id-token"})


def test_the_check_of_a_pull_request_is_no_good_where_a_tenant_has_no_preview(team: Team) -> None:
    tell = yaml.safe_load((WORKFLOWS / "pull-request.yml").read_text())["jobs"]["tell"]
    team.repository.git("branch", "change")
    run = team.pull_request("nothing")

    def told(scope: str, names: str) -> tuple[bool, str]:
        outputs = {"needs.scope.outputs.names": names, "needs.scope.outputs.gone": ""}
        asked = {"needs.scope.result": scope, "needs.preview.result": "skipped", **outputs}
        assert holds(tell["if"], asked), "a check that is skipped counts as passed"
        ran = run.job("pull-request.yml", "tell", **asked)
        [comment] = team.hosted.comments()
        return ran.succeeded, comment["body"]

    for scope, names, good, words in (
        ("failure", "", False, "which tenants it touches could not be told"),
        ("skipped", "", False, "a pull request from a fork is not previewed"),
        ("success", "one", False, "There is no preview of one"),
        ("success", "", True, "touches no tenant any more"),
    ):
        succeeded, comment = told(scope, names)
        assert (succeeded, words in comment) == (good, True), comment


def test_an_environment_that_gave_way_to_a_newer_plan_stops_what_comes_after_it() -> None:
    jobs = yaml.safe_load((WORKFLOWS / "deploy.yml").read_text())["jobs"]
    good = {"needs.gate.result": "success", "needs.sandbox.result": "skipped", "needs.pre-production.result": "success"}
    there = {f"needs.scope.outputs.{name}": "one" for name in ("pre-production", "production")}
    for name, before in (("pre-production", "sandbox"), ("production", "sandbox"), ("production", "pre-production")):
        assert holds(jobs[name]["if"], {**good, **there})
        assert not holds(jobs[name]["if"], {**good, **there, f"needs.{before}.result": "cancelled"})


def test_a_deployment_that_leaves_a_tenant_out_ends_badly_and_says_what_to_do(tmp_path: Path) -> None:
    left = yaml.safe_load((WORKFLOWS / "deploy.yml").read_text())["jobs"]["left"]
    assert set(left["needs"]) == {"scope", *ENVIRONMENTS}
    assert holds(left["if"], {}), "whatever became of the others"
    assert "by hand from main" in left["steps"][0]["name"]
    run = Runner(tmp_path, tmp_path, {"PATH": os.environ["PATH"]}, {}, {})

    def good(where: str, result: str, stacks: str = "one") -> bool:
        found = {f"needs.scope.outputs.{one}": stacks if one == where else "" for one in ENVIRONMENTS}
        ended = {f"needs.{one}.result": result if one == where else "skipped" for one in ENVIRONMENTS}
        return run.job("deploy.yml", "left", **found, **ended).succeeded

    for where in ENVIRONMENTS:
        assert good(where, "success")
        assert good(where, "skipped", stacks=""), "nothing was meant"
        assert not any(good(where, result) for result in ("failure", "cancelled", "skipped"))
