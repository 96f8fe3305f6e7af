"""GitHub and Azure DevOps: one comment, approvals that nobody gives themselves, one issue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from code_hosting import AUTHOR, BUILD, FIRST, REVIEWER, ROBOT, SECOND, OnAzureDevops, OnGithub
from purview_ai.code_hosts.found import code_host
from purview_ai.code_hosts.host import NoPullRequestError, SettingError
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure
    from purview_ai.code_hosts.host import CodeHost

MERGED = "3" * 40


@pytest.fixture
def github(azure: LocalAzure, tmp_path: Path) -> Iterator[OnGithub]:
    """A repository on GitHub."""
    os.environ.update(azure.network())
    with azure.client() as client:
        yield OnGithub(azure, client, tmp_path)


@pytest.fixture
def devops(azure: LocalAzure) -> Iterator[OnAzureDevops]:
    """A repository on Azure DevOps."""
    os.environ.update(azure.network())
    with azure.client() as client:
        yield OnAzureDevops(azure, client)


def host_of(hosted: OnGithub | OnAzureDevops, *, on_pull_request: bool = True, commit: str = FIRST) -> CodeHost:
    """The product's own client, as a pipeline makes it."""
    return code_host(hosted.environment(on_pull_request=on_pull_request, commit=commit))


def test_a_comment_on_github_is_edited_and_not_repeated(github: OnGithub) -> None:
    for number in range(31):
        github.does(AUTHOR, "POST", f"/issues/{github.number}/comments", body=f"Comment {number}")
    forged = "<!-- purview-ai: change -->\nI am the pipeline"
    github.does(AUTHOR, "POST", f"/issues/{github.number}/comments", body=forged)
    host_of(github).put_comment("change", "One")
    host_of(github).put_comment("change", "Two")
    said = github.does(REVIEWER, "GET", f"/issues/{github.number}/comments?per_page=100")
    assert [one["body"] for one in said if one["user"]["login"] == ROBOT] == ["<!-- purview-ai: change -->\nTwo"]
    assert forged in [one["body"] for one in said]


def test_a_comment_on_azure_devops_is_edited_and_not_repeated(devops: OnAzureDevops) -> None:
    devops.say(AUTHOR, "<!-- purview-ai: change -->\nI am the pipeline")
    host_of(devops).put_comment("change", "One")
    host_of(devops).put_comment("change", "Two")
    mine = [one["content"] for one in devops.comments() if one["author"]["uniqueName"] == BUILD]
    assert mine == ["<!-- purview-ai: change -->\nTwo"]


def test_a_label_on_github_counts_with_the_yes_of_whoever_set_it(github: OnGithub) -> None:
    github.label(REVIEWER, "allow: replace-scan")
    assert host_of(github).approvals() == []
    github.review(REVIEWER)
    assert host_of(github).approvals() == ["replace-scan"]
    github.merge(MERGED)
    assert host_of(github, on_pull_request=False, commit=MERGED).approvals() == ["replace-scan"]
    assert host_of(github, on_pull_request=False, commit=SECOND).approvals() == []


def test_nobody_approves_their_own_change_on_github(github: OnGithub) -> None:
    github.label(AUTHOR, "allow: replace-scan")
    github.review(REVIEWER)
    assert host_of(github).approvals() == []


def test_a_workflow_approves_nothing(github: OnGithub) -> None:
    github.label(ROBOT, "allow: replace-scan")
    github.review(ROBOT)
    github.review(REVIEWER)
    assert host_of(github).approvals() == []


def test_an_approval_on_github_is_for_what_was_looked_at(github: OnGithub) -> None:
    github.label(REVIEWER, "allow: replace-scan")
    github.review(REVIEWER)
    github.push(SECOND)
    assert host_of(github).approvals() == []
    github.review(REVIEWER)
    assert host_of(github).approvals() == ["replace-scan"]
    github.review(REVIEWER, "REQUEST_CHANGES")
    assert host_of(github).approvals() == []


def test_an_approval_on_github_is_taken_back_with_its_label(github: OnGithub) -> None:
    github.label(REVIEWER, "allow: replace-scan")
    github.label(REVIEWER, "allow: replace-vault")
    github.label(REVIEWER, "urgent")
    github.review(REVIEWER)
    assert host_of(github).approvals() == ["replace-scan", "replace-vault"]
    github.does(AUTHOR, "DELETE", f"/issues/{github.number}/labels/allow: replace-vault")
    assert host_of(github).approvals() == ["replace-scan"]
    github.label(AUTHOR, "allow: replace-vault")
    assert host_of(github).approvals() == ["replace-scan"], "whoever set it last"


def test_a_comment_on_azure_devops_counts_with_the_vote_of_whoever_wrote_it(devops: OnAzureDevops) -> None:
    devops.say(REVIEWER, "Looks right.\nallow: replace-scan\nallow: replace-vault")
    assert host_of(devops).approvals() == []
    devops.vote(REVIEWER, 5)
    assert host_of(devops).approvals() == ["replace-scan", "replace-vault"]
    devops.merge(MERGED)
    assert host_of(devops, on_pull_request=False, commit=MERGED).approvals() == ["replace-scan", "replace-vault"]
    assert host_of(devops, on_pull_request=False, commit=SECOND).approvals() == []


def test_nobody_and_no_pipeline_approves_their_own_change_on_azure_devops(devops: OnAzureDevops) -> None:
    for person in (AUTHOR, BUILD):
        devops.say(person, "allow: replace-scan")
        devops.vote(person)
    devops.vote(REVIEWER)
    assert host_of(devops).approvals() == []
    devops.say(REVIEWER, "allow: replace-scan")
    assert host_of(devops).approvals() == ["replace-scan"]
    devops.vote(REVIEWER, -5)
    assert host_of(devops).approvals() == []


def test_an_approval_on_azure_devops_is_for_what_was_looked_at(devops: OnAzureDevops) -> None:
    devops.say(REVIEWER, "allow: replace-scan")
    devops.vote(REVIEWER)
    devops.push()
    assert host_of(devops).approvals() == [], "the vote stays, the comment is older than the push"
    devops.say(REVIEWER, "allow: replace-scan")
    assert host_of(devops).approvals() == ["replace-scan"]


def test_an_issue_on_github_is_found_again_and_closed(github: OnGithub) -> None:
    host = host_of(github)
    assert host.issue("drift") is None
    github.does(AUTHOR, "POST", "/issues", title="Mine", body="x", labels=["purview-ai-drift"])
    assert host.issue("drift") is None, "somebody else's"
    opened = host.open_issue("drift", "Drift: contoso", "The vault's firewall is open")
    found = host.issue("drift")
    assert found is not None
    assert found.name == opened.name
    found.update("The vault is gone")
    assert [one["body"] for one in github.issues() if one["user"]["login"] == ROBOT] == ["The vault is gone"]
    found.close("Nothing differs any more.")
    assert host.issue("drift") is None
    assert [one["state_reason"] for one in github.issues("closed")] == ["completed"]


def test_a_work_item_is_found_again_and_closed(devops: OnAzureDevops) -> None:
    host = host_of(devops)
    assert host.issue("drift") is None
    host.open_issue("drift", "Drift: contoso", "The <vault> is open")
    found = host.issue("drift")
    assert found is not None
    assert devops.items() == [int(found.name.removeprefix("#"))]
    found.update("The vault is gone")
    found.close("Nothing differs any more.")
    assert host.issue("drift") is None
    assert devops.items("Done") == []
    other = {**devops.environment(), "DRIFT_WORK_ITEM_TYPE": "Bug"}
    with pytest.raises(RefusedError, match="Work item type Bug does not exist"):
        code_host(other).open_issue("drift", "Drift", "x")


def test_what_a_pipeline_forgot_is_named() -> None:
    with pytest.raises(SettingError, match="neither GITHUB_REPOSITORY nor SYSTEM_COLLECTIONURI is set"):
        code_host({})
    with pytest.raises(SettingError, match="GITHUB_TOKEN not set: give the step env: GITHUB_TOKEN"):
        code_host({"GITHUB_REPOSITORY": "contoso/tenants"})
    with pytest.raises(SettingError, match=r"SYSTEM_ACCESSTOKEN, .* not set: map SYSTEM_ACCESSTOKEN"):
        code_host({"SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/"})
    plain = {"GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "t", "GITHUB_API_URL": "http://ghe.example/api/v3"}
    with pytest.raises(SettingError, match="it must begin with https://"):
        code_host(plain)


@pytest.mark.parametrize("which", ["github", "devops"])
def test_a_run_without_a_pull_request_comments_on_none(which: str, request: pytest.FixtureRequest) -> None:
    hosted: OnGithub | OnAzureDevops = request.getfixturevalue(which)
    with pytest.raises(NoPullRequestError, match="belongs to no pull request"):
        host_of(hosted, on_pull_request=False, commit=SECOND).put_comment("change", "Words")


def test_a_refusal_names_what_was_refused_and_never_the_token(github: OnGithub) -> None:
    unknown = {**github.environment(), "GITHUB_TOKEN": "token-of-nobody"}
    with pytest.raises(RefusedError, match=r"GitHub: 401 .*Bad credentials") as refused:
        code_host(unknown).approvals()
    github.token(ROBOT, "Bot", {"contents": "read"})
    with pytest.raises(RefusedError, match=r"403 .*Resource not accessible by integration"):
        host_of(github).put_comment("change", "Words")
    unreachable = {**github.environment(), "GITHUB_API_URL": "https://api.elsewhere.example"}
    with pytest.raises(UnreachableError, match=r"api\.elsewhere\.example gave no answer") as silent:
        code_host(unreachable).approvals()
    assert "token-of" not in f"{refused.value!r}{refused.value}{silent.value}{code_host(unknown)!r}"


def test_a_cut_connection_makes_no_second_comment(github: OnGithub) -> None:
    github.azure.weather(effect="cut-after", service="github", method="POST", times=1)
    with pytest.raises(UnreachableError):
        host_of(github).put_comment("change", "One")
    host_of(github).put_comment("change", "Two")
    assert [one["body"] for one in github.comments()] == ["<!-- purview-ai: change -->\nTwo"]
