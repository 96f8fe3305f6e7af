"""Diff of the stand-in for azure-native: what counts as a change, and what a change does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from plugin_process import NOBODY, PluginProcess
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto import provider_pb2 as proto
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from listening_engine import ListeningEngine

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"
ROLE = "azure-native:authorization:RoleAssignment"

SOME, NONE = proto.DiffResponse.DIFF_SOME, proto.DiffResponse.DIFF_NONE


def kinds(answer: proto.DiffResponse) -> dict[str, str]:
    """The detailed diff by the names of its kinds."""
    return {path: proto.PropertyDiff.Kind.Name(diff.kind) for path, diff in answer.detailedDiff.items()}


def vault(**properties: object) -> dict[str, Any]:
    return {"resourceGroupName": "rg", "vaultName": "kv", "location": "westeurope", "properties": properties}


@pytest.mark.fact(21)
def test_equal_inputs_are_no_change_and_carry_no_detail(offline: PluginProcess) -> None:
    answer = offline.of(VAULT).diff(vault(tenantId="t"), vault(tenantId="t"))
    assert answer.changes == NONE
    assert not answer.hasDetailedDiff


@pytest.mark.fact(16)
def test_outputs_do_not_count(offline: PluginProcess) -> None:
    state = {"properties": {"tenantId": "changed in Azure"}}
    assert offline.of(VAULT).diff(vault(tenantId="t"), vault(tenantId="t"), state).changes == NONE


@pytest.mark.fact(4)
def test_internal_keys_do_not_count(offline: PluginProcess) -> None:
    olds = {"__createBeforeDelete": True, "resourceGroupName": "rg"}
    assert offline.of(GROUP).diff(olds, {"resourceGroupName": "rg"}).changes == NONE


@pytest.mark.fact(21)
def test_a_change_inside_is_told_by_its_path_and_its_top(offline: PluginProcess) -> None:
    olds = vault(sku={"name": "standard"}, tenantId="t", networkAcls={"ipRules": [{"value": "1.1.1.1"}]})
    news = vault(sku={"name": "premium"}, enableSoftDelete=True, networkAcls={"ipRules": [{"value": "2.2.2.2"}]})
    answer = offline.of(VAULT).diff(olds, news)
    assert answer.changes == SOME
    assert kinds(answer) == {
        "properties.sku.name": "UPDATE",
        "properties.tenantId": "DELETE",
        "properties.enableSoftDelete": "ADD",
        "properties.networkAcls.ipRules[0].value": "UPDATE",
    }
    assert all(diff.inputDiff for diff in answer.detailedDiff.values())
    assert list(answer.diffs) == ["properties"]
    assert not answer.replaces
    assert not answer.stables
    assert not answer.deleteBeforeReplace


@pytest.mark.fact(16)
def test_a_new_value_that_is_not_known_yet_is_a_change(offline: PluginProcess) -> None:
    answer = offline.of(VAULT).diff(vault(tenantId="t"), vault(tenantId=UNKNOWN))
    assert kinds(answer) == {"properties.tenantId": "UPDATE"}


@pytest.mark.fact(18)
@pytest.mark.fact(19)
@pytest.mark.parametrize(
    ("type_", "name", "kind"),
    [
        (GROUP, "resourceGroupName", "UPDATE_REPLACE"),
        (GROUP, "location", "UPDATE_REPLACE"),
        (GROUP, "managedBy", "UPDATE"),
        (VAULT, "resourceGroupName", "UPDATE_REPLACE"),
        (VAULT, "vaultName", "UPDATE_REPLACE"),
        (VAULT, "location", "UPDATE"),
        (SECRET, "secretName", "UPDATE_REPLACE"),
        (SECRET, "vaultName", "UPDATE_REPLACE"),
        (ROLE, "scope", "UPDATE_REPLACE"),
        (ROLE, "roleAssignmentName", "UPDATE_REPLACE"),
        (ROLE, "principalId", "UPDATE_REPLACE"),
        (ROLE, "roleDefinitionId", "UPDATE"),
    ],
)
def test_parts_of_the_path_and_a_few_others_ask_for_a_new_resource(
    offline: PluginProcess, type_: str, name: str, kind: str
) -> None:
    answer = offline.of(type_).diff({name: "old"}, {name: "new"})
    assert kinds(answer) == {name: kind}
    assert list(answer.replaces) == ([name] if kind.endswith("REPLACE") else [])


@pytest.mark.fact(20)
def test_stating_what_is_already_there_does_not_replace(offline: PluginProcess) -> None:
    role = offline.of(ROLE)
    stated = role.diff({}, {"principalId": "p"}, state={"principalId": "p"})
    assert kinds(stated) == {"principalId": "ADD"}
    assert kinds(role.diff({}, {"principalId": "p"}, state={"principalId": "q"})) == {"principalId": "ADD_REPLACE"}


@pytest.mark.fact(20)
def test_adding_a_default_is_shown_but_is_no_change(offline: PluginProcess) -> None:
    answer = offline.of(ROLE).diff({}, {"principalType": "User"})
    assert answer.changes == NONE
    assert list(answer.diffs) == []
    assert kinds(answer) == {"principalType": "ADD"}
    assert offline.of(ROLE).diff({}, {"principalType": "Group"}).changes == SOME


@pytest.mark.fact(22)
def test_azures_own_spellings_are_equal(offline: PluginProcess) -> None:
    olds = {"location": "West Europe", "resourceGroupName": "RG-Mine", "vaultName": "kv"}
    news = {"location": "westeurope", "resourceGroupName": "rg-mine", "vaultName": "kv"}
    assert offline.of(VAULT).diff(olds, news).changes == NONE
    ids = [f"/subscriptions/s/resourceGroups/{name}/providers/Microsoft.X/y/z" for name in ("RG", "rg")]
    assert offline.of(ROLE).diff({"scope": ids[0]}, {"scope": ids[1]}).changes == NONE
    assert offline.of(ROLE).diff({"description": "A"}, {"description": "a"}).changes == SOME


@pytest.mark.fact(22)
def test_access_policies_are_compared_as_a_set(offline: PluginProcess) -> None:
    def policy(who: str, *rights: str) -> dict[str, Any]:
        return {"tenantId": "t", "objectId": who, "permissions": {"secrets": list(rights)}}

    one, two = policy("1", "get"), policy("2", "get")
    vaults = offline.of(VAULT)
    turned = vaults.diff(vault(accessPolicies=[one, two]), vault(accessPolicies=[two, one]))
    assert turned.changes == NONE
    changed = vaults.diff(vault(accessPolicies=[one, two]), vault(accessPolicies=[two, policy("1", "list")]))
    assert kinds(changed) == {
        "properties.accessPolicies[1]": "ADD",
        "properties.accessPolicies[0]": "DELETE",
    }


@pytest.mark.fact(22)
def test_ip_rules_are_compared_by_their_place(offline: PluginProcess) -> None:
    one, two = {"value": "1.1.1.1"}, {"value": "2.2.2.2"}
    olds, news = vault(networkAcls={"ipRules": [one, two]}), vault(networkAcls={"ipRules": [two, one]})
    assert kinds(offline.of(VAULT).diff(olds, news)) == {
        "properties.networkAcls.ipRules[0].value": "UPDATE",
        "properties.networkAcls.ipRules[1].value": "UPDATE",
    }


@pytest.mark.fact(23)
@pytest.mark.parametrize(
    ("olds", "deletes_first"),
    [
        ({"resourceGroupName": "given"}, True),
        ({"resourceGroupName": "made-up", "__createBeforeDelete": True}, False),
        ({"resourceGroupName": "odd", "__createBeforeDelete": False}, True),
    ],
)
def test_a_replacement_deletes_first_unless_the_name_is_made_up(
    offline: PluginProcess, olds: dict[str, Any], *, deletes_first: bool
) -> None:
    answer = offline.of(GROUP).diff(olds, {"resourceGroupName": "new"})
    assert answer.deleteBeforeReplace is deletes_first


@pytest.mark.fact(23)
def test_the_mark_of_a_made_up_name_rules_even_where_nothing_is_replaced(offline: PluginProcess) -> None:
    olds = {"managedBy": "a", "__createBeforeDelete": False}
    answer = offline.of(GROUP).diff(olds, {"managedBy": "b"})
    assert answer.deleteBeforeReplace
    assert not answer.replaces


@pytest.mark.fact(16)
def test_a_state_from_before_knows_its_api_version_and_the_difference_is_not_the_programs(
    offline: PluginProcess,
) -> None:
    group = offline.of(GROUP)
    news = {"azureApiVersion": "2024-03-01"}
    assert group.diff({}, news, state={"azureApiVersion": "2024-03-01"}).changes == NONE
    older = group.diff({}, news, state={"azureApiVersion": "2022-09-01"})
    assert kinds(older) == {"azureApiVersion": "UPDATE"}
    assert not older.detailedDiff["azureApiVersion"].inputDiff


@pytest.mark.fact(17)
def test_another_api_version_in_the_state_is_a_warning(listening_engine: ListeningEngine) -> None:
    plugin = PluginProcess.start("stand_ins.azure_native", NOBODY, engine=listening_engine.address)
    try:
        plugin.configure()
        group = plugin.of(GROUP)
        group.diff({}, {}, state={"azureApiVersion": "2022-09-01"})
    finally:
        plugin.stop()
    assert listening_engine.entries[0].severity == engine_pb2.WARNING
    assert listening_engine.entries[0].urn == group.urn
    assert listening_engine.entries[0].message.startswith(
        "Resource API version has changed from 2022-09-01 to 2024-03-01. Run 'pulumi refresh --run-program'"
    )
