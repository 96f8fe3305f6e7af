"""What a type of the engine's is called by people, and which types mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.drift.azure_types import TYPES as AZURE_TYPES
from purview_ai.drift.azure_types import without_version
from purview_ai.drift.own import TYPES as OWN_TYPES
from purview_ai.dynamic.families import KIND

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

ACCESS_ENTRY = "azure-native:keyvault:AccessPolicy"
APP_ROLE_ASSIGNMENT = "azuread:index/appRoleAssignment:AppRoleAssignment"
CONDITIONAL_ACCESS = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
DELEGATED_GRANT = "azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant"
DIRECTORY_ROLE = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
GROUP = "azuread:index/group:Group"
GROUP_MEMBER = "azuread:index/groupMember:GroupMember"
SERVICE_PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
SIGN_INS = {
    "azuread:index/applicationCertificate:ApplicationCertificate": "application's certificate",
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": (
        "application's federated credential"
    ),
    "azuread:index/applicationFlexibleFederatedIdentityCredential:ApplicationFlexibleFederatedIdentityCredential": (
        "application's federated credential"
    ),
    "azuread:index/applicationPassword:ApplicationPassword": "application's password",
    "azuread:index/servicePrincipalCertificate:ServicePrincipalCertificate": "service principal's certificate",
    "azuread:index/servicePrincipalPassword:ServicePrincipalPassword": "service principal's password",
}
"""What somebody signs in with as an application, and has its rights."""
_CALLED = {
    **{type_: known.called for type_, known in AZURE_TYPES.items()},
    ACCESS_ENTRY: "access policy",
    APP_ROLE_ASSIGNMENT: "app role grant",
    CONDITIONAL_ACCESS: "Conditional Access policy",
    DELEGATED_GRANT: "delegated permission grant",
    DIRECTORY_ROLE: "directory role",
    GROUP: "group",
    GROUP_MEMBER: "group member",
    SERVICE_PRINCIPAL: "service principal",
    **SIGN_INS,
}


def type_of(engines: str, inputs: JsonObject) -> str:
    """The object kind of the package's own, or the engine's type without an API version."""
    if engines.startswith(OWN_TYPES) and KIND in inputs:
        return str(inputs[KIND])
    return without_version(engines)


def called(type_: str) -> str:
    """A type in people's words; one that is not known is called as the engine calls it."""
    return _CALLED.get(type_, type_)
