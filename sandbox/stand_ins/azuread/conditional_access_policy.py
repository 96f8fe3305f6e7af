"""Conditional Access policies: one block of conditions, sent whole (facts 58, 59 and 90)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from stand_ins.azuread.access_policy_body import GUESTS, LISTS, PEOPLE, SIDES, body_of, conditions_of, controls_of
from stand_ins.azuread.blocks import differs, projected, unknown_names, with_defaults
from stand_ins.azuread.bridge import DiagnosedError, meta
from stand_ins.azuread.consistency import is_there, wait_until, wait_until_gone
from stand_ins.azuread.graph import GraphError
from stand_ins.azuread.kinds import Kind
from stand_ins.failures import ProviderError
from stand_ins.values import UNKNOWN, is_object

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values

_POLICIES = "/identity/conditionalAccess/policies"
_ID = re.compile(rf"^{_POLICIES}/(?P<policy>[^/]+)$")
_STATES = ("disabled", "enabled", "enabledForReportingButNotEnforced")
_RISKS = ("elevated", "minor", "moderate")
_COMPUTED = ("insiderRiskLevels",)
"""Keeps what it was where the program says nothing."""
_TENANTS: Values = {"membershipKind": "", "members": []}
_GUEST_BLOCK: Values = {"guestOrExternalUserTypes": [], "externalTenants": _TENANTS}
_KNOWN: Values = {
    "displayName": "",
    "state": "",
    "conditions": {
        "applications": {"includedApplications": [], "excludedApplications": [], "includedUserActions": []},
        "clientAppTypes": [],
        "insiderRiskLevels": "",
        **{name: [] for name in LISTS},
        "users": {
            **{f"{side}{who}": [] for side in SIDES for who in PEOPLE},
            **{f"{side}{GUESTS}": _GUEST_BLOCK for side in SIDES},
        },
    },
    "grantControls": {"operator": "", "builtInControls": [], "customAuthenticationFactors": [], "termsOfUses": []},
}
"""The inputs that the stand-in serves; session controls, devices, locations and platforms are not among them."""


class ConditionalAccessPolicy(Kind):
    """Who must prove what before an application opens."""

    name = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
    inputs = tuple(_KNOWN)
    replacing: frozenset[str] = frozenset()
    minutes: ClassVar = {"create": 5, "delete": 5, "read": 5, "update": 5}

    def completed(self, news: Values) -> Values:
        """As it is: nothing has a default."""
        return with_defaults({name: value for name, value in news.items() if name != "__defaults"})

    def refusals(self, inputs: Values, logical_name: str) -> dict[str, str]:
        """What the schema refuses before anything is sent."""
        where = f"Examine values at '{logical_name}"
        found = dict.fromkeys(unknown_names(inputs, _KNOWN), "the stand-in serves only what the program uses")
        for name, upstream in (("conditions", "conditions"), ("displayName", "display_name"), ("state", "state")):
            if name not in inputs:
                found[name] = f'Missing required argument. The argument "{upstream}" is required. {where}.{name}\'.'
        if "grantControls" not in inputs:
            needed = '"grant_controls": one of `grant_controls,session_controls` must be specified'
            found["grantControls"] = f"Missing required argument. {needed}. {where}.grantControls'."
        state, conditions = inputs.get("state", UNKNOWN), inputs.get("conditions")
        if state is not UNKNOWN and state not in _STATES:
            found["state"] = f"expected state to be one of {list(_STATES)}, got {state}. {where}.state'."
        risk = conditions.get("insiderRiskLevels", UNKNOWN) if is_object(conditions) else UNKNOWN
        if risk is not UNKNOWN and risk not in _RISKS:
            upstream = "conditions.0.insider_risk_levels"
            found["conditions.insiderRiskLevels"] = (
                f"expected {upstream} to be one of {list(_RISKS)}, got {risk}. {where}.conditions.insiderRiskLevels'."
            )
        return found

    def changed(self, state: Values, news: Values) -> list[str]:
        """Compare block by block; lists have an order."""
        return [name for name in self.inputs if differs(state.get(name), news.get(name), _COMPUTED)]

    def preview(self, inputs: Values) -> Values:
        """The inputs; the id is Graph's."""
        known = {name: value for name, value in inputs.items() if name in self.inputs}
        return {**known, "id": UNKNOWN, "objectId": UNKNOWN}

    def create(self, graph: Graph, inputs: Values, urn: str, patience: Patience) -> tuple[str, Values]:
        """Make it, look until it is there five times in a row, read."""
        try:
            made = graph.post(_POLICIES, body_of(inputs), patience)
        except ProviderError as error:
            summary = "Could not create conditional access policy"
            raise DiagnosedError(summary, error) from error
        policy_id = f"{_POLICIES}/{made['id']}"
        try:
            wait_until(lambda: is_there(graph, policy_id, patience), patience)
        except GraphError as error:
            summary = f"Waiting for creation of {_described(policy_id)}"
            raise DiagnosedError(summary, error) from error
        return policy_id, self.told(graph, policy_id, {}, urn, patience)

    def read(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> Values | None:
        """One look."""
        del state
        try:
            found = graph.get(resource_id, patience)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            summary = f"retrieving {_described(resource_id)}"
            raise DiagnosedError(summary, error) from error
        return self._outputs(found, resource_id)

    def update(self, graph: Graph, resource_id: str, inputs: Values, patience: Patience) -> Values:
        """Send everything, look until name and state are the new ones five times in a row; no read."""
        body = body_of(inputs)
        try:
            graph.patch(resource_id, body, patience)
        except ProviderError as error:
            summary = f'Could not update conditional access policy with ID: "{resource_id}"'
            raise DiagnosedError(summary, error) from error

        def is_new() -> bool:
            found = graph.get(resource_id, patience)
            return (found.get("displayName"), found.get("state")) == (body["displayName"], body["state"])

        try:
            wait_until(is_new, patience)
        except GraphError as error:
            summary = f'waiting for update of conditional access policy with ID "{resource_id}"'
            raise DiagnosedError(summary, error) from error
        return self._outputs(body, resource_id)

    def delete(self, graph: Graph, resource_id: str, state: Values, patience: Patience) -> None:
        """One that is gone already is none the worse for it."""
        del state
        what = _described(resource_id)
        summary = f"retrieving {what}"
        try:
            if not is_there(graph, resource_id, patience):
                return
            summary = f"Deleting {what}"
            graph.delete(resource_id, patience)
        except ProviderError as error:
            raise DiagnosedError(summary, error) from error
        wait_until_gone(graph, resource_id, patience, what)

    def known_inputs(self, inputs: Values | None, outputs: Values) -> Values:
        """What was given, block by block, as it is now."""
        return super().known_inputs(inputs, outputs) if inputs is None else projected(inputs, outputs)

    def _outputs(self, policy: Values, policy_id: str) -> Values:
        return {
            "id": policy_id,
            "objectId": _object_id(policy_id),
            "displayName": policy.get("displayName") or "",
            "state": policy.get("state") or "",
            "conditions": conditions_of(policy),
            "grantControls": controls_of(policy),
            "__meta": meta(self.minutes),
        }


def _object_id(policy_id: str) -> str:
    match = _ID.match(policy_id)
    if match is None:
        summary = "Parsing Conditional Access Policy ID"
        raise DiagnosedError(summary, f"'{policy_id}' is not of the form {_ID.pattern}")
    return match["policy"]


def _described(policy_id: str) -> str:
    return f'Identity Conditional Access Policy (Conditional Access Policy: "{_object_id(policy_id)}")'
