"""The app roles that the Purview account's identity needs in order to process conversations."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from purview_ai import lookups


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
GRANTS = (PROCESS_CONVERSATIONS, READ_USERS)


class AppRoleGrants(pulumi.ComponentResource):
    """Both app roles, granted to one identity."""

    def __init__(
        self,
        name: str,
        *,
        principal_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``principal_id`` is the object id of the Purview account's identity."""
        super().__init__("purview-ai:index:AppRoleGrants", name, None, opts)
        for grant in GRANTS:
            found = lookups.service_principal(grant.client_id, grant.resource, pulumi.InvokeOptions(parent=self))
            azuread.AppRoleAssignment(
                f"{name}-{grant.key}",
                app_role_id=_role_id(grant, found),
                principal_object_id=principal_id,
                resource_object_id=found.object_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def _role_id(grant: Grant, found: lookups.FoundServicePrincipal) -> str:
    looked_up = found.app_role_ids.get(grant.value)
    if looked_up is None or looked_up != grant.app_role_id:
        msg = (
            f"{pulumi.get_stack()}: the app role {grant.value} was not granted\n"
            f"  {grant.resource} offers it as {looked_up}, and not as {grant.app_role_id}, the published id.\n"
            "  A role of another id may allow something else, so nothing is granted.\n"
            "  docs/troubleshooting.md#app-role-mismatch"
        )
        raise pulumi.RunError(msg)
    return looked_up
