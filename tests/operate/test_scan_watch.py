"""``purview-ai scan watch``: follows the newest run to its end, and says how it ended."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import yaml
from deployed import tenant_in
from local_azure import seed
from local_azure.process import LocalAzure
from people import PURVIEW, Person
from state_estate import ISSUER, SUBJECT
from tenants import CHECKOUT, Tenant
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCAN = f"{PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan"
SLOW_PACE_S = 0.6
"""Long enough that a run is seen while it goes on."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, first_deployment: Path) -> Iterator[tuple[Tenant, Person]]:
    """In a sandbox whose runs take a moment."""
    folder = tmp_path_factory.mktemp("watch")
    shutil.copytree(first_deployment, folder, dirs_exist_ok=True)
    with tenant_in(folder, pace=SLOW_PACE_S) as found:
        yield found


def watch(tenant: Tenant, *words: str) -> subprocess.Popen[str]:
    """The command, running."""
    command = ["purview-ai", "scan", "watch", "--stack", "sandbox", "--every", "0.1", *words]
    return subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=tenant.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def watched(tenant: Tenant, *words: str) -> tuple[int, str, str]:
    """The command's exit code and what it said, once it has ended."""
    return ended(watch(tenant, *words))


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The same of a command that was begun before."""
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return process.returncode, out, err


def start(operator: Person) -> str:
    """Begin a full run and do not wait for it."""
    run_id = str(uuid4())
    operator.do("POST", f"{SCAN}:run", params={"runId": run_id, "scanLevel": "Full"})
    return run_id


def test_a_run_is_followed_from_its_start_to_its_end(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    # The command's first look waits until the run has begun, however long the command takes to start.
    tenant.azure.forget_requests()
    tenant.azure.weather(effect="latency", service="purview", method="GET", path="chatgpt-scan/runs", seconds=1.0)
    watching = watch(tenant)
    until(lambda: any(r["service"] == "login" for r in tenant.azure.requests()), "the command's sign-in")
    start(operator)
    code, out, _ = ended(watching)
    assert code == 0
    assert "chatgpt: full run Accepted" in out or "chatgpt: full run InProgress" in out
    counted = f"discovered {seed.INTERACTIONS + 1}, classified {seed.INTERACTIONS}"
    assert counted in out.splitlines()[-1]


def test_machines_get_one_line_of_json_for_each_source(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    run_id = start(operator)
    code, out, _ = watched(tenant, "--json")
    [told] = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert (told["stack"], told["source"], told["run"]["id"]) == ("sandbox", "chatgpt", run_id)
    assert told["run"]["ingested"] == seed.INTERACTIONS + 1


def test_a_failed_run_is_told_with_its_reason_and_exit_code_1(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    tenant.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    start(operator)
    code, out, _ = watched(tenant)
    tenant.azure.set_vendor_key(seed.VENDOR_KEY)
    assert code == 1
    assert "key was rejected by api.chatgpt.com" in out


def test_a_lost_connection_is_told_and_does_not_end_the_watching(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    start(operator)
    # As many as azure-core tries by itself, so that one look fails.
    tenant.azure.weather(effect="cut-before", service="purview", path="/runs", times=4)
    code, out, _ = watched(tenant)
    assert code == 0
    assert "no answer just now, trying on" in out
    assert "Succeeded" in out.splitlines()[-1]


@pytest.mark.parametrize("status", [429, 408])
def test_a_busy_service_does_not_end_the_watching(deployed: tuple[Tenant, Person], status: int) -> None:
    tenant, operator = deployed
    start(operator)
    busy = {"effect": "status", "status": status, "code": "Busy", "retry_after": 1}
    # As many as azure-core tries by itself, so that one look fails.
    tenant.azure.weather(**busy, service="purview", path="/runs", times=4)
    code, out, _ = watched(tenant)
    assert code == 0
    assert f"no answer just now, trying on (Purview: {status} Busy" in out
    assert "Succeeded" in out.splitlines()[-1]


def test_the_run_that_is_named_is_waited_for_until_it_is_listed(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    run_id = str(uuid4())
    watching = watch(tenant, "--run", run_id, "--json")
    assert watching.stderr is not None
    assert f"has no run {run_id}, or not yet" in watching.stderr.readline()
    operator.do("POST", f"{SCAN}:run", params={"runId": run_id, "scanLevel": "Incremental"})
    code, out, err = ended(watching)
    assert (code, json.loads(out)["run"]["id"]) == (0, run_id)
    shown = err.splitlines()
    assert [line for line in shown if " InProgress " in line and "discovered " in line]
    assert len(shown) == len(set(shown)), "no line is told twice"


def test_ctrl_c_leaves_the_run_alone(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    run_id = start(operator)
    # Whatever becomes of the run meanwhile, the command does not see it and goes on.
    busy = {"effect": "status", "status": 503, "code": "Busy", "retry_after": 0}
    tenant.azure.weather(**busy, service="purview", path="/runs", times=1000)
    process = watch(tenant)
    assert process.stdout is not None
    assert "trying on" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    tenant.azure.fine_weather()
    assert process.returncode == 130
    assert "The run goes on" in err
    assert "Traceback" not in err
    ended = until(lambda: (run := operator.run_of())["status"] == "Succeeded" and run, "the run's end")
    assert ended["id"] == run_id


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--source", "claude"), 2, "there is no source claude with a scan; known are chatgpt"),
        (("--stack", "nobody"), 2, "there is no stack nobody"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(
    deployed: tuple[Tenant, Person], words: tuple[str, ...], code: int, said: str
) -> None:
    ended, _, err = watched(deployed[0], *words)
    assert ended == code
    assert said in err


def test_who_may_not_sign_in_is_told_so(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    good = tenant.environment
    try:
        tenant.environment = {**good, "ARM_CLIENT_SECRET": "wrong"}
        code, _, err = watched(tenant)
    finally:
        tenant.environment = good
    assert code == 3
    assert "AADSTS7000215" in err
    assert "#sign-in" in err
    assert len(err.splitlines()) <= 4


@pytest.mark.parametrize(
    ("of_a_job", "says"),
    [(True, "pipelines.actions.githubusercontent.com does not say who this job is: 401"), (False, "AADSTS700024")],
    ids=["GitHub knows the job no more", "its token is too old"],
)
def test_a_pipeline_that_cannot_sign_in_any_more_is_told_why(
    deployed: tuple[Tenant, Person], *, of_a_job: bool, says: str
) -> None:
    tenant, _ = deployed
    job, old = tenant.azure.github_job(SUBJECT), tenant.azure.federated_token(ISSUER, SUBJECT, lifetime_s=-1)
    asks_with = {**job, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another-jobs"} if of_a_job else {"ARM_OIDC_TOKEN": old}
    good = tenant.environment
    try:
        tenant.environment = {**good, "ARM_CLIENT_SECRET": "", "ARM_USE_OIDC": "true", **asks_with}
        code, _, err = watched(tenant)
    finally:
        tenant.environment = good
    assert code == 3
    assert says in err
    assert "docs/troubleshooting.md#sign-in" in err
    assert len(err.splitlines()) <= 4
    assert "another-jobs" not in err
    assert old not in err


@pytest.mark.parametrize(
    "settings",
    [
        {"ARM_CLIENT_CERTIFICATE_PATH": "/nowhere.pem"},
        {"ARM_CLIENT_SECRET": "", "ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": "/nowhere"},
        {"ARM_CLIENT_ID": ""},
    ],
)
def test_a_way_to_sign_in_that_cannot_be_used_is_told(
    deployed: tuple[Tenant, Person], settings: dict[str, str]
) -> None:
    tenant, _ = deployed
    good = tenant.environment
    try:
        tenant.environment = {**good, **settings}
        code, _, err = watched(tenant)
    finally:
        tenant.environment = good
    assert code == 3
    assert "signing in" in err


def test_a_scan_that_never_ran_is_told_so(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    _, operator = deployed
    scan = operator.get(SCAN)
    source = operator.get(f"{PURVIEW}/scan/datasources/chatgpt")
    azure = LocalAzure.start(tmp_path / "azure", pace=0.02, warm=True)
    try:
        with azure.client() as client:
            other = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
            for path in ("azureKeyVaults/sandbox-kv-contoso-ai", "credentials/sandbox-chatgpt"):
                other.do("PUT", f"{PURVIEW}/scan/{path}", json=operator.get(f"{PURVIEW}/scan/{path}"))
            other.do("PUT", f"{PURVIEW}/scan/datasources/chatgpt", json=source)
            other.do("PUT", SCAN, json=scan)
        fresh = Tenant(tmp_path / "tenant", azure)
        code, out, _ = watched(fresh)
    finally:
        azure.kill()
    assert code == 1
    assert "never ran" in out


def test_a_stack_without_a_scan_points_to_the_portal(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\n")
    file = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    organization = {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION}
    file["config"]["purview-ai:tenant"]["sources"] = {"claude": organization}
    (tmp_path / "Pulumi.contoso.yaml").write_text(yaml.safe_dump(file))
    command = [CHECKOUT / ".venv" / "bin" / "purview-ai", "scan", "watch", "--stack", "contoso"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "pulumi stack output readme says what the portal does" in done.stderr
