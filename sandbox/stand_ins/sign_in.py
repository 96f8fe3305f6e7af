"""Signing in: settings from configuration and environment, the cloud, and tokens of an application.

Of the genuine providers' methods (fact 48) the client secret and a federated token are served.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from stand_ins import clouds
from stand_ins.failures import ProviderError
from stand_ins.transport import Request, Retries, json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stand_ins.clouds import Cloud
    from stand_ins.patience import Patience
    from stand_ins.transport import Transport
    from stand_ins.values import Values

_RENEW_BEFORE_S = 300
RETRIES = Retries(most=3, delay=lambda n: min(0.8 * (2**n - 1), 60))
"""The usual ones of Azure's own Go clients."""


@dataclass(frozen=True)
class Settings:
    """A provider's configuration; what it does not name comes from the environment (fact 49)."""

    configured: Mapping[str, str]

    def get(self, name: str, *variables: str) -> str:
        """A setting: configured, even if empty, or of the first variable that is set."""
        if name in self.configured:
            return self.configured[name]
        return next((value for variable in variables if (value := os.environ.get(variable))), "")

    def flag(self, name: str, variable: str) -> bool:
        """A setting that is on only where it says ``true``."""
        return self.get(name, variable) == "true"


def cloud_of(settings: Settings, transport: Transport, patience: Patience) -> Cloud:
    """The cloud to work in; a metadata host comes before the environment's name (fact 50)."""
    host = settings.get("metadataHost", "ARM_METADATA_HOSTNAME")
    if not host:
        return clouds.named(settings.get("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"))
    base = host if "://" in host else f"https://{host}"
    request = Request("GET", f"{base}/metadata/endpoints?api-version=2022-09-01")
    answer = transport.send(request, RETRIES, patience)
    if answer.status_code != HTTPStatus.OK:
        got = f"performing request: expected 200 OK but got {answer.status_code}"
        msg = f"failed to get Azure environment metadata from {base}: {got}"
        raise ProviderError(msg)
    return clouds.described(answer.json())


@dataclass(frozen=True)
class Application:
    """An application, and what it signs in with."""

    tenant_id: str
    client_id: str
    proof: Callable[[Transport, Patience], Mapping[str, str]]
    """As the login service's form has it; asked for anew with each token."""
    method: str
    """The name of the genuine client's credential."""


_NEVER_AGAIN = Retries(most=0, delay=lambda _: 0)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_OTHER_METHODS = (
    ("useDefaultAzureCredential", "ARM_USE_DEFAULT_AZURE_CREDENTIAL"),
    ("clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH"),
)


def application_of(settings: Settings) -> Application:
    """The configured application; raises for methods that are not served, in the genuine order (fact 48)."""
    secret = settings.get("clientSecret", "ARM_CLIENT_SECRET")
    other = [name for name, variable in _OTHER_METHODS if settings.get(name, variable) not in ("", "false")]
    told = None if secret else _federated_token(settings)
    if other or not (secret or told):
        msg = (
            "The stand-in provider signs in with a client secret or a federated token only: set ARM_CLIENT_ID, "
            "ARM_TENANT_ID, and ARM_CLIENT_SECRET, or ARM_USE_OIDC and ARM_OIDC_TOKEN or what GitHub sets"
            f"{f', and unset {other[0]}' if other else ''}."
        )
        raise ProviderError(msg)

    def proof(transport: Transport, patience: Patience) -> Mapping[str, str]:
        if told is None:
            return {"client_secret": secret}
        return {"client_assertion_type": _ASSERTION, "client_assertion": told(transport, patience)}

    return Application(
        tenant_id=required(settings, "Tenant ID", "tenantId", "ARM_TENANT_ID"),
        client_id=required(settings, "Client ID", "clientId", "ARM_CLIENT_ID"),
        proof=proof,
        method="ClientSecretCredential" if secret else "ClientAssertionCredential",
    )


def _federated_token(settings: Settings) -> Callable[[Transport, Patience], str] | None:
    """What gives the token of another issuer, where that is how to sign in (fact 49)."""
    if not settings.flag("useOidc", "ARM_USE_OIDC"):
        return None
    token = settings.get("oidcToken", "ARM_OIDC_TOKEN")
    file = settings.get("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH")
    if token or file:
        # Once: a file that changes later is not read again.
        kept = token or Path(file).read_text().strip()
        return lambda _transport, _patience: kept
    url = settings.get("oidcRequestUrl", "ACTIONS_ID_TOKEN_REQUEST_URL")
    asks_with = settings.get("oidcRequestToken", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not (url and asks_with):
        return None
    audience = settings.get("oidcAudience", "ARM_OIDC_AUDIENCE") or "api://AzureADTokenExchange"
    query = urlencode({**dict(parse_qsl(urlsplit(url).query)), "audience": audience})
    headers = {"Accept": "application/json", "Authorization": f"Bearer {asks_with}"}
    request = Request("GET", urlsplit(url)._replace(query=query).geturl(), headers)
    return lambda transport, patience: _asked_for(request, transport, patience)


def _asked_for(request: Request, transport: Transport, patience: Patience) -> str:
    """The token that GitHub gives a job (graph 172)."""
    answer = transport.send(request, _NEVER_AGAIN, patience)
    if not answer.is_success:
        msg = f"GitHub OIDC: {answer.status_code} with response: {answer.text}"
        raise ProviderError(msg)
    return str(json_object(answer).get("value", ""))


def required(settings: Settings, what: str, name: str, variable: str) -> str:
    """A setting without which a client secret is of no use (fact 48)."""
    value = settings.get(name, variable)
    if not value:
        msg = f"A {what} must be configured when authenticating as a Service Principal using a Client Secret."
        raise ProviderError(msg)
    return value


class Credential:
    """Tokens of one application, each kept until shortly before it expires."""

    def __init__(self, application: Application, cloud: Cloud, transport: Transport) -> None:
        """Ask for nothing yet."""
        self._application = application
        self._url = f"{cloud.login}/{application.tenant_id}/oauth2/v2.0/token"
        self._transport = transport
        self._kept: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def token(self, scope: str, patience: Patience) -> str:
        """An access token for this scope."""
        with self._lock:
            token, expires = self._kept.get(scope, ("", 0.0))
            if time.monotonic() >= expires:
                token, lifetime = self._ask(scope, patience)
                self._kept[scope] = (token, time.monotonic() + lifetime - _RENEW_BEFORE_S)
            return token

    def _ask(self, scope: str, patience: Patience) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._application.client_id,
            **self._application.proof(self._transport, patience),
            "scope": scope,
        }
        request = Request(
            "POST",
            self._url,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
        )
        answer = self._transport.send(request, RETRIES, patience)
        if answer.is_error:
            says = json_object(answer).get("error_description", "")
            msg = f"{self._application.method} authentication failed. {answer.status_code} {says}".rstrip()
            raise ProviderError(msg)
        granted = answer.json()
        return granted["access_token"], granted["expires_in"]


def claims_of(token: str) -> Values:
    """What a token says; its signature is its audience's business."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
