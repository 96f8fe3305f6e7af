"""What exists already and is only looked at; each look-up that fails says so in one readable sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar, cast

import pulumi
import pulumi_azure_native as azure_native
import pulumi_azuread as azuread

from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_azure_native.keyvault import outputs as keyvault_outputs

    from purview_ai.identity import AzureSettings
    from purview_ai.json_values import JsonObject
    from purview_ai.naming import AccountPlace

T = TypeVar("T")
_ON_ITS_WAY = ("Creating", "Moving", "Updating")
_NO_ANSWER = re.compile(
    r"no such host|proxyconnect|dial tcp|connection (?:refused|reset)|timeout|timed out|deadline exceeded|EOF",
    re.IGNORECASE,
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


@dataclass(frozen=True)
class FoundVault:
    """A key vault as its owner has set it."""

    by_roles: bool
    """Whether roles decide who may read, and not access policies."""
    open_to_all: bool
    lets_trusted_services_in: bool


@dataclass(frozen=True)
class FoundSecret:
    """A secret that somebody put into a vault; its value is not asked for."""

    expires: date | None


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


def purview_account(place: AccountPlace, opts: pulumi.InvokeOptions | None = None) -> FoundAccount:
    """A Purview account of azure-native's own subscription (one read of ARM)."""
    found = _ask(
        f"Purview account {place.name}",
        f"Does it exist (purview.account) in resource group {place.group} (purview.resource_group), and may the "
        "identity that deploys read it (Reader)? Does the subscription belong to the tenant that is signed in to?\n"
        "  docs/troubleshooting.md#purview-account",
        lambda: azure_native.purview.get_account(account_name=place.name, resource_group_name=place.group, opts=opts),
    )
    principal_id = (found.identity.principal_id if found.identity else "") or ""
    return _usable(found.id, principal_id, found.provisioning_state)


def purview_account_elsewhere(place: AccountPlace | None, azure: AzureSettings) -> FoundAccount:
    """A Purview account of any subscription, or (None) the one that Azure names as the tenant's.

    azure-native asks for accounts of its own subscription alone, and has no function for the tenant's default one
    (docs/facts.md, purview 4).
    """
    from purview_ai.datamap.client import DataMaps
    from purview_ai.identity import credential_of

    data_maps = DataMaps(azure.cloud, lambda: credential_of(azure))
    title = "the tenant's default Purview account" if place is None else f"Purview account {place.name}"

    def asked() -> tuple[str, JsonObject | None]:
        account_id = place.id if place else data_maps.default_account()
        return account_id, data_maps.in_azure(account_id) if account_id else None

    account_id, found = _ask(
        title,
        "May the identity that deploys read it (Reader)? Does its subscription belong to the tenant that is signed in "
        "to?\n  docs/troubleshooting.md#purview-account",
        asked,
    )
    if found is None:
        said = f"Azure knows no account {account_id}." if account_id else "Azure names none for this tenant."
        msg = (
            f"{pulumi.get_stack()}: {title} was not found\n  {said}\n"
            "  Say which one it is: purview.account and purview.resource_group.\n"
            "  docs/troubleshooting.md#purview-account"
        )
        raise pulumi.RunError(msg)
    principal_id = str(take_from(found, ("identity", "principalId")) or "")
    return _usable(account_id, principal_id, str(take_from(found, ("properties", "provisioningState")) or ""))


def _usable(account_id: str, principal_id: str, state: str) -> FoundAccount:
    """The account, unless it can capture nothing as it is; ends the program with one message then."""
    name = account_id.rsplit("/", 1)[-1]
    if state != "Succeeded":
        help_ = "Wait until that is over" if state in _ON_ITS_WAY else "Look at it in the Azure portal"
        msg = (
            f"{pulumi.get_stack()}: Purview account {name} cannot be used now\n"
            f"  Azure says that it is {state}.\n"
            f"  {help_}, and run the command again.\n"
            "  docs/troubleshooting.md#purview-account"
        )
        raise pulumi.RunError(msg)
    if not principal_id:
        msg = (
            f"{pulumi.get_stack()}: Purview account {name} has no system-assigned identity\n"
            "  Purview reads the vendor's key as that identity. Turn it on in the Azure portal, under Identity.\n"
            "  docs/troubleshooting.md#purview-account"
        )
        raise pulumi.RunError(msg)
    return FoundAccount(account_id, principal_id)


def vault(resource_group: str, name: str, opts: pulumi.InvokeOptions | None = None) -> FoundVault:
    """An existing key vault (one read of ARM)."""
    found = _ask(
        f"key vault {name}",
        f"vault.existing is true: does it exist in resource group {resource_group}, and may the identity that deploys "
        "read it (Reader)?\n"
        "  docs/troubleshooting.md#vault-access",
        lambda: azure_native.keyvault.get_vault(vault_name=name, resource_group_name=resource_group, opts=opts),
    )
    properties = found.properties
    acls = properties.network_acls
    denies = acls is not None and (acls.default_action or "Allow") == "Deny"
    closed = (properties.public_network_access or "Enabled").lower() == "disabled"
    return FoundVault(
        by_roles=bool(properties.enable_rbac_authorization),
        open_to_all=not (denies or closed),
        # Without rules of its own, a vault lets trusted services in (docs/facts.md, graph 2.2).
        lets_trusted_services_in=acls is None or (acls.bypass or "AzureServices") == "AzureServices",
    )


def secret(
    tenant: str, resource_group: str, vault: str, name: str, opts: pulumi.InvokeOutputOptions
) -> pulumi.Output[FoundSecret]:
    """A secret of a vault, without its value (one read of ARM); unknown while the vault is not there yet.

    Ends the program with one message where nobody has put the secret there.
    """
    answer = azure_native.keyvault.get_secret_output(
        resource_group_name=resource_group, vault_name=vault, secret_name=name, opts=opts
    )

    async def asked() -> pulumi.Output[FoundSecret]:
        try:
            await answer.is_known()
        except Exception as error:  # noqa: BLE001  # the SDK raises bare exceptions from invokes
            said = _ENGINE_WORDS.sub("", str(error).strip())
            msg = (
                f"{tenant}: secret {name} was not found in key vault {vault}\n  {said}\n"
                "  key.origin is vault: put the key there, and deploy again. "
                f"az keyvault secret set --vault-name {vault} --name {name} --file <file with the key>\n"
                "  docs/troubleshooting.md#secret-missing"
            )
            raise pulumi.RunError(msg) from None
        return answer.apply(lambda found: FoundSecret(_day(found.properties.attributes)))

    return cast("pulumi.Output[FoundSecret]", pulumi.Output.from_input(asked()))  # it unwraps what is inside


def _day(attributes: keyvault_outputs.SecretAttributesResponse | None) -> date | None:
    """The day on which a secret expires."""
    expires = attributes.expires if attributes else None
    return datetime.fromtimestamp(expires, UTC).date() if expires else None


def service_principal(client_id: str, title: str, opts: pulumi.InvokeOptions | None = None) -> FoundServicePrincipal:
    """A service principal by its application id; its display name is not stable (docs/facts.md, graph 1.1)."""
    found = _ask(
        f"the service principal of {title} ({client_id})",
        "The identity that deploys needs the Graph permission Application.Read.All; if the service principal is "
        f"missing, New-AzADServicePrincipal -ApplicationId {client_id} makes it, and so does "
        "grants.create_service_principal: true.\n"
        "  docs/troubleshooting.md#service-principal",
        lambda: azuread.get_service_principal(client_id=client_id, opts=opts),
    )
    return FoundServicePrincipal(found.object_id, dict(found.app_role_ids))
