"""Diagnostic settings of any resource (Microsoft.Insights)."""

from __future__ import annotations

from typing import Any

from local_azure.arm.access import is_allowed, require
from local_azure.arm.log_analytics import LogWorkspace
from local_azure.call import Answer, Call, JsonObject, Operation, items, part
from local_azure.errors import PlainError, ServiceError
from local_azure.store import Document

_TYPE = "Microsoft.Insights/diagnosticSettings"


class DiagnosticSetting(Document):
    """Where a resource sends its logs."""

    scope: str
    name: str
    properties: JsonObject

    @property
    def key(self) -> str:
        """The setting's ARM id."""
        return f"{self.scope}/providers/{_TYPE}/{self.name}"


def _scope(call: Call) -> str:
    return "/" + call.params["scope"].strip("/")


def _shown(setting: DiagnosticSetting) -> dict[str, Any]:
    return {"id": setting.key, "name": setting.name, "type": _TYPE, "properties": setting.properties}


def _found(call: Call) -> DiagnosticSetting | None:
    return call.azure.store.get(DiagnosticSetting, f"{_scope(call)}/providers/{_TYPE}/{call.params['name']}")


def _refusal(status: int, code: str, says: str) -> PlainError:
    """This provider's errors have no ``error`` around them (its published description)."""
    return PlainError(status, code, says, {"code": code, "message": says})


def get_setting(call: Call) -> Answer:
    """``GET {resource}/providers/Microsoft.Insights/diagnosticSettings/{name}``."""
    require(call, _scope(call), f"{_TYPE}/read")
    setting = _found(call)
    if setting is None:
        says = f"The diagnostic setting '{call.params['name']}' could not be found."
        raise _refusal(404, "ResourceNotFound", says)
    return Answer(200, _shown(setting))


def list_settings(call: Call) -> Answer:
    """All settings of one resource."""
    require(call, _scope(call), f"{_TYPE}/read")
    scope = _scope(call).lower()
    return items([_shown(s) for s in call.azure.store.all(DiagnosticSetting) if s.scope.lower() == scope])


def put_setting(call: Call) -> Answer:
    """``PUT``: create or replace; some destination is needed."""
    require(call, _scope(call), f"{_TYPE}/write")
    properties = part(call.body, "properties")
    destinations = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    nowhere = not any(properties.get(name) for name in destinations)
    if nowhere and call.azure.rules.on("diagnostics-need-a-destination"):
        says = "At least one data sink needs to be specified."
        raise _refusal(400, "BadRequest", says)
    if properties.get("workspaceId"):
        _require_workspace(call, str(properties["workspaceId"]))
    setting = DiagnosticSetting(scope=_scope(call), name=call.params["name"], properties=properties)
    call.azure.store.put(setting)
    return Answer(200, _shown(setting))


def _require_workspace(call: Call, workspace_id: str) -> None:
    """The workspace exists, and the caller may send logs there (docs/facts.md, graph 2.4)."""
    action = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
    allowed = is_allowed(call.azure, call.caller.object_id, workspace_id, action)
    if call.azure.rules.on("workspace-access") and not allowed:
        says = (
            f"The client '{call.caller.app_id}' with object id '{call.caller.object_id}' has permission to perform "
            f"action '{_TYPE}/write' on scope '{_scope(call)}'; however, it does not have permission to perform "
            f"action '{action}' on the linked scope(s) '{workspace_id}' or the linked scope(s) are invalid."
        )
        raise ServiceError(403, "LinkedAuthorizationFailed", says)
    if call.azure.rules.on("workspace-must-exist") and call.azure.store.get(LogWorkspace, workspace_id) is None:
        raise _refusal(404, "ResourceNotFound", f"The Resource '{workspace_id}' was not found.")


def delete_setting(call: Call) -> Answer:
    """``DELETE``: 200, or 204 where there was none."""
    require(call, _scope(call), f"{_TYPE}/delete")
    setting = _found(call)
    if setting is None:
        return Answer(204)
    call.azure.store.delete(setting)
    return Answer(200)


_SCOPED = "/{scope:path}/providers/Microsoft.Insights/diagnosticSettings"
OPERATIONS = [
    Operation("GET", _SCOPED, list_settings),
    Operation("GET", _SCOPED + "/{name}", get_setting),
    Operation("PUT", _SCOPED + "/{name}", put_setting),
    Operation("DELETE", _SCOPED + "/{name}", delete_setting),
]
