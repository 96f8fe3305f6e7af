"""An identity of a pipeline: it has no secret, and takes the pipeline's own tokens in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import managedidentity

from purview_ai import explained, lookups
from purview_ai.bootstrap.assigning import assigned
from purview_ai.directory.app_roles import READ_USERS
from purview_ai.dynamic.resources import AppRoleGrant
from purview_ai.identity import DEFAULT_OIDC_AUDIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.bootstrap.roles import Rights
    from purview_ai.settings.bootstrap import BootstrapSettings, Trust

_GRAPH = READ_USERS


class PipelineIdentity(pulumi.ComponentResource):
    """A user-assigned managed identity, whose tokens it takes, and what it may do."""

    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    """Its object id in Entra."""

    def __init__(
        self,
        name: str,
        *,
        stack: str,
        identity: str,
        tokens: Mapping[str, Trust],
        rights: Rights,
        settings: BootstrapSettings,
        location: str,
        needed: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make an identity for one job of one pipeline.

        Args:
            name: The component's name in the stack.
            stack: Whom messages speak of.
            identity: What it is called in Azure.
            tokens: The tokens that it takes, by names for them.
            rights: What it may do.
            settings: Where it is, and whether Graph's permissions are given.
            location: The Azure region.
            needed: What must be there before it gets a role on it.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:PipelineIdentity", name, None, opts)
        self._name, self._stack, self._identity, self._group = name, stack, identity, settings.resource_group
        made = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=identity,
            resource_group_name=self._group,
            location=location,
            tags=settings.tags or None,
            opts=self._after(needed, f"identity {identity} was not made"),
        )
        self.client_id, self.principal_id = made.client_id, made.principal_id
        self._trust(tokens, made)
        for grant in rights.azure:
            happened = f"{grant.role} on {grant.scope.rsplit('/', 1)[-1]} was not given to {identity}"
            assigned(name, grant, made.principal_id, self._after(needed, happened))
        if settings.give_app_roles and rights.graph:
            self._permit(rights.graph)
        self.register_outputs({})

    def _trust(self, tokens: Mapping[str, Trust], identity: pulumi.Resource) -> None:
        """One after the other: Azure refuses two at a time for one identity (docs/facts.md, graph 110)."""
        before = identity
        for title, token in tokens.items():
            before = managedidentity.FederatedIdentityCredential(
                f"{self._name}-{title}",
                federated_identity_credential_resource_name=title,
                resource_name_=self._identity,
                resource_group_name=self._group,
                issuer=token.issuer,
                subject=token.subject,
                audiences=[DEFAULT_OIDC_AUDIENCE],
                opts=self._after([before], f"{self._identity} was not opened to {token.subject}"),
            )

    def _after(self, needed: Sequence[pulumi.Resource], happened: str) -> pulumi.ResourceOptions:
        told = explained.on_failure(self._name, self._stack, happened, explained.PIPELINES, self)
        hooks = pulumi.ResourceHookBinding(on_error=[told])
        return pulumi.ResourceOptions(parent=self, depends_on=list(needed), hooks=hooks)

    def _permit(self, values: Sequence[str]) -> None:
        graph = lookups.service_principal(_GRAPH.client_id, _GRAPH.resource, pulumi.InvokeOptions(parent=self))
        for value in values:
            if value not in graph.app_role_ids:
                reason = "Microsoft Graph offers no such permission here."
                msg = f"{self._stack}: {self._identity} was not given {value}\n  {reason}"
                raise pulumi.RunError(msg)
            AppRoleGrant(
                f"{self._name}-{value}",
                tenant=self._stack,
                principal_id=self.principal_id,
                resource_id=graph.object_id,
                app_role_id=graph.app_role_ids[value],
                role=value,
                expected=False,
                release=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
