"""Taking away what a test made, through Azure's own doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure import seed

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
SUBSCRIPTION = f"/subscriptions/{seed.SUBSCRIPTION}"
GRANTS = f"/v1.0/servicePrincipals/{seed.PURVIEW_API}/appRoleAssignedTo"
SEEDED_GROUPS = {seed.GOVERNANCE_GROUP, seed.TENANT_GROUP}
SEEDED_PRINCIPALS = {seed.DEPLOYER_ID, seed.OPERATOR_ID}


class Broom:
    """Leaves the seeded world and nothing else, as far as these tests change it."""

    def __init__(self, azure: LocalAzure, client: httpx.Client) -> None:
        """Sign in once, as somebody with all rights."""
        self._client = client
        self._tokens = {
            host: azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, f"{host}/.default") for host in (ARM, GRAPH)
        }

    def sweep(self) -> None:
        for grant in self._all(GRAPH, GRANTS):
            self._do("DELETE", GRAPH, f"{GRANTS}/{grant['id']}")
        for assignment in self._all(ARM, f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"):
            if assignment["properties"]["principalId"] not in SEEDED_PRINCIPALS:
                self._do("DELETE", ARM, assignment["id"])
        for account in self._all(ARM, f"{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts"):
            self._do("DELETE", ARM, account["id"])
        for vault in self._all(ARM, f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"):
            self._do("DELETE", ARM, vault["id"])
        for vault in self._all(ARM, f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults"):
            self._do("POST", ARM, f"{vault['id']}/purge")
        for group in self._all(ARM, f"{SUBSCRIPTION}/resourceGroups"):
            if group["name"] not in SEEDED_GROUPS:
                self._do("DELETE", ARM, group["id"])
                while self._ask("GET", ARM, group["id"]).is_success:
                    continue

    def _all(self, host: str, path: str) -> list[dict[str, Any]]:
        return self._ask("GET", host, path).raise_for_status().json()["value"]

    def _do(self, method: str, host: str, path: str) -> None:
        self._ask(method, host, path).raise_for_status()

    def _ask(self, method: str, host: str, path: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._tokens[host]}"}
        params = {} if host == GRAPH else {"api-version": "2024-03-01"}
        return self._client.request(method, host + path, headers=headers, params=params)
