"""Names the setting that helps, where a service only says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Mapping

_OR_KILLED = "If a killed deployment of this stack made it: docs/troubleshooting.md#already-exists"
_THERE_ALREADY = (
    "It is there already and is left as it is. Where somebody else gave it and it does for this tenant, say so: "
    "{setting}.\n  docs/troubleshooting.md#vault-access\n  " + _OR_KILLED
)
ACCOUNT = {
    "already exists": (
        "A tenant has one Purview account. To use the one that is there: purview.account: default, or its name with "
        "purview.create: false.\n"
        "  docs/troubleshooting.md#purview-account"
    ),
    "already existing": (
        "The account is there already. To use it: purview.create: false.\n  docs/troubleshooting.md#purview-account"
    ),
    "not available": (
        "Account names are unique in all of Azure: choose another one (purview.account).\n"
        "  docs/troubleshooting.md#purview-account"
    ),
}
DIAGNOSTICS = {
    "LinkedAuthorizationFailed": (
        "The identity that deploys needs Log Analytics Contributor on the workspace "
        "(Microsoft.OperationalInsights/workspaces/sharedKeys/action).\n"
        "  docs/troubleshooting.md#diagnostics"
    ),
    "AuthorizationFailed": (
        "The identity that deploys needs Monitoring Contributor on the resource whose logs they are; for the Purview "
        "account or the vault without it: diagnostics.account: false, diagnostics.vault: false.\n"
        "  docs/troubleshooting.md#diagnostics"
    ),
    "already used in diagnostic setting": (
        "Another diagnostic setting sends these logs there already: diagnostics.account: false or "
        "diagnostics.vault: false.\n  docs/troubleshooting.md#diagnostics"
    ),
    "ResourceNotFound": (
        "Does the workspace exist? diagnostics.workspace is its id.\n  docs/troubleshooting.md#diagnostics"
    ),
    "ategory group": (
        "Azure Monitor knows another group for this resource: diagnostics.category_group, such as allLogs.\n"
        "  docs/troubleshooting.md#diagnostics"
    ),
}
ALERTS = {
    "AuthorizationFailed": (
        "The identity that deploys needs Monitoring Contributor on the vault's resource group, where the alert rules "
        "are, and must be able to read the workspace (Log Analytics Contributor) and the action groups (Reader).\n"
        "  docs/troubleshooting.md#alerts"
    ),
    "already existing": (
        "A rule of this name is there already and is left as it is: delete it, or see "
        "docs/troubleshooting.md#already-exists if a killed deployment of this stack made it.\n"
        "  docs/troubleshooting.md#alerts"
    ),
    "NotFound": (
        "Is everything there that alerts names? diagnostics.workspace and alerts.action_groups are ids.\n"
        "  docs/troubleshooting.md#alerts"
    ),
    "BadRequest": (
        "Azure does not take the rule. alerts.run_log has the names that its search uses.\n"
        "  docs/troubleshooting.md#alerts"
    ),
}
_POLICY_PERMISSIONS = (
    "The identity that deploys needs the Graph permissions Policy.ReadWrite.ConditionalAccess and Policy.Read.All, "
    "with an administrator's consent.\n  docs/troubleshooting.md#conditional-access"
)
ACCESS_POLICY = {
    "required scopes are missing": _POLICY_PERMISSIONS,
    "Authorization_RequestDenied": _POLICY_PERMISSIONS,
    "invalid applications": (
        "governance.conditional_access.applications holds application ids of enterprise applications in this tenant, "
        "and no object ids.\n  docs/troubleshooting.md#conditional-access"
    ),
    "invalid users": (
        "governance.conditional_access.break_glass.users holds object ids of users in this tenant.\n"
        "  docs/troubleshooting.md#conditional-access"
    ),
    "invalid groups": (
        "governance.conditional_access.break_glass.groups holds object ids of groups in this tenant.\n"
        "  docs/troubleshooting.md#conditional-access"
    ),
    "malformed or incorrect": "Entra does not take the policy.\n  docs/troubleshooting.md#conditional-access",
}
PEOPLE = {
    "Authorization_RequestDenied": (
        "The identity that deploys needs the Graph permissions Group.ReadWrite.All and User.Read.All and, with "
        "directory_roles, RoleManagement.ReadWrite.Directory, with an administrator's consent.\n"
        "  docs/troubleshooting.md#people"
    ),
    "already exists": (
        "A group of this name is there already and is left as it is: choose another display_name under "
        "governance.people.groups; or see "
        "docs/troubleshooting.md#already-exists if a killed deployment of this stack made it.\n"
        "  docs/troubleshooting.md#people"
    ),
    "Request_ResourceNotFound": (
        "Are all owners and members under governance.people.groups object ids of this tenant?\n"
        "  docs/troubleshooting.md#people"
    ),
}
PIPELINES = {
    "AuthorizationFailed": (
        "Whoever deploys this needs Contributor and User Access Administrator there.\n  docs/bootstrap.md#who-runs-it"
    ),
    "RoleDefinitionDoesNotExist": (
        "Azure does not know a new role everywhere at once. Deploy again in some minutes.\n"
        "  docs/bootstrap.md#the-role-on-a-key"
    ),
    "RoleDefinitionWithSameNameExists": (
        "The directory has a role of this name already, made from another place: delete that one, or choose another "
        "vault.\n  docs/bootstrap.md#the-role-on-a-key"
    ),
    "StorageAccountAlreadyTaken": (
        "Names of storage accounts are unique in all of Azure: choose another one (storage_account)."
    ),
    "already in use": "Names of vaults are unique in all of Azure: choose another one (vault).",
    "deleted state": (
        "A soft-deleted vault still holds the name: choose another one (vault), or recover that one and take it in.\n"
        "  docs/bootstrap.md#what-is-there-already"
    ),
    "already existing": (
        "It is there already, and is left as it is. If it is this tenant's, from before, take it in.\n"
        "  docs/bootstrap.md#what-is-there-already"
    ),
    "could not be found": (
        "Is its resource group there? create_resource_group: true makes that of state and identities; a tenant's is "
        "made by hand.\n  docs/bootstrap.md#from-nothing-to-a-tenants-pipeline"
    ),
}
SERVICE_PRINCIPAL = {
    "already exists": (
        "It is there already, so nobody needs to make it: take grants.create_service_principal out.\n"
        "  docs/troubleshooting.md#service-principal"
    ),
    "Authorization_RequestDenied": (
        "Who makes a service principal needs the Graph permission Application.ReadWrite.All.\n"
        "  docs/troubleshooting.md#service-principal"
    ),
}
VAULT = {
    "deleted state": (
        "A soft-deleted vault still holds the name. To take it back with all that is in it: vault.recover: true.\n"
        "  docs/troubleshooting.md#soft-deleted-vault"
    ),
    "already existing": (
        "A vault of this name is there already. To use somebody's as it is: vault.existing: true.\n  " + _OR_KILLED
    ),
}


def access(setting: str) -> Mapping[str, str]:
    """For a role or an access policy that somebody else has given already."""
    told = _THERE_ALREADY.format(setting=setting)
    return dict.fromkeys(("RoleAssignmentExists", "already existing"), told)


def on_failure(
    name: str, tenant: str, happened: str, hints: Mapping[str, str], resource: pulumi.Resource
) -> pulumi.ErrorHook:
    """An error hook that adds the hint whose words are in the failure."""

    def explain(failure: pulumi.ErrorHookArgs) -> bool:
        said = failure.errors[0] if failure.errors else ""
        for words, help_ in hints.items():
            if words in said:
                pulumi.log.error(f"{tenant}: {happened}\n  {help_}", resource)
                break
        return False

    return pulumi.ErrorHook(f"{name}: {happened}", explain)
