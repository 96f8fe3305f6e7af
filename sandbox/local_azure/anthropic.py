"""Anthropic's compliance API for Claude Enterprise: keys, activities, organisations (docs/facts.md, graph 4)."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import PlainError
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure

VERSION = "2023-06-01"


class Scope(StrEnum):
    """What a compliance access key may be allowed to do."""

    ACTIVITIES = "read:compliance_activities"
    ORGANISATION = "read:compliance_org_data"
    USERS = "read:compliance_user_data"
    DELETE_USERS = "delete:compliance_user_data"


class KeyKind(StrEnum):
    """The kinds of keys, by what they begin with."""

    COMPLIANCE = "sk-ant-api01-"
    """A compliance access key: what its scopes allow."""
    ADMIN = "sk-ant-admin01-"
    """An administrator's: activities alone."""
    API = "sk-ant-api03-"
    """For the models: nothing of this."""


class ClaudeKey(Document):
    """A key, kept as a hash."""

    sha256: str
    kind: KeyKind
    scopes: list[Scope] = Field(default_factory=list[Scope])
    revoked: bool = False

    @property
    def key(self) -> str:
        """The key's hash."""
        return self.sha256


class Organisation(Document):
    """A Claude Enterprise organisation."""

    id: str
    name: str
    created: str

    @property
    def key(self) -> str:
        """The organisation's UUID."""
        return self.id


class Activity(Document):
    """One line of the activity feed."""

    id: str
    type: str
    created: str
    actor: str

    @property
    def key(self) -> str:
        """The activity's id."""
        return self.id


TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
"""Which ``error.type`` goes with which status; all others are ``api_error``."""


def refusal(status: int, says: str) -> PlainError:
    """A refusal in Anthropic's form."""
    kind = TYPES.get(status, "api_error")
    return PlainError(status, kind, says, {"type": "error", "error": {"type": kind, "message": says}})


def kind_of(key: str) -> KeyKind | None:
    """The kind that a key's beginning tells."""
    return next((kind for kind in KeyKind if key.startswith(kind)), None)


def keep_key(azure: Azure, key: str, scopes: list[Scope], *, revoked: bool = False) -> None:
    """Let the vendor know a key; one of no known kind is nobody's."""
    kind = kind_of(key)
    if kind is not None:
        digest = hashlib.sha256(key.encode()).hexdigest()
        azure.store.put(ClaudeKey(sha256=digest, kind=kind, scopes=scopes, revoked=revoked))


def _require(call: Call, scope: Scope) -> None:
    """Stop a call without a version, and a key that is unknown or may not do this."""
    rules = call.azure.rules
    bearer = call.headers.get("authorization", "").partition(" ")[2]
    sent = call.headers.get("x-api-key") or bearer
    known = call.azure.store.get(ClaudeKey, hashlib.sha256(sent.encode()).hexdigest())
    if rules.on("claude-key") and (known is None or known.revoked):
        raise refusal(401, "invalid x-api-key")
    if rules.on("claude-version") and "anthropic-version" not in call.headers:
        raise refusal(400, "anthropic-version: header is required")
    if known is None:
        return
    kinds = (KeyKind.COMPLIANCE, KeyKind.ADMIN) if scope is Scope.ACTIVITIES else (KeyKind.COMPLIANCE,)
    if rules.on("claude-key-kind") and known.kind not in kinds:
        raise refusal(403, "This API requires a Compliance Access Key.")
    if rules.on("claude-scope") and known.kind is KeyKind.COMPLIANCE and scope not in known.scopes:
        raise refusal(403, f"The key lacks the scope {scope}.")


def _page(call: Call, entries: list[JsonObject]) -> Answer:
    limit = int(call.query.get("limit", "100"))
    page = entries[:limit]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return Answer(200, {"data": page, "has_more": len(entries) > limit, **ends})


def list_activities(call: Call) -> Answer:
    """``GET /v1/compliance/activities``: the feed, newest first."""
    _require(call, Scope.ACTIVITIES)
    found = sorted(call.azure.store.all(Activity), key=lambda one: one.created, reverse=True)
    shown: list[JsonObject] = [
        {"id": one.id, "type": one.type, "created_at": one.created, "actor": {"email_address": one.actor}}
        for one in found
    ]
    return _page(call, shown)


def list_organisations(call: Call) -> Answer:
    """``GET /v1/compliance/organizations``: those of the key."""
    _require(call, Scope.ORGANISATION)
    found = call.azure.store.all(Organisation)
    return Answer(200, {"data": [{"uuid": one.id, "name": one.name, "created_at": one.created} for one in found]})


OPERATIONS = [
    Operation("GET", "/v1/compliance/activities", list_activities),
    Operation("GET", "/v1/compliance/organizations", list_organisations),
]
