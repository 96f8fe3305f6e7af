"""Services that are busy: waited for where they ask for a moment, told where they ask for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command_line import said
from deployed import deployed_tenant
from inspection.estates import ago

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from people import Person
    from tenants import Tenant

GOOD, _, _, UNKNOWN = range(4)
SERVICES = ("arm", "purview", "graph")
COMMANDS = {
    "scan list": ("scan", "list", "--json"),
    "scan run": ("scan", "run", "--json"),
    "drift": ("drift", "--json"),
    "verify": ("verify", "--json"),
    "preflight": ("preflight", "--json"),
}


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[tuple[Tenant, Person]]:
    """A tenant whose audit log has a record."""
    del pulumi_home
    with deployed_tenant(tmp_path_factory.mktemp("busy"), ("user01@contoso.example", ago(hours=2))) as found:
        yield found


@pytest.fixture
def tenant(used: tuple[Tenant, Person]) -> Iterator[Tenant]:
    """The tenant; the weather is fine again afterwards, and no run goes on."""
    tenant, operator = used
    yield tenant
    tenant.azure.fine_weather()
    operator.run_of()


def busy(tenant: Tenant, times: int, retry_after_s: int) -> None:
    """Each service refuses so many requests."""
    for service in SERVICES:
        refusal = {"effect": "status", "status": 429, "code": "TooManyRequests", "retry_after": retry_after_s}
        tenant.azure.weather(**refusal, service=service, times=times)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_moment_is_waited_for(tenant: Tenant, command: str) -> None:
    busy(tenant, times=2, retry_after_s=1)
    told = said(tenant, *COMMANDS[command])
    assert told.code == GOOD, told.out + told.err


@pytest.mark.parametrize("command", ["scan list", "scan run"])
def test_more_than_a_moment_ends_a_command_and_says_why(tenant: Tenant, command: str) -> None:
    busy(tenant, times=999, retry_after_s=600)
    told = said(tenant, *COMMANDS[command])
    assert (told.code, told.out) == (UNKNOWN, "")
    assert "TooManyRequests" in told.err
    assert "run the command again in 10 minutes" in told.err


@pytest.mark.parametrize("command", ["verify", "drift"])
def test_what_a_busy_service_knows_is_unknown_and_nothing_is_broken(tenant: Tenant, command: str) -> None:
    busy(tenant, times=999, retry_after_s=600)
    told = said(tenant, *COMMANDS[command], "--patience", "20")
    assert told.code == UNKNOWN, told.out
    assert "TooManyRequests" in told.out
    assert "failed" not in told.out


def test_a_report_of_a_busy_tenant_says_what_is_not_known(tenant: Tenant, tmp_path: Path) -> None:
    busy(tenant, times=999, retry_after_s=600)
    told = said(tenant, "report", "--patience", "20", "--search", "0", "--out", str(tmp_path))
    assert told.code == GOOD, told.err
    assert "TooManyRequests" in (tmp_path / "sandbox.html").read_text()
