"""What to do about Microsoft Graph's refusals."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import PAGE, remedy_by_status

if TYPE_CHECKING:
    from purview_ai.objects.failures import RefusedError


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by its status: Graph's codes say little more."""
    del kind
    if refusal.status == HTTPStatus.FORBIDDEN:
        return (
            "The identity that deploys needs the Graph permissions Application.Read.All and "
            "AppRoleAssignment.ReadWrite.All, with an administrator's consent. Where somebody else gives the app "
            f"roles: grants: expected, which only looks.\n  {PAGE}#app-role-grants"
        )
    text, anchor = remedy_by_status(refusal)
    return f"{text}\n  {PAGE}#{anchor}"


def remedy_for_looking(refusal: RefusedError, kind: str) -> str:
    """The same for who changes nothing."""
    if refusal.status == HTTPStatus.FORBIDDEN:
        return (
            "Who looks needs the Graph permission Application.Read.All, with an administrator's consent.\n"
            f"  {PAGE}#app-role-grants"
        )
    return remedy_for(refusal, kind)
