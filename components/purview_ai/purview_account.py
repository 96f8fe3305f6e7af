"""The Purview account that captures: an existing one, found and never changed."""

from __future__ import annotations

import pulumi

from purview_ai import lookups


class PurviewAccount(pulumi.ComponentResource):
    """An existing Purview account and its managed identity.

    The identity's object id is read from the account itself and not looked up by name, because names of
    enterprise applications can collide (docs/facts.md, graph 1.1).
    """

    account_id: str
    """The account's ARM id."""
    principal_id: str
    """The object id of the account's system-assigned identity."""

    def __init__(
        self,
        name: str,
        *,
        resource_group: str,
        account: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Find the account; ends the program with one message where it cannot be found."""
        super().__init__("purview-ai:index:PurviewAccount", name, None, opts)
        found = lookups.purview_account(resource_group, account, pulumi.InvokeOptions(parent=self))
        self.account_id = found.id
        self.principal_id = found.principal_id
        self.register_outputs({"account_id": self.account_id, "principal_id": self.principal_id})
