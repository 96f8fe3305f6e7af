"""The ChatGPT Enterprise compliance API: keys, workspaces, users and conversations (docs/facts.md, graph 4)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import PlainError
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure


class Conversation(BaseModel):
    """One captured interaction."""

    id: str
    user: str
    created: str
    """ISO 8601, so that times compare as text."""


class Workspace(Document):
    """A ChatGPT Enterprise workspace."""

    id: str
    conversations: list[Conversation]

    @property
    def key(self) -> str:
        """The workspace id."""
        return self.id

    @property
    def users(self) -> list[str]:
        """Everybody who ever said something, in order."""
        return sorted({conversation.user for conversation in self.conversations})


class VendorKey(Document):
    """A compliance API key, kept as a hash, valid for one workspace."""

    sha256: str
    workspace: str
    kind: Literal["compliance", "platform", "admin"] = "compliance"
    """The two others open OpenAI's platform and nothing here."""
    approved: bool = True
    """Whether OpenAI has set the scope that was asked for by mail."""
    revoked: bool = False

    @property
    def key(self) -> str:
        """The key's hash."""
        return self.sha256


def refusal(status: int, code: str, says: str) -> PlainError:
    """A refusal in OpenAI's form."""
    kind = "invalid_request_error"
    return PlainError(status, code, says, {"error": {"message": says, "type": kind, "param": None, "code": code}})


def workspace_for(azure: Azure, key: str, workspace_id: str) -> Workspace:
    """The workspace that a key opens, or the vendor's refusal."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    known = azure.store.get(VendorKey, digest)
    if azure.rules.on("vendor-key") and (known is None or known.revoked):
        raise refusal(401, "invalid_api_key", "Incorrect API key provided.")
    if azure.rules.on("vendor-key-kind") and known is not None and known.kind != "compliance":
        raise refusal(401, "invalid_api_key", "This kind of API key cannot be used with the Compliance API.")
    if azure.rules.on("vendor-scope") and known is not None and not known.approved:
        says = "You have insufficient permissions for this operation. Missing scopes: compliance.read."
        raise refusal(403, "missing_scope", says)
    workspace = azure.store.get(Workspace, workspace_id)
    if workspace is None:
        raise refusal(404, "workspace_not_found", f"No workspace {workspace_id}.")
    if azure.rules.on("vendor-key-of-the-workspace") and known is not None and known.workspace != workspace_id:
        raise refusal(403, "insufficient_permissions", f"This key has no access to workspace {workspace_id}.")
    return workspace


def _workspace(call: Call) -> Workspace:
    _, _, key = call.headers.get("authorization", "").partition(" ")
    return workspace_for(call.azure, key, call.params["workspace"])


def user_id(address: str) -> str:
    """The vendor's own id of somebody: the same in all workspaces, and no address."""
    return f"user-{hashlib.sha256(address.lower().encode()).hexdigest()[:24]}"


def _limit(call: Call) -> int:
    given = call.query.get("limit", "100")
    if not given.isdecimal() or int(given) < 1:
        raise refusal(400, "invalid_request", "The query parameter limit must be a positive number.")
    return int(given)


def _page(call: Call, entries: list[JsonObject]) -> Answer:
    """One page: as many as ``limit`` says, after the one whose id is ``after`` (docs/facts.md, graph 15)."""
    limit, after = _limit(call), call.query.get("after")
    if after:
        ids = [entry["id"] for entry in entries]
        if after not in ids:
            raise refusal(400, "invalid_request", "The query parameter after is not the id of an entry.")
        entries = entries[ids.index(after) + 1 :]
    page = entries[:limit]
    last = page[-1]["id"] if page else None
    return Answer(
        200,
        {"object": "list", "data": page, "last_id": last, "has_more": len(entries) > limit},
    )


def list_users(call: Call) -> Answer:
    """``GET …/users``."""
    users = _workspace(call).users
    return _page(call, [{"object": "compliance.workspace.user", "id": user_id(user), "email": user} for user in users])


def list_conversations(call: Call) -> Answer:
    """``GET …/conversations?since_timestamp=``."""
    since = call.query.get("since_timestamp", "")
    found = [c for c in _workspace(call).conversations if c.created >= since]
    return _page(call, [{"object": "compliance.workspace.conversation", **c.model_dump()} for c in found])


def list_logs(call: Call) -> Answer:
    """``GET …/logs?event_type=&after=``: the files of one kind that ended after a time."""
    workspace = _workspace(call)
    kind, after = call.query.get("event_type", ""), call.query.get("after", "")
    if not _EVENT_TYPE.match(kind):
        raise refusal(400, "invalid_request", "The query parameter event_type is required.")
    if after and not _WITH_ZONE.search(after):
        raise refusal(400, "invalid_request", "The query parameter after must be a time with its zone.")
    # One file a day on which somebody said something; only sign-ins are kept here.
    ends = sorted({f"{c.created[:10]}T23:59:59Z" for c in workspace.conversations}) if kind == "AUTH_LOG" else []
    found = [end for end in ends if end > after]
    limit = _limit(call)
    page = [{"id": f"{kind}-{end[:10]}", "event_type": kind, "end_time": end} for end in found[:limit]]
    last = page[-1]["end_time"] if page else None
    return Answer(200, {"data": page, "has_more": len(found) > limit, "last_end_time": last})


_EVENT_TYPE = re.compile(r"^[A-Z_]+$")
_WITH_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_WORKSPACE = "/v1/compliance/workspaces/{workspace}"
OPERATIONS = [
    Operation("GET", _WORKSPACE + "/users", list_users),
    Operation("GET", _WORKSPACE + "/conversations", list_conversations),
    Operation("GET", _WORKSPACE + "/logs", list_logs),
]
