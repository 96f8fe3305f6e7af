"""People who ask the services directly, beside Pulumi or behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from local_azure import seed
from local_azure.hosts import BY_NAME, PUBLIC
from waiting import until

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
PURVIEW = f"https://{seed.ACCOUNT}.purview.azure.com"
VAULT = "https://kv-contoso-ai.vault.azure.net"
AUDIENCES = {
    ARM: f"{ARM}/.default",
    GRAPH: f"{GRAPH}/.default",
    PURVIEW: "https://purview.azure.net/.default",
}
API_VERSIONS = {PURVIEW: "2023-09-01", ARM: "2023-07-01"}
ENDED = ("Succeeded", "Failed", "Canceled")


@dataclass
class Person:
    """Somebody who signs in with a client secret."""

    azure: LocalAzure
    client: httpx.Client
    app_id: str
    secret: str

    def ask(self, method: str, url: str, *, audience: str | None = None, **more: Any) -> httpx.Response:
        """One request, signed in for the host's service (or for another audience, on purpose)."""
        base = next((known for known in AUDIENCES if url.startswith(known)), "")
        scope = audience or AUDIENCES.get(base, "https://vault.azure.net/.default")
        token = self.azure.token(self.app_id, self.secret, self._in_its_cloud(scope))
        params = more.pop("params", {})
        if "api-version" not in params and base != GRAPH:
            params["api-version"] = API_VERSIONS.get(base, "7.5")
        headers = {"authorization": f"Bearer {token}"}
        return self.client.request(method, self._in_its_cloud(url), headers=headers, params=params, **more)

    def _in_its_cloud(self, url: str) -> str:
        """An address of the public cloud as the sandbox's own cloud has it."""
        cloud = BY_NAME[self.azure.cloud or "public"]
        for public, own in (
            (PUBLIC.arm, cloud.arm),
            (PUBLIC.graph, cloud.graph),
            (PUBLIC.vault_suffix, cloud.vault_suffix),
            (PUBLIC.purview_suffix, cloud.purview_suffix),
        ):
            url = url.replace(public, own)
        return url

    def get(self, url: str, **params: str) -> Any:
        """The object at an address."""
        answer = self.ask("GET", url, params=params)
        assert answer.is_success, answer.text
        return answer.json()

    def do(self, method: str, url: str, **more: Any) -> Any:
        """A change that must succeed."""
        answer = self.ask(method, url, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def run_of(self, scan: str = "datasources/chatgpt/scans/chatgpt-scan") -> dict[str, Any]:
        """The newest run of a scan, once it has ended."""

        def ended() -> dict[str, Any] | None:
            newest = self.get(f"{PURVIEW}/scan/{scan}/runs")["value"][0]
            return newest if newest["status"] in ENDED else None

        return until(ended, f"the end of the newest run of {scan}")

    def run_again(self, scan: str = "datasources/chatgpt/scans/chatgpt-scan") -> dict[str, Any]:
        """Start a full run and follow it to its end."""
        params = {"runId": str(uuid4()), "scanLevel": "Full"}
        self.do("POST", f"{PURVIEW}/scan/{scan}:run", params=params)
        return self.run_of(scan)
