"""The key vault that holds the vendors' keys, as a stack file has it."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.settings.forms import Form, PrincipalId, ResourceGroupName, found, left_out
from purview_ai.settings.strict import Strict
from purview_ai.settings.tags import Tags

_ENTRA = found("Entra admin center > Users, Groups or Enterprise applications > Overview > Object ID")


def _text_only(given: object) -> object:
    if not isinstance(given, str):
        msg = "it must be an address or a network in quotes, as in 20.0.113.7/32"
        raise ValueError(msg)  # noqa: TRY004  # pydantic reports only this one
    return given


Network = Annotated[IPv4Network, BeforeValidator(_text_only, json_schema_input_type=str)]


class VaultAccess(StrEnum):
    """How a vault decides who may read; a vault does it in one of two ways (docs/facts.md, graph 2.1)."""

    RBAC = "rbac"
    ACCESS_POLICY = "access-policy"


class VaultNetwork(StrEnum):
    """From where a vault can be reached."""

    PUBLIC = "public"
    TRUSTED_SERVICES = "trusted-services"
    """Microsoft Purview and the addresses of ``allow_from``, nobody else."""
    PRIVATE = "private"
    """Microsoft Purview and private endpoints, nobody else."""


class PurviewReads(StrEnum):
    """What the Purview account's identity may read."""

    ONE = "secret"
    """Each secret that a source of the Data Map uses, and no other."""
    ALL = "vault"
    """Every secret of the vault."""
    EXPECTED = "expected"
    """Somebody else lets it read."""


class Principals(Strict):
    """People, groups and applications, by their object ids in Entra."""

    users: tuple[PrincipalId, ...] = Field(default=(), description="People.", json_schema_extra=_ENTRA)
    groups: tuple[PrincipalId, ...] = Field(default=(), description="Groups.", json_schema_extra=_ENTRA)
    applications: tuple[PrincipalId, ...] = Field(
        default=(), description="Service principals and managed identities.", json_schema_extra=_ENTRA
    )


_SOMEBODY = [{"groups": ["11111111-1111-1111-1111-111111111111"]}]
_OF_A_NEW_ONE = (
    "create_resource_group",
    "network",
    "allow_from",
    "purge_protection",
    "soft_delete_days",
    "recover",
    "tags",
)


class VaultSettings(Strict):
    """The key vault that holds the vendors' keys: one that the stack makes, or one that is there."""

    resource_group: ResourceGroupName = Field(
        description="The vault's resource group.",
        examples=["rg-ai-governance"],
        json_schema_extra=found("Azure portal > Key vaults > the vault > Overview > Resource group"),
    )
    name: Annotated[str, Form(naming.VAULT_NAME, naming.VAULT_NAME_RULE)] = Field(
        description="The vault's name, unique in all of Azure.",
        examples=["kv-contoso-ai"],
        json_schema_extra=found("Azure portal > Key vaults"),
    )
    existing: StrictBool = Field(
        default=False, description="Whether the vault is there already; what it is then stays as it is."
    )
    access: VaultAccess = Field(
        description="How the vault decides who may read: rbac or access-policy, as an existing vault has it.",
        json_schema_extra=found("Azure portal > Key vaults > the vault > Access configuration"),
    )
    network: VaultNetwork | None = Field(
        default=None,
        validate_default=True,
        description="From where a new vault can be reached: public, trusted-services or private.",
        examples=["trusted-services"],
    )
    allow_from: tuple[Network, ...] = Field(
        default=(),
        description="Addresses that may reach a vault with network: trusted-services. The identity that deploys needs "
        "one to delete or recover a secret.",
        examples=[["20.0.113.7/32"]],
    )
    create_resource_group: StrictBool = Field(
        default=False, description="Whether the stack makes that resource group; otherwise it must exist."
    )
    purview_reads: PurviewReads | None = Field(
        default=None,
        validate_default=True,
        description="What the Purview account's identity may read: secret (each secret that it uses; with access: "
        "rbac, where it is the default), vault (all of them; the default with access: access-policy) or expected "
        "(somebody else lets it read).",
        examples=["secret"],
    )
    deployer_access: StrictBool | None = Field(
        default=None,
        description="Whether the identity that deploys gets Key Vault Secrets Officer on the vault (or the like in an "
        "access policy), which it needs to delete or recover a secret; default: true for a new vault, false for an "
        "existing one.",
        examples=[True],
    )
    administrators: Principals = Field(
        default_factory=Principals,
        description="Who gets Key Vault Administrator, or all permissions in an access policy.",
        examples=_SOMEBODY,
    )
    readers: Principals = Field(
        default_factory=Principals,
        description="Who gets Key Vault Secrets User, or Get and List in an access policy, and so can read the keys.",
        examples=_SOMEBODY,
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
    tags: Tags = Field(
        default_factory=dict[str, str],
        description="Tags of the vault, beside the tenant's own: they add to these and override them.",
        examples=[{"owner": "security"}],
    )

    @property
    def by_roles(self) -> bool:
        """Whether roles decide who may read, and not access policies."""
        return self.access is VaultAccess.RBAC

    @property
    def reading(self) -> PurviewReads:
        """What the Purview account's identity may read, where nothing is said too."""
        return self.purview_reads or (PurviewReads.ONE if self.by_roles else PurviewReads.ALL)

    @property
    def deployer_manages(self) -> bool:
        """Whether the identity that deploys gets access to the secrets, where nothing is said too."""
        return not self.existing if self.deployer_access is None else self.deployer_access

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        if self.network is VaultNetwork.TRUSTED_SERVICES and not self.allow_from:
            told.append("vault.allow_from: it is empty, so no secret can be deleted or recovered from anywhere")
        if self.network is VaultNetwork.PRIVATE:
            told.append(
                "vault.network: it is private, so a secret can be deleted or recovered only from inside the network of "
                "one of its private endpoints"
            )
        if self.deployer_access is False:
            told.append(
                "vault.deployer_access: it is off, so the identity that deploys can delete or recover a secret only "
                "if something else gives it Key Vault Secrets Officer"
            )
        return told

    @field_validator("network")
    @classmethod
    def _said_of_a_new_one(cls, given: VaultNetwork | None, info: ValidationInfo) -> VaultNetwork | None:
        if given is None and info.data.get("existing") is False:
            raise left_out()
        return given

    @field_validator("purview_reads")
    @classmethod
    def _as_far_as_the_model_goes(cls, given: PurviewReads | None, info: ValidationInfo) -> PurviewReads | None:
        if given is PurviewReads.ONE and info.data.get("access") is VaultAccess.ACCESS_POLICY:
            msg = "access policies go by the whole vault; use access: rbac, or purview_reads: vault"
            raise ValueError(msg)
        return given

    @field_validator("allow_from")
    @classmethod
    def _addresses_only_where_they_count(cls, given: tuple[Network, ...], info: ValidationInfo) -> tuple[Network, ...]:
        network = info.data.get("network")
        if given and network in (VaultNetwork.PUBLIC, VaultNetwork.PRIVATE):
            msg = f"it has no effect on a vault with network: {network}; use network: trusted-services"
            raise ValueError(msg)
        return given

    @field_validator(*_OF_A_NEW_ONE)
    @classmethod
    def _only_of_a_new_one(cls, given: object, info: ValidationInfo) -> object:
        if given and info.data.get("existing"):
            msg = "it says something of a vault that the stack makes; leave it out, or take existing: true away"
            raise ValueError(msg)
        return given
