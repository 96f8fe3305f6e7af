"""Purview accounts through the stand-in for azure-native: what it sends, follows, compares and previews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from plugin_process import NOBODY, RefusedError
from scripted_service import Answer
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from plugin_process import PluginProcess
    from scripted_service import ScriptedService

ACCOUNT = "azure-native:purview:Account"
ACCOUNT_ID = (
    f"/subscriptions/{NOBODY['ARM_SUBSCRIPTION_ID']}/resourceGroups/rg"
    "/providers/Microsoft.Purview/accounts/contoso-purview"
)
API = "2024-04-01-preview"
FREE = Answer(404, {"error": {"code": "ResourceNotFound", "message": "no"}})


def inputs(**more: object) -> dict[str, Any]:
    return {
        "resourceGroupName": "rg",
        "accountName": "contoso-purview",
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "Standard", "capacity": 1},
        "tags": {"team": "security"},
        "managedEventHubState": "NotSpecified",
        "managedResourceGroupName": "rg-managed",
        "managedResourcesPublicNetworkAccess": "NotSpecified",
        "publicNetworkAccess": "Enabled",
        "tenantEndpointState": "Enabled",
        "azureApiVersion": API,
        **more,
    }


def found(state: str = "Succeeded") -> Answer:
    """The account in ARM's form."""
    return Answer(
        body={
            "id": ACCOUNT_ID,
            "name": "contoso-purview",
            "location": "westeurope",
            "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
            "properties": {
                "provisioningState": state,
                "publicNetworkAccess": "Enabled",
                "endpoints": {"scan": "https://contoso-purview.purview.azure.com/scan"},
            },
        }
    )


@pytest.fixture
def account(scripted: PluginProcess) -> PluginProcess:
    return scripted.of(ACCOUNT)


@pytest.mark.fact(27)
@pytest.mark.fact(28)
@pytest.mark.fact(46)
def test_a_create_is_followed_by_the_accounts_own_state(account: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, Answer(201, found("Creating").body), found("Creating"), found(), found())
    made, outputs = account.create(inputs())
    assert made == ACCOUNT_ID
    assert [asked.method for asked in service.asked] == ["GET", "PUT", "GET", "GET", "GET"]
    assert all(asked.path == f"{ACCOUNT_ID}?api-version={API}" for asked in service.asked)
    assert service.asked[1].body == {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "Standard", "capacity": 1},
        "tags": {"team": "security"},
        "properties": {
            "managedEventHubState": "NotSpecified",
            "managedResourceGroupName": "rg-managed",
            "managedResourcesPublicNetworkAccess": "NotSpecified",
            "publicNetworkAccess": "Enabled",
            "tenantEndpointState": "Enabled",
        },
    }
    assert outputs["identity"]["principalId"] == "p"
    assert outputs["provisioningState"] == "Succeeded"
    assert outputs["azureApiVersion"] == API
    assert "properties" not in outputs


@pytest.mark.fact(33)
@pytest.mark.fact(46)
def test_an_account_that_fails_on_its_way_stays_in_the_state(account: PluginProcess, service: ScriptedService) -> None:
    service.will(FREE, Answer(201, found("Creating").body), found("Failed"), found("Failed"))
    with pytest.raises(RefusedError) as refused:
        account.create(inputs())
    assert refused.value.half_made is not None
    assert refused.value.half_made.id == ACCOUNT_ID
    assert refused.value.half_made.properties["provisioningState"] == "Failed"


@pytest.mark.fact(34)
@pytest.mark.fact(46)
def test_an_update_puts_the_whole_account_again(account: PluginProcess, service: ScriptedService) -> None:
    service.will(found("Updating"), found(), found())
    account.update(ACCOUNT_ID, {}, inputs(publicNetworkAccess="Disabled"))
    assert [asked.method for asked in service.asked] == ["PUT", "GET", "GET"]
    assert service.asked[0].body["properties"]["publicNetworkAccess"] == "Disabled"


@pytest.mark.fact(37)
@pytest.mark.fact(46)
def test_a_delete_is_followed_to_its_end(account: PluginProcess, service: ScriptedService) -> None:
    where = f"{service.url}/operations/1?api-version={API}"
    going = Answer(202, headers={"location": where})
    service.will(going, going, Answer(200, {}))
    account.delete(ACCOUNT_ID, inputs())
    assert service.calls == [
        f"DELETE {ACCOUNT_ID}?api-version={API}",
        *[f"GET /operations/1?api-version={API}"] * 2,
    ]


@pytest.mark.fact(12)
@pytest.mark.fact(20)
def test_a_default_that_is_added_is_no_change(offline: PluginProcess) -> None:
    bare = {"resourceGroupName": "rg", "accountName": "contoso-purview", "location": "westeurope"}
    defaults = {
        "managedEventHubState": "NotSpecified",
        "managedResourcesPublicNetworkAccess": "NotSpecified",
        "publicNetworkAccess": "Enabled",
    }
    account = offline.of(ACCOUNT)
    assert list(account.diff(bare, {**bare, **defaults}).diffs) == []
    assert list(account.diff(bare, {**bare, "publicNetworkAccess": "Disabled"}).diffs) == ["publicNetworkAccess"]


@pytest.mark.fact(18)
@pytest.mark.fact(19)
def test_only_names_and_the_managed_group_make_another_account(offline: PluginProcess) -> None:
    account = offline.of(ACCOUNT)
    for change, replaced in (
        ({"accountName": "other"}, ["accountName"]),
        ({"managedResourceGroupName": "rg-other"}, ["managedResourceGroupName"]),
        ({"location": "northeurope"}, []),
        ({"identity": {"type": "None"}}, []),
        ({"tenantEndpointState": "Disabled"}, []),
    ):
        assert list(account.diff(inputs(), inputs(**change)).replaces) == replaced


@pytest.mark.fact(14)
def test_an_updates_preview_leaves_the_identity_open(offline: PluginProcess) -> None:
    state = {"name": "contoso-purview", "location": "westeurope", "identity": {"principalId": "p"}}
    outputs = offline.of(ACCOUNT).update(ACCOUNT_ID, state, inputs(tags={}), preview=True)
    assert outputs["identity"] == {
        "type": "SystemAssigned",
        "principalId": UNKNOWN,
        "tenantId": UNKNOWN,
        "userAssignedIdentities": UNKNOWN,
    }
    assert outputs["name"] == "contoso-purview"
    assert outputs["provisioningState"] is UNKNOWN


@pytest.mark.fact(6)
@pytest.mark.fact(10)
def test_a_name_is_made_up_and_one_that_breaks_the_rule_is_refused(offline: PluginProcess) -> None:
    account = offline.of(ACCOUNT, "purview")
    assert len(account.check({"resourceGroupName": "rg"}).inputs["accountName"]) == len("purview") + 8
    assert account.check(inputs(accountName="no_underscores")).reasons == [
        "'accountName' does not match expression '^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$'"
    ]
