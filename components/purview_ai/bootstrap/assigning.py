"""Giving a role of Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import authorization

from purview_ai import naming

if TYPE_CHECKING:
    from purview_ai.bootstrap.roles import Grant


def assigned(
    name: str,
    grant: Grant,
    holder: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    kind: authorization.PrincipalType = authorization.PrincipalType.SERVICE_PRINCIPAL,
) -> authorization.RoleAssignment:
    """A role of a holder; its kind is said, so that a new identity is no problem."""
    role, subscription = grant.role_id, grant.scope.split("/")[2]
    definitions = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions"
    named = pulumi.Output.from_input(holder).apply(lambda one: naming.role_assignment(grant.scope, one, role))
    return authorization.RoleAssignment(
        f"{name}-{grant.key}",
        role_assignment_name=named,
        scope=grant.scope,
        role_definition_id=f"{definitions}/{role}",
        principal_id=holder,
        principal_type=kind,
        opts=opts,
    )
