"""Diagnostic settings of any resource, the workspaces that they write to, and the alert rules that search them."""

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

_RULE_PROPERTIES = {
    **texts(
        "description",
        "displayName",
        "evaluationFrequency",
        "muteActionsDuration",
        "overrideQueryTimeRange",
        "windowSize",
    ),
    "actions": an_object(
        Shape(
            {
                "actionGroups": a_list(TEXT),
                "actionProperties": Property(kind=Kind.MAP, items=TEXT),
                "customProperties": Property(kind=Kind.MAP, items=TEXT),
            }
        )
    ),
    "autoMitigate": FLAG,
    "checkWorkspaceAlertsStorageConfigured": FLAG,
    "criteria": an_object(
        Shape(
            {
                "allOf": a_list(
                    an_object(
                        Shape(
                            {
                                **texts(
                                    "alertSensitivity",
                                    "criterionType",
                                    "ignoreDataBefore",
                                    "metricMeasureColumn",
                                    "metricName",
                                    "operator",
                                    "query",
                                    "resourceIdColumn",
                                    "timeAggregation",
                                ),
                                "dimensions": a_list(
                                    an_object(
                                        Shape(
                                            {**texts("name", "operator"), "values": a_list(TEXT)},
                                            required=("name", "operator", "values"),
                                        )
                                    )
                                ),
                                "failingPeriods": an_object(
                                    Shape(
                                        {"minFailingPeriodsToAlert": NUMBER, "numberOfEvaluationPeriods": NUMBER},
                                    )
                                ),
                                "minRecurrenceCount": NUMBER,
                                "threshold": Property(kind=Kind.NUMBER),
                            }
                        )
                    )
                )
            }
        )
    ),
    "enabled": FLAG,
    "resolveConfiguration": an_object(Shape({"autoResolved": FLAG, "timeToResolve": TEXT})),
    "scopes": a_list(TEXT),
    "severity": NUMBER,
    "skipQueryValidation": FLAG,
    "targetResourceTypes": a_list(TEXT),
}
_RULE_IDENTITY = {
    "type": TEXT,
    "userAssignedIdentities": Property(kind=Kind.MAP, items=an_object(Shape(texts("clientId", "principalId")))),
}

SCHEDULED_QUERY_RULE = ResourceType(
    name="azure-native:monitor:ScheduledQueryRule",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.Insights/scheduledQueryRules/{ruleName}",
    api_version="2025-01-01-preview",
    parameters={
        "resourceGroupName": Parameter(Property(min_length=1, max_length=90)),
        "ruleName": Parameter(Property(pattern="^[^#<>%&:\\?/{}*]{1,260}$"), autoname=Autoname.RANDOM),
    },
    body=Shape(
        {
            "identity": an_object(Shape(_RULE_IDENTITY, required=("type",))),
            "kind": TEXT,
            # x-ms-mutability: read and create (fact 18).
            "location": Property(replaces=True),
            "tags": TAGS,
            **flattened(_RULE_PROPERTIES),
        },
        required=("location",),
    ),
    answer=Shape(
        {
            **texts("etag", "id", "kind", "location", "name", "type"),
            "identity": an_object(Shape({**texts("principalId", "tenantId"), **_RULE_IDENTITY})),
            "systemData": SYSTEM_DATA,
            "tags": TAGS,
            **flattened(
                {
                    **_RULE_PROPERTIES,
                    "createdWithApiVersion": TEXT,
                    "isLegacyLogAnalyticsRule": FLAG,
                    "isWorkspaceAlertsStorageConfigured": FLAG,
                }
            ),
        }
    ),
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
