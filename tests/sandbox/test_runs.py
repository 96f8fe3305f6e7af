"""Cause and effect: what a run of a scan needs, and what it says where a link is missing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import Person
from sandboxes import FOR_EVER_S, local_azure
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    PROCESS_CONVERSATIONS,
    SCAN,
    SCAN_API,
    SCAN_PATH,
    SECRET,
    SOURCE,
    USER_READ_ALL,
    VAULT,
    VAULT_URL,
    WholeChain,
    connection_body,
    policy_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Person]:
    """Somebody with a whole chain, whose runs go on for longer than any test."""
    with local_azure(tmp_path / "slow", pace=FOR_EVER_S) as azure, azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        WholeChain(operator).build()
        yield operator


def assets(run: dict[str, Any]) -> tuple[int, int, int]:
    """How many were discovered, classified, and taken in."""
    found = run["discoveryExecutionDetails"]["statistics"]["assets"]
    taken = run["ingestionExecutionDetails"]["statistics"]["assets"]
    return found["discovered"], found["classified"], taken["succeeded"]


def start(person: Person, run_id: str, **more: Any) -> httpx.Response:
    return person.ask("POST", f"{SCAN}:run", params={"runId": run_id, "scanLevel": "Full"}, **more)


def test_a_complete_chain_takes_in_the_workspaces_conversations(chain: WholeChain) -> None:
    run = chain.run()
    assert run["status"] == "Succeeded"
    assert assets(run) == (seed.INTERACTIONS + 1, seed.INTERACTIONS, seed.INTERACTIONS + 1)
    assert run["errorMessage"] is None
    assert run["startTime"] < run["endTime"]


def test_a_run_takes_in_what_was_said_since_the_scans_date(chain: WholeChain, azure: LocalAzure) -> None:
    chain.scan("2026-06-01T00:00:00Z")
    _, later, _ = assets(chain.run())
    assert 0 < later < seed.INTERACTIONS

    said = [
        {"id": f"new-{number}", "user": "new@contoso.example", "created": f"2026-0{number}-02T00:00:00Z"}
        for number in (4, 5, 6, 7)
    ]
    url = f"{azure.admin_url}/vendor/workspaces/{seed.WORKSPACE}/conversations"
    httpx.post(url, json=said, trust_env=False).raise_for_status()
    assert assets(chain.run())[1] == later + 2

    chain.scan("2090-01-01T00:00:00Z")
    assert assets(chain.run())[1] == 0


def test_without_the_purview_app_role_a_run_fails_and_names_it(chain: WholeChain) -> None:
    chain.operator.do("DELETE", chain.granted(seed.PURVIEW_API))
    value = "Purview.ProcessConversationMessages.All"
    assert chain.reason_of_failure() == f"The identity of account {seed.ACCOUNT} lacks the app role {value}."
    chain.grant(seed.PURVIEW_API, PROCESS_CONVERSATIONS)
    assert chain.run()["status"] == "Succeeded"


def test_without_the_graph_app_role_a_run_fails_and_names_it(chain: WholeChain) -> None:
    chain.operator.do("DELETE", chain.granted(seed.GRAPH))
    assert chain.reason_of_failure() == f"The identity of account {seed.ACCOUNT} lacks the app role User.Read.All."
    chain.grant(seed.GRAPH, USER_READ_ALL)
    assert chain.run()["status"] == "Succeeded"


def test_a_fresh_app_role_helps_once_it_has_propagated(chain: WholeChain, azure: LocalAzure) -> None:
    chain.operator.do("DELETE", chain.granted(seed.GRAPH))
    azure.weather(effect="slow-propagation", checks=1)
    chain.grant(seed.GRAPH, USER_READ_ALL)
    assert "User.Read.All" in chain.reason_of_failure()
    assert chain.run()["status"] == "Succeeded"


def test_without_a_vault_role_the_key_cannot_be_read(operator: Person) -> None:
    chain = WholeChain(operator).build()
    [held] = [
        one
        for one in operator.get(f"{VAULT}/providers/Microsoft.Authorization/roleAssignments")["value"]
        if one["properties"]["principalId"] == seed.PURVIEW_IDENTITY
    ]
    operator.do("DELETE", f"https://management.azure.com{held['id']}")
    reason = chain.reason_of_failure()
    who = f"The identity of account {seed.ACCOUNT} could not read secret '{SECRET}' of {VAULT_URL}/ (ForbiddenByRbac)"
    assert reason.startswith(who)
    assert seed.PURVIEW_IDENTITY in reason
    chain.vault_role()
    assert chain.run()["status"] == "Succeeded"


def test_in_an_older_vault_the_run_needs_an_access_policy(chain: WholeChain) -> None:
    chain.vault(enableRbacAuthorization=False)
    assert "(ForbiddenByPolicy)" in chain.reason_of_failure()
    chain.vault(enableRbacAuthorization=False, accessPolicies=[policy_for(seed.PURVIEW_IDENTITY, "get", "list")])
    assert chain.run()["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("network", "inner"),
    [
        pytest.param(
            {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}, "ForbiddenByFirewall", id="firewall"
        ),
        pytest.param(
            {"networkAcls": {"bypass": "None"}, "publicNetworkAccess": "Disabled"},
            "ForbiddenByConnection",
            id="private",
        ),
    ],
)
def test_a_closed_vault_lets_purview_in_as_a_trusted_service_only(
    chain: WholeChain, network: dict[str, Any], inner: str
) -> None:
    chain.vault(**network)
    assert f"({inner})" in chain.reason_of_failure()
    network["networkAcls"]["bypass"] = "AzureServices"
    chain.vault(**network)
    assert chain.run()["status"] == "Succeeded"


def test_the_callers_own_address_on_the_list_does_not_let_purview_in(chain: WholeChain) -> None:
    addresses = [{"value": "20.0.113.7/32"}]
    chain.vault(networkAcls={"bypass": "None", "defaultAction": "Deny", "ipRules": addresses})
    assert chain.operator.ask("GET", f"{VAULT_URL}/secrets").status_code == 200
    assert "(ForbiddenByFirewall)" in chain.reason_of_failure()


def test_a_disabled_version_stops_the_run(chain: WholeChain) -> None:
    version = f"{VAULT_URL}/secrets/{SECRET}/{chain.version}"
    chain.operator.do("PATCH", version, json={"attributes": {"enabled": False}})
    assert "(SecretDisabled)" in chain.reason_of_failure()
    chain.operator.do("PATCH", version, json={"attributes": {"enabled": True}})
    assert chain.run()["status"] == "Succeeded"


def test_a_version_that_does_not_exist_stops_the_run(chain: WholeChain) -> None:
    chain.credential("0" * 32)
    reason = chain.reason_of_failure()
    assert "(SecretNotFound)" in reason
    assert "0" * 32 in reason


def test_a_credential_without_a_version_follows_the_newest_key(chain: WholeChain, azure: LocalAzure) -> None:
    chain.credential("")
    chain.key(seed.ROTATED_VENDOR_KEY)
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert chain.run()["status"] == "Succeeded"


def test_a_credential_with_a_version_keeps_to_the_old_key(chain: WholeChain, azure: LocalAzure) -> None:
    chain.key(seed.ROTATED_VENDOR_KEY)
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert "key was rejected by api.chatgpt.com" in chain.reason_of_failure()
    chain.credential(chain.version)
    assert chain.run()["status"] == "Succeeded"


def test_a_deleted_secret_or_vault_stops_the_run(chain: WholeChain) -> None:
    chain.operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    assert "(SecretNotFound)" in chain.reason_of_failure()
    chain.operator.do("DELETE", VAULT)
    assert chain.reason_of_failure() == f"The key vault {VAULT_URL}/ does not exist."


def test_a_connection_to_another_vault_stops_the_run(chain: WholeChain) -> None:
    elsewhere = "https://kv-elsewhere.vault.azure.net/"
    chain.operator.do("PUT", CONNECTION, json=connection_body(elsewhere))
    assert chain.reason_of_failure() == f"The key vault {elsewhere} does not exist."


def test_a_revoked_key_is_the_vendors_refusal(chain: WholeChain, azure: LocalAzure) -> None:
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    reason = chain.reason_of_failure()
    assert reason.startswith(f"The key was rejected by api.chatgpt.com for workspace {seed.WORKSPACE}: 401")
    azure.set_vendor_key(seed.VENDOR_KEY)
    assert chain.run()["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("workspace", "status"),
    [pytest.param(seed.OTHER_WORKSPACE, 403, id="of-others"), pytest.param(seed.TENANT, 404, id="of-nobody")],
)
def test_another_workspace_is_the_vendors_refusal(chain: WholeChain, workspace: str, status: int) -> None:
    chain.source(workspace)
    reason = chain.reason_of_failure()
    assert reason.startswith(f"The key was rejected by api.chatgpt.com for workspace {workspace}: {status}")


def test_no_reason_of_a_failure_tells_the_key(chain: WholeChain, azure: LocalAzure) -> None:
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    run = chain.run()
    assert run["status"] == "Failed"
    assert seed.VENDOR_KEY not in str(run)


def test_a_run_is_followed_through_its_states_and_can_be_cancelled(slow: Person) -> None:
    run_id = str(uuid.uuid4())
    started = start(slow, run_id)
    assert started.status_code == 202
    where = started.headers["operation-location"]
    assert where == f"{SCAN}/runs/{run_id}"
    assert slow.get(where)["status"] == "Accepted"
    assert slow.ask("POST", f"{where}:cancel").status_code == 202
    ended = slow.get(where)
    assert (ended["status"], ended["endTime"] is not None) == ("Canceled", True)
    assert ended["discoveryExecutionDetails"]["status"] == "Cancelled"
    assert start(slow, str(uuid.uuid4())).status_code == 202


def test_a_run_may_take_its_time_to_be_cancelled(tmp_path: Path) -> None:
    run_id = str(uuid.uuid4())
    with local_azure(tmp_path, pace=FOR_EVER_S) as azure, azure.client() as client:
        azure.set_circumstances(Circumstances(cancels_at_once=False))
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        WholeChain(operator).build()
        start(operator, run_id)
        for _ in range(2):
            operator.do("POST", f"{SCAN}/runs/{run_id}:cancel")
        run = operator.get(f"{SCAN}/runs/{run_id}")
        assert (run["status"], run["endTime"]) == ("Accepted", None)
        assert run["ingestionExecutionDetails"]["status"] == "Canceling"
        assert refused(operator.ask("DELETE", SCAN), 409, "ResourceInUse")
    # The next one goes on with it, in less than for ever.
    with local_azure(tmp_path) as azure, azure.client() as client:
        ended = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET).run_of()
        assert (ended["status"], ended["ingestionExecutionDetails"]["status"]) == ("Canceled", "Canceled")


def test_while_a_run_goes_on_no_other_one_starts(slow: Person) -> None:
    run_id = str(uuid.uuid4())
    start(slow, run_id)
    assert "active run" in refused(start(slow, str(uuid.uuid4())), 409, "ScanHistory_ActiveRunExist")
    # The same id is the same run: a repeated request starts nothing.
    assert start(slow, run_id).status_code == 202
    assert [run["id"] for run in slow.get(f"{SCAN}/runs")["value"]] == [run_id]


def test_a_scan_with_an_active_run_cannot_be_deleted(slow: Person) -> None:
    run_id = str(uuid.uuid4())
    start(slow, run_id)
    assert run_id in refused(slow.ask("DELETE", SCAN), 409, "ResourceInUse")
    slow.do("POST", f"{SCAN}/runs/{run_id}:cancel")
    assert slow.ask("DELETE", SCAN).status_code == 204


def test_a_run_id_must_be_a_guid(chain: WholeChain) -> None:
    assert refused(start(chain.operator, "first-run"), 500, "UnknownError") == "Unknown error"


@pytest.mark.parametrize(
    ("method", "path", "version"),
    [
        ("PUT", f"/runs/{uuid.uuid4()}", "2022-07-01-preview"),
        ("POST", "/run", "2018-12-01-preview"),
        ("POST", f":run?runId={uuid.uuid4()}", "2023-09-01"),
    ],
    ids=["by-put", "by-the-portal", "by-post"],
)
def test_a_run_is_started_in_each_of_the_ways_that_were_seen(
    chain: WholeChain, method: str, path: str, version: str
) -> None:
    url, _, query = f"{SCAN}{path}".partition("?")
    params = dict([query.split("=")] if query else [])
    answer = chain.operator.ask(method, url, params={"api-version": version, **params}, json={"scanLevel": "Full"})
    assert answer.status_code == 202
    run = chain.operator.run_of(SCAN_PATH)
    assert (run["status"], run["scanLevelType"]) == ("Succeeded", "Full")


def test_a_run_without_a_level_is_incremental(chain: WholeChain) -> None:
    answer = chain.operator.ask("POST", f"{SCAN}:run", params={"runId": str(uuid.uuid4())})
    assert answer.json()["scanLevelType"] == "Incremental"


def test_a_run_that_nobody_started_is_not_found(chain: WholeChain) -> None:
    assert refused(chain.operator.ask("GET", f"{SCAN}/runs/{uuid.uuid4()}"), 404, "ResourceNotFound")
    missing = f"{SCAN_API}/datasources/chatgpt/scans/no-scan:run"
    answer = chain.operator.ask("POST", missing, params={"runId": str(uuid.uuid4())})
    assert refused(answer, 404, "ResourceNotFound")


def test_who_may_only_read_does_not_start_runs(chain: WholeChain, stranger: Person) -> None:
    assert refused(start(stranger, str(uuid.uuid4())), 403, "Unauthorized")
    assert chain.operator.get(f"{SCAN}/runs")["value"] == []


def test_a_chain_is_taken_down_from_its_end(chain: WholeChain) -> None:
    assert chain.run()["status"] == "Succeeded"
    for url in (SCAN, SOURCE, CREDENTIAL, CONNECTION):
        assert chain.operator.ask("DELETE", url).status_code == 204


def test_a_deleted_scans_runs_go_with_it(chain: WholeChain) -> None:
    run_id = str(uuid.uuid4())
    start(chain.operator, run_id)
    chain.operator.run_of(SCAN_PATH)
    chain.operator.do("DELETE", SCAN)
    chain.scan()
    assert chain.operator.get(f"{SCAN}/runs")["value"] == []
    # The same id is a new run of the new scan.
    start(chain.operator, run_id)
    assert chain.operator.run_of(SCAN_PATH)["id"] == run_id
