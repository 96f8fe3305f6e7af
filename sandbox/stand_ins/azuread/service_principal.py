"""Service principals: taken over where they exist, else made; patched as a whole; deleted in any case (fact 63)."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from stand_ins.azuread.bridge import DiagnosedError, meta
from stand_ins.azuread.consistency import wait_until_gone
from stand_ins.azuread.graph import GraphError
from stand_ins.azuread.kinds import Kind, is_uuid
from stand_ins.azuread.look_up import described, outputs
from stand_ins.failures import ProviderError
from stand_ins.transport import json_object
from stand_ins.values import UNKNOWN, is_object, same

if TYPE_CHECKING:
    import httpx

    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values

_NOTHING: Values = {
    "accountEnabled": True,
    "appRoleAssignmentRequired": False,
    "description": "",
    "notes": "",
    "tags": [],
    "useExisting": False,
}
"""The inputs that may be left out, and what they count as then."""
_ID = re.compile(r"^/servicePrincipals/(?P<object>[^/]+)$")
_NOT_REPLICATED_YET = {
    HTTPStatus.BAD_REQUEST: r"The appId '.+' of the service principal does not reference a valid application object",
    HTTPStatus.FORBIDDEN: r"the backing application of the service principal being created must in the local tenant",
}


class ServicePrincipal(Kind):
    """An application's presence in a tenant."""

    name = "azuread:index/servicePrincipal:ServicePrincipal"
    inputs = ("clientId", *_NOTHING)
    replacing = frozenset({"clientId"})
    minutes: ClassVar = {"create": 10, "delete": 5, "read": 5, "update": 10}

    def completed(self, news: Values) -> Values:
        """Accounts are enabled by default."""
        if "accountEnabled" in news:
            return {"__defaults": [], **news}
        return {"__defaults": ["accountEnabled"], "accountEnabled": True, **news}

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """The client id is needed and is a UUID; of the rest the program uses a part."""
        where = f"Examine values at '{logical_name}.clientId'."
        wanted = inputs.get("clientId")
        found: dict[str, str] = {}
        if wanted is None:
            found["clientId"] = f'Missing required argument. The argument "client_id" is required. {where}'
        elif wanted is not UNKNOWN and not is_uuid(wanted):
            found["clientId"] = f'expected "client_id" to be a valid UUID, got {wanted}. {where}'
        for name in inputs.keys() - {*self.inputs, "__defaults"}:
            found[name] = "the stand-in serves only what the program uses"
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare what was asked for; tags that nobody asks for may be anything."""
        names = [name for name in self.inputs if name != "tags" or "tags" in news]
        return [name for name in names if not same(_given(state, name), _given(news, name))]

    def preview(self, inputs: Values) -> Values:
        """The inputs; the object id and all else are Graph's."""
        known = {name: value for name, value in inputs.items() if name in self.inputs}
        names = ("appRoleIds", "displayName", "id", "objectId", "type")
        return {**dict.fromkeys(names, UNKNOWN), **known}

    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Look for one of this application; take it over, refuse to, or make one."""
        client_id = inputs["clientId"]
        try:
            listed = list(graph.list("/servicePrincipals", f"appId eq '{client_id}'", patience))
        except ProviderError as error:
            summary = "Could not list existing service principals"
            raise DiagnosedError(summary, error) from error
        if listed and not inputs.get("useExisting"):
            msg = (
                f'1 error occurred:\n\t* A resource with the ID "{listed[0]["id"]}" already exists - to be managed '
                "via Terraform this resource needs to be imported into the State. Please see the resource "
                'documentation for "azuread_service_principal" for more information.\n\n'
            )
            raise ProviderError(msg)
        made = f"/servicePrincipals/{listed[0]['id'] if listed else _made(graph, inputs, patience)}"
        if listed:
            return made, self.update(graph, made, inputs, patience)
        return made, self.told(graph, made, inputs, urn, patience)

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """Three looks: the object, beta's part of it, its owners."""
        object_id = _object_id(resource_id)
        try:
            principal = graph.get(resource_id, patience)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = f"Retrieving {described(object_id)}"
            raise DiagnosedError(summary, error) from error
        told = outputs(graph, principal, patience)
        try:
            owners: list[Values] = graph.get(f"{resource_id}/owners", patience)["value"]
        except ProviderError as error:
            summary = f"Could not retrieve owners for {described(object_id)}"
            raise DiagnosedError(summary, error) from error
        kept = {"useExisting": state["useExisting"]} if "useExisting" in state else {}
        return {**told, **kept, "owners": [owner["id"] for owner in owners], "__meta": meta(self.minutes)}

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Send everything that can be changed, with nothing where the program says nothing."""
        try:
            graph.patch(resource_id, _settings(inputs), patience)
        except ProviderError as error:
            summary = f"Updating {described(_object_id(resource_id))}"
            raise DiagnosedError(summary, error) from error
        return self.told(graph, resource_id, inputs, resource_id, patience)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """Try it; for one that was taken over, it does not matter whether it worked."""
        try:
            graph.delete(resource_id, patience)
        except ProviderError as error:
            if state.get("useExisting"):
                return
            summary = f"Deleting {described(_object_id(resource_id))}"
            raise DiagnosedError(summary, error) from error
        if not state.get("useExisting"):
            wait_until_gone(graph, resource_id, patience, described(_object_id(resource_id)))


def _given(values: Values, name: str) -> Value:
    return values.get(name, _NOTHING.get(name))


def _settings(inputs: Values) -> Values:
    return {
        "accountEnabled": _given(inputs, "accountEnabled"),
        "alternativeNames": [],
        "appRoleAssignmentRequired": _given(inputs, "appRoleAssignmentRequired"),
        "description": inputs.get("description") or None,
        "loginUrl": None,
        "notes": inputs.get("notes") or None,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": None,
        "tags": _given(inputs, "tags"),
    }


def _made(graph: Graph, inputs: Values, patience: Patience) -> str:
    """Make one, with the caller as its owner for as long as that takes; its object id."""
    body = {
        **_settings(inputs),
        "appId": inputs["clientId"],
        "description": f"TERRAFORM_UPDATE_{uuid.uuid4()}",
        "owners@odata.bind": [f"{graph.base}/directoryObjects/{graph.caller}"],
    }
    steps = "Could not create service principal"
    try:
        object_id = str(graph.post("/servicePrincipals", body, patience, _application_not_there_yet)["id"])
        steps = "Failed to patch service principal after creating"
        where = f"/servicePrincipals/{object_id}"
        graph.patch(where, {"description": inputs.get("description") or None}, patience)
        steps = f"Could not remove initial owner from {described(object_id)}"
        graph.delete(f"{where}/owners/{graph.caller}/$ref", patience)
    except ProviderError as error:
        raise DiagnosedError(steps, error) from error
    return object_id


def _application_not_there_yet(answer: httpx.Response) -> bool:
    error = json_object(answer).get("error")
    message = str(error.get("message", "")) if is_object(error) else ""
    pattern = _NOT_REPLICATED_YET.get(HTTPStatus(answer.status_code))
    return pattern is not None and re.search(pattern, message) is not None


def _object_id(resource_id: str) -> str:
    match = _ID.match(resource_id)
    if match is None:
        summary = "Parsing ID"
        raise DiagnosedError(summary, f"'{resource_id}' is not of the form {_ID.pattern}")
    return match["object"]
