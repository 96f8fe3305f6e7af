"""What the stand-in for azure-native makes of answers that the local Azure never gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from plugin_process import NOBODY, PluginProcess, RefusedError
from scripted_service import Answer
from stand_ins.azure_native import conversion
from stand_ins.azure_native.table import RESOURCE_GROUP
from stand_ins.azure_native.vault_data import scope_of
from stand_ins.failures import ProviderError
from stand_ins.values import decode

if TYPE_CHECKING:
    from listening_engine import ListeningEngine
    from scripted_service import ScriptedService

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"

SUBSCRIPTION = f"/subscriptions/{NOBODY['ARM_SUBSCRIPTION_ID']}"
TEMPLATE_ID = f"{SUBSCRIPTION}/resourcegroups/rg"
CANONICAL_ID = f"{SUBSCRIPTION}/resourceGroups/RG"
INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg",
    "location": "westeurope",
    "azureApiVersion": "2024-03-01",
}
FREE = Answer(404, {"error": {"code": "ResourceGroupNotFound", "message": "no"}})
VAULT_ID = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-test"
VAULT_INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg",
    "vaultName": "kv-test",
    "location": "westeurope",
    "properties": {"sku": {"family": "A", "name": "standard"}, "tenantId": "t", "accessPolicies": []},
}


def found(state: str = "Succeeded", **more: object) -> Answer:
    """A resource in ARM's form."""
    properties = {"provisioningState": state}
    return Answer(body={"id": CANONICAL_ID, "name": "RG", "location": "westeurope", "properties": properties, **more})


@pytest.fixture
def group(scripted: PluginProcess) -> PluginProcess:
    return scripted.of(GROUP)


@pytest.fixture
def vault(scripted: PluginProcess) -> PluginProcess:
    return scripted.of(VAULT)


@pytest.mark.fact(26)
def test_the_state_takes_arms_spelling_of_the_id_and_reads_by_it(
    group: PluginProcess, service: ScriptedService
) -> None:
    service.will(FREE, found(), found())
    made, _ = group.create(INPUTS)
    assert made == CANONICAL_ID
    query = "?api-version=2024-03-01"
    assert service.calls == [
        f"GET {TEMPLATE_ID}{query}",
        f"PUT {TEMPLATE_ID}{query}",
        f"GET {CANONICAL_ID}{query}",
    ]


@pytest.mark.fact(26)
def test_values_are_escaped_in_an_id(group: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, found(), found())
    group.create({**INPUTS, "resourceGroupName": "rg (x)"})
    assert service.calls[0].startswith(f"GET {SUBSCRIPTION}/resourcegroups/rg%20%28x%29?")


@pytest.mark.fact(26)
def test_a_scope_stays_unescaped_and_loses_its_outer_slashes(scripted: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, found(), found())
    inputs = {"scope": f"{CANONICAL_ID}/", "roleAssignmentName": "n", "principalId": "p"}
    scripted.of("azure-native:authorization:RoleAssignment").create(inputs)
    where = f"{CANONICAL_ID}/providers/Microsoft.Authorization/roleAssignments/n"
    assert service.calls[0] == f"GET {where}?api-version=2022-04-01"


@pytest.mark.fact(51)
def test_writes_are_json_and_reads_only_accept_it(group: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, found(), found())
    group.create(INPUTS)
    check, write, _ = (asked.headers for asked in service.asked)
    assert check["accept"] == write["accept"] == "application/json"
    assert "content-type" not in check
    assert write["content-type"].startswith("application/json")
    assert write["authorization"] == "Bearer header.e30.signature"


@pytest.mark.fact(27)
def test_the_body_has_only_what_belongs_there(group: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, found(), found())
    group.create({**INPUTS, "__createBeforeDelete": True, "tags": {"a": "1"}, "nonsense": 1})
    assert service.asked[1].body == {"location": "westeurope", "tags": {"a": "1"}}


@pytest.mark.fact(27)
def test_whole_numbers_stay_whole(vault: PluginProcess, service: ScriptedService) -> None:
    properties = {**VAULT_INPUTS["properties"], "softDeleteRetentionInDays": 7, "enableSoftDelete": True}
    service.will(FREE, found(), found())
    vault.create({**VAULT_INPUTS, "properties": properties})
    assert service.asked[1].body["properties"] == properties


@pytest.mark.fact(29)
def test_nulls_and_what_the_metadata_does_not_know_are_dropped(group: PluginProcess, service: ScriptedService) -> None:
    service.will(found(managedBy=None, surprise={"a": 1}, tags={"a": "1"}))
    _, outputs, _ = group.read(CANONICAL_ID, {}, INPUTS)
    assert outputs.keys() == {"id", "name", "location", "properties", "tags", "azureApiVersion"}


@pytest.mark.fact(29)
def test_a_null_in_an_answer_is_as_good_as_nothing() -> None:
    assert conversion.outputs(RESOURCE_GROUP.answer, {"managedBy": None, "name": "rg"}) == {"name": "rg"}


@pytest.mark.fact(34)
def test_a_new_vault_states_that_it_has_no_policies(vault: PluginProcess, service: ScriptedService) -> None:
    properties = {"sku": {"family": "A", "name": "standard"}, "tenantId": "t"}
    service.will(FREE, found(), found())
    vault.create({**VAULT_INPUTS, "properties": properties})
    assert service.asked[1].body["properties"] == {**properties, "accessPolicies": []}


@pytest.mark.fact(35)
def test_what_disappeared_from_the_outputs_disappears_from_the_inputs(
    group: PluginProcess, service: ScriptedService
) -> None:
    service.will(found(tags={"kept": "1"}))
    state = {"location": "westeurope", "managedBy": "somebody", "tags": {"kept": "1", "gone": "2"}}
    olds = {**INPUTS, "managedBy": "somebody", "tags": {"kept": "1", "gone": "2"}}
    _, _, inputs = group.read(CANONICAL_ID, state, olds)
    assert inputs == {**INPUTS, "tags": {"kept": "1"}}


@pytest.mark.fact(25)
@pytest.mark.parametrize("answer", [Answer(204), Answer(200), Answer(200, "{}"), Answer(200, "not JSON")])
def test_an_empty_or_unreadable_answer_to_the_check_means_free(
    group: PluginProcess, service: ScriptedService, answer: Answer
) -> None:
    service.will(answer, found(), found())
    assert group.create(INPUTS)[0] == CANONICAL_ID


@pytest.mark.fact(24)
def test_a_failing_read_after_a_write_leaves_arms_answer_to_the_write_in_the_state(
    group: PluginProcess, service: ScriptedService
) -> None:
    service.will(FREE, found(surprise="kept as it came"), Answer(403, {"error": {"message": "no"}}))
    made, outputs = group.create(INPUTS)
    assert made == CANONICAL_ID
    assert outputs["surprise"] == "kept as it came"


@pytest.mark.fact(24)
def test_a_failing_read_after_a_write_is_a_warning(listening_engine: ListeningEngine, service: ScriptedService) -> None:
    plugin = PluginProcess.start(
        "stand_ins.azure_native", {**NOBODY, "STAND_INS_PACE": "0.001"}, engine=listening_engine.address
    )
    try:
        service.will_describe_a_cloud()
        plugin.configure(metadataHost=service.url)
        service.will(FREE, found(), Answer(403, {"error": {"message": "no"}}))
        plugin.of(GROUP).create(INPUTS)
    finally:
        plugin.stop()
    assert listening_engine.entries[0].message.startswith(
        "Failed to read resource after Create. Please report this issue."
    )


@pytest.mark.fact(31)
def test_a_202_is_followed_even_where_the_type_is_not_long_running(
    group: PluginProcess, service: ScriptedService
) -> None:
    service.will(FREE, Answer(202, headers={"Location": "/operations/1?t=x"}), Answer(202), found(), found())
    group.create(INPUTS)
    polled = [asked.path for asked in service.asked[2:4]]
    assert polled == ["/operations/1?t=x&api-version=2024-03-01"] * 2


@pytest.mark.fact(31)
def test_a_write_with_an_operation_is_read_where_it_was_written(vault: PluginProcess, service: ScriptedService) -> None:
    operation = {"Azure-AsyncOperation": f"{service.url}/operations/1?api-version=1", "Retry-After": "5"}
    service.will(
        FREE,
        Answer(201, {"id": VAULT_ID}, operation),
        Answer(200, {"status": "Running"}),
        Answer(200, {"status": "Succeeded"}),
        found(),
        found(),
    )
    vault.create(VAULT_INPUTS)
    assert [call.split("?")[0] for call in service.calls] == [
        f"GET {VAULT_ID}",
        f"PUT {VAULT_ID}",
        "GET /operations/1",
        "GET /operations/1",
        f"GET {VAULT_ID}",
        f"GET {CANONICAL_ID}",
    ]


@pytest.mark.fact(31)
def test_without_any_address_the_resource_itself_is_polled(vault: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, found("RegisteringDns"), found("RegisteringDns"), found(), found())
    vault.create(VAULT_INPUTS)
    assert [call.split("?")[0] for call in service.calls[2:4]] == [f"GET {VAULT_ID}"] * 2


@pytest.mark.fact(31)
@pytest.mark.parametrize(
    ("asks_for", "patience", "ends"),
    [(None, 29, "timed out"), (None, 31, "done"), ("5", 29, "done"), ("40", 31, "timed out")],
)
def test_a_deletion_is_polled_every_half_minute_unless_arm_asks_for_another_wait(
    group: PluginProcess, service: ScriptedService, asks_for: str | None, patience: float, ends: str
) -> None:
    wait = {"Retry-After": asks_for} if asks_for else {}
    service.will(Answer(202, headers={"Location": "/operations/3"}), Answer(202, headers=wait), Answer(200))
    if ends == "done":
        group.delete(CANONICAL_ID, INPUTS, timeout=patience)
    else:
        with pytest.raises(RefusedError, match="operation timed out"):
            group.delete(CANONICAL_ID, INPUTS, timeout=patience)


@pytest.mark.fact(31)
@pytest.mark.parametrize(("patience", "text"), [(9, "operation timed out"), (11, "Failed")])
def test_a_write_is_polled_every_ten_seconds(
    vault: PluginProcess, service: ScriptedService, patience: float, text: str
) -> None:
    service.will(FREE, found("RegisteringDns"), found("RegisteringDns"), found("Failed"), found())
    with pytest.raises(RefusedError, match=text):
        vault.create(VAULT_INPUTS, timeout=patience)


@pytest.mark.fact(33)
def test_a_write_that_fails_after_it_was_accepted_leaves_the_resource_in_the_state(
    vault: PluginProcess, service: ScriptedService
) -> None:
    service.will(FREE, found("RegisteringDns"), found("Failed"), found("Failed"))
    with pytest.raises(RefusedError, match=r'Status=200 Message="{.*Failed') as refused:
        vault.create(VAULT_INPUTS)
    half_made = refused.value.half_made
    assert half_made is not None
    assert half_made.id == VAULT_ID
    assert decode(half_made.properties)["properties"] == {"provisioningState": "Failed"}
    assert decode(half_made.inputs) == VAULT_INPUTS
    assert list(half_made.reasons) == [str(refused.value)]


@pytest.mark.fact(33)
def test_where_even_reading_fails_the_error_says_both(vault: PluginProcess, service: ScriptedService) -> None:
    refusal = Answer(403, {"error": {"code": "No", "message": "not yours"}})
    service.will(FREE, found("RegisteringDns"), found("Failed"), refusal)
    with pytest.raises(RefusedError) as refused:
        vault.create(VAULT_INPUTS)
    assert str(refused.value).startswith(
        'resource created but read failed Status=403 Code="No" Message="not yours": Status=200'
    )
    assert refused.value.half_made is not None


@pytest.mark.fact(30)
@pytest.mark.fact(37)
def test_a_followed_deletion_that_ends_in_404_succeeded(group: PluginProcess, service: ScriptedService) -> None:
    service.will(Answer(202, headers={"Location": f"{service.url}/operations/2"}), Answer(404, {}))
    group.delete(CANONICAL_ID, INPUTS)
    assert service.calls[0].startswith(f"DELETE {CANONICAL_ID}?")


@pytest.mark.fact(39)
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(400, {"error": {"code": "Bad", "message": "why"}}), 'Status=400 Code="Bad" Message="why"'),
        (Answer(400, {"error": {"message": "why"}}), 'Status=400 Message="why"'),
        (Answer(400, {"code": "Top"}), 'Status=400 Code="Top" Message="{"code": "Top"}"'),
        (
            Answer(400, {"error": {"code": "Body", "message": "why"}}, {"x-ms-error-code": "Header"}),
            'Status=400 Code="Header" Message="why"',
        ),
    ],
)
def test_arms_refusal_is_told_in_short(
    group: PluginProcess, service: ScriptedService, answer: Answer, text: str
) -> None:
    service.will(answer)
    with pytest.raises(RefusedError) as refused:
        group.read(CANONICAL_ID, {}, INPUTS)
    assert str(refused.value) == text


@pytest.mark.fact(39)
def test_a_refusal_that_is_no_json_is_told_at_length(group: PluginProcess, service: ScriptedService) -> None:
    service.will(Answer(403, "<html>no</html>"))
    with pytest.raises(RefusedError) as refused:
        group.read(CANONICAL_ID, {}, INPUTS)
    lines = str(refused.value).splitlines()
    assert lines[0] == f"GET {service.url}{CANONICAL_ID}"
    assert lines[2:4] == ["RESPONSE 403: 403 Forbidden", "ERROR CODE UNAVAILABLE"]
    assert lines[5] == "<html>no</html>"


@pytest.mark.fact(35)
def test_a_state_of_another_api_version_keeps_its_inputs(group: PluginProcess, service: ScriptedService) -> None:
    service.will(found(tags={"new": "1"}))
    _, _, inputs = group.read(CANONICAL_ID, {"azureApiVersion": "2022-09-01"}, INPUTS)
    assert inputs == INPUTS


@pytest.mark.fact(47)
def test_an_identity_whose_token_has_no_object_id_is_looked_up_in_graph(
    scripted: PluginProcess, service: ScriptedService
) -> None:
    service.will(Answer(body={"value": [{"id": "object"}]}), Answer(body={"value": []}))
    who = "azure-native:authorization:getClientConfig"
    assert scripted.invoke(who)["objectId"] == "object"
    assert service.calls == [f"GET /v1.0/servicePrincipals?%24filter=appId+eq+%27{NOBODY['ARM_CLIENT_ID']}%27"]
    assert service.forms[0]["scope"] == f"{service.url}//.default"
    with pytest.raises(RefusedError, match=r"^getting client config: .*expected 1, received 0"):
        scripted.invoke(who)


@pytest.mark.fact(42)
def test_a_challenge_names_the_scope_and_must_be_of_the_vaults_domain() -> None:
    challenge = 'Bearer authorization="https://login.test/t", resource="https://vault.azure.net"'
    assert scope_of(challenge, "kv.vault.azure.net") == "https://vault.azure.net/.default"
    with pytest.raises(ProviderError, match="does not match the requested domain"):
        scope_of(challenge, "kv.vault.example")
    with pytest.raises(ProviderError, match="does not match the requested domain"):
        scope_of("Bearer", "kv.vault.azure.net")
