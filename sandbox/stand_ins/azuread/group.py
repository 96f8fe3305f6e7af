"""Groups: on Graph's beta throughout, with owners and members as sets (facts 61 and 92)."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Literal

from stand_ins.azuread.bridge import DiagnosedError, meta
from stand_ins.azuread.consistency import is_there, wait_until, wait_until_gone
from stand_ins.azuread.graph import GraphError, not_replicated_yet
from stand_ins.azuread.kinds import Kind, is_uuid
from stand_ins.failures import ProviderError
from stand_ins.values import UNKNOWN, is_array, same

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values

    Side = Literal["members", "owners"]

_BETA = "beta"
_ID = re.compile(r"^/groups/(?P<group>[^/]+)$")
_NOTHING: Values = {
    "assignableToRole": False,
    "description": "",
    "preventDuplicateNames": False,
    "securityEnabled": False,
}
"""The inputs that may be left out, and what they count as then."""
_SETS = ("members", "owners")
"""They may be left out too, and are then whatever they are."""
_KINDS_OF_OWNERS = ("user", "servicePrincipal", "group")
"""In this order they are looked for, each time among all owners."""
_OWNERS_AT_ONCE = 20


class Group(Kind):
    """A security group with assigned members."""

    name = "azuread:index/group:Group"
    inputs = ("displayName", *_NOTHING, *_SETS)
    replacing = frozenset({"assignableToRole"})
    minutes: ClassVar = {"create": 20, "delete": 5, "read": 5, "update": 20}

    def completed(self, news: Values) -> Values:
        """Duplicate names are allowed by default."""
        if "preventDuplicateNames" in news:
            return {"__defaults": [], **news}
        return {"__defaults": ["preventDuplicateNames"], "preventDuplicateNames": False, **news}

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """A name and a kind are needed, and ids are UUIDs; of the rest the program uses a part."""
        found: dict[str, str] = {}
        where = f"Examine values at '{logical_name}"
        if "displayName" not in inputs:
            needed = 'Missing required argument. The argument "display_name" is required.'
            found["displayName"] = f"{needed} {where}.displayName'."
        if not inputs.get("securityEnabled"):
            needed = '"security_enabled": one of `mail_enabled,security_enabled` must be specified'
            found["securityEnabled"] = f"Missing required argument. {needed}. {where}.securityEnabled'."
        for name in _SETS:
            given = inputs.get(name)
            for one in given if is_array(given) else []:
                if one is not UNKNOWN and not is_uuid(one):
                    found[name] = f'expected "{name}" to be a valid UUID, got {one}. {where}.{name}\'.'
        for name in inputs.keys() - {*self.inputs, "__defaults"}:
            found[name] = "the stand-in serves only what the program uses"
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare what was asked for; owners and members in any order."""
        simple = ("displayName", *_NOTHING)
        changed = [name for name in simple if not same(_given(state, name), _given(news, name))]
        return changed + [name for name in _SETS if name in news and not _equal(state.get(name), news[name])]

    def preview(self, inputs: Values) -> Values:
        """The inputs; the object id and all else are Graph's."""
        known = {name: value for name, value in inputs.items() if name in self.inputs}
        return {**dict.fromkeys(("id", "mailNickname", "objectId", *_SETS), UNKNOWN), **known}

    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Look for others of the name, look the owners up, make it, name it twice, add the members, read."""
        called = inputs["displayName"]
        if inputs.get("preventDuplicateNames"):
            _require_free(graph, called, patience)
        body: Values = {
            "description": inputs.get("description") or None,
            "displayName": called,
            "groupTypes": [],
            "isAssignableToRole": _given(inputs, "assignableToRole"),
            "mailEnabled": False,
            "mailNickname": str(uuid.uuid4())[:10],
            "membershipRule": None,
            "resourceBehaviorOptions": [],
            "resourceProvisioningOptions": [],
            "securityEnabled": _given(inputs, "securityEnabled"),
        }
        owners = _in_order(graph, inputs.get("owners") or [], patience)
        first, later = owners[:_OWNERS_AT_ONCE] or [graph.caller], owners[_OWNERS_AT_ONCE:]
        body["owners@odata.bind"] = [graph.link(one, _BETA) for one in first]
        step = f'Creating group "{called}"'
        try:
            object_id = str(graph.post("/groups", body, patience, not_replicated_yet, _BETA)["id"])
            group_id = f"/groups/{object_id}"
            step = f"Failed to patch {_described(group_id)} after creating"
            for name in (f"TERRAFORM_UPDATE_{uuid.uuid4()}", called):
                graph.patch(group_id, {"displayName": name}, patience, _BETA)
            step = f"Waiting for update of `display_name` for {_described(group_id)}"
            wait_until(lambda: is_there(graph, group_id, patience, _BETA, named=called), patience)
            for side, added in (("owners", later), ("members", inputs.get("members") or [])):
                step = f"Could not add {side} to {_described(group_id)}"
                for one in added:
                    graph.post(f"{group_id}/{side}/$ref", _reference(graph, one), patience, version=_BETA)
        except ProviderError as error:
            raise DiagnosedError(step, error) from error
        return group_id, self.told(graph, group_id, inputs, urn, patience)

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """Four looks: the group, its owners, its members, what it is a member of."""
        object_id = _object_id(resource_id)
        try:
            group = graph.get(resource_id, patience, _BETA)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = f"Retrieving {_described(resource_id)}"
            raise DiagnosedError(summary, error) from error
        lists: dict[str, list[str]] = {}
        for name in ("owners", "members", "memberOf"):
            try:
                listed = graph.list(f"{resource_id}/{name}", None, patience, _BETA)
                lists[name] = [str(one["id"]) for one in listed]
            except ProviderError as error:
                summary = f"Could not retrieve {name} for {_described(resource_id)}"
                raise DiagnosedError(summary, error) from error
        return {
            "administrativeUnitIds": [],
            "assignableToRole": bool(group.get("isAssignableToRole")),
            "description": group.get("description") or "",
            "displayName": group.get("displayName") or "",
            "id": resource_id,
            "mail": group.get("mail") or "",
            "mailEnabled": bool(group.get("mailEnabled")),
            "mailNickname": group.get("mailNickname") or "",
            "members": lists["members"],
            "objectId": object_id,
            "owners": lists["owners"],
            "preventDuplicateNames": bool(state.get("preventDuplicateNames")),
            "securityEnabled": bool(group.get("securityEnabled")),
            "types": group.get("groupTypes") or [],
            "visibility": group.get("visibility") or "",
            "__meta": meta(self.minutes),
        }

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Send what can be changed; take members away before adding some, and owners the other way round.

        The genuine provider lists members and owners only where they changed; this one does not know.
        """
        what = _described(resource_id)
        body = {
            "description": inputs.get("description") or None,
            "displayName": inputs["displayName"],
            "mailEnabled": False,
            "membershipRule": None,
            "securityEnabled": _given(inputs, "securityEnabled"),
        }
        step = f"Updating {what}"
        try:
            graph.patch(resource_id, body, patience, _BETA)
            if "members" in inputs:
                step = f"Could not retrieve members for {what}"
                gone, new = _difference(graph, resource_id, "members", inputs["members"], patience)
                step = f"Could not change the members of {what}"
                _remove(graph, resource_id, "members", gone, patience)
                _add(graph, resource_id, "members", new, patience)
            if inputs.get("owners"):
                step = f"Could not retrieve owners for {what}"
                gone, new = _difference(graph, resource_id, "owners", inputs["owners"], patience)
                step = f"Could not change the owners of {what}"
                _add(graph, resource_id, "owners", new, patience)
                _remove(graph, resource_id, "owners", gone, patience)
        except ProviderError as error:
            raise DiagnosedError(step, error) from error
        return self.told(graph, resource_id, inputs, resource_id, patience)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is an error."""
        del state
        what = _described(resource_id)
        step = f"Retrieving {what}"
        try:
            if not is_there(graph, resource_id, patience, _BETA):
                raise DiagnosedError(step, "Group was not found")
            step = f"Deleting {what}"
            graph.delete(resource_id, patience, _BETA)
        except GraphError as error:
            raise DiagnosedError(step, error) from error
        wait_until_gone(graph, resource_id, patience, what, _BETA)

    def known_inputs(self, inputs: Values | None, outputs: Values) -> Values:
        """What was given as it is now; sets keep the order in which they were given."""
        known = super().known_inputs(inputs, outputs)
        for name in _SETS:
            if inputs and name in inputs and _equal(inputs[name], outputs[name]):
                known[name] = inputs[name]
        return known


def _given(values: Values, name: str) -> Value:
    return values.get(name, _NOTHING.get(name))


def _equal(one: Value, other: Value) -> bool:
    """Whether two sets of ids are the same; unknown ones never are."""
    listed = [values if is_array(values) else [] for values in (one, other)]
    if UNKNOWN in (one, other) or any(UNKNOWN in values for values in listed):
        return False
    first, second = ({str(value).lower() for value in values} for values in listed)
    return first == second


def _require_free(graph: Graph, called: str, patience: Patience) -> None:
    escaped = called.replace("'", "''")
    try:
        found = list(graph.list("/groups", f"displayName eq '{escaped}'", patience, _BETA))
    except ProviderError as error:
        summary = "Could not check for existing group(s)"
        raise DiagnosedError(summary, error) from error
    if found:
        summary = f'A resource with the ID "{found[0]["id"]}" already exists'
        detail = (
            "to be managed via Terraform this resource needs to be imported into the State. Please see the resource "
            'documentation for "azuread_group" for more information.'
        )
        raise DiagnosedError(summary, detail)


def _in_order(graph: Graph, owners: list[str], patience: Patience) -> list[str]:
    """The caller first, then people, applications and groups."""
    ordered = [one for one in owners if one.lower() == graph.caller.lower()]
    others = [one for one in owners if one.lower() != graph.caller.lower()]
    for kind in _KINDS_OF_OWNERS:
        for one in others:
            try:
                found = graph.get(f"/directoryObjects/{one}", patience)
            except ProviderError as error:
                summary = f'Could not retrieve owner principal object "{one}"'
                raise DiagnosedError(summary, error) from error
            if found.get("@odata.type") == f"#microsoft.graph.{kind}":
                ordered.append(one)
    return ordered


def _reference(graph: Graph, object_id: str) -> Values:
    return {"@odata.id": graph.link(object_id, _BETA)}


def _difference(
    graph: Graph, group_id: str, side: Side, wanted: list[str], patience: Patience
) -> tuple[list[str], list[str]]:
    """Who is there and should not be, and who should be and is not."""
    there = [str(one["id"]) for one in graph.list(f"{group_id}/{side}", None, patience, _BETA)]
    low = {one.lower() for one in wanted}
    return [one for one in there if one.lower() not in low], [one for one in wanted if one.lower() not in there]


def _add(graph: Graph, group_id: str, side: Side, added: list[str], patience: Patience) -> None:
    for one in added:
        graph.post(f"{group_id}/{side}/$ref", _reference(graph, one), patience, version=_BETA)


def _remove(graph: Graph, group_id: str, side: Side, gone: list[str], patience: Patience) -> None:
    for one in gone:
        graph.delete(f"{group_id}/{side}/{one}/$ref", patience, _BETA)


def _object_id(group_id: str) -> str:
    match = _ID.match(group_id)
    if match is None:
        summary = "Parsing ID"
        raise DiagnosedError(summary, f"'{group_id}' is not of the form {_ID.pattern}")
    return match["group"]


def _described(group_id: str) -> str:
    return f'Group (Group: "{_object_id(group_id)}")'
