"""Whether the identity of the environment can sign in to each service, and as whom."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from purview_ai.clouds import PURVIEW_SCOPE
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.json_values import is_object
from purview_ai.objects.failures import UnreachableError

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding

AZURE, GRAPH, PURVIEW = "sign-in.azure", "sign-in.graph", "sign-in.purview"
_REFUSED = "AADSTS"
"""In every refusal of Entra's own; without it, nobody was reached."""


def links(estate: Estate) -> list[Link]:
    """One for each service."""
    services = (
        (AZURE, "Azure", estate.azure.cloud.arm_scope),
        (GRAPH, "Microsoft Graph", f"https://{estate.azure.cloud.graph}/.default"),
        (PURVIEW, "Purview", PURVIEW_SCOPE),
    )
    return [_link(estate, name, service, scope) for name, service, scope in services]


def _link(estate: Estate, name: str, service: str, scope: str) -> Link:
    def look(link: Link) -> Finding:
        try:
            claims = claims_of(estate, scope)
        except UnreachableError as error:
            if _REFUSED not in str(error):
                raise
            return link.failed(str(error), "Check the ARM_* variables or azure-native's own settings.")
        who = f"{claims.get('oid', 'somebody')} of tenant {claims.get('tid', 'unknown')}"
        return link.passed(f"as {who}", seen(who, "Entra, the token"))

    return Link(name, f"Sign-in to {service}", look)


def kind_of(claims: dict[str, Any]) -> str:
    """What Azure calls the kind of whoever holds a token, as a role assignment wants it said."""
    return "User" if claims.get("scp") or claims.get("idtyp") == "user" else "ServicePrincipal"


def claims_of(estate: Estate, scope: str) -> dict[str, Any]:
    """What a token says of its holder; nothing of the token itself is kept."""

    def ask() -> dict[str, Any]:
        from azure.core.exceptions import AzureError

        from purview_ai.identity import IdentityError

        try:
            token = estate.credential().get_token(scope).token
        except (AzureError, IdentityError, OSError, ValueError) as error:
            msg = f"signing in failed: {str(error).strip().splitlines()[0]}"
            raise UnreachableError(msg, at_sign_in=True) from error
        try:
            payload = token.split(".")[1]
            claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError):
            return {}
        return claims if is_object(claims) else {}

    return estate.once(f"claims for {scope}", ask)
