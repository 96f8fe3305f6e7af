"""Diagnostic settings of any resource, and the workspaces that they write to."""

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

_RETENTION = an_object(Shape({"days": NUMBER, "enabled": FLAG}, required=("days", "enabled")))
_SETTING_PROPERTIES = {
    **texts(
        "eventHubAuthorizationRuleId",
        "eventHubName",
        "logAnalyticsDestinationType",
        "marketplacePartnerId",
        "serviceBusRuleId",
        "storageAccountId",
        "workspaceId",
    ),
    "logs": a_list(
        an_object(
            Shape(
                {**texts("category", "categoryGroup"), "enabled": FLAG, "retentionPolicy": _RETENTION},
                required=("enabled",),
            )
        )
    ),
    "metrics": a_list(
        an_object(
            Shape(
                {**texts("category", "timeGrain"), "enabled": FLAG, "retentionPolicy": _RETENTION},
                required=("enabled",),
            )
        )
    ),
}

DIAGNOSTIC_SETTING = ResourceType(
    name="azure-native:monitor:DiagnosticSetting",
    path="/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    api_version="2021-05-01-preview",
    parameters={
        "resourceUri": Parameter(verbatim=True),
        "name": Parameter(autoname=Autoname.RANDOM),
    },
    body=Shape(flattened(_SETTING_PROPERTIES)),
    answer=Shape({**texts("id", "name", "type"), **flattened(_SETTING_PROPERTIES), "systemData": SYSTEM_DATA}),
)

GET_WORKSPACE = Function(
    name="azure-native:operationalinsights:getWorkspace",
    path="/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}"
    "/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}",
    api_version="2023-09-01",
    parameters={"resourceGroupName": GROUP, "workspaceName": Parameter()},
    answer=Shape(
        {
            **texts("etag", "id", "location", "name", "type"),
            "identity": an_object(
                Shape(
                    {
                        **texts("principalId", "tenantId", "type"),
                        "userAssignedIdentities": Property(
                            kind=Kind.MAP, items=an_object(Shape(texts("clientId", "principalId")))
                        ),
                    }
                )
            ),
            "systemData": SYSTEM_DATA,
            "tags": TAGS,
            **flattened(
                {
                    **texts(
                        "createdDate",
                        "customerId",
                        "defaultDataCollectionRuleResourceId",
                        "modifiedDate",
                        "provisioningState",
                        "publicNetworkAccessForIngestion",
                        "publicNetworkAccessForQuery",
                    ),
                    "features": an_object(
                        Shape(
                            {
                                "clusterResourceId": TEXT,
                                "disableLocalAuth": FLAG,
                                "enableDataExport": FLAG,
                                "enableLogAccessUsingOnlyResourcePermissions": FLAG,
                                "immediatePurgeDataOn30Days": FLAG,
                                "unifiedSentinelBillingOnly": FLAG,
                            }
                        )
                    ),
                    "forceCmkForQuery": FLAG,
                    "privateLinkScopedResources": a_list(an_object(Shape(texts("resourceId", "scopeId")))),
                    "retentionInDays": NUMBER,
                    "sku": an_object(Shape({**texts("lastSkuUpdate", "name"), "capacityReservationLevel": NUMBER})),
                    "workspaceCapping": an_object(
                        Shape({**texts("dataIngestionStatus", "quotaNextResetTime"), "dailyQuotaGb": NUMBER})
                    ),
                }
            ),
        }
    ),
)
