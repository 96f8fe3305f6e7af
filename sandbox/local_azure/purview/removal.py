"""What goes with a Purview account: its Data Map, and the identity that was its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from local_azure.directory import remove_principal
from local_azure.purview.accounts import Collection, MetadataPolicy, PurviewAccount, accounts
from local_azure.purview.domains import Domain
from local_azure.purview.objects import DataMapObject, Run, Trigger

if TYPE_CHECKING:
    from local_azure.azure import Azure

_KEPT = (Collection, MetadataPolicy, Domain, DataMapObject, Run, Trigger)


def remove_account(azure: Azure, account: PurviewAccount) -> None:
    """Delete an account: all that is in it goes at once, the account itself after a while."""
    for kind in _KEPT:
        azure.store.delete(*[one for one in azure.store.all(kind) if one.account == account.name])
    if account.principal_id:
        remove_principal(azure, account.principal_id)
    account.busy, account.ready_at = "Deleting", time.time() + azure.pace
    azure.store.put(account)


def remove_accounts_of(azure: Azure, group_id: str) -> None:
    """What deleting a resource group does to its accounts."""
    for account in accounts(azure):
        if account.id.lower().startswith(f"{group_id}/".lower()):
            remove_account(azure, account)
