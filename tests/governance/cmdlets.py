"""The cmdlets that scripts may call, with the parameters that Microsoft documents (docs/facts.md, graph 40 to 45)."""

from __future__ import annotations

_SHARED = frozenset({"ErrorAction", "Confirm", "WhatIf"})

READING = {
    "Get-AdminAuditLogConfig": frozenset({"DomainController", "ErrorAction"}),
    "Get-AppRetentionCompliancePolicy": frozenset(
        {"Identity", "DistributionDetail", "ErrorPolicyOnly", "RetentionRuleTypes", "ErrorAction"}
    ),
    "Get-AppRetentionComplianceRule": frozenset({"Identity", "Policy", "ErrorAction"}),
    "Get-FeatureConfiguration": frozenset({"Identity", "FeatureScenario", "ErrorAction"}),
    "Get-ServicePrincipal": frozenset({"Identity", "Organization", "ErrorAction"}),
    "Get-RoleGroupMember": frozenset({"Identity", "ResultSize", "ErrorAction"}),
    "Get-eDiscoveryCaseAdmin": frozenset({"ResultSize", "ErrorAction"}),
}

CHANGING = {
    "Set-AdminAuditLogConfig": frozenset({"UnifiedAuditLogIngestionEnabled"}) | _SHARED,
    "New-AppRetentionCompliancePolicy": frozenset(
        {"Name", "Applications", "Comment", "Enabled", "ExchangeLocation", "ExchangeLocationException", "Force"}
    )
    | _SHARED,
    "Set-AppRetentionCompliancePolicy": frozenset(
        {"Identity", "Applications", "Comment", "Enabled", "Force", "AddExchangeLocation", "RemoveExchangeLocation"}
    )
    | _SHARED,
    "New-AppRetentionComplianceRule": frozenset(
        {"Name", "Policy", "RetentionDuration", "RetentionComplianceAction", "Comment", "ExpirationDateOption"}
    )
    | _SHARED,
    "Set-AppRetentionComplianceRule": frozenset(
        {"Identity", "RetentionDuration", "RetentionComplianceAction", "Comment", "ExpirationDateOption"}
    )
    | _SHARED,
    "New-FeatureConfiguration": frozenset({"Name", "Mode", "FeatureScenario", "ScenarioConfig", "Comment", "Locations"})
    | _SHARED,
    "Set-FeatureConfiguration": frozenset({"Identity", "Mode", "ScenarioConfig", "Comment", "Locations"}) | _SHARED,
    "New-ServicePrincipal": frozenset({"AppId", "ObjectId", "DisplayName", "Organization"}) | _SHARED,
    "Add-RoleGroupMember": frozenset({"Identity", "Member"}) | _SHARED,
    "Add-eDiscoveryCaseAdmin": frozenset({"User"}) | _SHARED,
}
"""RestrictiveRetention is documented too, and left out: no script may ever set it."""

CONNECTING = {
    "Connect-IPPSSession": frozenset({"UserPrincipalName", "ErrorAction"}),
    "Connect-ExchangeOnline": frozenset({"UserPrincipalName", "ShowBanner", "ErrorAction"}),
}

OWN = {
    "Add-Content": frozenset({"LiteralPath", "Value", "Encoding", "WhatIf", "Confirm"}),
    "ConvertFrom-Json": frozenset({"InputObject"}),
    "ConvertTo-Json": frozenset({"InputObject", "Depth", "Compress"}),
    "ForEach-Object": frozenset[str](),
    "Get-Date": frozenset[str](),
    "Join-Path": frozenset({"Path", "ChildPath"}),
    "Out-Null": frozenset[str](),
    "Set-StrictMode": frozenset({"Version"}),
    "Sort-Object": frozenset[str](),
    "Where-Object": frozenset[str](),
    "Write-Host": frozenset[str](),
    "Write-Warning": frozenset[str](),
}
"""PowerShell's own."""

KNOWN = {**READING, **CHANGING, **CONNECTING, **OWN}

READ_BY = {
    "Set-AdminAuditLogConfig": "Get-AdminAuditLogConfig",
    "New-AppRetentionCompliancePolicy": "Get-AppRetentionCompliancePolicy",
    "Set-AppRetentionCompliancePolicy": "Get-AppRetentionCompliancePolicy",
    "New-AppRetentionComplianceRule": "Get-AppRetentionComplianceRule",
    "Set-AppRetentionComplianceRule": "Get-AppRetentionComplianceRule",
    "New-FeatureConfiguration": "Get-FeatureConfiguration",
    "Set-FeatureConfiguration": "Get-FeatureConfiguration",
    "New-ServicePrincipal": "Get-ServicePrincipal",
    "Add-RoleGroupMember": "Get-RoleGroupMember",
    "Add-eDiscoveryCaseAdmin": "Get-eDiscoveryCaseAdmin",
}
"""What is read before each change."""
