"""Whether the identity of the environment can sign in to each service, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.calls import service
from purview_ai.clouds import PURVIEW_SCOPE
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.objects.failures import UnreachableError

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject

AZURE, GRAPH, PURVIEW = "sign-in.azure", "sign-in.graph", "sign-in.purview"


def links(estate: Estate) -> list[Link]:
    """One for each service."""
    services = (
        (AZURE, "Azure", estate.azure.cloud.arm_scope),
        (GRAPH, "Microsoft Graph", f"https://{estate.azure.cloud.graph}/.default"),
        (PURVIEW, "Purview", PURVIEW_SCOPE),
    )
    return [_link(estate, name, called, scope) for name, called, scope in services]


def _link(estate: Estate, name: str, called: str, scope: str) -> Link:
    def look(link: Link) -> Finding:
        try:
            claims = claims_of(estate, scope)
        except UnreachableError as error:
            if service.OF_ENTRA not in str(error):
                raise
            return link.failed(str(error), "Check the ARM_* variables or azure-native's own settings.")
        who = f"{claims.get('oid', 'somebody')} of tenant {claims.get('tid', 'unknown')}"
        return link.passed("", seen(who, "Entra, the token"))

    return Link(name, f"Sign-in to {called}", look)


def kind_of(claims: JsonObject) -> str:
    """What Azure calls the kind of whoever holds a token, as a role assignment wants it said."""
    return "User" if claims.get("scp") or claims.get("idtyp") == "user" else "ServicePrincipal"


def claims_of(estate: Estate, scope: str) -> JsonObject:
    """What a token says of its holder."""
    return estate.once(f"claims for {scope}", lambda: service.claims_of(estate.credential(), scope))
