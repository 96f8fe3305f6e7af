"""The Purview account that captures, as a stack file has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.clouds import PURVIEW_HOSTS, leads_to_purview
from purview_ai.datamap.policy import CollectionRole
from purview_ai.settings.forms import PrincipalId, ResourceGroupName, found, left_out
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


def _account(given: str) -> str:
    if not (naming.DATA_MAP_NAME.match(given) or naming.ACCOUNT_ID.match(given)):
        msg = (
            f"it must be a name of {naming.DATA_MAP_NAME_RULE}, an id as in "
            "/subscriptions/…/resourceGroups/…/providers/Microsoft.Purview/accounts/…, or the word default"
        )
        raise ValueError(msg)
    return given


def _purview_host(given: str) -> str:
    if not leads_to_purview(given):
        msg = (
            f"it must be https:// and a host of Purview ({', '.join(PURVIEW_HOSTS)}), with a port and /scan behind it "
            "at most"
        )
        raise ValueError(msg)
    return given


DEFAULT_ACCOUNT = "default"
"""In the place of an account's name."""


class AccountSettings(Strict):
    """Which Purview account it is."""

    account: Annotated[str, AfterValidator(_account)] = Field(
        description="The Purview account: its name, its id in Azure, or the word default for the account that Azure "
        "names as the tenant's.",
        examples=["contoso-purview"],
        json_schema_extra=found("Azure portal > Microsoft Purview accounts; the id under Properties"),
    )
    resource_group: ResourceGroupName | None = Field(
        default=None,
        validate_default=True,
        description="The resource group of the Purview account, where that is given by its name.",
        examples=["rg-governance"],
        json_schema_extra=found("Azure portal > Microsoft Purview accounts > the account > Overview > Resource group"),
    )

    @property
    def of_tenant(self) -> bool:
        """Whether Azure is asked which account is the tenant's."""
        return self.account == DEFAULT_ACCOUNT

    def place(self, subscription_id: str) -> naming.AccountPlace | None:
        """Where the account is, for a stack of this subscription; None where Azure is asked."""
        if self.of_tenant:
            return None
        if self.resource_group is None:
            return naming.AccountPlace.of(self.account)
        return naming.AccountPlace(subscription_id, self.resource_group, self.account)

    @field_validator("resource_group")
    @classmethod
    def _goes_with_a_name(cls, given: str | None, info: ValidationInfo) -> str | None:
        account = info.data.get("account")
        if account is None:
            return given
        by_name = account != DEFAULT_ACCOUNT and not naming.ACCOUNT_ID.match(account)
        if by_name and given is None:
            raise left_out()
        if given is not None and not by_name:
            msg = "purview.account says already where the account is; leave it out"
            raise ValueError(msg)
        return given


class PurviewSettings(AccountSettings):
    """The Purview account that captures, and where in it."""

    create: StrictBool = Field(
        default=False,
        validate_default=True,
        description="Whether the stack makes the account; a tenant has one. It stays when the stack is destroyed.",
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

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        if self.create and not (self.deployer_access or self.roles):
            return [
                (
                    "purview.create: who makes an account is Collection Administrator in it and no more; "
                    "purview.deployer_access: true gives the roles to register and scan"
                )
            ]
        return []

    @field_validator("create")
    @classmethod
    def _a_new_one_has_a_name(
        cls,
        create: bool,  # noqa: FBT001  # pydantic's way
        info: ValidationInfo,
    ) -> bool:
        if create and not naming.DATA_MAP_NAME.match(info.data.get("account") or "a-name"):
            msg = "a new account is given by its name and resource group, and not by an id"
            raise ValueError(msg)
        if create and info.data.get("account") == DEFAULT_ACCOUNT:
            msg = "a new account needs a name of its own"
            raise ValueError(msg)
        return create
