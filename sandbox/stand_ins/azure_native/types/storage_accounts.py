"""Storage accounts, their blob service and its containers."""

from __future__ import annotations

from dataclasses import replace

from stand_ins.azure_native.metadata import Autoname, Parameter, Property, ResourceType, Shape
from stand_ins.azure_native.types.words import (
    FLAG,
    GROUP,
    NUMBER,
    TAGS,
    TEXT,
    a_list,
    an_object,
    flattened,
    texts,
)

_ACCOUNT_NAME = Property(min_length=3, max_length=24)
_SKU = an_object(Shape(texts("name"), required=("name",)))
_IP_RULE = an_object(Shape({"action": TEXT, "iPAddressOrRange": Property(wire="value")}))
_NETWORK_RULE = an_object(Shape({**texts("action", "state"), "virtualNetworkResourceId": Property(wire="id")}))
_NETWORK_RULES = an_object(
    Shape(
        {
            **texts("bypass", "defaultAction"),
            "ipRules": a_list(_IP_RULE),
            "resourceAccessRules": a_list(an_object(Shape(texts("resourceId", "tenantId")))),
            "virtualNetworkRules": a_list(_NETWORK_RULE),
        },
        required=("defaultAction",),
    )
)
_ACCOUNT_PROPERTIES = {
    "allowBlobPublicAccess": FLAG,
    "allowCrossTenantReplication": FLAG,
    "allowSharedKeyAccess": FLAG,
    "defaultToOAuthAuthentication": FLAG,
    "enableHttpsTrafficOnly": replace(FLAG, wire="supportsHttpsTrafficOnly"),
    "minimumTlsVersion": TEXT,
    "networkRuleSet": replace(_NETWORK_RULES, wire="networkAcls"),
    "publicNetworkAccess": TEXT,
}

STORAGE_ACCOUNT = ResourceType(
    name="azure-native:storage:StorageAccount",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.Storage/storageAccounts/{accountName}",
    api_version="2024-01-01",
    parameters={
        "resourceGroupName": GROUP,
        "accountName": Parameter(_ACCOUNT_NAME, autoname=Autoname.RANDOM),
    },
    body=Shape(
        {"location": TEXT, "kind": TEXT, "sku": _SKU, "tags": TAGS, **flattened(_ACCOUNT_PROPERTIES)},
        required=("location", "kind", "sku"),
    ),
    answer=Shape(
        {
            **texts("id", "kind", "location", "name", "type"),
            "sku": an_object(Shape(texts("name", "tier"))),
            "tags": TAGS,
            **flattened(_ACCOUNT_PROPERTIES),
            **flattened(
                {
                    **texts("creationTime", "primaryLocation", "provisioningState", "statusOfPrimary"),
                    "primaryEndpoints": an_object(Shape(texts("blob"))),
                }
            ),
        }
    ),
    long_running=frozenset({"PUT"}),
)

_RETENTION = an_object(Shape({"allowPermanentDelete": FLAG, "days": NUMBER, "enabled": FLAG}))
_SERVICE_PROPERTIES = {
    "containerDeleteRetentionPolicy": _RETENTION,
    "deleteRetentionPolicy": _RETENTION,
    "isVersioningEnabled": FLAG,
}

BLOB_SERVICE = ResourceType(
    name="azure-native:storage:BlobServiceProperties",
    path=STORAGE_ACCOUNT.path + "/blobServices/{blobServicesName}",
    api_version="2024-01-01",
    parameters={
        "resourceGroupName": GROUP,
        "accountName": Parameter(_ACCOUNT_NAME),
        "blobServicesName": Parameter(),
    },
    body=Shape(flattened(_SERVICE_PROPERTIES)),
    answer=Shape(
        {
            **texts("id", "name", "type"),
            "sku": an_object(Shape(texts("name", "tier"))),
            **flattened(_SERVICE_PROPERTIES),
        }
    ),
    always_there=True,
)

_CONTAINER_PROPERTIES = {
    "metadata": TAGS,
    "publicAccess": TEXT,
    "defaultEncryptionScope": TEXT,
    "denyEncryptionScopeOverride": FLAG,
}

BLOB_CONTAINER = ResourceType(
    name="azure-native:storage:BlobContainer",
    path=STORAGE_ACCOUNT.path + "/blobServices/default/containers/{containerName}",
    api_version="2024-01-01",
    parameters={
        "resourceGroupName": GROUP,
        "accountName": Parameter(_ACCOUNT_NAME),
        "containerName": Parameter(Property(min_length=3, max_length=63), autoname=Autoname.COPY),
    },
    body=Shape(flattened(_CONTAINER_PROPERTIES)),
    answer=Shape(
        {
            **texts("etag", "id", "name", "type"),
            **flattened(_CONTAINER_PROPERTIES),
            **flattened(
                {
                    **texts("deletedTime", "lastModifiedTime", "leaseState", "leaseStatus", "version"),
                    "deleted": FLAG,
                    "hasImmutabilityPolicy": FLAG,
                    "hasLegalHold": FLAG,
                    "remainingRetentionDays": NUMBER,
                }
            ),
        }
    ),
)
