"""Searches in the audit log: jobs that a service works on in its own time, found again by their names."""

# pyright: reportMissingTypeStubs=false
# The client has its types in its code, and no marker that says so.

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from purview_ai.objects.failures import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from msgraph.generated.models.security.audit_log_query import AuditLogQuery
    from msgraph.generated.models.security.audit_log_record import AuditLogRecord
    from msgraph.graph_service_client import GraphServiceClient

    from purview_ai.m365.client import Graph

_FRESH = timedelta(hours=1)
"""For how long what a search has found is good enough."""
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


def searched(graph: Graph, sought: Sought, wait_s: float) -> Found:
    """What the newest search of this name has found; a new one is begun where none is fresh enough.

    Waits for its end for ``wait_s`` seconds at most. The same call later goes on with the same job.
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
    job = await _job_of(client, sought) or await _begun(client, sought)
    deadline = asyncio.get_running_loop().time() + wait_s
    pause = _FIRST_PAUSE_S
    while _progress(job) is Progress.GOES_ON and asyncio.get_running_loop().time() + pause < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
        job = await client.security.audit_log.queries.by_audit_log_query_id(str(job.id)).get() or job
    progress, name = _progress(job), str(job.display_name)
    return await _read(client, job, sought) if progress is Progress.ENDED else Found(progress, name)


async def _job_of(client: GraphServiceClient, sought: Sought) -> AuditLogQuery | None:
    """The newest search of this name that goes on, or ended a moment ago."""
    page = await client.security.audit_log.queries.get()
    jobs: list[AuditLogQuery] = []
    while page is not None:
        jobs += page.value or []
        following = page.odata_next_link
        page = await client.security.audit_log.queries.with_url(following).get() if following else None
    return to_go_on_with(jobs, sought)


def to_go_on_with(jobs: Sequence[AuditLogQuery], sought: Sought) -> AuditLogQuery | None:
    """The newest of these searches that is of this name, and goes on or ended a moment ago."""
    mine = [one for one in jobs if str(one.display_name).startswith(f"{sought.name} ")]
    newest = max(mine, key=lambda one: str(one.filter_end_date_time), default=None)
    if newest is None:
        return None
    asked = newest.filter_end_date_time
    recent = asked is not None and datetime.now(UTC) - _aware(asked) < _FRESH
    return newest if recent or _progress(newest) is Progress.GOES_ON else None


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
    pages = 0
    while page is not None:
        pages += 1
        of_app = (one for one in page.value or [] if _is_of(one, sought.app_identity))
        moments += [_aware(one.created_date_time) for one in of_app if one.created_date_time]
        following = page.odata_next_link if pages < _PAGES else None
        page = await records.with_url(following).get() if following else None
    newest = f"{max(moments):%Y-%m-%dT%H:%M:%SZ}" if moments else ""
    return Found(Progress.ENDED, str(job.display_name), len(moments), newest, complete=pages < _PAGES)


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
