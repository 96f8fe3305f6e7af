"""Bad days on purpose, as an HTTP client sees them."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from local_azure.weather import Effect, Forecast, Weather
from people import API_VERSIONS, AUDIENCES, PURVIEW
from waiting import until
from whole_chain import CONNECTION, GROUP, connection_body

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from local_azure.process import LocalAzure
    from people import Person

CONNECTIONS = CONNECTION.rsplit("/", 1)[0]


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(autouse=True)
def _fine_weather_afterwards(azure: LocalAzure, operator: Person) -> Iterator[None]:
    yield
    azure.fine_weather()
    operator.ask("DELETE", CONNECTION)


def put_and_be_cut(operator: Person) -> None:
    """A request whose connection is reset, not ended.

    Asked asynchronously: Python's own TLS sockets take a reset for an end.
    """

    async def ask() -> httpx.Response:
        azure = operator.azure
        token = azure.token(operator.app_id, operator.secret, AUDIENCES[PURVIEW])
        headers, params = {"authorization": f"Bearer {token}"}, {"api-version": API_VERSIONS[PURVIEW]}
        trusted = ssl.create_default_context(cafile=azure.ca)
        async with httpx.AsyncClient(proxy=azure.proxy, verify=trusted, trust_env=False) as client:
            return await client.put(CONNECTION, json=connection_body(), headers=headers, params=params)

    with pytest.raises(httpx.ReadError):
        asyncio.run(ask())


def test_latency_holds_an_answer_back(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="latency", seconds=0.3, service="purview")
    began = time.monotonic()
    assert operator.ask("GET", CONNECTIONS).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_throttling_says_how_long_to_wait(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="status", status=429, code="TooManyRequests", retry_after=7, times=2)
    # The token is asked for first, so it is what the weather meets first.
    with pytest.raises(httpx.HTTPStatusError, match="429"):
        operator.ask("GET", GROUP)
    azure.fine_weather()
    azure.weather(effect="status", status=429, code="TooManyRequests", retry_after=7, service="arm")
    answer = operator.ask("GET", GROUP)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["code"] == "TooManyRequests"
    assert operator.ask("GET", GROUP).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_leaves_nothing_done(azure: LocalAzure, operator: Person, status: int) -> None:
    azure.weather(effect="status", status=status, service="purview", method="PUT")
    answer = operator.ask("PUT", CONNECTION, json=connection_body())
    assert (answer.status_code, "retry-after" in answer.headers) == (status, False)
    assert operator.get(CONNECTIONS)["value"] == []


def test_a_connection_cut_before_the_service_saw_the_request(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="cut-before", service="purview", method="PUT")
    put_and_be_cut(operator)
    assert operator.get(CONNECTIONS)["value"] == []


def test_a_connection_cut_after_the_work_was_done(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="cut-after", service="purview", method="PUT")
    put_and_be_cut(operator)
    assert [one["name"] for one in operator.get(CONNECTIONS)["value"]] == ["contoso-vault"]


def test_a_connection_cut_in_the_middle_of_the_answer(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="cut-middle", service="purview", method="PUT")
    put_and_be_cut(operator)
    assert [one["name"] for one in operator.get(CONNECTIONS)["value"]] == ["contoso-vault"]


PUT_IT = """
import json, sys, urllib.request
url, token, body = json.load(sys.stdin)
headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT"))
"""


@contextmanager
def somebody_who_puts(operator: Person) -> Generator[subprocess.Popen[str]]:
    """A process that sends one PUT; it ends with the block."""
    token = operator.azure.token(operator.app_id, operator.secret, AUDIENCES[PURVIEW])
    network = {**os.environ, **operator.azure.network()}
    client = subprocess.Popen([sys.executable, "-c", PUT_IT], stdin=subprocess.PIPE, env=network, text=True)
    try:
        assert client.stdin is not None
        json.dump((f"{CONNECTION}?api-version={API_VERSIONS[PURVIEW]}", token, connection_body()), client.stdin)
        client.stdin.close()
        yield client
    finally:
        client.kill()
        client.wait()


@pytest.mark.parametrize(("effect", "status", "kept"), [("hang-before", 0, []), ("hang-after", 201, ["contoso-vault"])])
def test_a_request_hangs_until_its_client_is_killed(
    azure: LocalAzure, operator: Person, effect: str, status: int, kept: list[str]
) -> None:
    azure.forget_requests()
    azure.weather(effect=effect, service="purview", method="PUT")
    with somebody_who_puts(operator) as client:
        [hanging] = until(lambda: [one for one in azure.requests() if one["hangs"]], "the request that hangs")
        assert (hanging["method"], hanging["status"]) == ("PUT", status)
        assert [one["name"] for one in operator.get(CONNECTIONS)["value"]] == kept
        assert client.poll() is None
    assert operator.ask("PUT", CONNECTION, json=connection_body()).is_success


def test_a_hanging_client_gives_up_by_itself_and_hinders_nobody(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="hang-before", service="purview", method="GET")
    with pytest.raises(httpx.ReadTimeout):
        operator.ask("GET", CONNECTIONS, timeout=0.3)
    assert operator.ask("GET", CONNECTIONS).status_code == 200


def test_weather_meets_what_it_is_meant_for_and_is_over_after_its_times(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="status", status=503, service="purview", method="GET", path="/DATASOURCES", times=2)
    assert operator.ask("GET", CONNECTIONS).status_code == 200
    sources = f"{PURVIEW}/scan/datasources"
    assert [operator.ask("GET", sources).status_code for _ in range(3)] == [503, 503, 200]


def test_latency_and_an_error_can_come_together(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="latency", seconds=0.2, service="purview")
    azure.weather(effect="status", status=500, service="purview")
    began = time.monotonic()
    assert operator.ask("GET", CONNECTIONS).status_code == 500
    assert time.monotonic() - began >= 0.2


def test_weather_that_makes_no_sense_is_refused(azure: LocalAzure) -> None:
    for piece in ({"effect": "rain"}, {"effect": "latency", "second": 1}, {}):
        answer = httpx.post(f"{azure.admin_url}/weather", json=piece, trust_env=False)
        assert answer.status_code == 422
    assert httpx.get(f"{azure.admin_url}/weather", trust_env=False).json() == []


def test_a_quota_takes_a_burst_and_then_as_many_as_come_back() -> None:
    now = 0.0
    forecast = Forecast(lambda: now)
    forecast.pieces.append(Weather(effect=Effect.QUOTA, service="arm", burst=3, per_second=0.5))

    def refusals(asked: int) -> list[int | None]:
        met = [forecast.take("arm", "GET", "/x") for _ in range(asked)]
        assert all(piece.status == 429 for pieces in met for piece in pieces)
        return [piece.retry_after for pieces in met for piece in pieces]

    assert refusals(5) == [2, 2], "three were in the bucket; the next one is there in two seconds"
    assert forecast.take("graph", "GET", "/x") == []
    now = 1.0
    assert refusals(1) == [1], "half a token is none"
    now = 4.0
    assert refusals(3) == [2]
    now = 1000.0
    assert refusals(4) == [2], "the bucket holds no more than three"


def test_what_a_quota_refuses_is_429_with_retry_after_until_the_weather_is_fine(
    azure: LocalAzure, operator: Person
) -> None:
    azure.weather(effect="quota", service="arm", burst=1, per_second=0.001)
    assert operator.ask("GET", GROUP).is_success
    refused = operator.ask("GET", GROUP)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "TooManyRequests")
    assert int(refused.headers["Retry-After"]) > 60
    azure.fine_weather()
    assert operator.ask("GET", GROUP).is_success
