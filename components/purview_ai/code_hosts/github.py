"""GitHub, as a workflow's own token reaches it (docs/facts.md, graph 90 to 95 and 140 to 143)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from purview_ai.code_hosts.calls import Calls
from purview_ai.code_hosts.github_reviews import QUERY, Review, reviewed
from purview_ai.code_hosts.host import TOPIC, Approvals, NoPullRequestError, SettingError, address, hidden, needed
from purview_ai.json_values import is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from purview_ai.json_values import JsonObject

_API = "https://api.github.com"
_GRAPHQL = f"{_API}/graphql"
_VERSION = "2022-11-28"
_PAGE = 100
"""The most that a page holds (docs/facts.md, graph 90)."""
_COMMENT_LIMIT = 65536
_PERSON = "User"
_REQUEST_ID = "X-GitHub-Request-Id"
_MAY_WRITE = ("admin", "write")
"""The permissions that are enough; GitHub counts "maintain" as the latter, and "triage" as reading."""


@dataclass(frozen=True)
class GithubIssue:
    """An open issue."""

    calls: Calls
    number: int
    body: str

    @property
    def name(self) -> str:
        """As people call it."""
        return f"#{self.number}"

    def text(self) -> str:
        """What it said when it was found or opened."""
        return self.body

    def update(self, title: str, text: str) -> None:
        """Another title and text in the place of the old ones."""
        self.calls.send("PATCH", f"/issues/{self.number}", {"title": title, "body": text})

    def close(self, why: str) -> None:
        """Close it, with a last word."""
        self.calls.send("POST", f"/issues/{self.number}/comments", {"body": why})
        self.calls.send("PATCH", f"/issues/{self.number}", {"state": "closed", "state_reason": "completed"})


@dataclass
class Github:
    """One repository, for one run of a workflow."""

    calls: Calls
    graphql: Calls
    repository: str
    """As owner/name."""
    event: JsonObject
    """What set the workflow off."""
    commit: str
    """That the workflow runs for."""
    comment_limit: int = _COMMENT_LIMIT
    how_to_approve: str = (
        "Who may say so is somebody else than the author and than whoever has committed to it, and may write to this "
        "repository: approve the newest commit, with these lines in the text of the review; then run this again."
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
        graphql = address("GITHUB_GRAPHQL_URL", environment.get("GITHUB_GRAPHQL_URL") or _GRAPHQL)
        return cls(
            Calls("GitHub", f"{base}/repos/{repository}", headers, _REQUEST_ID),
            Calls("GitHub", graphql, headers, _REQUEST_ID),
            repository,
            _event(environment.get("GITHUB_EVENT_PATH", "")),
            environment.get("GITHUB_SHA", ""),
        )

    def put_comment(self, marker: str, text: str, *, only_edit: bool = False) -> None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`. Only a robot's own comment is edited."""
        if self._number is None:
            msg = f"commit {self.commit or 'of this run'} belongs to no pull request, so there is none to comment on"
            raise NoPullRequestError(msg)
        body = f"{hidden(marker)}\n{text}"
        for comment in self._pages(f"/issues/{self._number}/comments"):
            if str(comment.get("body", "")).startswith(hidden(marker)) and _kind(comment.get("user")) != _PERSON:
                self.calls.send("PATCH", f"/issues/comments/{comment['id']}", {"body": body})
                return
        if not only_edit:
            self.calls.send("POST", f"/issues/{self._number}/comments", {"body": body})

    def approvals(self, word: str) -> Approvals:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`.

        A line stands in the text of a person's newest judgement, which approves the newest commit. They may write to
        the repository, are neither the author nor in a commit, and nobody has changed what they wrote.
        """
        if self._number is None:
            return Approvals()
        owner, _, name = self.repository.partition("/")
        asked = {"query": QUERY, "variables": {"owner": owner, "name": name, "number": self._number}}
        found = reviewed(self.graphql.send("POST", "", asked)["data"]["repository"]["pullRequest"], word)
        if found.too_large:
            return Approvals(not_counted=(f"Nobody's yes counts for this pull request: {found.too_large}.",))
        in_vain = {one: self._why_not(one, found.involved) for one in found.reviews}
        return Approvals(
            tuple(line for one, why in in_vain.items() if not why for line in one.lines),
            tuple(f"{one.login} {why}" for one, why in in_vain.items() if why),
        )

    def _why_not(self, review: Review, involved: frozenset[str]) -> str:
        """Why the lines of a review count for nothing; empty where they count."""
        if review.login in involved:
            return "has a part in this change, and does not approve what is their own."
        if review.edited:
            return "approves in a text that was changed later, by whoever it was: a new review counts."
        if self._permission(review.login) not in _MAY_WRITE:
            return "may not write to this repository."
        return ""

    def _permission(self, login: str) -> str:
        return str(self.calls.send("GET", f"/collaborators/{login}/permission")["permission"])

    def issue(self, about: str) -> GithubIssue | None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        for found in self._pages("/issues", state="open", labels=f"{TOPIC}{about}"):
            if _kind(found.get("user")) != _PERSON and "pull_request" not in found:
                return GithubIssue(self.calls, found["number"], str(found.get("body") or ""))
        return None

    def open_issue(self, about: str, title: str, text: str) -> GithubIssue:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        body = {"title": title, "body": text, "labels": [f"{TOPIC}{about}"]}
        return GithubIssue(self.calls, self.calls.send("POST", "/issues", body)["number"], text)

    @cached_property
    def _number(self) -> int | None:
        """The pull request that the run is for, or that brought its commit."""
        if (number := take_from(self.event, ("pull_request", "number"))) is not None:
            return int(number)
        pulls = self._pages(f"/commits/{self.commit}/pulls") if self.commit else ()
        return next((int(pull["number"]) for pull in pulls), None)

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
