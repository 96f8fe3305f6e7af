"""GitHub and Azure DevOps: one comment, approvals that nobody gives themselves, one issue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from code_hosting import AUTHOR, BUILD, FIRST, REVIEWER, ROBOT, SECOND, THIRD, OnAzureDevops, OnGithub, address_of
from purview_ai.code_hosts.found import code_host
from purview_ai.code_hosts.host import NoPullRequestError, SettingError
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure
    from purview_ai.code_hosts.host import CodeHost

MERGED = "3" * 40
WORD = "allow: "
YES = (
    "Looks right.\nallow: replace-scan contoso\n  allow: replace-vault contoso, fabrikam\n> allow: delete-scan contoso"
)
LINES = ["replace-scan contoso", "replace-vault contoso, fabrikam"]


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


def said(hosted: OnGithub | OnAzureDevops, *, on_pull_request: bool = True, commit: str = FIRST) -> list[str]:
    """What was said yes to, and counts."""
    return list(host_of(hosted, on_pull_request=on_pull_request, commit=commit).approvals(WORD).said)


def in_vain(hosted: OnGithub | OnAzureDevops) -> str:
    """What is told of those whose yes counts for nothing, where none counts."""
    found = host_of(hosted).approvals(WORD)
    assert found.said == ()
    return " ".join(found.not_counted)


def test_a_comment_on_github_is_edited_and_not_repeated(github: OnGithub) -> None:
    for number in range(31):
        github.does(AUTHOR, "POST", f"/issues/{github.number}/comments", body=f"Comment {number}")
    forged = "<!-- purview-ai: change -->\nI am the pipeline"
    github.does(AUTHOR, "POST", f"/issues/{github.number}/comments", body=forged)
    host_of(github).put_comment("change", "One")
    host_of(github).put_comment("change", "Two")
    comments = github.does(REVIEWER, "GET", f"/issues/{github.number}/comments?per_page=100")
    assert [one["body"] for one in comments if one["user"]["login"] == ROBOT] == ["<!-- purview-ai: change -->\nTwo"]
    assert forged in [one["body"] for one in comments]


def test_a_comment_on_azure_devops_is_edited_and_not_repeated(devops: OnAzureDevops) -> None:
    devops.say(AUTHOR, "<!-- purview-ai: change -->\nI am the pipeline")
    host_of(devops).put_comment("change", "One")
    host_of(devops).put_comment("change", "Two")
    mine = [one["content"] for one in devops.comments() if one["author"]["uniqueName"] == BUILD]
    assert mine == ["<!-- purview-ai: change -->\nTwo"]


def test_a_comment_that_is_only_edited_is_not_made(github: OnGithub, devops: OnAzureDevops) -> None:
    for hosted in (github, devops):
        host_of(hosted).put_comment("change", "Nothing", only_edit=True)
        assert hosted.comments() == []
        host_of(hosted).put_comment("change", "Something")
        host_of(hosted).put_comment("change", "Nothing", only_edit=True)
        [comment] = hosted.comments()
        assert "Nothing" in str(comment)


def test_the_lines_of_an_approving_review_on_github_count(github: OnGithub) -> None:
    github.review(REVIEWER, YES, "COMMENT")
    assert said(github) == []
    github.review(REVIEWER, YES)
    assert said(github) == LINES
    github.merge(MERGED)
    assert said(github, on_pull_request=False, commit=MERGED) == LINES
    assert said(github, on_pull_request=False, commit=SECOND) == []


def test_a_yes_on_github_is_somebodys_newest_word_for_the_newest_commit(github: OnGithub) -> None:
    github.review(REVIEWER, YES)
    github.push(SECOND)
    assert said(github) == []
    number = github.review(REVIEWER, YES)
    assert said(github) == LINES
    github.review(THIRD, "allow: delete-scan contoso")
    github.review(THIRD, event="REQUEST_CHANGES")
    assert said(github) == LINES, "of the other"
    github.does(AUTHOR, "PUT", f"/pulls/{github.number}/reviews/{number}/dismissals", message="No")
    assert said(github) == []
    github.review(REVIEWER, YES)
    github.review(REVIEWER)
    assert said(github) == [], "without the lines"


def test_whoever_is_in_a_commit_approves_nothing_on_github(github: OnGithub) -> None:
    github.review(REVIEWER, YES)
    github.review(THIRD, "allow: delete-scan contoso")
    before = github.commits.copy()
    for commit in (
        {"author": THIRD},
        {"committer": THIRD},
        {"message": f"Ours\n\nCo-authored-by: Heidi <{address_of(THIRD).upper()}>"},
    ):
        github.commits[:] = before
        github.push(FIRST, **commit)
        found = host_of(github).approvals(WORD)
        assert list(found.said) == LINES, "of the other"
        assert found.not_counted == ("heidi has a part in this change, and does not approve what is their own.",)


def test_the_author_and_a_workflow_approve_nothing_on_github(github: OnGithub) -> None:
    github.review(ROBOT, YES)
    assert host_of(github).approvals(WORD).not_counted == ()
    # GitHub lets nobody approve their own pull request, so it is somebody else's for that moment.
    github.commits.clear()
    github.push(FIRST, author=THIRD, committer=THIRD)
    github.opened_by(THIRD)
    github.review(AUTHOR, YES)
    github.opened_by(AUTHOR)
    assert "ada has a part" in in_vain(github)


@pytest.mark.parametrize("permission", ["read", "none"])
def test_who_may_not_write_approves_nothing_on_github(github: OnGithub, permission: str) -> None:
    github.review(REVIEWER, YES)
    github.may(REVIEWER, permission)
    assert "grace may not write to this repository" in in_vain(github)
    github.may(REVIEWER, "admin")
    assert said(github) == LINES


def test_nobody_writes_a_yes_into_anothers_review_on_github(github: OnGithub) -> None:
    number = github.review(REVIEWER, "Looks right.")
    assert said(github) == []
    github.does(AUTHOR, "PUT", f"/pulls/{github.number}/reviews/{number}", body=YES)
    assert "grace approves in a text that was changed later" in in_vain(github)


def test_a_pull_request_that_cannot_wholly_be_looked_at_is_approved_by_nobody(github: OnGithub) -> None:
    github.review(REVIEWER, YES)
    github.commits *= 99
    github.push(FIRST)
    assert said(github) == LINES, "a hundred"
    github.push(FIRST)
    assert "it has more than 100 commits" in in_vain(github)
    github.commits[:] = github.commits[:1]
    github.push(FIRST, message="\n".join(f"Co-authored-by: B <b{number}@b.example>" for number in range(100)))
    assert "has more than 100 authors" in in_vain(github)


def test_a_comment_on_azure_devops_counts_with_the_vote_of_whoever_wrote_it(devops: OnAzureDevops) -> None:
    devops.say(REVIEWER, YES)
    assert "grace has not voted" in in_vain(devops)
    devops.vote(REVIEWER, 5)
    assert said(devops) == LINES
    devops.merge(MERGED)
    assert said(devops, on_pull_request=False, commit=MERGED) == LINES
    assert said(devops, on_pull_request=False, commit=SECOND) == []


def test_nobody_and_no_pipeline_approves_their_own_change_on_azure_devops(devops: OnAzureDevops) -> None:
    for person in (AUTHOR, BUILD):
        devops.say(person, YES)
        devops.vote(person)
    devops.vote(REVIEWER)
    assert in_vain(devops) == "ada has a part in this change, and does not approve what is their own."
    devops.say(REVIEWER, YES)
    assert said(devops) == LINES
    devops.vote(REVIEWER, -5)
    assert said(devops) == []


def test_whoever_has_pushed_approves_nothing_on_azure_devops(devops: OnAzureDevops) -> None:
    devops.push(REVIEWER)
    devops.push()
    for person in (REVIEWER, THIRD):
        devops.say(person, f"allow: replace-scan {person}")
        devops.vote(person)
    found = host_of(devops).approvals(WORD)
    assert found.said == ("replace-scan heidi",)
    assert found.not_counted == ("grace has a part in this change, and does not approve what is their own.",)


def test_an_approval_on_azure_devops_is_for_what_was_looked_at(devops: OnAzureDevops) -> None:
    devops.say(REVIEWER, YES)
    devops.vote(REVIEWER)
    devops.push()
    assert "before the newest push" in in_vain(devops), "the vote stays, the comment is older than the push"
    devops.say(REVIEWER, YES)
    assert said(devops) == LINES


def test_an_issue_on_github_is_found_again_and_closed(github: OnGithub) -> None:
    host = host_of(github)
    assert host.issue("drift") is None
    github.does(AUTHOR, "POST", "/issues", title="Mine", body="x", labels=["purview-ai-drift"])
    assert host.issue("drift") is None, "somebody else's"
    opened = host.open_issue("drift", "Drift: contoso", "The vault's firewall is open")
    found = host.issue("drift")
    assert found is not None
    assert (found.name, found.text()) == (opened.name, "The vault's firewall is open")
    found.update("Drift: fabrikam", "The vault is gone")
    mine = [(one["title"], one["body"]) for one in github.issues() if one["user"]["login"] == ROBOT]
    assert mine == [("Drift: fabrikam", "The vault is gone")]
    found.close("Nothing differs any more.")
    assert host.issue("drift") is None
    assert [one["state_reason"] for one in github.issues("closed")] == ["completed"]


def test_a_work_item_is_found_again_and_closed(devops: OnAzureDevops) -> None:
    host = host_of(devops)
    assert host.issue("drift") is None
    host.open_issue("drift", "Drift: contoso", "The <vault> is open")
    found = host.issue("drift")
    assert found is not None
    assert found.text() == "The <vault> is open"
    assert devops.items() == [int(found.name.removeprefix("#"))]
    found.update("Drift: fabrikam", "The vault is gone")
    assert devops.titles() == ["Drift: fabrikam"]
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
        code_host(unknown).approvals(WORD)
    github.token(ROBOT, "Bot", {"contents": "read"})
    with pytest.raises(RefusedError, match=r"403 .*Resource not accessible by integration"):
        host_of(github).put_comment("change", "Words")
    with pytest.raises(RefusedError, match=r"200 FORBIDDEN .*Resource not accessible by integration"):
        host_of(github).approvals(WORD)
    unreachable = {**github.environment(), "GITHUB_GRAPHQL_URL": "https://api.elsewhere.example"}
    with pytest.raises(UnreachableError, match=r"api\.elsewhere\.example gave no answer") as silent:
        code_host(unreachable).approvals(WORD)
    assert "token-of" not in f"{refused.value!r}{refused.value}{silent.value}{code_host(unknown)!r}"


def test_a_cut_connection_makes_no_second_comment(github: OnGithub) -> None:
    github.azure.weather(effect="cut-after", service="github", method="POST", times=1)
    with pytest.raises(UnreachableError):
        host_of(github).put_comment("change", "One")
    host_of(github).put_comment("change", "Two")
    assert [one["body"] for one in github.comments()] == ["<!-- purview-ai: change -->\nTwo"]
