"""``…/triggers/default``: when a scan shall run by itself (docs/facts.md, purview 2.5).

A trigger is kept and told as the service does it. It starts no run here: nothing happens unasked in a sandbox.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local_azure.call import Answer, Call, JsonObject, Operation, part
from local_azure.errors import ServiceError
from local_azure.purview.accounts import READING, SOURCE_ADMIN, PurviewAccount, require_role
from local_azure.purview.objects import DataMapObject, Trigger
from local_azure.purview.scan import (
    DELETE_WITHOUT_BODY_SINCE,
    api_version,
    collection_of,
    existing,
    path_of,
    trigger_of,
)

READ_ONLY = ("createdAt", "lastModifiedAt", "lastScheduled", "scanId")
"""What only the service writes; a client that sends back what it got is not refused for it."""
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


def in_utc(text: str) -> str:
    """A time as the service tells it: in UTC, without zeros at its end."""
    try:
        sent = datetime.fromisoformat(text)
        moment = sent.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = "it is no time"
        raise ValueError(msg) from None
    if sent.tzinfo is None:
        msg = "its offset from UTC is missing"
        raise ValueError(msg)
    fraction = f".{moment:%f}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _by_number(values: list[int]) -> list[int]:
    return sorted(values)


def _by_day(values: list[Day]) -> list[Day]:
    return sorted(values, key=get_args(Day).index)


Moment = Annotated[str, AfterValidator(in_utc)]


class _Described(BaseModel):
    """A part of a trigger, with the names and values that its description has."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True)


class Occurrence(_Described):
    """A day of a month: the second Wednesday."""

    day: Day
    occurrence: int = Field(ge=1, le=5)


class Schedule(_Described):
    """When, within the interval."""

    minutes: Annotated[list[Annotated[int, Field(ge=0, le=59)]], AfterValidator(_by_number)] | None = None
    hours: Annotated[list[Annotated[int, Field(ge=0, le=23)]], AfterValidator(_by_number)] | None = None
    week_days: Annotated[list[Day], AfterValidator(_by_day)] | None = None
    month_days: Annotated[list[Annotated[int, Field(ge=1, le=31)]], AfterValidator(_by_number)] | None = None
    monthly_occurrences: list[Occurrence] | None = None


class Recurrence(_Described):
    """How often."""

    frequency: Literal["Week", "Month", "Day", "Hour"]
    interval: int = Field(ge=1, lt=2**31)
    start_time: Moment | None = None
    end_time: Moment | None = None
    time_zone: str | None = None
    schedule: Schedule | None = None


class Properties(_Described):
    """What a client may say of a trigger."""

    recurrence: Recurrence
    recurrence_interval: str | None = None
    state: Literal["Enabled", "Disabled"] = "Enabled"
    scan_level: Literal["Full", "Incremental"] = "Incremental"
    incremental_scan_start_time: Moment | None = None

    def told(self) -> JsonObject:
        """In the service's words: what was not sent is left out, but for what its examples show as null."""
        told: JsonObject = {"recurrenceInterval": None, **self.model_dump(by_alias=True, exclude_none=True)}
        if self.recurrence.schedule is not None:
            told["recurrence"]["schedule"] = self.recurrence.schedule.model_dump(by_alias=True)
        return told


def _scan_of(call: Call, *, write: bool = False) -> tuple[PurviewAccount, DataMapObject]:
    """The account and the scan of a request whose caller may do this to it."""
    account = require_role(call, (SOURCE_ADMIN,) if write else READING)
    if not account.circumstances.takes_triggers:
        raise ServiceError(400, "OperationNotSupported", "Triggers are not supported for scans of this data source.")
    scan = existing(call, account, path_of(call))
    if write:
        require_role(call, (SOURCE_ADMIN,), collection_of(scan.body))
    return account, scan


def _existing(call: Call, account: PurviewAccount, scan: DataMapObject) -> Trigger:
    found = trigger_of(call, account, scan.path)
    if found is None:
        raise ServiceError(404, "ResourceNotFound", f"{scan.path}/triggers/default was not found.")
    return found


def _shown(trigger: Trigger) -> JsonObject:
    stamps = {
        "createdAt": trigger.created,
        "lastModifiedAt": trigger.modified,
        "lastScheduled": None,
        "scanId": trigger.scan_id,
    }
    shown = {"name": "default", "id": f"{trigger.scan}/triggers/default", "properties": trigger.properties | stamps}
    schedule = part(trigger.properties, "recurrence", "schedule")
    days = schedule.get("monthDays") or schedule.get("monthlyOccurrences")
    if part(trigger.properties, "recurrence").get("frequency") == "Month" and not days:
        # The description's example of a trigger that was taken although it cannot work.
        shown["validationErrorInfo"] = "Trigger is invalid: monthDays or monthlyOccurrences is required."
    return shown


def _checked(call: Call, given: JsonObject) -> JsonObject:
    sent = {name: value for name, value in given.items() if name not in READ_ONLY}
    rules = call.azure.rules
    try:
        told = Properties.model_validate(sent).told()
    except ValidationError as error:
        if rules.on("trigger-values"):
            raise _refusal(error) from None
        told = sent
    return told if rules.on("normal-form") else sent


def _refusal(error: ValidationError) -> ServiceError:
    first = error.errors(include_input=False, include_url=False)[0]
    *above, last = [str(step) for step in first["loc"]]
    if first["type"] == "extra_forbidden":
        says = f"Could not find member '{last}' on the trigger."
    else:
        says = f"The value of 'properties.{'.'.join([*above, last])}' is not valid: {first['msg']}."
    return ServiceError(400, "InvalidInput", says)


def get_trigger(call: Call) -> Answer:
    """``GET``: 404 where the scan has none."""
    api_version(call)
    return Answer(200, _shown(_existing(call, *_scan_of(call))))


def put_trigger(call: Call) -> Answer:
    """``PUT``: create or replace, with the state that is sent (described as Enabled by default)."""
    api_version(call)
    account, scan = _scan_of(call, write=True)
    properties = _checked(call, part(call.body, "properties"))
    before, now = trigger_of(call, account, scan.path), call.azure.now()
    trigger = Trigger(
        account=account.name,
        scan=scan.path,
        scan_id=str(scan.body.get("scanId", "")),
        properties=properties,
        created=before.created if before else now,
        modified=now,
    )
    call.azure.store.put(trigger)
    return Answer(200 if before else 201, _shown(trigger))


def delete_trigger(call: Call) -> Answer:
    """``DELETE``."""
    version = api_version(call)
    trigger = _existing(call, *_scan_of(call, write=True))
    call.azure.store.delete(trigger)
    return Answer(204) if version >= DELETE_WITHOUT_BODY_SINCE else Answer(200, _shown(trigger))


def _set_state(call: Call, state: str) -> Answer:
    api_version(call)
    trigger = _existing(call, *_scan_of(call, write=True))
    trigger.properties = trigger.properties | {"state": state}
    trigger.modified = call.azure.now()
    call.azure.store.put(trigger)
    return Answer(200, _shown(trigger))


def enable(call: Call) -> Answer:
    """``POST …:enable``."""
    return _set_state(call, "Enabled")


def disable(call: Call) -> Answer:
    """``POST …:disable``."""
    return _set_state(call, "Disabled")


_TRIGGER = "/scan/datasources/{source}/scans/{scan}/triggers/default"
OPERATIONS = [
    Operation("GET", _TRIGGER, get_trigger),
    Operation("PUT", _TRIGGER, put_trigger),
    Operation("DELETE", _TRIGGER, delete_trigger),
    Operation("POST", _TRIGGER + ":enable", enable),
    Operation("POST", _TRIGGER + ":disable", disable),
]
