"""Purview accounts."""

from __future__ import annotations

from stand_ins.azure_native.metadata import Autoname, Function, Kind, Parameter, Property, ResourceType, Shape
from stand_ins.azure_native.types.words import (
    FLAG,
    GROUP,
    NUMBER,
    SYSTEM_DATA,
    TAGS,
    TEXT,
    a_list,
    an_object,
    flattened,
    texts,
)

_NOT_SPECIFIED = Property(default="NotSpecified")
_ERROR_DETAILS = an_object(Shape({**texts("code", "message", "target"), "details": a_list(an_object(Shape({})))}))
_MERGE_INFO = texts(
    "accountLocation",
    "accountName",
    "accountResourceGroupName",
    "accountSubscriptionId",
    "mergeStatus",
    "typeOfAccount",
)
_PRIVATE_ENDPOINT_CONNECTIONS = a_list(
    an_object(
        Shape(
            {
                **texts("id", "name", "type"),
                **flattened(
                    {
                        "provisioningState": TEXT,
                        "privateEndpoint": an_object(Shape(texts("id"))),
                        "privateLinkServiceConnectionState": an_object(
                            Shape(texts("actionsRequired", "description", "status"))
                        ),
                    }
                ),
                "systemData": SYSTEM_DATA,
            }
        )
    )
)
_IDENTITY = texts("principalId", "tenantId", "type")
_USERS_IDENTITIES = Property(kind=Kind.MAP, items=an_object(Shape(texts("clientId", "principalId"))))
_SKU = an_object(Shape({"capacity": NUMBER, "name": TEXT}))

_ANSWER = Shape(
    {
        **texts("id", "location", "name", "type"),
        **flattened(
            {
                **texts(
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
                "accountStatus": an_object(Shape({"accountProvisioningState": TEXT, "errorDetails": _ERROR_DETAILS})),
                "cloudConnectors": an_object(Shape(texts("awsExternalId"))),
                "endpoints": an_object(Shape(texts("catalog", "scan"))),
                "ingestionStorage": an_object(Shape(texts("id", "primaryEndpoint", "publicNetworkAccess"))),
                "managedResources": an_object(Shape(texts("eventHubNamespace", "resourceGroup", "storageAccount"))),
                "mergeInfo": an_object(Shape({**_MERGE_INFO, "deprovisioned": FLAG})),
                "privateEndpointConnections": _PRIVATE_ENDPOINT_CONNECTIONS,
            }
        ),
        "identity": an_object(Shape({**_IDENTITY, "userAssignedIdentities": _USERS_IDENTITIES})),
        "sku": _SKU,
        "systemData": SYSTEM_DATA,
        "tags": TAGS,
    }
)
_PATH = (
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Purview"
    "/accounts/{accountName}"
)
_API_VERSION = "2024-04-01-preview"

ACCOUNT = ResourceType(
    name="azure-native:purview:Account",
    path=_PATH,
    api_version=_API_VERSION,
    parameters={
        "resourceGroupName": Parameter(Property(min_length=1, max_length=90)),
        "accountName": Parameter(
            Property(min_length=3, max_length=63, pattern="^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$"),
            autoname=Autoname.RANDOM,
        ),
    },
    body=Shape(
        {
            "location": TEXT,
            "identity": an_object(Shape({"type": TEXT, "userAssignedIdentities": _USERS_IDENTITIES})),
            "sku": _SKU,
            "tags": TAGS,
            **flattened(
                {
                    "ingestionStorage": an_object(Shape(texts("publicNetworkAccess"))),
                    "managedEventHubState": _NOT_SPECIFIED,
                    # The one property of an account with x-ms-mutability, without update among it (fact 18).
                    "managedResourceGroupName": Property(replaces=True),
                    "managedResourcesPublicNetworkAccess": _NOT_SPECIFIED,
                    "publicNetworkAccess": Property(default="Enabled"),
                    "tenantEndpointState": TEXT,
                }
            ),
        }
    ),
    answer=_ANSWER,
    long_running=frozenset({"PUT", "DELETE"}),
)

GET_ACCOUNT = Function(
    name="azure-native:purview:getAccount",
    path=_PATH,
    api_version=_API_VERSION,
    parameters={"resourceGroupName": GROUP, "accountName": Parameter()},
    answer=_ANSWER,
)
