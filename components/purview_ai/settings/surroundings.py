"""What azure-native's own settings say of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.clouds import CLOUDS, PUBLIC, UnknownCloudError
from purview_ai.settings.forms import GUID
from purview_ai.settings.mistakes import Mistake

if TYPE_CHECKING:
    from purview_ai.clouds import Cloud
    from purview_ai.identity import AzureSettings


@dataclass(frozen=True)
class Surroundings:
    """Where a stack deploys, and as whom."""

    location: str
    subscription_id: str
    cloud: Cloud
    azure: AzureSettings
    """How the stack signs in."""

    @property
    def vault_suffix(self) -> str:
        """The cloud's DNS suffix of vaults."""
        return self.cloud.vault_suffix

    @property
    def deployed_by_person(self) -> bool:
        """Whether a person signs in, and no application."""
        return self.azure.is_person

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        if self.cloud.name == PUBLIC:
            return []
        return [
            (
                f"azure-native:environment: whether Purview has connectors for AI apps in the cloud {self.cloud.name} "
                "is not known; Microsoft's pages describe the public cloud"
            )
        ]


def surroundings_of(azure: AzureSettings) -> tuple[Surroundings | None, list[Mistake]]:
    """Both settings must be there; the cloud must be a known one."""
    location = str(azure.config("azure-native:location") or "")
    subscription, mistakes = subscription_of(azure)
    if not location:
        fix = "pulumi config set azure-native:location westeurope"
        mistakes.append(Mistake("azure-native:location", "", "it is missing", fix))
    try:
        cloud = azure.cloud
    except UnknownCloudError as error:
        known = ", ".join(CLOUDS)
        mistakes.append(Mistake("azure-native:environment", repr(error.name), "no such cloud", f"one of {known}"))
        return None, mistakes
    return Surroundings(location, subscription, cloud, azure), mistakes


def subscription_of(azure: AzureSettings) -> tuple[str, list[Mistake]]:
    """The subscription's id, and what is wrong with it."""
    subscription = azure.get("subscriptionId")
    if GUID.match(subscription):
        return subscription, []
    reason = "it must have the form of a GUID" if subscription else "it is missing"
    fix = "set the subscription's id in the stack file, or ARM_SUBSCRIPTION_ID in the environment"
    value = repr(subscription) if subscription else ""
    return subscription, [Mistake("azure-native:subscriptionId", value, reason, fix)]
