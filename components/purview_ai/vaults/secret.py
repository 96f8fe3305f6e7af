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
_CONTENT_TYPE = ("properties", "contentType")
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
    fingerprint: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    """Which key it is: see :func:`fingerprint`. Empty for one that somebody else put there."""
    expected: bool = False
    """Whether somebody else keeps it, so that it is never written or removed."""
    expires: Annotated[int | None, At("properties", "attributes", "exp")] = None
    """In seconds since 1970."""
    stack: Annotated[str, Manner()] = Field(min_length=1)
    """Whose secret it is, as its tag says: no other stack takes it for its own."""

    @property
    def id(self) -> str:
        """The secret's ARM id."""
        return naming.secret_id(self.vault_id, self.name)

    @property
    def vault(self) -> str:
        """The vault's name."""
        return self.vault_id.rsplit("/", 1)[-1]

    def whole(self, key: str, found: JsonObject | None) -> JsonObject:
        """The secret as Azure takes it, with the key and with tags that say whose it is.

        Tags and the type of content that somebody has given to the version before go on with this one.
        """
        body = self.body({("tags", STACK_TAG): self.stack, ("tags", FINGERPRINT_TAG): self.fingerprint})
        put_at(body, ("properties", "value"), key)
        body["tags"] = {**(take_from(found, ("tags",)) or {}), **body["tags"]}
        if content := take_from(found, _CONTENT_TYPE):
            put_at(body, _CONTENT_TYPE, content)
        return body

    def is_own(self, found: JsonObject) -> bool:
        """Whether this stack wrote a secret: somebody's own version of it carries no tag, or another stack's."""
        return take_from(found, ("tags", STACK_TAG)) == self.stack

    def is_written(self, found: JsonObject) -> bool:
        """Whether a secret is the wished one already, so that nothing is left to write."""
        same_key = self.is_own(found) and self.key_in(found) == self.fingerprint
        return same_key and take_from(found, ("properties", "attributes", "exp")) == self.expires

    def key_in(self, found: JsonObject) -> str:
        """Which key a secret holds, as its tags say; empty where this stack did not write it."""
        return str(take_from(found, ("tags", FINGERPRINT_TAG)) or "") if self.is_own(found) else ""


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
        wanted, expected = _known(done.fields), done.fields["expected"] is True
        if expected or (before and not self.diff(before, done.fields).replaced):
            api.kept.add(wanted.id)
        if not expected and (not before or before.get("expected")):
            self._foresee(api, done)
        elif before and expected and not before.get("expected"):
            done.notes.append(
                f"{wanted.tenant}: {self.name} {wanted.title} is not this stack's from now on: it stays as it is, and "
                "destroy leaves it"
            )
        elif before and not expected and not before.get("fingerprint"):
            done.notes.append(
                f"{wanted.tenant}: the newest version of {self.name} {wanted.title} is not this stack's, and gets the "
                "stack's key written over it; to use what somebody put there: key.origin: vault"
            )
        return done

    def _foresee(self, api: Vaults, done: Checked) -> None:
        """Look what stands at the place of a secret that becomes the stack's own."""
        if UNKNOWN_YET in done.fields.values():
            return
        wanted = VaultSecretWish.model_validate(done.fields)
        with Speaking(remedy_for, self.name, wanted, "could not be looked for"):
            try:
                found = api.secret(wanted.id)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN:
                    raise
                done.nobody_may_look(f"{wanted.tenant}: {self.name} {wanted.title}", refusal)
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
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`.

        Azure tells no value: which key it is, the tags say, and a version without them holds one that nobody knows.
        """
        known = _known(recorded)
        with Speaking(remedy_for, self.name, known, "could not be read"):
            found = api.secret(known.id)
        if found is None:
            return None
        if known.expected:
            return _record(known, None)
        return _record(known.observed(found).model_copy(update={"fingerprint": known.key_in(found)}), found)

    def update(self, api: Vaults, recorded: JsonObject, wish: JsonObject) -> Record:
        """Record the new version."""
        del recorded
        return self._recorded(api, wish)

    def _recorded(self, api: Vaults, wish: JsonObject) -> Record:
        wanted = VaultSecretWish.model_validate(wish)
        if wanted.expected:
            return _record(wanted, None)
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
        """Delete it in the vault itself, because Azure cannot; nothing is purged.

        A secret goes with all its versions, so one whose newest is somebody else's stays.
        """
        known = _known(recorded)
        stays = f"{known.tenant}: {self.name} {known.title} stays"
        if known.expected:
            api.patience.tell(f"{stays}: somebody else keeps it")
            return
        if known.id in api.kept:
            api.patience.tell(f"{stays}: the stack goes on with it")
            return
        with Speaking(remedy_for, self.name, known, "was not deleted"):
            found = api.secret(known.id)
            if found is None:
                return
            if not known.is_own(found):
                api.patience.tell(f"{stays}: its newest version is not this stack's")
                return
            try:
                api.delete(known.vault, known.name)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.NOT_FOUND:
                    raise


def foreign(wanted: VaultSecretWish) -> ObjectError:
    """What to say of a secret that is there and that this stack did not write."""
    return _not_written(
        wanted,
        f"A secret of this name is there already in key vault {wanted.vault}, and this stack did not write it.",
        "To use what somebody put there: key.origin: vault. To keep both: another name (key.secret).",
    )


def overtaken(wanted: VaultSecretWish) -> ObjectError:
    """What to say where somebody has put a version over the recorded one."""
    return _not_written(
        wanted,
        f"Its newest version in key vault {wanted.vault} is not this stack's, and no preview has shown that.",
        "To write the stack's key over it: pulumi refresh, then preview again. To use what somebody put there: "
        "key.origin: vault.",
    )


def foreign_deleted(wanted: VaultSecretWish) -> ObjectError:
    """What to say of a deleted secret that holds the name and that this stack did not write."""
    return _not_written(
        wanted,
        f"A deleted secret of this name is kept in key vault {wanted.vault}, and this stack did not write it.",
        "Whoever owns it may purge it, or take it back and hand it over. Or choose another name (key.secret).",
    )


def _not_written(wanted: VaultSecretWish, because: str, remedy: str) -> ObjectError:
    happened = f"{VAULT_SECRET.name} {wanted.title} was not written"
    return ObjectError(wanted.tenant, happened, because, f"{remedy}\n  {PAGE}#secret-there")


def _known(recorded: JsonObject) -> VaultSecretWish:
    return VaultSecretWish.model_construct(
        None, **{name: recorded[name] for name in VaultSecretWish.model_fields if name in recorded}
    )


def version_of(found: JsonObject) -> str:
    """The id of a secret's newest version."""
    return str(take_from(found, ("properties", "secretUriWithVersion")) or "").rsplit("/", 1)[-1]


def _record(wish: VaultSecretWish, found: JsonObject | None) -> Record:
    """A secret with its version; of one that somebody else keeps, no version is the stack's concern."""
    return Record(wish.id, wish.fields(), {VERSION: version_of(found) if found else ""})


VAULT_SECRET = VaultSecretKind()
KINDS = {VAULT_SECRET.name: VAULT_SECRET}
"""All kinds of the vaults, by the names that states and messages use."""
