"""The app roles of the Purview account's identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS, READ_USERS
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.settings.grants import GrantsMode

if TYPE_CHECKING:
    from purview_ai.directory.app_roles import AppRole
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding

READ_APPLICATIONS = "the Graph permission Application.Read.All"


def wished_roles(estate: Estate) -> list[AppRole]:
    """Those that the tenant's settings give or expect."""
    grants = estate.settings.grants
    wished = ((grants.process_conversations, PROCESS_CONVERSATIONS), (grants.read_users, READ_USERS))
    return [role for wish, role in wished if wish]


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
            given = str(found[0].get("createdDateTime") or "")
            return link.passed("", seen(f"{role.value} for {identity}", "Microsoft Graph, appRoleAssignments", given))
        return link.failed(f"the account's identity {identity} does not hold {role.value}", _remedy(estate))

    return Link(f"grants.{role.key}", f"App role {role.value}", look, to_look=READ_APPLICATIONS)


def _remedy(estate: Estate) -> str:
    if estate.settings.grants.mode is GrantsMode.EXPECTED:
        return "grants is expected: whoever deploys grants/ gives it, with pulumi up in that folder."
    return f"pulumi refresh --stack {estate.stack}, then pulumi up --stack {estate.stack} gives it again."
