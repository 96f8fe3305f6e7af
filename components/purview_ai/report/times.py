"""Moments and spans of time, as the pages write them."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

_UNITS = (
    (timedelta(hours=2), timedelta(minutes=1), "minute"),
    (timedelta(days=2), timedelta(hours=1), "hour"),
    (timedelta(days=60), timedelta(days=1), "day"),
    (timedelta(days=730), timedelta(days=30), "month"),
    (timedelta.max, timedelta(days=365), "year"),
)
_PARTS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def stamp(when: datetime) -> str:
    """As people read it, to the minute."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def age(when: datetime, now: datetime) -> str:
    """How long ago a moment was, or how far it is ahead."""
    apart = abs(now - when)
    if apart < timedelta(minutes=1):
        return "just now"
    return f"{span(apart)} ago" if when < now else f"in {span(apart)}"


def days_until(day: date, now: datetime) -> int:
    """In UTC; negative for a day that has gone."""
    return (day - now.astimezone(UTC).date()).days


def age_in_days(day: date, now: datetime) -> str:
    """The same for a day, which has no hours."""
    days = days_until(day, now)
    if days == 0:
        return "today"
    apart = f"{abs(days)} day{'s' if abs(days) != 1 else ''}"
    return f"in {apart}" if days > 0 else f"{apart} ago"


def span(apart: timedelta) -> str:
    """In its largest unit of which there are at least two, and in minutes at least."""
    unit, name = next((unit, name) for limit, unit, name in _UNITS if apart < limit or limit == timedelta.max)
    number = apart // unit
    return f"{number} {name}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """In its two largest units, such as ``1 d 2 h``."""
    left, told = round(seconds), list[str]()
    for size, unit in _PARTS:
        count, left = divmod(left, size)
        if count or told:
            told.append(f"{count} {unit}")
    return " ".join(part for part in told[:2] if not part.startswith("0 ")) or "0 s"
