"""What to do about Graph's refusals, where eDiscovery is at stake."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import PAGE

if TYPE_CHECKING:
    from purview_ai.objects.failures import RefusedError

_LET_IN = (
    "The identity that deploys needs the Graph permission eDiscovery.ReadWrite.All with an administrator's consent, "
    "and once, in Security & Compliance PowerShell: New-ServicePrincipal, Add-RoleGroupMember eDiscoveryManager and "
    "Add-eDiscoveryCaseAdmin. What was given minutes ago may not be seen yet."
)


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by its status: Graph's codes say little more."""
    if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{_LET_IN}\n  {PAGE}#ediscovery-access"
    if refusal.status == HTTPStatus.CONFLICT:
        return (
            f"A {kind} of that name may be there, and the identity that deploys does not see it unless it is an "
            "eDiscovery administrator (Add-eDiscoveryCaseAdmin); or the case has holds, which must be deleted first.\n"
            f"  {PAGE}#ediscovery-access"
        )
    if refusal.status == HTTPStatus.NOT_FOUND:
        return (
            "If somebody removed it, run pulumi refresh, then preview again. Graph's eDiscovery is not in China's "
            f"cloud.\n  {PAGE}#moved-on"
        )
    return f"Run the command again; if it stays, give the request id to Microsoft's support.\n  {PAGE}#service-errors"
