"""Everything that a stack file of ``bootstrap/`` says: where state is kept, and who its pipelines are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.json_values import JsonObject, is_object
from purview_ai.settings.forms import Form, ResourceGroupName, found
from purview_ai.settings.pipeline_environments import APPLY, GRANTS, PLAN, SCAN, JobEnvironment, environments_of
from purview_ai.settings.strict import Strict
from purview_ai.settings.vault import Network, Principals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from purview_ai.settings.tenant import TenantSettings

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
_GITHUB_IDS = found("https://api.github.com/repos/<organization>/<repository>: id, and owner.id")
_LONGEST = 600
"""Of an issuer and of a subject (docs/facts.md, graph 110)."""

_GITHUB = "github-"
"""How the names of credentials for GitHub's tokens begin."""
Environment = Annotated[str, Form(naming.ENVIRONMENT, naming.ENVIRONMENT_RULE)]
StackName = Annotated[StrictStr, Field(min_length=1)]
PipelineKey = Annotated[str, Form(naming.PIPELINE_KEY, naming.PIPELINE_KEY_RULE)]
FederatedName = Annotated[str, Form(naming.FEDERATED_NAME, naming.FEDERATED_NAME_RULE)]
GRANTS_NAME = "grants"


class Redundancy(StrEnum):
    """In how many places Azure keeps the state."""

    ONE_PLACE = "Standard_LRS"
    ZONES = "Standard_ZRS"
    TWO_REGIONS = "Standard_GRS"
    ZONES_AND_TWO_REGIONS = "Standard_GZRS"


class Trust(Strict):
    """Tokens of an issuer about one subject, letter by letter."""

    issuer: StrictStr = Field(
        description="The issuer of the tokens, as the service connection shows it.",
        examples=["https://vstoken.dev.azure.com/11111111-1111-1111-1111-111111111111"],
        pattern="^https://",
        max_length=_LONGEST,
        json_schema_extra=found("Azure DevOps > Project settings > Service connections > the connection > Edit"),
    )
    subject: StrictStr = Field(
        description="The subject of the tokens, as the service connection shows it.",
        examples=["sc://contoso/purview/contoso"],
        min_length=1,
        max_length=_LONGEST,
        json_schema_extra=found("Azure DevOps > Project settings > Service connections > the connection > Edit"),
    )


class GitHubSettings(Strict):
    """The repository whose pipelines sign in."""

    organization: StrictStr = Field(
        description="The organization or user, spelt as GitHub spells it.", examples=["contoso"], min_length=1
    )
    repository: StrictStr = Field(
        description="The repository, spelt as GitHub spells it.", examples=["purview"], min_length=1
    )
    organization_id: StrictInt | None = Field(
        default=None,
        ge=1,
        description="The organization's number. With repository_id, subjects with numbers are trusted as well, which "
        "GitHub sends for repositories that were made, renamed or transferred after 2026-07-15.",
        examples=[123456],
        json_schema_extra=_GITHUB_IDS,
    )
    repository_id: StrictInt | None = Field(
        default=None,
        validate_default=True,
        ge=1,
        description="The repository's number.",
        examples=[456789],
        json_schema_extra=_GITHUB_IDS,
    )
    names: StrictBool = Field(
        default=True,
        validate_default=True,
        description="Whether subjects without numbers are trusted, which GitHub sends for older repositories. Whoever "
        "gets hold of a name that was given up gets its trust: set it to false once GitHub sends the numbers.",
    )

    def subjects(self, environment: str) -> dict[str, str]:
        """The subjects of a run in an environment, by names for their credentials (docs/facts.md, graph 114)."""
        found: dict[str, str] = {}
        name = f"{_GITHUB}{environment}"
        if self.names:
            found[name] = f"repo:{self.organization}/{self.repository}:environment:{environment}"
        if self.organization_id and self.repository_id:
            numbered = f"{self.organization}@{self.organization_id}/{self.repository}@{self.repository_id}"
            found[f"{name}-numbers"] = f"repo:{numbered}:environment:{environment}"
        return found

    @field_validator("repository_id")
    @classmethod
    def _both_numbers(cls, given: int | None, info: ValidationInfo) -> int | None:
        if "organization_id" in info.data and (given is None) != (info.data["organization_id"] is None):
            msg = "organization_id and repository_id go together"
            raise ValueError(msg)
        return given

    @field_validator("names")
    @classmethod
    def _names_or_numbers(cls, names: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  # pydantic's way
        if not names and info.data.get("repository_id") is None:
            msg = "without names there must be numbers; add organization_id and repository_id"
            raise ValueError(msg)
        return names


class IdentitySettings(Strict):
    """Whose tokens one identity takes."""

    environments: tuple[Environment, ...] = Field(
        default=(),
        description="The GitHub environments; default: those of the workflows in pipelines/github, which begin with "
        "the tenant's name here: -plan and -plan-reviewed for plan; for apply -sandbox, -pre-production or -production "
        "as its stacks' tags say; -scans for scan; grants-plan and grants for grants/. Their protection rules are what "
        "stands before this identity: one of another name needs reviewers, but for scan.",
        examples=[["contoso-plan"]],
    )
    trusts: dict[FederatedName, Trust] = Field(
        default_factory=dict[str, Trust],
        description="Other tokens that it takes, such as those of a service connection of Azure DevOps, by names of "
        "your choice.",
        examples=[{"azure-devops": {"issuer": "https://vstoken.dev.azure.com/…", "subject": "sc://contoso/purview/x"}}],
    )

    def of_its_own(self, usual: Iterable[JobEnvironment], job: str) -> tuple[JobEnvironment, ...]:
        """The environments of GitHub that open it.

        Args:
            usual: Those of the workflows in ``pipelines/github``, of all jobs.
            job: Which one this identity does.
        """
        of_job = tuple(one for one in usual if one.job == job)
        known = {one.name.lower(): one.reviewed for one in of_job}
        # What runs in one of somebody's own nobody knows, so a person looks; with scan nobody deploys or decrypts.
        named = tuple(
            JobEnvironment(name, job, reviewed=known.get(name.lower(), job != SCAN)) for name in self.environments
        )
        return named or of_job

    def tokens(self, github: GitHubSettings | None, environments: Iterable[JobEnvironment]) -> dict[str, Trust]:
        """All tokens that it takes, by the names of their credentials.

        Args:
            github: The repository; None where nobody runs there.
            environments: The environments that open it.
        """
        subjects: dict[str, str] = {}
        for one in environments:
            subjects |= github.subjects(one.name) if github else {}
        ours = {name: Trust(issuer=GITHUB_ISSUER, subject=subject) for name, subject in subjects.items()}
        return ours | self.trusts

    @field_validator("trusts")
    @classmethod
    def _names_of_their_own(cls, given: dict[str, Trust]) -> dict[str, Trust]:
        for name in given:
            if name.startswith(_GITHUB):
                msg = f"{name} is a name as GitHub's own tokens have: choose one that does not begin with {_GITHUB}"
                raise ValueError(msg)
        return given


class PipelineSettings(Strict):
    """The pipelines of one tenant, or of several that share everything."""

    stacks: tuple[StackName, ...] = Field(
        default=(),
        description="The stacks; default: the one with its name here. Their stack files say what the identities need. "
        "Those that stand together can read each other's state.",
        examples=[["contoso", "contoso-test"]],
    )
    plan: IdentitySettings = Field(
        default_factory=IdentitySettings, description="The identity that previews and looks for drift."
    )
    apply: IdentitySettings = Field(default_factory=IdentitySettings, description="The identity that deploys.")
    scan: IdentitySettings = Field(
        default_factory=IdentitySettings,
        description="The identity that starts scans, and opens neither state nor vault. Without github it is made "
        "only where its trusts name a token.",
    )

    @property
    def jobs(self) -> dict[str, IdentitySettings]:
        """What is said of the identity of each job."""
        return {PLAN: self.plan, APPLY: self.apply, SCAN: self.scan}


class GrantsPipeline(Strict):
    """The rarer pipelines of ``grants/``."""

    plan: IdentitySettings = Field(
        default_factory=IdentitySettings, description="The identity that previews grants/, and can give nothing."
    )
    apply: IdentitySettings = Field(
        default_factory=IdentitySettings,
        description="The identity that deploys grants/: whoever can use it can grant anything to anybody.",
    )

    @property
    def jobs(self) -> dict[str, IdentitySettings]:
        """What is said of the identity of each job."""
        return {PLAN: self.plan, APPLY: self.apply}


def _each_a_block(given: object) -> object:
    """A tenant without settings of its own is a name and a colon."""
    nothing: JsonObject = {}
    if is_object(given):
        return {name: nothing if value is None else value for name, value in given.items()}
    return given


class BootstrapSettings(Strict):
    """Everything that a stack file of ``bootstrap/`` says."""

    resource_group: ResourceGroupName = Field(
        description="The resource group of state, keys and identities. Whoever may write in it can become any of the "
        "pipelines: keep it apart.",
        examples=["rg-purview-ai-pipelines"],
    )
    create_resource_group: StrictBool = Field(
        default=False, description="Whether the stack makes that resource group; otherwise it must exist."
    )
    storage_account: Annotated[str, Form(naming.STORAGE_ACCOUNT_NAME, naming.STORAGE_ACCOUNT_NAME_RULE)] = Field(
        description="The storage account of the tenants' states, unique in all of Azure.",
        examples=["stcontosopurviewai"],
    )
    redundancy: Redundancy = Field(
        default=Redundancy.ZONES, description="In how many places Azure keeps the state; not every region has zones."
    )
    vault: Annotated[str, Form(naming.VAULT_NAME, naming.VAULT_NAME_RULE)] = Field(
        description="The key vault of the keys that encrypt secrets in the states, unique in all of Azure. It is not "
        "the one that holds the vendors' keys.",
        examples=["kv-contoso-pipelines"],
    )
    allow_from: tuple[Network, ...] = Field(
        default=(),
        description="Addresses from which state and keys can be reached; default: from everywhere, with a token. "
        "Runners that GitHub or Microsoft host have no fixed addresses.",
        examples=[["203.0.113.0/24"]],
    )
    keep_deleted_days: StrictInt = Field(
        default=90,
        ge=7,
        le=90,
        description="For how many days deleted states, containers and keys, and overwritten states, can be recovered.",
    )
    administrators: Principals = Field(
        default_factory=Principals,
        description="Who recovers states: they open all containers and all keys. Without anybody, the resource group's "
        "Owner gives that role when it is needed.",
        examples=[{"groups": ["11111111-1111-1111-1111-111111111111"]}],
    )
    project: StrictStr = Field(
        default="..",
        description="The folder of the tenants' Pulumi project, seen from this program's; it has their stack files.",
        min_length=1,
    )
    github: GitHubSettings | None = Field(
        default=None, description="The repository whose pipelines sign in, on GitHub."
    )
    tenants: Annotated[
        dict[PipelineKey, PipelineSettings],
        BeforeValidator(_each_a_block, json_schema_input_type=dict[str, PipelineSettings | None]),
    ] = Field(
        description="The tenants, by names of your choice: each has a container, a key, and identities.",
        min_length=1,
        examples=[{"contoso": {}}],
    )
    grants: GrantsPipeline | None = Field(
        default=None,
        description="The identities of grants/: one that previews, and one that deploys and with which anything can be "
        "granted to anybody. None without this block.",
    )
    give_app_roles: StrictBool = Field(
        default=False,
        description="Whether the stack gives the identities their permissions of Microsoft Graph. Whoever deploys it "
        "then needs Privileged Role Administrator, or AppRoleAssignment.ReadWrite.All and Application.Read.All. "
        "Otherwise the output remaining lists them.",
    )
    protect: StrictBool = Field(
        default=True,
        description="Whether storage account, containers, vault and keys are protected from deletion, and stay when "
        "the stack lets go of them.",
    )
    tags: dict[str, str] = Field(default_factory=dict, description="Tags of what the stack makes.")

    @field_validator("tenants")
    @classmethod
    def _no_reserved_names(cls, given: dict[str, PipelineSettings]) -> dict[str, PipelineSettings]:
        for name in naming.RESERVED_PIPELINES:
            if name in given:
                msg = f"{name} is the name of a container that is no tenant's; choose another one"
                raise ValueError(msg)
        return given

    @field_validator("tenants")
    @classmethod
    def _no_common_environments(cls, given: dict[str, PipelineSettings]) -> dict[str, PipelineSettings]:
        """Whatever the stacks' tags say now: who deploys one of the two must never be let in as the other."""
        for name in given:
            if f"{name}-pre" in given:
                msg = (
                    f"{name} in pre-production and {name}-pre in production would have one environment, "
                    f"{name}-pre-production, whose tokens open both; choose another name for {name}-pre"
                )
                raise ValueError(msg)
        return given

    @property
    def stacks(self) -> list[tuple[str, str]]:
        """Each stack with the name that it stands below."""
        return [(key, stack) for key, one in self.tenants.items() for stack in one.stacks or (key,)]

    @property
    def identities(self) -> dict[tuple[str, str], IdentitySettings]:
        """What is said of each identity, by the tenant's name and the job's.

        Scans need no pipeline where Purview's triggers suffice, so nobody has to name a token for them.
        """
        pipelines = {**self.tenants, **({GRANTS_NAME: self.grants} if self.grants else {})}
        return {
            (name, job): one
            for name, pipeline in pipelines.items()
            for job, one in pipeline.jobs.items()
            if job != SCAN or self.github or one.trusts
        }

    def environments(
        self, deployed_in: Mapping[str, Collection[str]]
    ) -> dict[tuple[str, str], tuple[JobEnvironment, ...]]:
        """The environments of GitHub that open each identity, by the tenant's name and the job's.

        Args:
            deployed_in: Where the stacks of each tenant are deployed, as their tags say.
        """
        usual = {name: environments_of(name, deployed_in.get(name, ())) for name in self.tenants} | {
            GRANTS_NAME: GRANTS
        }
        return {whose: one.of_its_own(usual[whose[0]], whose[1]) for whose, one in self.identities.items()}


@dataclass(frozen=True)
class DeployedTenant:
    """A tenant as its stack file has it, and where it deploys."""

    subscription_id: str
    settings: TenantSettings
    environment: str
    """Where it stands in the order of deployments."""

    @property
    def account(self) -> naming.AccountPlace | None:
        """The Purview account; None where Azure is asked which one it is."""
        return self.settings.purview.place(self.subscription_id)

    @property
    def vault_group(self) -> str:
        """The ARM id of the resource group of the tenant's vault."""
        return naming.resource_group_id(self.subscription_id, self.settings.vault.resource_group)
