"""Access policies: no type of ARM's, but single entries of a vault's list (fact 43)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stand_ins.azure_native.arm import OwnClientError
from stand_ins.failures import ProviderError
from stand_ins.values import is_object

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import ResourceType
    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Values

API_VERSION = "2023-07-01"
PERMISSIONS = ("certificates", "keys", "secrets", "storage")
_ID = re.compile(
    r"^/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.KeyVault"
    r"/vaults/(?P<vault>[^/]+)/accessPolicy(?:/(?P<object>[^/]+))?$",
    re.IGNORECASE,
)
"""Older states have ids that end with ``accessPolicy``."""


def id_of(subscription: str, inputs: Values) -> str:
    """The id that the provider makes up for an entry."""
    return f"{_vault(subscription, inputs)}/accessPolicy/{inputs['policy']['objectId']}"


def _vault(subscription: str, inputs: Values) -> str:
    group = f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"
    return f"{group}/providers/Microsoft.KeyVault/vaults/{inputs['vaultName']}"


def create(session: Session, resource: ResourceType, resource_id: str, inputs: Values, patience: Patience) -> Values:
    """Add the entry to the vault's list."""
    del resource
    if read(session, resource_id, inputs, patience) is not None:
        msg = f"access policy for {inputs['policy']['objectId']} already exists"
        raise ProviderError(msg)
    return _written(session, resource_id, inputs, patience)


def update(session: Session, resource_id: str, inputs: Values, patience: Patience) -> Values:
    """Put the entry in the place of the one that is there."""
    if read(session, resource_id, inputs, patience) is None:
        msg = f"access policy for {inputs['policy']['objectId']} does not exist"
        raise ProviderError(msg)
    return _written(session, resource_id, inputs, patience)


def delete(session: Session, inputs: Values, patience: Patience) -> None:
    """Take the entry out of the vault's list."""
    _modify(session, "remove", inputs, patience)


def read(session: Session, resource_id: str, known: Values, patience: Patience) -> Values | None:
    """The entry of this principal, or None where the vault or the entry is gone."""
    found = _ID.match(resource_id)
    if found is None:
        msg = f"unable to parse key vault access policy id: {resource_id}"
        raise ProviderError(msg)
    wanted = known["policy"]["objectId"] if "policy" in known else found["object"]
    where = {"resourceGroupName": found["group"], "vaultName": found["vault"]}
    try:
        vault = session.arm.exchange("GET", _vault(found["subscription"], where), API_VERSION, patience)
    except OwnClientError as error:
        if error.not_found:
            return None
        raise
    entries: list[Values] = vault["properties"].get("accessPolicies") or []
    for entry in entries:
        if entry["objectId"] == wanted:
            return {**where, "vaultName": vault["name"], "policy": _told(entry)}
    return None


def _told(entry: Values) -> Values:
    permissions = entry.get("permissions")
    granted = {name: permissions[name] for name in PERMISSIONS if is_object(permissions) and permissions.get(name)}
    own = {name: entry[name] for name in ("tenantId", "objectId", "applicationId") if entry.get(name) is not None}
    return {**own, "permissions": granted}


def _written(session: Session, resource_id: str, inputs: Values, patience: Patience) -> Values:
    _modify(session, "replace", inputs, patience)
    written = read(session, resource_id, inputs, patience)
    if written is None:
        msg = "newly written access policy not found"
        raise ProviderError(msg)
    return written


def _modify(session: Session, kind: str, inputs: Values, patience: Patience) -> None:
    policy = inputs["policy"]
    entry = {
        "tenantId": policy["tenantId"],
        "objectId": policy["objectId"],
        "applicationId": policy.get("applicationId", ""),
        "permissions": policy.get("permissions", {}),
    }
    path = f"{_vault(session.subscription_id, inputs)}/accessPolicies/{kind}"
    session.arm.exchange("PUT", path, API_VERSION, patience, {"properties": {"accessPolicies": [entry]}})
