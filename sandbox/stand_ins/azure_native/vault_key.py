"""What is special about keys in a vault: ARM cannot delete them (fact 100)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Values


def delete(session: Session, inputs: Values, patience: Patience) -> None:
    """Delete in the vault itself; names come from the inputs."""
    for name in ("vaultName", "keyName"):
        if not isinstance(inputs.get(name), str):
            msg = f"{name} not found in resource state"
            raise ProviderError(msg)
    session.vaults.delete_key(inputs["vaultName"], inputs["keyName"], patience)
