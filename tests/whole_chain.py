"""All that a run needs, link by link, made through the services' own APIs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_azure import seed
from people import ARM, GRAPH, PURVIEW
from waiting import until

if TYPE_CHECKING:
    import httpx
    from people import Person

SUBSCRIPTION = f"{ARM}/subscriptions/{seed.SUBSCRIPTION}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
ACCOUNT = f"{SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
VAULTS = f"{GROUP}/providers/Microsoft.KeyVault/vaults"
VAULT_NAME = "kv-contoso-ai"
VAULT = f"{VAULTS}/{VAULT_NAME}"
LOG_WORKSPACE_ID = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    f"/providers/Microsoft.OperationalInsights/workspaces/{seed.LOG_WORKSPACE}"
)
ACTION_GROUP_ID = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    "/providers/Microsoft.Insights/actionGroups/security-team"
)
VAULT_URL = f"https://{VAULT_NAME}.vault.azure.net"
SECRET = "chatgpt-compliance-key"
SCAN_API = f"{PURVIEW}/scan"
CONNECTION = f"{SCAN_API}/azureKeyVaults/contoso-vault"
CREDENTIAL = f"{SCAN_API}/credentials/chatgpt-key"
SOURCE = f"{SCAN_API}/datasources/chatgpt"
SCAN_PATH = "datasources/chatgpt/scans/chatgpt-scan"
PORTAL_API = {"api-version": "2018-12-01-preview"}
"""What the portal asks with."""
SCAN = f"{SCAN_API}/{SCAN_PATH}"
TRIGGER = f"{SCAN}/triggers/default"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
PROCESS_CONVERSATIONS = "a4543e1f-6e5d-4ec9-a54a-f3b8c156163f"
USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214"
APPLICATION_READ_WRITE_ALL = "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"
NOT_FOUND = 404
SINCE = "2026-01-01T00:00:00Z"


def vault_body(**properties: Any) -> dict[str, Any]:
    """A vault with roles, closed to all but trusted services and the callers' own address."""
    return {
        "location": seed.LOCATION,
        "properties": {
            "tenantId": seed.TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                "ipRules": [{"value": "20.0.113.7/32"}],
            },
            **properties,
        },
    }


def rule_body(condition: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A rule that looks for failed runs, with changes; None takes something out."""
    criterion = {
        "query": "PurviewScanStatusLogs | where ResultType == 'Failed'",
        "timeAggregation": "Count",
        "operator": "GreaterThan",
        "threshold": 0,
        **(condition or {}),
    }
    found: dict[str, Any] = {
        "severity": 1,
        "enabled": True,
        "scopes": [LOG_WORKSPACE_ID],
        "evaluationFrequency": "PT1H",
        "windowSize": "PT2H",
        "criteria": {"allOf": [{name: value for name, value in criterion.items() if value is not None}]},
        **properties,
    }
    return {
        "location": seed.LOCATION,
        "properties": {name: value for name, value in found.items() if value is not None},
    }


def account_body(**more: Any) -> dict[str, Any]:
    """A Purview account with an identity of its own."""
    return {
        "location": seed.LOCATION,
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "Standard", "capacity": 1},
        "properties": {"publicNetworkAccess": "Enabled", "managedEventHubState": "NotSpecified"},
        **more,
    }


def settled_account(person: Person, url: str = ACCOUNT) -> dict[str, Any] | None:
    """The account once nothing is done to it any more; None where it is gone."""

    def over() -> list[dict[str, Any] | None]:
        answer = person.ask("GET", url, params={"api-version": "2024-04-01-preview"})
        if answer.status_code == NOT_FOUND:
            return [None]
        found: dict[str, Any] = answer.json()
        state = found["properties"]["accountStatus"]["accountProvisioningState"]
        return [found] if state == "Succeeded" else []

    return until(over, f"the end of what is done to {url}")[0]


def remove_account(operator: Person) -> None:
    """The tenant has no account any more."""
    operator.do("DELETE", ACCOUNT, params={"api-version": "2021-12-01"})
    assert settled_account(operator) is None


def policy_for(principal: str, *permissions: str) -> dict[str, Any]:
    """An entry of an older vault's access policies."""
    return {"tenantId": seed.TENANT, "objectId": principal, "permissions": {"secrets": list(permissions)}}


def role_body(role: str, principal: str) -> dict[str, Any]:
    """A role for a principal."""
    return {
        "properties": {
            "roleDefinitionId": f"/subscriptions/{seed.SUBSCRIPTION}"
            f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
    }


def role_url(scope: str, name: str | None = None) -> str:
    """Where a role assignment stands."""
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name or uuid.uuid4()}"


def let_the_deployer_make_resource_groups(operator: Person) -> None:
    """The rights on the whole subscription that README.md asks for with ``vault.create_resource_group`` only."""
    for role in (seed.CONTRIBUTOR, seed.ACCESS_ADMIN):
        operator.do("PUT", role_url(SUBSCRIPTION), json=role_body(role, seed.DEPLOYER_ID))


def let_the_deployer_make_service_principals(operator: Person) -> None:
    """The permission that only somebody needs who makes Purview's service principal, where the tenant has none."""
    granted = f"{GRAPH}/v1.0/servicePrincipals/{seed.GRAPH}/appRoleAssignedTo"
    wanted = {"principalId": seed.DEPLOYER_ID, "resourceId": seed.GRAPH, "appRoleId": APPLICATION_READ_WRITE_ALL}
    operator.do("POST", granted, json=wanted)


def reference(name: str) -> dict[str, str]:
    """A reference to a collection."""
    return {"referenceName": name, "type": "CollectionReference"}


def connection_body(url: str = f"{VAULT_URL}/") -> dict[str, Any]:
    """A Key Vault connection."""
    return {"properties": {"baseUrl": url, "description": ""}}


def credential_body(version: str = "", connection: str = "contoso-vault") -> dict[str, Any]:
    """A credential in the sandbox's own wire names."""
    secret = {
        "type": "AzureKeyVaultSecret",
        "secretName": SECRET,
        "secretVersion": version,
        "store": {"referenceName": connection, "type": "LinkedServiceReference"},
    }
    return {"kind": "TalonKey", "properties": {"typeProperties": {"talon": secret}}}


def source_body(workspace: str = seed.WORKSPACE, collection: str = seed.COLLECTION) -> dict[str, Any]:
    """A data source in the sandbox's own wire names."""
    return {
        "kind": "Kestrel7",
        "properties": {"nest": {"burrowId": workspace}, "collection": reference(collection)},
    }


def scan_body(since: str = SINCE, credential: str = "chatgpt-key") -> dict[str, Any]:
    """A scan in the sandbox's own wire names."""
    return {
        "kind": "Kestrel7Flight",
        "properties": {
            "firstLight": since,
            "perch": {"credentialReference": {"referenceName": credential, "credentialType": "TalonKey"}},
            "collection": reference(seed.COLLECTION),
        },
    }


def tried(person: Person, scan: dict[str, Any] | None = None, url: str = SCAN) -> httpx.Response:
    """The portal's test of a connection."""
    body = {"scan": {"name": "chatgpt-scan", **(scan or scan_body())}}
    return person.ask("POST", f"{url}/testConnectivity", params=PORTAL_API, json=body)


def trigger_body(**recurrence: Any) -> dict[str, Any]:
    """An incremental scan each day at two in the morning in Berlin, with these parts of its recurrence otherwise."""
    daily = {
        "frequency": "Day",
        "interval": 1,
        "startTime": "2026-01-05T02:00:00+01:00",
        "schedule": {"hours": [1], "minutes": [0]},
    }
    return {"properties": {"scanLevel": "Incremental", "state": "Enabled", "recurrence": daily | recurrence}}


@dataclass
class WholeChain:
    """The chain's links, each made with one call, by somebody with all rights."""

    operator: Person
    version: str = ""
    """The version of the key's secret."""

    def build(self) -> WholeChain:
        """All links in their order."""
        self.connect()
        self.grant_both()
        self.scan()
        return self

    def connect(self) -> None:
        """All links that lead to the vendor: a key in a vault, known to Purview, and the data source."""
        self.open_vault()
        self.operator.do("PUT", CONNECTION, json=connection_body())
        self.credential(self.version)
        self.source()

    def open_vault(self) -> None:
        """A vault with the vendor's key, which the account's identity may read."""
        self.vault()
        self.key()
        self.vault_role()

    def grant_both(self) -> None:
        """The account's identity holds both app roles."""
        self.grant(seed.PURVIEW_API, PROCESS_CONVERSATIONS)
        self.grant(seed.GRAPH, USER_READ_ALL)

    def vault(self, **properties: Any) -> None:
        """The vault, with these of its properties otherwise."""
        self.operator.do("PUT", VAULT, json=vault_body(**properties))

    def key(self, value: str = seed.VENDOR_KEY) -> None:
        """A new version of the secret, written through the control plane."""
        made = self.operator.do("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": {"value": value}})
        self.version = made["properties"]["secretUriWithVersion"].rsplit("/", 1)[1]

    def vault_role(self) -> str:
        """The account's identity may read the vault's secrets; returns where that stands."""
        url = role_url(VAULT)
        self.operator.do("PUT", url, json=role_body(SECRETS_USER, seed.PURVIEW_IDENTITY))
        return url

    def grant(self, resource: str, app_role: str) -> str:
        """The account's identity holds an app role; returns where that stands."""
        granted = f"{GRAPH}/v1.0/servicePrincipals/{resource}/appRoleAssignedTo"
        wanted = {"principalId": seed.PURVIEW_IDENTITY, "resourceId": resource, "appRoleId": app_role}
        made = self.operator.do("POST", granted, json=wanted)
        return f"{granted}/{made['id']}"

    def granted(self, resource: str) -> str:
        """Where the account identity's only app role of a resource stands."""
        url = f"{GRAPH}/v1.0/servicePrincipals/{resource}/appRoleAssignedTo"
        [held] = [one for one in self.operator.get(url)["value"] if one["principalId"] == seed.PURVIEW_IDENTITY]
        return f"{url}/{held['id']}"

    def credential(self, version: str) -> None:
        """The credential, pointing at a version (empty: the newest)."""
        self.operator.do("PUT", CREDENTIAL, json=credential_body(version))

    def source(self, workspace: str = seed.WORKSPACE) -> None:
        """The data source."""
        self.operator.do("PUT", SOURCE, json=source_body(workspace))

    def scan(self, since: str = SINCE) -> None:
        """The scan."""
        self.operator.do("PUT", SCAN, json=scan_body(since))

    def run(self) -> dict[str, Any]:
        """A full run, followed to its end."""
        return self.operator.run_again(SCAN_PATH)

    def reason_of_failure(self) -> str:
        """Why a run that is started now fails."""
        run = self.run()
        assert run["status"] == "Failed", run
        assert run["error"]["message"] == run["errorMessage"]
        return run["errorMessage"]
