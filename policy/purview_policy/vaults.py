"""The key vault: nothing in it can be lost, and it says who may read it and from where."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Network, collapse_addresses
from typing import TYPE_CHECKING, Any

from purview_ai.drift.azure_types import VAULT
from purview_ai.json_values import is_list, is_object
from pydantic import Field

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from purview_policy.judged import Judged

_OF_A_COMPANY = 2**24
"""Addresses of a whole /8, more than which hardly a company has; one in 256 of all there are."""


class AllowList(Parameters):
    """How far a firewall may be open."""

    most_addresses: int = Field(
        default=_OF_A_COMPANY,
        gt=0,
        description="How many addresses a firewall may let in, all its rules together; by default a /8.",
    )


def _lost(vault: Judged, _: Parameters) -> Iterator[str]:
    if vault.value("properties.enablePurgeProtection") is not True:
        yield "purge protection is off, so whoever may purge destroys the vault and its keys for good"
    if vault.value("properties.enableSoftDelete") is False:
        yield "soft delete is off, so a deleted vault cannot be recovered"


def _model(vault: Judged, _: Parameters) -> Iterator[str]:
    by_roles, policies = (vault.value(f"properties.{name}") for name in ("enableRbacAuthorization", "accessPolicies"))
    if by_roles is True and policies:
        yield "it goes by roles and has access policies as well, which do not count"
    # The SDK puts false where a program says nothing (docs/facts.md, providers 12); a list says that it is meant.
    elif by_roles is not True and policies is None:
        yield "nothing says whether roles or access policies decide who may read it"


def _open(vault: Judged, parameters: AllowList) -> Iterator[str]:
    private = _says(vault, "properties.publicNetworkAccess", "Disabled")
    if not private and not _says(vault, "properties.networkAcls.defaultAction", "Deny"):
        yield "its firewall lets everybody try"
    # Where nothing is said of them, Azure lets them in (docs/facts.md, graph 150).
    bypass = "properties.networkAcls.bypass"
    if vault.value(bypass) is not None and not _says(vault, bypass, "AzureServices"):
        yield "its firewall does not let trusted services in, and Microsoft Purview is one of them"
    allowed = vault.value("properties.networkAcls.ipRules")
    networks = list(collapse_addresses(_networks(allowed if is_list(allowed) else [])))
    let_in = sum(network.num_addresses for network in networks)
    if let_in > parameters.most_addresses:
        largest = max(networks, key=lambda network: network.num_addresses)
        yield (
            f"its firewall lets {let_in:,} addresses in, {largest} the largest block of them, where "
            f"{parameters.most_addresses:,} may be let in"
        )


def _says(vault: Judged, path: str, word: str) -> bool:
    """Whether one of Azure's words stands there, in whichever letters, as Azure takes them."""
    return str(vault.value(path)).lower() == word.lower()


def _networks(entries: Iterable[Any]) -> Iterator[IPv4Network]:
    """What the rules of a firewall let in, as far as it is known; Azure takes IPv4 alone (docs/facts.md, policy 13)."""
    for entry in entries:
        given = entry.get("value") if is_object(entry) else None
        if isinstance(given, str):
            with suppress(ValueError):
                yield IPv4Network(given, strict=False)


PURGE_PROTECTION = Rule(
    name="vault-purge-protection",
    says="A key vault is protected from being purged.",
    remedy="vault.purge_protection: true. It cannot be taken back.",
    settings=("vault.purge_protection",),
    about=frozenset({VAULT}),
    wrong=_lost,
    parameters=Parameters,
)
ACCESS_MODEL = Rule(
    name="vault-access-model",
    says="A key vault says whether roles or access policies decide.",
    remedy="vault.access: rbac, or access-policy; in a program of your own, enable_rbac_authorization, or a list of "
    "access_policies even where it is empty.",
    settings=("vault.access",),
    about=frozenset({VAULT}),
    wrong=_model,
    parameters=Parameters,
)
FIREWALL = Rule(
    name="vault-firewall",
    says="A key vault's firewall is closed, and lets trusted services in.",
    remedy="vault.network: trusted-services, and in vault.allow_from the addresses that somebody reaches it from, "
    "as few as it takes.",
    settings=("vault.network", "vault.allow_from"),
    about=frozenset({VAULT}),
    wrong=_open,
    parameters=AllowList,
)
