"""Diagnostic settings through the stand-in for azure-native."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from plugin_process import RefusedError
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from plugin_process import PluginProcess

SETTING = "azure-native:monitor:DiagnosticSetting"
GROUP = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{seed.LOG_WORKSPACE}"
SETTING_ID = f"{GROUP}/providers/Microsoft.Insights/diagnosticSettings/to-the-workspace"


def inputs(**more: object) -> dict[str, Any]:
    return {
        "resourceUri": GROUP,
        "name": "to-the-workspace",
        "workspaceId": WORKSPACE,
        "logs": [{"category": "AuditEvent", "enabled": True}],
        "azureApiVersion": "2021-05-01-preview",
        **more,
    }


def calls(azure: LocalAzure) -> list[str]:
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == "arm"]


@pytest.fixture
def setting(azure: LocalAzure, native: PluginProcess) -> PluginProcess:
    azure.forget_requests()
    return native.of(SETTING)


@pytest.mark.fact(24)
@pytest.mark.fact(28)
def test_a_setting_is_flat_in_the_program_and_not_in_arm(azure: LocalAzure, setting: PluginProcess) -> None:
    made, outputs = setting.create(inputs())
    assert made == SETTING_ID
    assert calls(azure) == ["GET 404", "PUT 200", "GET 200"]
    assert outputs["workspaceId"] == WORKSPACE
    assert outputs["logs"] == [{"category": "AuditEvent", "enabled": True}]
    assert outputs["name"] == "to-the-workspace"
    assert not {"properties", "resourceUri"} & outputs.keys()
    azure.forget_requests()
    changed = setting.update(made, outputs, inputs(logs=[{"categoryGroup": "allLogs", "enabled": True}]))
    assert calls(azure) == ["PUT 200", "GET 200"]
    assert changed["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]
    assert setting.read(made, changed, inputs())[1] == changed
    setting.delete(made)
    assert setting.read(made, changed, inputs())[0] == ""


@pytest.mark.fact(36)
def test_an_import_finds_the_resource_that_the_setting_is_of(setting: PluginProcess) -> None:
    made, _ = setting.create(inputs())
    _, _, found = setting.read(made)
    assert found["resourceUri"] == GROUP.removeprefix("/")
    assert found["workspaceId"] == WORKSPACE
    setting.delete(made)


@pytest.mark.fact(39)
def test_this_services_refusals_have_no_message_of_their_own(setting: PluginProcess) -> None:
    with pytest.raises(RefusedError, match=r'Status=400 Code="BadRequest" Message="{"code": "BadRequest", "message"'):
        setting.create({name: value for name, value in inputs().items() if name != "workspaceId"})


@pytest.mark.fact(6)
def test_a_name_is_made_up_where_none_is_given(offline: PluginProcess) -> None:
    checked = offline.of(SETTING, "audit").check({"resourceUri": GROUP, "workspaceId": WORKSPACE})
    assert checked.inputs["name"].startswith("audit")
    assert len(checked.inputs["name"]) == len("audit") + 8
    assert "location" not in checked.inputs


@pytest.mark.fact(13)
@pytest.mark.fact(18)
def test_a_preview_knows_the_inputs_and_another_resource_is_another_setting(offline: PluginProcess) -> None:
    outputs = offline.of(SETTING).preview_create(inputs())
    assert outputs["workspaceId"] == WORKSPACE
    assert outputs["id"] is UNKNOWN
    assert outputs["logs"][0]["retentionPolicy"] is UNKNOWN
    for news, replaced in (
        (inputs(resourceUri=WORKSPACE), ["resourceUri"]),
        (inputs(name="other"), ["name"]),
        (inputs(workspaceId=f"{WORKSPACE}-2"), []),
    ):
        assert list(offline.of(SETTING).diff(inputs(), news, inputs()).replaces) == replaced
