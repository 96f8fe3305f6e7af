"""azure-native's resources: each asked of ARM by its id, and compared as azure-native compares it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from purview_ai.drift.azure_types import TYPES, AzureType
from purview_ai.drift.change import Change
from purview_ai.drift.checkpoint import is_opaque, opaque_paths, without_path, written
from purview_ai.drift.comparing import drifted
from purview_ai.drift.sight import ENCRYPTED, NotCoveredError, Sight
from purview_ai.json_values import JsonObject, is_list, is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.drift.checkpoint import Path, Recorded

    Get = Callable[[str, str], JsonObject | None]
    """An object of ARM by its id and API version; None where there is none."""

PREFIX = "azure-native:"
ACCESS_POLICY = "azure-native:keyvault:AccessPolicy"
POLICY_CALLED = "access policy"
_POLICY_VERSION = "2023-07-01"
_POLICY_ID = re.compile(
    r"^(?P<vault>/subscriptions/.+/vaults/[^/]+)/accessPolicy(?:/(?P<object>[^/]+))?$", re.IGNORECASE
)
_PERMISSIONS = ("certificates", "keys", "secrets", "storage")
_VERSION = "azureApiVersion"
_DELEGATED = "delegatedManagedIdentityResourceId"
_NOT_KNOWN = "which fields this type has is not known here"
_NOT_RETURNED = "ARM does not return it"


def called(recorded: Recorded) -> str:
    """What people call a resource."""
    if recorded.type == ACCESS_POLICY:
        return POLICY_CALLED
    known = TYPES.get(recorded.type)
    return known.called if known else recorded.type


def look(get: Get, recorded: Recorded) -> Sight:
    """Read a resource and compare it."""
    answer = _policy(get, recorded) if recorded.type == ACCESS_POLICY else _answer(get, recorded)
    if answer is None:
        return Sight([Change(recorded.name, called(recorded), "")])
    declared, before, after = _comparable(
        TYPES.get(recorded.type),
        _without_version(recorded.inputs),
        _without_version(recorded.outputs),
        _flattened_as(recorded.outputs, answer),
    )
    uncovered = {} if recorded.type in (ACCESS_POLICY, *TYPES) else {"what the program does not say": _NOT_KNOWN}
    for path in {path for values in (recorded.inputs, recorded.outputs) for path in opaque_paths(values)}:
        declared, before, after = (without_path(values, path) for values in (declared, before, after))
        uncovered[written(path)] = ENCRYPTED
    for path in _unseen(recorded, answer):
        declared = without_path(declared, path)
        uncovered.setdefault(written(path), _NOT_RETURNED)
    found = [one for one in drifted(declared, before, after) if not _is_ignored(written(one.path), recorded.ignored)]
    changes = [Change(recorded.name, called(recorded), written(one.path), one.was, one.now) for one in found]
    return Sight(changes, uncovered)


def _answer(get: Get, recorded: Recorded) -> JsonObject | None:
    version = recorded.outputs.get(_VERSION) or recorded.inputs.get(_VERSION)
    if not recorded.id.startswith("/") or not isinstance(version, str):
        msg = "its id is none of ARM's, or the state does not say with which API version it was made"
        raise NotCoveredError(msg)
    if recorded.outputs.get(_DELEGATED):
        # azure-native asks another tenant's subscription first (docs/facts.md, providers 45).
        msg = "it is another tenant's, delegated to this one"
        raise NotCoveredError(msg)
    return get(recorded.id, version)


def _policy(get: Get, recorded: Recorded) -> JsonObject | None:
    """An entry of a vault's access policies, as azure-native finds it (docs/facts.md, providers 43)."""
    found = _POLICY_ID.match(recorded.id)
    wanted = take_from(recorded.outputs, ("policy", "objectId")) or (found and found["object"])
    if found is None or not wanted:
        msg = "its id names no vault and no holder"
        raise NotCoveredError(msg)
    vault = get(found["vault"], _POLICY_VERSION)
    entries: list[JsonObject] = take_from(vault, ("properties", "accessPolicies")) or []
    for entry in entries:
        if entry.get("objectId") == wanted:
            return {**recorded.outputs, "policy": _told(entry)}
    return None


def _told(entry: JsonObject) -> JsonObject:
    """An entry as azure-native keeps it: without what is empty."""
    permissions: JsonObject = entry.get("permissions") or {}
    given = {name: permissions[name] for name in _PERMISSIONS if permissions.get(name)}
    whose = {name: entry[name] for name in ("tenantId", "objectId", "applicationId") if entry.get(name) is not None}
    return {**whose, "permissions": given}


def _flattened_as(recorded: JsonObject, answer: JsonObject) -> JsonObject:
    """The answer as the outputs are recorded: ``properties`` whole, or at the top (docs/facts.md, providers 28)."""
    properties = answer.get("properties")
    if "properties" in recorded or not is_object(properties):
        return answer
    return {**{name: value for name, value in answer.items() if name != "properties"}, **properties}


def _without_version(values: JsonObject) -> JsonObject:
    return {name: value for name, value in values.items() if name != _VERSION}


def _comparable(
    kind: AzureType | None, inputs: JsonObject, before: JsonObject, after: JsonObject
) -> tuple[JsonObject, JsonObject, JsonObject]:
    """Inputs, recorded outputs and outputs of now, as far as they can be compared.

    Of a type that is not known here, what inputs may say is not known either: then only what they do say counts.
    """
    if kind is None:
        return inputs, *(_within(inputs, values) for values in (before, after))
    shown: list[JsonObject] = []
    for values in (before, after):
        said = _said(kind, _renamed(kind, _without_nulls(values)))
        for path in kind.if_declared:
            steps = tuple(path.split("."))
            if take_from(inputs, steps) is None:
                said = without_path(said, steps)
        shown.append(said)
    return inputs, shown[0], _ordered(kind, _members_as(shown[0], inputs, shown[1]), shown[0])


def _within(declared: Any, values: Any) -> Any:
    if is_object(declared) and is_object(values) and not is_opaque(values):
        return {name: _within(declared[name], value) for name, value in values.items() if name in declared}
    return values


def _without_nulls(value: Any) -> Any:
    if is_object(value):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if is_list(value):
        return [_without_nulls(member) for member in value]
    return value


def _said(kind: AzureType, values: JsonObject, above: str = "") -> JsonObject:
    said: JsonObject = {}
    for name, value in values.items():
        path = f"{above}{name}"
        if path in kind.says or is_opaque(value):
            said[name] = value
        elif is_object(value) and any(one.startswith(f"{path}.") for one in kind.says):
            said[name] = _said(kind, value, f"{path}.")
    return said


def _renamed(kind: AzureType, values: JsonObject, above: str = "") -> JsonObject:
    renamed: JsonObject = {}
    for name, value in values.items():
        theirs = kind.renamed.get(f"{above}{name}", name)
        inner = _renamed(kind, value, f"{above}{name}.") if is_object(value) else value
        renamed[name if theirs in values else theirs] = inner
    return renamed


def _members_as(recorded: Any, declared: Any, found: Any) -> Any:
    """What was found, with members of lists cut to the names that are known of them: ARM may say more than the SDK."""
    if is_object(found) and is_object(recorded):
        inner: JsonObject = declared if is_object(declared) else {}
        return {name: _members_as(recorded.get(name), inner.get(name), value) for name, value in found.items()}
    if is_list(found):
        known = [one for values in (recorded, declared) if is_list(values) for one in values if is_object(one)]
        names = {name for one in known for name in one}
        return [
            {name: value for name, value in one.items() if name in names} if names and is_object(one) else one
            for one in found
        ]
    return found


def _ordered(kind: AzureType, found: JsonObject, recorded: JsonObject) -> JsonObject:
    """What was found, with lists whose order does not count in the recorded order."""
    for path in kind.unordered:
        steps = tuple(path.split("."))
        now, then = take_from(found, steps), take_from(recorded, steps)
        if is_list(now) and is_list(then):
            known = [one for one in then if one in now]
            found = _with(found, steps, [*known, *(one for one in now if one not in known)])
    return found


def _with(values: JsonObject, steps: tuple[str, ...], value: Any) -> JsonObject:
    first, *rest = steps
    return {**values, first: _with(values[first], tuple(rest), value) if rest else value}


def _unseen(recorded: Recorded, answer: JsonObject) -> list[Path]:
    """Inputs that ARM tells nobody, such as a secret's value; parts of the id are no such thing."""
    shown: JsonObject = {**answer, **(answer.get("properties") or {}), **recorded.outputs}
    return [
        path
        for path, value in _leaves(recorded.inputs)
        if not path[0].startswith("__")
        and path[0] != _VERSION
        and take_from(shown, path) is None
        and not (len(path) == 1 and isinstance(value, str) and value.strip("/").lower() in recorded.id.lower())
        and written(path) not in recorded.ignored
    ]


def _leaves(values: JsonObject, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, value in values.items():
        if is_object(value) and value and not is_opaque(value):
            found.extend(_leaves(value, (*above, name)))
        else:
            found.append(((*above, name), value))
    return found


def _is_ignored(path: str, ignored: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in ignored)
