"""State, keys and identities of all tenants' pipelines: wires the components of the program ``bootstrap/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from purview_ai import lookups, naming
from purview_ai.bootstrap import roles
from purview_ai.bootstrap.pipeline_identity import PipelineIdentity
from purview_ai.bootstrap.state_store import StateStore
from purview_ai.settings.bootstrap import GRANTS_NAME
from purview_ai.settings.pipeline_environments import APPLY, PLAN, SCAN

if TYPE_CHECKING:
    from purview_ai.bootstrap.roles import Rights
    from purview_ai.settings.bootstrap import Trust
    from purview_ai.settings.bootstrap_stack import BootstrapStack

OWN = "bootstrap"
"""The state of the program itself, beside those of the tenants."""


class Pipelines(pulumi.ComponentResource):
    """What must be there before a tenant's first pipeline runs."""

    lines: dict[str, pulumi.Output[str]]
    """What each pipeline has to know, as lines of its settings, by the tenant."""
    environments: dict[str, dict[str, Any]]
    """The environments of GitHub in which the pipelines' jobs run, by their names: whether a person looks before each
    job (``reviewers``), and their ``variables``."""
    remaining: dict[str, list[str]]
    """What each identity still needs and only somebody else can give, by the identity."""

    def __init__(self, name: str, stack: BootstrapStack, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make state, keys and identities of the tenants that a stack's settings name."""
        super().__init__("purview-ai:index:Pipelines", name, None, opts)
        self._stack, self._settings = stack, stack.settings
        self._child = pulumi.ResourceOptions(parent=self)
        self._tenant_id = lookups.deployer(pulumi.InvokeOptions(parent=self)).tenant_id
        others = [GRANTS_NAME] if self._settings.grants else []
        self._store = StateStore(
            "state",
            stack=stack.name,
            names=[OWN, *others, *self._settings.tenants],
            settings=self._settings,
            surroundings=stack.surroundings,
            tenant_id=self._tenant_id,
            opts=self._child,
        )
        self.remaining = {}
        made = {
            whose: self._identity(whose, one.tokens(self._settings.github, stack.environments[whose]))
            for whose, one in self._settings.identities.items()
        }
        self.lines = {OWN: pulumi.Output.from_input(self._lines(OWN, {}))}
        for tenant in [*self._settings.tenants, *others]:
            ids: dict[str, pulumi.Output[str]] = {}
            for (owner, job), one in made.items():
                if owner == tenant:
                    ids |= {f"{job.upper()}_CLIENT_ID": one.client_id, f"{job.upper()}_OBJECT_ID": one.principal_id}
            self.lines[tenant] = pulumi.Output.all(**ids).apply(lambda found, tenant=tenant: self._lines(tenant, found))
        self.environments = {
            one.name: {
                "reviewers": one.reviewed,
                "variables": {"AZURE_CLIENT_ID": made[whose].client_id, **self._state(*whose)},
            }
            for whose, several in stack.environments.items()
            for one in (several if self._settings.github else ())
        }
        self.register_outputs({})

    def _identity(self, whose: tuple[str, str], tokens: dict[str, Trust]) -> PipelineIdentity:
        tenant, job = whose
        name, rights = f"{tenant}-{job}", self._rights(tenant, job)
        permissions = () if self._settings.give_app_roles else rights.graph
        remaining = [*(f"Microsoft Graph: {value}" for value in permissions), *rights.remaining]
        if remaining:
            self.remaining[name] = remaining
        return PipelineIdentity(
            name,
            stack=self._stack.name,
            identity=naming.pipeline_identity(tenant, job),
            tokens=tokens,
            rights=rights,
            settings=self._settings,
            location=self._stack.surroundings.location,
            needed=[*self._store.group, *self._store.ready[tenant]],
            opts=self._child,
        )

    def _rights(self, tenant: str, job: str) -> Rights:
        store = self._store.stores[tenant]
        if tenant == GRANTS_NAME:
            everybody = [one for several in self._stack.tenants.values() for one in several]
            return roles.of_grants_plan(everybody, store) if job == PLAN else roles.of_grants(everybody, store)
        of_job = {PLAN: roles.of_plan, APPLY: roles.of_apply, SCAN: roles.of_scan}[job]
        return of_job(self._stack.tenants[tenant], store)

    def _lines(self, tenant: str, ids: dict[str, Any]) -> str:
        cloud, settings = self._stack.surroundings.cloud, self._settings
        told = {
            "PULUMI_BACKEND_URL": self._state_url(tenant),
            "SECRETS_PROVIDER": naming.secrets_provider(settings.vault, cloud.vault_suffix, tenant),
            "AZURE_TENANT_ID": self._tenant_id,
            **ids,
        }
        return "\n".join(f"{name}={value}" for name, value in told.items())

    def _state(self, tenant: str, job: str) -> dict[str, str]:
        """The variable that says where the state is, for jobs that open it."""
        return {} if job == SCAN else {"PULUMI_BACKEND_URL": self._state_url(tenant)}

    def _state_url(self, tenant: str) -> str:
        suffix = self._stack.surroundings.cloud.storage_suffix
        return naming.state_url(naming.state_container(tenant), self._settings.storage_account, suffix)
