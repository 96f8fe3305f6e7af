"""The app roles that the Purview account's identity needs in order to process conversations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AppRole:
    """An app role of a resource application."""

    key: str
    """What the resource is called in a stack."""
    resource: str
    """The resource application in words."""
    client_id: str
    """Its application id."""
    value: str
    """The role's name; the role is looked up by it."""
    app_role_id: str
    """The role's published id, which the looked-up one must equal."""


PROCESS_CONVERSATIONS = AppRole(
    key="process-conversations",
    resource="the Purview API",
    client_id="9ec59623-ce40-4dc8-a635-ed0275b5d58a",
    value="Purview.ProcessConversationMessages.All",
    app_role_id="a4543e1f-6e5d-4ec9-a54a-f3b8c156163f",
)
"""From the first article on the connector (docs/facts.md, graph 1.1)."""
READ_USERS = AppRole(
    key="read-users",
    resource="Microsoft Graph",
    client_id="00000003-0000-0000-c000-000000000000",
    value="User.Read.All",
    app_role_id="df021288-bdef-4463-88db-98f22de89214",
)
"""From the newer article (docs/facts.md, graph 0.2)."""
APP_ROLES = (PROCESS_CONVERSATIONS, READ_USERS)
COMPONENT = "purview-ai:index:AppRoleGrants"
"""The type of the component that gives them, as URNs have it."""
