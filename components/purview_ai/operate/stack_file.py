"""A tenant as its stack file has it, read without Pulumi and without decrypting anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from purview_ai.clouds import UnknownCloudError
from purview_ai.datamap.client import DataMaps
from purview_ai.identity import AzureSettings, IdentityError, credential_of
from purview_ai.operate.chosen_stack import azure_in, selected_stack
from purview_ai.operate.speaking import Exit, say
from purview_ai.settings.files import TENANT, Project, StackFileError
from purview_ai.settings.mistakes import SettingsError, mistakes_of
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject


WRONG = (StackFileError, SettingsError, IdentityError, UnknownCloudError)
"""What is raised where a stack file, or how it says to sign in, is wrong."""


@dataclass(frozen=True)
class Tenant:
    """A tenant and the way to its Data Map."""

    stack: str
    settings: TenantSettings
    azure: AzureSettings

    def account_id(self) -> str:
        """The Purview account's ARM id; asks Azure where that names the tenant's.

        Raises :class:`~purview_ai.datamap.endpoints.NoAccountError` where there is none.
        """
        place = self.settings.purview.place(self.azure.get("subscriptionId"))
        return place.id if place else self.data_maps().tenants_account()

    def data_maps(self) -> DataMaps:
        """The Data Maps that the identity of the environment works with."""
        endpoint = self.settings.purview.endpoint or ""
        return DataMaps(self.azure.cloud, lambda: credential_of(self.azure), explicit_endpoint=endpoint)


def tenant_for(stack: str | None) -> Tenant:
    """The tenant of a stack; ends the command where its stack file is wrong."""
    try:
        return tenant_of(stack)
    except WRONG as error:
        say(str(error), Exit.USAGE)


def tenant_of(stack: str | None) -> Tenant:
    """The tenant of a stack (None: the selected one) of the project in this folder or above it."""
    project = Project.around(Path.cwd())
    stack = stack or selected_stack()
    config = project.config_of(stack)
    try:
        settings = TenantSettings.model_validate(config.get(TENANT) or {})
    except ValidationError as error:
        raise SettingsError(stack, mistakes_of(error)) from None
    return tenant_in(project, stack, config, settings)


def tenant_in(project: Project, stack: str, config: JsonObject, settings: TenantSettings) -> Tenant:
    """The tenant of settings that were read already."""
    azure = azure_in(config)
    if not azure.get("subscriptionId"):
        msg = f"{project.stack_file(stack)} has no azure-native:subscriptionId, and ARM_SUBSCRIPTION_ID is not set"
        raise StackFileError(msg)
    return Tenant(stack, settings, azure)
