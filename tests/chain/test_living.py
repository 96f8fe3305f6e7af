"""Years after the first day: another workspace, an estate that was there before, a second stack, a killed engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from drift.sights import drift_of
from killing import kill
from local_azure import seed
from nightly import some_of
from people import ARM, PURVIEW
from rights import give_deployer
from whole_chain import (
    SECRET,
    SECRETS_USER,
    VAULT,
    VAULT_URL,
    WholeChain,
    credential_body,
    role_body,
    role_url,
    scan_body,
    source_body,
    trigger_body,
)

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

SCAN_API = f"{PURVIEW}/scan"
PURVIEW_OBJECTS = ("azureKeyVaults", "credentials", "datasources")


def names(operator: Person, kind: str) -> list[str]:
    """The names of the Data Map's objects of a kind."""
    return sorted(one["name"] for one in operator.get(f"{SCAN_API}/{kind}")["value"])


@pytest.mark.deployed
def test_a_scan_is_replaced_only_where_the_stack_file_names_it(tenant: Tenant, operator: Person) -> None:
    tenant.azure.set_vendor_key(seed.ROTATED_VENDOR_KEY, workspace=seed.OTHER_WORKSPACE)
    tenant.change({"protect": True})
    tenant.up().must_succeed()
    first = operator.run_of()

    other = {"sources.chatgpt.workspace_id": seed.OTHER_WORKSPACE, "sources.chatgpt.scan.test_connection": False}
    tenant.change(other)
    assert "was not replaced" in tenant.preview().must_fail().words

    # What is protected goes in two steps: the setting takes the protection away, the change then replaces.
    tenant.change({"allow_rescan": ["chatgpt"], "sources.chatgpt.workspace_id": seed.WORKSPACE})
    tenant.up().must_succeed()
    tenant.change(other)
    shown = tenant.preview().must_succeed()
    assert "may be replaced and is not protected" in shown.words
    assert set(shown.steps) == {"chatgpt-source", "chatgpt-scan", "chatgpt-trigger", "chatgpt-run"}
    done = tenant.up().must_succeed()
    assert set(done.steps) == set(shown.steps)
    source = operator.get(f"{SCAN_API}/datasources/chatgpt")
    assert source["properties"]["nest"]["burrowId"] == seed.OTHER_WORKSPACE
    assert operator.run_of()["id"] != first["id"]
    # Its schedule may end now, too.
    tenant.change({"allow_rescan": None, "sources.chatgpt.scan": {"test_connection": False}})
    assert tenant.up().must_succeed().steps == {"chatgpt-trigger": "delete"}
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


HAND_MADE = f"{SCAN_API}/datasources/ChatGPT-Prod"
SCAN_BY_HAND = f"{HAND_MADE}/scans/Scan-k3d"
ADOPTED = {"sources.chatgpt.adopt": {"data_source": "ChatGPT-Prod", "scan": "Scan-k3d"}}


def set_up_by_hand(tenant: Tenant, operator: Person) -> None:
    """All of a tenant by the names of the portal; the vault is not the stack's, and Purview may read the key in it."""
    by_hand = WholeChain(operator)
    by_hand.open_vault()
    by_hand.grant_both()
    for url, body in (
        (
            f"{SCAN_API}/azureKeyVaults/AzureKeyVault-x1",
            {"properties": {"baseUrl": "https://kv-contoso-ai.vault.azure.net/"}},
        ),
        (f"{SCAN_API}/credentials/gpt-key", credential_body(by_hand.version, "AzureKeyVault-x1")),
        (HAND_MADE, source_body(collection=seed.ACCOUNT)),
        (SCAN_BY_HAND, scan_body(credential="gpt-key")),
        (f"{SCAN_BY_HAND}/triggers/default", trigger_body()),
    ):
        operator.do("PUT", url, json=body)
    give_deployer(operator, "data-source-administrator")
    tenant.change(
        {
            "vault.existing": True,
            "vault.network": None,
            "vault.allow_from": None,
            "vault.soft_delete_days": None,
            "vault.purview_reads": "expected",
            "sources.chatgpt.key.origin": "vault",
        }
    )
    tenant.set_config({"purview-ai:chatgpt-compliance-key": None})
    operator.do("PUT", role_url(VAULT), json=role_body(SECRETS_USER, seed.DEPLOYER_ID))


def test_a_tenant_that_was_set_up_by_hand_is_adopted_with_one_setting(tenant: Tenant, operator: Person) -> None:
    set_up_by_hand(tenant, operator)
    before = {kind: names(operator, kind) for kind in ("datasources", "datasources/ChatGPT-Prod/scans")}
    stopped = tenant.preview().must_fail()
    assert 'This workspace is registered already as "ChatGPT-Prod"' in stopped.words
    assert "sources.<name>.adopt: {data_source: ChatGPT-Prod, scan: Scan-k3d}" in stopped.words

    tenant.change(ADOPTED)
    shown = tenant.preview().must_succeed()
    assert set(shown.steps.values()) == {"create"}
    assert 'data source "ChatGPT-Prod" is there already; it is taken over and changed: collection' in shown.words
    assert 'scan "Scan-k3d" is there already; it is taken over and changed: properties' in shown.words
    tenant.azure.forget_requests()
    tenant.up().must_succeed()
    assert {kind: names(operator, kind) for kind in before} == before
    assert {write.split("?")[0].rsplit("/", 1)[1] for write in tenant.writes()} == {
        "sandbox-kv-contoso-ai",
        "sandbox-chatgpt",
        "ChatGPT-Prod",
        "testConnectivity",
        "Scan-k3d",
        "Scan-k3d:run",
        "default",
    }
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert operator.run_of("datasources/ChatGPT-Prod/scans/Scan-k3d")["status"] == "Succeeded"

    # What was there before stays, and keeps the key that it uses; once it is released it goes.
    left = tenant.destroy().must_fail()
    assert "credentials/sandbox-chatgpt is still used by datasources/ChatGPT-Prod/scans/Scan-k3d" in left.words
    assert "release" in left.words
    assert names(operator, "datasources") == ["ChatGPT-Prod"]


def test_what_was_adopted_is_captured_once_more_only_once_it_is_released(tenant: Tenant, operator: Person) -> None:
    set_up_by_hand(tenant, operator)
    tenant.change({**ADOPTED, "allow_rescan": ["chatgpt"]})
    tenant.up().must_succeed()
    before, first = operator.get(SCAN_BY_HAND), operator.run_of("datasources/ChatGPT-Prod/scans/Scan-k3d")

    other = {"sources.chatgpt.workspace_id": seed.OTHER_WORKSPACE}
    earlier = {"sources.chatgpt.workspace_id": seed.WORKSPACE, "sources.chatgpt.capture_since": "2025-06-01"}
    for change, named in ((other, 'data source "ChatGPT-Prod"'), (earlier, 'scan "Scan-k3d"')):
        tenant.change(change)
        tenant.azure.forget_requests()
        for refused in (tenant.preview().must_fail(), tenant.up().must_fail()):
            assert f"{named} was not replaced" in refused.words
            assert "release, with its name in Purview" in refused.words
        assert tenant.writes() == []
    # In a data source that was there before, another scan may be meant so: it is told, and no drift.
    operator.do("PUT", f"{HAND_MADE}/scans/theirs", json=scan_body(credential="gpt-key"))
    said = drift_of(tenant)
    assert [one["field"] for one in said.stack["uncovered"] if one["resource"] == "chatgpt-source"] == ["scan theirs"]
    assert (said.code, said.changed) == (0, set())
    operator.do("DELETE", f"{HAND_MADE}/scans/theirs")
    # A refresh only looks: what somebody has put in its place is told, and nothing is refused.
    body = operator.get(HAND_MADE)
    body["properties"]["nest"]["burrowId"] = seed.OTHER_WORKSPACE
    operator.do("PUT", HAND_MADE, json=body)
    assert tenant.refresh().code == 7
    body["properties"]["nest"]["burrowId"] = seed.WORKSPACE
    operator.do("PUT", HAND_MADE, json=body)

    tenant.change({"sources.chatgpt.capture_since": "2026-01-01", "release": ["ChatGPT-Prod", "Scan-k3d"]})
    assert set(tenant.up().must_succeed().steps.values()) == {"update"}
    tenant.change(earlier)
    shown = tenant.preview().must_succeed()
    assert set(shown.steps) == {"chatgpt-scan", "chatgpt-trigger", "chatgpt-run"}
    assert "is there already" not in shown.words
    tenant.up().must_succeed()
    now, newest = operator.get(SCAN_BY_HAND), operator.run_of("datasources/ChatGPT-Prod/scans/Scan-k3d")
    assert now["properties"]["createdAt"] != before["properties"]["createdAt"]
    assert now["properties"]["firstLight"] == "2025-06-01T00:00:00Z"
    assert (newest["id"] != first["id"], newest["scanLevelType"]) == (True, "Full")


def test_what_was_adopted_goes_once_it_is_released_by_name(tenant: Tenant, operator: Person) -> None:
    operator.do("PUT", f"{SCAN_API}/datasources/chatgpt", json=source_body())
    tenant.up().must_succeed()
    assert tenant.recorded("chatgpt-source")["outputs"]["adopted"] is True
    tenant.change({"release": ["chatgpt-sauce"]})
    wrong = tenant.preview().must_fail()
    assert "release = 'chatgpt-sauce'" in wrong.words
    tenant.change({"release": ["chatgpt"]})
    assert tenant.preview().must_succeed().steps == {"chatgpt-source": "update"}
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    assert names(operator, "datasources") == []


@pytest.fixture
def administered(operator: Person) -> None:
    """The deployer may give roles in Azure on the Purview account, and so to itself in its Data Map."""
    account = f"{ARM}/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    account += f"/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
    url = f"{account}/providers/Microsoft.Authorization/roleAssignments/5b5f1f9e-0000-4000-8000-000000000002"
    operator.do("PUT", url, params={"api-version": "2022-04-01"}, json=role_body(seed.ACCESS_ADMIN, seed.DEPLOYER_ID))


@pytest.mark.usefixtures("administered")
def test_a_collection_of_its_own_with_roles_from_nothing(tenant: Tenant, operator: Person) -> None:
    tenant.change(
        {
            "purview.collection": {"name": "contoso-ai", "create": True, "friendly_name": "Contoso AI"},
            "purview.bootstrap_admin": True,
            "purview.deployer_access": True,
            "purview.roles": {"purview-reader": [seed.STRANGER_ID]},
        }
    )
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    # Entra does not tell an id's small letters from capitals.
    tenant.change({"purview.roles": {"purview-reader": [seed.STRANGER_ID.upper()]}})
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    tenant.change({"purview.roles": {"data-reader": [seed.STRANGER_ID]}})
    assert "the portal's Data reader is purview-reader" in tenant.preview().must_fail().words
    tenant.change({"purview.roles": None})
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    listed = operator.get(f"{PURVIEW}/account/collections", **{"api-version": "2019-11-01-preview"})["value"]
    assert "contoso-ai" not in [one["name"] for one in listed]


@pytest.mark.deployed
@pytest.mark.parametrize("protect", [False, True])
def test_a_source_with_a_new_name_in_the_stack_file_keeps_its_objects(
    tenant: Tenant,
    operator: Person,
    protect: bool,  # noqa: FBT001  # a table
) -> None:
    tenant.change({"protect": protect})
    tenant.up().must_succeed()
    run_id = operator.run_of()["id"]
    tenant.rename_source("chatgpt", "gpt-prod")
    told = tenant.preview().must_fail()
    assert 'This workspace is registered already as "chatgpt"' in told.words
    tenant.change({"sources.gpt-prod.adopt": {"data_source": "chatgpt", "scan": "chatgpt-scan"}})
    # The credential carries the source's name, so the scan gets a new one.
    steps = tenant.up().must_succeed().steps
    assert {name for name, step in steps.items() if step == "delete"} == set()
    assert names(operator, "datasources") == ["chatgpt"]
    assert names(operator, "credentials") == ["sandbox-gpt-prod"]
    runs = operator.get(f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan/runs")["value"]
    assert [run["id"] for run in runs] == [run_id]
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


MOMENTS = [
    ("purview", "hang-before", "PUT", "azurekeyvaults"),
    ("purview", "hang-after", "PUT", "credentials/sandbox-chatgpt"),
    ("purview", "hang-after", "PUT", "datasources/chatgpt"),
    ("purview", "hang-after", "PUT", "scans/chatgpt-scan"),
    ("purview", "hang-after", "POST", "chatgpt-scan:run"),
    ("graph", "hang-after", "POST", "approleassignedto"),
    ("arm", "hang-after", "PUT", "secrets/chatgpt-compliance-key"),
]


@pytest.mark.parametrize(
    ("service", "effect", "method", "path"),
    # One before and one after its service did it, and one of each other service; test_crashes has all of Purview's.
    some_of(MOMENTS, 0, 3, 5, 6),
)
def test_an_engine_that_is_killed_in_the_middle_converges_when_it_is_run_again(
    tenant: Tenant, operator: Person, service: str, effect: str, method: str, path: str
) -> None:
    kill(tenant, service=service, effect=effect, method=method, path=path)
    tenant.unlock()

    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert {kind: len(names(operator, kind)) for kind in PURVIEW_OBJECTS} == dict.fromkeys(PURVIEW_OBJECTS, 1)
    assert names(operator, "datasources/chatgpt/scans") == ["chatgpt-scan"]
    runs = operator.get(f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan/runs")["value"]
    assert len(runs) == 1, "a repeated request is the same run"
    assert len(operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"]) == 1, "the key is written once"


AZURES_OWN = {
    "vaults/kv-contoso-ai": ("keyvault:Vault", "custody-vault"),
    "roleassignments": ("authorization:RoleAssignment", "custody-deployer-manages"),
}


@pytest.mark.parametrize("path", AZURES_OWN)
def test_what_a_killed_engine_made_in_azure_is_told_to_the_stack_by_its_id(
    tenant: Tenant, operator: Person, path: str
) -> None:
    """As docs/troubleshooting.md#already-exists has it: azure-native takes nothing over."""
    kind, name = AZURES_OWN[path]
    kill(tenant, effect="hang-after", service="arm", method="PUT", path=path)
    tenant.unlock()
    refused = tenant.up().must_fail()
    assert "cannot create already existing resource" in refused.words
    assert "If a killed deployment of this stack made it: docs/troubleshooting.md#already-exists" in refused.words
    [made] = [found for found in re.findall(r"/subscriptions/[^\s'\"]+", refused.words) if path in found.lower()][:1]
    tenant.take_in(f"azure-native:{kind}", name, made, below="custody")
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
