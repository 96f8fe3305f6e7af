"""Writes a key into its vault: called where the key is known, which no provider is."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.calls.speaking import PAGE, Speaking
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.vaults.remedies import remedy_for
from purview_ai.vaults.secret import (
    VAULT_SECRET,
    VERSION,
    fingerprint,
    foreign,
    foreign_deleted,
    overtaken,
    version_of,
)

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject
    from purview_ai.vaults.client import Vaults
    from purview_ai.vaults.secret import VaultSecretWish

RECOVERY_S = 180.0
CONFLICTS_BELIEVED = 6
"""So many conflicts in a row without a deleted secret are about something else (docs/facts.md, providers 40)."""


def write_key(api: Vaults, wanted: VaultSecretWish, key: str, before: JsonObject) -> None:
    """Make the key the secret's newest version; ``before`` is what the state has of it, nothing for a new one.

    What this stack wrote already is left as it is: an engine was killed before it could record it. What somebody else
    put there is written over only where a refresh has recorded that very version, so that a preview has shown it.
    """
    if fingerprint(wanted.id, key) != wanted.fingerprint:
        raise ObjectError(
            wanted.tenant,
            f"{VAULT_SECRET.name} {wanted.title} was not written",
            "The key that the program has now is not the one that this deployment was planned with.",
            f"Run pulumi preview and pulumi up again.\n  {PAGE}#moved-on",
        )
    with Speaking(remedy_for, VAULT_SECRET.name, wanted, "was not written"):
        # The stack may have got another name since.
        owners = [wanted, wanted.model_copy(update={"stack": before.get("stack", wanted.stack)})]
        found = api.secret(wanted.id)
        if found is not None and not any(owner.is_own(found) for owner in owners):
            if not before.get(VERSION):
                raise foreign(wanted)
            if before[VERSION] != version_of(found):
                raise overtaken(wanted)
        if found is None or not wanted.is_written(found):
            api.patience.until(_Writing(api, wanted, owners, wanted.whole(key)).once, RECOVERY_S)


@dataclass
class _Writing:
    """One write, tried until no deleted secret is in its way (docs/facts.md, providers 40)."""

    api: Vaults
    wanted: VaultSecretWish
    owners: list[VaultSecretWish]
    body: JsonObject
    recovering: bool = False
    conflicts: int = 0

    def once(self) -> None:
        try:
            self.api.put(self.wanted.id, self.body)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.CONFLICT:
                raise
            if not self.recovering:
                self._recover(refusal)
            words = "a deleted secret of this name is being taken back" if self.recovering else refusal.without_request
            raise NotYetError(words) from refusal

    def _recover(self, conflict: RefusedError) -> None:
        try:
            deleted = self.api.deleted(self.wanted.vault, self.wanted.name)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            self.conflicts += 1
            if self.conflicts >= CONFLICTS_BELIEVED:
                raise conflict from None
            return
        if not any(owner.is_own(deleted) for owner in self.owners):
            raise foreign_deleted(self.wanted)
        self.api.recover(self.wanted.vault, self.wanted.name)
        self.recovering = True
