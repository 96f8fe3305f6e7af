"""Failures of the Data Map, in words that say who, what, why and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

PAGE = "docs/troubleshooting.md"


@dataclass(frozen=True)
class RefusedError(Exception):
    """A service's answer that was not a success."""

    service: str
    """The service in words, as in ``Purview``."""
    status: int
    code: str
    message: str
    request_id: str

    def __str__(self) -> str:
        """The service's own words."""
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.service}: {self.status} {self.code}{request} - {self.message}"


class UnreachableError(Exception):
    """A service gave no answer, or nobody could sign in to ask it."""


class DataMapError(Exception):
    """What a user reads: the object and the action, the service's words, the remedy."""

    def __init__(self, tenant: str, happened: str, because: str, remedy: str) -> None:
        """Three lines; the exception's text is all of them, with a line break in front.

        The break keeps the message together where the engine puts words of its own before it.
        """
        super().__init__(f"\n{tenant}: {happened}\n  {because}\n  {remedy}")


_REMEDIES = {
    "DataSource_Duplicate": (
        (
            "The workspace is already registered under another name. Use that name as the source's key in the "
            "stack file, or another workspace_id."
        ),
        "datasource-duplicate",
    ),
    "OperationNotAllowed": (
        "The service refuses the request's content, not you: check the profile.",
        "profile",
    ),
    "ScanHistory_ActiveRunExist": ("A run of this scan still goes on: wait for it.", "active-run"),
    "AccountProtectedByPrivateEndpoint": (
        "The account answers on its private endpoint only: run from inside its network.",
        "private-endpoint",
    ),
}


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by the service's code first and the status second."""
    text, anchor = _REMEDIES.get(refusal.code) or _by_status(refusal, kind)
    return f"{text}\n  {PAGE}#{anchor}"


def _by_status(refusal: RefusedError, kind: str) -> tuple[str, str]:
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return (
            "The token was not accepted: check the ARM_* variables of the identity that deploys.",
            "sign-in",
        )
    if refusal.status == HTTPStatus.FORBIDDEN:
        return (
            (
                "The identity that deploys needs the roles Data Source Administrator and Data Reader on the "
                "collection (purview.collection)."
            ),
            "purview-roles",
        )
    if refusal.status == HTTPStatus.NOT_FOUND and kind in ("data source", "scan"):
        return (
            "Does the collection exist? Its short name goes into purview.collection.",
            "collection-not-found",
        )
    if refusal.status == HTTPStatus.CONFLICT:
        return "If something still refers to it, remove that first.", "in-use"
    if refusal.status == HTTPStatus.BAD_REQUEST:
        return (
            (
                "If a kind or property is unknown to the service, the connector profile is wrong: correct "
                "sources.<name>.profile in the stack file."
            ),
            "profile",
        )
    return "Run the command again; if it stays, give the request id to Microsoft's support.", "service-errors"
