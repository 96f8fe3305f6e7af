"""What Azure knows of a tenant's resources, roles and names."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai.calls.service import Service, on_the_same_host, signed_in
from purview_ai.json_values import is_object
from purview_ai.objects.failures import AZURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import TokenCredential

    from purview_ai.clouds import Cloud
    from purview_ai.json_values import JsonObject

AUTHORIZATION = "2022-04-01"
KEY_VAULT = "2024-11-01"
"""The version that azure-native's own module uses (docs/facts.md, graph 0.5)."""
PURVIEW = "2021-12-01"
RESOURCES = "2024-03-01"


@dataclass(frozen=True)
class Permissions:
    """What the caller may do at one place, as its roles there and above say."""

    grants: tuple[JsonObject, ...]

    def allows(self, action: str, *, data: bool = False) -> bool:
        """Whether one of the roles has the action, and does not take it back."""
        have, lack = ("dataActions", "notDataActions") if data else ("actions", "notActions")
        return any(
            _any_matches(grant.get(have) or [], action) and not _any_matches(grant.get(lack) or [], action)
            for grant in self.grants
        )


def _any_matches(patterns: list[str], action: str) -> bool:
    return any(re.fullmatch(re.escape(one).replace(r"\*", ".*"), action, re.IGNORECASE) for one in patterns)


@dataclass
class ResourceManager:
    """Azure's control plane, as one identity sees it; safe to share between threads."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _service: Service | None = None

    def service(self) -> Service:
        """The service itself."""
        with self._lock:
            if self._service is None:
                self._service = Service(AZURE, self.cloud.arm_scope, signed_in(self.make_credential))
            return self._service

    def get(self, resource_id: str, version: str) -> JsonObject | None:
        """A resource by its id; None where it is not there."""
        return self.service().get(self._url(resource_id), **{"api-version": version})

    def list(self, path: str, version: str, **query: str) -> Iterator[JsonObject]:
        """All of a list, page by page."""
        url = self._url(path)
        page = self.service().get(url, **{"api-version": version, **query}) or {}
        while True:
            yield from page.get("value") or []
            following = str(page.get("nextLink") or "")
            if not following:
                return
            page = self.service().get(on_the_same_host(following, url)) or {}

    def permissions(self, scope: str) -> Permissions:
        """What the caller may do at a scope."""
        found = self.list(f"{scope}/providers/Microsoft.Authorization/permissions", AUTHORIZATION)
        return Permissions(tuple(found))

    def roles_of(self, principal_id: str, scope: str) -> set[str]:
        """The ids of the roles that a principal holds at a scope, there or above it."""
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
        query = {"$filter": f"atScope() and assignedTo('{principal_id}')"}
        found = (one.get("properties") for one in self.list(path, AUTHORIZATION, **query))
        return {str(one["roleDefinitionId"]).rsplit("/", 1)[-1].lower() for one in found if is_object(one)}

    def why_taken(self, subscription_id: str, vault: str) -> str:
        """Why no vault can get a name; empty where one can. Azure is asked, and nothing is changed."""
        body = {"name": vault, "type": "Microsoft.KeyVault/vaults"}
        url = self._url(f"/subscriptions/{subscription_id}/providers/Microsoft.KeyVault/checkNameAvailability")
        answer = self.service().send("POST", url, body, {"api-version": KEY_VAULT})
        return "" if answer.get("nameAvailable") else str(answer.get("message") or answer.get("reason") or "taken")

    def deleted_vaults(self, subscription_id: str) -> set[str]:
        """The names of soft-deleted vaults, in small letters."""
        path = f"/subscriptions/{subscription_id}/providers/Microsoft.KeyVault/deletedVaults"
        return {str(one.get("name")).lower() for one in self.list(path, KEY_VAULT)}

    def _url(self, path: str) -> str:
        return f"https://{self.cloud.arm}{path}"
