"""``purview-ai drift``: what it says of one stack and of many, and how it ends."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from drift.many import ManyTenants
from drift.sights import GONE, drift_of, purview_ai
from local_azure import seed
from people import GRAPH, PURVIEW, Person
from purview_ai.drift.checkpoint import checkpoint_of
from purview_ai.drift.kinds import called
from rights import STORE
from tenants import STACK, Tenant
from whole_chain import ACCOUNT, GROUP, SCAN_API, TRIGGER, VAULT, role_body, role_url, scan_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure

HELP_ENV = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
READ_APPLICATIONS = "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"


@pytest.fixture
def changed_vault(deployed: tuple[Tenant, Person]) -> Iterator[Tenant]:
    """The tenant, while somebody has tagged its vault."""
    tenant, operator = deployed
    before = operator.get(VAULT)
    operator.do("PUT", VAULT, json=before | {"tags": {"owner": "[bold]somebody[/bold]"}})
    yield tenant
    operator.do("PUT", VAULT, json=before)


def shown(tenant: Tenant, *words: str, **environment: str) -> tuple[int, str, str]:
    """The command as a person reads it."""
    said = purview_ai("drift", *words, env={**tenant.environment, **environment}, cwd=tenant.project)
    return said.code, said.out, said.err


def test_where_nothing_differs_it_says_what_it_compared_and_what_it_did_not(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    tenant.azure.forget_requests()
    code, out, err = shown(tenant, "--stack", STACK)
    assert (code, err) == (0, "")
    assert out.startswith("sandbox: no drift (12 objects compared)\n")
    assert tenant.writes() == []
    assert not list(tenant.folder.glob("state/.pulumi/locks/**/*.json"))


def test_the_selected_stack_is_the_default(deployed: tuple[Tenant, Person]) -> None:
    assert "no drift" in shown(deployed[0])[1]


def test_a_person_sees_resource_field_was_and_now(changed_vault: Tenant) -> None:
    code, out, _ = shown(changed_vault, "--stack", STACK, COLUMNS="160")
    assert code == 1
    assert "custody-vault (key vault)" in out
    assert "[bold]somebody[/bold]" in out
    assert "sandbox: 1 field changed (12 objects compared)" in out


def test_a_machine_gets_one_document(changed_vault: Tenant) -> None:
    said = drift_of(changed_vault)
    assert said.code == 1
    assert said.stack["stack"] == STACK
    assert said.stack["changes"] == [
        {
            "resource": "custody-vault",
            "kind": "key vault",
            "field": "tags",
            "was": None,
            "now": {"owner": "[bold]somebody[/bold]"},
        }
    ]
    assert len(said.stack["covered"]) == 12


def test_a_second_scan_that_no_stack_has_recorded_differs(deployed: tuple[Tenant, Person]) -> None:
    """It ingests every interaction once more, and no recorded object tells of it."""
    tenant, operator = deployed
    second = f"{SCAN_API}/datasources/chatgpt/scans/by-hand"
    operator.do("PUT", second, json=scan_body(credential="sandbox-chatgpt"))
    try:
        said = drift_of(tenant)
        code, out, _ = shown(tenant, "--stack", STACK)
    finally:
        operator.do("DELETE", second)
    assert (said.code, said.changed) == (1, {("chatgpt-source", "scan by-hand")})
    assert (code, "there, and not recorded" in " ".join(out.split())) == (1, True)
    assert (drift_of(tenant).code, shown(tenant, "--stack", STACK)[0]) == (0, 0)


def test_what_could_not_be_looked_at_is_told_and_holds_up_nothing_else(deployed: tuple[Tenant, Person]) -> None:
    tenant, operator = deployed
    tenant.azure.weather(
        effect="status", service="graph", method="GET", path="approleassignments", status=403, code="Denied", times=99
    )
    try:
        code, out, err = shown(tenant, "--stack", STACK)
        assert code == 3
        assert "sandbox: 2 objects not looked at (10 objects compared)" in out
        assert "app role grant" in err
        assert "could not be read" in err
        assert "Microsoft Graph: 403" in err
        assert "(request " in err
        assert "docs/troubleshooting.md#app-role-grants" in err
        operator.do("DELETE", TRIGGER)
        said = drift_of(tenant)
        assert (said.code, said.changed) == (1, {("chatgpt-trigger", GONE)})
        assert said.unknown.keys() == {"grants-read-users", "grants-process-conversations"}
    finally:
        tenant.azure.fine_weather()
    tenant.up("--refresh").must_succeed()
    assert drift_of(tenant).code == 0


def test_what_is_left_out_is_told_and_neither_asked_for_nor_a_reason_to_know_nothing(
    deployed: tuple[Tenant, Person],
) -> None:
    tenant, operator = deployed
    words = ("--stack", STACK, "--leave-out", "app role grant", "--leave-out", "trigger")
    tenant.azure.weather(
        effect="status", service="graph", method="GET", path="approleassignments", status=403, code="Denied", times=99
    )
    trigger, vault = operator.get(TRIGGER), operator.get(VAULT)
    operator.do("DELETE", TRIGGER)
    tenant.azure.forget_requests()
    try:
        code, out, err = shown(tenant, *words)
        asked = " ".join(one["path"].lower() for one in tenant.azure.requests())
        operator.do("PUT", VAULT, json=vault | {"tags": {"owner": "somebody"}})
        said = purview_ai("drift", *words, "--json", env=tenant.environment, cwd=tenant.project)
    finally:
        tenant.azure.fine_weather()
        operator.do("PUT", TRIGGER, json=trigger)
        operator.do("PUT", VAULT, json=vault)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("sandbox: no drift (9 objects compared, 3 objects left out: ")
    assert "  left out: chatgpt-trigger (trigger) - --leave-out names its kind" in lines
    assert not [one for one in ("approleassignments", "triggers") if one in asked]
    assert (said.code, said.changed) == (1, {("custody-vault", "tags")})
    left = {(one["resource"], one["kind"], one["field"]) for one in said.stack["left_out"]}
    assert left == {
        ("chatgpt-trigger", "trigger", ""),
        ("grants-read-users", "app role grant", ""),
        ("grants-process-conversations", "app role grant", ""),
    }


def test_a_kind_that_there_is_not_is_told_with_those_that_there_are(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    tenant.azure.forget_requests()
    code, out, err = shown(tenant, "--stack", STACK, "--leave-out", "collection-role")
    assert (code, out) == (2, "")
    assert "--leave-out 'collection-role': drift tells of no kind of object that is called so" in err
    offered = set(err.split("Give one of: ")[1].strip().split(", "))
    recorded = checkpoint_of(tenant.state()["checkpoint"]["latest"]).resources
    assert {called(one) for one in recorded} | {"collection role", "access policy"} <= offered
    assert tenant.azure.requests() == []


def test_a_service_that_hangs_holds_up_its_own_objects_alone(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    tenant.azure.weather(
        effect="latency", service="arm", method="GET", path="vaults/kv-contoso-ai", seconds=20.0, times=9
    )
    try:
        words = ("drift", "--stack", STACK, "--patience", "4", "--json")
        found = purview_ai(*words, env=tenant.environment, cwd=tenant.project)
    finally:
        tenant.azure.fine_weather()
    assert "no answer within 4 seconds" in found.unknown["custody-vault"]
    assert {"chatgpt-scan", "chatgpt-source", "custody-connection", "grants-read-users"} <= set(found.stack["covered"])
    assert found.changed == set()


def test_offline_it_ends_soon(deployed: tuple[Tenant, Person]) -> None:
    begun = time.monotonic()
    nobody = "http://127.0.0.1:9"
    said = drift_of(deployed[0], HTTPS_PROXY=nobody, https_proxy=nobody)
    assert (said.code, len(said.stack["unknown"])) == (3, 12)
    assert time.monotonic() - begun < 45.0, "one sign-in that fails, and not one for each object"


def test_a_stack_that_is_being_deployed_or_was_cut_off_is_said(deployed: tuple[Tenant, Person], tmp_path: Path) -> None:
    tenant, _ = deployed
    backend = tmp_path / "state"
    state = tenant.state()
    vault = tenant.recorded("custody-vault")
    state["checkpoint"]["latest"]["pending_operations"] = [{"resource": vault, "type": "updating"}]
    copy = backend / ".pulumi/stacks/purview-ai/sandbox.json"
    copy.parent.mkdir(parents=True)
    copy.write_text(json.dumps(state))
    (backend / ".pulumi/meta.yaml").write_text("version: 1\n")
    elsewhere = {"PULUMI_BACKEND_URL": f"file://{backend}"}
    said = drift_of(tenant, **elsewhere)
    assert said.code == 0
    assert said.stack["notes"] == [
        "a deployment was cut off, and left behind: updating of custody-vault; pulumi refresh puts that right"
    ]
    lock = backend / ".pulumi/locks/organization/purview-ai/sandbox/x.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"username": "robin", "hostname": "build-7", "timestamp": "2026-11-26T10:00:00Z"}))
    said = drift_of(tenant, **elsewhere)
    assert said.code == 0
    assert said.stack["notes"] == [
        "it is being deployed by robin@build-7 since 2026-11-26T10:00:00Z: what is recorded may change"
    ]


def test_who_may_only_read_sees_it_all(deployed: tuple[Tenant, Person]) -> None:
    """What README.md says is needed."""
    tenant, operator = deployed
    for scope in (GROUP, ACCOUNT):
        operator.do("PUT", role_url(scope), json=role_body(seed.ACCOUNT_READER, seed.STRANGER_ID))
    url = f"{PURVIEW}/policystore/metadataPolicies"
    [policy] = operator.get(url, collectionName=seed.ACCOUNT, **STORE)["values"]
    rules = {rule["id"]: rule for rule in policy["properties"]["attributeRules"]}
    name = f"purviewmetadatarole_builtin_purview-reader:{seed.ACCOUNT}"
    rules[name]["dnfCondition"][0][0]["attributeValueIncludedIn"].append(seed.STRANGER_ID)
    operator.do("PUT", f"{url}/{policy['id']}", params=STORE, json=policy)
    wanted = {"principalId": seed.STRANGER_ID, "resourceId": seed.GRAPH, "appRoleId": READ_APPLICATIONS}
    operator.do("POST", f"{GRAPH}/v1.0/servicePrincipals/{seed.GRAPH}/appRoleAssignedTo", json=wanted)
    who = {"ARM_CLIENT_ID": seed.STRANGER_APP, "ARM_CLIENT_SECRET": seed.STRANGER_SECRET}
    said = drift_of(tenant, **who)
    assert (said.code, said.unknown, len(said.stack["covered"])) == (0, {}, 12)


def test_who_may_not_look_is_told_what_looking_takes(deployed: tuple[Tenant, Person]) -> None:
    tenant, _ = deployed
    tenant.azure.weather(effect="status", service="arm", status=403, code="AuthorizationFailed", times=999)
    said = drift_of(tenant)
    tenant.azure.fine_weather()
    of_azure = {name: why for name, why in said.unknown.items() if "Azure: 403" in why}
    own = {"custody-chatgpt-compliance-key", "custody-connection", "chatgpt-scan"}
    assert {"custody-vault", "custody-deployer-manages", *own} <= of_azure.keys()
    assert all("Who looks needs the role Reader" in why for why in of_azure.values()), of_azure
    assert "Administrator" not in str(of_azure)


def test_a_wrong_secret_is_told_once_for_each_object_and_ends_with_unknown(deployed: tuple[Tenant, Person]) -> None:
    said = drift_of(deployed[0], ARM_CLIENT_SECRET="wrong")
    assert said.code == 3
    assert len(said.stack["unknown"]) == 12
    assert "docs/troubleshooting.md#sign-in" in said.unknown["custody-vault"]


def test_many_stacks_are_looked_at_in_one_call(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> None:
    del pulumi_home
    tenants = ManyTenants.of(tmp_path / "many", azure)
    one, two, three, made = tenants.add(1), tenants.add(2), tenants.write(3), tenants.add(4)
    for stack in (one, two):
        tenants.up(stack)
    where = {"env": tenants.environment, "cwd": tenants.folder}
    azure.forget_requests()
    said = purview_ai("drift", "--all", "--json", **where)
    assert (said.code, [found["stack"] for found in said.stacks]) == (0, [one, two, made])
    # One token for each of Azure, Purview and Graph, however many stacks there are.
    tokens = [asked for asked in azure.requests() if asked["service"] == "login" and asked["method"] == "POST"]
    assert len(tokens) == 3
    with azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        operator.do("DELETE", f"{SCAN_API}/datasources/{two}/scans/{two}-scan/triggers/default")
    said = purview_ai("drift", "--stack", one, "--stack", f"{two},{three},{made}", **where)
    assert said.code == 1
    assert f"{one}: no drift" in said.out
    assert f"{two}: 1 object gone" in said.out
    assert f"{made}: nothing is recorded as deployed (0 objects compared)" in said.out
    assert "4 stacks: 1 without drift, 1 with drift, 1 not looked at, 1 with nothing recorded\n" in said.out
    some = purview_ai("drift", "--all", "--leave-out", "trigger", **where)
    assert (some.code, "3 stacks: 2 without drift, 1 with nothing recorded; 2 objects left" in some.out) == (0, True)
    assert f"{three}: there is no state of it in the backend" in said.err
    assert purview_ai("drift", "--stack", three, **where).code == 2
    refused = purview_ai("drift", "--all", "--stack", one, **where)
    assert (refused.code, "--all and --stack" in refused.err) == (2, True)
    refused = purview_ai("drift", "--stack", "nobody", **where)
    assert (refused.code, "there is no stack nobody" in refused.err) == (2, True)

    file = tenants.folder / "stacks" / f"Pulumi.{one}.yaml"
    whole = yaml.safe_load(file.read_text())
    whole["config"]["azure-native:clientSecret"] = {"secure": "v1:x:y"}
    file.write_text(yaml.safe_dump(whole))
    refused = purview_ai("drift", "--stack", one, **where)
    assert refused.code == 2
    assert "azure-native's settings are encrypted in the stack file" in refused.err


def test_without_a_backend_or_a_project_nothing_is_asked(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> None:
    tenants = ManyTenants.of(tmp_path / "none", azure)
    stack = tenants.add(1)
    without = {name: value for name, value in tenants.environment.items() if name != "PULUMI_BACKEND_URL"}
    refused = purview_ai("drift", "--stack", stack, env=without, cwd=tenants.folder)
    assert refused.code == 2
    assert "no backend is known" in refused.err
    assert "no Pulumi.yaml" in purview_ai("drift", env=without, cwd=pulumi_home).err
