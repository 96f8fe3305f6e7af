"""What may happen to an object of the Data Map, the same for every kind that can be put, got and deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from purview_ai.datamap.errors import DataMapError, RefusedError, UnreachableError, remedy_for
from purview_ai.datamap.wish import merged, without

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.wish import Wish
    from purview_ai.json_values import JsonObject

UNKNOWN_YET = object()
"""Stands for a value that only a deployment will know."""


@dataclass(frozen=True)
class Problem:
    """A field of a wish that cannot be right."""

    field: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """A wish with its defaults, and what is wrong with it."""

    fields: JsonObject
    problems: list[Problem]


@dataclass(frozen=True)
class Difference:
    """What changes between a recorded wish and a new one."""

    changed: list[str]
    replaced: list[str]
    same_place: bool
    """Whether a new object would stand where the old one stands, which then must go first."""


@dataclass(frozen=True)
class Record:
    """An object as it is remembered: its id, and its fields with what the service said of them."""

    id: str
    fields: JsonObject


class Lifecycle(Protocol):
    """What every kind of object can do. Fields are plain values, ready for any state file."""

    @property
    def name(self) -> str:
        """As messages and states name the kind."""
        ...

    def check(self, given: JsonObject, before: JsonObject) -> Checked:
        """Validate, default and normalise; values may be :data:`UNKNOWN_YET`. ``before`` is empty for a new object."""
        ...

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Compare without asking anybody."""
        ...

    def create(self, maps: DataMaps, wish: JsonObject) -> Record:
        """Make the object, or take over one that equals the wish."""
        ...

    def read(self, maps: DataMaps, recorded: JsonObject) -> Record | None:
        """The object as it is now, or None where it has gone. Never writes."""
        ...

    def update(self, maps: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """Change the object, leaving alone what nobody declared."""
        ...

    def delete(self, maps: DataMaps, recorded: JsonObject) -> None:
        """Remove the object; gone already is good."""
        ...


ADOPTED = "adopted"
"""Recorded with an object that was there before: it survives its stack."""
_NOT_COMPARED = ("tenant",)


def checked(model: type[Wish], given: JsonObject) -> Checked:
    """A wish of this model from loose values; unknown ones are passed through unjudged."""
    unknown = {name: UNKNOWN_YET for name, value in given.items() if value is UNKNOWN_YET}
    known = {name: value for name, value in given.items() if name not in unknown}
    try:
        return Checked({**model.model_validate(known).model_dump(mode="json"), **unknown}, [])
    except ValidationError as error:
        problems = [
            Problem(str(one["loc"][0]) if one["loc"] else "", one["msg"].removeprefix("Value error, "))
            for one in error.errors()
            if not one["loc"] or one["loc"][0] not in unknown
        ]
    return Checked({**_defaults(model), **given}, problems)


def _defaults(model: type[Wish]) -> JsonObject:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required()
    }


def changes(old: JsonObject, new: JsonObject) -> list[str]:
    """The fields of a new wish that differ from the recorded ones."""
    return [name for name, value in new.items() if name not in _NOT_COMPARED and old.get(name) != value]


@dataclass(frozen=True)
class ObjectKind:
    """A kind whose objects are put, got and deleted whole at one path."""

    name: str
    path: str
    """Below the scanning endpoint; fields stand in braces."""
    wish: type[Wish]
    identity: tuple[str, ...] = ("account_id", "name")
    constants: dict[tuple[str, ...], Any] = field(default_factory=dict[tuple[str, ...], Any])
    """What every object of this kind carries besides its fields."""
    replaceable: bool = True
    """Whether a change of identity may make a new object by itself."""
    carries_stack_name: bool = False
    """Whether the name says whose it is: one that is there already was left by a crash, and is the stack's own."""

    def check(self, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`Lifecycle`; refuses a change that would replace what must not be replaced by accident.

        Here and not in :meth:`diff`, which is asked during a refresh too, when nobody wants anything changed.
        """
        done = checked(self.wish, given)
        if before and not self.replaceable:
            for name in changes({n: before.get(n) for n in self.identity}, _only(done.fields, self.identity)):
                done.problems.append(Problem(name, self._not_replaced(name, before, done.fields)))
        return done

    def _not_replaced(self, name: str, before: JsonObject, wanted: JsonObject) -> str:
        return (
            f'\n{wanted.get("tenant")}: {self.name} "{before.get("name")}" was not replaced\n'
            f"  {name} is {before.get(name)!r}, and {wanted[name]!r} would make a new one: a new scan ingests every "
            "interaction a second time.\n"
            "  Take the change back, or capture the other workspace as a source of its own. If somebody changed it "
            "in the portal, change it back there and run pulumi refresh.\n"
            "  docs/troubleshooting.md#not-replaced"
        )

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """See :class:`Lifecycle`."""
        changed = changes(old, new)
        replaced = [name for name in changed if name in self.identity]
        return Difference(changed, replaced, self.path.format_map(old) == self.path.format_map(new))

    def create(self, maps: DataMaps, wish: JsonObject) -> Record:
        """See :class:`Lifecycle`."""
        wanted = self.wish.model_validate(wish)
        with Speaking(self, wanted, "was not created"):
            there = maps.scanning(wanted.account_id)
            found = there.get(self._path(wanted))
            if found is None:
                return self._put(there, wanted, wanted.body(self.constants), adopted=False)
            seen = wanted.observed(found)
        different = changes(seen.model_dump(), wanted.model_dump())
        if different:
            raise self._occupied(wanted, seen, different)
        return self._record(wanted, adopted=not self.carries_stack_name)

    def read(self, maps: DataMaps, recorded: JsonObject) -> Record | None:
        """See :class:`Lifecycle`."""
        known = self._known(recorded)
        with Speaking(self, known, "could not be read"):
            found = maps.scanning(known.account_id).get(self._path(known))
        return self._record(known.observed(found), adopted=recorded[ADOPTED]) if found is not None else None

    def update(self, maps: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """See :class:`Lifecycle`."""
        wanted = self.wish.model_validate(wish)
        with Speaking(self, wanted, "was not changed"):
            there = maps.scanning(wanted.account_id)
            found = there.get(self._path(wanted)) or {}
            body, before = wanted.body(self.constants), self._known(recorded).body(self.constants)
            body = merged(without(found, before, body), body)
            return self._put(there, wanted, body, adopted=recorded[ADOPTED])

    def delete(self, maps: DataMaps, recorded: JsonObject) -> None:
        """See :class:`Lifecycle`. What was there before stays."""
        if recorded[ADOPTED]:
            return
        known = self._known(recorded)
        with Speaking(self, known, "was not deleted"):
            maps.scanning(known.account_id).delete(self._path(known))

    def _put(self, there: DataMap, wanted: Wish, body: JsonObject, *, adopted: bool) -> Record:
        there.put(self._path(wanted), body)
        return self._record(wanted, adopted=adopted)

    def _known(self, recorded: JsonObject) -> Wish:
        return self.wish.model_validate({name: recorded[name] for name in self.wish.model_fields if name in recorded})

    def _path(self, wish: Wish) -> str:
        return self.path.format_map(wish.model_dump())

    def _record(self, wish: Wish, *, adopted: bool) -> Record:
        return Record(f"{wish.account_id}{self._path(wish)}", {**wish.model_dump(), ADOPTED: adopted})

    def _occupied(self, wanted: Wish, seen: Wish, different: list[str]) -> DataMapError:
        shown = "; ".join(f"{n}: {getattr(seen, n)!r} instead of {getattr(wanted, n)!r}" for n in different)
        name = wanted.model_dump().get("name")
        return DataMapError(
            wanted.tenant,
            f'{self.name} "{name}" was not created',
            f"One of that name exists already and differs - {shown}",
            "Choose another name in the stack file, or make it equal to what exists: then that is taken over.\n"
            "  docs/troubleshooting.md#name-taken",
        )


def _only(fields: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {name: fields[name] for name in names if fields.get(name) is not UNKNOWN_YET and name in fields}


class Speaking:
    """Turns the failures of a block into messages about one object and action."""

    def __init__(self, kind: Lifecycle, wish: Wish, happened: str) -> None:
        """As in: the credential "contoso-chatgpt" was not created."""
        self._kind = kind.name
        self._tenant = wish.tenant
        self._happened = f'{kind.name} "{wish.model_dump().get("name", "")}" {happened}'

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        """Say what failed."""
        if isinstance(error, RefusedError):
            remedy = remedy_for(error, self._kind)
            raise DataMapError(self._tenant, self._happened, str(error), remedy) from error
        if isinstance(error, UnreachableError):
            remedy = "Check the network and the ARM_* variables.\n  docs/troubleshooting.md#no-answer"
            raise DataMapError(self._tenant, self._happened, str(error), remedy) from error
