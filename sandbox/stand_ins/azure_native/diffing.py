"""What would change, compared input by input (facts 16 to 23)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins.azure_native.defaults import CREATE_BEFORE_DELETE
from stand_ins.values import is_array, is_object, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.azure_native.metadata import Property, ResourceType, Shape
    from stand_ins.values import Value, Values

API_VERSION = "azureApiVersion"

_Diff = proto.PropertyDiff
_REPLACING = {
    _Diff.ADD: _Diff.ADD_REPLACE,
    _Diff.UPDATE: _Diff.UPDATE_REPLACE,
    _Diff.DELETE: _Diff.DELETE_REPLACE,
}


@dataclass
class Difference:
    """One changed property."""

    path: str
    kind: _Diff.Kind.ValueType
    counts: bool = True
    """Not so for a property that is merely set to its default (fact 20)."""
    of_input: bool = True


@dataclass
class Verdict:
    """What the engine learns of a resource's changes."""

    differences: list[Difference] = field(default_factory=list[Difference])
    delete_first: bool = False

    def replaces(self) -> list[str]:
        """The full paths that ask for a new resource."""
        return [d.path for d in self.differences if d.kind in _REPLACING.values()]

    def answer(self) -> proto.DiffResponse:
        """In the engine's own form."""
        tops = dict.fromkeys(_top(d.path) for d in self.differences if d.counts)
        detailed = {d.path: _Diff(kind=d.kind, inputDiff=d.counts and d.of_input) for d in self.differences}
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if tops else proto.DiffResponse.DIFF_NONE,
            replaces=self.replaces(),
            deleteBeforeReplace=self.delete_first,
            diffs=list(tops),
            detailedDiff=detailed,
            hasDetailedDiff=bool(detailed),
        )


def verdict(resource: ResourceType, old_inputs: Values, state: Values, news: Values) -> Verdict:
    """Compare old inputs with new ones; the state matters for two exceptions only (facts 16 and 20)."""
    olds = dict(old_inputs)
    migrated = API_VERSION not in olds and API_VERSION in state
    if migrated:
        olds[API_VERSION] = state[API_VERSION]
    found = Verdict(list(_differences(resource, olds, news)))
    for difference in found.differences:
        _except(difference, resource, olds, state, news)
        difference.of_input = not (migrated and difference.path == API_VERSION)
    if found.differences:
        made_up = olds.get(CREATE_BEFORE_DELETE)
        found.delete_first = not made_up if isinstance(made_up, bool) else bool(found.replaces())
    return found


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _differences(resource: ResourceType, olds: Values, news: Values) -> Iterator[Difference]:
    for difference in _of_objects("", resource.body, olds, news):
        top = _top(difference.path)
        if difference.path == top and _equal_to_azure(top, olds.get(top), news.get(top)):
            continue
        if difference.path in resource.replacing:
            difference.kind = _REPLACING[difference.kind]
        yield difference


def _except(difference: Difference, resource: ResourceType, olds: Values, state: Values, news: Values) -> None:
    name = difference.path
    if name in olds:
        return
    if difference.kind == _Diff.ADD_REPLACE:
        if name in state and same(state[name], news[name]):
            difference.kind = _Diff.ADD
    elif difference.kind == _Diff.ADD:
        known = resource.body.properties.get(name)
        difference.counts = known is None or known.default is None or not same(known.default, news.get(name))


def _equal_to_azure(name: str, old: Value, new: Value) -> bool:
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    if name == "location":
        return old.replace(" ", "").lower() == new.replace(" ", "").lower()
    return name == "resourceGroupName" and old.lower() == new.lower()


def _of_objects(prefix: str, shape: Shape | None, olds: Values, news: Values) -> Iterator[Difference]:
    for name in (*olds, *(name for name in news if name not in olds)):
        if name.startswith("__"):
            continue
        path = prefix + name
        if name not in news:
            yield Difference(path, _Diff.DELETE)
        elif name not in olds:
            yield Difference(path, _Diff.ADD)
        else:
            property_ = shape.properties.get(name) if shape else None
            yield from _of_values(path, property_, olds[name], news[name])


def _of_values(path: str, property_: Property | None, old: Value, new: Value) -> Iterator[Difference]:
    if is_array(old) and is_array(new):
        yield from _of_arrays(path, property_, old, new)
    elif is_object(old) and is_object(new):
        yield from _of_objects(f"{path}.", property_.shape if property_ else None, old, new)
    elif not (same(old, new) or _same_resource_id(old, new)):
        yield Difference(path, _Diff.UPDATE)


def _of_arrays(path: str, property_: Property | None, olds: list[Value], news: list[Value]) -> Iterator[Difference]:
    items = property_.items if property_ else None
    if property_ and property_.identifiers:
        old_places = _places(property_.identifiers, olds)
        new_places = _places(property_.identifiers, news)
    else:
        old_places = {str(index): index for index in range(len(olds))}
        new_places = {str(index): index for index in range(len(news))}
    for key, index in new_places.items():
        place = f"{path}[{index}]"
        if key in old_places:
            yield from _of_values(place, items, olds[old_places[key]], news[index])
        else:
            yield Difference(place, _Diff.ADD)
    for key, index in old_places.items():
        if key not in new_places:
            yield Difference(f"{path}[{index}]", _Diff.DELETE)


def _places(identifiers: tuple[str, ...], values: list[Value]) -> dict[str, int]:
    """Where each element is, by what identifies it in an array that is a set (fact 22)."""
    return {
        json.dumps([value.get(name) for name in identifiers], sort_keys=True, default=str): index
        for index, value in enumerate(values)
        if is_object(value)
    }


def _same_resource_id(old: Value, new: Value) -> bool:
    """Full ARM ids are compared without regard to case (fact 22)."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    return "/providers/" in old.lower() and old.startswith("/") and old.lower() == new.lower()
