"""Reads the engine's own record of a preview, its event log (docs/facts.md, engine 45 to 47).

Secrets stand in it as ``[secret]``: the engine takes them out before it writes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from purview_ai.change.objects import called, type_of
from purview_ai.change.preview import UNKNOWN, Action, Change, Options, Preview, Property, Violation
from purview_ai.dynamic.families import OVERWRITES
from purview_ai.json_values import is_list, is_object
from purview_ai.objects.lifecycle import ADOPTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from purview_ai.json_values import JsonObject

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that it does not know yet (docs/facts.md, engine 47)."""
_SECRET = "[secret]"  # noqa: S105  # what stands in a secret's place
_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The member that tells a secret from an object (docs/facts.md, engine 34 and 68)."""
_COLOURS = re.compile(r"<\{%.*?%\}>")
_NO_OBJECT = ("pulumi:", "purview-ai:index:")
"""The stack, providers and components."""
_ACTIONS = {
    "create": Action.CREATE,
    "update": Action.CHANGE,
    "replace": Action.REPLACE,
    "delete": Action.DELETE,
    "import": Action.IMPORT,
    "import-replacement": Action.REPLACE,
    "same": Action.OPTIONS,
}
_OTHER_THAN_PLANNED = ("violates plan", "not allowed by the plan", "no plan for resource")
_MISSING = "expected resource operations for"
"""The engine's words where a deployment would do what its plan does not have, or not what it has (engine 48)."""
_PROTECTED = re.compile(r"\s*(?:as it is currently marked for protection|because it is protected)\..*", re.DOTALL)
"""How the engine ends its words about what is protected: it advises to take that away in the state (engine 27)."""
_OF_A_SOURCE = "pulumi-python:dynamic/purview:"
_FIRST_UNPROTECTED = (
    ", because it is protected.\n"
    "That takes a deployment of its own before this one: take this change back, name the source in allow_rescan, and "
    "deploy that. Then make this change.\n"
    "docs/living-with-a-tenant.md#capture-everything-once-more"
)
_NOT_PLAIN = re.compile(r"\.?\[\"(?P<quoted>(?:\\\"|[^\"])*)\"\]|\[\d+\].*", re.DOTALL)
"""How a path has a name that is no plain word, and how it goes on within a list, which is shown whole."""
_LEFT_OVER = "delete-replaced"
"""Half of a replacement; alone, it deletes what an earlier deployment has replaced and did not live to delete."""


def events_in(log: Path) -> list[JsonObject]:
    """An event log's events; of a log that a dying engine did not finish, those that are whole."""
    found: list[JsonObject] = []
    # As bytes, since a text has more ends of lines than JSON keeps out of its own.
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            event: Any = json.loads(line.decode("utf-8", "replace"))
        except ValueError:
            break
        if is_object(event):
            found.append(event)
    return found


def preview_in(stack: str, events: Iterable[JsonObject], *, failed: bool) -> Preview:
    """What a preview showed; ``failed`` tells that its command did."""
    told = list(events)
    steps = [event["resourcePreEvent"]["metadata"] for event in told if "resourcePreEvent" in event]
    objects = [step for step in steps if not step["type"].startswith(_NO_OBJECT)]
    return Preview(
        stack=stack,
        failed=failed,
        first=not any(step.get("old") for step in objects),
        changes=list(_changes(objects)),
        violations=[_violation(event["policyEvent"]) for event in told if "policyEvent" in event],
        errors=list(errors_in(told)),
    )


def errors_in(events: Iterable[JsonObject]) -> Iterator[str]:
    """What was said of what went wrong."""
    for event in events:
        told = event.get("diagnosticEvent")
        if told and told["severity"] == "error":
            yield _advised(_plain(told["message"]))


def _advised(said: str) -> str:
    """With what helps where a data source, a scan or a trigger is protected, which is no command on the state."""
    return _PROTECTED.sub(_FIRST_UNPROTECTED, said) if _OF_A_SOURCE in said else said


def left_its_plan(events: Iterable[JsonObject]) -> bool:
    """Whether a deployment stopped because there was something else to do than its plan has."""
    told = list(events)
    said = "\n".join(errors_in(told))
    # What comes after a failure is missing, too, and says nothing of the plan.
    missing = _MISSING in said and not any("resOpFailedEvent" in event for event in told)
    return missing or any(words in said for words in _OTHER_THAN_PLANNED)


def _changes(steps: list[JsonObject]) -> Iterator[Change]:
    replaced = {step["urn"] for step in steps if step["op"] in ("replace", "import-replacement")}
    for step in steps:
        op = step["op"]
        if op == _LEFT_OVER and step["urn"] not in replaced:
            yield _change(step, Action.DELETE)
        elif op in _ACTIONS:
            change = _change(step, _ACTIONS[op])
            if change.action is not Action.OPTIONS or change.before != change.after:
                yield change


def _change(step: JsonObject, action: Action) -> Change:
    old: JsonObject = step.get("old") or {}
    new: JsonObject = step.get("new") or {}
    before, after = _inputs(old), _inputs(new)
    type_ = type_of(step["type"], after or before)
    goes = action is Action.DELETE
    compared = not (goes or action is Action.OPTIONS)
    if goes and _stays(old):
        action = Action.LET_GO
    # An engine that only deletes tells the old object alone.
    properties = list(_compared(before, after)) if compared else []
    same = _same(before, after) if compared else {}
    return Change(
        resource=step["urn"].rsplit("::", 1)[1],
        urn=step["urn"],
        type=type_,
        called=called(type_),
        action=action,
        properties=properties,
        hidden=list(_hidden(step, {*before, *after}, same, properties)) if _goes_on(action) else [],
        stays=same,
        # What takes an old one's place may be there already, too.
        overwrites=_overwritten(new) if action in (Action.CREATE, Action.REPLACE) else "",
        before=_options(old),
        after=_options(old if goes else new),
    )


def _goes_on(action: Action) -> bool:
    return action in (Action.CHANGE, Action.REPLACE)


def _stays(old: JsonObject) -> bool:
    """Whether what the stack forgets stays where it is."""
    kept: JsonObject = old.get("outputs") or {}
    somebody_elses = kept.get("expected") is True or (kept.get(ADOPTED) is True and kept.get("release") is not True)
    return bool(old.get("retainOnDelete")) or somebody_elses


def _options(state: JsonObject) -> Options:
    return Options(protect=bool(state.get("protect")), retain_on_delete=bool(state.get("retainOnDelete")))


def _inputs(state: JsonObject) -> JsonObject:
    inputs: JsonObject = state.get("inputs") or {}
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def _compared(before: JsonObject, after: JsonObject) -> Iterator[Property]:
    was, now = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted({*was, *now}):
        if was.get(path) != now.get(path):
            yield Property(path=path, was=was.get(path), now=now.get(path))


def _hidden(step: JsonObject, inputs: set[str], same: JsonObject, shown: list[Property]) -> Iterator[str]:
    """What changes and no input shows: a provider says where, or it may be any secret (docs/facts.md, engine 68).

    What is none of the ``inputs``, by their names, is an output, which follows from them.
    """
    told: JsonObject = step.get("detailedDiff") or {}
    if not told:
        yield from (path for path, value in same.items() if _SECRET in str(value))
    # Not every provider quotes a name that is no plain word.
    changed = {_readable(path) for path in told if not any(_overlap(path, one.path) for one in shown)}
    for path in sorted(changed):
        if path.partition(".")[0] in inputs and not any(_overlap(path, one.path) for one in shown):
            yield path


def _readable(path: str) -> str:
    """As inputs are told: each name as it is, up to a list."""
    return _NOT_PLAIN.sub(_unquoted, path).lstrip(".")


def _unquoted(found: re.Match[str]) -> str:
    quoted = found["quoted"]
    return "" if quoted is None else "." + quoted.replace('\\"', '"')


def _overlap(one: str, other: str) -> bool:
    return _within(one, other) or _within(other, one)


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def _same(before: JsonObject, after: JsonObject) -> JsonObject:
    was = dict(_leaves(before))
    return {path: now for path, now in _leaves(after) if path in was and was[path] == now}


def _overwritten(new: JsonObject) -> str:
    """As the provider said it (docs/facts.md, engine 67)."""
    inputs: JsonObject = new.get("inputs") or {}
    return str(_known(inputs.get(OVERWRITES) or ""))


def _leaves(value: JsonObject, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, member in value.items():
        path = f"{above}{name}"
        if is_object(member) and member and not _is_secret(member):
            yield from _leaves(member, f"{path}.")
        else:
            yield path, _known(member)


def _is_secret(value: JsonObject) -> bool:
    return _SIGNATURE in value and value.get("ciphertext") == _SECRET


def _known(value: Any) -> Any:
    if is_object(value):
        if _is_secret(value):
            return _SECRET
        return {name: _known(member) for name, member in value.items()}
    if is_list(value):
        return [_known(member) for member in value]
    return UNKNOWN if value == _UNKNOWN else value


def _violation(told: JsonObject) -> Violation:
    return Violation(
        policy=told["policyName"],
        mandatory=told["enforcementLevel"] == "mandatory",
        resource=told.get("resourceUrn", "").rsplit("::", 1)[-1],
        message=_plain(told["message"]),
    )


def _plain(text: str) -> str:
    """Words without the engine's colours."""
    return _COLOURS.sub("", text).strip()
