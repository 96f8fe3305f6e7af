"""User-assigned managed identities and their federated credentials."""

from __future__ import annotations

from stand_ins.azure_native.metadata import Autoname, Parameter, Property, ResourceType, Shape
from stand_ins.azure_native.types.words import GROUP, SYSTEM_DATA, TAGS, TEXT, a_list, flattened, texts

USER_ASSIGNED_IDENTITY = ResourceType(
    name="azure-native:managedidentity:UserAssignedIdentity",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    api_version="2023-01-31",
    parameters={"resourceGroupName": GROUP, "resourceName": Parameter(autoname=Autoname.RANDOM)},
    body=Shape({"location": TEXT, "tags": TAGS}, required=("location",)),
    answer=Shape(
        {
            **texts("id", "location", "name", "type"),
            **flattened(texts("clientId", "principalId", "tenantId")),
            "systemData": SYSTEM_DATA,
            "tags": TAGS,
        }
    ),
)

_CREDENTIAL = {**texts("issuer", "subject"), "audiences": a_list(TEXT)}

FEDERATED_IDENTITY_CREDENTIAL = ResourceType(
    name="azure-native:managedidentity:FederatedIdentityCredential",
    path=USER_ASSIGNED_IDENTITY.path + "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    api_version="2023-01-31",
    parameters={
        "resourceGroupName": GROUP,
        "resourceName": Parameter(),
        "federatedIdentityCredentialResourceName": Parameter(
            Property(pattern="^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$"), autoname=Autoname.COPY
        ),
    },
    body=Shape(flattened(_CREDENTIAL), required=("issuer", "subject", "audiences")),
    answer=Shape({**texts("id", "name", "type"), **flattened(_CREDENTIAL), "systemData": SYSTEM_DATA}),
)
