"""An engine that dies in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import psutil
from tenants import CHECKOUT, STACK
from waiting import until

if TYPE_CHECKING:
    from tenants import Tenant


def kill(tenant: Tenant, **moment: str) -> None:
    """Deploy, and kill the engine while one request hangs."""
    tenant.azure.weather(**moment)
    engine = subprocess.Popen(
        [
            "pulumi",
            "up",
            "--yes",
            "--skip-preview",
            "--non-interactive",
            "--config-file",
            tenant.file,
            "--stack",
            STACK,
        ],
        cwd=CHECKOUT,
        env=tenant.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(
        lambda: any(
            moment["path"] in r["path"].lower() and r["method"] == moment["method"] for r in tenant.azure.requests()
        ),
        "the moment",
    )
    # The program's host goes with its engine; a dynamic provider's process would stay behind.
    started = psutil.Process(engine.pid).children(recursive=True)
    os.killpg(engine.pid, signal.SIGKILL)
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    engine.wait()
    tenant.azure.fine_weather()
    assert not list(tenant.folder.rglob("*.attrs")), "files that the engine does not write in one go"
