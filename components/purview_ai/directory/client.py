"""Microsoft Graph, as far as the directory goes: app roles, groups, policies (docs/facts.md, graph 1.2, 20 to 23)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from purview_ai.objects.kept import KeptPlaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.calls.graph import GraphCalls
    from purview_ai.calls.patience import Patience
    from purview_ai.json_values import JsonObject


@dataclass
class Directory:
    """The directory of the tenant that one identity signs in to; safe to share between threads."""

    graph: GraphCalls
    patience: Patience
    foreseen: dict[str, JsonObject | None] = field(default_factory=dict[str, "JsonObject | None"])
    """What a check found of a grant that is about to be made."""
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""

    def service_principal(self, client_id: str) -> JsonObject | None:
        """The service principal of an application; None where the tenant has none."""
        return next(self.listed("/servicePrincipals", **{"$filter": f"appId eq '{client_id}'"}), None)

    def held_by(self, principal_id: str) -> Iterator[JsonObject]:
        """The app roles that a principal holds, page by page; none where the principal is not there."""
        return self.listed(f"/servicePrincipals/{principal_id}/appRoleAssignments")

    def listed(self, path: str, **query: str) -> Iterator[JsonObject]:
        """What a list of the directory holds, page by page; nothing where the list is not there."""
        return self.graph.listed(path, **query)

    def grant(self, principal_id: str, resource_id: str, app_role_id: str) -> JsonObject:
        """Give a principal an app role of a resource; refused where it holds it already."""
        body: dict[str, Any] = {"principalId": principal_id, "resourceId": resource_id, "appRoleId": app_role_id}
        return self.graph.send("POST", f"/servicePrincipals/{resource_id}/appRoleAssignedTo", body)

    def revoke(self, resource_id: str, assignment: str) -> None:
        """Take one assignment back."""
        self.graph.send("DELETE", f"/servicePrincipals/{resource_id}/appRoleAssignedTo/{assignment}")
