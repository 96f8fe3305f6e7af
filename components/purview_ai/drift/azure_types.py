"""What a program may say of azure-native's resources, as far as this package makes them.

Names are the SDK's (docs/facts.md, providers 3 and 28). What ARM alone says, such as when something was made, is no
drift to azure-native, and what ARM says that the SDK does not know is nothing to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"  # noqa: S105  # a type, no secret
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ROLE_DEFINITION = "azure-native:authorization:RoleDefinition"
DIAGNOSTIC_SETTING = "azure-native:monitor:DiagnosticSetting"
ALERT_RULE = "azure-native:monitor:ScheduledQueryRule"
ACCOUNT = "azure-native:purview:Account"
KEY = "azure-native:keyvault:Key"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
BLOB_SERVICE = "azure-native:storage:BlobServiceProperties"
CONTAINER = "azure-native:storage:BlobContainer"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
FEDERATED_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"


@dataclass(frozen=True)
class AzureType:
    """A resource type of azure-native."""

    called: str
    """As people call it."""
    says: frozenset[str]
    """The paths that inputs may have, each with all that is below it."""
    if_declared: frozenset[str] = frozenset()
    """Those of them that others write as well, so that they count only where the program says them."""
    unordered: frozenset[str] = frozenset()
    """Lists whose order counts for nothing."""
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    """How the SDK calls what ARM calls otherwise, by ARM's paths; not where the SDK's name is beside it."""


_VAULT = (
    "location",
    "tags",
    "properties.accessPolicies",
    "properties.enablePurgeProtection",
    "properties.enableRbacAuthorization",
    "properties.enableSoftDelete",
    "properties.enabledForDeployment",
    "properties.enabledForDiskEncryption",
    "properties.enabledForTemplateDeployment",
    "properties.networkAcls.bypass",
    "properties.networkAcls.defaultAction",
    "properties.networkAcls.ipRules",
    "properties.networkAcls.virtualNetworkRules",
    "properties.publicNetworkAccess",
    "properties.sku.family",
    "properties.sku.name",
    "properties.softDeleteRetentionInDays",
    "properties.tenantId",
)
_SECRET = (
    "tags",
    "properties.contentType",
    "properties.attributes.enabled",
    "properties.attributes.expires",
    "properties.attributes.notBefore",
)
_ROLE_ASSIGNMENT = (
    "condition",
    "conditionVersion",
    "delegatedManagedIdentityResourceId",
    "description",
    "principalId",
    "principalType",
    "roleDefinitionId",
)
_ROLE_DEFINITION = ("assignableScopes", "description", "permissions", "roleName", "roleType")
_DIAGNOSTIC_SETTING = (
    "eventHubAuthorizationRuleId",
    "eventHubName",
    "logAnalyticsDestinationType",
    "logs",
    "marketplacePartnerId",
    "metrics",
    "serviceBusRuleId",
    "storageAccountId",
    "workspaceId",
)
_QUERY_RULE = (
    "actions",
    "autoMitigate",
    "checkWorkspaceAlertsStorageConfigured",
    "criteria",
    "description",
    "displayName",
    "enabled",
    "evaluationFrequency",
    "identity.type",
    "identity.userAssignedIdentities",
    "kind",
    "location",
    "muteActionsDuration",
    "overrideQueryTimeRange",
    "resolveConfiguration",
    "scopes",
    "severity",
    "skipQueryValidation",
    "tags",
    "targetResourceTypes",
    "windowSize",
)
_ACCOUNT = (
    "identity.type",
    "identity.userAssignedIdentities",
    "ingestionStorage.publicNetworkAccess",
    "location",
    "managedEventHubState",
    "managedResourceGroupName",
    "managedResourcesPublicNetworkAccess",
    "publicNetworkAccess",
    "sku.capacity",
    "sku.name",
    "tags",
    "tenantEndpointState",
)
_STORAGE_ACCOUNT = (
    "allowBlobPublicAccess",
    "allowCrossTenantReplication",
    "allowSharedKeyAccess",
    "defaultToOAuthAuthentication",
    "enableHttpsTrafficOnly",
    "kind",
    "location",
    "minimumTlsVersion",
    # Its lists of addresses have members that the SDK calls otherwise.
    "networkRuleSet.bypass",
    "networkRuleSet.defaultAction",
    "publicNetworkAccess",
    "sku.name",
    "tags",
)
_CONTAINER = ("defaultEncryptionScope", "denyEncryptionScopeOverride", "metadata", "publicAccess")
TYPES = {
    RESOURCE_GROUP: AzureType("resource group", frozenset({"location", "managedBy", "tags"})),
    VAULT: AzureType(
        "key vault",
        frozenset(_VAULT),
        if_declared=frozenset({"properties.accessPolicies"}),
        unordered=frozenset({"properties.accessPolicies", "properties.networkAcls.virtualNetworkRules"}),
    ),
    SECRET: AzureType(
        "secret",
        frozenset(_SECRET),
        renamed={"properties.attributes.exp": "expires", "properties.attributes.nbf": "notBefore"},
    ),
    ROLE_ASSIGNMENT: AzureType("role assignment", frozenset(_ROLE_ASSIGNMENT)),
    # The SDK's outputs also have ARM's own type, beside the role's (docs/facts.md, providers 104).
    ROLE_DEFINITION: AzureType("role definition", frozenset(_ROLE_DEFINITION), renamed={"type": "roleType"}),
    DIAGNOSTIC_SETTING: AzureType("diagnostic setting", frozenset(_DIAGNOSTIC_SETTING)),
    ALERT_RULE: AzureType("alert rule", frozenset(_QUERY_RULE)),
    ACCOUNT: AzureType("Purview account", frozenset(_ACCOUNT)),
    # What else is said of a key stands elsewhere in what is told of it (docs/facts.md, providers 100).
    KEY: AzureType("key", frozenset({"properties.kty", "tags"})),
    STORAGE_ACCOUNT: AzureType(
        "storage account",
        frozenset(_STORAGE_ACCOUNT),
        renamed={"networkAcls": "networkRuleSet", "supportsHttpsTrafficOnly": "enableHttpsTrafficOnly"},
    ),
    BLOB_SERVICE: AzureType(
        "blob service", frozenset({"containerDeleteRetentionPolicy", "deleteRetentionPolicy", "isVersioningEnabled"})
    ),
    CONTAINER: AzureType("container", frozenset(_CONTAINER)),
    IDENTITY: AzureType("managed identity", frozenset({"location", "tags"})),
    FEDERATED_CREDENTIAL: AzureType("federated credential", frozenset({"audiences", "issuer", "subject"})),
}
_VERSIONED = re.compile(r"^azure-native(?:_\w+_v\d\w*:(?P<local>\w+)|:(?P<module>\w+)/v\d\w*):(?P<name>\w+)$")
"""azure-native's types of one API version (docs/facts.md, policy 8)."""


def without_version(type_: str) -> str:
    """A resource type whose every API version is the same; others as they are."""
    found = _VERSIONED.match(type_)
    return f"azure-native:{found['local'] or found['module']}:{found['name']}" if found else type_
