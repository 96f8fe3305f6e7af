"""Reads a tenant's settings from the stack that is being deployed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import is_config_secret
from pydantic import TypeAdapter, ValidationError

from purview_ai import naming
from purview_ai.clouds import CLOUDS, UnknownCloudError
from purview_ai.identity import AzureSettings
from purview_ai.json_values import is_object, take_from
from purview_ai.settings.forms import GUID
from purview_ai.settings.mistakes import HIDDEN, Mistake, SettingsError, mistakes_of
from purview_ai.settings.source import SecretName
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "purview-ai"


@dataclass(frozen=True)
class Surroundings:
    """What azure-native's own settings say of a stack."""

    location: str
    subscription_id: str
    vault_suffix: str
    deployed_by_person: bool


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
    block = _tenant_block()
    settings, mistakes = _typed(block)
    surroundings, wrong = _surroundings(AzureSettings.of(_azure_native))
    keys, missing = _keys(tenant, _secret_names(block))
    mistakes += [*wrong, *missing]
    if settings:
        mistakes += [*_long_names(tenant, settings), *_unknown_releases(tenant, settings)]
    if mistakes or settings is None or surroundings is None:
        raise SettingsError(tenant, mistakes)
    for warning in settings.warnings():
        pulumi.log.warn(f"{tenant}: {warning}")
    return StackSettings(tenant, settings, surroundings, keys)


def _tenant_block() -> object:
    try:
        return pulumi.Config(NAMESPACE).get_object("tenant")
    except pulumi.ConfigTypeError:
        return None


def _typed(block: object) -> tuple[TenantSettings | None, list[Mistake]]:
    if not is_object(block):
        fix = "write the block as stacks/tenant.example.yaml shows it"
        return None, [Mistake(f"{NAMESPACE}:tenant", "", "the tenant's settings are missing", fix)]
    try:
        return TenantSettings.model_validate(block), []
    except ValidationError as error:
        return None, mistakes_of(error)


def _azure_native(key: str) -> str | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _surroundings(azure: AzureSettings) -> tuple[Surroundings | None, list[Mistake]]:
    location, subscription = _azure_native("azure-native:location") or "", azure.get("subscriptionId")
    mistakes: list[Mistake] = []
    if not location:
        fix = "pulumi config set azure-native:location westeurope"
        mistakes.append(Mistake("azure-native:location", "", "it is missing", fix))
    if not GUID.match(subscription):
        reason = "it must have the form of a GUID" if subscription else "it is missing"
        fix = "set the subscription's id in the stack file, or ARM_SUBSCRIPTION_ID in the environment"
        value = repr(subscription) if subscription else ""
        mistakes.append(Mistake("azure-native:subscriptionId", value, reason, fix))
    try:
        return Surroundings(location, subscription, azure.cloud.vault_suffix, azure.is_person), mistakes
    except UnknownCloudError as error:
        known = ", ".join(CLOUDS)
        mistakes.append(Mistake("azure-native:environment", repr(error.name), "no such cloud", f"one of {known}"))
        return None, mistakes


def _long_names(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """Names in Purview that begin with the stack's name, and come out too long."""
    made = [naming.vault_connection(tenant, settings.vault.name)]
    made += [naming.credential(tenant, source) for source in settings.sources]
    fix = "use a shorter stack name, vault name or source name"
    reason = f"this name in Purview would not have {naming.DATA_MAP_NAME_RULE}"
    return [Mistake("stack name", repr(name), reason, fix) for name in made if not naming.DATA_MAP_NAME.match(name)]


def _unknown_releases(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """Names of objects to release that no object of this tenant has."""
    known = [naming.vault_connection(tenant, settings.vault.name), settings.purview.collection.name]
    for key, source in settings.sources.items():
        names = source.names(key)
        known += [names.data_source, names.scan, naming.credential(tenant, key)]
    reason = "no object of this tenant has that name in Purview"
    fix = f"one of {', '.join(known)}"
    return [Mistake("release", repr(name), reason, fix) for name in settings.release if name not in known]


def _secret_names(block: object) -> list[str]:
    """The secrets that a block names, whatever else may be wrong with it."""
    sources = block.get("sources") if is_object(block) else None
    found = [take_from(source, ("key", "secret")) for source in sources.values()] if is_object(sources) else []
    right = TypeAdapter(SecretName)
    names: list[str] = []
    for name in found:
        with contextlib.suppress(ValidationError):
            names.append(right.validate_python(name))
    return names


def _keys(tenant: str, names: list[str]) -> tuple[dict[str, pulumi.Output[str]], list[Mistake]]:
    keys: dict[str, pulumi.Output[str]] = {}
    mistakes: list[Mistake] = []
    for name in names:
        setting = f"{NAMESPACE}:{name}"
        found = pulumi.Config(NAMESPACE).get_secret(name)
        fix = f"pulumi config set --secret {setting} --stack {tenant}"
        if found is None:
            mistakes.append(Mistake(setting, "", "the vendor's API key is missing", fix))
        elif not is_config_secret(setting):
            reason = "the vendor's API key stands in plain text; whoever has seen the file has the key, so replace it"
            mistakes.append(Mistake(setting, HIDDEN, reason, fix))
        else:
            keys[name] = found
    return keys, mistakes
