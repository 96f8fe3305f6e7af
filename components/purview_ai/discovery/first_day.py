"""The day since which a scan captures, and the form in which it is written; neither field nor form is published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from purview_ai.discovery.registered import ChoiceError
from purview_ai.discovery.texts import Place, dotted, texts

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y")
_DATED = re.compile(r"(?P<day>\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d|\d\d/\d\d/\d{4})(?P<rest>(?:[T ][^{}]*)?)", re.ASCII)


@dataclass(frozen=True)
class FirstDay:
    """A day that a scan carries, and how."""

    day: date
    forms: dict[Place, str]
    """By the places where it stands; each was tried and gives the very text."""
    ambiguous: bool = False
    """Whether another form would give the same text."""


def first_day_of(own: JsonObject, known: date | None) -> FirstDay | None:
    """The day in a scan's own properties, None where no text there is a date.

    Where several days are met, the ``known`` one decides; raises :class:`ChoiceError` where that does not help.
    """
    readings = {place: found for place, text in texts(own) if (found := _readings(text))}
    days = {day for found in readings.values() for day, _ in found}
    if known and known in days:
        days = {known}
    if not days:
        return None
    if len(days) > 1:
        seen = ", ".join(f"{dotted(place)}: {' or '.join(str(day) for day, _ in r)}" for place, r in readings.items())
        msg = f"the scan holds several dates ({seen}): say with --capture-since which is the first day it captures"
        raise ChoiceError(msg)
    [day] = days
    fitting = {place: [form for read, form in found if read == day] for place, found in readings.items()}
    forms = {place: found[0] for place, found in fitting.items() if found}
    return FirstDay(day, forms, ambiguous=any(len(found) > 1 for found in fitting.values()))


def _readings(text: str) -> list[tuple[date, str]]:
    """What day a text may mean, each with the form that writes exactly this text."""
    match = _DATED.fullmatch(text)
    found: list[tuple[date, str]] = []
    for form in _FORMS if match else ():
        try:
            day = datetime.strptime(match["day"], form).replace(tzinfo=UTC).date() if match else None
        except ValueError:
            continue
        whole = form + match["rest"].replace("%", "%%") if match else form
        if day and day.strftime(whole) == text:
            found.append((day, whole))
    return found
