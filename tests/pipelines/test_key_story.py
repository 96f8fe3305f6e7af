"""The vendor's key and pipelines: it leaves Pulumi by a pull request, and a new tenant's is put into its new vault.

As docs/living-with-a-tenant.md and docs/pipelines.md have it, by the workflows' own steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from chain.test_keys_of_others import newest, versions
from code_hosting import OnGithub
from docs.pages import fenced
from docs.test_key_that_leaves_pulumi import KEY, SECTION, SETTING, done
from local_azure import seed
from pipeline_teams import STACK, commit_on_branch, may_read
from pipelines.test_github_story import Team
from pipelines.test_rescan_story import done as deployed
from pipelines.test_rescan_story import merge, propose
from repositories import Repository
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person

[YES] = fenced(SECTION, "text")
FIRST_HOUR = (CHECKOUT / "docs" / "pipelines.md").read_text().partition("### The first hour\n")[2]
[PUT] = re.findall(r"az keyvault secret set .*", FIRST_HOUR)
OF_A_PIPELINE: dict[str, Any] = {"protect": None, "tags": {"owner": "security"}, "vault.deployer_access": False}


@pytest.fixture
def team(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person) -> Team:
    """A team whose tenant's key Pulumi would write, and that has deployed nothing."""
    del pulumi_home
    repository = Repository(tmp_path / "tenant", azure, stack=STACK)
    return Team(tmp_path, repository, OnGithub(azure, operator.client, tmp_path), operator)


@pytest.mark.long
def test_a_key_leaves_pulumi_by_a_pull_request_with_one_yes(team: Team) -> None:
    team.repository.change({**OF_A_PIPELINE, "vault.deployer_access": None})
    team.repository.up().must_succeed()
    team.repository.change(OF_A_PIPELINE)
    team.repository.up().must_succeed()
    team.repository.commit("Pulumi keeps the key")
    may_read(team.operator)

    team.repository.set_config({KEY: None})
    leaving = propose(team, 1, {"sources.chatgpt.key": yaml.safe_load(SETTING)["key"]})
    assert not leaving.passes
    assert re.findall(r"To let it pass: `(.*?)`", leaving.comment) == [YES.strip()]
    leaving.approve(YES)
    assert deployed(merge(team).deployed("deploy"))
    assert newest(team.operator)["value"] == seed.VENDOR_KEY
    assert versions(team.operator) == 1
    assert team.operator.run_again()["status"] == "Succeeded"


def test_a_new_tenants_first_deployment_stops_at_the_missing_key_and_goes_on_once_it_is_there(team: Team) -> None:
    may_read(team.operator)
    team.repository.change({**OF_A_PIPELINE, "sources.chatgpt.key": yaml.safe_load(SETTING)["key"]})
    team.repository.set_config({KEY: None})
    commit_on_branch(team.repository, "A new tenant")
    merged = merge(team)
    stopped = merged.deployed("first")
    assert not stopped.succeeded
    said = " ".join(stopped.said.split())
    assert "secret chatgpt-compliance-key was not found in key vault kv-contoso-ai" in said
    assert "key.origin is vault: put the key there, and deploy again. az keyvault secret set" in said
    (team.repository.folder / "key.txt").write_text(seed.VENDOR_KEY)
    done(team.repository, team.operator, PUT)
    assert deployed(merged.deployed("again")), "all jobs, and nobody's yes"
    assert team.operator.run_of()["status"] == "Succeeded"
