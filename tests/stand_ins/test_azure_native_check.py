"""Check of the stand-in for azure-native: what it adds to inputs, and what it refuses."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from plugin_process import RefusedError
from pulumi.runtime.proto import provider_pb2 as proto
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"
ROLE = "azure-native:authorization:RoleAssignment"

Autonaming = proto.CheckRequest.AutonamingOptions


def vault(**more: object) -> dict[str, Any]:
    properties = {"sku": {"family": "A", "name": "standard"}, "tenantId": "t"}
    return {"resourceGroupName": "rg", "location": "westeurope", "properties": properties, **more}


def role(**more: object) -> dict[str, Any]:
    return {"scope": "/subscriptions/s", "principalId": "p", "roleDefinitionId": "r", **more}


@pytest.mark.fact(1)
def test_the_configuration_is_taken_without_secrets_and_with_previews(offline: PluginProcess) -> None:
    answer = offline.configure(location="westeurope")
    assert answer.supportsPreview
    assert answer.supports_autonaming_configuration
    assert not answer.acceptSecrets
    assert not answer.acceptResources


@pytest.mark.fact(1)
def test_an_engine_that_keeps_old_inputs_back_is_refused(offline: PluginProcess) -> None:
    with pytest.raises(RefusedError, match=r"requires Pulumi CLI v3\.74\.0 or later"):
        offline.ask("Configure", proto.ConfigureRequest(sends_old_inputs=True))


def test_a_type_that_the_program_does_not_use_is_refused_by_name(offline: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="Resource type azure-native:sql:Server not found"):
        offline.of("azure-native:sql:Server").check({})


@pytest.mark.fact(5)
@pytest.mark.parametrize(
    ("type_", "inputs", "version"),
    [
        (GROUP, {}, "2024-03-01"),
        (VAULT, vault(), "2024-11-01"),
        (SECRET, {"resourceGroupName": "rg", "vaultName": "kv-test", "properties": {}}, "2024-11-01"),
        (ROLE, role(), "2022-04-01"),
    ],
)
def test_every_checked_input_carries_the_api_version_of_its_type(
    offline: PluginProcess, type_: str, inputs: dict[str, Any], version: str
) -> None:
    checked = offline.of(type_).check(inputs)
    assert checked.reasons == []
    assert checked.inputs["azureApiVersion"] == version


@pytest.mark.fact(6)
@pytest.mark.fact(7)
def test_a_made_up_name_is_the_logical_one_with_eight_characters_and_the_same_for_a_seed(
    offline: PluginProcess,
) -> None:
    group = offline.of(GROUP, "rg")
    first, again, other = (group.check({}, seed=seed).inputs for seed in (b"one", b"one", b"two"))
    assert first == again
    assert first["resourceGroupName"] != other["resourceGroupName"]
    assert first["resourceGroupName"].startswith("rg")
    assert len(first["resourceGroupName"]) == len("rg") + 8
    assert int(first["resourceGroupName"].removeprefix("rg"), 16) >= 0
    assert first["__createBeforeDelete"] is True


@pytest.mark.fact(6)
def test_a_secret_takes_its_logical_name_without_a_mark(offline: PluginProcess) -> None:
    inputs = {"resourceGroupName": "rg", "vaultName": "kv-test", "properties": {"value": "v"}}
    checked = offline.of(SECRET, "key").check(inputs)
    assert checked.inputs["secretName"] == "key"
    assert "__createBeforeDelete" not in checked.inputs


@pytest.mark.fact(7)
def test_a_role_assignment_gets_a_guid(offline: PluginProcess) -> None:
    checked = offline.of(ROLE).check(role())
    assert str(uuid.UUID(checked.inputs["roleAssignmentName"])) == checked.inputs["roleAssignmentName"]
    assert checked.inputs["__createBeforeDelete"] is True


@pytest.mark.fact(4)
def test_a_given_name_stays_and_leaves_no_mark(offline: PluginProcess) -> None:
    checked = offline.of(GROUP).check({"resourceGroupName": "rg-mine"})
    assert checked.inputs == {
        "resourceGroupName": "rg-mine",
        "location": "westeurope",
        "azureApiVersion": "2024-03-01",
    }


@pytest.mark.fact(8)
def test_an_old_name_is_kept_with_its_mark_even_if_it_was_once_given(offline: PluginProcess) -> None:
    group = offline.of(GROUP)
    given = group.check({}, olds={"resourceGroupName": "rg-once-given"}).inputs
    assert given["resourceGroupName"] == "rg-once-given"
    assert "__createBeforeDelete" not in given
    olds = {"resourceGroupName": "rg12345678", "__createBeforeDelete": True}
    assert group.check({}, olds=olds).inputs["__createBeforeDelete"] is True


@pytest.mark.fact(8)
def test_the_engine_may_propose_enforce_or_forbid_names(offline: PluginProcess) -> None:
    propose = Autonaming(mode=Autonaming.PROPOSE, proposed_name="proposed")
    enforce = Autonaming(mode=Autonaming.ENFORCE, proposed_name="enforced")
    group, assignment = offline.of(GROUP), offline.of(ROLE)
    assert group.check({}, autonaming=propose).inputs["resourceGroupName"] == "proposed"
    assert assignment.check(role(), autonaming=enforce).inputs["roleAssignmentName"] == "enforced"
    assert uuid.UUID(assignment.check(role(), autonaming=propose).inputs["roleAssignmentName"])
    forbidden = group.check({}, autonaming=Autonaming(mode=Autonaming.DISABLE))
    assert forbidden.reasons == ["missing required property 'resourceGroupName'"]


@pytest.mark.fact(9)
def test_the_location_comes_from_old_inputs_and_then_from_the_configuration(offline: PluginProcess) -> None:
    group = offline.of(GROUP)
    assert group.check({}).inputs["location"] == "westeurope"
    assert group.check({}, olds={"location": "northeurope"}).inputs["location"] == "northeurope"


@pytest.mark.fact(9)
def test_types_without_a_location_get_none(offline: PluginProcess) -> None:
    assert "location" not in offline.of(ROLE).check(role()).inputs


@pytest.mark.fact(9)
def test_the_location_is_looked_up_in_the_resource_group_once_for_a_process(
    azure: LocalAzure, native: PluginProcess
) -> None:
    news = vault(resourceGroupName="rg-governance", vaultName="kv-one")
    del news["location"]
    azure.forget_requests()
    for _ in range(2):
        assert native.of(VAULT).check(news).inputs["location"] == "westeurope"
    assert [entry["path"] for entry in azure.requests() if entry["service"] == "arm"] == [
        f"/subscriptions/{azure.deployer()['ARM_SUBSCRIPTION_ID']}/resourceGroups/rg-governance"
    ]


@pytest.mark.fact(9)
def test_an_unknown_resource_group_makes_the_location_unknown(native: PluginProcess) -> None:
    news = vault(resourceGroupName=UNKNOWN, vaultName="kv-one")
    del news["location"]
    checked = native.of(VAULT).check(news)
    assert checked.inputs["location"] is UNKNOWN
    assert checked.reasons == []


@pytest.mark.fact(9)
@pytest.mark.fact(10)
def test_where_no_location_can_be_found_the_failure_says_how_to_set_one(native: PluginProcess) -> None:
    news = vault(resourceGroupName="rg-not-there", vaultName="kv-one")
    del news["location"]
    reason = (
        "missing required property 'location'. Either set it explicitly or configure it with "
        "'pulumi config set azure-native:location <value>'."
    )
    assert native.of(VAULT).check(news).reasons == [reason]


@pytest.mark.fact(10)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"properties": {"sku": {"family": "A"}, "tenantId": "t"}},
            "missing required property 'properties.sku.name'",
        ),
        ({"location": 7}, "'location' should be of type 'string' but got a number"),
        ({"location": ["a"]}, "'location' should be of type 'string' but got an array"),
        ({"vaultName": "x"}, "'vaultName' does not match expression '^[a-zA-Z0-9-]{3,24}$'"),
        ({"tags": "a"}, "'tags' should be of type 'object' but got a string"),
    ],
)
def test_wrong_inputs_are_refused_in_the_providers_words_and_without_a_property(
    offline: PluginProcess, changes: dict[str, Any], reason: str
) -> None:
    checked = offline.of(VAULT).check(vault(**{"vaultName": "kv-test", **changes}))
    assert checked.reasons == [reason]
    assert checked.properties == [""]


@pytest.mark.fact(10)
def test_numbers_and_lengths_are_checked_too(offline: PluginProcess) -> None:
    news = vault(vaultName="kv-test")
    news["properties"]["softDeleteRetentionInDays"] = 7.5
    checked = offline.of(VAULT).check(news)
    assert checked.reasons == ["'properties.softDeleteRetentionInDays' must be an integer but got 7.500000"]
    long_name = offline.of(GROUP).check({"resourceGroupName": "g" * 91})
    assert long_name.reasons == ["'resourceGroupName' is too long (91): at most 90 characters allowed"]


@pytest.mark.fact(10)
def test_elements_of_arrays_are_named_by_their_place(offline: PluginProcess) -> None:
    news = vault(vaultName="kv-test")
    news["properties"]["networkAcls"] = {"ipRules": [{"value": "1.2.3.4"}, {}]}
    reason = "missing required property 'properties.networkAcls.ipRules[1].value'"
    assert offline.of(VAULT).check(news).reasons == [reason]


@pytest.mark.fact(10)
def test_unknown_values_extra_keys_and_odd_enums_pass(offline: PluginProcess) -> None:
    news = vault(vaultName=UNKNOWN, nonsense={"a": 1})
    news["properties"]["sku"]["name"] = "no such sku"
    checked = offline.of(VAULT).check(news)
    assert checked.reasons == []
    assert checked.inputs["vaultName"] is UNKNOWN


@pytest.mark.fact(11)
def test_a_made_up_name_that_is_too_long_fails_the_check(offline: PluginProcess) -> None:
    checked = offline.of(VAULT, "a-vault-with-a-long-name").check(vault())
    assert checked.reasons == ["'vaultName' does not match expression '^[a-zA-Z0-9-]{3,24}$'"]
