"""When two values mean the same: how they are written, ordered or dated is no difference."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from purview_ai.json_values import is_list, is_object

_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$")
_YEARS = range(2000, 2200)
"""A service that knows no time may give the first of year 1, or the last of year 9999, which are no times."""
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


def moment(text: str) -> str:
    """A point in time in UTC, to the microsecond and without trailing zeros; raises ``ValueError`` for anything else.

    Services answer the same time in other zones and with other numbers of zeros (docs/facts.md, purview 6.7).
    """
    if not _MOMENT.match(text):
        msg = "it must be a date and time with its zone, as in 2026-12-01T02:00:00Z"
        raise ValueError(msg)
    # Python's parser takes at most six digits of a second.
    parsed = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    whole = parsed.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{parsed.microsecond:06}".rstrip("0").rstrip(".")
    return f"{whole}{fraction}Z"


def read_moment(time: str | None) -> datetime | None:
    """The same as Python has it; None where a service gives no time, or one that cannot be read or meant."""
    try:
        found = datetime.fromisoformat(moment(time or ""))
    except (ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values mean the same."""
    return _written(canonical(one)) == _written(canonical(other))


def canonical(value: Any) -> Any:
    """One form for all values that mean the same. The order of a list counts for nothing."""
    if is_object(value):
        return {name: canonical(member) for name, member in value.items()}
    if is_list(value):
        return sorted((canonical(member) for member in value), key=_written)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _canonical_text(value) if isinstance(value, str) else value


def _written(value: Any) -> str:
    """Told apart as JSON does: Python takes ``true`` and 1 for the same. What is unknown yet equals itself alone."""
    return json.dumps(value, sort_keys=True, default=repr)


def _canonical_text(text: str) -> str:
    try:
        return _one_form(text)
    except (ValueError, OverflowError):
        # It only looks like an address or a time.
        return text


def _one_form(text: str) -> str:
    if _MOMENT.match(text):
        return moment(text)
    if _GUID.match(text) or text.startswith("/subscriptions/"):
        # Ids of Azure's resources do not tell small letters from capitals (docs/facts.md, providers 22).
        return text.lower()
    if text.startswith("https://"):
        address = urlsplit(text)
        return address._replace(netloc=address.netloc.lower(), path=address.path.rstrip("/")).geturl()
    return text


def as_known(found: Any, known: Any) -> Any:
    """What was found, in the words that are known for it where it means the same."""
    if same(found, known):
        return known
    if is_object(found) and is_object(known):
        return {name: as_known(member, known.get(name)) for name, member in found.items()}
    return found
