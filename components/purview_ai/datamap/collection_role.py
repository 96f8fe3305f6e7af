"""Roles on a collection: one member of one role, in a policy that many may write.

The policy store has no conditional write (docs/facts.md, purview 2.11), so a write may be overtaken by another. What
can be done is done: writes of one process go one after the other, a policy is read just before it is written, and
read again afterwards, at once and a moment later. A member that somebody else's write has lost is added again; what
the own write has overtaken is put back where it was seen, and told aloud where it was not.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import PROPAGATION_S, NotYetError
from purview_ai.datamap.client import is_for_lack_of_a_role
from purview_ai.datamap.endpoints import NoAccountError
from purview_ai.datamap.policy import Holder, gives, with_holders
from purview_ai.datamap.policy_store import done_alone, policy_of, write
from purview_ai.datamap.speaking import Speaking
from purview_ai.datamap.wishes import CollectionRoleWish
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError
from purview_ai.objects.lifecycle import ADOPTED, UNKNOWN_YET, Checked, Difference, Problem, Record, changes, checked

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.policy_store import Written
    from purview_ai.json_values import JsonObject

_EDITING_S = 60.0
"""For how long a policy that others write, too, is edited again."""
_SETTLING_S = 0.3
"""How long after a write it is looked at a second time, at least."""
_LONGEST_SETTLING_S = 10.0
_SECOND_LOOKS = 3


@dataclass(frozen=True)
class CollectionRoleKind:
    """A kind whose objects are entries of a policy that belongs to nobody alone."""

    name: str = "collection role"

    def check(self, api: DataMaps, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        done = checked(CollectionRoleWish, given)
        if before and not done.problems and not self.diff(before, done.fields).replaced:
            api.kept.add(_place(done.fields))
        if done.fields.get("bootstrap") is True and done.fields.get("role") != "collection-administrator":
            done.problems.append(Problem("bootstrap", "it makes a collection-administrator, and no other role"))
        if not before and not done.problems:
            self._foresee(api, done)
        return done

    def _foresee(self, api: DataMaps, done: Checked) -> None:
        """Look whether a new role is held already, so that a preview tells that nothing will be given."""
        if UNKNOWN_YET in done.fields.values():
            return
        wanted = CollectionRoleWish.model_validate(done.fields)
        about = f"{wanted.tenant}: {self.name} {wanted.title}"
        with Speaking(self.name, wanted, "could not be looked for"):
            try:
                policy = policy_of(api.of(wanted.account_id).hurried(), wanted.collection)
            except NoAccountError:
                # It may be made in this very deployment; nobody can hold a role in it before.
                return
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN:
                    raise
                # Whoever deploys may get the role to look in this very deployment.
                if not wanted.bootstrap:
                    done.nobody_may_look(about, refusal)
                return
        if policy is not None and gives(policy, wanted.role, wanted.principal_id):
            does = "takes it away, because release names it" if wanted.release else "leaves it"
            done.notes.append(f"{about} is held already; nothing is given, and destroy {does}")

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another holder, role or collection is another object; nothing of one can be changed."""
        changed = changes(CollectionRoleWish, old, new)
        replaced = [name for name in changed if name != "release"]
        return Difference(changed, replaced, same_place=False)

    def create(self, api: DataMaps, wish: JsonObject) -> Record:
        """Give the role, unless it is given already."""
        wanted = CollectionRoleWish.model_validate(wish)
        with Speaking(self.name, wanted, "was not given"):
            there = api.of(wanted.account_id)
            if wanted.bootstrap and (made := self._bootstrap(api, there, wanted)) is not None:
                return made
            adopted = self._edit(there, wanted, wished=True) and not wanted.release
            api.kept.add(_place(wanted.fields()))
        return _record(wanted, adopted=adopted)

    def read(self, api: DataMaps, recorded: JsonObject) -> Record | None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        known = _known(recorded)
        with Speaking(self.name, known, "could not be read"):
            policy = policy_of(api.of(known.account_id), known.collection)
        given = policy is not None and gives(policy, known.role, known.principal_id)
        return _record(known, adopted=recorded[ADOPTED]) if given else None

    def update(self, api: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """Only whose it is can change."""
        wanted = CollectionRoleWish.model_validate(wish)
        del api
        return _record(wanted, adopted=recorded[ADOPTED] and not wanted.release)

    def delete(self, api: DataMaps, recorded: JsonObject) -> None:
        """Take the role away; one that was held before stays, and so does one whose collection has gone."""
        known = _known(recorded)
        if recorded[ADOPTED]:
            api.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: it is not this stack's alone")
            return
        with Speaking(self.name, known, "was not taken away"):
            there = api.of(known.account_id)
            if _place(known.fields()) in api.kept:
                there.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: the stack goes on with it")
                return
            self._edit(there, known, wished=False)

    def _bootstrap(self, api: DataMaps, there: DataMap, wanted: CollectionRoleWish) -> Record | None:
        """Make the first administrator of the root collection through Azure, where the policies are closed."""
        try:
            policy_of(there.hurried(), wanted.collection)
        except RefusedError as refusal:
            if not is_for_lack_of_a_role(refusal):
                raise
        else:
            return None
        api.add_root_admin(wanted.account_id, wanted.principal_id)
        try:
            there.patience.until(lambda: _require_seen(api.of(wanted.account_id), wanted), PROPAGATION_S)
        except (NotYetError, RefusedError, UnreachableError) as reason:
            # Made it is, so it belongs to the stack; whatever needs it waits for itself.
            there.patience.tell(f"{wanted.tenant}: {reason}")
        return _record(wanted, adopted=False)

    def _edit(self, there: DataMap, wanted: CollectionRoleWish, *, wished: bool) -> bool:
        """Make the member one, or none; says whether it was so before."""
        edit = _Edit(there, wanted, wished=wished)
        begun = there.patience.clock()
        lock = there.locks.setdefault(wanted.collection, threading.Lock())
        with lock:
            there.patience.until(edit.attempt, _EDITING_S)
        # Whoever else had read the policy before it was written here writes within a like time.
        settling_s = min(max(_SETTLING_S, 2 * (there.patience.clock() - begun)), _LONGEST_SETTLING_S)
        for _ in range(_SECOND_LOOKS if edit.sent else 0):
            there.patience.pause(settling_s * (1 + random.random()))  # noqa: S311  # so that two do not keep step
            before = edit.sent
            with lock:
                edit.look_again()
            if edit.sent == before:
                break
        edit.tell_losses()
        return not edit.sent


class _Edit:
    """One member of one role, brought in or out however others write; and what they wrote, kept."""

    def __init__(self, there: DataMap, wanted: CollectionRoleWish, *, wished: bool) -> None:
        self._there, self._wanted, self._wished = there, wanted, wished
        self._own: Holder = Holder(str(wanted.role), wanted.principal_id.lower())
        self._due: dict[Holder, bool] = {self._own: wished}
        """The own change, and those of others that a write of ours went over."""
        self._stood: JsonObject = {}
        """The policy as it was last written or seen; empty: not yet."""
        self._lost = 0
        self.sent = 0
        """How many writes were sent and may have been done; one that was refused was not."""

    def attempt(self) -> None:
        """Look; where something is due still, write it and look whether that lasted."""
        policy = policy_of(self._there, self._wanted.collection)
        if policy is None:
            if self._wished:
                raise _no_collection(self._wanted)
            return
        self._heed(policy)
        if self._is_done(policy):
            self._stood = policy
            return
        written = write(self._there, self._wanted.collection, with_holders(policy, self._due), policy)
        self.sent += 1
        self._due |= written.others
        self._due[self._own] = self._wished
        self._lost += written.lost
        self._stood = written.policy
        now = self._glance(written)
        if now is not None and not self._is_done(now):
            msg = f"somebody else writes the policy of collection {self._wanted.collection} at the same time"
            raise NotYetError(msg)
        self._stood = now or written.policy

    def look_again(self) -> None:
        """Look once more. The change was made and is recorded, so that nobody can look is told and is no failure."""
        try:
            self._there.patience.until(self.attempt, _EDITING_S)
        except RefusedError as refusal:
            # Whoever has taken the administrator's role from itself has no second look.
            if refusal.status != HTTPStatus.FORBIDDEN:
                self._tell_blind(str(refusal))
        except (UnreachableError, NotYetError) as error:
            self._tell_blind(str(error))

    def tell_losses(self) -> None:
        """What others wrote, and what was neither seen nor can be put back."""
        if self._lost:
            self._there.patience.tell(_overtook(self._wanted, self._lost))

    def _heed(self, policy: JsonObject) -> None:
        """Let go of what stood and was then undone on purpose; what was perhaps undone by accident is due, and told."""
        if not self._stood:
            return
        stood = [who for who, held in self._due.items() if who != self._own and gives(self._stood, *who) == held]
        undone = {who for who in stood if gives(policy, *who) != self._due[who]}
        meant = undone & done_alone(self._stood, policy)
        for who in meant:
            del self._due[who]
        self._lost += bool(undone - meant)
        self._stood = {}

    def _is_done(self, policy: JsonObject) -> bool:
        return all(gives(policy, *holder) == held for holder, held in self._due.items())

    def _glance(self, written: Written) -> JsonObject | None:
        """The policy after a write; None where it was answered and nobody can look, which the later look makes up."""
        try:
            return policy_of(self._there.hurried(), self._wanted.collection) or {}
        except (RefusedError, UnreachableError) as error:
            if not written.answered:
                raise NotYetError(str(error)) from error
            return None

    def _tell_blind(self, said: str) -> None:
        self._there.patience.tell(
            f"{self._wanted.tenant}: collection role {self._wanted.title} was written, and whether that lasts could "
            f"not be seen ({said}); pulumi refresh tells"
        )


def _require_seen(there: DataMap, wanted: CollectionRoleWish) -> None:
    try:
        policy = policy_of(there.hurried(), wanted.collection)
    except RefusedError as refusal:
        if not is_for_lack_of_a_role(refusal):
            raise
        msg = f"Purview does not see the new administrator yet ({refusal})"
        raise NotYetError(msg) from refusal
    if policy is None or not gives(policy, wanted.role, wanted.principal_id):
        msg = "the new administrator is not in the policy yet"
        raise NotYetError(msg)


def _known(recorded: JsonObject) -> CollectionRoleWish:
    return CollectionRoleWish.model_validate(
        {name: recorded[name] for name in CollectionRoleWish.model_fields if name in recorded}
    )


def _record(wish: CollectionRoleWish, *, adopted: bool) -> Record:
    return Record(_place(wish.fields()), wish.fields(), {ADOPTED: adopted})


def _place(fields: JsonObject) -> str:
    return "{account_id}/collections/{collection}/roles/{role}/{principal_id}".format_map(fields)


def _no_collection(wanted: CollectionRoleWish) -> ObjectError:
    return ObjectError(
        wanted.tenant,
        f"collection role {wanted.title} was not given",
        f"There is no policy for a collection {wanted.collection}.",
        "Does the collection exist? Its short name goes into purview.collection.\n"
        "  docs/troubleshooting.md#collection-not-found",
    )


def _overtook(wanted: CollectionRoleWish, others: int) -> str:
    return (
        f"\n{wanted.tenant}: collection role {wanted.title} was written over somebody else's change\n"
        f"  The policy of collection {wanted.collection} was written {others} more time(s) meanwhile.\n"
        "  Look at the collection's role assignments in the Purview portal: who was taken out meanwhile may be in "
        "again. And run pulumi refresh in every stack that gives roles on it: what was lost shows, and up gives it "
        "again.\n"
        "  docs/troubleshooting.md#policy-overtaken"
    )
