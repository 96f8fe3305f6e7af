"""What survives the sandbox's death."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import psutil
import pytest
from deployed import local_azure_in
from local_azure import seed
from local_azure.process import LocalAzure, StartError
from people import AUDIENCES, PURVIEW, Person
from sandboxes import FOR_EVER_S, PACE_S, local_azure
from waiting import until
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    GROUP,
    SCAN,
    SCAN_PATH,
    SOURCE,
    TRIGGER,
    VAULT,
    VAULT_URL,
    WholeChain,
    trigger_body,
)

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

STARTER = """
import os, signal, sys
from pathlib import Path
from local_azure.process import LocalAzure
LocalAzure.start(Path(sys.argv[1]), warm=True)
LocalAzure.start(Path(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""
POLICIES = f"{PURVIEW}/policystore/metadataPolicies"


def person(azure: LocalAzure, client: httpx.Client) -> Person:
    return Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


def everything(who: Person) -> list[object]:
    """All that was ever confirmed, as the services tell it."""
    grants = f"https://graph.microsoft.com/v1.0/servicePrincipals/{seed.PURVIEW_IDENTITY}/appRoleAssignments"
    return [
        *(who.get(url) for url in (CONNECTION, CREDENTIAL, SOURCE, SCAN, f"{SCAN}/runs", TRIGGER)),
        *(who.get(url) for url in (GROUP, VAULT, f"{VAULT}/providers/Microsoft.Authorization/roleAssignments")),
        *(who.get(url) for url in (f"{VAULT_URL}/secrets", grants)),
        who.get(POLICIES, **{"api-version": "2021-07-01"}),
    ]


def test_a_killed_sandbox_forgets_nothing_and_goes_on_with_its_runs(tmp_path: Path) -> None:
    with local_azure(tmp_path, pace=FOR_EVER_S) as azure, azure.client() as client:
        who = person(azure, client)
        WholeChain(who).build()
        who.do("PUT", TRIGGER, json=trigger_body())
        run_id = str(uuid.uuid4())
        who.do("POST", f"{SCAN}:run", params={"runId": run_id, "scanLevel": "Full"})
        until(lambda: who.get(VAULT)["properties"]["provisioningState"] == "Succeeded", "the vault's name")
        before = everything(who)
        token = azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES[PURVIEW])
        azure.kill()
    assert not psutil.pid_exists(azure.pid)

    # The clock of the runs stands still at first, so that what was kept can be compared.
    with local_azure(tmp_path, pace=FOR_EVER_S) as again, again.client() as client:
        who = person(again, client)
        assert everything(who) == before
        headers = {"authorization": f"Bearer {token}"}
        answer = client.get(SCAN, params={"api-version": "2023-09-01"}, headers=headers)
        assert answer.status_code == 200
    with local_azure(tmp_path, pace=PACE_S) as again, again.client() as client:
        run = person(again, client).run_of(SCAN_PATH)
        assert (run["id"], run["status"], run["scanLevelType"]) == (run_id, "Succeeded", "Full")


def test_what_was_deleted_stays_deleted(tmp_path: Path) -> None:
    with local_azure(tmp_path) as azure, azure.client() as client:
        who = person(azure, client)
        WholeChain(who).build()
        who.do("DELETE", SCAN)
        who.do("DELETE", VAULT)
        azure.kill()
    with local_azure(tmp_path) as again, again.client() as client:
        who = person(again, client)
        assert who.ask("GET", SCAN).status_code == 404
        assert who.ask("GET", VAULT).status_code == 404
        assert who.ask("GET", SOURCE).status_code == 200
        deleted = GROUP.rsplit("/resourceGroups", 1)[0] + "/providers/Microsoft.KeyVault/deletedVaults"
        assert [vault["name"] for vault in who.get(deleted)["value"]] == [VAULT.rsplit("/", 1)[1]]


def test_a_running_sandbox_is_found_by_its_folder_and_a_dead_one_is_not(tmp_path: Path) -> None:
    assert LocalAzure.running(tmp_path) is None
    with local_azure(tmp_path) as azure:
        assert LocalAzure.running(tmp_path) == azure
        azure.kill()
    assert (tmp_path / "ready.json").exists()
    assert LocalAzure.running(tmp_path) is None
    with local_azure(tmp_path) as again:
        assert again.pid != azure.pid
        again.stop()
    assert LocalAzure.running(tmp_path) is None
    assert not (tmp_path / "ready.json").exists()


def test_two_sandboxes_know_nothing_of_each_other(tmp_path: Path) -> None:
    with local_azure(tmp_path / "one") as one, local_azure(tmp_path / "two") as two:
        token = one.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES["https://management.azure.com"])
        with two.client() as client:
            headers = {"authorization": f"Bearer {token}"}
            answer = client.get(GROUP, params={"api-version": "2024-03-01"}, headers=headers)
            assert answer.status_code == 401
        with one.client() as client:
            WholeChain(person(one, client)).vault()
        with two.client() as client:
            assert person(two, client).ask("GET", VAULT).status_code == 404


@pytest.mark.parametrize("warm", [False, True])
def test_a_sandbox_that_cannot_start_says_why(tmp_path: Path, *, warm: bool) -> None:
    with pytest.raises(StartError, match="no such rule: no-such-rule"):
        LocalAzure.start(tmp_path, rules_off=["no-such-rule"], warm=warm)
    assert LocalAzure.running(tmp_path) is None


def test_a_sandbox_that_has_ended_is_not_ended_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = LocalAzure.start(tmp_path, warm=True)
    azure.kill()
    signals = list[int]()
    monkeypatch.setattr(os, "kill", lambda pid, _: signals.append(pid))
    azure.kill()
    azure.stop()
    assert signals == [], "by then it may be another process's id"


def test_a_warm_sandbox_goes_with_a_starter_that_is_killed_and_another_one_stays(tmp_path: Path) -> None:
    warm, cold = tmp_path / "warm", tmp_path / "cold"
    subprocess.run([sys.executable, "-c", STARTER, warm, cold], check=False)
    left = LocalAzure.running(cold)
    assert left is not None
    try:
        until(lambda: LocalAzure.running(warm) is None, "the end of the warm one")
    finally:
        left.stop()


def test_a_set_up_that_fails_leaves_no_sandbox_running(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), local_azure_in(tmp_path):
        _ = 1 / 0
    assert LocalAzure.running(tmp_path / "azure") is None


def test_its_secrets_are_for_its_owner_only(tmp_path: Path) -> None:
    with local_azure(tmp_path):
        for name in ("token-key.pem", "server.pem"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0
