"""The plan for many tenants: its arithmetic, and its picture of throttling held against the sandbox."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from docs.pages import CHECKOUT
from hypothesis import given
from hypothesis import strategies as st
from local_azure.weather import Effect, Weather
from purview_ai.calls import service

from benchmarks import scale
from benchmarks.operations import calls_by_service, kept_kib, operations
from benchmarks.scale import MEASURED, QUOTAS, Bucket, Fleet, Level, main, plan, throttled
from benchmarks.throttling import asked

if TYPE_CHECKING:
    from collections import Counter

    from local_azure.process import LocalAzure
    from tenants import Tenant

BY_NAME = {operation.name: operation for operation in MEASURED}


@pytest.fixture
def busy_azure(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> LocalAzure:
    """A local Azure that this very process talks to."""
    for name, value in {**azure.network(), **azure.deployer()}.items():
        monkeypatch.setenv(name, value)
    return azure


@given(
    burst=st.integers(1, 40),
    per_second=st.floats(0.1, 40),
    pauses=st.lists(st.floats(0, 4), min_size=1, max_size=60),
)
def test_the_models_quota_refuses_what_the_sandboxs_refuses(burst: int, per_second: float, pauses: list[float]) -> None:
    """Whatever the moments: the same calls, and the same Retry-After."""
    level = Level(Bucket(burst, per_second))
    weather = Weather(effect=Effect.QUOTA, burst=burst, per_second=per_second)
    for now in accumulate(pauses):
        refusal = weather.take_token(now)
        assert level.wait_s(now) == (refusal.retry_after if refusal else 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cores", "0"], "--cores: 0 gives no plan; say a number, more than 0"),
        (["--wait-s", "-1"], "--wait-s: -1 gives no plan; say a number, 0 or more"),
        (["--hours", "nan"], "--hours: nan gives no plan"),
        (["--busy", "70"], "--busy: 70 is more than a machine has; say a share, up to 1"),
    ],
)
def test_a_fleet_that_cannot_be_is_refused(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["scale", *words])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert told in capsys.readouterr().err


def test_a_quota_is_used_up_by_any_number_of_clients_but_not_a_bucket_smaller_than_a_second_of_it() -> None:
    """A token that comes back while nobody asks is lost once the bucket is full."""
    quick, slow, small = Bucket(16, 16), Bucket(8, 8), Bucket(4, 16)
    rate = {bucket: throttled(400, 6, bucket, 0.01).per_s for bucket in (quick, slow, small)}
    assert rate[quick] == pytest.approx(16, rel=0.15)
    assert rate[slow] == pytest.approx(8, rel=0.15)
    assert rate[small] < 0.7 * rate[quick]


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
    refresh = BY_NAME["refresh, only shown"]
    alone, shared = plan(refresh, Fleet()), plan(refresh, Fleet(per_account=100))
    assert shared.used == pytest.approx(100 * alone.used)
    assert shared.nearest is not None
    assert shared.nearest.service == "purview"


def test_an_application_of_many_tenants_is_bound_by_what_its_calls_cost() -> None:
    """Graph counts an application's requests everywhere, and in identity what they cost: the latter comes first."""
    dear, cheap = (
        plan(BY_NAME["preview"], Fleet(per_app=10_000)),
        plan(BY_NAME["preview"], Fleet(per_app=10_000, graph_units=0.5)),
    )
    assert dear.nearest is not None
    assert (dear.nearest.name, dear.used) == (
        "Graph, identity, one app in all Entra tenants",
        pytest.approx(4 * 5 * 10_000 / (8 * 3600) / 7_500),
    )
    assert cheap.nearest is not None
    assert cheap.nearest.name == "Graph, one app in all Entra tenants"


def test_calls_and_state_are_those_of_a_tenant_on_the_sandbox(tenant: Tenant) -> None:
    """What the plan multiplies is seen here: each service's calls, and what a deployment leaves in the backend."""
    seen: dict[str, tuple[Counter[str], Counter[str]]] = {}
    kept: dict[str, float] = {}
    first = {"first up": lambda: tenant.up().must_succeed()}
    for name, command in {**first, **operations(tenant)}.items():
        tenant.azure.forget_requests()
        _, before = kept_kib(tenant)
        command()
        _, after = kept_kib(tenant)
        seen[name], kept[name] = calls_by_service(tenant.azure), after - before
    assert seen.keys() == BY_NAME.keys()
    for name, (reads, writes) in seen.items():
        one = BY_NAME[name]
        # How often plugins sign in depends on which of them is first.
        assert reads.pop("sign-in") == pytest.approx(one.reads["sign-in"], abs=4)
        assert (reads, writes) == ({k: n for k, n in one.reads.items() if k != "sign-in"}, one.writes), name
        assert kept[name] == pytest.approx(one.kept_kib, rel=0.05), name
    state, _ = kept_kib(tenant)
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    [(of_state, of_each)] = re.findall(r"tenants . \((\d+) \+ (\d+) . u . d\) KiB", page)
    assert (float(of_state), float(of_each)) == pytest.approx((state, kept["up, no change"]), rel=0.05)


def test_each_quota_is_of_a_service_that_is_called_and_tries_are_the_clients() -> None:
    assert {quota.service for quota in QUOTAS} <= {service for one in MEASURED for service in one.reads}
    assert scale.TRIES == service.TRIES


def test_the_page_shows_what_the_program_prints() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    [shown] = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    [command] = [line for line in page.splitlines() if line.startswith("python -m benchmarks.scale")]
    words = [sys.executable, *command.split()[1:]]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == shown
