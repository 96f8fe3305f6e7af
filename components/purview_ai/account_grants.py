"""The app roles of one Purview account's identity: wires the components of the program ``grants/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from purview_ai.app_grants import AppRoleGrants
from purview_ai.purview_account import PurviewAccount

if TYPE_CHECKING:
    from purview_ai.settings.account_grants import AccountGrantsStack


class AccountGrants(pulumi.ComponentResource):
    """The grants of an account that several tenants' stacks share: they only expect them."""

    def __init__(self, name: str, stack: AccountGrantsStack, opts: pulumi.ResourceOptions | None = None) -> None:
        """Give the account's identity its app roles."""
        super().__init__("purview-ai:index:AccountGrants", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = PurviewAccount("purview", tenant=stack.name, place=stack.place, azure=stack.azure, opts=child)
        AppRoleGrants(
            "grants",
            tenant=stack.name,
            principal_id=account.principal_id,
            grants=stack.settings,
            azure=stack.azure,
            release=stack.settings.release,
            opts=child,
        )
        self.register_outputs({})
