"""``purview-ai discover``: a connector's wire names, read from what somebody registered by hand."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from local_azure import seed
from operate.made_by_hand import CREDENTIAL, SCAN, SCAN_API, SCAN_URL, SOURCE, as_project, asked, register_by_hand
from purview_ai.apps.profile import ConnectorProfile
from purview_ai.discovery.evidence import doubts
from tenants import CHECKOUT
from whole_chain import ACCOUNT, VAULT_NAME, scan_body, source_body

if TYPE_CHECKING:
    from pathlib import Path

    from people import Person
    from tenants import Tenant

ACCOUNT_ID = ACCOUNT.removeprefix("https://management.azure.com")


@pytest.fixture
def by_hand(tenant: Tenant, operator: Person) -> Tenant:
    """A tenant whose workspace is registered in Purview already, and whose stack file has no profile."""
    register_by_hand(operator)
    as_project(tenant)
    tenant.change({"sources.chatgpt.profile": None, "sources.chatgpt.capture_since": None})
    tenant.azure.forget_requests()
    return tenant


def test_the_blocks_for_the_stack_file_are_read_from_what_is_there(by_hand: Tenant) -> None:
    profile = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    shown = profile["config"]["purview-ai:tenant"]["sources"]["chatgpt"]["profile"]
    code, out, err = asked(by_hand, "discover", "--stack", "sandbox")
    assert code == 0, err
    assert yaml.safe_load(out) == {
        "adopt": {"data_source": SOURCE, "scan": SCAN},
        "capture_since": "2026-01-01",
        "profile": shown,
    }
    for told in (
        f'sandbox: read from data source "{SOURCE}", its scan "{SCAN}" and credential "{CREDENTIAL}"',
        "{workspace_id} at data source nest.burrowId",
        "{capture_since:%Y-%m-%dT00:00:00Z} at scan firstLight",
        "{credential} at scan perch.credentialReference.referenceName",
        "rendered with these values, the profile is what Purview has",
        "data_source.kind: Kestrel7 instead of ChatGPTEnterprise",
        "pulumi preview --stack sandbox --diff",
    ):
        assert told in err
    assert by_hand.writes() == []
    assert not [read for read in by_hand.reads() if "vault.azure.net" in read], "no secret was read"
    assert seed.VENDOR_KEY not in out + err


def test_machines_get_it_as_json(by_hand: Tenant) -> None:
    code, out, err = asked(by_hand, "discover", "--stack", "sandbox", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["equal"], told["unexpressed"], told["capture_since"]) == (True, [], "2026-01-01")
    assert told["adopt"] == {"data_source": SOURCE, "scan": SCAN}


def test_an_account_alone_will_do_and_what_was_taken_for_the_workspace_is_told(by_hand: Tenant) -> None:
    file = by_hand.folder / "profile.yaml"
    code, out, err = asked(by_hand, "discover", "--account-id", ACCOUNT_ID, "--write", str(file))
    assert (code, out) == (0, "")
    assert f"workspace id: taken to be {seed.WORKSPACE}, the only GUID of the data source, at nest.burrowId" in err
    ConnectorProfile.model_validate(yaml.safe_load(file.read_text())["profile"])


def test_where_there_is_a_choice_the_choices_are_listed(by_hand: Tenant, operator: Person) -> None:
    operator.do("PUT", f"{SCAN_API}/datasources/{SOURCE}/scans/Scan-two", json=scan_body(credential=CREDENTIAL))
    code, out, err = asked(by_hand, "discover", "--stack", "sandbox")
    assert (code, out) == (2, "")
    assert f"say which is meant with --scan: {SCAN} (Kestrel7Flight), Scan-two (Kestrel7Flight)" in err
    assert asked(by_hand, "discover", "--stack", "sandbox", "--scan", SCAN.lower())[0] == 0

    operator.do("PUT", f"{SCAN_API}/datasources/another", json=source_body(seed.OTHER_WORKSPACE))
    code, _, err = asked(by_hand, "discover", "--account-id", ACCOUNT_ID)
    assert code == 2
    assert f"say which is meant with --data-source: {SOURCE} (Kestrel7), another (Kestrel7)" in err
    # The stack file says which workspace is meant.
    assert asked(by_hand, "discover", "--stack", "sandbox", "--scan", SCAN)[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data-source", "nobody"), f"--data-source nobody: there is none of that name; there are {SOURCE}"),
        (("--scan", "nobody"), f"--scan nobody: there is none of that name; there are {SCAN}"),
        (("--workspace-id", seed.OTHER_WORKSPACE), f'"{SOURCE}" does not hold the workspace id {seed.OTHER_WORKSPACE}'),
        (("--source", "claude"), "there is no source claude; known are chatgpt"),
        (("--capture-since", "spring"), "it must be a date"),
        (("--account-id", ACCOUNT_ID), "--account-id stands for itself"),
    ],
)
def test_what_cannot_be_meant_is_one_message(by_hand: Tenant, words: tuple[str, ...], said: str) -> None:
    code, out, err = asked(by_hand, "discover", "--stack", "sandbox", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_an_account_without_a_source_says_what_to_do_first(tenant: Tenant) -> None:
    as_project(tenant)
    code, _, err = asked(tenant, "discover", "--stack", "sandbox")
    assert code == 2
    assert "register one in the Purview portal" in err


def test_a_file_that_is_wrong_elsewhere_is_not_used(by_hand: Tenant) -> None:
    by_hand.change({"purview.account": None})
    code, _, err = asked(by_hand, "discover", "--stack", "sandbox")
    assert code == 2
    assert "purview.account" in err
    assert "accept_unverified_profile" not in err
    assert by_hand.azure.requests() == []


def test_who_may_not_look_is_told_so(by_hand: Tenant) -> None:
    by_hand.environment |= {"ARM_CLIENT_ID": seed.STRANGER_APP, "ARM_CLIENT_SECRET": seed.STRANGER_SECRET}
    code, _, err = asked(by_hand, "discover", "--stack", "sandbox")
    assert code == 3
    assert "the Data Map could not be looked into" in err
    assert "403" in err


def test_a_silent_data_map_is_told_so(by_hand: Tenant) -> None:
    by_hand.azure.weather(effect="cut-before", service="purview", times=1000)
    code, _, err = asked(by_hand, "discover", "--stack", "sandbox")
    assert code == 3
    assert "docs/troubleshooting.md#no-answer" in err


PRIVATE = (
    *(SOURCE, SCAN, CREDENTIAL, seed.ACCOUNT, seed.COLLECTION, seed.GOVERNANCE_GROUP, VAULT_NAME, "contoso"),
    *(seed.WORKSPACE, seed.TENANT, seed.SUBSCRIPTION, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET, seed.VENDOR_KEY),
    *("purview.azure.com", "chatgpt-compliance-key", "sandbox", "x7k2qd"),
)
"""What an evidence file must not tell of the tenant: names, ids, hosts, keys."""


def test_make_live_only_looks_and_its_evidence_tells_nothing_of_the_tenant(by_hand: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    command = ["make", "-s", "live", "STACK=sandbox", f"EVIDENCE={file}"]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=by_hand.environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert by_hand.writes() == []
    written = file.read_text()
    assert [word for word in PRIVATE if word.lower() in written.lower()] == []
    evidence = json.loads(written)
    assert (evidence["host"], evidence["round_trip_equal"]) == ("classic", True)
    assert evidence["api_versions"]["scanning"] == "2023-09-01"
    stack = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    right = ConnectorProfile.model_validate(stack["config"]["purview-ai:tenant"]["sources"]["chatgpt"]["profile"])
    assert doubts(evidence, "chatgpt-enterprise", right) == []
    wrong = right.model_copy(update={"credential": right.credential.model_copy(update={"secret_property": "claw"})})
    assert doubts(evidence, "chatgpt-enterprise", wrong) == ["the profile that was read is of another shape"]


def test_make_live_wants_a_stack_and_starts_no_sandbox(tmp_path: Path) -> None:
    before = sorted(CHECKOUT.iterdir())
    command = ["make", "-s", "live", f"EVIDENCE={tmp_path / 'evidence.json'}"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "make live STACK=" in done.stderr
    assert sorted(CHECKOUT.iterdir()) == before


def test_what_no_profile_can_say_ends_badly_and_leaves_the_stack_file_alone(by_hand: Tenant, operator: Person) -> None:
    # A text that a profile would take for a placeholder.
    scan = scan_body(credential=CREDENTIAL)
    scan["properties"]["scanRulesetName"] = "{workspace_id}"
    operator.do("PUT", SCAN_URL, json=scan)
    before = by_hand.file.read_text()
    code, _, err = asked(by_hand, "discover", "--stack", "sandbox", "--update-stack-file")
    assert code == 1
    assert "the profile does not say all that Purview has:" in err
    assert "scan scanRulesetName: a profile cannot hold what stands there" in err
    assert "The stack file was left alone." in err
    assert by_hand.file.read_text() == before
