"""One identity for all providers: the settings that azure-native and azuread sign in with, used for Purview too.

Order and names are azure-native's own (docs/facts.md, providers 48 and 49): its configuration wins over the
``ARM_*`` variables; the first method that is configured is used, and a failure does not fall through.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.clouds import Cloud, cloud_named
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure.core.credentials import TokenCredential

_VARIABLES = {
    "clientId": "ARM_CLIENT_ID",
    "clientSecret": "ARM_CLIENT_SECRET",
    "clientCertificatePath": "ARM_CLIENT_CERTIFICATE_PATH",
    "clientCertificatePassword": "ARM_CLIENT_CERTIFICATE_PASSWORD",
    "tenantId": "ARM_TENANT_ID",
    "subscriptionId": "ARM_SUBSCRIPTION_ID",
    "environment": "ARM_ENVIRONMENT",
    "useDefaultAzureCredential": "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
    "useOidc": "ARM_USE_OIDC",
    "useMsi": "ARM_USE_MSI",
    "oidcToken": "ARM_OIDC_TOKEN",
    "oidcTokenFilePath": "ARM_OIDC_TOKEN_FILE_PATH",
    "oidcRequestUrl": "ACTIONS_ID_TOKEN_REQUEST_URL",
    "oidcRequestToken": "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "oidcAudience": "ARM_OIDC_AUDIENCE",
    "disableInstanceDiscovery": "ARM_DISABLE_INSTANCE_DISCOVERY",
}
SETTINGS = tuple(f"azure-native:{name}" for name in _VARIABLES)
"""azure-native's settings that say where and as whom to work."""
SIGN_IN_SECRETS = frozenset(
    {
        "clientSecret",
        "clientCertificate",
        "clientCertificatePassword",
        "certificatePassword",
        "oidcToken",
        "oidcRequestToken",
    }
)
"""The settings of azure-native and azuread that are secrets (docs/facts.md, providers 103)."""
DEFAULT_OIDC_AUDIENCE = "api://AzureADTokenExchange"


class IdentityError(Exception):
    """The settings name a way to sign in, but not all that it needs."""


@dataclass(frozen=True)
class AzureSettings:
    """azure-native's settings, from its configuration or from the environment."""

    config: Callable[[str], Any]
    """Looks up ``azure-native:<name>``; None where it is not set."""
    environment: Mapping[str, str]
    credential: TokenCredential | None = None
    """One that was made already, where several share it."""

    @classmethod
    def of(cls, config: Callable[[str], Any]) -> AzureSettings:
        """From this configuration and the process's environment."""
        return cls(config, os.environ)

    def get(self, name: str) -> str:
        """One setting; empty where it is not set. A configured value wins, even an empty one."""
        configured = self.config(f"azure-native:{name}")
        if configured is not None:
            return str(configured)
        return self.environment.get(_VARIABLES[name], "")

    def is_configured(self, name: str) -> bool:
        """Whether azure-native's own configuration has a setting, whatever the environment says."""
        return self.config(f"azure-native:{name}") is not None

    def flag(self, name: str) -> bool:
        """Whether a switch is on: only the word ``true`` counts."""
        return self.get(name) == "true"

    @property
    def cloud(self) -> Cloud:
        """The Azure cloud to work in."""
        return cloud_named(self.get("environment") or self.environment.get("AZURE_ENVIRONMENT") or "public")

    @property
    def is_person(self) -> bool:
        """Whether a person signs in: only the Azure CLI does that, the last of all methods."""
        switches = ("useDefaultAzureCredential", "useOidc", "useMsi")
        words = ("clientCertificatePath", "clientSecret")
        return not any(map(self.flag, switches)) and not any(map(self.get, words))

    def signs_in_as(self) -> tuple[str, ...]:
        """What is equal for two stacks that sign in as the same identity in the same way."""
        return tuple(self.get(name) for name in _VARIABLES if name != "subscriptionId")

    def need(self, method: str, *names: str) -> list[str]:
        """The values of settings that a method cannot do without."""
        missing = [name for name in names if not self.get(name)]
        if missing:
            wanted = ", ".join(f"azure-native:{name} or {_VARIABLES[name]}" for name in missing)
            msg = f"signing in with {method} needs {wanted}"
            raise IdentityError(msg)
        return [self.get(name) for name in names]


def credential_of(settings: AzureSettings) -> TokenCredential:
    """The credential that these settings describe; raises :class:`IdentityError` where something is missing.

    azure-identity is imported here and not above: a preview without changes never needs it, and it takes
    longer to load than all else.
    """
    return settings.credential or _made(settings)


def _made(settings: AzureSettings) -> TokenCredential:
    from azure import identity

    # Its warnings say what the error says anyway, and would reach the user first.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    known: dict[str, Any] = {
        "authority": settings.cloud.login,
        "disable_instance_discovery": settings.flag("disableInstanceDiscovery"),
    }
    if settings.flag("useDefaultAzureCredential"):
        return identity.DefaultAzureCredential(authority=settings.cloud.login)
    if settings.get("clientCertificatePath"):
        tenant, client = settings.need("a certificate", "tenantId", "clientId")
        password = settings.get("clientCertificatePassword") or None
        path = settings.get("clientCertificatePath")
        return identity.CertificateCredential(tenant, client, path, password=password, **known)
    if settings.get("clientSecret"):
        tenant, client, secret = settings.need("a client secret", "tenantId", "clientId", "clientSecret")
        return identity.ClientSecretCredential(tenant, client, secret, **known)
    if settings.flag("useOidc"):
        tenant, client = settings.need("OpenID Connect", "tenantId", "clientId")
        return identity.ClientAssertionCredential(tenant, client, _assertion(settings), **known)
    if settings.flag("useMsi"):
        client_id = settings.get("clientId") or None
        return identity.ManagedIdentityCredential(client_id=client_id)
    return identity.AzureCliCredential(tenant_id=settings.get("tenantId"))


def _assertion(settings: AzureSettings) -> Callable[[], str]:
    if settings.get("oidcToken"):
        return lambda: settings.get("oidcToken")
    if settings.get("oidcTokenFilePath"):
        return lambda: Path(settings.get("oidcTokenFilePath")).read_text().strip()
    settings.need("OpenID Connect", "oidcRequestUrl", "oidcRequestToken")
    return lambda: _requested_assertion(settings)


def _requested_assertion(settings: AzureSettings) -> str:
    """What GitHub says of the job that runs (docs/facts.md, graph 170); raises :class:`IdentityError`."""
    from azure.core import PipelineClient
    from azure.core.exceptions import AzureError, HttpResponseError
    from azure.core.rest import HttpRequest

    url = settings.get("oidcRequestUrl")
    audience = settings.get("oidcAudience") or DEFAULT_OIDC_AUDIENCE
    request = HttpRequest(
        "GET",
        url,
        params={"audience": audience},
        headers={"Authorization": f"Bearer {settings.get('oidcRequestToken')}"},
    )
    with PipelineClient[HttpRequest, Any](base_url=url) as client:
        try:
            answer = client.send_request(request)
            if answer.status_code == HTTPStatus.OK:
                token = take_from(answer.json(), ("value",))
                if isinstance(token, str) and token:
                    return token
            why = _refusal(answer.status_code, answer.reason)
        except HttpResponseError as error:
            # An answer that is no JSON, whatever its status.
            why = _refusal(error.status_code, error.reason)
        except AzureError as error:
            why = error.message
        except ValueError:
            why = _NOTHING_IN_IT
    msg = f"{urlsplit(url).hostname} does not say who this job is: {why}"
    raise IdentityError(msg)


_NOTHING_IN_IT = "its answer holds no token"


def _refusal(status: int | None, reason: str | None) -> str:
    if status == HTTPStatus.OK:
        return _NOTHING_IN_IT
    refused = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return f"{status} {reason}{'. It needs id-token: write' if refused else ''}"
