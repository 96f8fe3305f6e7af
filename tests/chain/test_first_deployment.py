"""From an empty sandbox to the first finished run, and the quiet afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

NO_CHANGE_READS = 5
"""At most so many requests, tokens not counted, tell a preview that nothing changes."""


def test_one_up_leads_to_a_finished_run_and_a_second_one_does_nothing(tenant: Tenant, operator: Person) -> None:
    first = tenant.up().must_succeed()
    assert set(first.steps.values()) == {"create"}

    run = operator.run_of()
    assert run["status"] == "Succeeded"
    assert run["scanLevelType"] == "Full"
    assets = run["discoveryExecutionDetails"]["statistics"]["assets"]
    assert assets["classified"] == seed.INTERACTIONS
    assert assets["discovered"] == seed.INTERACTIONS + 1

    # Progress is not state: what follows sees a finished run where there was a started one.
    tenant.azure.forget_requests()
    preview = tenant.preview("--expect-no-changes").must_succeed()
    assert preview.steps == {}
    assert tenant.writes() == []
    assert len(tenant.reads()) <= NO_CHANGE_READS, tenant.reads()

    assert tenant.up("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert tenant.writes() == []


@pytest.mark.parametrize(("service", "method"), [("graph", "POST"), ("arm", "PUT")])
def test_the_first_run_waits_for_grants_and_roles_however_slow_they_are(
    tenant: Tenant, operator: Person, service: str, method: str
) -> None:
    path = {"graph": "approleassignedto", "arm": "roleassignments"}[service]
    tenant.azure.weather(effect="latency", service=service, method=method, path=path, seconds=4, times=10)
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"


def test_the_first_up_asks_no_more_than_it_must(tenant: Tenant) -> None:
    tenant.up().must_succeed()
    ours = [r for r in tenant.azure.requests() if r["agent"].startswith("purview-ai")]
    writes = [r for r in ours if r["method"] not in ("GET", "HEAD")]
    of_the_secret = [r["method"] for r in ours if r["path"].endswith("/secrets/chatgpt-compliance-key")]
    # The check looks, the program looks before it writes, and the provider reads what it records.
    assert of_the_secret == ["GET", "GET", "PUT", "GET"]
    # Both grants, connection, credential, data source, test, scan, trigger, run.
    assert len(writes) - 1 == 9
    assert len(ours) - len(writes) - 3 <= 9


def test_capture_since_decides_what_the_run_finds(tenant: Tenant, operator: Person) -> None:
    tenant.change({"sources.chatgpt.capture_since": "2026-06-01"})
    tenant.up().must_succeed()
    scan = operator.get("https://contoso-purview.purview.azure.com/scan/datasources/chatgpt/scans/chatgpt-scan")
    assert scan["properties"]["firstLight"] == "2026-06-01T00:00:00Z"
    counted = operator.run_of()["discoveryExecutionDetails"]["statistics"]["assets"]["classified"]
    assert 0 < counted < seed.INTERACTIONS
