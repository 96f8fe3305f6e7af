"""Writes a key into its vault: called where the key is known, which no provider is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import PROPAGATION_S, NotYetError
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
_TAKEN_BACK = "a deleted secret of this name is being taken back"
_NO_ROLE = "ForbiddenByRbac"
"""Key Vault's inner code for a caller without a role; a firewall has another one (docs/facts.md, graph 2.5)."""
CONFLICTS_BELIEVED = 6
"""So many conflicts in a row without a deleted secret are about something else (docs/facts.md, providers 40)."""


def write_key(
    api: Vaults, wanted: VaultSecretWish, key: str, before: JsonObject, *, role_is_given: bool = False
) -> None:
    """Make the key the secret's newest version; ``before`` is what the state has of it, nothing for a new one.

    ``role_is_given`` tells that the stack lets the deployer into the vault, so that a vault that does not see the role
    yet is waited for.

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
            writing = _Writing(api, wanted, owners, wanted.whole(key, found), role_is_given)
            api.patience.until(writing.begun, PROPAGATION_S if role_is_given else RECOVERY_S)
            if writing.recovering:
                api.patience.until(writing.once, RECOVERY_S)


@dataclass
class _Writing:
    """One write, tried until no deleted secret is in its way (docs/facts.md, providers 40)."""

    api: Vaults
    wanted: VaultSecretWish
    owners: list[VaultSecretWish]
    body: JsonObject
    role_is_given: bool
    recovering: bool = False
    conflicts: int = 0

    def begun(self) -> None:
        """Written, or a deleted secret is being taken back, for which nobody waits as long as for a role."""
        try:
            self.once()
        except NotYetError:
            if not self.recovering:
                raise

    def once(self) -> None:
        try:
            self.api.put(self.wanted.id, self.body)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.CONFLICT:
                raise
            if not self.recovering:
                self._recover_after(refusal)
            raise NotYetError(_TAKEN_BACK if self.recovering else refusal.without_request) from refusal

    def _recover_after(self, conflict: RefusedError) -> None:
        try:
            self._recover(conflict)
        except RefusedError as refusal:
            if refusal is conflict or refusal.status != HTTPStatus.FORBIDDEN:
                raise
            if self.role_is_given and refusal.inner == _NO_ROLE:
                msg = f"the vault does not see the deployer's role yet ({refusal.without_request})"
                raise NotYetError(msg) from refusal
            both = f"{refusal.message.strip()} It was asked because the write met {conflict.without_request}"
            raise replace(refusal, message=both) from refusal

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
        self.api.patience.tell(f"{self.wanted.tenant}: {_TAKEN_BACK}")
