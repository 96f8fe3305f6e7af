"""What to do about Microsoft Graph's refusals."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import PAGE

if TYPE_CHECKING:
    from purview_ai.objects.failures import RefusedError


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by its status: Graph's codes say little more."""
    del kind
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        text = "The token was not accepted: check the ARM_* variables of the identity that deploys."
        return f"{text}\n  {PAGE}#sign-in"
    if refusal.status == HTTPStatus.FORBIDDEN:
        return (
            "The identity that deploys needs the Graph permissions Application.Read.All and "
            "AppRoleAssignment.ReadWrite.All, with an administrator's consent. Where somebody else gives the app "
            f"roles: grants: expected, which only looks.\n  {PAGE}#app-role-grants"
        )
    return f"Run the command again; if it stays, give the request id to Microsoft's support.\n  {PAGE}#service-errors"
