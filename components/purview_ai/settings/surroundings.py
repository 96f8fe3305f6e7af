"""What azure-native's own settings say of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.clouds import CLOUDS, UnknownCloudError
from purview_ai.settings.forms import GUID
from purview_ai.settings.mistakes import Mistake

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings


@dataclass(frozen=True)
class Surroundings:
    """Where a stack deploys, and as whom."""

    location: str
    subscription_id: str
    vault_suffix: str
    deployed_by_person: bool


def surroundings_of(azure: AzureSettings) -> tuple[Surroundings | None, list[Mistake]]:
    """Both settings must be there; the cloud must be a known one."""
    location, subscription = str(azure.config("azure-native:location") or ""), azure.get("subscriptionId")
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
