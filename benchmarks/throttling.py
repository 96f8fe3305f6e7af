"""The model of throttling against the package's own client in front of a sandbox with a quota."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from local_azure.process import LocalAzure
from people import ARM
from purview_ai.clouds import cloud_named
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.objects.failures import RefusedError
from purview_ai.resource_manager.client import PURVIEW, ResourceManager
from rich.table import Table
from whole_chain import ACCOUNT

from benchmarks.scale import Bucket, Throttled, throttled

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT_ID = ACCOUNT.removeprefix(ARM)
CALL_S = 0.01
"""How long the sandbox takes for an answer, about."""
CASES = ((100, 6, Bucket(16, 16)), (100, 6, Bucket(8, 8)), (80, 4, Bucket(4, 16)), (80, 4, Bucket(16, 16)))


def asked(azure: LocalAzure, calls: int, clients: int, bucket: Bucket) -> Throttled:
    """What becomes of so many calls. The process's environment leads to the sandbox."""
    settings = AzureSettings.of(lambda _: None)
    arm = ResourceManager(cloud_named("public"), lambda: credential_of(settings))
    # Signing in, and whatever else is done once, is done.
    arm.get(ACCOUNT_ID, PURVIEW)
    azure.forget_requests()
    azure.weather(effect="quota", service="arm", burst=bucket.burst, per_second=bucket.per_s)

    def call(_: int) -> bool:
        try:
            return arm.get(ACCOUNT_ID, PURVIEW) is not None
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            return False

    try:
        begun = time.monotonic()
        with ThreadPoolExecutor(clients) as pool:
            answered = list(pool.map(call, range(calls)))
        seconds = time.monotonic() - begun
    finally:
        azure.fine_weather()
    refusals = [
        one for one in azure.requests() if one["service"] == "arm" and one["status"] == HTTPStatus.TOO_MANY_REQUESTS
    ]
    return Throttled(seconds, sum(answered), len(refusals), calls - sum(answered))


def comparison(root: Path) -> Table:
    """Calls a second, measured and as the model has them."""
    table = Table(title="Throttled calls: the client in front of a quota, and the model of it", title_justify="left")
    for column in ("burst", "a second", "clients", "calls/s", "of the model", "ratio", "refusals", "of the model"):
        table.add_column(column, justify="right")
    azure = LocalAzure.start(root, pace=0.02)
    before = dict(os.environ)
    os.environ.update({**azure.network(), **azure.deployer()})
    try:
        for calls, clients, bucket in CASES:
            fared, modelled = asked(azure, calls, clients, bucket), throttled(calls, clients, bucket, CALL_S)
            table.add_row(
                f"{bucket.burst:g}",
                f"{bucket.per_s:g}",
                str(clients),
                f"{fared.per_s:.1f}",
                f"{modelled.per_s:.1f}",
                f"{fared.per_s / modelled.per_s:.2f}",
                str(fared.refused),
                str(modelled.refused),
            )
    finally:
        os.environ.clear()
        os.environ.update(before)
        azure.stop()
    return table
