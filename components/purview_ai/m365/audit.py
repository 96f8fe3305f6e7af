"""Searches in the audit log: jobs that a service works on in its own time, found again by their names."""

# pyright: reportMissingTypeStubs=false
# The client has its types in its code, and no marker that says so.

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from purview_ai.objects.failures import RefusedError
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from msgraph.generated.models.security.audit_log_query import AuditLogQuery
    from msgraph.generated.models.security.audit_log_record import AuditLogRecord
    from msgraph.graph_service_client import GraphServiceClient

    from purview_ai.m365.client import Graph

_FRESH = timedelta(hours=1)
"""For how long after its beginning what a search has found needs no other search."""
_GOOD = timedelta(days=1)
"""For how long it is told while another search goes on, and for how long one that goes on is waited for."""
_PAGES = 50
"""How many pages of records are read at most; a record of the app on the first of them is proof enough."""
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 15.0


class Progress(StrEnum):
    """How far a search is."""

    GOES_ON = "goes on"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class Sought:
    """What to look for."""

    name: str
    """Whose search it is; the job's own name begins with it."""
    record_types: tuple[str, ...]
    app_identity: str
    """What the AppIdentity of a record contains, in whichever letters."""
    days: int
    """How far back."""


@dataclass(frozen=True)
class Found:
    """What a search has found so far."""

    progress: Progress
    job: str
    """The job's name."""
    records: int = 0
    """How many records are the app's."""
    newest: str = ""
    """When the newest of them was made, in ISO 8601."""
    complete: bool = True
    """Whether all records were looked at."""
    asked: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The moment that the answer is of."""


def searched(graph: Graph, sought: Sought, wait_s: float) -> Found:
    """What the newest search of this name has found; a new one is begun where none is fresh enough.

    Waits for its end for ``wait_s`` seconds at most; until then, what the one before has found is told. The same call
    later goes on with the same job.
    """

    def story(client: GraphServiceClient) -> Awaitable[Found]:
        return _searched(client, sought, wait_s)

    try:
        return graph.ask(story)
    except RefusedError as refusal:
        if refusal.status != HTTPStatus.NOT_FOUND:
            raise
        # It has been in beta alone before (docs/facts.md, graph 14).
        return graph.ask(story, "beta")


async def _searched(client: GraphServiceClient, sought: Sought, wait_s: float) -> Found:
    known = of_today(await _jobs(client), sought)
    job = to_go_on_with(known) or await _begun(client, sought)
    deadline = asyncio.get_running_loop().time() + wait_s
    pause = _FIRST_PAUSE_S
    while _progress(job) is Progress.GOES_ON and asyncio.get_running_loop().time() + pause < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
        job = await client.security.audit_log.queries.by_audit_log_query_id(str(job.id)).get() or job
    ended = next((one for one in (job, *known) if _progress(one) is Progress.ENDED), None)
    return await _read(client, ended, sought) if ended else Found(_progress(job), str(job.display_name))


async def _jobs(client: GraphServiceClient) -> list[AuditLogQuery]:
    """All searches that there are, whoever asked."""
    page = await client.security.audit_log.queries.get()
    jobs: list[AuditLogQuery] = []
    while page is not None:
        jobs += page.value or []
        following = page.odata_next_link
        page = await client.security.audit_log.queries.with_url(following).get() if following else None
    return jobs


def of_today(jobs: Sequence[AuditLogQuery], sought: Sought) -> list[AuditLogQuery]:
    """Those of this name that were begun within a day, the newest first."""
    since = datetime.now(UTC) - _GOOD
    mine = [one for one in jobs if str(one.display_name).startswith(f"{sought.name} ") and _asked(one) > since]
    return sorted(mine, key=_asked, reverse=True)


def to_go_on_with(mine: Sequence[AuditLogQuery]) -> AuditLogQuery | None:
    """The newest, if it goes on or was begun a moment ago."""
    newest = next(iter(mine), None)
    if newest is None:
        return None
    recent = datetime.now(UTC) - _asked(newest) < _FRESH
    return newest if recent or _progress(newest) is Progress.GOES_ON else None


def _asked(job: AuditLogQuery) -> datetime:
    """When a search was begun, which its name has too: no record after that can be in it."""
    named = read_moment(str(job.display_name).rsplit(" ", 1)[-1])
    return _aware(job.filter_end_date_time or named or datetime.min.replace(tzinfo=UTC))


async def _begun(client: GraphServiceClient, sought: Sought) -> AuditLogQuery:
    from msgraph.generated.models.security.audit_log_query import AuditLogQuery
    from msgraph.generated.models.security.audit_log_record_type import AuditLogRecordType

    until = datetime.now(UTC)
    wanted = AuditLogQuery(
        display_name=f"{sought.name} {until:%Y-%m-%dT%H:%M:%SZ}",
        filter_start_date_time=until - timedelta(days=sought.days),
        filter_end_date_time=until,
        record_type_filters=[AuditLogRecordType(one) for one in sought.record_types],
    )
    begun = await client.security.audit_log.queries.post(wanted)
    return begun or wanted


async def _read(client: GraphServiceClient, job: AuditLogQuery, sought: Sought) -> Found:
    records = client.security.audit_log.queries.by_audit_log_query_id(str(job.id)).records
    page = await records.get()
    moments: list[datetime] = []
    following, pages = None, 0
    while page is not None:
        pages += 1
        of_app = (one for one in page.value or [] if _is_of(one, sought.app_identity))
        moments += [_aware(one.created_date_time) for one in of_app if one.created_date_time]
        following = page.odata_next_link
        page = await records.with_url(following).get() if following and pages < _PAGES else None
    newest = f"{max(moments):%Y-%m-%dT%H:%M:%SZ}" if moments else ""
    name, asked = str(job.display_name), _asked(job)
    return Found(Progress.ENDED, name, len(moments), newest, complete=following is None, asked=asked)


def _is_of(record: AuditLogRecord, app_identity: str) -> bool:
    data: dict[str, Any] = record.audit_data.additional_data if record.audit_data else {}
    # Some answers hold the record's own properties one level further down (docs/facts.md, graph 14).
    deeper = record.audit_data.dynamic_properties if record.audit_data else None
    identity = data.get("AppIdentity") or (deeper.additional_data.get("AppIdentity") if deeper else None)
    return app_identity.lower() in str(identity or "").lower()


def _progress(job: AuditLogQuery) -> Progress:
    status = str(getattr(job.status, "value", job.status) or "notStarted").lower()
    if status == "succeeded":
        return Progress.ENDED
    return Progress.FAILED if status in ("failed", "cancelled") else Progress.GOES_ON


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
