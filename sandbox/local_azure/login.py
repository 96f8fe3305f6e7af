"""The login service: OpenID metadata, and tokens for applications and managed identities."""

from __future__ import annotations

import hashlib
from typing import NoReturn

import jwt

from local_azure.call import Answer, Call, Operation
from local_azure.directory import ClientSecret, ServicePrincipal, caller_of, principal_by_app
from local_azure.errors import PlainError
from local_azure.hosts import PURVIEW_AUDIENCE, STORAGE_AUDIENCE
from local_azure.managed_identities import FederatedCredential

_OF_OPENID = ("openid", "offline_access", "profile")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def _refuse(call: Call, status: int, error: str, code: int, says: str) -> NoReturn:
    body = {
        "error": error,
        "error_description": f"AADSTS{code}: {says} Trace ID: {call.request_id} Correlation ID: {call.request_id}",
        "error_codes": [code],
        "trace_id": call.request_id,
        "correlation_id": call.request_id,
    }
    raise PlainError(status, error, says, body)


def _require_tenant(call: Call) -> str:
    tenant = call.params["tenant"].lower()
    if not any(principal.tenant_id == tenant for principal in call.azure.store.all(ServicePrincipal)):
        _refuse(call, 400, "invalid_request", 90002, f"Tenant '{tenant}' not found. Check your tenant ID.")
    return tenant


def openid_configuration(call: Call) -> Answer:
    """``GET /{tenant}/v2.0/.well-known/openid-configuration``."""
    tenant = _require_tenant(call)
    base = f"{call.url}/{tenant}"
    return Answer(
        200,
        {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        },
    )


def instance(call: Call) -> Answer:
    """``GET /common/discovery/instance``: MSAL asks for it when a sign-in failed."""
    login = call.address.cloud.login
    return Answer(
        200,
        {
            "tenant_discovery_endpoint": f"{call.url}/common/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": login, "preferred_cache": login, "aliases": [login]}],
        },
    )


def keys(call: Call) -> Answer:
    """``GET /{tenant}/discovery/v2.0/keys``."""
    return Answer(200, call.azure.signer.public_keys())


def _audience(call: Call, scope: str) -> str:
    # Azure's Go clients ask for OpenID's scopes as well (docs/facts.md, engine 50).
    wanted = next((one for one in scope.split() if one not in _OF_OPENID), "")
    audience = wanted.removesuffix("/.default").rstrip("/")
    cloud = call.address.cloud
    known = (
        *cloud.arm_audiences,
        f"https://{cloud.graph}",
        f"https://{cloud.vault_suffix}",
        PURVIEW_AUDIENCE,
        STORAGE_AUDIENCE,
    )
    if audience not in known:
        says = f"The resource principal named {audience} was not found in the tenant."
        _refuse(call, 400, "invalid_resource", 500011, says)
    return audience


def token(call: Call) -> Answer:
    """``POST /{tenant}/oauth2/v2.0/token`` with a client secret, or a token of another issuer in its place."""
    tenant = _require_tenant(call)
    if not call.azure.is_in(call.address.cloud):
        says = (
            f"The specified tenant '{tenant}' belongs to the National Cloud '{call.azure.cloud.login}'. "
            f"Current cloud instance '{call.address.cloud.login}' does not federate with it."
        )
        _refuse(call, 400, "invalid_request", 90038, says)
    app_id = str(call.body.get("client_id", "")).lower()
    asserted = call.body.get("client_assertion_type") == _ASSERTION_TYPE
    if call.body.get("grant_type") != "client_credentials" or not (asserted or "client_secret" in call.body):
        says = "The sandbox signs applications in with a client secret or a federated token only."
        _refuse(call, 400, "unsupported_grant_type", 70003, says)
    principal = principal_by_app(call.azure, app_id, tenant)
    if principal is None:
        says = f"Application with identifier '{app_id}' was not found in the directory '{tenant}'."
        _refuse(call, 400, "unauthorized_client", 700016, says)
    if asserted:
        _require_federated(call, app_id)
    else:
        _require_secret(call, app_id)
    caller = caller_of(call.azure, principal)
    issued = call.azure.signer.issue(caller, _audience(call, str(call.body.get("scope", ""))))
    return Answer(
        200,
        {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": issued},
    )


def _require_secret(call: Call, app_id: str) -> None:
    digest = hashlib.sha256(str(call.body["client_secret"]).encode()).hexdigest()
    known = call.azure.store.get(ClientSecret, f"{app_id}/{digest}") is not None
    if not known and call.azure.rules.on("client-secret"):
        says = f"Invalid client secret provided for app '{app_id}'."
        _refuse(call, 401, "invalid_client", 7000215, says)


def _require_federated(call: Call, app_id: str) -> None:
    """The token fits one of the application's federated credentials in all three parts (docs/facts.md, graph 111)."""
    try:
        claims = call.azure.signer.vouched(str(call.body.get("client_assertion", "")))
    except jwt.ExpiredSignatureError:
        _refuse(call, 401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
    except jwt.PyJWTError as error:
        _refuse(call, 401, "invalid_client", 50013, f"Assertion failed signature validation. [Reason - {error}.]")
    if not call.azure.rules.on("federated-subject"):
        return
    left = [one for one in call.azure.store.all(FederatedCredential) if one.client_id == app_id]
    left = _fitting(call, [one for one in left if one.issuer == claims["iss"]], 700211, f"issuer '{claims['iss']}'")
    left = _fitting(call, [one for one in left if one.subject == claims["sub"]], 700213, f"subject '{claims['sub']}'")
    _fitting(call, [one for one in left if claims["aud"] in one.audiences], 700212, f"audience '{claims['aud']}'")


def _fitting(call: Call, left: list[FederatedCredential], code: int, presented: str) -> list[FederatedCredential]:
    """Those that are left, of which there must be one."""
    if not left:
        says = (
            f"No matching federated identity record found for presented assertion {presented}. Check your federated "
            "identity credential Subject, Audience and Issuer against the presented assertion. "
            "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
        )
        _refuse(call, 401, "invalid_client", code, says)
    return left


OPERATIONS = [
    Operation("GET", "/common/discovery/instance", instance),
    Operation("GET", "/{tenant}/v2.0/.well-known/openid-configuration", openid_configuration),
    Operation("GET", "/{tenant}/discovery/v2.0/keys", keys),
    Operation("POST", "/{tenant}/oauth2/v2.0/token", token),
]
