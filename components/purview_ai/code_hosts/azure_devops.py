"""Azure DevOps, as a pipeline's own token reaches it (docs/facts.md, graph 100 to 106, 144 and 145)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from purview_ai.code_hosts.calls import JSON, JSON_PATCH, Calls
from purview_ai.code_hosts.host import TOPIC, Approvals, NoPullRequestError, address, hidden, lines_after, needed
from purview_ai.json_values import is_object, take_from
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from purview_ai.json_values import JsonObject

_VERSION = "7.1"
_COMMENT_LIMIT = 150_000
_YES = 5
"""The vote "approved with suggestions"; 10 is "approved"."""
_ROBOTS = "Build\\"
"""How the unique names of the identities begin that pipelines run as."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_FROM = "map SYSTEM_ACCESSTOKEN: $(System.AccessToken) in the step's env; Azure Pipelines sets the others"


@dataclass(frozen=True)
class WorkItem:
    """A work item that is open."""

    calls: Calls
    number: int
    closed_state: str

    @property
    def name(self) -> str:
        """As people call it."""
        return f"#{self.number}"

    def text(self) -> str:
        """What it says."""
        found = self.calls.send("GET", self._path, **{"api-version": _VERSION})
        return _text_of(str(take_from(found, ("fields", "System.Description")) or ""))

    def update(self, title: str, text: str) -> None:
        """Another title and text in the place of the old ones."""
        self._patch({"System.Title": title, "System.Description": _page(text)})

    def close(self, why: str) -> None:
        """Close it, with a last word."""
        self._patch({"System.State": self.closed_state, "System.History": _page(why)})

    @property
    def _path(self) -> str:
        return f"/_apis/wit/workitems/{self.number}"

    def _patch(self, fields: dict[str, str]) -> None:
        self.calls.send("PATCH", self._path, _patch(fields), kind=JSON_PATCH, **{"api-version": _VERSION})


@dataclass
class AzureDevops:
    """One repository, for one run of a pipeline."""

    calls: Calls
    repository: str
    commit: str
    pull_request: str = ""
    """The number that the pipeline was told."""
    work_item_type: str = "Issue"
    """Of the Basic process; other processes have others."""
    closed_state: str = "Done"
    comment_limit: int = _COMMENT_LIMIT
    how_to_approve: str = (
        "Who may say so is somebody else than the author and than whoever has pushed to it: approve this pull request, "
        "and comment these lines after the newest push; then run this again."
    )

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> AzureDevops:
        """From the variables of an agent; raises :class:`SettingError`."""
        token, collection, project, repository = needed(
            environment,
            "SYSTEM_ACCESSTOKEN",
            "SYSTEM_COLLECTIONURI",
            "SYSTEM_TEAMPROJECT",
            "BUILD_REPOSITORY_ID",
            from_=_FROM,
        )
        base = f"{address('SYSTEM_COLLECTIONURI', collection)}/{project.replace(' ', '%20')}"
        calls = Calls("Azure DevOps", base, {"Accept": JSON, "Authorization": f"Bearer {token}"}, "X-VSS-E2EID")
        return cls(
            calls,
            repository,
            environment.get("BUILD_SOURCEVERSION", ""),
            environment.get("SYSTEM_PULLREQUEST_PULLREQUESTID", ""),
            environment.get("DRIFT_WORK_ITEM_TYPE") or cls.work_item_type,
            environment.get("DRIFT_CLOSED_STATE") or cls.closed_state,
        )

    def put_comment(self, marker: str, text: str, *, only_edit: bool = False) -> None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`. Only a robot's own comment is edited."""
        if not self._number:
            msg = f"commit {self.commit or 'of this run'} belongs to no pull request, so there is none to comment on"
            raise NoPullRequestError(msg)
        body = f"{hidden(marker)}\n{text}"
        for thread in self._threads():
            for comment in _comments(thread):
                if str(comment.get("content") or "").startswith(hidden(marker)) and _is_robot(comment.get("author")):
                    self._send(
                        "PATCH", f"{self._pull}/threads/{thread['id']}/comments/{comment['id']}", {"content": body}
                    )
                    return
        if only_edit:
            return
        comment = {"parentCommentId": 0, "content": body, "commentType": "text"}
        # A thread that is closed asks nobody to resolve it.
        self._send("POST", f"{self._pull}/threads", {"comments": [comment], "status": "closed"})

    def approvals(self, word: str) -> Approvals:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`.

        Labels do not say who set them, so it is a comment of somebody who votes for the change, and one that is newer
        than the newest push: a vote may stay when something is pushed.
        """
        if not self._number:
            return Approvals()
        pull = self._send("GET", self._pull)
        iterations: list[JsonObject] = self._send("GET", f"{self._pull}/iterations")["value"]
        pushed = max((read_moment(one["createdDate"]) or _NEVER for one in iterations), default=_NEVER)
        involved = {str(take_from(pull, ("createdBy", "id"))), *self._who_pushed(iterations)}
        voters = set(_voters(pull))
        said: list[str] = []
        in_vain: list[str] = []
        for comment in self._comments():
            lines = lines_after(word, str(comment.get("content") or ""))
            if not lines or _is_robot(comment.get("author")):
                continue
            if why := _why_not(comment, involved, voters, pushed):
                in_vain.append(f"{take_from(comment, ('author', 'displayName'))} {why}")
            else:
                said += lines
        return Approvals(tuple(said), tuple(dict.fromkeys(in_vain)))

    def _who_pushed(self, iterations: list[JsonObject]) -> Iterator[str]:
        """The ids of those who have pushed since it was opened (docs/facts.md, graph 144)."""
        for one in iterations:
            yield str(take_from(one, ("author", "id")))
            if (number := take_from(one, ("push", "pushId"))) is not None:
                push = self._send("GET", f"/_apis/git/repositories/{self.repository}/pushes/{number}")
                yield str(take_from(push, ("pushedBy", "id")))

    def issue(self, about: str) -> WorkItem | None:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        closed = self.closed_state.replace("'", "''")
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "  # noqa: S608  # quotes are doubled
            f"AND [System.Tags] CONTAINS '{TOPIC}{about}' AND [System.State] <> '{closed}'"
        )
        found = self._send("POST", "/_apis/wit/wiql", {"query": query})["workItems"]
        return self._item(found[0]["id"]) if found else None

    def open_issue(self, about: str, title: str, text: str) -> WorkItem:
        """See :class:`~purview_ai.code_hosts.host.CodeHost`."""
        fields = {"System.Title": title, "System.Description": _page(text), "System.Tags": f"{TOPIC}{about}"}
        path = f"/_apis/wit/workitems/${self.work_item_type.replace(' ', '%20')}"
        return self._item(self._send("POST", path, _patch(fields), kind=JSON_PATCH)["id"])

    def _item(self, number: int) -> WorkItem:
        return WorkItem(self.calls, number, self.closed_state)

    @cached_property
    def _number(self) -> str:
        """The pull request that the run is for, or that brought its commit."""
        if self.pull_request or not self.commit:
            return self.pull_request
        query = {"queries": [{"type": "lastMergeCommit", "items": [self.commit]}]}
        found = self._send("POST", f"/_apis/git/repositories/{self.repository}/pullrequestquery", query)
        return next((str(one["pullRequestId"]) for by in found["results"] for one in by.get(self.commit, ())), "")

    @property
    def _pull(self) -> str:
        return f"/_apis/git/repositories/{self.repository}/pullRequests/{self._number}"

    def _threads(self) -> list[JsonObject]:
        return [one for one in self._send("GET", f"{self._pull}/threads")["value"] if not one.get("isDeleted")]

    def _comments(self) -> Iterator[JsonObject]:
        return (comment for thread in self._threads() for comment in _comments(thread))

    def _send(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Any:
        return self.calls.send(method, path, body, kind=kind, **{"api-version": _VERSION})


def _comments(thread: JsonObject) -> Iterator[JsonObject]:
    """What somebody wrote; not what the host notes by itself."""
    for comment in thread.get("comments") or ():
        if comment.get("commentType") == "text" and not comment.get("isDeleted"):
            yield comment


def _voters(pull: JsonObject) -> Iterator[str]:
    """The ids of the people who vote for it; a group that counts as a reviewer is nobody."""
    for one in pull.get("reviewers") or ():
        if int(one.get("vote") or 0) >= _YES and not one.get("isContainer") and not _is_robot(one):
            yield str(one["id"])


def _why_not(comment: JsonObject, involved: set[str], voters: set[str], pushed: datetime) -> str:
    """Why a comment counts for nothing; empty where it counts."""
    author = str(take_from(comment, ("author", "id")))
    if author in involved:
        return "has a part in this change, and does not approve what is their own."
    if author not in voters:
        return "has not voted for this pull request."
    if (read_moment(comment["publishedDate"]) or pushed) <= pushed:
        return "has said yes before the newest push: a new comment counts."
    return ""


def _is_robot(identity: Any) -> bool:
    return is_object(identity) and str(identity.get("uniqueName", "")).startswith(_ROBOTS)


def _patch(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in fields.items()]


def _page(text: str) -> str:
    """A text as a work item has it, whose description and history are HTML."""
    return f"<pre>{escape(text)}</pre>"


def _text_of(page: str) -> str:
    return unescape(page.strip().removeprefix("<pre>").removesuffix("</pre>"))
