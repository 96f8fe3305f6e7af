"""GitHub, as a workflow's own token reaches it (docs/facts.md, graph 90 to 95)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from purview_ai.code_hosts.calls import Calls
from purview_ai.code_hosts.host import APPROVAL, TOPIC, NoPullRequestError, SettingError, address, hidden, needed
from purview_ai.json_values import is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from purview_ai.json_values import JsonObject

_API = "https://api.github.com"
_VERSION = "2022-11-28"
_PAGE = 100
"""The most that a page holds (docs/facts.md, graph 90)."""
_COMMENT_LIMIT = 65536
_PERSON = "User"
_JUDGEMENTS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True)
class GithubIssue:
    """An open issue."""

    calls: Calls
    number: int

    @property
    def name(self) -> str:
        """As people call it."""
        return f"#{self.number}"

    def update(self, text: str) -> None:
        """Another text in the place of the old one."""
        self.calls.send("PATCH", f"/issues/{self.number}", {"body": text})

    def close(self, why: str) -> None:
        """Close it, with a last word."""
        self.calls.send("POST", f"/issues/{self.number}/comments", {"body": why})
        self.calls.send("PATCH", f"/issues/{self.number}", {"state": "closed", "state_reason": "completed"})


@dataclass
class Github:
    """One repository, for one run of a workflow."""

    calls: Calls
    event: JsonObject
    """What set the workflow off."""
    commit: str
    """That the workflow runs for."""
    comment_limit: int = _COMMENT_LIMIT
    how_to_approve: str = (
        f"To let it pass, somebody else than the author approves the newest commit and sets the label "
        f"`{APPROVAL}<rule>` for each, such as `{APPROVAL}replace-scan`; then run this again."
    )

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Github:
        """From the variables of a runner; raises :class:`SettingError`."""
        token, repository = needed(
            environment,
            "GITHUB_TOKEN",
            "GITHUB_REPOSITORY",
            from_="give the step env: GITHUB_TOKEN: ${{ github.token }}",
        )
        base = address("GITHUB_API_URL", environment.get("GITHUB_API_URL") or _API)
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": _VERSION,
        }
        calls = Calls("GitHub", f"{base}/repos/{repository}", headers, "X-GitHub-Request-Id")
        return cls(calls, _event(environment.get("GITHUB_EVENT_PATH", "")), environment.get("GITHUB_SHA", ""))

    def put_comment(self, marker: str, text: str) -> None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`. Only a robot's own comment is edited."""
        if self._number is None:
            msg = f"commit {self.commit or 'of this run'} belongs to no pull request, so there is none to comment on"
            raise NoPullRequestError(msg)
        body = f"{hidden(marker)}\n{text}"
        for comment in self._pages(f"/issues/{self._number}/comments"):
            if str(comment.get("body", "")).startswith(hidden(marker)) and _kind(comment.get("user")) != _PERSON:
                self.calls.send("PATCH", f"/issues/comments/{comment['id']}", {"body": body})
                return
        self.calls.send("POST", f"/issues/{self._number}/comments", {"body": body})

    def approvals(self) -> list[str]:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`.

        Whoever set the label counts as long as their own newest judgement approves the newest commit: a label knows
        no commit, and a robot's yes is the yes of whoever wrote the workflow.
        """
        if self._number is None:
            return []
        pull = self.calls.send("GET", f"/pulls/{self._number}")
        labels = {str(label["name"]) for label in pull["labels"]}
        author = str(take_from(pull, ("user", "login")))
        agree = self._who_approves(str(take_from(pull, ("head", "sha"))))
        return [
            label.removeprefix(APPROVAL).strip()
            for label, who in self._who_labelled().items()
            if label in labels and label.startswith(APPROVAL) and who in agree and who != author
        ]

    def issue(self, about: str) -> GithubIssue | None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        for found in self._pages("/issues", state="open", labels=f"{TOPIC}{about}"):
            if _kind(found.get("user")) != _PERSON and "pull_request" not in found:
                return GithubIssue(self.calls, found["number"])
        return None

    def open_issue(self, about: str, title: str, text: str) -> GithubIssue:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        body = {"title": title, "body": text, "labels": [f"{TOPIC}{about}"]}
        return GithubIssue(self.calls, self.calls.send("POST", "/issues", body)["number"])

    @cached_property
    def _number(self) -> int | None:
        """The pull request that the run is for, or that brought its commit."""
        if (number := take_from(self.event, ("pull_request", "number"))) is not None:
            return int(number)
        pulls = self._pages(f"/commits/{self.commit}/pulls") if self.commit else ()
        return next((int(pull["number"]) for pull in pulls), None)

    def _who_approves(self, commit: str) -> set[str]:
        newest: dict[str, JsonObject] = {}
        for review in self._pages(f"/pulls/{self._number}/reviews"):
            if review.get("state") in _JUDGEMENTS and _kind(review.get("user")) == _PERSON:
                newest[review["user"]["login"]] = review
        return {who for who, said in newest.items() if said["state"] == "APPROVED" and said["commit_id"] == commit}

    def _who_labelled(self) -> dict[str, str]:
        """Who set each label last; a robot is nobody."""
        found: dict[str, str] = {}
        for event in self._pages(f"/issues/{self._number}/timeline"):
            if event.get("event") == "labeled":
                person = _kind(event.get("actor")) == _PERSON
                found[str(take_from(event, ("label", "name")))] = event["actor"]["login"] if person else ""
        return found

    def _pages(self, path: str, **query: str) -> Iterator[JsonObject]:
        page = 1
        while True:
            found: list[JsonObject] = self.calls.send("GET", path, per_page=str(_PAGE), page=str(page), **query)
            yield from found
            if len(found) < _PAGE:
                return
            page += 1


def _kind(user: Any) -> str:
    return str(take_from(user, ("type",)))


def _event(file: str) -> JsonObject:
    if not file:
        return {}
    try:
        read: Any = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        msg = f"GITHUB_EVENT_PATH: {file} cannot be read: {error}"
        raise SettingError(msg) from None
    return read if is_object(read) else {}
