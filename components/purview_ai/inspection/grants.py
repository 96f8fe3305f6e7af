"""The app roles of the Purview account's identity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS, READ_USERS
from purview_ai.inspection import sign_in
from purview_ai.inspection.account import FOUND
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.remedies import again
from purview_ai.settings.grants import GrantsMode

if TYPE_CHECKING:
    from purview_ai.directory.app_roles import AppRole
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject

READ_APPLICATIONS = "the Graph permission Application.Read.All"


def wished_roles(estate: Estate) -> list[AppRole]:
    """Those that the tenant's settings give or expect."""
    grants = estate.settings.grants
    wished = ((grants.process_conversations, PROCESS_CONVERSATIONS), (grants.read_users, READ_USERS))
    return [role for wish, role in wished if wish]


def offered(estate: Estate, role: AppRole) -> Link:
    """The resource is there, and offers the app role under its published id."""
    makes = estate.settings.grants.create_service_principal

    def look(link: Link) -> Finding:
        asked = f"service principal {role.client_id}"
        found = estate.once(asked, lambda: estate.directory.service_principal(role.client_id))
        if found is None:
            if makes:
                return link.passed("not yet; the stack makes it (grants.create_service_principal)")
            return link.failed(
                f"the tenant has no service principal of {role.resource}",
                f"New-AzADServicePrincipal -ApplicationId {role.client_id}; or let the stack make it: "
                "grants.create_service_principal: true.",
            )
        roles: list[JsonObject] = found.get("appRoles") or []
        ids = {str(one.get("value")): str(one.get("id")).lower() for one in roles}
        if ids.get(role.value) != role.app_role_id:
            return link.failed(
                f"it offers {role.value} as {ids.get(role.value, 'nothing')}, and {role.app_role_id} is published",
                "Stop here, and ask Microsoft's support what became of the app role.",
            )
        return link.passed("", seen(str(found.get("id")), f"Microsoft Graph, service principal {role.client_id}"))

    title = f"{role.resource} offers {role.value}"
    return Link(f"offered.{role.key}", title, look, (sign_in.GRAPH,), READ_APPLICATIONS)


def given(estate: Estate, role: AppRole) -> Link:
    """Before a deployment: the app role is held, or the stack gives it."""
    link = held(estate, role)
    if estate.settings.grants.mode is GrantsMode.EXPECTED:
        return replace(link, after=(f"offered.{role.key}", FOUND))

    def look(link: Link) -> Finding:
        return link.passed("the stack gives it, or takes it over where it is there (grants: managed)")

    return replace(link, look=look, after=(f"offered.{role.key}",))


def held(estate: Estate, role: AppRole) -> Link:
    """The account's identity holds an app role."""

    def look(link: Link) -> Finding:
        identity = estate.purview_identity
        if not identity:
            return link.failed(
                "the Purview account has no system-assigned identity",
                "Turn it on: Azure portal > the account > Identity.",
            )
        found = [one for one in estate.app_roles_held() if str(one.get("appRoleId")).lower() == role.app_role_id]
        if found:
            given = f", given {day}" if (day := str(found[0].get("createdDateTime") or "")[:10]) else ""
            return link.passed("", seen(f"{role.value} for {identity}{given}", "Microsoft Graph, appRoleAssignments"))
        return link.failed(f"the account's identity {identity} does not hold {role.value}", _remedy(estate))

    return Link(f"grants.{role.key}", f"App role {role.value}", look, (FOUND,), READ_APPLICATIONS)


def _remedy(estate: Estate) -> str:
    if estate.settings.grants.mode is GrantsMode.EXPECTED:
        return "grants is expected: whoever deploys grants/ gives it, with pulumi up in that folder."
    return f"{again(estate)} gives it."
