"""Tell in the sign-in logs who with insider risk signs in to somebody's application."""

import pulumi
from purview_ai import InsiderRiskAccess, settings
from purview_ai.settings.conditional_access import BreakGlassSettings, ConditionalAccessSettings

config = pulumi.Config()
InsiderRiskAccess(
    "access",
    tenant="contoso",
    settings=ConditionalAccessSettings(
        applications=(config.require("application"),),
        break_glass=BreakGlassSettings(users=(config.require("emergency"),)),
    ),
    display_name="Insider risk, ChatGPT Enterprise",
    azure=settings.azure_of_stack(),
)
