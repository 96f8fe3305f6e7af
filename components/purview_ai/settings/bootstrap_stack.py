"""Reads the settings of the program ``bootstrap/``, and of the tenants whose pipelines it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pydantic import ValidationError

from purview_ai import naming
from purview_ai.identity import AzureSettings
from purview_ai.json_values import is_object
from purview_ai.settings.bootstrap import BootstrapSettings, DeployedTenant
from purview_ai.settings.files import NAMESPACE, TENANT, Project, StackFileError
from purview_ai.settings.grants import GrantsMode
from purview_ai.settings.mistakes import Mistake, SettingsError, mistakes_of
from purview_ai.settings.pipeline_environments import (
    ENVIRONMENTS,
    IDENTITY,
    SCAN,
    TagError,
    environment_of,
    identity_of,
)
from purview_ai.settings.pipeline_secrets import open_to_previews
from purview_ai.settings.stack import azure_native
from purview_ai.settings.surroundings import surroundings_of
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from purview_ai.json_values import JsonObject
    from purview_ai.settings.pipeline_environments import JobEnvironment
    from purview_ai.settings.surroundings import Surroundings

BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class BootstrapStack:
    """State and pipelines as a stack file has them."""

    name: str
    """The stack's name."""
    settings: BootstrapSettings
    surroundings: Surroundings
    tenants: Mapping[str, Sequence[DeployedTenant]]
    """What the tenants' own stack files say."""

    @property
    def environments(self) -> dict[tuple[str, str], tuple[JobEnvironment, ...]]:
        """The environments of GitHub that open each identity, by the tenant's name and the job's."""
        return self.settings.environments(_deployed_in(self.tenants))


def read() -> BootstrapStack:
    """The settings of the current stack; ends the program with every mistake that they hold."""
    name = pulumi.get_stack()
    surroundings, mistakes = surroundings_of(AzureSettings.of(azure_native))
    try:
        settings = BootstrapSettings.model_validate(_block())
    except ValidationError as error:
        raise pulumi.RunError(str(SettingsError(name, [*mistakes, *mistakes_of(error, BootstrapSettings)]))) from None
    tenants, wrong = _tenants(settings, surroundings.subscription_id if surroundings else "")
    mistakes += [*_shared_tokens(settings, settings.environments(_deployed_in(tenants))), *wrong]
    if mistakes or surroundings is None:
        raise pulumi.RunError(str(SettingsError(name, mistakes)))
    for warning in _warnings(settings, tenants):
        pulumi.log.warn(f"{name}: {warning}")
    return BootstrapStack(name, settings, surroundings, tenants)


def _block() -> object:
    try:
        block = pulumi.Config(NAMESPACE).get_object(BOOTSTRAP)
    except pulumi.ConfigTypeError:
        block = None
    return block if is_object(block) else {}


def _deployed_in(tenants: Mapping[str, Sequence[DeployedTenant]]) -> dict[str, set[str]]:
    return {key: {one.environment for one in several} for key, several in tenants.items()}


def _shared_tokens(
    settings: BootstrapSettings, environments: Mapping[tuple[str, str], Sequence[JobEnvironment]]
) -> Iterator[Mistake]:
    """Identities that nobody can sign in as, and tokens that would open two of them."""
    owners: dict[tuple[str, str], str] = {}
    for whose, identity in settings.identities.items():
        place, tokens = ".".join(whose), identity.tokens(settings.github, environments[whose])
        if whose[0] in settings.tenants:
            place = f"tenants.{place}"
        if not tokens:
            fix = "add github with its repository, or trusts with issuer and subject of a service connection"
            yield Mistake(place, "", "nobody's tokens open this identity", fix)
        for token in tokens.values():
            owner = owners.setdefault((token.issuer, token.subject), place)
            if owner != place:
                fix = "give each identity an environment or a service connection of its own"
                reason = f"the same token would open {owner}, too"
                yield Mistake(place, repr(token.subject), reason, fix)


def _tenants(
    settings: BootstrapSettings, subscription_id: str
) -> tuple[dict[str, list[DeployedTenant]], list[Mistake]]:
    """What the tenants' stack files say, and what is wrong with them."""
    folder = (Path(pulumi.get_root_directory()) / settings.project).resolve()
    found: dict[str, list[DeployedTenant]] = {key: [] for key in settings.tenants}
    mistakes = list(_shared_stacks(settings))
    for key, stack in settings.stacks:
        try:
            config = Project.around(folder).config_of(stack)
            mistakes += _open_to_plan(key, stack, config)
            own = TenantSettings.model_validate(config.get(TENANT) or {})
        except StackFileError as error:
            fix = "write the tenant's stack file first: purview-ai init, or stacks/tenant.example.yaml"
            mistakes.append(Mistake(f"tenants.{key}", "", str(error), fix))
        except ValidationError as error:
            fix = f"purview-ai settings check --stack {stack}"
            count = error.error_count()
            reason = f"the stack file of {stack} has {count} wrong setting{'s' if count > 1 else ''}"
            mistakes.append(Mistake(f"tenants.{key}", "", reason, fix))
        else:
            mistakes += _too_much(key, stack, own)
            try:
                environment, identity = environment_of(stack, own.tags), identity_of(stack, own.tags)
            except TagError as error:
                mistakes.append(Mistake(f"tenants.{key}", "", error.reason, error.fix))
                continue
            if identity != key:
                mistakes.append(_of_another(key, stack, identity))
            place = str(config.get("azure-native:subscriptionId") or subscription_id)
            deployed = DeployedTenant(place, own, environment)
            if (
                deployed.vault_group.lower()
                == naming.resource_group_id(subscription_id, settings.resource_group).lower()
            ):
                mistakes.append(_beside_the_keys(key, stack, settings.resource_group))
            found[key].append(deployed)
    return found, [*mistakes, *_in_several_environments(found)]


def _in_several_environments(found: Mapping[str, Sequence[DeployedTenant]]) -> Iterator[Mistake]:
    """Tenants that would share their deployments' identity with some that are deployed with another approval."""
    for key, several in found.items():
        places = sorted({one.environment for one in several}, key=ENVIRONMENTS.index)
        for later in places[1:]:
            reason = (
                f"some of them are deployed in {places[0]} and others in {later}, by one identity: whoever deploys in "
                f"{places[0]} could deploy all of them, without the approval of {later}"
            )
            fix = (
                f"let those of {later} stand below a name of their own, such as {key}-{later}, and say so with "
                f"tags: {{{IDENTITY}: {key}-{later}}} in their stack files"
            )
            yield Mistake(f"tenants.{key}.stacks", "", reason, fix)


def _open_to_plan(key: str, stack: str, config: JsonObject) -> Iterator[Mistake]:
    for one in open_to_previews(stack, config):
        reason = f"in the stack file of {stack}, {one.path} = {one.value}: {one.reason}"
        yield Mistake(f"tenants.{key}", "", reason, one.fix)


def _beside_the_keys(key: str, stack: str, group: str) -> Mistake:
    reason = (
        f"the vault of {stack} is in {group}, as the states and their keys are: whoever deploys it may give roles "
        "there, and could open the other tenants' states"
    )
    fix = f"another resource_group here, or another vault.resource_group in the stack file of {stack}"
    return Mistake(f"tenants.{key}", "", reason, fix)


def _of_another(key: str, stack: str, identity: str) -> Mistake:
    reason = (
        f"{stack} stands below {key}, and its pipelines sign in as {identity}, by {IDENTITY} in its tags or by its name"
    )
    fix = f"tags: {{{IDENTITY}: {key}}} in its stack file, or {identity} with that stack below tenants here"
    return Mistake(f"tenants.{key}.stacks", repr(stack), reason, fix)


def _shared_stacks(settings: BootstrapSettings) -> Iterator[Mistake]:
    owners: dict[str, str] = {}
    for key, stack in settings.stacks:
        owner = owners.setdefault(stack, key)
        if owner != key:
            fix = "leave it to one of the two: a stack has one state"
            yield Mistake(f"tenants.{key}.stacks", repr(stack), f"it belongs to tenants.{owner}, too", fix)


def _too_much(key: str, stack: str, tenant: TenantSettings) -> Iterator[Mistake]:
    """What a pipeline should not need."""
    if tenant.vault.create_resource_group:
        reason = (
            f"{stack} makes the vault's resource group, for which its pipeline would need Contributor and User Access "
            "Administrator on the whole subscription"
        )
        fix = f"make {tenant.vault.resource_group} by hand, and take vault.create_resource_group out of its stack file"
        yield Mistake(f"tenants.{key}", "", reason, fix)
    if tenant.captured and tenant.grants.mode is GrantsMode.MANAGED:
        reason = (
            f"{stack} gives app roles, for which its pipeline would need AppRoleAssignment.ReadWrite.All; with that "
            "it could make itself anything, and read any tenant's state"
        )
        fix = "grants: expected in its stack file; an identity of its own (grants: {} here) deploys grants/"
        yield Mistake(f"tenants.{key}", "", reason, fix)
    for setting in tenant.given_to_deployer:
        reason = (
            f"{stack} gives roles to whoever deploys it ({setting}); previews are another identity's, and each "
            "would show a change"
        )
        fix = f"{setting}: false in its stack file; the output remaining tells what to give the identities instead"
        yield Mistake(f"tenants.{key}", "", reason, fix)


def _warnings(settings: BootstrapSettings, tenants: Mapping[str, Sequence[DeployedTenant]]) -> Iterator[str]:
    """What is allowed, but looks like a mistake."""
    for key in settings.tenants:
        if (key, SCAN) not in settings.identities:
            yield (
                f"tenants.{key}: scan trusts no token, so no identity is made that starts scans; a token of a pipeline "
                "for scans does not belong to apply, with which it could deploy without an approval"
            )
    groups: dict[str, set[str]] = {}
    for key, tenant in [(key, one) for key, several in tenants.items() for one in several]:
        groups.setdefault(tenant.vault_group.lower(), set()).add(key)
        people = tenant.settings.governance.people if tenant.settings.governance else None
        if people is not None and any(group.directory_roles for group in people.groups.values()):
            yield (
                f"tenants.{key}: its stack gives directory roles, so its apply identity needs "
                "RoleManagement.ReadWrite.Directory, with which it could make itself anything"
            )
        if tenant.account is None:
            yield f"tenants.{key}: purview.account is default, so its identities get no role on the account from here"
    for group, keys in groups.items():
        if len(keys) > 1:
            yield (
                f"tenants: {' and '.join(sorted(keys))} have their vaults in one resource group, "
                f"{group.rsplit('/', 1)[-1]}: whoever deploys one of them can change the others' vaults"
            )
    if not settings.administrators.users and not settings.administrators.groups:
        yield "administrators: nobody is named who could recover a state"
