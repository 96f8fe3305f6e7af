"""Resources through the stand-in for azure-native: the calls made, and what the state gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from local_azure import seed
from plugin_process import PluginProcess, RefusedError

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleAssignment"

ARM = "https://management.azure.com"
SUBSCRIPTION = f"/subscriptions/{seed.SUBSCRIPTION}"
GROUP_ID = f"{SUBSCRIPTION}/resourceGroups/rg-test"
VAULT_ID = f"{SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}/providers/Microsoft.KeyVault/vaults/kv-test"
VAULT_API = "2024-11-01"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def arm_calls(azure: LocalAzure) -> list[str]:
    """What was asked of ARM, in order, by method and status."""
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == "arm"]


def group_inputs(**more: object) -> dict[str, Any]:
    return {"resourceGroupName": "rg-test", "location": "westeurope", "azureApiVersion": "2024-03-01", **more}


def vault_inputs(**properties: object) -> dict[str, Any]:
    return {
        "resourceGroupName": seed.TENANT_GROUP,
        "vaultName": "kv-test",
        "location": "westeurope",
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": seed.TENANT,
            "enableRbacAuthorization": True,
            **properties,
        },
        "azureApiVersion": VAULT_API,
    }


@pytest.fixture
def group(native: PluginProcess) -> PluginProcess:
    return native.of(GROUP)


@pytest.fixture
def vault(native: PluginProcess) -> PluginProcess:
    return native.of(VAULT)


@pytest.mark.fact(24)
def test_a_create_checks_writes_and_reads(azure: LocalAzure, group: PluginProcess) -> None:
    azure.forget_requests()
    group.create(group_inputs())
    assert arm_calls(azure) == ["GET 404", "PUT 201", "GET 200"]
    first = next(line for line in azure.requests() if line["service"] == "arm")
    assert first["path"] == f"{SUBSCRIPTION}/resourcegroups/rg-test"


@pytest.mark.fact(51)
def test_requests_carry_the_genuine_providers_name(azure: LocalAzure, group: PluginProcess) -> None:
    azure.forget_requests()
    group.create(group_inputs())
    agents = {line["agent"] for line in azure.requests() if line["service"] == "arm"}
    assert agents == {"pulumi-azure-native/3.29 pid-a90539d8-a7a6-5826-95c4-1fbef22d4b22"}


@pytest.mark.fact(26)
@pytest.mark.fact(29)
def test_the_state_has_arms_id_and_its_answer_but_no_parts_of_the_path(group: PluginProcess) -> None:
    made, outputs = group.create(group_inputs(tags={"team": "security"}))
    assert made == GROUP_ID  # the template spells resourcegroups
    assert outputs == {
        "id": GROUP_ID,
        "name": "rg-test",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {"team": "security"},
        "properties": {"provisioningState": "Succeeded"},
        "azureApiVersion": "2024-03-01",
    }


@pytest.mark.fact(24)
def test_the_read_after_a_write_can_be_switched_off(azure: LocalAzure, native: PluginProcess) -> None:
    native.configure(skipReadOnUpdate="true")
    azure.forget_requests()
    made, outputs = native.of(GROUP).create(group_inputs())
    assert arm_calls(azure) == ["GET 404", "PUT 201"]
    assert made == GROUP_ID
    assert outputs["name"] == "rg-test"


@pytest.mark.fact(25)
def test_what_is_there_already_is_not_taken_over(group: PluginProcess) -> None:
    group.create(group_inputs())
    with pytest.raises(RefusedError) as refused:
        group.create(group_inputs())
    template_id = f"{SUBSCRIPTION}/resourcegroups/rg-test"
    assert str(refused.value) == f"cannot create already existing resource '{template_id}'"


@pytest.mark.fact(25)
def test_a_refused_check_is_told_with_its_status_and_body(azure: LocalAzure, group: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="GET", status=403, code="AuthorizationFailed")
    with pytest.raises(RefusedError, match=r"cannot check existence of resource '.*': status code 403, {"):
        group.create(group_inputs())


@pytest.mark.fact(31)
def test_a_vaults_creation_is_followed_until_it_is_ready(azure: LocalAzure, vault: PluginProcess) -> None:
    azure.forget_requests()
    _, outputs = vault.create(vault_inputs())
    calls = arm_calls(azure)
    assert calls[:2] == ["GET 404", "PUT 201"]
    assert set(calls[2:]) == {"GET 200"}
    assert len(calls) >= len(["check", "write", "poll", "read"])
    assert outputs["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.fact(34)
def test_an_update_keeps_policies_that_somebody_else_wrote(
    azure: LocalAzure, vault: PluginProcess, operator: Person
) -> None:
    made, outputs = vault.create(vault_inputs())
    policy = {"tenantId": seed.TENANT, "objectId": seed.PURVIEW_IDENTITY, "permissions": {"secrets": ["get"]}}
    there = operator.ask("GET", ARM + VAULT_ID).json()
    there["properties"]["accessPolicies"] = [policy]
    operator.ask("PUT", ARM + VAULT_ID, json=there).raise_for_status()
    azure.forget_requests()
    changed = vault.update(made, outputs, vault_inputs(enabledForDeployment=True))
    assert arm_calls(azure) == ["GET 200", "PUT 200", "GET 200"]
    assert changed["properties"]["accessPolicies"] == [policy]
    assert changed["properties"]["enabledForDeployment"] is True


@pytest.mark.fact(34)
def test_an_update_of_a_type_without_sub_resources_is_a_write_and_a_read(
    azure: LocalAzure, group: PluginProcess
) -> None:
    made, outputs = group.create(group_inputs(tags={"a": "1"}))
    azure.forget_requests()
    changed = group.update(made, outputs, group_inputs())
    assert arm_calls(azure) == ["PUT 200", "GET 200"]
    assert changed["tags"] == {}


@pytest.mark.fact(35)
def test_a_refresh_without_drift_changes_nothing(vault: PluginProcess) -> None:
    made, outputs = vault.create(vault_inputs())
    same_id, same_outputs, inputs = vault.read(made, outputs, vault_inputs())
    assert (same_id, same_outputs, inputs) == (made, outputs, vault_inputs())


@pytest.mark.fact(35)
def test_drift_reaches_the_inputs_only_where_outputs_changed(vault: PluginProcess, operator: Person) -> None:
    made, outputs = vault.create(vault_inputs())
    there = operator.ask("GET", ARM + VAULT_ID).json()
    there["tags"] = {"by": "hand"}
    there["properties"]["publicNetworkAccess"] = "Disabled"
    operator.ask("PUT", ARM + VAULT_ID, json=there).raise_for_status()
    _, _, inputs = vault.read(made, outputs, vault_inputs())
    expected = vault_inputs(publicNetworkAccess="Disabled")
    # The vault answers with softDeleteRetentionInDays too, which nobody asked for and nobody changed.
    assert inputs == {**expected, "tags": {"by": "hand"}}


@pytest.mark.fact(35)
def test_policies_that_the_program_leaves_to_others_are_no_drift(vault: PluginProcess, operator: Person) -> None:
    made, outputs = vault.create(vault_inputs())
    there = operator.ask("GET", ARM + VAULT_ID).json()
    there["properties"]["accessPolicies"] = [
        {"tenantId": seed.TENANT, "objectId": seed.OPERATOR_ID, "permissions": {"secrets": ["all"]}}
    ]
    operator.ask("PUT", ARM + VAULT_ID, json=there).raise_for_status()
    _, new_outputs, inputs = vault.read(made, outputs, vault_inputs())
    assert len(new_outputs["properties"]["accessPolicies"]) == 1
    assert "accessPolicies" not in inputs["properties"]


@pytest.mark.fact(35)
def test_what_is_gone_reads_as_an_empty_id(vault: PluginProcess, operator: Person) -> None:
    made, outputs = vault.create(vault_inputs())
    operator.ask("DELETE", ARM + VAULT_ID).raise_for_status()
    assert vault.read(made, outputs, vault_inputs())[0] == ""


@pytest.mark.fact(35)
@pytest.mark.fact(39)
def test_a_read_that_arm_refuses_fails_with_its_words(azure: LocalAzure, vault: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="GET", status=403, code="AuthorizationFailed")
    with pytest.raises(RefusedError) as refused:
        vault.read(VAULT_ID, {}, vault_inputs())
    assert str(refused.value) == ('Status=403 Code="AuthorizationFailed" Message="The service is having a bad day."')


@pytest.mark.fact(36)
def test_an_import_learns_the_inputs_from_the_id_and_the_answer(vault: PluginProcess) -> None:
    vault.create(vault_inputs())
    _, outputs, inputs = vault.read(VAULT_ID)
    assert outputs["azureApiVersion"] == VAULT_API
    assert inputs["resourceGroupName"] == seed.TENANT_GROUP
    assert inputs["vaultName"] == "kv-test"
    assert inputs["location"] == "westeurope"
    assert inputs["properties"]["tenantId"] == seed.TENANT
    assert not {"accessPolicies", "vaultUri", "provisioningState"} & inputs["properties"].keys()
    assert not {"id", "tags", "azureApiVersion"} & inputs.keys()


@pytest.mark.fact(36)
def test_an_import_by_the_id_of_something_else_is_refused(group: PluginProcess, vault: PluginProcess) -> None:
    group.create(group_inputs())
    with pytest.raises(RefusedError, match=rf"failed to parse '{GROUP_ID}' against the path '/subscriptions/{{"):
        vault.read(GROUP_ID)


@pytest.mark.fact(37)
def test_a_groups_deletion_is_followed_to_its_end(azure: LocalAzure, group: PluginProcess, operator: Person) -> None:
    made, _ = group.create(group_inputs())
    azure.forget_requests()
    group.delete(made, group_inputs())
    calls = arm_calls(azure)
    assert calls[0] == "DELETE 202"
    assert calls[-1] == "GET 200"
    assert operator.ask("GET", ARM + GROUP_ID).status_code == 404


@pytest.mark.fact(30)
def test_deleting_what_is_not_there_succeeds(azure: LocalAzure, group: PluginProcess) -> None:
    azure.forget_requests()
    group.delete(GROUP_ID, group_inputs())
    assert arm_calls(azure) == ["DELETE 404"]


@pytest.mark.fact(32)
def test_a_stray_error_is_tried_again_and_a_lasting_one_is_told(azure: LocalAzure, group: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="PUT", status=503, times=2)
    azure.forget_requests()
    group.create(group_inputs())
    assert arm_calls(azure) == ["GET 404", "PUT 503", "PUT 503", "PUT 201", "GET 200"]
    azure.weather(effect="status", service="arm", method="PUT", status=429, times=9)
    azure.forget_requests()
    with pytest.raises(RefusedError, match="Status=429"):
        group.update(GROUP_ID, {}, group_inputs())
    assert arm_calls(azure) == ["PUT 429"] * 4


@pytest.mark.fact(32)
def test_a_cut_connection_is_tried_again(azure: LocalAzure, group: PluginProcess) -> None:
    azure.weather(effect="cut-before", service="arm", method="PUT")
    group.create(group_inputs())


@pytest.mark.fact(32)
def test_a_conflict_is_final_unless_another_operation_is_in_progress(azure: LocalAzure, group: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="PUT", status=409, code="AnotherOperationInProgress")
    group.create(group_inputs())
    azure.weather(effect="status", service="arm", method="PUT", status=409, code="Conflict")
    with pytest.raises(RefusedError, match='Status=409 Code="Conflict"'):
        group.update(GROUP_ID, {}, group_inputs())


@pytest.mark.fact(32)
def test_an_operation_gives_up_when_its_time_is_over(azure: LocalAzure, group: PluginProcess) -> None:
    azure.weather(effect="status", service="arm", method="PUT", status=503, times=9)
    with pytest.raises(RefusedError) as refused:
        group.create(group_inputs(), timeout=30)  # the first retry comes after 20 s, the second after 60
    assert str(refused.value) == "operation timed out"
    assert arm_calls(azure) == ["GET 404", "PUT 503", "PUT 503"]


@pytest.mark.fact(44)
def test_a_deleted_vaults_name_passes_the_check_and_fails_in_the_write(azure: LocalAzure, vault: PluginProcess) -> None:
    made, _ = vault.create(vault_inputs())
    vault.delete(made, vault_inputs())
    azure.forget_requests()
    with pytest.raises(RefusedError, match="already exists in deleted state"):
        vault.create(vault_inputs())
    assert arm_calls(azure) == ["GET 404", "PUT 409"]
    vault.create(vault_inputs(createMode="recover"))


def role_inputs(**more: object) -> dict[str, Any]:
    return {
        "scope": SUBSCRIPTION,
        "roleAssignmentName": "0f0e0d0c-0b0a-4908-8706-050403020100",
        "principalId": seed.PURVIEW_IDENTITY,
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "azureApiVersion": "2022-04-01",
        **more,
    }


def role_id(inputs: dict[str, Any]) -> str:
    name = inputs["roleAssignmentName"]
    return f"{inputs['scope']}/providers/Microsoft.Authorization/roleAssignments/{name}"


@pytest.mark.fact(28)
@pytest.mark.fact(36)
@pytest.mark.fact(45)
def test_a_role_is_granted_under_its_scope_and_read_back_flat(azure: LocalAzure, native: PluginProcess) -> None:
    inputs = role_inputs(principalType="ServicePrincipal")
    azure.forget_requests()
    made, outputs = native.of(ROLE).create(inputs)
    assert made.lower() == role_id(inputs).lower()
    assert outputs["principalId"] == seed.PURVIEW_IDENTITY
    assert outputs["scope"] == SUBSCRIPTION
    assert "properties" not in outputs
    assert arm_calls(azure) == ["GET 404", "PUT 201", "GET 200"]
    # An import finds the scope without the slash that a program puts before it.
    assert native.of(ROLE).read(made)[2]["scope"] == SUBSCRIPTION.removeprefix("/")
    native.of(ROLE).delete(made, inputs)
    assert native.of(ROLE).read(made, outputs, inputs)[0] == ""


@pytest.mark.fact(12)
def test_the_sdks_default_principal_type_is_refused_for_an_application(native: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="UnmatchedPrincipalType"):
        native.of(ROLE).create(role_inputs(principalType="User"))


@pytest.mark.fact(19)
def test_another_role_is_an_update_in_place_that_arm_refuses(native: PluginProcess) -> None:
    made, outputs = native.of(ROLE).create(role_inputs(principalType="ServicePrincipal"))
    other = role_inputs(
        principalType="ServicePrincipal",
        roleDefinitionId=f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{seed.CONTRIBUTOR}",
    )
    with pytest.raises(RefusedError, match="RoleAssignmentUpdateNotPermitted"):
        native.of(ROLE).update(made, outputs, other)


@pytest.mark.fact(45)
def test_a_delegated_identity_is_read_with_its_subscriptions_tenant(azure: LocalAzure, native: PluginProcess) -> None:
    identity = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    inputs = role_inputs(principalType="ServicePrincipal", delegatedManagedIdentityResourceId=identity)
    azure.forget_requests()
    native.of(ROLE).create(inputs)
    paths = [line["path"] for line in azure.requests() if line["service"] == "arm"]
    assert paths.count(SUBSCRIPTION) == 1
    assert paths.index(SUBSCRIPTION) == 2  # after the check and the write, before the read


@pytest.mark.fact(38)
@pytest.mark.fact(46)
def test_a_purview_account_is_got_with_one_call_and_read_flat(azure: LocalAzure, native: PluginProcess) -> None:
    azure.forget_requests()
    found = native.invoke(
        "azure-native:purview:getAccount", accountName=seed.ACCOUNT, resourceGroupName=seed.GOVERNANCE_GROUP
    )
    assert arm_calls(azure) == ["GET 200"]
    assert found["azureApiVersion"] == "2024-04-01-preview"
    assert found["identity"]["principalId"] == seed.PURVIEW_IDENTITY
    assert found["provisioningState"] == "Succeeded"
    assert found["endpoints"].keys() <= {"catalog", "scan"}
    assert "properties" not in found


@pytest.mark.fact(38)
def test_an_account_that_is_not_there_is_told_with_its_id(native: PluginProcess) -> None:
    where = f"{SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}/providers/Microsoft.Purview/accounts/nope"
    with pytest.raises(RefusedError, match=rf'^request failed {where}: Status=404 Code="\w+" Message="'):
        native.invoke("azure-native:purview:getAccount", accountName="nope", resourceGroupName=seed.GOVERNANCE_GROUP)


def test_a_function_that_the_program_does_not_use_is_refused_by_name(native: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="Invoke type azure-native:sql:getServer not found") as refused:
        native.invoke("azure-native:sql:getServer")
    assert refused.value.code == grpc.StatusCode.UNKNOWN


@pytest.mark.fact(47)
def test_the_client_config_is_read_from_a_graph_token_without_arm(azure: LocalAzure, native: PluginProcess) -> None:
    azure.forget_requests()
    assert native.invoke("azure-native:authorization:getClientConfig") == {
        "clientId": seed.DEPLOYER_APP,
        "objectId": seed.DEPLOYER_ID,
        "subscriptionId": seed.SUBSCRIPTION,
        "tenantId": seed.TENANT,
    }
    assert {line["service"] for line in azure.requests()} == {"login"}
