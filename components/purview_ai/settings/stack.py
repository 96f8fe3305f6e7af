"""Reads a tenant's settings from the stack that is being deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import get_config, get_config_env, is_config_secret

from purview_ai.apps.vendor import Verdict
from purview_ai.identity import AzureSettings
from purview_ai.settings.checks import check, key_of_a_wrong_kind, key_warning, missing_key, plain_key
from purview_ai.settings.files import NAMESPACE, Project
from purview_ai.settings.mistakes import Mistake, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.apps.app import App
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
    project = Project(Path(pulumi.get_root_directory()))
    seen = check(tenant, get_config_env(), block, AzureSettings.of(azure_native), project)
    keys, wrong_keys, key_warnings = _keys(tenant, seen.secrets)
    mistakes = [*seen.mistakes, *wrong_keys]
    if mistakes or seen.settings is None or seen.surroundings is None:
        raise SettingsError(tenant, mistakes)
    for warning in [*seen.warnings, *key_warnings]:
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


def _keys(
    tenant: str, secrets: Mapping[str, Sequence[App]]
) -> tuple[dict[str, pulumi.Output[str]], list[Mistake], list[str]]:
    """The keys by secret name, what is wrong with them, and what may be."""
    keys: dict[str, pulumi.Output[str]] = {}
    mistakes: list[Mistake] = []
    warnings: list[str] = []
    for name, apps in secrets.items():
        found = pulumi.Config(NAMESPACE).get_secret(name)
        if found is None:
            mistakes.append(missing_key(tenant, name))
        elif not is_config_secret(f"{NAMESPACE}:{name}"):
            mistakes.append(plain_key(tenant, name))
        else:
            keys[name] = found
            wrong, doubtful = _kind_of_key(tenant, name, apps)
            mistakes += wrong
            warnings += doubtful
    return keys, mistakes, warnings


def _kind_of_key(tenant: str, name: str, apps: Sequence[App]) -> tuple[list[Mistake], list[str]]:
    """What the key's beginning tells. The key itself is looked at here, and handed on to nobody."""
    mistakes: list[Mistake] = []
    warnings: list[str] = []
    for app in apps:
        form = app.key.form_of(str(get_config(f"{NAMESPACE}:{name}")))
        if form is not None and form.verdict is Verdict.REFUSED:
            mistakes.append(key_of_a_wrong_kind(tenant, name, app, form))
        elif warning := key_warning(name, app, form):
            warnings.append(warning)
    return mistakes, warnings
