"""The Purview account that captures: one that is there and is never changed, or one that the stack makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import purview

from purview_ai import explained, lookups

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings
    from purview_ai.naming import AccountPlace


class PurviewAccount(pulumi.ComponentResource):
    """A Purview account and its managed identity.

    The identity's object id is read from the account itself and not looked up by name, because names of
    enterprise applications can collide (docs/facts.md, graph 1.1).
    """

    account_id: str
    """The account's ARM id."""
    principal_id: pulumi.Input[str]
    """The object id of the account's system-assigned identity; known only after the deployment that makes it."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        place: AccountPlace | None,
        azure: AzureSettings,
        create_in: str = "",
        protect: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Find the account, or make it; ends the program with one message where it cannot be used.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            place: Which account; None for the one that Azure names as the tenant's.
            azure: How the stack signs in: azure-native looks into its own subscription alone.
            create_in: The Azure region of an account that the stack makes; empty: it is there already.
            protect: Whether an account that the stack makes is protected from deletion. It survives the stack anyway.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:PurviewAccount", name, None, opts)
        if place is not None and create_in:
            self.account_id, self.principal_id = place.id, self._made(name, tenant, place, create_in, protect=protect)
        else:
            found = self._found(place, azure)
            self.account_id, self.principal_id = found.id, found.principal_id
        self.register_outputs({"account_id": self.account_id, "principal_id": self.principal_id})

    def _found(self, place: AccountPlace | None, azure: AzureSettings) -> lookups.FoundAccount:
        if place is None or place.subscription_id.lower() != azure.get("subscriptionId").lower():
            return lookups.purview_account_elsewhere(place, azure)
        return lookups.purview_account(place, pulumi.InvokeOptions(parent=self))

    def _made(self, name: str, tenant: str, place: AccountPlace, location: str, *, protect: bool) -> pulumi.Output[str]:
        """An account with an identity of its own.

        Nothing else is said of it, so that no later deployment has anything to change in it.
        """
        happened = f"Purview account {place.name} was not created"
        told = explained.on_failure(name, tenant, happened, explained.ACCOUNT, self)
        made = purview.Account(
            f"{name}-account",
            account_name=place.name,
            resource_group_name=place.group,
            location=location,
            identity=purview.IdentityArgs(type=purview.ManagedIdentityType.SYSTEM_ASSIGNED),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=protect,
                retain_on_delete=True,
                hooks=pulumi.ResourceHookBinding(on_error=[told]),
            ),
        )
        return made.identity.apply(lambda identity: (identity.principal_id if identity else "") or "")
