"""GitHub's REST API, as far as pipelines use it: pull requests and issues (docs/facts.md, graph 90).

One repository for each name that a token is for. What happens in git itself and who may do what is told by the admin
endpoint.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import PlainError
from local_azure.store import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.azure import Azure

LONGEST_COMMENT = 65536
NOT_ACCESSIBLE = "Resource not accessible by integration"
_DOCS = "https://docs.github.com/rest"


class GithubToken(Document):
    """A token, kept as a hash: a person's, or that of a workflow's job with the permissions that the job asks for."""

    sha256: str
    login: str
    kind: Literal["User", "Bot"]
    repository: str
    permissions: dict[str, Literal["read", "write"]] = Field(default_factory=dict[str, Literal["read", "write"]])

    @property
    def key(self) -> str:
        """The token's hash."""
        return self.sha256

    def may(self, name: str, level: str) -> bool:
        """Whether it may read or write something; who writes may read."""
        held = self.permissions.get(name)
        return held == "write" or (held == "read" and level == "read")


class Collaborator(Document):
    """Somebody, by what they may do in a repository."""

    repository: str
    login: str
    permission: Literal["admin", "write", "read", "none"]
    """In the words of before there were "maintain", which is write here, and "triage", which is read."""
    address: str = ""
    """Which commits are theirs."""

    @property
    def key(self) -> str:
        """Repository and name."""
        return f"{self.repository}@{self.login}"


class Commit(BaseModel):
    """One commit of a pull request: whose it is stands in addresses."""

    author: str
    committer: str
    message: str = ""


class Entry(BaseModel):
    """A comment or a review."""

    id: int
    login: str
    kind: str
    at: str
    text: str = ""
    state: str = ""
    """Of a review."""
    commit: str = ""
    edited_at: str = ""

    def user(self) -> JsonObject:
        """Who it was."""
        return {"login": self.login, "type": self.kind}


class Ticket(Document):
    """An issue; a pull request is one, too."""

    repository: str
    number: int
    title: str
    body: str = ""
    login: str
    kind: str = "User"
    state: Literal["open", "closed"] = "open"
    reason: str | None = None
    labels: list[str] = Field(default_factory=list[str])
    head: str = ""
    """The newest commit of a pull request; empty for an issue."""
    commits: list[Commit] = Field(default_factory=list[Commit])
    merged_as: str = ""
    """The commit that brought it to the default branch."""
    comments: list[Entry] = Field(default_factory=list[Entry])
    reviews: list[Entry] = Field(default_factory=list[Entry])

    @property
    def key(self) -> str:
        """Repository and number."""
        return f"{self.repository}#{self.number}"

    def shown(self) -> JsonObject:
        """As lists show it."""
        return {
            "number": self.number,
            "title": self.title,
            "body": self.body,
            "state": self.state,
            "state_reason": self.reason,
            "user": {"login": self.login, "type": self.kind},
            "labels": [{"name": name} for name in self.labels],
            **({"pull_request": {"url": f"/pulls/{self.number}"}, "head": {"sha": self.head}} if self.head else {}),
        }


def refusal(status: int, says: str) -> PlainError:
    """A refusal in GitHub's form."""
    return PlainError(status, "", says, {"message": says, "documentation_url": _DOCS, "status": str(status)})


@dataclass(frozen=True)
class Asked:
    """A request, once it is known who sent it."""

    call: Call
    token: GithubToken

    @property
    def azure(self) -> Azure:
        """What the sandbox knows."""
        return self.call.azure

    @property
    def repository(self) -> str:
        """The repository of the path."""
        return f"{self.call.params['owner']}/{self.call.params['repo']}"

    def may(self, level: str, *names: str) -> bool:
        """Whether the token holds one of these permissions."""
        known = any(self.token.may(name, level) for name in names)
        return known or not self.azure.rules.on("github-permissions")

    def need(self, level: str, *names: str) -> None:
        """Refuse a token that holds none of these permissions."""
        if not self.may(level, *names):
            raise refusal(403, NOT_ACCESSIBLE)

    def ticket(self, *, pull: bool = False) -> Ticket:
        """The issue of the path."""
        found = self.azure.store.get(Ticket, f"{self.repository}#{self.call.params['number']}")
        if found is None or (pull and not found.head):
            raise refusal(404, "Not Found")
        return found

    def entry(self, **more: str) -> Entry:
        """What this caller does now."""
        number = int(self.azure.new_id()[:8], 16)
        return Entry(id=number, login=self.token.login, kind=self.token.kind, at=self.azure.now(), **more)

    def keep(self, ticket: Ticket) -> None:
        """Keep what was done to an issue or pull request."""
        self.azure.store.put(ticket)

    def page(self, found: list[JsonObject]) -> Answer:
        """One page: ``per_page`` entries, 30 by default and 100 at most."""
        size = min(int(self.call.query.get("per_page", "30")), 100)
        begin = size * (int(self.call.query.get("page", "1")) - 1)
        return Answer(200, found[begin : begin + size])


def _checked(handle: Callable[[Asked], Answer]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        asked = Asked(call, token_of(call))
        if asked.token.repository.lower() != asked.repository.lower():
            raise refusal(404, "Not Found")
        return handle(asked)

    return answer


def token_of(call: Call) -> GithubToken:
    """Whose token came with a request."""
    _, _, given = call.headers.get("authorization", "").partition(" ")
    digest = hashlib.sha256(given.encode()).hexdigest()
    known = call.azure.store.get(GithubToken, digest)
    if known is None and not call.azure.rules.on("github-token"):
        known = next(iter(call.azure.store.all(GithubToken)), None)
    if known is None:
        raise refusal(401, "Bad credentials")
    return known


def _text(asked: Asked) -> str:
    body = asked.call.body.get("body")
    if not isinstance(body, str) or not body:
        raise refusal(422, "Validation Failed")
    if len(body) > LONGEST_COMMENT and asked.azure.rules.on("github-comment-length"):
        raise refusal(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    return body


def _comment(one: Entry) -> JsonObject:
    return {"id": one.id, "body": one.text, "user": one.user(), "created_at": one.at}


def list_comments(asked: Asked) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/{number}/comments``."""
    asked.need("read", "issues", "pull-requests")
    return asked.page([_comment(one) for one in asked.ticket().comments])


def add_comment(asked: Asked) -> Answer:
    """``POST …/issues/{number}/comments``."""
    asked.need("write", "issues", "pull-requests")
    ticket, said = asked.ticket(), asked.entry(text=_text(asked))
    ticket.comments.append(said)
    asked.keep(ticket)
    return Answer(201, _comment(said))


def change_comment(asked: Asked) -> Answer:
    """``PATCH …/issues/comments/{comment}``: whoever may write may change anybody's."""
    asked.need("write", "issues", "pull-requests")
    wanted = asked.call.params["comment"]
    for ticket in asked.azure.store.all(Ticket):
        for one in ticket.comments:
            if ticket.repository.lower() == asked.repository.lower() and str(one.id) == wanted:
                one.text = _text(asked)
                asked.keep(ticket)
                return Answer(200, _comment(one))
    raise refusal(404, "Not Found")


def list_issues(asked: Asked) -> Answer:
    """``GET …/issues?state=&labels=``: pull requests are among them."""
    asked.need("read", "issues")
    state = asked.call.query.get("state", "open")
    labels = {name for name in asked.call.query.get("labels", "").split(",") if name}
    found = [
        one
        for one in asked.azure.store.all(Ticket)
        if one.repository.lower() == asked.repository.lower()
        and state in ("all", one.state)
        and labels <= set(one.labels)
    ]
    return asked.page([one.shown() for one in reversed(found)])


def add_issue(asked: Asked) -> Answer:
    """``POST …/issues``: labels that are not there come to be."""
    asked.need("write", "issues")
    body = asked.call.body
    numbers = [one.number for one in asked.azure.store.all(Ticket)]
    ticket = Ticket(
        repository=asked.repository,
        number=max(numbers, default=0) + 1,
        title=str(body.get("title") or ""),
        body=_text(asked),
        login=asked.token.login,
        kind=asked.token.kind,
        labels=list(body.get("labels") or []),
    )
    if not ticket.title:
        raise refusal(422, "Validation Failed")
    asked.keep(ticket)
    return Answer(201, ticket.shown())


def change_issue(asked: Asked) -> Answer:
    """``PATCH …/issues/{number}``."""
    asked.need("write", "issues")
    ticket, body = asked.ticket(), asked.call.body
    if "body" in body:
        ticket.body = _text(asked)
    if "title" in body:
        ticket.title = str(body["title"])
    if "state" in body:
        ticket.state, ticket.reason = body["state"], body.get("state_reason")
    asked.keep(ticket)
    return Answer(200, ticket.shown())


def add_review(asked: Asked) -> Answer:
    """``POST …/pulls/{number}/reviews``: nobody approves what is their own."""
    asked.need("write", "pull-requests")
    ticket, event = asked.ticket(pull=True), str(asked.call.body.get("event") or "")
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    if event not in states:
        raise refusal(422, "Unprocessable Entity")
    if event == "APPROVE" and asked.token.login == ticket.login:
        raise refusal(422, "Can not approve your own pull request")
    said = asked.entry(state=states[event], commit=ticket.head, text=str(asked.call.body.get("body") or ""))
    ticket.reviews.append(said)
    asked.keep(ticket)
    return Answer(200, _review(said))


def change_review(asked: Asked) -> Answer:
    """``PUT …/pulls/{number}/reviews/{review}``: whoever may write may change anybody's."""
    asked.need("write", "pull-requests")
    ticket = asked.ticket(pull=True)
    found = _review_of(asked, ticket)
    found.text, found.edited_at = _text(asked), asked.azure.now()
    asked.keep(ticket)
    return Answer(200, _review(found))


def dismiss_review(asked: Asked) -> Answer:
    """``PUT …/pulls/{number}/reviews/{review}/dismissals``."""
    asked.need("write", "pull-requests")
    ticket = asked.ticket(pull=True)
    found = _review_of(asked, ticket)
    found.state = "DISMISSED"
    asked.keep(ticket)
    return Answer(200, _review(found))


def _review_of(asked: Asked, ticket: Ticket) -> Entry:
    for one in ticket.reviews:
        if str(one.id) == asked.call.params["review"]:
            return one
    raise refusal(404, "Not Found")


def _review(one: Entry) -> JsonObject:
    """As REST tells it, which says nothing of changes."""
    return {"id": one.id, "user": one.user(), "body": one.text, "state": one.state, "commit_id": one.commit}


def permission(asked: Asked) -> Answer:
    """``GET …/collaborators/{login}/permission``: each token may ask."""
    login = asked.call.params["login"]
    known = asked.azure.store.get(Collaborator, f"{asked.repository}@{login}")
    return Answer(200, {"permission": known.permission if known else "none", "user": {"login": login}})


def pulls_of_commit(asked: Asked) -> Answer:
    """``GET …/commits/{commit}/pulls``: the one that brought it, or open ones that hold it."""
    asked.need("read", "pull-requests")
    commit = asked.call.params["commit"]
    found = [one for one in asked.azure.store.all(Ticket) if one.head and commit in (one.head, one.merged_as)]
    return asked.page([one.shown() for one in found if one.repository.lower() == asked.repository.lower()])


_REPOSITORY = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPOSITORY}/issues/{{number}}"
_PULL = f"{_REPOSITORY}/pulls/{{number}}"
OPERATIONS = [
    Operation("PATCH", f"{_REPOSITORY}/issues/comments/{{comment}}", _checked(change_comment)),
    Operation("GET", f"{_ISSUE}/comments", _checked(list_comments)),
    Operation("POST", f"{_ISSUE}/comments", _checked(add_comment)),
    Operation("PATCH", _ISSUE, _checked(change_issue)),
    Operation("GET", f"{_REPOSITORY}/issues", _checked(list_issues)),
    Operation("POST", f"{_REPOSITORY}/issues", _checked(add_issue)),
    Operation("POST", f"{_PULL}/reviews", _checked(add_review)),
    Operation("PUT", f"{_PULL}/reviews/{{review}}", _checked(change_review)),
    Operation("PUT", f"{_PULL}/reviews/{{review}}/dismissals", _checked(dismiss_review)),
    Operation("GET", f"{_REPOSITORY}/collaborators/{{login}}/permission", _checked(permission)),
    Operation("GET", f"{_REPOSITORY}/commits/{{commit}}/pulls", _checked(pulls_of_commit)),
]
