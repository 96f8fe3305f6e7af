"""The resource types and functions that the program uses, with the API versions of SDK 3.29.0 (fact 3).

Names and shapes are the SDK's. Lengths, patterns, required properties and x-ms-identifiers are those of
the services' published API descriptions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stand_ins.azure_native import role_assignment, secret
from stand_ins.azure_native.metadata import (
    Autoname,
    Function,
    Kind,
    Parameter,
    Property,
    ResourceType,
    Shape,
    Steps,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT = Property()
_FLAG = Property(kind=Kind.BOOLEAN)
_NUMBER = Property(kind=Kind.INTEGER)
_TAGS = Property(kind=Kind.MAP, items=_TEXT)


def _object(shape: Shape) -> Property:
    return Property(kind=Kind.OBJECT, shape=shape)


def _list(items: Property, identifiers: tuple[str, ...] = ()) -> Property:
    return Property(kind=Kind.ARRAY, items=items, identifiers=identifiers)


def _texts(*names: str) -> dict[str, Property]:
    return dict.fromkeys(names, _TEXT)


def _flattened(properties: Mapping[str, Property]) -> dict[str, Property]:
    """Properties that ARM keeps under ``properties`` and the SDK at the top (fact 28)."""
    return {name: replace(found, within=("properties",)) for name, found in properties.items()}


_SYSTEM_DATA = _object(
    Shape(
        _texts(
            "createdAt",
            "createdBy",
            "createdByType",
            "lastModifiedAt",
            "lastModifiedBy",
            "lastModifiedByType",
        )
    )
)
_GROUP = Parameter()

RESOURCE_GROUP = ResourceType(
    name="azure-native:resources:ResourceGroup",
    path="/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
    api_version="2024-03-01",
    parameters={
        "resourceGroupName": Parameter(
            Property(min_length=1, max_length=90, pattern=r"^[-\w\._\(\)]+$"), autoname=Autoname.RANDOM
        )
    },
    body=Shape(
        {"location": Property(replaces=True), "managedBy": _TEXT, "tags": _TAGS},
        required=("location",),
    ),
    answer=Shape(
        {
            **_texts("id", "location", "managedBy", "name", "type"),
            "properties": _object(Shape(_texts("provisioningState"))),
            "tags": _TAGS,
        }
    ),
    long_running=frozenset({"DELETE"}),
)

_ACCESS_POLICIES = _list(
    _object(
        Shape(
            {
                **_texts("tenantId", "objectId", "applicationId"),
                "permissions": _object(
                    Shape(dict.fromkeys(("certificates", "keys", "secrets", "storage"), _list(_TEXT)))
                ),
            },
            required=("tenantId", "objectId", "permissions"),
        )
    ),
    identifiers=("tenantId", "objectId", "permissions"),
)
_NETWORK_ACLS = _object(
    Shape(
        {
            **_texts("bypass", "defaultAction"),
            "ipRules": _list(_object(Shape(_texts("value"), required=("value",)))),
            "virtualNetworkRules": _list(
                _object(Shape({"id": _TEXT, "ignoreMissingVnetServiceEndpoint": _FLAG}, required=("id",))),
                identifiers=("id",),
            ),
        }
    )
)
_VAULT_PROPERTIES = {
    "accessPolicies": _ACCESS_POLICIES,
    "enablePurgeProtection": _FLAG,
    "enableRbacAuthorization": _FLAG,
    "enableSoftDelete": _FLAG,
    "enabledForDeployment": _FLAG,
    "enabledForDiskEncryption": _FLAG,
    "enabledForTemplateDeployment": _FLAG,
    "networkAcls": _NETWORK_ACLS,
    "publicNetworkAccess": _TEXT,
    "sku": _object(Shape(_texts("family", "name"), required=("name", "family"))),
    "softDeleteRetentionInDays": _NUMBER,
    "tenantId": _TEXT,
}
_PRIVATE_ENDPOINT_CONNECTIONS = _list(
    _object(
        Shape(
            {
                **_texts("id", "etag"),
                **_flattened(
                    {
                        "provisioningState": _TEXT,
                        "privateEndpoint": _object(Shape(_texts("id"))),
                        "privateLinkServiceConnectionState": _object(
                            Shape(_texts("actionsRequired", "description", "status"))
                        ),
                    }
                ),
            }
        )
    )
)
_VAULT_NAME = Property(pattern="^[a-zA-Z0-9-]{3,24}$")

VAULT = ResourceType(
    name="azure-native:keyvault:Vault",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.KeyVault/vaults/{vaultName}",
    api_version="2024-11-01",
    parameters={
        "resourceGroupName": _GROUP,
        "vaultName": Parameter(_VAULT_NAME, autoname=Autoname.RANDOM),
    },
    body=Shape(
        {
            "location": _TEXT,
            "properties": _object(Shape({**_VAULT_PROPERTIES, "createMode": _TEXT}, required=("tenantId", "sku"))),
            "tags": _TAGS,
        },
        required=("location", "properties"),
    ),
    answer=Shape(
        {
            **_texts("id", "location", "name", "type"),
            "properties": _object(
                Shape(
                    {
                        **_VAULT_PROPERTIES,
                        **_texts("hsmPoolResourceId", "provisioningState", "vaultUri"),
                        "privateEndpointConnections": _PRIVATE_ENDPOINT_CONNECTIONS,
                    }
                )
            ),
            "systemData": _SYSTEM_DATA,
            "tags": _TAGS,
        }
    ),
    long_running=frozenset({"PUT"}),
    maintained=(("properties", "accessPolicies"),),
)

_SECRET_ATTRIBUTES = {
    "enabled": _FLAG,
    "expires": replace(_NUMBER, wire="exp"),
    "notBefore": replace(_NUMBER, wire="nbf"),
}

SECRET = ResourceType(
    name="azure-native:keyvault:Secret",
    path=VAULT.path + "/secrets/{secretName}",
    api_version="2024-11-01",
    parameters={
        "resourceGroupName": _GROUP,
        "vaultName": Parameter(_VAULT_NAME),
        "secretName": Parameter(Property(pattern="^[a-zA-Z0-9-]{1,127}$"), autoname=Autoname.COPY),
    },
    body=Shape(
        {
            "properties": _object(
                Shape({**_texts("contentType", "value"), "attributes": _object(Shape(_SECRET_ATTRIBUTES))})
            ),
            "tags": _TAGS,
        },
        required=("properties",),
    ),
    answer=Shape(
        {
            **_texts("id", "location", "name", "type"),
            "properties": _object(
                Shape(
                    {
                        **_texts("contentType", "secretUri", "secretUriWithVersion", "value"),
                        "attributes": _object(Shape({**_SECRET_ATTRIBUTES, "created": _NUMBER, "updated": _NUMBER})),
                    }
                )
            ),
            "tags": _TAGS,
        }
    ),
    steps=Steps(create=secret.create, delete=secret.delete),
)

_ROLE_ASSIGNMENT_PROPERTIES = {
    **_texts("condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"),
    "principalId": Property(replaces=True),
    "principalType": Property(default="User"),
    "roleDefinitionId": _TEXT,
}

ROLE_ASSIGNMENT = ResourceType(
    name="azure-native:authorization:RoleAssignment",
    path="/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    api_version="2022-04-01",
    parameters={
        "scope": Parameter(verbatim=True),
        "roleAssignmentName": Parameter(autoname=Autoname.UUID, verbatim=True),
    },
    body=Shape(
        _flattened(_ROLE_ASSIGNMENT_PROPERTIES),
        required=("roleDefinitionId", "principalId"),
    ),
    answer=Shape(
        {
            **_texts("id", "name", "type"),
            **_flattened(_ROLE_ASSIGNMENT_PROPERTIES),
            **_flattened(_texts("createdBy", "createdOn", "scope", "updatedBy", "updatedOn")),
            "systemData": _SYSTEM_DATA,
        }
    ),
    steps=Steps(read_query=role_assignment.read_query),
)

_ERROR_DETAILS = _object(Shape({**_texts("code", "message", "target"), "details": _list(_object(Shape({})))}))

GET_ACCOUNT = Function(
    name="azure-native:purview:getAccount",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.Purview/accounts/{accountName}",
    api_version="2024-04-01-preview",
    parameters={"resourceGroupName": _GROUP, "accountName": Parameter()},
    answer=Shape(
        {
            **_texts("id", "location", "name", "type"),
            **_flattened(
                {
                    **_texts(
                        "createdAt",
                        "createdBy",
                        "createdByObjectId",
                        "defaultDomain",
                        "friendlyName",
                        "managedEventHubState",
                        "managedResourceGroupName",
                        "managedResourcesPublicNetworkAccess",
                        "provisioningState",
                        "publicNetworkAccess",
                        "tenantEndpointState",
                    ),
                    "accountStatus": _object(
                        Shape({"accountProvisioningState": _TEXT, "errorDetails": _ERROR_DETAILS})
                    ),
                    "cloudConnectors": _object(Shape(_texts("awsExternalId"))),
                    "endpoints": _object(Shape(_texts("catalog", "scan"))),
                    "ingestionStorage": _object(Shape(_texts("id", "primaryEndpoint", "publicNetworkAccess"))),
                    "managedResources": _object(Shape(_texts("eventHubNamespace", "resourceGroup", "storageAccount"))),
                    "mergeInfo": _object(
                        Shape(
                            {
                                **_texts(
                                    "accountLocation",
                                    "accountName",
                                    "accountResourceGroupName",
                                    "accountSubscriptionId",
                                    "mergeStatus",
                                    "typeOfAccount",
                                ),
                                "deprovisioned": _FLAG,
                            }
                        )
                    ),
                    "privateEndpointConnections": _list(
                        _object(
                            Shape(
                                {
                                    **_texts("id", "name", "type"),
                                    **_flattened(
                                        {
                                            "provisioningState": _TEXT,
                                            "privateEndpoint": _object(Shape(_texts("id"))),
                                            "privateLinkServiceConnectionState": _object(
                                                Shape(_texts("actionsRequired", "description", "status"))
                                            ),
                                        }
                                    ),
                                    "systemData": _SYSTEM_DATA,
                                }
                            )
                        )
                    ),
                }
            ),
            "identity": _object(
                Shape(
                    {
                        **_texts("principalId", "tenantId", "type"),
                        "userAssignedIdentities": Property(
                            kind=Kind.MAP, items=_object(Shape(_texts("clientId", "principalId")))
                        ),
                    }
                )
            ),
            "sku": _object(Shape({"capacity": _NUMBER, "name": _TEXT})),
            "systemData": _SYSTEM_DATA,
            "tags": _TAGS,
        }
    ),
)

GET_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"

RESOURCES = {found.name: found for found in (RESOURCE_GROUP, VAULT, SECRET, ROLE_ASSIGNMENT)}
FUNCTIONS = {found.name: found for found in (GET_ACCOUNT,)}
