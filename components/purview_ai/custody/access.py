"""Who gets which rights in a vault, in either of a vault's two models (docs/facts.md, graph 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import authorization, keyvault

from purview_ai import naming

if TYPE_CHECKING:
    from collections.abc import Iterable

    from purview_ai.custody.rights import Right
    from purview_ai.settings.vault import Principals


@dataclass(frozen=True)
class Holder:
    """Somebody, with the kind that Azure wants to be told: where nobody looks, a new identity is no problem."""

    object_id: pulumi.Input[str]
    kind: authorization.PrincipalType = authorization.PrincipalType.SERVICE_PRINCIPAL


@dataclass(frozen=True)
class Permit:
    """A right of somebody on a vault, or on one secret of it."""

    key: str
    """What it is called in a stack."""
    holder: Holder
    right: Right
    secret: str = ""
    """The one secret that it is about; empty for all."""


def permits_of(principals: Principals, word: str, right: Right) -> list[Permit]:
    """A right for each of the named principals."""
    kinds = (
        (principals.users, authorization.PrincipalType.USER),
        (principals.groups, authorization.PrincipalType.GROUP),
        (principals.applications, authorization.PrincipalType.SERVICE_PRINCIPAL),
    )
    return [Permit(f"{word}-{one}", Holder(one, kind), right) for ids, kind in kinds for one in ids]


def assign_role(
    name: str, subscription_id: str, vault_id: str, permit: Permit, opts: pulumi.ResourceOptions
) -> authorization.RoleAssignment:
    """Give a right in a vault that goes by roles."""
    scope = naming.secret_id(vault_id, permit.secret) if permit.secret else vault_id
    role = permit.right.role_id
    named = pulumi.Output.from_input(permit.holder.object_id).apply(
        lambda holder: naming.role_assignment(scope, holder, role)
    )
    definitions = f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
    return authorization.RoleAssignment(
        f"{name}-{permit.key}",
        role_assignment_name=named,
        scope=scope,
        role_definition_id=f"{definitions}/{role}",
        principal_id=permit.holder.object_id,
        principal_type=permit.holder.kind,
        opts=opts,
    )


@dataclass(frozen=True)
class PolicyEntry:
    """All that one principal may do in a vault that goes by access policies; a vault has one entry for each."""

    key: str
    policy: keyvault.AccessPolicyEntryArgs


def policy_entries(permits: Iterable[Permit], tenant_id: str) -> list[PolicyEntry]:
    """One entry for each principal, with the rights that it has together."""
    rights: dict[pulumi.Input[str], list[Right]] = {}
    keys: dict[pulumi.Input[str], str] = {}
    for permit in permits:
        keys.setdefault(permit.holder.object_id, permit.key)
        rights.setdefault(permit.holder.object_id, []).append(permit.right)
    return [
        PolicyEntry(
            keys[holder],
            keyvault.AccessPolicyEntryArgs(
                tenant_id=tenant_id,
                object_id=holder,
                permissions=_permissions(held),
            ),
        )
        for holder, held in rights.items()
    ]


def _permissions(rights: list[Right]) -> keyvault.PermissionsArgs:
    secrets = _together(word for right in rights for word in right.secrets)
    others = _together(word for right in rights for word in right.others)
    return keyvault.PermissionsArgs(
        secrets=[keyvault.SecretPermissions(word) for word in secrets],
        keys=[keyvault.KeyPermissions(word) for word in others] or None,
        certificates=[keyvault.CertificatePermissions(word) for word in others] or None,
    )


def _together(words: Iterable[str]) -> list[str]:
    """Each word once, and none beside the one that says all."""
    found = list(dict.fromkeys(words))
    return ["all"] if "all" in found else found
