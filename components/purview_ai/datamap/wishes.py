"""What a user may wish of each kind of object: its fields, and where they stand on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from purview_ai.datamap.policy import CollectionRole
from purview_ai.json_values import take_from
from purview_ai.naming import DATA_MAP_NAME, DATA_MAP_NAME_RULE
from purview_ai.objects.sameness import moment
from purview_ai.objects.wish import At, EmptyCounts, Manner, Wish

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject


def _data_map_name(given: str) -> str:
    if not DATA_MAP_NAME.match(given):
        msg = f"a name has {DATA_MAP_NAME_RULE}"
        raise ValueError(msg)
    return given


DataMapName = Annotated[str, AfterValidator(_data_map_name)]


def _moment_or_nothing(given: str) -> str:
    return moment(given) if given else given


Moment = Annotated[str, AfterValidator(_moment_or_nothing)]
"""A time in one form; empty: none."""


class DataMapWish(Wish):
    """What is common to all objects of a Data Map."""

    account_id: str = Field(description="The ARM id of the Purview account.", pattern=r"^/subscriptions/.+")


class KeyVaultConnectionWish(DataMapWish):
    """A vault that Purview knows."""

    name: DataMapName
    base_url: Annotated[str, At("properties", "baseUrl")] = Field(pattern=r"^https://")
    description: Annotated[str, At("properties", "description")] = ""


REFERENCE = ("properties", "typeProperties", "{secret_property}")


class CredentialWish(DataMapWish):
    """A key that Purview may use, as a reference into a vault."""

    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    description: Annotated[str, At("properties", "description")] = ""
    secret_property: str = Field(min_length=1)
    connection: Annotated[DataMapName, At(*REFERENCE, "store", "referenceName")]
    secret_name: Annotated[str, At(*REFERENCE, "secretName")] = Field(min_length=1)
    secret_version: Annotated[str, At(*REFERENCE, "secretVersion"), EmptyCounts()] = ""
    """Empty: the newest version."""


COLLECTION = ("properties", "collection")


class DataSourceWish(DataMapWish):
    """A workspace that Purview knows."""

    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    properties: Annotated[dict[str, Any], At("properties")]
    """The connector's own properties, by their wire names."""
    collection: Annotated[str, At(*COLLECTION, "referenceName")] = Field(min_length=1)
    allow_rescan: Annotated[bool, Manner()] = False
    """Whether a change may make a new data source, whose scan ingests everything again."""


class ScanWish(DataMapWish):
    """What is captured of a data source, and with which credential."""

    data_source: DataMapName
    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    properties: Annotated[dict[str, Any], At("properties")]
    """The connector's own properties, by their wire names."""
    collection: Annotated[str, At(*COLLECTION, "referenceName")] = Field(min_length=1)
    domain: Annotated[str, At("properties", "domain")] = ""
    """Empty: the account's default domain."""
    capture_since: str = ""
    """The first day to capture, which is fixed when a scan is made; the properties carry it to the service."""
    since_at: Annotated[list[list[str]], Manner()] = Field(default_factory=list[list[str]])
    """Where in the properties they do, step by step."""
    test_connection: Annotated[bool, Manner()] = True
    """Whether the connection is tested before a scan is saved."""
    patience_minutes: Annotated[int, Manner()] = Field(default=10, ge=0)
    """For how long a test that fails is repeated, while fresh roles may not be seen yet."""
    allow_rescan: Annotated[bool, Manner()] = False
    """Whether a change may make a new scan, which ingests everything again."""


class ScanLevel(StrEnum):
    """How much of a source a run looks at."""

    FULL = "Full"
    INCREMENTAL = "Incremental"


class Frequency(StrEnum):
    """The unit of a trigger's interval."""

    HOUR = "Hour"
    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"


WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _in_week_order(given: list[str]) -> list[str]:
    unknown = sorted(set(given) - set(WEEK_DAYS))
    if unknown:
        msg = f"{', '.join(unknown)}: no such day; the days are {', '.join(WEEK_DAYS)}"
        raise ValueError(msg)
    return sorted(set(given), key=WEEK_DAYS.index)


def _each_once(given: list[int]) -> list[int]:
    return sorted(set(given))


def _none_as_nothing(given: object) -> object:
    """Services answer null for an empty list."""
    return [] if given is None else given


_Numbers = Annotated[list[int], BeforeValidator(_none_as_nothing), AfterValidator(_each_once)]
TRIGGER_STATE = ("properties", "state")
_RECURRENCE = ("properties", "recurrence")
_SCHEDULE = (*_RECURRENCE, "schedule")


class TriggerWish(DataMapWish):
    """When a scan runs by itself."""

    data_source: DataMapName
    scan: DataMapName
    collection: Annotated[str, Manner()] = ""
    """Of the scan: the roles on it decide about its trigger."""
    scan_level: Annotated[ScanLevel, At("properties", "scanLevel")] = ScanLevel.INCREMENTAL
    enabled: bool = True
    """Switched by operations of its own and not by PUT."""
    frequency: Annotated[Frequency, At(*_RECURRENCE, "frequency")]
    interval: Annotated[int, At(*_RECURRENCE, "interval")] = Field(default=1, ge=1)
    start_time: Annotated[Moment, At(*_RECURRENCE, "startTime")] = ""
    end_time: Annotated[Moment, At(*_RECURRENCE, "endTime")] = ""
    time_zone: Annotated[str, At(*_RECURRENCE, "timeZone")] = ""
    hours: Annotated[_Numbers, At(*_SCHEDULE, "hours")] = Field(default_factory=list[int])
    minutes: Annotated[_Numbers, At(*_SCHEDULE, "minutes")] = Field(default_factory=list[int])
    week_days: Annotated[list[str], AfterValidator(_in_week_order), At(*_SCHEDULE, "weekDays")] = Field(
        default_factory=list[str]
    )
    month_days: Annotated[_Numbers, At(*_SCHEDULE, "monthDays")] = Field(default_factory=list[int])

    @property
    def title(self) -> str:
        """A trigger is known by its scan."""
        return f'of scan "{self.scan}"'

    def observed(self, found: JsonObject) -> Self:
        """See :meth:`Wish.observed`; whether it is enabled stands in its state."""
        enabled = take_from(found, TRIGGER_STATE) != "Disabled"
        return super().observed(found).model_copy(update={"enabled": enabled})

    @field_validator("hours")
    @classmethod
    def _hours_of_a_day(cls, given: list[int]) -> list[int]:
        return _within(given, 0, 23)

    @field_validator("minutes")
    @classmethod
    def _minutes_of_an_hour(cls, given: list[int]) -> list[int]:
        return _within(given, 0, 59)

    @field_validator("month_days")
    @classmethod
    def _days_of_a_month(cls, given: list[int]) -> list[int]:
        return _within(given, 1, 31)


def _within(given: list[int], least: int, most: int) -> list[int]:
    outside = [number for number in given if not least <= number <= most]
    if outside:
        msg = f"{outside[0]} is not within {least} and {most}"
        raise ValueError(msg)
    return given


class CollectionWish(DataMapWish):
    """A collection, which gathers data sources and scans under one set of roles."""

    name: str = Field(min_length=3, max_length=36)
    friendly_name: Annotated[str, At("friendlyName")] = ""
    description: Annotated[str, At("description")] = ""
    parent: Annotated[str, At("parentCollection", "referenceName")] = Field(min_length=1)
    """The short name of another collection, or of a domain."""


def _known_role(given: object) -> object:
    if given not in set(CollectionRole):
        known = ", ".join(CollectionRole)
        trap = " The portal's Data reader is purview-reader." if given == "data-reader" else ""
        msg = f"there is no role {given!r}; the roles are {known}.{trap}"
        raise ValueError(msg)
    return given


class CollectionRoleWish(DataMapWish):
    """One holder of one role on one collection."""

    collection: str = Field(min_length=1)
    role: Annotated[CollectionRole, BeforeValidator(_known_role)]
    principal_id: str = Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
    """The object id, which is not the application id."""
    bootstrap: Annotated[bool, Manner()] = False
    """Whether Azure's own roles may make the first administrator of the root collection."""

    @property
    def title(self) -> str:
        """A role is known by its name, its collection and its holder."""
        return f"{self.role} on {self.collection} for {self.principal_id}"


class ScanRunWish(DataMapWish):
    """A run of a scan that shall have been started."""

    data_source: DataMapName
    scan: DataMapName
    collection: Annotated[str, Manner()] = ""
    """Of the scan: the roles on it decide about its runs."""
    generation: int = Field(default=1, ge=1)
    """The first run; each other number starts another one, once."""
    level: Annotated[ScanLevel, Manner()] = ScanLevel.FULL
    release: Annotated[bool, Manner()] = False
    """A run is nobody's: it goes with its scan."""
    wait_minutes: Annotated[int, Manner()] = Field(default=0, ge=0)
    """How long the run's end is waited for; a first full run may take more than a day."""

    @property
    def title(self) -> str:
        """A run is known by its scan."""
        return f'of scan "{self.scan}"'

    @property
    def scan_path(self) -> str:
        """The scan's path."""
        return f"/datasources/{self.data_source}/scans/{self.scan}"
