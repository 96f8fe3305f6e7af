"""The key vault: nothing in it can be lost, and it says who may read it and from where."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from purview_ai.drift.azure_types import VAULT
from purview_ai.json_values import is_list, is_object

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged

_NARROWEST_INTERNET = 8
"""Networks with a shorter prefix are no allow list."""


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


def _open(vault: Judged, _: Parameters) -> Iterator[str]:
    private = _says(vault, "properties.publicNetworkAccess", "Disabled")
    if not private and not _says(vault, "properties.networkAcls.defaultAction", "Deny"):
        yield "its firewall lets everybody try"
    # Where nothing is said of them, Azure lets them in (docs/facts.md, graph 150).
    bypass = "properties.networkAcls.bypass"
    if vault.value(bypass) is not None and not _says(vault, bypass, "AzureServices"):
        yield "its firewall does not let trusted services in, and Microsoft Purview is one of them"
    allowed = vault.value("properties.networkAcls.ipRules")
    for network in filter(_wide, allowed if is_list(allowed) else []):
        yield f"its firewall lets {network['value']} in, which is a large part of the internet"


def _says(vault: Judged, path: str, word: str) -> bool:
    """Whether one of Azure's words stands there, in whichever letters, as Azure takes them."""
    return str(vault.value(path)).lower() == word.lower()


def _wide(entry: Any) -> bool:
    given = entry.get("value") if is_object(entry) else None
    try:
        return isinstance(given, str) and ip_network(given, strict=False).prefixlen < _NARROWEST_INTERNET
    except ValueError:
        return False


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
    remedy="vault.network: trusted-services, and in vault.allow_from the addresses that somebody reaches it from.",
    settings=("vault.network", "vault.allow_from"),
    about=frozenset({VAULT}),
    wrong=_open,
    parameters=Parameters,
)
