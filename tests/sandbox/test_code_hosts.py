"""The sandbox's code hosts: who may do what, and what is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from code_hosting import AUTHOR, BUILD, FIRST, PROJECT, REVIEWER, ROBOT, OnAzureDevops, OnGithub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure


COMMITS = """
query ($number: Int!, $first: Int) {
  repository(owner: "contoso", name: "purview-tenants") {
    pullRequest(number: $number) {
      commits(first: $first) { totalCount nodes { commit { committer { user { login } } } } }
    }
  }
}
"""


@pytest.fixture
def github(azure: LocalAzure, tmp_path: Path) -> Iterator[OnGithub]:
    """A repository on GitHub."""
    with azure.client() as client:
        yield OnGithub(azure, client, tmp_path)


@pytest.fixture
def devops(azure: LocalAzure) -> Iterator[OnAzureDevops]:
    """A repository on Azure DevOps."""
    with azure.client() as client:
        yield OnAzureDevops(azure, client)


def test_github_takes_the_tokens_that_it_knows(github: OnGithub) -> None:
    with pytest.raises(AssertionError, match="Bad credentials"):
        github.does("nobody", "GET", "/issues")


def test_a_workflows_token_does_what_its_job_asked_for(github: OnGithub) -> None:
    github.token(ROBOT, "Bot", {"issues": "read", "pull-requests": "read"})
    assert github.does(ROBOT, "GET", f"/issues/{github.number}/comments") == []
    with pytest.raises(AssertionError, match="Resource not accessible by integration"):
        github.does(ROBOT, "POST", f"/issues/{github.number}/comments", body="Words")


def test_a_comment_that_is_too_long_is_refused(github: OnGithub) -> None:
    path = f"/issues/{github.number}/comments"
    github.does(ROBOT, "POST", path, body="x" * 65536)
    with pytest.raises(AssertionError, match="body is too long"):
        github.does(ROBOT, "POST", path, body="x" * 65537)


def asked(github: OnGithub, login: str, first: int) -> dict[str, Any]:
    """What GraphQL says of the pull request's commits."""
    answer = github.client.post(
        "https://api.github.com/graphql",
        headers={"authorization": f"Bearer token-of-{login}"},
        json={"query": COMMITS, "variables": {"number": github.number, "first": first}},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_list_of_graphql_has_pages(github: OnGithub) -> None:
    github.commits *= 101
    github.push(FIRST)
    pull = asked(github, REVIEWER, 100)["data"]["repository"]["pullRequest"]
    assert (pull["commits"]["totalCount"], len(pull["commits"]["nodes"])) == (102, 100)
    assert pull["commits"]["nodes"][0]["commit"]["committer"] == {"user": {"login": AUTHOR}}
    [refused] = asked(github, REVIEWER, 101)["errors"]
    assert refused["type"] == "EXCESSIVE_PAGINATION"


def test_graphql_refuses_in_a_good_answer(github: OnGithub) -> None:
    github.token(ROBOT, "Bot", {"pull-requests": "read"})
    found = asked(github, ROBOT, 1)
    assert found["data"]["repository"] == {"pullRequest": None}
    assert [(one["type"], one["message"]) for one in found["errors"]] == [
        ("FORBIDDEN", "Resource not accessible by integration")
    ]


def test_nobody_approves_what_is_their_own(github: OnGithub) -> None:
    with pytest.raises(AssertionError, match="Can not approve your own pull request"):
        github.review(AUTHOR)


def test_azure_devops_takes_the_tokens_that_it_knows(devops: OnAzureDevops) -> None:
    with pytest.raises(AssertionError, match="TF400813"):
        devops.does("nobody", "GET", f"/git/repositories/{devops.repository}/pullRequests/{devops.number}")


def test_a_pipeline_that_may_not_contribute_writes_nothing(devops: OnAzureDevops) -> None:
    devops.azure.devops(token=f"token-of-{BUILD}", person=BUILD, project=PROJECT, contributes=False)
    with pytest.raises(AssertionError, match="PullRequestContribute"):
        devops.say(BUILD, "Words")


def test_a_comment_that_is_too_long_is_refused_by_azure_devops(devops: OnAzureDevops) -> None:
    devops.say(BUILD, "x" * 150_000)
    with pytest.raises(AssertionError, match="too long"):
        devops.say(BUILD, "x" * 150_001)
