"""Cases and searches of eDiscovery: what may happen to them, and why they outlive their stack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator

from purview_ai.calls.speaking import PAGE, Speaking
from purview_ai.governance.ediscovery.client import CASES, searches_of
from purview_ai.governance.ediscovery.remedies import remedy_for
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.lifecycle import ADOPTED, UNKNOWN_YET, Checked, Difference, Problem, Record, changes, checked
from purview_ai.objects.wish import At, Wish

if TYPE_CHECKING:
    from purview_ai.governance.ediscovery.client import Ediscovery
    from purview_ai.json_values import JsonObject

GRAPH_ID = "graph_id"
"""Recorded with an object: Graph's id of it."""
CASE_ID = "case_id"
"""Recorded with a search: Graph's id of its case."""
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SCOPES = "dataSourceScopes"


class EdiscoveryWish(Wish):
    """What is common to a case and a search: a name, which somebody may change, and what becomes of it at the end."""

    name: Annotated[str, At("displayName")] = Field(min_length=1)
    description: Annotated[str, At("description")] = ""
    keep: bool = True
    """Whether it stays when the stack, or this part of it, goes: it may be evidence."""


class CaseWish(EdiscoveryWish):
    """One case."""

    number: Annotated[str, At("externalId")] = ""
    """The number that the case has elsewhere."""


class SearchWish(EdiscoveryWish):
    """One search of a case."""

    case: str = Field(min_length=1)
    """The case's name, or Graph's id of it."""
    query: Annotated[str, At("contentQuery")] = Field(min_length=1)
    """In KQL."""
    scopes: Annotated[list[str], At(_SCOPES)] = Field(default_factory=lambda: ["allTenantMailboxes"])
    """Where it looks, by Graph's names."""

    @field_validator("scopes", mode="before")
    @classmethod
    def _as_flags(cls, given: Any) -> Any:
        """Graph writes several in one text (docs/facts.md, graph 30)."""
        return [one.strip() for one in given.split(",")] if isinstance(given, str) else given


def _body(wish: EdiscoveryWish) -> JsonObject:
    body = wish.body({})
    if _SCOPES in body:
        body[_SCOPES] = ",".join(body[_SCOPES])
    return body


def _seen(wish: EdiscoveryWish, found: JsonObject) -> EdiscoveryWish:
    """The wish with what was found, in the wish's own words where they mean the same."""
    scopes = found.get(_SCOPES)
    if isinstance(scopes, str):
        found = {**found, _SCOPES: [one.strip() for one in scopes.split(",")]}
    return wish.observed(found)


@dataclass(frozen=True)
class EdiscoveryKind:
    """A kind whose objects have names that Graph looks up by nothing but a list."""

    name: str
    wish: type[EdiscoveryWish]
    stays: str
    """What else stays with one that is kept, in words; empty: nothing."""

    def check(self, api: Ediscovery, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        done = checked(self.wish, given)
        if done.problems:
            return done
        if before:
            api.kept.add(self._place(done.fields))
        elif UNKNOWN_YET in done.fields.values():
            done.may_overwrite()
        else:
            self._foresee(api, done)
        return done

    def _foresee(self, api: Ediscovery, done: Checked) -> None:
        wanted = self.wish.model_validate(done.fields)
        with Speaking(remedy_for, self.name, wanted, "could not be looked for"):
            try:
                found = self._find(api, wanted)
            except RefusedError as refusal:
                if refusal.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                    raise
                done.nobody_may_look(f"{wanted.tenant}: {self.name} {wanted.title}", refusal)
                return
        api.foreseen[self._place(done.fields)] = found
        if found is None:
            return
        different = self._differences(wanted, found)
        try:
            self._may_take_over(wanted, found, different)
        except ObjectError as refused:
            done.problems.append(Problem("name", str(refused)))
            return
        done.overwrites.extend(self._each_shown(wanted, found, different))
        does = f"changed: {self._shown(wanted, found, different)}" if different else "left as it is"
        done.notes.append(f"{wanted.tenant}: {self.name} {wanted.title} is there already; it is taken over and {does}")
        if not wanted.keep and not wanted.release:
            done.notes.append(self._stays_all_the_same(wanted))

    def differences(self, api: Ediscovery, wish: JsonObject) -> dict[str, tuple[Any, Any]] | None:
        """What is there instead of what a wish says, field by field; None where nothing is there. Never writes."""
        wanted = self.wish.model_validate(wish)
        found = self._find(api, wanted)
        if found is None:
            return None
        seen = _seen(wanted, found)
        return {name: (getattr(seen, name), getattr(wanted, name)) for name in self._differences(wanted, found)}

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """All of it can be changed, the name too: Graph knows it by its id."""
        # The engine's own preview of a removal cannot know it: that it was there before is no option of the program's.
        stays = old[ADOPTED] and not new["keep"] and not new["release"]
        told = [self._stays_all_the_same(self._known(new))] if stays else []
        return Difference(changes(self.wish, old, new), [], same_place=False, notes=told)

    def _stays_all_the_same(self, wish: EdiscoveryWish) -> str:
        return (
            f"{wish.tenant}: {self.name} {wish.title} was there before this stack, so it stays when the stack goes, "
            "although a preview of that shows delete; governance.ediscovery.release has it deleted"
        )

    def create(self, api: Ediscovery, wish: JsonObject) -> Record:
        """Make it, or take over the one of its name."""
        wanted = self.wish.model_validate(wish)
        with Speaking(remedy_for, self.name, wanted, "was not created"):
            place = self._place(wish)
            path = self._list_of(api, wanted)
            found = api.foreseen.pop(place) if place in api.foreseen else api.named(path, wanted.name)
            if found is None:
                made = api.make(path, _body(wanted))
                return self._record(wanted, path, made, adopted=False)
            different = self._differences(wanted, found)
            self._may_take_over(wanted, found, different)
            if different:
                self._change(api, f"{path}/{found['id']}", wanted, different)
            api.kept.add(place)
        return self._record(wanted, path, found, adopted=not wanted.release)

    def read(self, api: Ediscovery, recorded: JsonObject) -> Record | None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`. It is found by its id, whatever it is called by now."""
        known = self._known(recorded)
        path = _recorded_list(recorded)
        with Speaking(remedy_for, self.name, known, "could not be read"):
            found = api.get(f"{path}/{recorded[GRAPH_ID]}")
        return None if found is None else self._record(_seen(known, found), path, found, adopted=recorded[ADOPTED])

    def update(self, api: Ediscovery, recorded: JsonObject, wish: JsonObject) -> Record:
        """Change what is declared; where only something else changed, nothing is asked."""
        wanted = self.wish.model_validate(wish)
        path = _recorded_list(recorded)
        changed = changes(self.wish, recorded, wish)
        different = [name for name in changed if name in wanted.places()]
        with Speaking(remedy_for, self.name, wanted, "was not changed"):
            if "case" in changed and self._list_of(api, wanted) != path:
                raise ObjectError(
                    wanted.tenant,
                    f"{self.name} {wanted.title} was not changed",
                    "A search belongs to its case, and the stack file names another one.",
                    f"Give the search another name, so that a new one is made in the other case.\n  {PAGE}#moved-on",
                )
            if different:
                self._change(api, f"{path}/{recorded[GRAPH_ID]}", wanted, different)
        adopted = recorded[ADOPTED] and not wanted.release
        return self._record(wanted, path, {"id": recorded[GRAPH_ID]}, adopted=adopted)

    def delete(self, api: Ediscovery, recorded: JsonObject) -> None:
        """Remove it, where somebody has asked for that; otherwise it stays, and the user is told."""
        known = self._known(recorded)
        if why := self._why_kept(api, recorded):
            api.patience.tell(f"{known.tenant}: {self.name} {known.title} stays{self.stays}: {why}")
            return
        with Speaking(remedy_for, self.name, known, "was not deleted"):
            api.remove(f"{_recorded_list(recorded)}/{recorded[GRAPH_ID]}")

    def _why_kept(self, api: Ediscovery, recorded: JsonObject) -> str:
        if recorded[ADOPTED]:
            return "it was there before this stack"
        if recorded["keep"]:
            return "to have it deleted, set keep_on_destroy: false and run pulumi up before it goes"
        return "the stack goes on with it" if self._place(recorded) in api.kept else ""

    def _find(self, api: Ediscovery, wanted: EdiscoveryWish) -> JsonObject | None:
        """What has the name already; None too where the case itself is made in this very deployment."""
        path = _list_named(api, wanted)
        return api.named(path, wanted.name) if path else None

    def _list_of(self, api: Ediscovery, wanted: EdiscoveryWish) -> str:
        path = _list_named(api, wanted)
        if not path:
            raise ObjectError(
                wanted.tenant,
                f"{self.name} {wanted.title} was not created",
                f'There is no eDiscovery case "{getattr(wanted, "case", "")}", or the identity that deploys does not '
                "see it.",
                f"Name a case that is there; who deploys must be an eDiscovery administrator to see others' "
                f"(Add-eDiscoveryCaseAdmin).\n  {PAGE}#ediscovery-access",
            )
        return path

    def _change(self, api: Ediscovery, path: str, wanted: EdiscoveryWish, different: list[str]) -> None:
        places = [place.steps[0] for name, place in wanted.places().items() if name in different]
        body = _body(wanted)
        # What is not declared any more is emptied.
        api.change(path, {place: body.get(place, "") for place in places})

    def _differences(self, wanted: EdiscoveryWish, found: JsonObject) -> list[str]:
        return changes(self.wish, _seen(wanted, found).fields(), wanted.fields())

    def _may_take_over(self, wanted: EdiscoveryWish, found: JsonObject, different: list[str]) -> None:
        if not different or wanted.adopt:
            return
        raise ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not created",
            f"One of that name exists already and differs - {self._shown(wanted, found, different)}",
            "To take it over and change it: governance.ediscovery.adopt: true. To leave it alone: choose another "
            f"name.\n  {PAGE}#name-taken",
        )

    def _shown(self, wanted: EdiscoveryWish, found: JsonObject, different: list[str]) -> str:
        return "; ".join(self._each_shown(wanted, found, different))

    def _each_shown(self, wanted: EdiscoveryWish, found: JsonObject, different: list[str]) -> list[str]:
        seen = _seen(wanted, found)
        return [f"{n}: {getattr(seen, n)!r} instead of {getattr(wanted, n)!r}" for n in different]

    def _known(self, recorded: JsonObject) -> EdiscoveryWish:
        fields = {name: recorded[name] for name in self.wish.model_fields if name in recorded}
        return self.wish.model_construct(None, **fields)

    def _place(self, fields: JsonObject) -> str:
        return "/".join(str(fields[name]) for name in ("case", "name") if name in fields)

    def _record(self, wish: EdiscoveryWish, path: str, found: JsonObject, *, adopted: bool) -> Record:
        remembered = {ADOPTED: adopted, GRAPH_ID: str(found.get("id") or ""), CASE_ID: _case_in(path)}
        return Record(f"{path}/{remembered[GRAPH_ID]}", wish.fields(), remembered)


def _list_named(api: Ediscovery, wanted: EdiscoveryWish) -> str:
    """Where the objects of this kind stand; empty where the case that they belong to is not there."""
    case = wanted.case if isinstance(wanted, SearchWish) else None
    if case is None:
        return CASES
    if _GUID.match(case):
        return searches_of(case)
    found = api.named(CASES, case)
    return searches_of(str(found["id"])) if found else ""


def _recorded_list(recorded: JsonObject) -> str:
    return searches_of(recorded[CASE_ID]) if recorded[CASE_ID] else CASES


def _case_in(path: str) -> str:
    return path.removeprefix(CASES).strip("/").partition("/")[0]


CASE = EdiscoveryKind("eDiscovery case", CaseWish, ", with all that is in it")
SEARCH = EdiscoveryKind("eDiscovery search", SearchWish, "")
KINDS = {kind.name: kind for kind in (CASE, SEARCH)}
"""All kinds of eDiscovery, by the names that states and messages use."""
