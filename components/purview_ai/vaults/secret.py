"""Secrets that hold vendors' keys: a state knows a key's fingerprint, and the key itself in no form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from purview_ai import naming
from purview_ai.calls.speaking import PAGE, Speaking
from purview_ai.json_values import take_from
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.lifecycle import UNKNOWN_YET, Checked, Difference, Problem, Record, changes, checked
from purview_ai.objects.wish import At, Manner, Wish, put_at
from purview_ai.vaults.remedies import remedy_for

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject
    from purview_ai.vaults.client import Vaults

VERSION = "version"
"""Recorded with a secret: the id of its newest version."""
STACK_TAG = "purview-ai-stack"
FINGERPRINT_TAG = "purview-ai-key"
"""Written beside the key, so that a stack finds again what it wrote and did not live to record."""
_IDENTITY = ("vault_id", "name")
_VAULT_ID = r"(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/[^/]+$"


def fingerprint(secret_id: str, key: str) -> str:
    """What tells one key from another, and one place from another, and gives neither away.

    It stands in plain in states, previews and the secret's tags. That is safe for a vendor's key, which is long and
    made by chance: nobody can try all of them. It would not be for a password that somebody has chosen.
    """
    return hashlib.sha256(secret_id.lower().encode() + b"\0" + key.encode()).hexdigest()


class VaultSecretWish(Wish):
    """One vendor's key as one secret of a vault."""

    vault_id: str = Field(pattern=_VAULT_ID)
    """The vault's ARM id."""
    name: str = Field(pattern="^[0-9A-Za-z-]{1,127}$")
    fingerprint: str = Field(pattern="^[0-9a-f]{64}$")
    """Which key it is: see :func:`fingerprint`."""
    expires: Annotated[int | None, At("properties", "attributes", "exp")] = None
    """In seconds since 1970."""
    stack: Annotated[str, Manner()] = ""
    """Whose secret it is, as its tag says: no other stack takes it for its own."""

    @property
    def id(self) -> str:
        """The secret's ARM id."""
        return naming.secret_id(self.vault_id, self.name)

    @property
    def vault(self) -> str:
        """The vault's name."""
        return self.vault_id.rsplit("/", 1)[-1]

    def whole(self, key: str) -> JsonObject:
        """The secret as Azure takes it, with the key and with tags that say whose it is."""
        body = self.body({("tags", STACK_TAG): self.stack, ("tags", FINGERPRINT_TAG): self.fingerprint})
        put_at(body, ("properties", "value"), key)
        return body

    def is_own(self, found: JsonObject) -> bool:
        """Whether this stack wrote a secret: somebody's own version of it carries no tag, or another stack's."""
        return bool(self.stack) and take_from(found, ("tags", STACK_TAG)) == self.stack

    def is_written(self, found: JsonObject) -> bool:
        """Whether a secret is the wished one already, so that nothing is left to write."""
        same_key = take_from(found, ("tags", FINGERPRINT_TAG)) == self.fingerprint
        return same_key and take_from(found, ("properties", "attributes", "exp")) == self.expires


@dataclass(frozen=True)
class VaultSecretKind:
    """A kind whose objects are written before they are recorded.

    The engine records all that a provider is told, so the provider is not told the key. The program has it, and writes
    it in a hook (:func:`purview_ai.vaults.writing.write_key`) just before the provider is asked to create or update.
    """

    name: str = "vault secret"

    def check(self, api: Vaults, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        done = checked(VaultSecretWish, given)
        if done.problems:
            return done
        if not before:
            self._foresee(api, done)
        elif not self.diff(before, done.fields).replaced:
            api.kept.add(_known(done.fields).id)
        return done

    def _foresee(self, api: Vaults, done: Checked) -> None:
        if UNKNOWN_YET in done.fields.values():
            return
        wanted = VaultSecretWish.model_validate(done.fields)
        with Speaking(remedy_for, self.name, wanted, "could not be looked for"):
            try:
                found = api.secret(wanted.id)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN:
                    raise
                done.notes.append(
                    f"{wanted.tenant}: {self.name} {wanted.title} could not be looked for, so the preview cannot "
                    f"tell whether it is there already ({refusal.without_request})"
                )
                return
        if found is None:
            return
        if not wanted.is_own(found):
            done.problems.append(Problem("name", str(foreign(wanted))))
            return
        does = "left as it is" if wanted.is_written(found) else "gets a new version"
        done.notes.append(
            f"{wanted.tenant}: {self.name} {wanted.title} of this stack is there already; it is taken over and {does}"
        )

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another vault or name is another secret; all else is a new version."""
        changed = changes(VaultSecretWish, old, new)
        return Difference(changed, [name for name in changed if name in _IDENTITY], same_place=False)

    def create(self, api: Vaults, wish: JsonObject) -> Record:
        """Record what the program has written just now."""
        return self._recorded(api, wish)

    def read(self, api: Vaults, recorded: JsonObject) -> Record | None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`. Azure tells no value, so nobody sees another key."""
        known = _known(recorded)
        with Speaking(remedy_for, self.name, known, "could not be read"):
            found = api.secret(known.id)
        return None if found is None else _record(known.observed(found), found)

    def update(self, api: Vaults, recorded: JsonObject, wish: JsonObject) -> Record:
        """Record the new version."""
        del recorded
        return self._recorded(api, wish)

    def _recorded(self, api: Vaults, wish: JsonObject) -> Record:
        wanted = VaultSecretWish.model_validate(wish)
        with Speaking(remedy_for, self.name, wanted, "was not recorded"):
            found = api.secret(wanted.id)
        if found is None or not wanted.is_written(found):
            raise ObjectError(
                wanted.tenant,
                f"{self.name} {wanted.title} was not recorded",
                f"Its newest version in key vault {wanted.vault} is not the one that this deployment wrote.",
                f"If somebody else wrote one at the same time, agree with them and run pulumi up again.\n"
                f"  {PAGE}#secret-there",
            )
        api.kept.add(wanted.id)
        return _record(wanted, found)

    def delete(self, api: Vaults, recorded: JsonObject) -> None:
        """Delete it in the vault itself, because Azure cannot; nothing is purged."""
        known = _known(recorded)
        if known.id in api.kept:
            api.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: the stack goes on with it")
            return
        with Speaking(remedy_for, self.name, known, "was not deleted"):
            try:
                api.delete(known.vault, known.name)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.NOT_FOUND:
                    raise


def foreign(wanted: VaultSecretWish) -> ObjectError:
    """What to say of a secret that is there and that this stack did not write."""
    return ObjectError(
        wanted.tenant,
        f"{VAULT_SECRET.name} {wanted.title} was not written",
        f"A secret of this name is there already in key vault {wanted.vault}, and this stack did not write it.",
        "To use what somebody put there: key.origin: vault. To keep both: another name (key.secret).\n"
        f"  {PAGE}#secret-there",
    )


def _known(recorded: JsonObject) -> VaultSecretWish:
    return VaultSecretWish.model_construct(
        None, **{name: recorded[name] for name in VaultSecretWish.model_fields if name in recorded}
    )


def _record(wish: VaultSecretWish, found: JsonObject) -> Record:
    uri = str(take_from(found, ("properties", "secretUriWithVersion")) or "")
    return Record(wish.id, wish.fields(), {VERSION: uri.rsplit("/", 1)[-1]})


VAULT_SECRET = VaultSecretKind()
KINDS = {VAULT_SECRET.name: VAULT_SECRET}
"""All kinds of the vaults, by the names that states and messages use."""
