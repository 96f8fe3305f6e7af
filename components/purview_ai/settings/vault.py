"""The key vault that holds the vendors' keys, as a stack file has it."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.settings.forms import Form, ResourceGroupName
from purview_ai.settings.strict import Strict


def _text_only(given: object) -> object:
    if not isinstance(given, str):
        msg = "it must be an address or a network in quotes, as in 20.0.113.7/32"
        raise ValueError(msg)  # noqa: TRY004  # pydantic reports only this one
    return given


Network = Annotated[IPv4Network, BeforeValidator(_text_only, json_schema_input_type=str)]


class VaultAccess(StrEnum):
    """How a vault decides who may read."""

    RBAC = "rbac"


class VaultNetwork(StrEnum):
    """From where a vault can be reached."""

    PUBLIC = "public"
    TRUSTED_SERVICES = "trusted-services"
    """Microsoft Purview and the addresses of ``allow_from``, nobody else."""


class VaultSettings(Strict):
    """The key vault that holds the vendors' keys."""

    resource_group: ResourceGroupName = Field(description="The vault's resource group.", examples=["rg-ai-governance"])
    create_resource_group: StrictBool = Field(
        default=False, description="Whether the stack makes that resource group; otherwise it must exist."
    )
    name: Annotated[str, Form(naming.VAULT_NAME, naming.VAULT_NAME_RULE)] = Field(
        description="The vault's name, unique in all of Azure.", examples=["kv-contoso-ai"]
    )
    access: VaultAccess = Field(description="How the vault decides who may read: rbac.")
    network: VaultNetwork = Field(description="From where it can be reached: public or trusted-services.")
    allow_from: tuple[Network, ...] = Field(
        default=(),
        description="Addresses that may reach a vault with restricted network. The identity that deploys needs "
        "one to delete or recover a secret.",
        examples=[["20.0.113.7/32"]],
    )
    deployer_access: StrictBool = Field(
        default=True,
        description="Whether the identity that deploys gets Key Vault Secrets Officer on the vault, which it "
        "needs to delete or recover a secret.",
    )
    purge_protection: StrictBool = Field(
        default=True, description="Whether nothing can be purged before its time. Cannot be taken back."
    )
    soft_delete_days: StrictInt = Field(
        default=90, ge=7, le=90, description="For how many days a deleted vault or secret can be recovered."
    )
    recover: StrictBool = Field(
        default=False,
        description="Recover a soft-deleted vault of this name instead of making a new one. Looked at only "
        "when the vault is made.",
    )
    adopt_connection: StrictBool = Field(
        default=False,
        description="Take over a Key Vault connection in Purview that has this stack's name for it and differs, and "
        "change it.",
    )
    tags: dict[str, str] = Field(default_factory=dict, description="Tags of the vault.")

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        if self.network is not VaultNetwork.PUBLIC and not self.allow_from:
            told.append("vault.allow_from: it is empty, so no secret can be deleted or recovered from anywhere")
        if not self.deployer_access:
            told.append(
                "vault.deployer_access: it is off, so the identity that deploys can delete or recover a secret only "
                "if something else gives it Key Vault Secrets Officer"
            )
        return told

    @field_validator("allow_from")
    @classmethod
    def _addresses_only_where_they_count(cls, given: tuple[Network, ...], info: ValidationInfo) -> tuple[Network, ...]:
        if given and info.data.get("network") is VaultNetwork.PUBLIC:
            msg = "it has no effect on a vault with network: public; use network: trusted-services"
            raise ValueError(msg)
        return given
