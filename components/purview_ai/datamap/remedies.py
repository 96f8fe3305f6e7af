"""What to do about a service's refusal, by its code first and its status second."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import PAGE, remedy_by_status
from purview_ai.objects.failures import AZURE, NO_WORDS

if TYPE_CHECKING:
    from purview_ai.objects.failures import RefusedError

_REMEDIES = {
    "DataSource_Duplicate": (
        (
            "The workspace is already registered under another name. To take that one over: sources.<name>.adopt, "
            "with its names in Purview; or use another workspace_id."
        ),
        "datasource-duplicate",
    ),
    "OperationNotAllowed": (
        "The service refuses the request's content, not you: check the profile.",
        "profile",
    ),
    "ScanHistory_ActiveRunExist": ("A run of this scan still goes on: wait for it.", "active-run"),
    "CollectionNotReady": (
        "The collection is still being made: run the command again in a minute.",
        "patience",
    ),
    "12005": (
        "Something still refers to the collection: move or remove that first.",
        "collection-in-use",
    ),
    "1006": (
        "The collection belongs to the system and cannot be deleted: take it out of the stack file.",
        "collection-in-use",
    ),
    "AccountProtectedByPrivateEndpoint": (
        "The account answers on its private endpoint only: run from inside its network.",
        "private-endpoint",
    ),
}


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by the service's code first and the status second."""
    text, anchor = _REMEDIES.get(refusal.code) or _by_status(refusal, kind)
    return f"{text}\n  {PAGE}#{anchor}"


_NO_TRIGGERS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_ROLES_FOR = {
    "data source": (
        "The identity that deploys needs the roles Data Source Administrator and Data Reader on the collection "
        "(purview.collection); to move something, on the one that it comes from, too. A role that was given minutes "
        "ago may not be seen yet."
    ),
    "collection": (
        "The identity that deploys needs the role Collection Administrator on the parent collection "
        "(purview.collection.parent)."
    ),
    "collection role": (
        "The identity that deploys needs the role Collection Administrator on the collection. With Owner or User "
        "Access Administrator on the account, purview.bootstrap_admin: true makes it one on the root collection."
    ),
}

_ACCOUNT_READER = (
    "The identity needs the role Reader on the Purview account in Azure, where it is asked for the account's address. "
    "A role that was given minutes ago may not be seen yet."
)


def _by_status(refusal: RefusedError, kind: str) -> tuple[str, str]:
    if kind == "trigger" and refusal.status in _NO_TRIGGERS:
        return (
            (
                "If the service names a part of the schedule, correct it under sources.<name>.scan. If this source "
                "takes no trigger, leave out sources.<name>.scan.every and let a pipeline start the runs on a schedule "
                "of its own."
            ),
            "no-trigger",
        )
    if refusal.status == HTTPStatus.FORBIDDEN and refusal.message == NO_WORDS:
        return (
            (
                "The host refuses without a word. If the identity that deploys has its roles on the collection, this "
                "form of host may not let it in: set purview.endpoint to the other one."
            ),
            "bare-403",
        )
    # Of a collection role, Azure may have refused to make the first administrator.
    if refusal.status == HTTPStatus.FORBIDDEN and refusal.service == AZURE and kind != "collection role":
        return _ACCOUNT_READER, "purview-roles"
    if refusal.status == HTTPStatus.FORBIDDEN:
        return _ROLES_FOR.get(kind, _ROLES_FOR["data source"]), "purview-roles"
    return _by_content(refusal, kind)


def _by_content(refusal: RefusedError, kind: str) -> tuple[str, str]:
    """What is wrong is what was asked for, or nobody's fault."""
    if refusal.status == HTTPStatus.NOT_FOUND and kind in ("data source", "scan"):
        return (
            "Does the collection exist? Its short name goes into purview.collection.",
            "collection-not-found",
        )
    if refusal.status == HTTPStatus.CONFLICT:
        return (
            (
                "If something still refers to it, remove that first. What was there before this stack stays, and goes "
                "with destroy once release names it."
            ),
            "in-use",
        )
    if refusal.status == HTTPStatus.BAD_REQUEST:
        return (
            (
                "If a kind or property is unknown to the service, the connector profile is wrong: correct "
                "sources.<name>.profile in the stack file."
            ),
            "profile",
        )
    return remedy_by_status(refusal)
