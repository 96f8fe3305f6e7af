"""How objects of each kind are removed by hand, once no stack does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai.datamap.kinds import (
    COLLECTION,
    COLLECTION_ROLE,
    CREDENTIAL,
    DATA_SOURCE,
    KEY_VAULT_CONNECTION,
    RUN,
    SCAN,
    TRIGGER,
)
from purview_ai.directory.app_role_grant import APP_ROLE_GRANT
from purview_ai.drift.azure import ACCESS_POLICY
from purview_ai.drift.azure_types import (
    ACCOUNT,
    ALERT_RULE,
    DIAGNOSTIC_SETTING,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
    SECRET,
    VAULT,
)
from purview_ai.governance.ediscovery.kinds import CASE, SEARCH
from purview_ai.offboarding.item import Mark, Way
from purview_ai.vaults.secret import VAULT_SECRET

if TYPE_CHECKING:
    from purview_ai.datamap.object_kind import ObjectKind

_GRAPH_REFERENCE = "https://learn.microsoft.com/graph/api"
_AZURE_CLI = "https://learn.microsoft.com/cli/azure"
_DATA_MAP = "https://learn.microsoft.com/rest/api/purview"
_SOFT_DELETE = "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"
SERVICE_PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
ACCESS_POLICY_OF_ENTRA = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
GROUP = "azuread:index/group:Group"
DIRECTORY_ROLE = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"


@dataclass(frozen=True)
class Kind:
    """What there is to know of a kind of objects at the end of a stack; names in braces are an object's own."""

    called: str
    title: str = "{name}"
    by_hand: tuple[Way, ...] = ()
    released_as: str = ""
    """What ``release`` calls it; empty: that setting does not know the kind."""
    release: str = "release"
    """The setting that has destroy remove what was there before."""
    inside: tuple[str, ...] = field(default=())
    """The kinds that it goes with."""
    after: str = ""
    """What is known of it once it is deleted."""


def _in_data_map(kind: ObjectKind, who: str = "Data Source Administrator on the collection") -> Way:
    url = f"{{data_map}}{kind.api.prefix}{kind.path}?api-version={kind.api.version}"
    return Way(f'az rest --method DELETE --resource https://purview.azure.net --url "{url}"', who, _DATA_MAP)


def _in_graph(path: str, who: str, page: str) -> Way:
    text = f"az rest --method DELETE --url https://{{graph}}/v1.0{path}"
    return Way(text, who, f"{_GRAPH_REFERENCE}/{page}")


DELETE_SECRET = Way(
    "az keyvault secret delete --vault-name {vault} --name {name}",
    "Key Vault Secrets Officer on the vault, and a way through its firewall",
    f"{_AZURE_CLI}/keyvault/secret",
)
PURGE_SECRET = Way(
    "az keyvault secret purge --vault-name {vault} --name {name}; not in a vault with purge protection",
    "Key Vault Secrets Officer on the vault, and a way through its firewall",
    _SOFT_DELETE,
)
PURGE_VAULT = Way(
    "az keyvault purge --name {name} --location {location}",
    "Key Vault Purge Operator on the subscription",
    _SOFT_DELETE,
)
WAIT_FOR_VAULT = Way(
    "Wait: it goes by itself after {days} days, and purge protection lets nobody purge it before",
    source=_SOFT_DELETE,
)

OWN = {
    DATA_SOURCE.name: Kind(DATA_SOURCE.name, by_hand=(_in_data_map(DATA_SOURCE),), released_as="{name}"),
    SCAN.name: Kind(
        SCAN.name, by_hand=(_in_data_map(SCAN),), released_as="{name}", title="{name} of data source {data_source}"
    ),
    TRIGGER.name: Kind(TRIGGER.name, "of scan {scan}", (_in_data_map(TRIGGER),), released_as="{scan}"),
    RUN.name: Kind(
        RUN.name,
        "of scan {scan}",
        (Way("No public interface deletes a run by itself; it goes with its scan", mark=Mark.UNKNOWN),),
        inside=(SCAN.name,),
    ),
    CREDENTIAL.name: Kind(CREDENTIAL.name, by_hand=(_in_data_map(CREDENTIAL),), released_as="{name}"),
    KEY_VAULT_CONNECTION.name: Kind(
        KEY_VAULT_CONNECTION.name, by_hand=(_in_data_map(KEY_VAULT_CONNECTION),), released_as="{name}"
    ),
    COLLECTION.name: Kind(
        COLLECTION.name,
        by_hand=(_in_data_map(COLLECTION, "Collection Administrator on the collection above it"),),
        released_as="{name}",
    ),
    COLLECTION_ROLE.name: Kind(
        COLLECTION_ROLE.name,
        "{role} on {collection} for {principal_id}",
        (
            Way(
                "Purview portal > Data Map > Domains > {collection} > Role assignments: take {principal_id} out",
                "Collection Administrator on the collection",
                "https://learn.microsoft.com/purview/data-map-domains-collections-manage",
            ),
        ),
        released_as="{collection}",
        inside=(COLLECTION.name,),
    ),
    APP_ROLE_GRANT.name: Kind(
        APP_ROLE_GRANT.name,
        "{role} for {principal_id}",
        (
            _in_graph(
                "/servicePrincipals/{resource_id}/appRoleAssignedTo/{assignment}",
                "AppRoleAssignment.ReadWrite.All, or Privileged Role Administrator",
                "serviceprincipal-delete-approleassignedto",
            ),
        ),
        released_as="{role}",
        after="from every stack of the account, so the others must give it again: pulumi up --refresh",
    ),
    VAULT_SECRET.name: Kind(
        VAULT_SECRET.name, by_hand=(DELETE_SECRET, PURGE_SECRET), inside=(VAULT,), title="{name} in key vault {vault}"
    ),
    CASE.name: Kind(
        CASE.name,
        by_hand=(
            _in_graph(
                "/security/cases/ediscoveryCases/{graph_id}",
                "eDiscovery Administrator; its holds are released first",
                "security-casesroot-delete-ediscoverycases",
            ),
        ),
        released_as="{name}",
        release="governance.ediscovery.release",
    ),
    SEARCH.name: Kind(
        SEARCH.name,
        by_hand=(
            _in_graph(
                "/security/cases/ediscoveryCases/{case_id}/searches/{graph_id}",
                "eDiscovery Administrator",
                "security-ediscoverycase-delete-searches",
            ),
        ),
        released_as="{name}",
        release="governance.ediscovery.release",
        inside=(CASE.name,),
    ),
}
"""This package's own kinds, by the names that states and messages use."""

OTHERS = {
    VAULT: Kind(
        "key vault",
        by_hand=(
            Way("az keyvault delete --name {name}", "Key Vault Contributor on the vault", f"{_AZURE_CLI}/keyvault"),
        ),
        inside=(RESOURCE_GROUP,),
    ),
    SECRET: Kind("vault secret", by_hand=(DELETE_SECRET, PURGE_SECRET), inside=(VAULT,)),
    RESOURCE_GROUP: Kind(
        "resource group",
        by_hand=(Way("az group delete --name {name}", "Contributor on the resource group", f"{_AZURE_CLI}/group"),),
        after="with all that is in it, also what others made there",
    ),
    ROLE_ASSIGNMENT: Kind(
        "role assignment",
        "{resource}",
        (
            Way(
                "az role assignment delete --ids {id}",
                "User Access Administrator on its scope",
                f"{_AZURE_CLI}/role/assignment",
            ),
        ),
        inside=(VAULT,),
    ),
    ACCESS_POLICY: Kind(
        "access policy",
        "{resource}",
        (
            Way(
                "Azure portal > Key vaults > {vault} > Access policies: delete the entry",
                "Key Vault Contributor on the vault",
                "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy",
            ),
        ),
        inside=(VAULT,),
    ),
    DIAGNOSTIC_SETTING: Kind(
        "diagnostic setting",
        by_hand=(
            Way(
                "Azure portal > the resource > Diagnostic settings > {name} > Delete",
                "Monitoring Contributor on the resource",
                f"{_AZURE_CLI}/monitor/diagnostic-settings",
            ),
        ),
    ),
    ALERT_RULE: Kind(
        "alert rule",
        by_hand=(
            Way(
                "az monitor scheduled-query delete --ids {id}",
                "Monitoring Contributor on the resource group",
                f"{_AZURE_CLI}/monitor/scheduled-query",
            ),
        ),
        inside=(RESOURCE_GROUP,),
    ),
    ACCOUNT: Kind(
        "Purview account",
        by_hand=(
            Way(
                "az purview account delete --name {name} --resource-group {group}; everything in its Data Map goes "
                "with it, of all tenants' stacks",
                "Contributor on the resource group",
                f"{_AZURE_CLI}/purview/account",
            ),
        ),
    ),
    SERVICE_PRINCIPAL: Kind(
        "service principal",
        "{displayName}",
        (
            Way(
                "Leave it: it is Microsoft's own and the whole Entra tenant's, and every Purview AI integration needs "
                "it. Whether Entra deletes it is not known (az ad sp delete --id {objectId})",
                "Cloud Application Administrator",
                mark=Mark.UNKNOWN,
            ),
        ),
    ),
    "azuread:index/appRoleAssignment:AppRoleAssignment": Kind("app role assignment", "{resource}"),
    ACCESS_POLICY_OF_ENTRA: Kind(
        "Conditional Access policy",
        "{displayName}",
        (
            _in_graph(
                "/identity/conditionalAccess/policies/{last}",
                "Conditional Access Administrator",
                "conditionalaccesspolicy-delete",
            ),
        ),
        after="Entra can restore it for 30 days (Graph beta)",
    ),
    GROUP: Kind(
        "group",
        "{displayName}",
        (_in_graph("/groups/{last}", "Groups Administrator", "group-delete"),),
        after="a security group cannot be restored",
    ),
    DIRECTORY_ROLE: Kind(
        "directory role assignment",
        "{resource}",
        (
            _in_graph(
                "/roleManagement/directory/roleAssignments/{last}",
                "Privileged Role Administrator",
                "unifiedroleassignment-delete",
            ),
        ),
    ),
}
"""The other providers' kinds, by their types."""
