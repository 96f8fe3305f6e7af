"""A Conditional Access policy for people with insider risk, as Microsoft's own recipe has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_azuread as azuread

from purview_ai import explained
from purview_ai.app_grants import directory_provider
from purview_ai.settings.conditional_access import AccessState

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.conditional_access import ConditionalAccessSettings

_STATES = {
    AccessState.REPORT_ONLY: "enabledForReportingButNotEnforced",
    AccessState.ENABLED: "enabled",
    AccessState.DISABLED: "disabled",
}
_EVERYTHING = _EVERYBODY = "All"
_EXTERNAL_USERS = ("b2bDirectConnectUser", "otherExternalUser", "serviceProvider")
"""In Graph's own order, in which they come back: another one would show as a change (docs/facts.md, graph 20)."""


class InsiderRiskAccess(pulumi.ComponentResource):
    """Blocks or challenges people with insider risk, and never the emergency accounts."""

    policy_id: pulumi.Output[str]
    """The policy's object id."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        settings: ConditionalAccessSettings,
        display_name: str,
        azure: AzureSettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Have Entra look at the insider risk of whoever signs in.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            settings: Whom the policy meets and what it does; they name emergency accounts, or there are no settings.
            display_name: What the policy is called where the settings do not say.
            azure: How the stack signs in.
            opts: Pulumi's options.
        """
        directory = pulumi.ResourceOptions(providers=directory_provider(name, azure, opts))
        super().__init__(
            "purview-ai:index:InsiderRiskAccess", name, None, pulumi.ResourceOptions.merge(opts, directory)
        )
        called = settings.display_name or display_name
        happened = f'Conditional Access policy "{called}" was not made or changed'
        told = explained.on_failure(name, tenant, happened, explained.ACCESS_POLICY, self)
        policy = azuread.ConditionalAccessPolicy(
            f"{name}-policy",
            display_name=called,
            state=_STATES[settings.state],
            conditions=azuread.ConditionalAccessPolicyConditionsArgs(
                client_app_types=["all"],
                applications=azuread.ConditionalAccessPolicyConditionsApplicationsArgs(
                    included_applications=[_EVERYTHING] if settings.all_resources else list(settings.applications),
                ),
                users=_users(settings),
                insider_risk_levels=settings.risk.value,
            ),
            grant_controls=azuread.ConditionalAccessPolicyGrantControlsArgs(
                operator="OR", built_in_controls=[settings.action.value]
            ),
            opts=pulumi.ResourceOptions(parent=self, hooks=pulumi.ResourceHookBinding(on_error=[told])),
        )
        self.policy_id = policy.object_id
        self.register_outputs({})


def _users(settings: ConditionalAccessSettings) -> azuread.ConditionalAccessPolicyConditionsUsersArgs:
    """Everybody but the emergency accounts and, unless asked for, people of other tenants."""
    everywhere = azuread.ConditionalAccessPolicyConditionsUsersExcludedGuestsOrExternalUserExternalTenantArgs(
        membership_kind="all"
    )
    external = azuread.ConditionalAccessPolicyConditionsUsersExcludedGuestsOrExternalUserArgs(
        guest_or_external_user_types=list(_EXTERNAL_USERS), external_tenants=[everywhere]
    )
    spared = settings.break_glass
    return azuread.ConditionalAccessPolicyConditionsUsersArgs(
        included_users=[_EVERYBODY],
        excluded_users=list(spared.users) or None,
        excluded_groups=list(spared.groups) or None,
        excluded_guests_or_external_users=[external] if settings.exclude_external_users else None,
    )
