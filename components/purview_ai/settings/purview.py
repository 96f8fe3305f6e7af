"""The Purview account that captures, as a stack file has it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.clouds import PURVIEW_HOSTS
from purview_ai.datamap.policy import CollectionRole
from purview_ai.settings.forms import DataMapName, PrincipalId, ResourceGroupName, found
from purview_ai.settings.strict import Strict


def _by_name(given: object) -> object:
    """An existing collection is named and nothing more."""
    return {"name": given} if isinstance(given, str) else given


class CollectionSettings(Strict):
    """The collection that the interactions belong to: an existing one, or one that the stack makes."""

    name: str = Field(
        description="The collection's short name, as the address bar of the portal shows it.",
        examples=["ai-interactions"],
        min_length=1,
    )
    create: StrictBool = Field(
        default=False, description="Whether the stack makes the collection; otherwise it must exist."
    )
    parent: str | None = Field(
        default=None,
        description="The short name of the collection or domain above a new one; default: purview.domain, else the "
        "account's root collection.",
        examples=["governance"],
    )
    friendly_name: str | None = Field(
        default=None, description="What the portal calls a new collection; default: its short name."
    )
    description: str | None = Field(default=None, description="What a new collection is for.")
    adopt: StrictBool = Field(
        default=False, description="Take over a collection that is there already and differs, and change it."
    )

    @field_validator("create")
    @classmethod
    def _a_name_that_can_be_made(
        cls,
        create: bool,  # noqa: FBT001  # pydantic's way
        info: ValidationInfo,
    ) -> bool:
        name = info.data.get("name", "")
        if create and name and not naming.COLLECTION_NAME.match(name):
            msg = f"a new collection's name must have {naming.COLLECTION_NAME_RULE}, and {name!r} has not"
            raise ValueError(msg)
        return create

    @field_validator("parent", "friendly_name", "description", "adopt")
    @classmethod
    def _only_of_a_new_one(cls, given: object, info: ValidationInfo) -> object:
        if given and info.data.get("create") is False:
            msg = "it says something of a collection that the stack makes; set create: true, or leave it out"
            raise ValueError(msg)
        return given


def _known_role(given: object) -> object:
    if isinstance(given, str) and given not in set(CollectionRole):
        trap = "; the portal's Data reader is purview-reader" if given == "data-reader" else ""
        msg = f"there is no role {given}; the roles are {', '.join(CollectionRole)}{trap}"
        raise ValueError(msg)
    return given


RoleName = Annotated[CollectionRole, BeforeValidator(_known_role)]


def _purview_host(given: str) -> str:
    address = urlsplit(given)
    host = address.hostname or ""
    if address.scheme != "https" or not host.endswith(PURVIEW_HOSTS):
        msg = f"it must begin with https:// and lead to a host of Purview ({', '.join(PURVIEW_HOSTS)})"
        raise ValueError(msg)
    return given


class PurviewSettings(Strict):
    """The Purview account that captures, and where in it."""

    resource_group: ResourceGroupName = Field(
        description="The resource group of the existing Purview account.",
        examples=["rg-governance"],
        json_schema_extra=found("Azure portal > Microsoft Purview accounts > the account > Overview > Resource group"),
    )
    account: DataMapName = Field(
        description="The existing Purview account's name.",
        examples=["contoso-purview"],
        json_schema_extra=found("Azure portal > Microsoft Purview accounts"),
    )
    collection: Annotated[
        CollectionSettings, BeforeValidator(_by_name, json_schema_input_type=str | CollectionSettings)
    ] = Field(
        description="The short name of an existing collection, as the address bar of the portal shows it; or a block "
        "that describes a new one.",
        examples=["ai-interactions"],
        json_schema_extra=found("Purview portal > Data map > Domains > the collection; its address has the name"),
    )
    domain: str | None = Field(
        default=None,
        description="The short name of the domain that the scans belong to; default: the account's default domain.",
        min_length=1,
        json_schema_extra=found("Purview portal > Data map > Domains > the domain; its address has the name"),
    )
    roles: dict[RoleName, tuple[PrincipalId, ...]] = Field(
        default_factory=dict[CollectionRole, tuple[str, ...]],
        description="Who gets which role on the collection, by Entra object ids; others keep theirs. The identity "
        "that deploys must be Collection Administrator.",
        examples=[{"purview-reader": ["11111111-1111-1111-1111-111111111111"]}],
        json_schema_extra=found("Entra admin center > Users, Groups or Enterprise applications > Overview > Object ID"),
    )
    deployer_access: StrictBool = Field(
        default=False,
        description="Whether the identity that deploys gives itself Data Source Administrator and Data Reader on the "
        "collection; it must be Collection Administrator.",
    )
    bootstrap_admin: StrictBool = Field(
        default=False,
        description="Whether the identity that deploys becomes Collection Administrator of the account's root "
        "collection through Azure; it needs Owner or User Access Administrator on the account.",
    )
    endpoint: Annotated[str, AfterValidator(_purview_host)] | None = Field(
        default=None,
        description="Where the account's Data Map answers, if what Azure reports does not work.",
        examples=["https://contoso-purview.purview.azure.com"],
        json_schema_extra=found("Azure portal > Microsoft Purview accounts > the account > Properties"),
    )
