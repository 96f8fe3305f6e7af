"""Let the Purview account's identity process conversations, and read no users."""

import pulumi
from purview_ai import AppRoleGrants, settings
from purview_ai.settings.grants import AppRolesSettings

AppRoleGrants(
    "grants",
    tenant="contoso",
    principal_id=pulumi.Config().require("identity"),
    grants=AppRolesSettings(read_users=False),
    azure=settings.azure_of_stack(),
)
