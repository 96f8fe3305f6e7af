"""How and when a workspace is scanned, in the words of a stack file."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from purview_ai.objects.sameness import moment
from purview_ai.settings.forms import Form
from purview_ai.settings.strict import Strict

WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_OF_A_MONTH = range(1, 32)
_EVERY = re.compile(r"^([1-9]\d*) (hour|day|week|month)s?$")
_AT = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")


def _several(given: object) -> object:
    return [given] if isinstance(given, str | int) else given


def _clock(given: object) -> object:
    if not isinstance(given, str) or not _AT.match(given):
        msg = f'{given!r} is no time of the day in quotes, as in "02:00"'
        raise ValueError(msg)
    return given


def _day(given: object) -> object:
    if given in WEEK_DAYS or (isinstance(given, int) and given is not True and given in _DAYS_OF_A_MONTH):
        return given
    msg = f"{given!r} is neither a day of the week ({', '.join(WEEK_DAYS)}) nor a day of a month (1 to 31)"
    raise ValueError(msg)


Interval = Annotated[str, Form(_EVERY, "a number of hours, days, weeks or months, as in 1 day or 2 weeks")]
Clock = Annotated[str, BeforeValidator(_clock, json_schema_input_type=Annotated[str, Field(pattern=_AT.pattern)])]
Day = Annotated[
    str | int,
    BeforeValidator(_day),
    WithJsonSchema({"anyOf": [{"enum": list(WEEK_DAYS)}, {"type": "integer", "minimum": 1, "maximum": 31}]}),
]
Clocks = Annotated[tuple[Clock, ...], BeforeValidator(_several, json_schema_input_type=Clock | tuple[Clock, ...])]
Days = Annotated[tuple[Day, ...], BeforeValidator(_several, json_schema_input_type=Day | tuple[Day, ...])]
Moment = Annotated[str, AfterValidator(moment)]


class ScanSettings(Strict):
    """The scan of one workspace: when it runs by itself, how its connection is tested, and which run is wished."""

    every: Interval | None = Field(
        default=None,
        description="How often the scan runs by itself: hours, days, weeks or months. Without it, it runs when asked.",
        examples=["1 day"],
    )
    at: Annotated[tuple[Clock, ...], BeforeValidator(_several, json_schema_input_type=Clock | tuple[Clock, ...])] = (
        Field(default=(), description="At which times of the day, in the time zone.", examples=["02:00"])
    )
    days: Days = Field(
        default=(),
        description="On which days: of the week (every: 1 week) or of the month (every: 1 month).",
        examples=[["Monday", "Friday"]],
    )
    time_zone: str | None = Field(
        default=None,
        description="The time zone of the times, by a name that Purview knows; default: UTC.",
        examples=["Europe/Berlin"],
        min_length=1,
    )
    start: Moment | None = Field(
        default=None,
        description="Not before this time, in quotes and with its zone.",
        examples=["2026-12-01T00:00:00Z"],
    )
    end: Moment | None = Field(
        default=None,
        description="Not after this time, in quotes and with its zone.",
        examples=["2027-12-01T00:00:00Z"],
    )
    level: Literal["incremental", "full"] = Field(
        default="incremental",
        description="What the runs of the schedule look at: what is new (incremental) or all (full).",
    )
    enabled: StrictBool = Field(default=True, description="Whether the schedule is in force.")
    test_connection: StrictBool = Field(
        default=True, description="Whether Purview tests the connection before the scan is saved."
    )
    patience_minutes: StrictInt = Field(
        default=10,
        ge=0,
        le=60,
        description="For how many minutes a failing connection test is repeated: fresh roles take minutes to be seen.",
    )
    generation: StrictInt = Field(
        default=1, ge=1, description="Which full run is wished: the first; one higher starts another one, once."
    )
    wait_minutes: StrictInt = Field(
        default=0,
        ge=0,
        description="How many minutes up waits for the run's end. A first full run may take more than a day.",
    )

    @field_validator("at", "days", "time_zone", "start", "end")
    @classmethod
    def _only_of_a_schedule(cls, given: object, info: ValidationInfo) -> object:
        if given and "every" in info.data and info.data["every"] is None:
            msg = "it says when the scan runs by itself, which needs every, as in every: 1 day"
            raise ValueError(msg)
        return given

    @field_validator("at")
    @classmethod
    def _every_hour_with_every_minute(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        hours, minutes = {time[:2] for time in given}, {time[3:] for time in given}
        if len(set(given)) != len(hours) * len(minutes):
            msg = "Purview runs at every named hour with every named minute, so the times must share their minutes"
            raise ValueError(msg)
        return given

    @field_validator("days")
    @classmethod
    def _days_of_the_interval(cls, given: tuple[str | int, ...], info: ValidationInfo) -> tuple[str | int, ...]:
        every = str(info.data.get("every") or "")
        if any(isinstance(day, str) for day in given) and "week" not in every:
            msg = "days of the week go with every: 1 week"
            raise ValueError(msg)
        if any(isinstance(day, int) for day in given) and "month" not in every:
            msg = "days of the month go with every: 1 month"
            raise ValueError(msg)
        return given

    @field_validator("end")
    @classmethod
    def _after_its_start(cls, given: str | None, info: ValidationInfo) -> str | None:
        start = info.data.get("start")
        if given and start and given <= start:
            msg = "it is not after start"
            raise ValueError(msg)
        return given

    def longest_pause_hours(self) -> int | None:
        """The longest time between two runs of the schedule, a month taken for 31 days; None where none is in force."""
        if self.every is None or not self.enabled:
            return None
        number, _, unit = self.every.partition(" ")
        unit = unit.rstrip("s")
        if unit in ("hour", "day"):
            return int(number) * (24 if unit == "day" else 1)
        days = sorted(WEEK_DAYS.index(day) if isinstance(day, str) else day for day in self.days) or [1]
        again = days[0] + int(number) * (7 if unit == "week" else 31)
        return 24 * max(later - day for day, later in pairwise([*days, again]))

    def recurrence(self) -> dict[str, Any] | None:
        """The trigger's fields (:class:`purview_ai.datamap.wishes.TriggerWish`); None where there is no schedule."""
        if self.every is None:
            return None
        number, _, unit = self.every.partition(" ")
        return {
            "frequency": unit.rstrip("s").capitalize(),
            "interval": int(number),
            "scan_level": self.level.capitalize(),
            "enabled": self.enabled,
            "start_time": self.start or "",
            "end_time": self.end or "",
            "time_zone": self.time_zone or "",
            "hours": sorted({int(time[:2]) for time in self.at}),
            "minutes": sorted({int(time[3:]) for time in self.at}),
            "week_days": [day for day in self.days if isinstance(day, str)],
            "month_days": [day for day in self.days if isinstance(day, int)],
        }
