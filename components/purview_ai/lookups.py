"""What exists already and is only looked at; each look-up that fails says so in one readable sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pulumi
import pulumi_azure_native as azure_native
import pulumi_azuread as azuread

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_NO_ANSWER = re.compile(
    r"no such host|proxyconnect|dial tcp|connection (?:refused|reset)|timeout|timed out|EOF", re.IGNORECASE
)
_NETWORK = "Check the network and the ARM_* variables.\n  docs/troubleshooting.md#no-answer"
_ENGINE_WORDS = re.compile(r"^invoke of \S+ failed: (?:invocation of \S+ returned an error: )?")


@dataclass(frozen=True)
class Deployer:
    """The identity that deploys."""

    object_id: str
    tenant_id: str


@dataclass(frozen=True)
class FoundAccount:
    """A Purview account and its system-assigned identity."""

    id: str
    principal_id: str


@dataclass(frozen=True)
class FoundServicePrincipal:
    """A service principal and the app roles that it offers, by value."""

    object_id: str
    app_role_ids: dict[str, str]


def _ask(what: str, remedy: str, call: Callable[[], T]) -> T:
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # the SDK raises bare exceptions from invokes
        said = _ENGINE_WORDS.sub("", str(error).strip())
        help_ = _NETWORK if _NO_ANSWER.search(said) else remedy
        msg = f"{pulumi.get_stack()}: {what} was not found out\n  {said}\n  {help_}"
        raise pulumi.RunError(msg) from None


def deployer(opts: pulumi.InvokeOptions | None = None) -> Deployer:
    """Who deploys, from the claims of its own token; asks no service but the sign-in."""
    found = _ask(
        "the identity that deploys",
        "Check the ARM_* variables or azure-native:clientId, clientSecret and tenantId.\n"
        "  docs/troubleshooting.md#sign-in",
        lambda: azure_native.authorization.get_client_config(opts=opts),
    )
    return Deployer(found.object_id, found.tenant_id)


def purview_account(resource_group: str, account: str, opts: pulumi.InvokeOptions | None = None) -> FoundAccount:
    """An existing Purview account (one read of ARM)."""
    found = _ask(
        f"Purview account {account}",
        f"Does it exist in resource group {resource_group}, and may the identity that deploys read it (Reader)?\n"
        "  docs/troubleshooting.md#purview-account",
        lambda: azure_native.purview.get_account(account_name=account, resource_group_name=resource_group, opts=opts),
    )
    if not found.identity or not found.identity.principal_id:
        msg = (
            f"{pulumi.get_stack()}: Purview account {account} has no system-assigned identity\n"
            "  Purview reads the vendor's key as that identity. Turn it on in the Azure portal, under Identity."
        )
        raise pulumi.RunError(msg)
    return FoundAccount(found.id, found.identity.principal_id)


def service_principal(client_id: str, title: str, opts: pulumi.InvokeOptions | None = None) -> FoundServicePrincipal:
    """A service principal by its application id; its display name is not stable (docs/facts.md, graph 1.1)."""
    found = _ask(
        f"the service principal of {title} ({client_id})",
        "The identity that deploys needs the Graph permission Application.Read.All; if the service principal is "
        f"missing, New-AzADServicePrincipal -ApplicationId {client_id} makes it.\n"
        "  docs/troubleshooting.md#service-principal",
        lambda: azuread.get_service_principal(client_id=client_id, opts=opts),
    )
    return FoundServicePrincipal(found.object_id, dict(found.app_role_ids))
