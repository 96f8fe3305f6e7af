"""The app roles that the Purview account's identity needs in order to process conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from purview_ai import lookups
from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS, READ_USERS
from purview_ai.dynamic.resources import AppRoleGrant
from purview_ai.settings.grants import GrantsMode

if TYPE_CHECKING:
    from purview_ai.directory.app_roles import AppRole
    from purview_ai.settings.grants import GrantsSettings


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
        wishes = ((PROCESS_CONVERSATIONS, grants.process_conversations), (READ_USERS, grants.read_users))
        for role in [role for role, wished in wishes if wished]:
            found = lookups.service_principal(role.client_id, role.resource, pulumi.InvokeOptions(parent=self))
            AppRoleGrant(
                f"{name}-{role.key}",
                tenant=tenant,
                principal_id=principal_id,
                resource_id=found.object_id,
                app_role_id=published_role(tenant, role, found),
                role=role.value,
                expected=grants.mode is GrantsMode.EXPECTED,
                release=role.value in release,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def published_role(tenant: str, role: AppRole, found: lookups.FoundServicePrincipal) -> str:
    """The id of an app role as the tenant has it; ends the program where that is not the published one."""
    looked_up = found.app_role_ids.get(role.value)
    if looked_up is None or looked_up != role.app_role_id:
        msg = (
            f"{tenant}: the app role {role.value} was not granted\n"
            f"  {role.resource} offers it as {looked_up}, and not as {role.app_role_id}, the published id.\n"
            "  A role of another id may allow something else, so nothing is granted.\n"
            "  docs/troubleshooting.md#app-role-mismatch"
        )
        raise pulumi.RunError(msg)
    return looked_up
