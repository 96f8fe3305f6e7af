"""When the schedules of pipelines come up, of which the hosts know one form."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def moments(crons: Iterable[str]) -> Counter[tuple[str, int]]:
    """How often they come up in one week, by the name of the day and the hour."""
    lines = list(crons)
    week = [MONDAY + timedelta(minutes=minute) for minute in range(7 * 24 * 60)]
    return Counter(
        (DAYS[moment.weekday()], moment.hour) for moment in week for cron in lines if _comes_up(cron, moment)
    )


def _comes_up(cron: str, moment: datetime) -> bool:
    # Sunday is the day 0.
    now = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    return all(said == "*" or int(said) == there for said, there in zip(cron.split(), now, strict=True))
