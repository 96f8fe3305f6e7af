"""Entra's objects: service principals, the secrets they sign in with, and their app role assignments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from local_azure.call import JsonObject
from local_azure.store import Document
from local_azure.tokens import Caller

if TYPE_CHECKING:
    from local_azure.azure import Azure

PURVIEW_API_APP = "9ec59623-ce40-4dc8-a635-ed0275b5d58a"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
EXCHANGE_APP = "00000002-0000-0ff1-ce00-000000000000"
PROCESS_CONVERSATIONS = "a4543e1f-6e5d-4ec9-a54a-f3b8c156163f"
USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214"
GRAPH_ROLES = {
    "User.Read.All": USER_READ_ALL,
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "AuditLogsQuery.Read.All": "5e1e9171-754d-478c-812c-f1755a9a4c2d",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Policy.ReadWrite.ConditionalAccess": "01c0a623-fc9b-48e9-b794-0756f8e8f067",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca4d-4989-b2ce-8ef7ceaa2d59",
    "eDiscovery.Read.All": "50180013-6191-4d1e-a373-e590ff4e66af",
    "eDiscovery.ReadWrite.All": "b2620db1-3bf7-4c5b-9cb9-576d29eac736",
}


class AppRole(BaseModel):
    """A permission that an application offers to other applications."""

    id: str
    value: str


@dataclass(frozen=True)
class Application:
    """An application of Microsoft's own, of which any tenant can have a service principal."""

    display_name: str
    app_roles: dict[str, str]
    """The ids of its app roles by their values."""

    def offered(self) -> list[AppRole]:
        """Its app roles, as a service principal has them."""
        return [AppRole(id=role, value=value) for value, role in self.app_roles.items()]


MICROSOFTS = {
    # Its display name is not stable in the real world, so nothing may look it up by that.
    PURVIEW_API_APP: Application(
        "Purview Ecosystem", {"Purview.ProcessConversationMessages.All": PROCESS_CONVERSATIONS}
    ),
    GRAPH_APP: Application("Microsoft Graph", GRAPH_ROLES),
    EXCHANGE_APP: Application("Office 365 Exchange Online", {}),
}
"""Those that are known here, by their ids."""


class ServicePrincipal(Document):
    """An application's or a managed identity's presence in a tenant. Its object id is not its application id."""

    id: str
    app_id: str
    tenant_id: str
    display_name: str
    kind: str = "Application"
    app_roles: list[AppRole] = Field(default_factory=list[AppRole])
    owners: list[str] = Field(default_factory=list[str])
    """Object ids."""
    settings: JsonObject = Field(default_factory=JsonObject)
    """What was written to it, by Graph's names."""
    unseen: int = 0
    """How many more look-ups do not see it yet (slow propagation)."""

    @property
    def key(self) -> str:
        """The object id."""
        return self.id


class ClientSecret(Document):
    """A secret with which an application signs in, kept as a hash."""

    app_id: str
    sha256: str

    @property
    def key(self) -> str:
        """The application id and the hash: an application may have several."""
        return f"{self.app_id}/{self.sha256}"


class AppRoleAssignment(Document):
    """An app role of a resource, granted to a principal."""

    id: str
    app_role_id: str
    principal_id: str
    resource_id: str
    created: str
    unseen: int = 0
    """How many more look-ups do not see it yet (slow propagation)."""

    @property
    def key(self) -> str:
        """Graph's opaque id of the assignment."""
        return self.id


def principal_by_app(azure: Azure, app_id: str, tenant_id: str) -> ServicePrincipal | None:
    """The service principal of an application in a tenant."""
    for principal in azure.store.all(ServicePrincipal):
        if principal.app_id == app_id.lower() and principal.tenant_id == tenant_id.lower():
            return principal
    return None


def remove_principal(azure: Azure, principal_id: str) -> None:
    """Forget a service principal; its grants go with it."""
    for assignment in azure.store.all(AppRoleAssignment):
        if principal_id in (assignment.principal_id, assignment.resource_id):
            azure.store.delete(assignment)
    principal = azure.store.get(ServicePrincipal, principal_id)
    if principal is not None:
        azure.store.delete(principal)


def has_app_role(azure: Azure, principal_id: str, app_role_id: str) -> bool:
    """Whether a principal holds an app role of any resource, as seen after propagation."""
    for assignment in azure.store.all(AppRoleAssignment):
        held = (assignment.principal_id, assignment.app_role_id) == (principal_id, app_role_id)
        if held and seen(azure, assignment):
            return True
    return False


def seen(azure: Azure, fresh: AppRoleAssignment | ServicePrincipal) -> bool:
    """Whether a grant or an identity is known by now; each look brings that nearer."""
    if fresh.unseen == 0:
        return True
    fresh.unseen -= 1
    azure.store.put(fresh)
    return False


def caller_of(azure: Azure, principal: ServicePrincipal) -> Caller:
    """The identity that a token of this principal would prove now."""
    graph = principal_by_app(azure, GRAPH_APP, principal.tenant_id)
    values = {role.id: role.value for role in graph.app_roles} if graph else {}
    held = {
        values[assignment.app_role_id]
        for assignment in azure.store.all(AppRoleAssignment)
        if assignment.principal_id == principal.id and assignment.app_role_id in values and seen(azure, assignment)
    }
    return Caller(principal.id, principal.app_id, principal.tenant_id, frozenset(held))
