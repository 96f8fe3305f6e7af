"""Access policies through the stand-in for azure-native: single entries of an existing vault's list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from people import ARM
from plugin_process import RefusedError
from pulumi.runtime.proto import provider_pb2 as proto
from scripted_service import Answer
from whole_chain import policy_for, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person
    from plugin_process import PluginProcess
    from scripted_service import ScriptedService

POLICY = "azure-native:keyvault:AccessPolicy"
VAULT_ID = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    "/providers/Microsoft.KeyVault/vaults/kv-older"
)
POLICY_ID = f"{VAULT_ID}/accessPolicy/{seed.PURVIEW_IDENTITY}"
SOMEBODY = policy_for(seed.STRANGER_ID, "get")


def inputs(*permissions: str, principal: str = seed.PURVIEW_IDENTITY) -> dict[str, Any]:
    return {
        "resourceGroupName": seed.TENANT_GROUP,
        "vaultName": "kv-older",
        "policy": policy_for(principal, *(permissions or ("get", "list"))),
    }


@pytest.fixture
def vault(operator: Person) -> str:
    """A vault that somebody else made, with an entry of theirs."""
    body = vault_body(enableRbacAuthorization=False, accessPolicies=[SOMEBODY])
    operator.do("PUT", ARM + VAULT_ID, json=body)
    return ARM + VAULT_ID


@pytest.fixture
def policy(azure: LocalAzure, native: PluginProcess, vault: str) -> PluginProcess:
    del vault
    azure.forget_requests()
    return native.of(POLICY)


def calls(azure: LocalAzure) -> list[str]:
    lines = [line for line in azure.requests() if line["service"] == "arm"]
    return [f"{line['method']} {line['path'].rpartition('/vaults/')[2]} {line['status']}" for line in lines]


def entries(operator: Person, vault: str) -> list[dict[str, Any]]:
    return operator.get(vault)["properties"]["accessPolicies"]


@pytest.mark.fact(43)
def test_an_entry_is_added_beside_the_others(
    azure: LocalAzure, policy: PluginProcess, operator: Person, vault: str
) -> None:
    made, outputs = policy.create(inputs())
    assert made == POLICY_ID
    assert calls(azure) == [
        "GET kv-older 200",
        "GET kv-older 200",
        "PUT kv-older/accessPolicies/replace 200",
        "GET kv-older 200",
    ]
    assert outputs == inputs()
    assert entries(operator, vault) == [SOMEBODY, policy_for(seed.PURVIEW_IDENTITY, "get", "list")]


@pytest.mark.fact(43)
def test_an_entry_that_is_there_stops_a_create(policy: PluginProcess) -> None:
    policy.create(inputs())
    with pytest.raises(RefusedError) as refused:
        policy.create(inputs("get"))
    assert str(refused.value) == f'cannot create already existing resource "{POLICY_ID}"'


@pytest.mark.fact(43)
def test_a_vault_that_is_not_there_is_found_out_by_the_write(policy: PluginProcess) -> None:
    with pytest.raises(RefusedError, match=r"(?s)RESPONSE 404: 404 Not Found.*ERROR CODE: ResourceNotFound"):
        policy.create({**inputs(), "vaultName": "kv-nowhere"})


@pytest.mark.fact(43)
def test_an_update_takes_the_entrys_place(
    azure: LocalAzure, policy: PluginProcess, operator: Person, vault: str
) -> None:
    made, outputs = policy.create(inputs())
    azure.forget_requests()
    changed = policy.update(made, outputs, inputs("get"))
    assert calls(azure) == ["GET kv-older 200", "PUT kv-older/accessPolicies/replace 200", "GET kv-older 200"]
    assert changed["policy"]["permissions"] == {"secrets": ["get"]}
    assert len(entries(operator, vault)) == 2


@pytest.mark.fact(43)
def test_an_entry_that_somebody_took_away_stops_an_update(policy: PluginProcess, operator: Person, vault: str) -> None:
    made, outputs = policy.create(inputs())
    operator.do("PUT", f"{vault}/accessPolicies/remove", json={"properties": {"accessPolicies": [inputs()["policy"]]}})
    with pytest.raises(RefusedError, match=f"access policy for {seed.PURVIEW_IDENTITY} does not exist"):
        policy.update(made, outputs, inputs("get"))


@pytest.mark.fact(43)
def test_a_delete_takes_that_entry_away_and_no_other(
    azure: LocalAzure, policy: PluginProcess, operator: Person, vault: str
) -> None:
    made, outputs = policy.create(inputs())
    azure.forget_requests()
    policy.delete(made, outputs)
    assert calls(azure) == ["PUT kv-older/accessPolicies/remove 200"]
    assert entries(operator, vault) == [SOMEBODY]


@pytest.mark.fact(43)
def test_a_read_finds_the_entry_by_its_principal_alone(policy: PluginProcess, operator: Person, vault: str) -> None:
    made, outputs = policy.create(inputs())
    assert policy.read(made, outputs, inputs()) == (made, outputs, inputs())
    body = vault_body(enableRbacAuthorization=False, accessPolicies=[policy_for(seed.PURVIEW_IDENTITY, "all")])
    operator.do("PUT", vault, json=body)
    _, _, drifted = policy.read(made, outputs, inputs())
    assert drifted["policy"]["permissions"] == {"secrets": ["all"]}
    body["properties"]["accessPolicies"] = [SOMEBODY]
    operator.do("PUT", vault, json=body)
    assert policy.read(made, outputs, inputs())[0] == ""
    operator.do("DELETE", vault)
    assert policy.read(made, outputs, inputs())[0] == ""


@pytest.mark.fact(43)
def test_an_import_goes_by_the_id_and_older_states_by_what_they_hold(policy: PluginProcess) -> None:
    made, outputs = policy.create(inputs())
    assert policy.read(made) == (made, outputs, inputs())
    older = made.rpartition("/")[0]
    assert policy.read(older, outputs, inputs()) == (older, outputs, inputs())
    with pytest.raises(RefusedError, match="unable to parse key vault access policy id"):
        policy.read(VAULT_ID)


@pytest.mark.fact(43)
def test_an_application_is_sent_empty_where_there_is_none(scripted: PluginProcess, service: ScriptedService) -> None:
    empty = Answer(body={"name": "kv-older", "properties": {"accessPolicies": []}})
    service.will(empty, empty, Answer(body={}), Answer(body=vault_holding(inputs()["policy"])))
    scripted.of(POLICY).create(inputs())
    [sent] = [asked.body for asked in service.asked if asked.method == "PUT"]
    assert sent == {"properties": {"accessPolicies": [{**inputs()["policy"], "applicationId": ""}]}}


def vault_holding(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"name": "kv-older", "properties": {"accessPolicies": list(policies)}}


@pytest.mark.fact(43)
def test_what_was_written_and_is_not_there_is_an_error(scripted: PluginProcess, service: ScriptedService) -> None:
    service.will(*[Answer(body=vault_holding())] * 2, Answer(body={}), Answer(body=vault_holding()))
    with pytest.raises(RefusedError, match="newly written access policy not found"):
        scripted.of(POLICY).create(inputs())


@pytest.mark.fact(43)
def test_an_entry_that_appears_between_the_two_looks_stops_a_create(
    scripted: PluginProcess, service: ScriptedService
) -> None:
    service.will(Answer(body=vault_holding()), Answer(body=vault_holding(inputs()["policy"])))
    with pytest.raises(RefusedError, match=f"access policy for {seed.PURVIEW_IDENTITY} already exists"):
        scripted.of(POLICY).create(inputs())


@pytest.mark.fact(15)
def test_a_preview_shows_nothing(offline: PluginProcess) -> None:
    assert offline.of(POLICY).preview_create(inputs()) == {}
    assert offline.of(POLICY).update(POLICY_ID, inputs(), inputs("get"), preview=True) == {}


@pytest.mark.fact(18)
def test_another_principal_or_vault_is_another_entry_and_other_permissions_are_not(offline: PluginProcess) -> None:
    policy = offline.of(POLICY)
    for news, replaced in (
        (inputs(principal=seed.STRANGER_ID), ["policy.objectId"]),
        ({**inputs(), "vaultName": "kv-other"}, ["vaultName"]),
        (inputs("get"), []),
    ):
        answer = policy.diff(inputs(), news, inputs())
        assert answer.changes == proto.DiffResponse.DIFF_SOME
        assert list(answer.replaces) == replaced
        assert answer.deleteBeforeReplace == bool(replaced)


@pytest.mark.fact(10)
def test_check_wants_a_whole_policy_and_adds_nothing(offline: PluginProcess) -> None:
    policy = offline.of(POLICY)
    assert policy.check(inputs()).inputs == inputs()
    assert policy.check({"vaultName": "kv-older", "policy": {"objectId": seed.STRANGER_ID}}).reasons == [
        "missing required property 'resourceGroupName'",
        "missing required property 'policy.tenantId'",
        "missing required property 'policy.permissions'",
    ]
