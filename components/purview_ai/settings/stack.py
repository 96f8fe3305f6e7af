"""Reads a tenant's settings from the stack that is being deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pydantic import ValidationError

from purview_ai import naming
from purview_ai.identity import AzureSettings
from purview_ai.json_values import is_object
from purview_ai.settings.mistakes import Mistake, SettingsError, mistakes_of
from purview_ai.settings.model import Surroundings, TenantSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "purview-ai"


@dataclass(frozen=True)
class StackSettings:
    """A tenant as its stack file has it."""

    tenant: str
    """The stack's name."""
    settings: TenantSettings
    surroundings: Surroundings
    keys: Mapping[str, pulumi.Output[str]]
    """The vendors' keys by secret name; never in plain."""


def read() -> StackSettings:
    """The settings of the current stack; ends the program with every mistake that they hold."""
    tenant = pulumi.get_stack()
    try:
        return _checked(tenant)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _checked(tenant: str) -> StackSettings:
    config = pulumi.Config(NAMESPACE)
    azure = AzureSettings.of(_azure_native)
    mistakes: list[Mistake] = []
    settings: TenantSettings | None = None
    try:
        settings = TenantSettings.model_validate(_tenant_block(config, mistakes))
    except ValidationError as error:
        mistakes += mistakes_of(error)
    surroundings = _surroundings(azure, mistakes)
    keys = _keys(tenant, config, settings, mistakes) if settings else {}
    mistakes += _long_names(tenant, settings) if settings else []
    if mistakes or settings is None:
        raise SettingsError(tenant, mistakes)
    for warning in settings.warnings():
        pulumi.log.warn(f"{tenant}: {warning}")
    return StackSettings(tenant, settings, surroundings, keys)


def _azure_native(key: str) -> str | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _tenant_block(config: pulumi.Config, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        block = config.get_object("tenant")
    except pulumi.ConfigTypeError:
        block = None
    if not is_object(block):
        fix = "write the block as stacks/tenant.example.yaml shows it"
        mistakes.append(Mistake("purview-ai:tenant", "", "the tenant's settings are missing", fix))
        raise SettingsError(pulumi.get_stack(), mistakes)
    return block


def _surroundings(azure: AzureSettings, mistakes: list[Mistake]) -> Surroundings:
    location, subscription = _azure_native("azure-native:location"), azure.get("subscriptionId")
    if not location:
        fix = "pulumi config set azure-native:location westeurope"
        mistakes.append(Mistake("azure-native:location", "", "it is missing", fix))
    if not subscription:
        fix = "set it in the stack file, or ARM_SUBSCRIPTION_ID in the environment"
        mistakes.append(Mistake("azure-native:subscriptionId", "", "it is missing", fix))
    return Surroundings(location or "", subscription, azure.cloud.vault_suffix)


def _long_names(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """Names in Purview that begin with the stack's name, and come out too long."""
    made = [naming.vault_connection(tenant, settings.vault.name)]
    made += [naming.credential(tenant, source) for source in settings.sources]
    fix = "use a shorter stack name, vault name or source name"
    reason = f"this name in Purview would not have {naming.DATA_MAP_NAME_RULE}"
    return [Mistake("stack name", repr(name), reason, fix) for name in made if not naming.DATA_MAP_NAME.match(name)]


def _keys(
    tenant: str, config: pulumi.Config, settings: TenantSettings, mistakes: list[Mistake]
) -> dict[str, pulumi.Output[str]]:
    keys: dict[str, pulumi.Output[str]] = {}
    for source in settings.sources.values():
        name = source.key.secret
        found = config.get_secret(name)
        if found is None:
            fix = f"pulumi config set --secret {NAMESPACE}:{name} --stack {tenant}"
            mistakes.append(Mistake(f"{NAMESPACE}:{name}", "", "the vendor's API key is missing", fix))
        else:
            keys[name] = found
    return keys
