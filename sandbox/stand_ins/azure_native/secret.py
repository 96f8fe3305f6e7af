"""What is special about secrets in a vault (facts 40 and 41)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from stand_ins.azure_native import conversion
from stand_ins.azure_native.arm import ArmError
from stand_ins.failures import ProviderError
from stand_ins.patience import Patience, TimedOutError

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import ResourceType
    from stand_ins.azure_native.session import Session
    from stand_ins.values import Values

RECOVERY_S = 180
RETRY_S = 5
CONFLICTS_BELIEVED = 6
"""So many conflicts in a row without a deleted secret are about something else."""


def create(session: Session, resource: ResourceType, resource_id: str, inputs: Values, patience: Patience) -> Values:
    """Write a secret, bringing back a deleted one of its name; there is no read afterwards."""
    body = conversion.request_body(resource.body, inputs)
    recovery = Patience(min(RECOVERY_S, patience.left), session.cancelled)
    unexplained = 0
    while True:
        try:
            answer = session.arm.put(resource_id, resource.api_version, body, patience, long_running=False)
        except ArmError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            unexplained = 0 if _recovered(session, inputs, patience) else unexplained + 1
            if unexplained >= CONFLICTS_BELIEVED:
                raise
        else:
            return conversion.outputs(resource.answer, answer)
        _wait(recovery, inputs["secretName"])


def _recovered(session: Session, inputs: Values, patience: Patience) -> bool:
    vault, name = inputs["vaultName"], inputs["secretName"]
    if not session.vaults.recoverable(vault, name, patience):
        return False
    try:
        session.vaults.recover(vault, name, patience)
    except ProviderError as error:
        msg = f"failed to recover soft-deleted secret {name}: {error}"
        raise ProviderError(msg) from error
    return True


def _wait(recovery: Patience, name: str) -> None:
    try:
        recovery.wait(RETRY_S)
    except TimedOutError:
        msg = f"timed out while creating KeyVault secret {name}"
        raise ProviderError(msg) from None


def delete(session: Session, inputs: Values, patience: Patience) -> None:
    """Delete in the vault itself: ARM cannot; names come from the inputs."""
    for name in ("vaultName", "secretName"):
        if not isinstance(inputs.get(name), str):
            msg = f"{name} not found in resource state"
            raise ProviderError(msg)
    session.vaults.delete_secret(inputs["vaultName"], inputs["secretName"], patience)
