"""What hangs, refuses or cannot be reached holds up nothing but itself; measured where a person would wait."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from subprocess import PIPE
from typing import TYPE_CHECKING

import pytest
from command_line import OPERATOR, said
from local_azure.process import LocalAzure
from people import ARM
from tenants import CHECKOUT, STACK, Tenant
from terminal import answered
from waiting import until
from whole_chain import VAULT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD, FAILED, USAGE, UNKNOWN = range(4)
INTERRUPTED = 130
NOBODY = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
PATIENCE_S, SLACK_S = 4.0, 25.0
"""How long a service is waited for here, and what else a command may take on a busy machine."""


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[Tenant]:
    """A tenant that nobody has deployed: what is not there is answered as fast as what is."""
    del pulumi_home
    folder = tmp_path_factory.mktemp("patience")
    azure = LocalAzure.start(folder / "azure", pace=0.02, warm=True)
    yield Tenant(folder / "tenant", azure)
    azure.kill()


@pytest.fixture
def many(tenant: Tenant) -> Iterator[list[str]]:
    """A dozen more stacks of the same project."""
    names = [f"stack{number:02}" for number in range(12)]
    files = [tenant.folder / f"Pulumi.{name}.yaml" for name in names]
    for file in files:
        file.write_text(tenant.file.read_text())
    yield names
    for file in files:
        file.unlink()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A backend in which the tenant's stack has recorded its vault."""
    vault = {
        "urn": "urn:pulumi:sandbox::purview-ai::azure-native:keyvault:Vault::custody-vault",
        "type": "azure-native:keyvault:Vault",
        "custom": True,
        "id": VAULT.removeprefix(ARM),
        "outputs": {"azureApiVersion": "2023-07-01"},
    }
    states = tmp_path / ".pulumi" / "stacks" / "purview-ai"
    states.mkdir(parents=True)
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    state = {"version": 3, "checkpoint": {"latest": {"resources": [vault]}}}
    (states / f"{STACK}.json").write_text(json.dumps(state))
    return tmp_path


def taken(begun: float) -> float:
    return time.monotonic() - begun


def test_a_service_that_hangs_holds_up_neither_the_page_nor_other_stacks(
    tenant: Tenant, many: list[str], tmp_path: Path
) -> None:
    tenant.azure.weather(effect="latency", service="purview", seconds=120.0, times=999)
    begun = time.monotonic()
    words = [word for name in many for word in ("--stack", name)]
    told = said(tenant, "report", "--patience", str(PATIENCE_S), "--search", "0", "--out", str(tmp_path), *words)
    took = taken(begun)
    tenant.azure.fine_weather()
    assert told.code == GOOD, told.err
    assert took < 2 * PATIENCE_S + SLACK_S
    assert f"no answer within {PATIENCE_S:g} seconds" in (tmp_path / "stack00.html").read_text()


def test_offline_a_report_ends_within_a_patience(tenant: Tenant, tmp_path: Path) -> None:
    begun = time.monotonic()
    told = said(tenant, "report", "--patience", str(PATIENCE_S), "--out", str(tmp_path), **NOBODY)
    assert (told.code, taken(begun) < PATIENCE_S + SLACK_S) == (GOOD, True)
    page = (tmp_path / "sandbox.html").read_text()
    assert "<dd>0 open, " in page
    assert " unknown</dd>" in page
    assert " unknown" in (tmp_path / "index.html").read_text()


def test_a_busy_azure_is_not_asked_by_each_link_in_turn(tenant: Tenant) -> None:
    busy = {"effect": "status", "status": 429, "code": "TooManyRequests", "retry_after": 600}
    tenant.azure.weather(**busy, service="arm", times=999)
    tenant.azure.forget_requests()
    told = said(tenant, "verify", "--json", "--search", "0")
    tenant.azure.fine_weather()
    assert told.code == UNKNOWN
    asked = [(one["method"], one["path"]) for one in tenant.azure.requests() if one["service"] == "arm"]
    # The account is asked for twice: what it is, and where it answers.
    assert max(map(asked.count, asked)) <= 2, asked


@pytest.mark.parametrize(
    "words", [("verify",), ("preflight",), ("scan", "list"), ("report",), ("drift",), ("drift", "--json")], ids=" ".join
)
def test_ctrl_c_ends_a_command_that_waits(tenant: Tenant, recorded: Path, words: tuple[str, ...]) -> None:
    project = tenant.folder / "project"
    said(tenant, "checklist")  # which makes that folder
    for service in ("arm", "graph", "purview"):
        tenant.azure.weather(effect="latency", service=service, seconds=60.0, times=999)
    tenant.azure.forget_requests()
    # Whoever starts the tests in the background has Ctrl-C ignored, and so would the command.
    heeding = ("env", "--default-signal=INT")
    command = [*heeding, CHECKOUT / ".venv" / "bin" / "purview-ai", *words, "--stack", STACK]
    process = subprocess.Popen(
        command,
        cwd=project,
        env={**tenant.environment, **OPERATOR, "PULUMI_BACKEND_URL": f"file://{recorded}"},
        stdout=PIPE,
        stderr=PIPE,
        text=True,
    )
    try:
        until(lambda: any(r["service"] == "login" for r in tenant.azure.requests()), "the command's sign-in")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SLACK_S)
    finally:
        process.kill()
        tenant.azure.fine_weather()
    assert (process.returncode, out, "Traceback" in err) == (INTERRUPTED, "", False), err


def test_a_certificate_that_is_not_there_is_unknown_and_no_trace(tenant: Tenant) -> None:
    before = tenant.file.read_text()
    tenant.change({"sources.chatgpt.key.origin": "vault"})
    who = {"ARM_CLIENT_CERTIFICATE_PATH": "/nope.pfx", "ARM_CLIENT_SECRET": ""}
    told = said(tenant, "preflight", "--json", **who)
    tenant.file.write_text(before)
    assert told.code == UNKNOWN, told.out
    assert "/nope.pfx" in told.finding("vendor-key.chatgpt")["reason"] + told.finding("sign-in.azure")["reason"]


def test_names_that_look_like_markup_are_shown_as_they_are(tenant: Tenant) -> None:
    before = tenant.file.read_text()
    tenant.change({"sources.chatgpt.workspace_id": "a[/bold]b:key:"})
    told = said(tenant, "preflight", **NOBODY)
    # A terminal is shown progress, too.
    env = {**tenant.environment, **OPERATOR, **NOBODY, "TERM": "xterm"}
    words = ["purview-ai", "preflight", "--stack", STACK]
    code, shown = answered(words, (), cwd=tenant.folder / "project", env=env)
    tenant.file.write_text(before)
    assert (code, "Traceback" in shown) == (UNKNOWN, False), shown
    assert told.code == UNKNOWN, told.err
    assert "a[/bold]b:key:" in told.out
    assert "NewConnectionError" not in told.out


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--grace-hours", "1e300"),
        ("verify", "--grace-hours", "nan"),
        ("verify", "--stale-hours", "inf"),
        ("verify", "--stale-hours", "nan"),
        ("verify", "--search", "inf"),
        ("preflight", "--patience", "nan"),
        ("drift", "--patience", "nan"),
        ("report", "--search", "nan"),
        ("report", "--patience", "inf"),
        ("scan", "watch", "--every", "nan"),
        ("report", "--all", "--stack", STACK),
    ],
)
def test_what_cannot_be_meant_is_refused(tenant: Tenant, words: tuple[str, ...]) -> None:
    assert said(tenant, *words).code == USAGE


def test_a_file_in_the_way_of_the_pages_is_named(tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "afile").touch()
    told = said(tenant, "report", "--out", str(tmp_path / "afile" / "x"))
    assert told.code == USAGE
    assert told.err.startswith("the pages cannot be written: ")
    assert str(tmp_path / "afile" / "x") in told.err


def test_a_cloud_without_an_audit_search_is_no_reason_to_ask_for_one(tenant: Tenant) -> None:
    tenant.set_config({"azure-native:environment": "usgovernment"})
    told = said(tenant, "verify", "--json", **NOBODY)
    shown = said(tenant, "verify", **NOBODY)
    checklist = said(tenant, "checklist")
    permissions = said(tenant, "permissions")
    tenant.set_config({"azure-native:environment": None})
    assert "records.chatgpt" not in told.verdicts
    [why] = told.json["not_looked_at"]
    assert "no audit search in the cloud usgovernment" in why
    assert why in shown.out
    assert "records.chatgpt" not in checklist.out
    assert "AuditLogsQuery" not in permissions.out
    assert "AuditLogsQuery" in said(tenant, "permissions").out


def test_a_long_message_about_a_stack_file_is_one_line(tenant: Tenant, tmp_path: Path) -> None:
    told = said(tenant, "report", "--stack", "nobody-has-ever-heard-of-it", "--no-drift", "--out", str(tmp_path))
    assert told.code == USAGE
    first = next(line for line in told.err.splitlines() if "nobody-has-ever-heard-of-it" in line)
    assert "known are " in first


def test_the_page_of_a_stack_called_index_stays(tenant: Tenant, tmp_path: Path) -> None:
    file = tenant.folder / "Pulumi.index.yaml"
    file.write_text(tenant.file.read_text())
    out = ("--out", str(tmp_path), "--no-drift", "--json")
    told = said(tenant, "report", "--stack", "index", *out, "--patience", "1", **NOBODY)
    file.unlink()
    assert told.code == GOOD
    page = told.json["pages"]["index"]
    assert page != told.json["index"]
    assert "Capabilities" in (tmp_path / page).read_text()
    assert "All stacks" in (tmp_path / "index.html").read_text()


def test_people_see_why_a_link_passed(tenant: Tenant) -> None:
    machine = said(tenant, "preflight", "--names", "--json")
    people = said(tenant, "preflight", "--names")
    words = " ".join(people.out.split())
    passed = [one for one in machine.json["findings"] if one["verdict"] == "passed" and one["reason"]]
    assert "users.chatgpt" in {one["link"] for one in passed}
    for one in passed:
        assert " ".join(one["reason"].split()) in words, one
