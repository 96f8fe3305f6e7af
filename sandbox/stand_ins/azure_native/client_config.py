"""Who the provider is: ``getClientConfig`` reads it from a Graph token (fact 47)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from stand_ins.failures import ProviderError
from stand_ins.sign_in import RETRIES, claims_of
from stand_ins.transport import Request

if TYPE_CHECKING:
    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Values


def client_config(session: Session, patience: Patience) -> Values:
    """The application, its object, its tenant and the subscription."""
    token = session.credential.token(f"{session.cloud.graph}/.default", patience)
    claims = claims_of(token)
    client_id = claims.get("appid") or session.settings.get("clientId", "ARM_CLIENT_ID")
    return {
        "clientId": client_id,
        "objectId": claims.get("oid") or _object_id(session, client_id, token, patience),
        "subscriptionId": session.subscription_id,
        "tenantId": claims.get("tid") or session.settings.get("tenantId", "ARM_TENANT_ID"),
    }


def _object_id(session: Session, client_id: str, token: str, patience: Patience) -> str:
    query = urlencode({"$filter": f"appId eq '{client_id}'"})
    url = f"{session.cloud.graph.rstrip('/')}/v1.0/servicePrincipals?{query}"
    answer = session.transport.send(
        Request("GET", url, headers={"Authorization": f"Bearer {token}"}), RETRIES, patience
    )
    found: list[Values] = answer.json()["value"] if answer.status_code == HTTPStatus.OK else []
    if len(found) != 1:
        msg = (
            "attempting to discover object ID for authenticated service principal with client ID "
            f'"{client_id}": unexpected number of results, expected 1, received {len(found)}'
        )
        raise ProviderError(msg)
    return found[0]["id"]
