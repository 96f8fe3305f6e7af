"""What is special about role assignments: reading one that another tenant delegates (fact 45)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Values

SUBSCRIPTIONS_API_VERSION = "2021-01-01"
_SUBSCRIPTION = re.compile("/subscriptions/([^/]+)")


def read_query(session: Session, known: Values, patience: Patience) -> dict[str, str]:
    """The tenant to name when reading, where the assignment has a delegated identity."""
    identity = known.get("delegatedManagedIdentityResourceId")
    if not isinstance(identity, str) or not identity:
        return {}
    match = _SUBSCRIPTION.search(identity)
    if match is None:
        msg = (
            "failed to extract subscription ID from delegatedManagedIdentityResourceId: "
            f"could not extract subscription ID from resource ID: {identity}"
        )
        raise ProviderError(msg)
    found = session.public_arm.get(f"/subscriptions/{match[1]}", SUBSCRIPTIONS_API_VERSION, patience)
    return {"tenantId": found["tenantId"]}
