"""Requests at the same time, as of two stacks that share an account."""

from __future__ import annotations

import asyncio
import copy
import ssl
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from collection_requests import POLICIES, POLICY_API, policy_of
from local_azure import seed
from people import API_VERSIONS, AUDIENCES, PURVIEW, Person
from sandboxes import FOR_EVER_S, local_azure
from waiting import until
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SCAN_API,
    SOURCE,
    connection_body,
    credential_body,
    scan_body,
    source_body,
)

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

AT_ONCE = 20


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def ask_at_once(person: Person, asked: list[tuple[str, str, dict[str, str], Any]]) -> list[httpx.Response]:
    """The answers to requests that are under way together, in the order of the requests."""

    async def ask() -> list[httpx.Response]:
        azure = person.azure
        token = {"authorization": f"Bearer {azure.token(person.app_id, person.secret, AUDIENCES[PURVIEW])}"}
        trusted = ssl.create_default_context(cafile=azure.ca)
        async with httpx.AsyncClient(proxy=azure.proxy, verify=trusted, trust_env=False, timeout=30) as client:
            version = {"api-version": API_VERSIONS[PURVIEW]}
            under_way = (
                client.request(method, url, params={**version, **params}, json=body, headers=token)
                for method, url, params, body in asked
            )
            return await asyncio.gather(*under_way)

    return asyncio.run(ask())


def described(policy: dict[str, Any], words: str) -> dict[str, Any]:
    """A copy of a policy that can be told from others."""
    changed = copy.deepcopy(policy)
    changed["properties"]["description"] = words
    return changed


def test_each_write_of_a_policy_is_one_version(operator: Person) -> None:
    before = policy_of(operator, seed.COLLECTION)
    url = f"{POLICIES}/{before['id']}"
    writes = [("PUT", url, POLICY_API, described(before, f"writer {number}")) for number in range(AT_ONCE)]
    answers = [answer.json() for answer in ask_at_once(operator, writes)]
    versions = sorted(answer["version"] for answer in answers)
    assert versions == list(range(before["version"] + 1, before["version"] + 1 + AT_ONCE))
    last = max(answers, key=lambda answer: answer["version"])
    assert policy_of(operator, seed.COLLECTION) == last


def test_who_writes_a_policy_last_wins_whatever_was_read_before(azure: LocalAzure, operator: Person) -> None:
    before = policy_of(operator, seed.COLLECTION)
    url = f"{POLICIES}/{before['id']}"
    azure.weather(effect="latency", seconds=0.5, service="purview", method="PUT")
    late, early = (
        answer.json()
        for answer in ask_at_once(
            operator,
            [("PUT", url, POLICY_API, described(before, words)) for words in ("the first, and late", "the second")],
        )
    )
    if late["version"] < early["version"]:
        # The weather meets whichever arrives first.
        late, early = early, late
    assert (early["version"], late["version"]) == (before["version"] + 1, before["version"] + 2)
    assert policy_of(operator, seed.COLLECTION) == late


@pytest.mark.parametrize(("effect", "written"), [("hang-before", 1), ("hang-after", 2)])
def test_a_writer_that_hangs_hinders_no_other(azure: LocalAzure, operator: Person, effect: str, written: int) -> None:
    before = policy_of(operator, seed.COLLECTION)
    url = f"{POLICIES}/{before['id']}"
    azure.forget_requests()
    azure.weather(effect=effect, service="purview", method="PUT")
    with pytest.raises(httpx.ReadTimeout):
        operator.ask("PUT", url, params=POLICY_API, json=described(before, "hanging"), timeout=0.3)
    until(lambda: any(line["hangs"] for line in azure.requests()), "the request that hangs")
    after = operator.do("PUT", url, params=POLICY_API, json=described(before, "the other"))
    assert after["version"] == before["version"] + written
    assert policy_of(operator, seed.COLLECTION) == after


def test_of_two_that_register_one_workspace_one_is_told(operator: Person) -> None:
    body = source_body(workspace=str(uuid.uuid4()))
    names = [f"source-{number}" for number in range(AT_ONCE)]
    answers = ask_at_once(operator, [("PUT", f"{SCAN_API}/datasources/{name}", {}, body) for name in names])
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * (AT_ONCE - 1)]
    [made] = [name for name, answer in zip(names, answers, strict=True) if answer.is_success]
    operator.do("DELETE", f"{SCAN_API}/datasources/{made}")


def test_of_many_runs_at_once_one_starts(tmp_path: Path) -> None:
    with local_azure(tmp_path, pace=FOR_EVER_S) as azure, azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        for url, body in (
            (CONNECTION, connection_body()),
            (CREDENTIAL, credential_body()),
            (SOURCE, source_body()),
            (SCAN, scan_body()),
        ):
            operator.do("PUT", url, json=body)
        starts = [("POST", f"{SCAN}:run", {"runId": str(uuid.uuid4())}, None) for _ in range(AT_ONCE)]
        answers = ask_at_once(operator, starts)
        assert sorted(answer.status_code for answer in answers) == [202, *[409] * (AT_ONCE - 1)]
        assert len(operator.get(f"{SCAN}/runs")["value"]) == 1
