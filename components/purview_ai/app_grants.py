"""The app roles that the Purview account's identity needs in order to process conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from purview_ai import lookups
from purview_ai.dynamic.resources import AppRoleGrant
from purview_ai.settings.grants import GrantsMode

if TYPE_CHECKING:
    from purview_ai.settings.grants import GrantsSettings


@dataclass(frozen=True)
class Grant:
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


PROCESS_CONVERSATIONS = Grant(
    key="process-conversations",
    resource="the Purview API",
    client_id="9ec59623-ce40-4dc8-a635-ed0275b5d58a",
    value="Purview.ProcessConversationMessages.All",
    app_role_id="a4543e1f-6e5d-4ec9-a54a-f3b8c156163f",
)
"""From the first article on the connector (docs/facts.md, graph 1.1)."""
READ_USERS = Grant(
    key="read-users",
    resource="Microsoft Graph",
    client_id="00000003-0000-0000-c000-000000000000",
    value="User.Read.All",
    app_role_id="df021288-bdef-4463-88db-98f22de89214",
)
"""From the newer article (docs/facts.md, graph 0.2)."""


class AppRoleGrants(pulumi.ComponentResource):
    """The app roles of one identity, given or only expected."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        principal_id: pulumi.Input[str],
        grants: GrantsSettings,
        release: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """See that an identity holds its app roles.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            principal_id: The object id of the Purview account's identity.
            grants: Which app roles, and who gives them.
            release: App roles that were there before and that destroy shall take back, by their values.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:AppRoleGrants", name, None, opts)
        wanted = ((PROCESS_CONVERSATIONS, grants.process_conversations), (READ_USERS, grants.read_users))
        for grant in [grant for grant, wished in wanted if wished]:
            found = lookups.service_principal(grant.client_id, grant.resource, pulumi.InvokeOptions(parent=self))
            AppRoleGrant(
                f"{name}-{grant.key}",
                tenant=tenant,
                principal_id=principal_id,
                resource_id=found.object_id,
                app_role_id=published_role(tenant, grant, found),
                role=grant.value,
                expected=grants.mode is GrantsMode.EXPECTED,
                release=grant.value in release,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def published_role(tenant: str, grant: Grant, found: lookups.FoundServicePrincipal) -> str:
    """The id of an app role as the tenant has it; ends the program where that is not the published one."""
    looked_up = found.app_role_ids.get(grant.value)
    if looked_up is None or looked_up != grant.app_role_id:
        msg = (
            f"{tenant}: the app role {grant.value} was not granted\n"
            f"  {grant.resource} offers it as {looked_up}, and not as {grant.app_role_id}, the published id.\n"
            "  A role of another id may allow something else, so nothing is granted.\n"
            "  docs/troubleshooting.md#app-role-mismatch"
        )
        raise pulumi.RunError(msg)
    return looked_up
