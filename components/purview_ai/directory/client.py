"""Microsoft Graph, as far as the directory goes: app roles, groups, policies (docs/facts.md, graph 1.2, 20 to 23)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from purview_ai.calls.service import Service, on_the_same_host, signed_in
from purview_ai.objects.kept import KeptPlaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import TokenCredential

    from purview_ai.calls.patience import Patience
    from purview_ai.clouds import Cloud
    from purview_ai.json_values import JsonObject


@dataclass
class Directory:
    """The directory of the tenant that one identity signs in to; safe to share between threads."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    patience: Patience
    foreseen: dict[str, JsonObject | None] = field(default_factory=dict[str, "JsonObject | None"])
    """What a check found of a grant that is about to be made."""
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _service: Service | None = None

    def service_principal(self, client_id: str) -> JsonObject | None:
        """The service principal of an application; None where the tenant has none."""
        answer = self._graph().get(self._url("/servicePrincipals"), **{"$filter": f"appId eq '{client_id}'"}) or {}
        return next(iter(answer.get("value") or []), None)

    def held_by(self, principal_id: str) -> Iterator[JsonObject]:
        """The app roles that a principal holds, page by page; none where the principal is not there."""
        return self.listed(f"/servicePrincipals/{principal_id}/appRoleAssignments")

    def listed(self, path: str, **query: str) -> Iterator[JsonObject]:
        """What a list of the directory holds, page by page; nothing where the list is not there."""
        url = self._url(path)
        page = self._graph().get(url, **query) or {}
        yield from page.get("value") or []
        while following := str(page.get("@odata.nextLink") or ""):
            page = self._graph().get(on_the_same_host(following, url)) or {}
            yield from page.get("value") or []

    def grant(self, principal_id: str, resource_id: str, app_role_id: str) -> JsonObject:
        """Give a principal an app role of a resource; refused where it holds it already."""
        body: dict[str, Any] = {"principalId": principal_id, "resourceId": resource_id, "appRoleId": app_role_id}
        return self._graph().send("POST", self._url(f"/servicePrincipals/{resource_id}/appRoleAssignedTo"), body, {})

    def revoke(self, resource_id: str, assignment: str) -> None:
        """Take one assignment back."""
        url = self._url(f"/servicePrincipals/{resource_id}/appRoleAssignedTo/{assignment}")
        self._graph().send("DELETE", url, None, {})

    def _url(self, path: str) -> str:
        return f"https://{self.cloud.graph}/v1.0{path}"

    def _graph(self) -> Service:
        with self._lock:
            if self._service is None:
                credential = signed_in(self.make_credential)
                self._service = Service("Microsoft Graph", f"https://{self.cloud.graph}/.default", credential)
            return self._service
