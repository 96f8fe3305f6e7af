"""Azure DevOps's REST API, as far as pipelines use it: pull requests and work items (docs/facts.md, graph 100).

What happens in git itself is told by the admin endpoint.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from local_azure.call import Answer, Call, JsonObject, Operation, objects
from local_azure.errors import PlainError
from local_azure.store import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.azure import Azure

LONGEST_COMMENT = 150_000
VERSIONS = ("7.0", "7.1")


class DevopsToken(Document):
    """A token, kept as a hash: whose it is, and in which project."""

    sha256: str
    person: str
    """The unique name; pipelines run as one that begins with ``Build\\``."""
    project: str
    contributes: bool = True
    """Whether it may write to pull requests and work items."""

    @property
    def key(self) -> str:
        """The token's hash."""
        return self.sha256


class Remark(BaseModel):
    """A comment of a thread."""

    id: int
    person: str
    content: str
    at: str
    kind: str = "text"


class Thread(BaseModel):
    """Comments on a pull request that belong together."""

    id: int
    status: str
    comments: list[Remark]


class Push(BaseModel):
    """One push to the branch of a pull request."""

    number: int
    person: str
    at: str


class DevopsPull(Document):
    """A pull request."""

    repository: str
    number: int
    author: str
    votes: dict[str, int] = Field(default_factory=dict[str, int])
    """By unique name."""
    pushes: list[Push] = Field(default_factory=list[Push])
    """Each makes an iteration."""
    merged_as: str = ""
    threads: list[Thread] = Field(default_factory=list[Thread])

    @property
    def key(self) -> str:
        """Repository and number."""
        return f"{self.repository}!{self.number}"


class WorkItem(Document):
    """A work item."""

    project: str
    number: int
    type: str
    fields: dict[str, str]

    @property
    def key(self) -> str:
        """Its number."""
        return str(self.number)


STATES = {"Issue": ("To Do", "Doing", "Done"), "Task": ("To Do", "Doing", "Done"), "Epic": ("To Do", "Doing", "Done")}
"""Of the Basic process, the first one is that of a new item."""


def refusal(status: int, type_key: str, says: str) -> PlainError:
    """A refusal in the form of Azure DevOps."""
    body = {"$id": "1", "innerException": None, "message": says, "typeKey": type_key, "errorCode": 0, "eventId": 3000}
    return PlainError(status, type_key, says, body)


def identity(person: str) -> JsonObject:
    """Somebody, as answers name them."""
    return {"id": identity_id(person), "uniqueName": person, "displayName": person}


def identity_id(person: str) -> str:
    """A GUID that stays the same."""
    digest = hashlib.sha256(person.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


@dataclass(frozen=True)
class _Asked:
    """A request, once it is known who sent it."""

    call: Call
    token: DevopsToken

    @property
    def azure(self) -> Azure:
        return self.call.azure

    @property
    def pull(self) -> DevopsPull:
        repository, number = self.call.params["repository"], self.call.params["number"]
        found = self.azure.store.get(DevopsPull, f"{repository}!{number}")
        if found is None:
            says = f"TF401180: The requested pull request was not found. {number}"
            raise refusal(404, "GitPullRequestNotFoundException", says)
        return found

    def contributes(self) -> None:
        """Refuse whoever may only read."""
        if self.azure.rules.on("devops-contributes") and not self.token.contributes:
            says = "TF401027: You need the Git 'PullRequestContribute' permission to perform this action."
            raise refusal(403, "GitNeedsPermissionException", says)

    def number(self) -> int:
        return int(self.azure.new_id()[:6], 16)


def _checked(handle: Callable[[_Asked], Answer]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        _, _, given = call.headers.get("authorization", "").partition(" ")
        known = call.azure.store.get(DevopsToken, hashlib.sha256(given.encode()).hexdigest())
        if known is None and not call.azure.rules.on("devops-token"):
            known = next(iter(call.azure.store.all(DevopsToken)), None)
        if known is None or known.project.lower() != call.params["project"].lower():
            says = "TF400813: The user is not authorized to access this resource."
            raise refusal(401, "UnauthorizedRequestException", says)
        if call.query.get("api-version") not in VERSIONS:
            says = "No api-version was supplied, or it is not supported."
            raise refusal(400, "VssVersionNotSpecifiedException", says)
        return handle(_Asked(call, known))

    return answer


def _told(thread: Thread) -> JsonObject:
    return {
        "id": thread.id,
        "status": thread.status,
        "isDeleted": False,
        "comments": [
            {
                "id": one.id,
                "parentCommentId": 0,
                "author": identity(one.person),
                "content": one.content,
                "publishedDate": one.at,
                "commentType": one.kind,
            }
            for one in thread.comments
        ],
    }


def _content(asked: _Asked, content: object) -> str:
    if not isinstance(content, str) or not content:
        raise refusal(400, "InvalidArgumentValueException", "A comment has words.")
    if len(content) > LONGEST_COMMENT and asked.azure.rules.on("devops-comment-length"):
        raise refusal(400, "InvalidArgumentValueException", "The comment is too long.")
    return content


def list_threads(asked: _Asked) -> Answer:
    """``GET …/pullRequests/{number}/threads``."""
    found = [_told(one) for one in asked.pull.threads]
    return Answer(200, {"count": len(found), "value": found})


def add_thread(asked: _Asked) -> Answer:
    """``POST …/pullRequests/{number}/threads``."""
    asked.contributes()
    pull = asked.pull
    said = [
        Remark(
            id=number,
            person=asked.token.person,
            content=_content(asked, one.get("content")),
            at=asked.azure.now(),
        )
        for number, one in enumerate(objects(asked.call.body, "comments"), start=1)
    ]
    made = Thread(id=asked.number(), status=str(asked.call.body.get("status") or "active"), comments=said)
    pull.threads.append(made)
    asked.azure.store.put(pull)
    return Answer(200, _told(made))


def change_comment(asked: _Asked) -> Answer:
    """``PATCH …/threads/{thread}/comments/{comment}``: nobody changes another's."""
    asked.contributes()
    pull, params = asked.pull, asked.call.params
    for thread in pull.threads:
        for one in thread.comments:
            if (str(thread.id), str(one.id)) == (params["thread"], params["comment"]):
                if one.person != asked.token.person:
                    says = "TF401027: You need the Git 'PullRequestContribute' permission to perform this action."
                    raise refusal(403, "GitNeedsPermissionException", says)
                one.content = _content(asked, asked.call.body.get("content"))
                asked.azure.store.put(pull)
                return Answer(200, {"id": one.id, "content": one.content})
    raise refusal(404, "GitPullRequestCommentThreadNotFoundException", "There is no such comment.")


def get_pull(asked: _Asked) -> Answer:
    """``GET …/pullRequests/{number}``."""
    pull = asked.pull
    reviewers = [{**identity(person), "vote": vote, "isContainer": False} for person, vote in pull.votes.items()]
    return Answer(200, {"pullRequestId": pull.number, "createdBy": identity(pull.author), "reviewers": reviewers})


def vote(asked: _Asked) -> Answer:
    """``PUT …/pullRequests/{number}/reviewers/{reviewer}``: everybody votes for themselves."""
    asked.contributes()
    if asked.call.params["reviewer"] != identity_id(asked.token.person):
        raise refusal(403, "GitNeedsPermissionException", "Nobody votes for another.")
    pull = asked.pull
    pull.votes[asked.token.person] = int(asked.call.body.get("vote") or 0)
    asked.azure.store.put(pull)
    return Answer(200, {**identity(asked.token.person), "vote": pull.votes[asked.token.person]})


def iterations(asked: _Asked) -> Answer:
    """``GET …/pullRequests/{number}/iterations``.

    Each is said to be by whoever opened the pull request (docs/facts.md, assumed 141).
    """
    author = identity(asked.pull.author)
    found = [
        {"id": number, "author": author, "createdDate": one.at, "push": {"pushId": one.number}}
        for number, one in enumerate(asked.pull.pushes, start=1)
    ]
    return Answer(200, {"count": len(found), "value": found})


def get_push(asked: _Asked) -> Answer:
    """``GET …/pushes/{push}``."""
    wanted, repository = asked.call.params["push"], asked.call.params["repository"].lower()
    for pull in asked.azure.store.all(DevopsPull):
        for one in pull.pushes:
            if pull.repository.lower() == repository and str(one.number) == wanted:
                return Answer(200, {"pushId": one.number, "pushedBy": identity(one.person), "date": one.at})
    says = f"TF401175: The version descriptor for push {wanted} could not be resolved."
    raise refusal(404, "GitPushNotFoundException", says)


def query_pulls(asked: _Asked) -> Answer:
    """``POST …/pullrequestquery``: the pull requests that brought commits."""
    results: list[JsonObject] = []
    for query in objects(asked.call.body, "queries"):
        commits: list[str] = query.get("items") or []
        found: JsonObject = {}
        for one in asked.azure.store.all(DevopsPull):
            if one.merged_as in commits and one.repository.lower() == asked.call.params["repository"].lower():
                found.setdefault(one.merged_as, []).append({"pullRequestId": one.number})
        results.append(found)
    return Answer(200, {"queries": asked.call.body.get("queries"), "results": results})


_TAGGED = re.compile(r"\[System\.Tags\] CONTAINS '([^']*)'")
_NOT_IN = re.compile(r"\[System\.State\] <> '([^']*)'")


def find_items(asked: _Asked) -> Answer:
    """``POST …/wit/wiql``, for a query by tag and state."""
    query = str(asked.call.body.get("query") or "")
    tagged, not_in = _TAGGED.search(query), _NOT_IN.search(query)
    if tagged is None or not_in is None:
        raise refusal(400, "WorkItemTrackingQueryException", "The sandbox takes a query by tag and state only.")
    found = [
        {"id": one.number}
        for one in asked.azure.store.all(WorkItem)
        if tagged[1] in one.fields.get("System.Tags", "").split("; ") and one.fields["System.State"] != not_in[1]
    ]
    return Answer(200, {"queryType": "flat", "workItems": found})


def add_item(asked: _Asked) -> Answer:
    """``POST …/wit/workitems/${type}`` with a JSON Patch."""
    asked.contributes()
    kind = asked.call.params["type"]
    if kind not in STATES:
        says = f"VS402323: Work item type {kind} does not exist in project {asked.token.project}."
        raise refusal(404, "WorkItemTypeNotFoundException", says)
    numbers = [one.number for one in asked.azure.store.all(WorkItem)]
    made = WorkItem(
        project=asked.token.project,
        number=max(numbers, default=0) + 1,
        type=kind,
        fields={"System.State": STATES[kind][0]},
    )
    return _patched(asked, made)


def get_item(asked: _Asked) -> Answer:
    """``GET …/wit/workitems/{number}``."""
    found = _item(asked)
    return Answer(200, {"id": found.number, "fields": found.fields})


def change_item(asked: _Asked) -> Answer:
    """``PATCH …/wit/workitems/{number}`` with a JSON Patch."""
    asked.contributes()
    return _patched(asked, _item(asked))


def _item(asked: _Asked) -> WorkItem:
    found = asked.azure.store.get(WorkItem, asked.call.params["number"])
    if found is None:
        says = f"TF401232: Work item {asked.call.params['number']} does not exist."
        raise refusal(404, "WorkItemUnauthorizedAccessException", says)
    return found


def _patched(asked: _Asked, item: WorkItem) -> Answer:
    for one in objects(asked.call.body, "patch"):
        name, value = str(one.get("path")).removeprefix("/fields/"), str(one.get("value"))
        if one.get("op") != "add" or (name == "System.State" and value not in STATES[item.type]):
            says = f"TF401320: Rule Error for field {name}. Error code: HasValues, LimitedToValues, InvalidNotOldValue."
            raise refusal(400, "RuleValidationException", says)
        item.fields[name] = value
    asked.azure.store.put(item)
    return Answer(200, {"id": item.number, "fields": item.fields})


_PROJECT = "/{organization}/{project}/_apis"
_GIT = f"{_PROJECT}/git/repositories/{{repository}}"
_PULL = f"{_GIT}/pullRequests/{{number}}"
OPERATIONS = [
    Operation("GET", f"{_PULL}/threads", _checked(list_threads)),
    Operation("POST", f"{_PULL}/threads", _checked(add_thread)),
    Operation("PATCH", f"{_PULL}/threads/{{thread}}/comments/{{comment}}", _checked(change_comment)),
    Operation("GET", f"{_PULL}/iterations", _checked(iterations)),
    Operation("GET", f"{_GIT}/pushes/{{push}}", _checked(get_push)),
    Operation("PUT", f"{_PULL}/reviewers/{{reviewer}}", _checked(vote)),
    Operation("GET", _PULL, _checked(get_pull)),
    Operation("POST", f"{_GIT}/pullrequestquery", _checked(query_pulls)),
    Operation("POST", f"{_PROJECT}/wit/wiql", _checked(find_items)),
    Operation("POST", f"{_PROJECT}/wit/workitems/${{type}}", _checked(add_item)),
    Operation("GET", f"{_PROJECT}/wit/workitems/{{number}}", _checked(get_item)),
    Operation("PATCH", f"{_PROJECT}/wit/workitems/{{number}}", _checked(change_item)),
]
