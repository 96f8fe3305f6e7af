"""The journal and the log tell what happened and no secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from local_azure import seed
from whole_chain import GROUP, SCAN, SECRET, VAULT, VAULT_URL, WholeChain

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

KEY = "canary-of-the-vendors-key"
IN_A_HEADER = "canary-in-a-header"
IN_A_QUERY = "canary-in-a-query"
IN_A_BODY = "canary-in-a-body"
IN_A_PATH = "canary-in-a-path"
IN_A_HOST = "canary-in-a-host"
FIELDS = {"service", "method", "host", "path", "status", "request_id", "agent", "caller", "error", "hangs"}


def log_of(azure: LocalAzure) -> str:
    return (Path(azure.ca).parent / "local-azure.log").read_text()


def journal_of(azure: LocalAzure) -> str:
    return str(azure.requests())


def leaks(text: str) -> set[str]:
    """The secrets that a text tells."""
    secret = (KEY, IN_A_HEADER, IN_A_QUERY, IN_A_BODY, seed.OPERATOR_SECRET, "eyJ")
    return {one for one in secret if one in text}


@pytest.fixture
def after_a_busy_day(chain: WholeChain, azure: LocalAzure) -> LocalAzure:
    """Secrets went in wherever they could: in headers, bodies, queries; through refusals and failures."""
    operator = chain.operator
    azure.set_vendor_key(KEY)
    chain.key(KEY)
    chain.credential(chain.version)
    assert chain.run()["status"] == "Succeeded"
    azure.set_vendor_key(KEY, revoked=True)
    assert chain.run()["status"] == "Failed"
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": IN_A_BODY})
    operator.ask("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": {"not": IN_A_BODY}})
    operator.ask("PUT", f"{VAULT_URL}/secrets/{SECRET}", content=f'{{"value": "{IN_A_BODY}')
    operator.ask("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": {"value": [IN_A_BODY]}})
    operator.ask("PUT", f"{VAULT}/secrets/{SECRET}", json={"properties": {"value": IN_A_BODY}, "tags": 7})
    operator.ask("GET", GROUP, params={"canary": IN_A_QUERY})
    operator.ask("GET", f"{GROUP}/{IN_A_PATH}")
    with azure.client() as client:
        client.get(GROUP, headers={"authorization": f"Bearer {IN_A_HEADER}", "cookie": IN_A_HEADER})
        with pytest.raises(httpx.ProxyError):
            client.get(f"https://{IN_A_HOST}.example/")
    azure.weather(effect="cut-after", path="/secrets/")
    with pytest.raises(httpx.TransportError):
        operator.ask("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": IN_A_BODY})
    return azure


def test_the_journal_holds_no_secret(after_a_busy_day: LocalAzure) -> None:
    journal = journal_of(after_a_busy_day)
    assert leaks(journal) == set()
    # The control: this is the journal of that very day.
    assert IN_A_PATH in journal


def test_the_log_holds_no_secret(after_a_busy_day: LocalAzure) -> None:
    log = log_of(after_a_busy_day)
    assert leaks(log) == set()
    # The control: this is the log of that very day, and it tells what it should.
    assert f"refused {IN_A_HOST}.example:443" in log


def test_a_leak_would_be_found() -> None:
    assert leaks(f"something {KEY} something") == {KEY}
    assert leaks("authorization: Bearer eyJhbGciOi") == {"eyJ"}


def test_the_journal_has_one_line_a_request_with_known_columns(chain: WholeChain, azure: LocalAzure) -> None:
    azure.forget_requests()
    chain.operator.get(SCAN)
    chain.operator.ask("GET", f"{SCAN}-not")
    lines = [line for line in azure.requests() if line["service"] != "login"]
    assert [(line["method"], line["path"], line["status"], line["error"]) for line in lines] == [
        ("GET", "/scan/datasources/chatgpt/scans/chatgpt-scan", 200, ""),
        ("GET", "/scan/datasources/chatgpt/scans/chatgpt-scan-not", 404, "ResourceNotFound"),
    ]
    assert {line["caller"] for line in lines} == {seed.OPERATOR_APP}
    assert all(set(line) == FIELDS for line in azure.requests())


def test_a_request_of_nobody_is_told_too(azure: LocalAzure, stranger: Person) -> None:
    azure.forget_requests()
    stranger.client.get(GROUP)
    [line] = azure.requests()
    assert (line["status"], line["caller"], line["error"]) == (401, "", "InvalidAuthenticationToken")


def test_an_answer_and_its_line_have_the_same_request_id(azure: LocalAzure, operator: Person) -> None:
    answer = operator.ask("GET", f"{GROUP}-not")
    line = azure.requests()[-1]
    assert answer.headers["x-ms-request-id"] == line["request_id"]
