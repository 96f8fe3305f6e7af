"""Which search in the audit log is gone on with."""

# pyright: reportMissingTypeStubs=false
# The client has its types in its code, and no marker that says so.

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgraph.generated.models.security.audit_log_query import AuditLogQuery
from msgraph.generated.models.security.audit_log_query_status import AuditLogQueryStatus
from purview_ai.m365.audit import Sought, of_today, to_go_on_with

SOUGHT = Sought("purview-ai contoso/chatgpt, 30 days,", ("ConnectedAIAppInteraction",), "ChatGPT", 30)


def job(hours: float, status: AuditLogQueryStatus, name: str = SOUGHT.name) -> AuditLogQuery:
    asked = datetime.now(UTC) - timedelta(hours=hours)
    return AuditLogQuery(display_name=f"{name} {asked:%Y-%m-%dT%H:%M:%SZ}", status=status)


def gone_on_with(*jobs: AuditLogQuery) -> AuditLogQuery | None:
    return to_go_on_with(of_today(jobs, SOUGHT))


@pytest.mark.parametrize(
    ("hours", "status", "goes_on"),
    [
        (0.5, AuditLogQueryStatus.Succeeded, True),
        (2, AuditLogQueryStatus.Succeeded, False),
        (2, AuditLogQueryStatus.Failed, False),
        (0.5, AuditLogQueryStatus.Failed, True),
        (2, AuditLogQueryStatus.Running, True),
        (2, AuditLogQueryStatus.NotStarted, True),
        (25, AuditLogQueryStatus.Running, False),
    ],
)
def test_a_search_is_gone_on_with_for_a_day_and_its_end_counts_for_an_hour(
    hours: float, status: AuditLogQueryStatus, *, goes_on: bool
) -> None:
    known = job(hours, status)
    assert gone_on_with(known) is (known if goes_on else None)


def test_the_newest_of_the_name_counts() -> None:
    old, new = job(0.9, AuditLogQueryStatus.Succeeded), job(0.1, AuditLogQueryStatus.Succeeded)
    anothers = job(0.05, AuditLogQueryStatus.Succeeded, "purview-ai contoso/claude, 30 days,")
    assert gone_on_with(old, new, anothers) is new
    assert gone_on_with(anothers) is None
