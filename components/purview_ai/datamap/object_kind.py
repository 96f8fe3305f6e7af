"""What may happen to an object of the Data Map, the same for every kind that can be put, got and deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from purview_ai.datamap.client import SCANNING, Api
from purview_ai.datamap.endpoints import NoAccountError
from purview_ai.datamap.speaking import Speaking
from purview_ai.json_values import take_from
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.lifecycle import ADOPTED, UNKNOWN_YET, Checked, Difference, Problem, Record, changes, checked
from purview_ai.objects.sameness import canonical
from purview_ai.objects.wish import merged, without

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.wishes import DataMapWish
    from purview_ai.json_values import JsonObject

MADE = "made"
"""Recorded with an object: when it was made, where the service says so."""


def when_made(found: JsonObject) -> str:
    """What tells an object from an earlier one of the same name; empty where the service does not say."""
    return str(canonical(take_from(found, ("properties", "createdAt"))) or "")


@dataclass(frozen=True)
class ObjectKind:
    """A kind whose objects are put, got and deleted whole at one path."""

    name: str
    path: str
    """Below the API; fields stand in braces."""
    wish: type[DataMapWish]
    adopted_by: str
    """The setting that takes over an object of this kind that differs."""
    api: Api = SCANNING
    identity: tuple[str, ...] = ("account_id", "name")
    constants: dict[tuple[str, ...], Any] = field(default_factory=dict[tuple[str, ...], Any])
    """What every object of this kind carries besides its fields."""
    fixed: tuple[str, ...] = ()
    """Fields that only a new object could have otherwise, and nothing makes a new one by accident."""
    fixed_because: dict[str, str] = field(default_factory=dict[str, str])
    """Why, where it needs other words than the common ones."""
    carries_stack_name: bool = False
    """Whether the name says whose it is: one that is there already was left by a crash, and is the stack's own."""

    # What a preview asks.

    def check(self, api: DataMaps, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`.

        Refuses a change that would replace what must not be replaced by accident. Here and not in :meth:`diff`,
        which is asked during a refresh too, when nobody wants anything changed.
        """
        done = checked(self.wish, given)
        if before:
            done.problems.extend(self._refused_changes(before, done.fields))
            if not done.problems:
                goes_on = not self.diff(before, done.fields).replaced
                (api.kept if goes_on else api.going).add(self.place(done.fields if goes_on else before))
        elif not done.problems:
            self._foresee(api, done)
        return done

    def _refused_changes(self, before: JsonObject, wanted: JsonObject) -> list[Problem]:
        if wanted.get("allow_rescan"):
            return []
        known = {name: wanted[name] for name in self.fixed if wanted.get(name, UNKNOWN_YET) is not UNKNOWN_YET}
        return [Problem(name, self._not_replaced(name, before, wanted)) for name in changes(self.wish, before, known)]

    def _not_replaced(self, name: str, before: JsonObject, wanted: JsonObject) -> str:
        why = self.fixed_because.get(name, "a new scan ingests every interaction a second time")
        return (
            f'\n{wanted.get("tenant")}: {self.name} "{before.get("name")}" was not replaced\n'
            f"  {name} is {before.get(name)!r}, and {wanted[name]!r} would make a new one: {why}.\n"
            "  Take the change back, or capture the other workspace as a source of its own. If somebody changed it "
            "in the portal, change it back there and run pulumi refresh. To have it all ingested again: "
            "allow_rescan, with the source's name, deployed before this change.\n"
            "  docs/troubleshooting.md#not-replaced"
        )

    def _foresee(self, api: DataMaps, done: Checked) -> None:
        """Look what stands at the place of a new object, so that a preview tells what up would do."""
        unknown = [name for name, value in done.fields.items() if value is UNKNOWN_YET]
        if any(name in self.identity for name in unknown):
            done.may_overwrite()
            return
        # The engine asks about what takes an old one's place as about one that never was, while that is still there.
        if api.going.around(self.place(done.fields)):
            return
        wanted = self.wish.model_construct(None, **{**done.fields, **dict.fromkeys(unknown, "")})
        with Speaking(self.name, wanted, "could not be looked for"):
            try:
                there = api.of(wanted.account_id).hurried()
            except NoAccountError:
                # It may be made in this very deployment; nothing can stand in it before.
                return
            try:
                found = self._find(there, wanted)
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN:
                    raise
                # Whoever deploys may get the role to look in this very deployment.
                done.nobody_may_look(f"{wanted.tenant}: {self.name} {wanted.title}", refusal)
                return
        there.foreseen[self._path(wanted)] = found
        if found is None:
            return
        different = self._differences(wanted, found, unknown)
        try:
            self._may_take_over(wanted, found, different)
        except ObjectError as refused:
            done.problems.append(Problem("name", str(refused)))
            return
        done.overwrites.extend(self._each_shown(wanted, found, different))
        if unknown:
            done.may_overwrite()
        done.notes.append(self._takes_over(wanted, found, different))

    def _takes_over(self, wanted: DataMapWish, found: JsonObject, different: list[str]) -> str:
        does = f"changed: {self._shown(wanted, found, different)}" if different else "left as it is"
        return f"{wanted.tenant}: {self.name} {wanted.title} is there already; it is taken over and {does}"

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        changed = changes(self.wish, old, new)
        replaced = [name for name in changed if name in self.identity or name in self.fixed]
        refused = self._stays(old) if self.fixed and replaced and old.get(ADOPTED) else None
        return Difference(changed, replaced, self.path.format_map(old) == self.path.format_map(new), refused=refused)

    def _stays(self, old: JsonObject) -> ObjectError:
        known = self._known(old)
        return ObjectError(
            known.tenant,
            f"{self.name} {known.title} was not replaced",
            "It was there before and was taken over, so it would stay, and nothing would be captured anew.",
            "Take the change back. To have it removed and made anew: release, with its name in Purview, and of a "
            "data source with its scan's too, deployed before this change.\n"
            "  docs/troubleshooting.md#not-replaced",
        )

    # What a deployment does.

    def create(self, api: DataMaps, wish: JsonObject) -> Record:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        wanted = self.wish.model_validate(wish)
        with Speaking(self.name, wanted, "was not created"):
            there = self._there(api, wanted)
            path = self._path(wanted)
            found = there.foreseen.pop(path) if path in there.foreseen else self._find(there, wanted)
            if found is None:
                self._save(there, wanted, wanted.body(self.constants), None)
                there.new.add(path)
                return self._record(wanted, adopted=False, found=there.made[path])
            different = self._differences(wanted, found, [])
            self._may_take_over(wanted, found, different)
            if different:
                self._save(there, wanted, merged(found, wanted.body(self.constants)), found)
            adopted = (bool(different) or not self.carries_stack_name) and not wanted.release
            api.kept.add(self.place(wanted.fields()))
        return self._record(wanted, adopted=adopted, found=found)

    def read(self, api: DataMaps, recorded: JsonObject) -> Record | None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        known = self._known(recorded)
        with Speaking(self.name, known, "could not be read"):
            found = self._there(api, known).get(self._path(known), self.api)
        if found is None:
            return None
        # What somebody made anew under the same name was not made by this stack, so it survives the stack's end.
        adopted = recorded[ADOPTED] or self._became_another(known, found, recorded)
        return self._record(known.observed(found), adopted=adopted, found=found)

    def differences(self, api: DataMaps, wish: JsonObject) -> dict[str, tuple[Any, Any]] | None:
        """What is there instead of what a wish says, field by field; None where nothing is there. Never writes."""
        wanted = self.wish.model_validate(wish)
        found = self._there(api, wanted).hurried().get(self._path(wanted), self.api)
        if found is None:
            return None
        seen = wanted.observed(found)
        return {name: (getattr(seen, name), getattr(wanted, name)) for name in self._differences(wanted, found, [])}

    def update(self, api: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        wanted, known = self.wish.model_validate(wish), self._known(recorded)
        with Speaking(self.name, wanted, "was not changed"):
            # Where it is recorded, or, where nobody recorded that, where it is wished to be.
            there = self._there(api, known)
            self._there(api, wanted)
            made = recorded.get(MADE, "")
            if any(name in wanted.places() for name in changes(self.wish, recorded, wish)):
                found = there.get(self._path(wanted), self.api)
                if found is None or self._became_another(known, found, recorded):
                    raise self._moved_on(wanted, found)
                body, before = wanted.body(self.constants), known.body(self.constants)
                self._save(there, wanted, merged(without(found, before, body), body), found)
                made = when_made(there.made[self._path(wanted)]) or made
        return self._record(wanted, adopted=recorded[ADOPTED] and not wanted.release, made=made)

    def delete(self, api: DataMaps, recorded: JsonObject) -> None:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`. What was there before stays."""
        known = self._known(recorded)
        if recorded[ADOPTED]:
            api.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: it is not this stack's alone")
            return
        with Speaking(self.name, known, "was not deleted"):
            there = self._there(api, known)
            if self.place(known.fields()) in api.kept:
                there.patience.tell(f"{known.tenant}: {self.name} {known.title} stays: the stack goes on with it")
                return
            self._require_own(there, known, recorded)
            self._remove(there, known)

    def _there(self, api: DataMaps, wish: DataMapWish) -> DataMap:
        there = api.of(wish.account_id)
        there.heard_of(self._path(wish), getattr(wish, "collection", ""))
        return there

    def _require_own(self, there: DataMap, known: DataMapWish, recorded: JsonObject) -> None:
        """Look, where the name does not say whose it is, whether it is still what the stack made."""
        if not self.fixed:
            return
        found = there.get(self._path(known), self.api)
        if found is not None and self._became_another(known, found, recorded):
            raise ObjectError(
                known.tenant,
                f"{self.name} {known.title} was not deleted",
                "Somebody has made it another object meanwhile, and only what the stack made is removed with it.",
                "Run pulumi refresh, which lets go of it.\n  docs/troubleshooting.md#moved-on",
            )

    # What a kind may do in its own way.

    def _find(self, there: DataMap, wanted: DataMapWish) -> JsonObject | None:
        """What stands at the place of an object."""
        return there.get(self._path(wanted), self.api)

    def _save(self, there: DataMap, wanted: DataMapWish, body: JsonObject, found: JsonObject | None) -> None:
        """Put an object, new where nothing was ``found``."""
        del found
        there.put(self._path(wanted), body, self.api)

    def _remove(self, there: DataMap, known: DataMapWish) -> None:
        """Delete an object."""
        there.delete(self._path(known), self.api)

    # How they are told apart.

    def _differences(self, wanted: DataMapWish, found: JsonObject, unknown: list[str]) -> list[str]:
        seen = wanted.observed(found)
        return [name for name in changes(self.wish, seen.fields(), wanted.fields()) if name not in unknown]

    def _may_take_over(self, wanted: DataMapWish, found: JsonObject, different: list[str]) -> None:
        """Raises where an object that is there may not be taken for the wished one."""
        if not different:
            return
        shown = self._shown(wanted, found, different)
        another = any(name in self.identity or name in self.fixed for name in different)
        if wanted.adopt and not another:
            return
        help_ = (
            "It is another object, so it is not taken over: choose another name in the stack file."
            if another
            else f"To take it over and change it: {self.adopted_by}. To leave it alone: choose another name."
        )
        raise ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not created",
            f"One of that name exists already and differs - {shown}",
            f"{help_}\n  docs/troubleshooting.md#name-taken",
        )

    def _became_another(self, known: DataMapWish, found: JsonObject, recorded: JsonObject) -> bool:
        """Whether somebody has put another object in its place, or made it anew."""
        now, then = when_made(found), recorded.get(MADE)
        if self.fixed and now and then and now != then:
            return True
        seen = known.observed(found)
        fixed = [name for name in (*self.identity, *self.fixed) if name in known.places()]
        return bool(set(changes(self.wish, known.fields(), seen.fields())) & set(fixed))

    def _moved_on(self, wanted: DataMapWish, found: JsonObject | None) -> ObjectError:
        became = "It is not there any more" if found is None else "Somebody has made it another object meanwhile"
        return ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not changed",
            f"{became}, so that a change would do something that no preview has shown.",
            "Run pulumi refresh, then look at the preview again.\n  docs/troubleshooting.md#moved-on",
        )

    def _shown(self, wanted: DataMapWish, found: JsonObject, different: list[str]) -> str:
        return "; ".join(self._each_shown(wanted, found, different))

    def _each_shown(self, wanted: DataMapWish, found: JsonObject, different: list[str]) -> list[str]:
        seen = wanted.observed(found)
        return [f"{n}: {getattr(seen, n)!r} instead of {getattr(wanted, n)!r}" for n in different]

    def _known(self, recorded: JsonObject) -> DataMapWish:
        fields = {name: recorded[name] for name in self.wish.model_fields if name in recorded}
        try:
            return self.wish.model_validate(fields)
        except ValidationError:
            # A refresh records what it sees, and that may be something that nobody could wish.
            return self.wish.model_construct(None, **fields)

    def _path(self, wish: DataMapWish) -> str:
        return self.path.format_map(wish.fields())

    def place(self, fields: JsonObject) -> str:
        """The id under which a state knows an object."""
        return f"{fields['account_id']}{self.path.format_map(fields)}"

    def _record(self, wish: DataMapWish, *, adopted: bool, found: JsonObject | None = None, made: str = "") -> Record:
        remembered = {ADOPTED: adopted, MADE: when_made(found) if found else made}
        return Record(self.place(wish.fields()), wish.fields(), remembered)
