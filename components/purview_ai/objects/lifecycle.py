"""What every kind of object can do, whatever API it belongs to. Fields are plain values, ready for any state file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject
    from purview_ai.objects.failures import ObjectError, RefusedError
    from purview_ai.objects.wish import Wish

Api_contra = TypeVar("Api_contra", contravariant=True)

UNKNOWN_YET = object()
"""Stands for a value that only a deployment will know."""
ADOPTED = "adopted"
"""Recorded with an object that was there before: it survives its stack."""


@dataclass(frozen=True)
class Problem:
    """A field of a wish that cannot be right."""

    field: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """A wish with its defaults, what is wrong with it, and what a user should know before it is granted."""

    fields: JsonObject
    problems: list[Problem]
    notes: list[str] = field(default_factory=list[str])
    unseen: list[str] = field(default_factory=list[str])
    """What the service kept from being looked for, for a user to know, too."""
    overwrites: list[Any] = field(default_factory=list[Any])
    """What would change of an object that was there before: each field in words, :data:`UNKNOWN_YET` for what nobody
    knows yet."""

    def nobody_may_look(self, about: str, refusal: RefusedError) -> None:
        """The service refused to say whether something is there already."""
        self.unseen.append(
            f"{about} could not be looked for, so the preview cannot tell whether it is there already "
            f"({refusal.without_request})"
        )
        self.may_overwrite()

    def may_overwrite(self) -> None:
        """What is at the object's place, if anything, is not known yet; only with ``adopt`` would it be changed."""
        if self.fields.get("adopt") is True:
            self.overwrites.append(UNKNOWN_YET)


@dataclass(frozen=True)
class Difference:
    """What changes between a recorded wish and a new one."""

    changed: list[str]
    replaced: list[str]
    same_place: bool
    """Whether a new object would stand where the old one stands, which then must go first."""
    notes: list[str] = field(default_factory=list[str])
    """What a user should know of it, although nothing may change."""
    refused: ObjectError | None = None
    """Why a deployment must not go on to make it so. Whoever only compares may pass it by."""


@dataclass(frozen=True)
class Record:
    """An object as it is remembered."""

    id: str
    wish: JsonObject
    """Its fields, with what the service said of them."""
    remembered: JsonObject
    """What no wish says of it, such as whether it was there before."""

    @property
    def fields(self) -> JsonObject:
        """All of it, as it is handed back as ``recorded``."""
        return {**self.wish, **self.remembered}


class Lifecycle(Protocol[Api_contra]):
    """A kind of object, working through its API."""

    @property
    def name(self) -> str:
        """As messages and states name the kind."""
        ...

    def check(self, api: Api_contra, given: JsonObject, before: JsonObject) -> Checked:
        """Validate, default and normalise; for a new object (``before`` is empty) also look what is there already.

        Values may be :data:`UNKNOWN_YET`. Asked at a preview too, so it never writes.
        """
        ...

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Compare without asking anybody; ``new`` may hold :data:`UNKNOWN_YET`."""
        ...

    def create(self, api: Api_contra, wish: JsonObject) -> Record:
        """Make the object, or take over the one that is there."""
        ...

    def read(self, api: Api_contra, recorded: JsonObject) -> Record | None:
        """The object as it is now, or None where it has gone. Never writes."""
        ...

    def update(self, api: Api_contra, recorded: JsonObject, wish: JsonObject) -> Record:
        """Change the object, leaving alone what nobody declared."""
        ...

    def delete(self, api: Api_contra, recorded: JsonObject) -> None:
        """Remove the object; gone already is good."""
        ...


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
    if not problems:
        # Only unknown values are missing: the others still get their defaults and their one form.
        return Checked({**_normalised(model, known), **unknown}, [])
    return Checked({**_defaults(model), **given}, problems)


def _normalised(model: type[Wish], known: JsonObject) -> JsonObject:
    """The known fields, each in its one form, although the whole cannot be judged yet."""
    fields = _defaults(model)
    for name, value in known.items():
        field = model.model_fields[name]
        whole: Any = Annotated[(field.annotation, *field.metadata, None)]
        adapter: TypeAdapter[Any] = TypeAdapter(whole)
        fields[name] = adapter.dump_python(adapter.validate_python(value), mode="json")
    return fields


def _defaults(model: type[Wish]) -> JsonObject:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required()
    }


def changes(model: type[Wish], old: JsonObject, new: JsonObject) -> list[str]:
    """The fields of a new wish that differ from the recorded ones."""
    return [name for name in model.compared() if name in new and not same(old.get(name), new[name])]
