"""The plan for many tenants: its arithmetic, and its picture of throttling held against the sandbox."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from docs.pages import CHECKOUT
from people import ARM
from purview_ai.clouds import cloud_named
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.objects.failures import RefusedError
from purview_ai.resource_manager.client import PURVIEW, ResourceManager
from whole_chain import ACCOUNT

from benchmarks.scale import MEASURED, QUOTAS, Bucket, Fleet, Throttled, plan, throttled

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

BAND = 1.35
"""By what factor the sandbox may be off the model, one way or the other."""
ACCOUNT_ID = ACCOUNT.removeprefix(ARM)
BY_NAME = {operation.name: operation for operation in MEASURED}


def asked(azure: LocalAzure, calls: int, clients: int, bucket: Bucket) -> Throttled:
    """The package's own client for Azure against a quota of the sandbox: the same as the model is asked for."""
    settings = AzureSettings.of(lambda _: None)
    arm = ResourceManager(cloud_named("public"), lambda: credential_of(settings))
    # Signing in, and whatever else is done once, is done.
    assert arm.get(ACCOUNT_ID, PURVIEW)
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


@pytest.fixture
def busy_azure(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> LocalAzure:
    """A local Azure that this very process talks to."""
    for name, value in {**azure.network(), **azure.deployer()}.items():
        monkeypatch.setenv(name, value)
    return azure


def test_throttled_throughput_follows_the_quota_as_the_model_says(busy_azure: LocalAzure) -> None:
    calls, clients = 100, 6
    quick, slow = Bucket(16, 16), Bucket(8, 8)
    measured = {bucket: asked(busy_azure, calls, clients, bucket) for bucket in (quick, slow)}
    modelled = {bucket: throttled(calls, clients, bucket, 0.01) for bucket in (quick, slow)}
    for fared in (*measured.values(), *modelled.values()):
        assert (fared.answered, fared.given_up) == (calls, 0)
        assert fared.refused > 0, "the quota was felt"
    ratio = measured[quick].per_s / measured[slow].per_s
    assert 1 / BAND < ratio / (modelled[quick].per_s / modelled[slow].per_s) < BAND, (measured, modelled)


def test_a_small_bucket_is_not_used_up_while_clients_wait_whole_seconds(busy_azure: LocalAzure) -> None:
    """A token that comes back while nobody asks is lost once the bucket is full."""
    calls, clients = 80, 4
    small, wide = Bucket(4, 16), Bucket(16, 16)
    measured = {bucket: asked(busy_azure, calls, clients, bucket) for bucket in (small, wide)}
    modelled = {bucket: throttled(calls, clients, bucket, 0.01) for bucket in (small, wide)}
    ratio = measured[wide].per_s / measured[small].per_s
    expected = modelled[wide].per_s / modelled[small].per_s
    assert expected > BAND
    assert 1 / BAND < ratio / expected < BAND, (measured, modelled)


def test_too_many_clients_give_up_and_a_few_do_not(busy_azure: LocalAzure) -> None:
    bucket = Bucket(2, 2)
    for clients, give_up in ((2, False), (40, True)):
        measured = asked(busy_azure, 40, clients, bucket) if give_up else asked(busy_azure, 8, clients, bucket)
        modelled = throttled(measured.answered + measured.given_up, clients, bucket, 0.01)
        assert (measured.given_up > 0, modelled.given_up > 0) == (give_up, give_up), (measured, modelled)


def test_twice_the_tenants_take_twice_the_work_and_more_memory_helps_only_where_that_binds() -> None:
    preview = BY_NAME["preview"]
    one, two = plan(preview, Fleet()), plan(preview, Fleet(tenants=20_000))
    assert two.processor_hours == pytest.approx(2 * one.processor_hours)
    assert one.bound_by == "memory"
    assert plan(preview, Fleet(memory_mib=2 * 16_384)).per_machine_hour > one.per_machine_hour
    no_wait = plan(preview, Fleet(wait_s=0.0))
    assert no_wait.bound_by == "processor"
    assert plan(preview, Fleet(wait_s=0.0, memory_mib=2 * 16_384)).per_machine_hour == no_wait.per_machine_hour


def test_stacks_that_share_a_quota_use_more_of_it() -> None:
    refresh = BY_NAME["refresh"]
    alone, shared = plan(refresh, Fleet()), plan(refresh, Fleet(per_account=100))
    assert shared.used == pytest.approx(100 * alone.used)
    assert shared.nearest is not None
    assert shared.nearest.service == "purview"


def test_the_calls_are_those_that_the_sandbox_sees() -> None:
    """Those of the benchmarks: a preview asks five times, a refresh thirteen, a first up thirty-eight."""
    totals = {
        name: sum(count for service, count in {**one.reads}.items() if service != "sign-in") + sum(one.writes.values())
        for name, one in BY_NAME.items()
    }
    assert (totals["preview"], totals["refresh"], totals["first up"]) == (5, 13, 38)
    services = {service for one in MEASURED for service in one.reads}
    assert {quota.service for quota in QUOTAS} <= services


def test_the_page_shows_what_the_program_prints() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    [shown] = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    [command] = [line for line in page.splitlines() if line.startswith("python -m benchmarks.scale")]
    words = [sys.executable, *command.split()[1:]]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == shown
