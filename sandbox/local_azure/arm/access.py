"""Azure role-based access: the roles that there are, and whether a caller may do a thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from local_azure.errors import ServiceError
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.call import Call, JsonObject


@dataclass(frozen=True)
class Role:
    """A role: what it allows in the control plane and in the data plane."""

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    gives_only: tuple[str, ...] = ()
    """The ids of the roles that it lets its holder give and take, where it has a condition; empty: all."""

    @property
    def shown(self) -> JsonObject:
        """What it allows, by ARM's names."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": list(self.not_data_actions),
        }

    def allows(self, action: str, *, data: bool) -> bool:
        """Whether the role contains an action."""
        if data:
            return _any_matches(self.data_actions, action) and not _any_matches(self.not_data_actions, action)
        return _any_matches(self.actions, action) and not _any_matches(self.not_actions, action)


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) for pattern in patterns)


_LOOKING_ROUND = ("Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read")
_VAULT_READ = (
    *_LOOKING_ROUND,
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.KeyVault/vaults/read",
)
_BLOB_SERVICES = "Microsoft.Storage/storageAccounts/blobServices"
_CONTAINERS = f"{_BLOB_SERVICES}/containers"
ROLES = (
    Role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",)),
    Role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        ("*",),
        ("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
    ),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",)),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*"),
    ),
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    Role(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets Officer",
        _VAULT_READ,
        data_actions=("Microsoft.KeyVault/vaults/secrets/*",),
    ),
    Role(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        "Key Vault Administrator",
        _VAULT_READ,
        data_actions=("Microsoft.KeyVault/vaults/*",),
    ),
    Role(
        "21090545-7ca7-4776-b22c-e363652d74d2",
        "Key Vault Reader",
        _VAULT_READ,
        data_actions=(
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    Role(
        "12338af0-0e69-4776-bea7-57ae8d297424",
        "Key Vault Crypto User",
        data_actions=tuple(
            f"Microsoft.KeyVault/vaults/keys/{action}"
            for action in (
                "read",
                "update/action",
                "backup/action",
                "encrypt/action",
                "decrypt/action",
                "wrap/action",
                "unwrap/action",
                "sign/action",
                "verify/action",
            )
        ),
    ),
    Role(
        "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
        "Key Vault Crypto Officer",
        _VAULT_READ,
        data_actions=("Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"),
    ),
    Role(
        "8b54135c-b56d-4d72-a534-26097cfdc8d8",
        "Key Vault Data Access Administrator",
        (
            "Microsoft.Authorization/*/read",
            "Microsoft.Authorization/roleAssignments/delete",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.Resources/subscriptions/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        gives_only=(
            "00482a5a-887f-4fb3-b363-3b7fe8e74483",
            "a4417e6f-fecd-4de8-b567-7b0420556985",
            "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
            "e147488a-f6f5-4113-8e2d-b22465e65bf6",
            "12338af0-0e69-4776-bea7-57ae8d297424",
            "21090545-7ca7-4776-b22c-e363652d74d2",
            "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
            "4633458b-17de-408a-b874-0445c86b69e6",
        ),
    ),
    Role("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", (*_LOOKING_ROUND, "Microsoft.KeyVault/*")),
    Role(
        "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
        "Monitoring Contributor",
        # Of its actions, those on what the sandbox has.
        (
            "*/read",
            "Microsoft.Insights/ActionGroups/*",
            "Microsoft.Insights/DiagnosticSettings/*",
            "Microsoft.Insights/ScheduledQueryRules/*",
            "Microsoft.OperationalInsights/workspaces/write",
            "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
        ),
    ),
    Role(
        "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
        "Log Analytics Contributor",
        ("*/read", "Microsoft.Insights/DiagnosticSettings/*", "Microsoft.OperationalInsights/*"),
    ),
    Role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Storage Blob Data Reader",
        (f"{_CONTAINERS}/read", f"{_BLOB_SERVICES}/generateUserDelegationKey/action"),
        data_actions=(f"{_CONTAINERS}/blobs/read",),
    ),
    Role(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Storage Blob Data Contributor",
        (
            *(f"{_CONTAINERS}/{action}" for action in ("delete", "read", "write")),
            f"{_BLOB_SERVICES}/generateUserDelegationKey/action",
        ),
        data_actions=tuple(
            f"{_CONTAINERS}/blobs/{action}" for action in ("delete", "read", "write", "move/action", "add/action")
        ),
    ),
)
_VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(-preview)?$")
ROLES_BY_ID = {role.id: role for role in ROLES}


class CustomRole(Document):
    """A role that somebody made. The whole directory knows it, and it is given on some scopes alone."""

    id: str
    name: str
    description: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    not_data_actions: tuple[str, ...]
    scopes: tuple[str, ...]
    """Where it can be given, and below."""
    created: str
    updated: str
    unseen: int = 0
    """How many more assignments do not find it yet (slow propagation)."""

    @property
    def key(self) -> str:
        """The GUID."""
        return self.id

    @property
    def role(self) -> Role:
        """What it allows."""
        return Role(self.id, self.name, self.actions, self.not_actions, self.data_actions, self.not_data_actions)

    def can_be_given_on(self, scope: str) -> bool:
        """Whether a scope is one of its own or lies below one."""
        return any(is_within(scope, one) for one in self.scopes)


def is_within(scope: str, whole: str) -> bool:
    """Whether a scope is this one or lies below it."""
    own = whole.lower().rstrip("/")
    return scope.lower() == own or scope.lower().startswith(own + "/")


def role_of(azure: Azure, role_id: str) -> Role | None:
    """A built-in role, or one that somebody made."""
    made = None if role_id in ROLES_BY_ID else azure.store.get(CustomRole, role_id)
    return made.role if made else ROLES_BY_ID.get(role_id)


class RoleAssignment(Document):
    """A role held by a principal on a scope and everything below it."""

    name: str
    scope: str
    role_id: str
    principal_id: str
    principal_type: str
    created: str
    unseen: int = 0
    """How many more checks do not see it yet (slow propagation)."""

    @property
    def key(self) -> str:
        """The assignment's ARM id."""
        return f"{self.scope}/providers/Microsoft.Authorization/roleAssignments/{self.name}"

    @property
    def grants(self) -> tuple[str, str, str]:
        """The scope, the role and the principal: no two assignments have the same."""
        return self.scope.lower(), self.role_id, self.principal_id

    def covers(self, scope: str) -> bool:
        """Whether this scope is the assignment's own or lies below it."""
        return is_within(scope, self.scope)


def is_allowed(azure: Azure, principal_id: str, scope: str, action: str, *, data: bool = False) -> bool:
    """Whether a role assignment lets this principal do an action on a scope."""
    allowed = False
    for assignment in azure.store.all(RoleAssignment):
        if assignment.principal_id != principal_id or not assignment.covers(scope):
            continue
        role = role_of(azure, assignment.role_id)
        if role is not None and role.allows(action, data=data):
            if assignment.unseen == 0:
                allowed = True
            else:
                assignment.unseen -= 1
                azure.store.put(assignment)
    return allowed


def may_give(azure: Azure, principal_id: str, scope: str, role_id: str) -> bool:
    """Whether the conditions on what this principal holds let it give and take a role (docs/facts.md, graph 112)."""
    if not azure.rules.on("role-conditions"):
        return True
    held = [a for a in azure.store.all(RoleAssignment) if a.principal_id == principal_id and a.covers(scope)]
    roles = [role_of(azure, one.role_id) for one in held if one.unseen == 0]
    write = "Microsoft.Authorization/roleAssignments/write"
    giving = [role for role in roles if role is not None and role.allows(write, data=False)]
    return any(not role.gives_only or role_id in role.gives_only for role in giving)


def roles_on(azure: Azure, principal_id: str, scope: str) -> list[Role]:
    """The roles that a principal holds on a scope or above it, one for each assignment that is seen by now."""
    found: list[Role] = []
    for assignment in azure.store.all(RoleAssignment):
        role = role_of(azure, assignment.role_id)
        if assignment.principal_id == principal_id and assignment.covers(scope) and role is not None:
            if assignment.unseen == 0:
                found.append(role)
            else:
                assignment.unseen -= 1
                azure.store.put(assignment)
    return found


def _require_version(call: Call) -> None:
    if not call.azure.rules.on("api-versions"):
        return
    version = call.query.get("api-version")
    if version is None:
        says = "The api-version query parameter (?api-version=) is required for all requests."
        raise ServiceError(400, "MissingApiVersionParameter", says)
    if _VERSION.match(version) is None:
        raise ServiceError(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def require(call: Call, scope: str, action: str) -> None:
    """Stop a request without an api-version, and a caller who holds no role for this action."""
    _require_version(call)
    if not call.azure.rules.on("arm-roles"):
        return
    if not is_allowed(call.azure, call.caller.object_id, scope, action):
        refuse(call, scope, action)


def refuse(call: Call, scope: str, action: str) -> NoReturn:
    """What ARM says to a caller who may not do this."""
    says = (
        f"The client '{call.caller.app_id}' with object id '{call.caller.object_id}' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. "
        "If access was recently granted, please refresh your credentials."
    )
    raise ServiceError(403, "AuthorizationFailed", says)
