"""Reads a tenant's settings from the stack that is being deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import is_config_secret

from purview_ai.identity import AzureSettings
from purview_ai.settings.checks import check, missing_key, plain_key
from purview_ai.settings.files import NAMESPACE, Project
from purview_ai.settings.mistakes import Mistake, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from purview_ai.settings.surroundings import Surroundings
    from purview_ai.settings.tenant import TenantSettings


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
    seen = check(tenant, block, AzureSettings.of(azure_native), Project(Path(pulumi.get_root_directory())))
    keys, missing = _keys(tenant, seen.secrets)
    mistakes = [*seen.mistakes, *missing]
    if mistakes or seen.settings is None or seen.surroundings is None:
        raise SettingsError(tenant, mistakes)
    for warning in [*seen.surroundings.warnings(), *seen.settings.warnings()]:
        pulumi.log.warn(f"{tenant}: {warning}")
    return StackSettings(tenant, seen.settings, seen.surroundings, keys)


def _tenant_block() -> object:
    try:
        return pulumi.Config(NAMESPACE).get_object("tenant")
    except pulumi.ConfigTypeError:
        return None


def azure_native(key: str) -> str | None:
    """One of azure-native's settings, as the stack has it."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _keys(tenant: str, names: list[str]) -> tuple[dict[str, pulumi.Output[str]], list[Mistake]]:
    keys: dict[str, pulumi.Output[str]] = {}
    mistakes: list[Mistake] = []
    for name in names:
        found = pulumi.Config(NAMESPACE).get_secret(name)
        if found is None:
            mistakes.append(missing_key(tenant, name))
        elif not is_config_secret(f"{NAMESPACE}:{name}"):
            mistakes.append(plain_key(tenant, name))
        else:
            keys[name] = found
    return keys, mistakes
