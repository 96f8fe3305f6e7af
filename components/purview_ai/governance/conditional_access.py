"""A Conditional Access policy for people with insider risk, as Microsoft's own recipe has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_azuread as azuread

from purview_ai import explained
from purview_ai.app_grants import directory_provider
from purview_ai.governance.access_wish import EITHER, EVERY_CLIENT, EVERY_TENANT, EVERYBODY, AccessWish

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.conditional_access import ConditionalAccessSettings


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
        wish = AccessWish.of(settings, display_name)
        happened = f'Conditional Access policy "{wish.display_name}" was not made or changed'
        told = explained.on_failure(name, tenant, happened, explained.ACCESS_POLICY, self)
        policy = azuread.ConditionalAccessPolicy(
            f"{name}-policy",
            display_name=wish.display_name,
            state=wish.state,
            conditions=azuread.ConditionalAccessPolicyConditionsArgs(
                client_app_types=[EVERY_CLIENT],
                applications=azuread.ConditionalAccessPolicyConditionsApplicationsArgs(
                    included_applications=list(wish.applications),
                ),
                users=_users(wish),
                insider_risk_levels=wish.risk,
            ),
            grant_controls=azuread.ConditionalAccessPolicyGrantControlsArgs(
                operator=EITHER, built_in_controls=[wish.control]
            ),
            opts=pulumi.ResourceOptions(parent=self, hooks=pulumi.ResourceHookBinding(on_error=[told])),
        )
        self.policy_id = policy.object_id
        self.register_outputs({})


def _users(wish: AccessWish) -> azuread.ConditionalAccessPolicyConditionsUsersArgs:
    """Everybody but the emergency accounts and, unless asked for, people of other tenants."""
    everywhere = azuread.ConditionalAccessPolicyConditionsUsersExcludedGuestsOrExternalUserExternalTenantArgs(
        membership_kind=EVERY_TENANT
    )
    external = azuread.ConditionalAccessPolicyConditionsUsersExcludedGuestsOrExternalUserArgs(
        guest_or_external_user_types=list(wish.spared_guests), external_tenants=[everywhere]
    )
    return azuread.ConditionalAccessPolicyConditionsUsersArgs(
        included_users=[EVERYBODY],
        excluded_users=list(wish.spared_users) or None,
        excluded_groups=list(wish.spared_groups) or None,
        excluded_guests_or_external_users=[external] if wish.spared_guests else None,
    )
