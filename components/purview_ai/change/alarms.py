"""Whether an alert would tell fewer people, look less often or find less."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from purview_ai.change.entries import shrinks
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.change.preview import Change, Property
    from purview_ai.json_values import JsonObject

_ASKED_OTHERWISE = ("query", "threshold", "failingPeriods")
"""Of a condition, what may change without making it weaker."""
_EXPIRY = re.compile(r'"expires": "[^"]*"')
"""A key's day: another one is a new key, and no other search."""
_KEY, _SOURCE = re.compile(r"\{[^{}]*\}"), re.compile(r"\([^()]*\)")
"""What a search may have several of, with words between them."""
_BETWEEN = re.compile(r" or |, ")
_AGO = re.compile(r"ago\((\d+)h\)")
_DAYS = re.compile(r"Expires - (\d+)d")
"""How long before its last day a key is told of."""
_DURATION = TypeAdapter(timedelta)


def weaker(change: Change) -> str:
    """What of an alert rule is less than before, as the end of a sentence; empty where nothing is."""
    return next(_weaker(change), "")


def _weaker(change: Change) -> Iterator[str]:
    enabled, told = change.changed("enabled"), change.changed("actions.actionGroups")
    if enabled and (enabled.was is True or enabled.now is False):
        yield "would be switched off"
    if told and shrinks(told.was, told.now):
        yield "would tell fewer action groups"
    scopes, muted = change.changed("scopes"), change.changed("muteActionsDuration")
    if scopes and shrinks(scopes.was, scopes.now):
        yield "would look elsewhere"
    if muted and muted.now is not None and _longer(muted):
        yield "would be silent for longer after it has told somebody"
    often, window = change.changed("evaluationFrequency"), change.changed("windowSize")
    if change.changed("kind") or change.changed("overrideQueryTimeRange"):
        yield "would look at something else"
    if often and _longer(often):
        yield "would look less often"
    conditions = change.changed("criteria.allOf")
    if window and _worse_window(window, often, conditions):
        yield "would look at another time, and miss more or tell later"
    if conditions and _asks_less(conditions.was, conditions.now):
        yield "would have other conditions, which may be met less often"


def _longer(found: Property) -> bool:
    was, now = _length(found.was), _length(found.now)
    return was is None or now is None or now > was


def _worse_window(window: Property, often: Property | None, conditions: Property | None) -> bool:
    """Whether a longer time has to pass first, or a shorter one is looked at although no look comes sooner."""
    was, now = _length(window.was), _length(window.now)
    if was is None or now is None or now > was:
        return True
    if conditions and all(str(one.get("operator")).startswith("LessThan") for one in _objects(conditions.now)):
        return False
    before, after = (_length(often.was), _length(often.now)) if often else (None, None)
    return not (before and after and now / after >= was / before)


def _length(duration: Any) -> timedelta | None:
    """A time as ISO 8601 writes it; None where it is none, or not known yet."""
    try:
        return _DURATION.validate_python(duration)
    except ValidationError:
        return None


def _asks_less(was: Any, now: Any) -> bool:
    """All conditions must be met, so one more is less, too."""
    pairs = list(zip_longest(_objects(was), _objects(now)))
    return not pairs or any(before is None or after is None or _less(before, after) for before, after in pairs)


def _less(before: JsonObject, after: JsonObject) -> bool:
    others = [{name: one for name, one in given.items() if name not in _ASKED_OTHERWISE} for given in (before, after)]
    return (
        others[0] != others[1]
        or _harder(before, after)
        or _searches_less(str(after.get("operator")), str(before.get("query")), str(after.get("query")))
        or _later(before.get("failingPeriods") or {}, after.get("failingPeriods") or {})
    )


def _harder(before: JsonObject, after: JsonObject) -> bool:
    was, now, operator = before.get("threshold"), after.get("threshold"), str(after.get("operator"))
    if was == now:
        return False
    if not (isinstance(was, int | float) and isinstance(now, int | float)):
        return True
    if operator.startswith("GreaterThan"):
        return now > was
    return not (operator.startswith("LessThan") and now > was)


def _later(before: JsonObject, after: JsonObject) -> bool:
    """Whether it must be seen more often before it is an alert; without words it is one time of one."""
    least = [given.get("minFailingPeriodsToAlert", 1) for given in (before, after)]
    among = [given.get("numberOfEvaluationPeriods", 1) for given in (before, after)]
    if not all(isinstance(count, int | float) for count in (*least, *among)):
        return True
    return least[1] > least[0] or among[1] < among[0]


def _searches_less(operator: str, was: str, now: str) -> bool:
    """Whether another search leads to fewer alerts, as far as the searches of :mod:`purview_ai.alerts` are known."""
    if operator.startswith("GreaterThan"):
        return _finds_less(_DAYS.sub("", was), _DAYS.sub("", now)) or _number(_DAYS, now) < _number(_DAYS, was)
    # Where too little is an alert, whatever finds more is less; only a shorter time is not.
    return _AGO.sub("", was) != _AGO.sub("", now) or _number(_AGO, now) > _number(_AGO, was)


def _number(pattern: re.Pattern[str], query: str) -> int:
    found = pattern.search(query)
    return int(found[1]) if found else 0


def _finds_less(was: str, now: str) -> bool:
    """Whether something is not found any more: there may only be more alternatives, and other days for keys."""
    before, after = was.splitlines(), now.splitlines()
    return len(before) != len(after) or any(
        _rest(one) != _rest(other) or not set(_pieces(one)) <= set(_pieces(other))
        for one, other in zip(before, after, strict=True)
    )


def _pieces(line: str) -> list[str]:
    return _several(line).findall(_EXPIRY.sub("", line))


def _rest(line: str) -> str:
    return _BETWEEN.sub("", _several(line).sub("", line))


def _several(line: str) -> re.Pattern[str]:
    return _KEY if "{" in line else _SOURCE


def _objects(value: Any) -> list[JsonObject]:
    return [one for one in value if is_object(one)] if is_list(value) else []
