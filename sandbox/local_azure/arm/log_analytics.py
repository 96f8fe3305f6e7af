"""Log Analytics workspaces (Microsoft.OperationalInsights), to which diagnostic settings send their logs."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, JsonObject, Operation, items, part
from local_azure.errors import ServiceError
from local_azure.store import Document

_TYPE = "Microsoft.OperationalInsights/workspaces"


class LogWorkspace(Document):
    """A Log Analytics workspace."""

    group_id: str
    """Its resource group's ARM id."""
    name: str
    location: str
    customer_id: str
    """What queries call it by."""
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    sku: str = "PerGB2018"
    retention_days: int = 30
    created: str

    @property
    def key(self) -> str:
        """The ARM id."""
        return f"{self.group_id}/providers/{_TYPE}/{self.name}"


def _shown(workspace: LogWorkspace) -> dict[str, Any]:
    properties: JsonObject = {
        "customerId": workspace.customer_id,
        "provisioningState": "Succeeded",
        "sku": {"name": workspace.sku, "lastSkuUpdate": workspace.created},
        "retentionInDays": workspace.retention_days,
        "createdDate": workspace.created,
        "modifiedDate": workspace.created,
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "features": {"enableLogAccessUsingOnlyResourcePermissions": True},
        "workspaceCapping": {"dailyQuotaGb": -1, "dataIngestionStatus": "RespectQuota"},
    }
    return {
        "id": workspace.key,
        "name": workspace.name,
        "type": _TYPE,
        "location": workspace.location,
        "tags": workspace.tags,
        "properties": properties,
    }


def _scope(call: Call) -> str:
    return f"{group_of(call).key}/providers/{_TYPE}/{call.params['workspace']}"


def get_workspace(call: Call) -> Answer:
    """``GET`` of one workspace."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/read")
    workspace = call.azure.store.get(LogWorkspace, scope)
    if workspace is None:
        says = (
            f"The Resource '{_TYPE}/{call.params['workspace']}' under resource group "
            f"'{call.params['group']}' was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return Answer(200, _shown(workspace))


def list_workspaces(call: Call) -> Answer:
    """``GET`` of all workspaces of a subscription or resource group."""
    scope = f"/subscriptions/{subscription_of(call).id}"
    if "group" in call.params:
        scope = group_of(call).key
    require(call, scope, f"{_TYPE}/read")
    found = [w for w in call.azure.store.all(LogWorkspace) if w.key.lower().startswith(f"{scope}/".lower())]
    return items([_shown(workspace) for workspace in found])


def put_workspace(call: Call) -> Answer:
    """``PUT``: create or replace, over at once."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/write")
    existing = call.azure.store.get(LogWorkspace, scope)
    properties = part(call.body, "properties")
    if not call.body.get("location"):
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    made = LogWorkspace(
        group_id=group_of(call).key,
        name=existing.name if existing else call.params["workspace"],
        location=str(call.body["location"]).replace(" ", "").lower(),
        customer_id=existing.customer_id if existing else call.azure.new_id(),
        tags=call.body.get("tags") or {},
        sku=part(properties, "sku").get("name") or "PerGB2018",
        retention_days=properties.get("retentionInDays") or 30,
        created=existing.created if existing else call.azure.now(),
    )
    call.azure.store.put(made)
    return Answer(200 if existing else 201, _shown(made))


def delete_workspace(call: Call) -> Answer:
    """``DELETE``: 200, or 204 where there was none; what sends logs to it is not asked."""
    scope = _scope(call)
    require(call, scope, f"{_TYPE}/delete")
    workspace = call.azure.store.get(LogWorkspace, scope)
    if workspace is None:
        return Answer(204)
    call.azure.store.delete(workspace)
    return Answer(200)


_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces"
OPERATIONS = [
    Operation("GET", _SUBSCRIPTION + "/providers/Microsoft.OperationalInsights/workspaces", list_workspaces),
    Operation("GET", _GROUP, list_workspaces),
    Operation("GET", _GROUP + "/{workspace}", get_workspace),
    Operation("PUT", _GROUP + "/{workspace}", put_workspace),
    Operation("DELETE", _GROUP + "/{workspace}", delete_workspace),
]
