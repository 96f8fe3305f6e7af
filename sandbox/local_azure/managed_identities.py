"""User-assigned managed identities, and the tokens of other issuers that they take in a secret's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from local_azure.directory import remove_principal
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure


class UserAssignedIdentity(Document):
    """An identity that is a resource of its own."""

    subscription_id: str
    group: str
    name: str
    location: str
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    tenant_id: str
    principal_id: str
    """The object id of its service principal."""
    client_id: str

    @property
    def key(self) -> str:
        """The ARM id."""
        return self.id

    @property
    def id(self) -> str:
        """The ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group}"
            f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{self.name}"
        )


class FederatedCredential(Document):
    """The tokens that an identity takes: of this issuer, about this subject, for these audiences."""

    identity_id: str
    client_id: str
    name: str
    issuer: str
    subject: str
    audiences: list[str]

    @property
    def key(self) -> str:
        """The ARM id."""
        return f"{self.identity_id}/federatedIdentityCredentials/{self.name}"


def credentials_of(azure: Azure, identity_id: str) -> list[FederatedCredential]:
    """The credentials of an identity."""
    found = azure.store.all(FederatedCredential)
    return [one for one in found if one.identity_id.lower() == identity_id.lower()]


def remove_identity(azure: Azure, identity: UserAssignedIdentity) -> None:
    """Forget an identity; role assignments keep its id, as in Azure."""
    azure.store.delete(identity, *credentials_of(azure, identity.id))
    remove_principal(azure, identity.principal_id)


def remove_identities_of(azure: Azure, group_id: str) -> None:
    """What deleting a resource group does to its identities."""
    for identity in azure.store.all(UserAssignedIdentity):
        if identity.id.lower().startswith(group_id.lower() + "/"):
            remove_identity(azure, identity)
