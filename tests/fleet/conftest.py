"""Three tenants for a module's tests; and a program in the place of the engine, which does what no real one does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from fleet.fleets import ONE, THREE, TWO, Fleet
from local_azure.audit_log import AuditCircumstances
from local_azure.process import LocalAzure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def three_tenants(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[Fleet]:
    """Deployed, each with a key that opens its workspace, and with records; the first one is the canary."""
    del pulumi_home
    folder = tmp_path_factory.mktemp("fleet")
    azure = LocalAzure.start(folder / "azure", pace=0.02)
    try:
        azure.set_audit(AuditCircumstances(dated_by="ingestion"))
        fleet = Fleet.of(folder, azure, 3)
        fleet.change(ONE, {"tags": {"wave": "canary"}})
        for stack in (ONE, TWO, THREE):
            fleet.give_key(stack)
        assert fleet.told("up", "--all", "--yes").code == 0
        yield fleet
    finally:
        azure.stop()


@pytest.fixture
def fleet(three_tenants: Fleet) -> Iterator[Fleet]:
    """They, in fine weather."""
    yield three_tenants
    three_tenants.azure.fine_weather()


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What is found as pulumi."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    def put(text: str) -> None:
        program.write_text(text)
        program.chmod(0o755)

    return put
