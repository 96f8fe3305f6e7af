"""A pull request on a code host, with the people around it, and the environment that its pipelines get."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_azure.azure_devops import identity_id

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from local_azure.process import LocalAzure

REPOSITORY = "contoso/purview-tenants"
ROBOT = "github-actions[bot]"
AUTHOR, REVIEWER, THIRD = "ada", "grace", "heidi"
FIRST, SECOND = "1" * 40, "2" * 40
EVERYTHING = {"issues": "write", "pull-requests": "write", "contents": "write"}
OF_THE_JOB: dict[str, str] = {"issues": "write", "pull-requests": "write", "contents": "read"}


@dataclass
class OnGithub:
    """A repository on GitHub with one pull request."""

    azure: LocalAzure
    client: httpx.Client
    folder: Path
    number: int = 7
    commits: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def __post_init__(self) -> None:
        """Open the pull request, and give everybody a token."""
        for login in (AUTHOR, REVIEWER, THIRD):
            self.token(login, "User", EVERYTHING)
            self.may(login, "write")
        self.token(ROBOT, "Bot", OF_THE_JOB)
        self.push(FIRST)

    def token(self, login: str, kind: str, permissions: dict[str, str]) -> None:
        """A token of somebody, which is called as they are."""
        self.azure.github(
            token=f"token-of-{login}", login=login, kind=kind, repository=REPOSITORY, permissions=permissions
        )

    def may(self, login: str, permission: str) -> None:
        """What somebody may do in the repository, from now on."""
        self.azure.github(repository=REPOSITORY, login=login, permission=permission, address=address_of(login))

    def push(self, commit: str, author: str = AUTHOR, committer: str = AUTHOR, message: str = "A change") -> None:
        """A commit more, whose author and committer are these."""
        self.commits.append({"author": address_of(author), "committer": address_of(committer), "message": message})
        self.azure.github(
            repository=REPOSITORY,
            number=self.number,
            title="A change",
            login=AUTHOR,
            head=commit,
            commits=self.commits,
        )

    def opened_by(self, login: str) -> None:
        """Say whose pull request it is."""
        self.azure.github(repository=REPOSITORY, number=self.number, title="A change", login=login)

    def merge(self, commit: str) -> None:
        """It is merged as a commit of the default branch."""
        self.azure.github(
            repository=REPOSITORY,
            number=self.number,
            title="A change",
            login=AUTHOR,
            merged_as=commit,
            state="closed",
        )

    def does(self, login: str, method: str, path: str, **body: Any) -> Any:
        """What somebody does through the API."""
        answer = self.client.request(
            method,
            f"https://api.github.com/repos/{REPOSITORY}{path}",
            headers={"authorization": f"Bearer token-of-{login}"},
            json=body or None,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def review(self, login: str, body: str = "", event: str = "APPROVE") -> int:
        """Somebody judges what it is now; the review's number."""
        return int(self.does(login, "POST", f"/pulls/{self.number}/reviews", event=event, body=body)["id"])

    def comments(self) -> list[dict[str, Any]]:
        """All comments on it."""
        return self.does(REVIEWER, "GET", f"/issues/{self.number}/comments")

    def issues(self, state: str = "open") -> list[dict[str, Any]]:
        """The issues that are none of pull requests."""
        found = self.does(REVIEWER, "GET", f"/issues?state={state}")
        return [one for one in found if "pull_request" not in one]

    def environment(self, *, on_pull_request: bool = True, commit: str = FIRST) -> dict[str, str]:
        """What a runner sets."""
        event = self.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": self.number}} if on_pull_request else {}))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": "https://api.github.com",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": commit,
            "GITHUB_TOKEN": f"token-of-{ROBOT}",
        }


def address_of(login: str) -> str:
    """Which commits are somebody's."""
    return f"{login}@contoso.example"


PROJECT = "Purview AI"
BUILD = "Build\\purview-tenants"


@dataclass
class OnAzureDevops:
    """A repository on Azure DevOps with one pull request."""

    azure: LocalAzure
    client: httpx.Client
    number: int = 7
    repository: str = "5c9f6b1e-2c1d-4a57-9c3b-0d6d6c1f9a11"

    def __post_init__(self) -> None:
        """Open the pull request, and give everybody a token."""
        for person in (AUTHOR, REVIEWER, THIRD, BUILD):
            self.azure.devops(token=f"token-of-{person}", person=person, project=PROJECT)
        self.push()

    def push(self, person: str = AUTHOR) -> None:
        """Somebody pushes."""
        self.azure.devops(repository=self.repository, number=self.number, author=AUTHOR, pushed_by=person)

    def merge(self, commit: str) -> None:
        """It is completed as a commit of the default branch."""
        self.azure.devops(repository=self.repository, number=self.number, author=AUTHOR, merged_as=commit)

    def does(self, person: str, method: str, path: str, body: Any = None) -> Any:
        """What somebody does through the API."""
        answer = self.client.request(
            method,
            f"https://dev.azure.com/contoso/{PROJECT}/_apis{path}",
            params={"api-version": "7.1"},
            headers={"authorization": f"Bearer token-of-{person}"},
            json=body,
        )
        assert answer.is_success, answer.text
        return answer.json()

    @property
    def _pull(self) -> str:
        return f"/git/repositories/{self.repository}/pullRequests/{self.number}"

    def say(self, person: str, words: str) -> None:
        """Somebody comments."""
        self.does(person, "POST", f"{self._pull}/threads", {"comments": [{"content": words}]})

    def vote(self, person: str, vote: int = 10) -> None:
        """Somebody votes."""
        self.does(person, "PUT", f"{self._pull}/reviewers/{identity_id(person)}", {"vote": vote})

    def comments(self) -> list[dict[str, Any]]:
        """All comments on it."""
        threads = self.does(REVIEWER, "GET", f"{self._pull}/threads")["value"]
        return [comment for thread in threads for comment in thread["comments"]]

    def items(self, closed: str = "Nowhere") -> list[int]:
        """The work items about drift that are in no such state."""
        query = f"SELECT … WHERE [System.Tags] CONTAINS 'purview-ai-drift' AND [System.State] <> '{closed}'"
        return [one["id"] for one in self.does(REVIEWER, "POST", "/wit/wiql", {"query": query})["workItems"]]

    def titles(self) -> list[str]:
        """Of all work items."""
        found = [self.does(REVIEWER, "GET", f"/wit/workitems/{number}") for number in self.items()]
        return [one["fields"]["System.Title"] for one in found]

    def environment(self, *, on_pull_request: bool = True, commit: str = FIRST) -> dict[str, str]:
        """What an agent sets, with the token that a step maps."""
        number = {"SYSTEM_PULLREQUEST_PULLREQUESTID": str(self.number)} if on_pull_request else {}
        return {
            "TF_BUILD": "True",
            "BUILD_REPOSITORY_ID": self.repository,
            "BUILD_SOURCEVERSION": commit,
            "SYSTEM_ACCESSTOKEN": f"token-of-{BUILD}",
            "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
            "SYSTEM_TEAMPROJECT": PROJECT,
            **number,
        }
