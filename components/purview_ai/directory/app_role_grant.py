"""App role grants: a service principal may do something at a resource application, given or only expected."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from purview_ai.calls.patience import PROPAGATION_S, NotYetError
from purview_ai.calls.speaking import PAGE, Speaking
from purview_ai.directory.remedies import remedy_for, remedy_for_looking
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.lifecycle import (
    ADOPTED,
    UNKNOWN_YET,
    Checked,
    Difference,
    Problem,
    Record,
    changes,
    checked,
)
from purview_ai.objects.wish import Manner, Wish

if TYPE_CHECKING:
    from purview_ai.directory.client import Directory
    from purview_ai.json_values import JsonObject

ASSIGNMENT = "assignment"
"""Recorded with a grant: Graph's id of it."""
_TRIPLE = ("principal_id", "resource_id", "app_role_id")
_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_EXISTS = "already exists"
"""In the words of the 400 that refuses a second grant; its code is any 400's (docs/facts.md, graph 1.3)."""
_SPREADING = "not a valid reference update"
"""In the words of a 400 that comes, as a 404 does, while a new identity is not known everywhere (docs/facts.md,
providers 54)."""


class AppRoleGrantWish(Wish):
    """One app role of one resource for one principal."""

    principal_id: str = Field(pattern=_GUID)
    """The object id of the service principal that holds the role."""
    resource_id: str = Field(pattern=_GUID)
    """The object id of the service principal that offers it."""
    app_role_id: str = Field(pattern=_GUID)
    role: Annotated[str, Manner()] = ""
    """The role's value, for messages."""
    expected: bool = False
    """Whether somebody else gives it, so that it must be there and is never written or removed."""

    @property
    def title(self) -> str:
        """A grant is known by its role and its holder."""
        return f"{self.role or self.app_role_id} for {self.principal_id}"


@dataclass(frozen=True)
class AppRoleGrantKind:
    """A kind whose objects Graph keeps as entries of a principal."""

    name: str = "app role grant"

    def check(self, api: Directory, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        done = checked(AppRoleGrantWish, given)
        if before and not done.problems and not self.diff(before, done.fields).replaced:
            api.kept.add(_place(_known(done.fields)))
        unknown = any(done.fields.get(name, UNKNOWN_YET) is UNKNOWN_YET for name in _TRIPLE)
        # What others give they may take at any time, so it is looked for at every preview.
        if not done.problems and not unknown and (not before or done.fields.get("expected") is True):
            self._foresee(api, done)
        return done

    def _foresee(self, api: Directory, done: Checked) -> None:
        wanted = AppRoleGrantWish.model_validate(done.fields)
        with Speaking(remedy_for, self.name, wanted, "could not be looked for"):
            try:
                found = _found(api, wanted)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN or wanted.expected:
                    raise
                done.nobody_may_look(f"{wanted.tenant}: {self.name} {wanted.title}", refusal)
                return
        api.foreseen[_place(wanted)] = found
        if wanted.expected and found is None:
            done.problems.append(Problem("expected", str(_missing(wanted))))
        elif found is not None and not wanted.expected:
            done.notes.append(f"{wanted.tenant}: {self.name} {wanted.title} is there already; it is taken over")

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another holder, resource or role is another grant; nothing of one can be changed."""
        changed = changes(AppRoleGrantWish, old, new)
        return Difference(changed, [name for name in changed if name in _TRIPLE], same_place=False)

    def create(self, api: Directory, wish: JsonObject) -> Record:
        """Give the role, unless it is given already."""
        wanted = AppRoleGrantWish.model_validate(wish)
        with Speaking(remedy_for, self.name, wanted, "was not given"):
            place = _place(wanted)
            found = api.foreseen.pop(place) if place in api.foreseen else _found(api, wanted)
            if found is not None:
                adopted = wanted.expected or not wanted.release
                api.kept.add(place)
                return _record(wanted, found, adopted=adopted)
            if wanted.expected:
                raise _missing(wanted)
            made = api.patience.until(lambda: _given(api, wanted), PROPAGATION_S)
        return _record(wanted, made, adopted=False)

    def read(self, api: Directory, recorded: JsonObject) -> Record | None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        known = _known(recorded)
        with Speaking(remedy_for_looking, self.name, known, "could not be read"):
            found = _found(api, known)
        if found is None:
            return None
        # One that somebody gave anew was not given by this stack, so it survives the stack's end.
        return _record(known, found, adopted=recorded[ADOPTED] or found.get("id") != recorded[ASSIGNMENT])

    def update(self, api: Directory, recorded: JsonObject, wish: JsonObject) -> Record:
        """Only whose it is can change."""
        wanted = AppRoleGrantWish.model_validate(wish)
        del api
        adopted = wanted.expected or (recorded[ADOPTED] and not wanted.release)
        return _record(wanted, {"id": recorded[ASSIGNMENT]}, adopted=adopted)

    def delete(self, api: Directory, recorded: JsonObject) -> None:
        """Take the role back; one that was held before or is given by others stays."""
        if recorded[ADOPTED]:
            return
        known = _known(recorded)
        if _place(known) in api.kept:
            api.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: the stack goes on with it")
            return
        with Speaking(remedy_for, self.name, known, "was not taken back"):
            try:
                api.revoke(known.resource_id, recorded[ASSIGNMENT])
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.NOT_FOUND:
                    raise


def _found(api: Directory, wanted: AppRoleGrantWish) -> JsonObject | None:
    for one in api.held_by(wanted.principal_id):
        if one.get("resourceId") == wanted.resource_id and one.get("appRoleId") == wanted.app_role_id:
            return one
    return None


def _given(api: Directory, wanted: AppRoleGrantWish) -> JsonObject:
    try:
        return api.grant(wanted.principal_id, wanted.resource_id, wanted.app_role_id)
    except RefusedError as refusal:
        if _EXISTS in refusal.message and (found := _found(api, wanted)) is not None:
            # A request whose answer was lost is sent again: it had given the role.
            return found
        if refusal.status == HTTPStatus.NOT_FOUND or _SPREADING in refusal.message.lower():
            msg = f"Entra does not know the identity everywhere yet ({refusal.without_request})"
            raise NotYetError(msg) from refusal
        raise


def _known(recorded: JsonObject) -> AppRoleGrantWish:
    return AppRoleGrantWish.model_validate({n: recorded[n] for n in AppRoleGrantWish.model_fields if n in recorded})


def _record(wish: AppRoleGrantWish, found: JsonObject, *, adopted: bool) -> Record:
    return Record(_place(wish), wish.fields(), {ADOPTED: adopted, ASSIGNMENT: str(found.get("id") or "")})


def _place(wish: AppRoleGrantWish) -> str:
    return f"/servicePrincipals/{wish.principal_id}/{wish.resource_id}/{wish.app_role_id}"


def _missing(wanted: AppRoleGrantWish) -> ObjectError:
    return ObjectError(
        wanted.tenant,
        f"app role {wanted.role} is expected and not there",
        f"The Purview account's identity {wanted.principal_id} does not hold it, and without it no conversation is "
        "captured.",
        "Let whoever may give app roles give it, or set grants: managed, where the stack gives it.\n"
        f"  {PAGE}#app-role-grants",
    )


APP_ROLE_GRANT = AppRoleGrantKind()
KINDS = {APP_ROLE_GRANT.name: APP_ROLE_GRANT}
"""All kinds of the directory, by the names that states and messages use."""
