"""A tenant's configuration: typed, and checked once at the edge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.apps.catalogue import App, AppName, app_named
from purview_ai.apps.profile import ConnectorProfile
from purview_ai.clouds import PURVIEW_HOSTS
from purview_ai.datamap.policy import CollectionRole
from purview_ai.settings.scanning import ScanSettings
from purview_ai.settings.strict import Strict

GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"


def _matching(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    def check(given: str) -> str:
        if not pattern.match(given):
            msg = f"it must have {rule}"
            raise ValueError(msg)
        return given

    return AfterValidator(check)


ResourceGroupName = Annotated[str, _matching(naming.RESOURCE_GROUP_NAME, naming.RESOURCE_GROUP_NAME_RULE)]


def _text_only(given: object) -> object:
    if not isinstance(given, str):
        msg = "it must be an address or a network in quotes, as in 20.0.113.7/32"
        raise ValueError(msg)  # noqa: TRY004  # pydantic reports only this one
    return given


Network = Annotated[IPv4Network, BeforeValidator(_text_only)]


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
    create: bool = Field(default=False, description="Whether the stack makes the collection; otherwise it must exist.")
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
    adopt: bool = Field(
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


PrincipalId = Annotated[
    str,
    _matching(re.compile(GUID), "the form of a GUID; it is an object id of Entra, and not an application's id"),
]


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
        description="The resource group of the existing Purview account.", examples=["rg-governance"]
    )
    account: Annotated[str, _matching(naming.DATA_MAP_NAME, naming.DATA_MAP_NAME_RULE)] = Field(
        description="The existing Purview account's name.", examples=["contoso-purview"]
    )
    collection: Annotated[CollectionSettings, BeforeValidator(_by_name)] = Field(
        description="The short name of an existing collection, as the address bar of the portal shows it; or a block "
        "that describes a new one.",
        examples=["ai-interactions"],
    )
    domain: str | None = Field(
        default=None,
        description="The short name of the domain that the scans belong to; default: the account's default domain.",
        min_length=1,
    )
    roles: dict[RoleName, tuple[PrincipalId, ...]] = Field(
        default_factory=dict[CollectionRole, tuple[str, ...]],
        description="Who gets which role on the collection, by Entra object ids; others keep theirs. The identity "
        "that deploys must be Collection Administrator.",
        examples=["{purview-reader: [11111111-1111-1111-1111-111111111111]}"],
    )
    deployer_access: bool = Field(
        default=False,
        description="Whether the identity that deploys gives itself Data Source Administrator and Data Reader on the "
        "collection; it must be Collection Administrator.",
    )
    bootstrap_admin: bool = Field(
        default=False,
        description="Whether the identity that deploys becomes Collection Administrator of the account's root "
        "collection through Azure; it needs Owner or User Access Administrator on the account.",
    )
    endpoint: Annotated[str, AfterValidator(_purview_host)] | None = Field(
        default=None,
        description="Where the account's Data Map answers, if what Azure reports does not work.",
        examples=["https://contoso-purview.purview.azure.com"],
    )


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

    resource_group: ResourceGroupName = Field(description="The vault's resource group.")
    create_resource_group: bool = Field(
        default=False, description="Whether the stack makes that resource group; otherwise it must exist."
    )
    name: Annotated[str, _matching(naming.VAULT_NAME, naming.VAULT_NAME_RULE)] = Field(
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
    deployer_access: bool = Field(
        default=True,
        description="Whether the identity that deploys gets Key Vault Secrets Officer on the vault, which it "
        "needs to delete or recover a secret.",
    )
    purge_protection: bool = Field(
        default=True, description="Whether nothing can be purged before its time. Cannot be taken back."
    )
    soft_delete_days: int = Field(
        default=90, ge=7, le=90, description="For how many days a deleted vault or secret can be recovered."
    )
    recover: bool = Field(
        default=False,
        description="Recover a soft-deleted vault of this name instead of making a new one. Looked at only "
        "when the vault is made.",
    )
    adopt_connection: bool = Field(
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


def _no_key(given: str) -> str:
    if given.startswith("sk-"):
        msg = "this looks like a key itself; it wants the name of the secret that holds the key"
        raise ValueError(msg)
    return given


SecretName = Annotated[str, _matching(naming.SECRET_NAME, naming.SECRET_NAME_RULE), AfterValidator(_no_key)]


class KeySettings(Strict):
    """The vendor's API key."""

    secret: SecretName = Field(
        description="The secret's name in the vault, and the name of the encrypted setting that holds the key "
        "(purview-ai:<secret>).",
        examples=["chatgpt-compliance-key"],
    )


TODAY = "today"
_PULUMI_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2}) 00:00:00 \+0000 UTC$")


def _unquoted_date(given: object) -> object:
    """An unquoted YAML date reaches the program in Go's form (docs/facts.md, engine)."""
    match = _PULUMI_DATE.match(given) if isinstance(given, str) else None
    return match[1] if match else given


def _all_of_it(given: object) -> object:
    """``true`` takes over what has the expected names."""
    return {} if given is True else None if given is False else given


PurviewName = Annotated[str, _matching(naming.DATA_MAP_NAME, naming.DATA_MAP_NAME_RULE)]


class AdoptSettings(Strict):
    """What was set up by hand, by the names that it has in Purview."""

    data_source: PurviewName | None = Field(
        default=None, description="The data source's name in Purview; default: the source's name here."
    )
    scan: PurviewName | None = Field(
        default=None, description="The scan's name in Purview; default: the source's name and -scan."
    )


class SourceSettings(Strict):
    """One workspace whose interactions are captured."""

    app: AppName = Field(description="The AI app: chatgpt-enterprise.")
    workspace_id: str = Field(description="The workspace's id, from the vendor's workspace settings.", min_length=1)
    capture_since: Annotated[date | Literal["today"], BeforeValidator(_unquoted_date)] = Field(
        default=TODAY,
        description="From when on interactions are captured: a date, or today. Fixed when the scan is made.",
        examples=["2026-01-01"],
    )
    key: KeySettings = Field(description="Where the vendor's API key is kept.")
    scan: ScanSettings = Field(
        default_factory=ScanSettings, description="How and when the workspace is scanned.", validate_default=True
    )
    adopt: Annotated[AdoptSettings | None, BeforeValidator(_all_of_it)] = Field(
        default=None,
        description="Take over a data source and scan that exist, although they differ: true, or their names.",
        examples=["{data_source: ChatGPT-Prod, scan: Scan-k3d}"],
    )
    profile: ConnectorProfile | None = Field(
        default=None,
        description="The connector's wire names, where they are known; takes the place of the shipped profile.",
    )
    accept_unverified_profile: bool = Field(
        default=False,
        validate_default=True,
        description="Go on with the shipped profile although nobody has verified it.",
    )

    @property
    def application(self) -> App:
        """The app that the source belongs to."""
        return app_named(self.app)

    @property
    def connector(self) -> ConnectorProfile:
        """The profile in force."""
        return self.profile or self.application.profile

    @property
    def since(self) -> date | None:
        """The first day to capture; None lets the service begin on the day the scan is made."""
        return self.capture_since if isinstance(self.capture_since, date) else None

    def names(self, source: str) -> naming.SourceNames:
        """What the workspace's objects are called in Purview, for a source of this name."""
        by_hand = self.adopt or AdoptSettings()
        return naming.source_names(source, data_source=by_hand.data_source, scan=by_hand.scan)

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        rule, title = self.application.workspace, self.application.title
        if not rule.pattern.match(self.workspace_id):
            told.append(
                f"workspace_id: {self.workspace_id!r} does not look like the id of a {title} workspace, which is a "
                f"GUID found at {rule.found_at}"
            )
        if self.profile is None and not self.application.profile_verified:
            told.append("accept_unverified_profile: nobody has verified the shipped profile; Purview may refuse it")
        return told

    @field_validator("workspace_id")
    @classmethod
    def _workspace_of_the_right_kind(cls, given: str, info: ValidationInfo) -> str:
        app = info.data.get("app")
        rule = app_named(app).workspace if app else None
        if rule and given.startswith(rule.refused_prefix):
            msg = f"{rule.refused_reason}; it is found at {rule.found_at}"
            raise ValueError(msg)
        return given

    @field_validator("accept_unverified_profile")
    @classmethod
    def _profile_that_somebody_answers_for(
        cls,
        accepted: bool,  # noqa: FBT001  # pydantic's way
        info: ValidationInfo,
    ) -> bool:
        app = info.data.get("app")
        if app and not accepted and info.data.get("profile", app) is None and not app_named(app).profile_verified:
            msg = (
                f"the wire names of the {app_named(app).title} connector are not published, and the profile that is "
                "shipped for it is unverified; give the right one as profile, or set "
                "accept_unverified_profile: true"
            )
            raise ValueError(msg)
        return accepted


SourceKey = Annotated[str, _matching(naming.SOURCE_KEY, naming.SOURCE_KEY_RULE)]


class TenantSettings(Strict):
    """Everything that a stack file says of a tenant."""

    purview: PurviewSettings = Field(description="The Purview account that captures.")
    vault: VaultSettings = Field(description="The key vault that holds the vendors' keys.")
    sources: dict[SourceKey, SourceSettings] = Field(
        description="The workspaces to capture, by names of your choice.", min_length=1
    )
    protect: bool = Field(
        default=True,
        description="Whether vault, secrets, data sources and scans are protected from deletion.",
    )

    allow_rescan: tuple[str, ...] = Field(
        default=(),
        description="The sources whose data source and scan may be replaced, which ingests every interaction a second "
        "time. Take the name out again afterwards.",
        examples=[["chatgpt"]],
    )
    release: tuple[str, ...] = Field(
        default=(),
        description="Objects that were there before the stack, by their names in Purview, which destroy shall remove "
        "all the same.",
        examples=[["ChatGPT-Prod"]],
    )

    @field_validator("allow_rescan")
    @classmethod
    def _sources_that_exist(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = info.data.get("sources")
        unknown = [name for name in given if known is not None and name not in known]
        if unknown:
            msg = f"there is no source {unknown[0]}; the sources are {', '.join(known or ())}"
            raise ValueError(msg)
        return given

    @field_validator("sources")
    @classmethod
    def _one_source_per_workspace(cls, given: dict[str, SourceSettings]) -> dict[str, SourceSettings]:
        seen: dict[str, str] = {}
        for name, source in given.items():
            before = seen.setdefault(source.workspace_id.lower(), name)
            if before != name:
                msg = f"{before} and {name} are the same workspace; Purview takes each workspace once"
                raise ValueError(msg)
        return given

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told = self.vault.warnings()
        for name, source in self.sources.items():
            told += [f"sources.{name}.{warning}" for warning in source.warnings()]
        if self.allow_rescan:
            told.append(
                f"allow_rescan: {', '.join(self.allow_rescan)} may be replaced and is not protected; take the name out "
                "once it is done"
            )
        return told


@dataclass(frozen=True)
class Surroundings:
    """What azure-native's own settings say of a stack."""

    location: str
    subscription_id: str
    vault_suffix: str
    deployed_by_person: bool
