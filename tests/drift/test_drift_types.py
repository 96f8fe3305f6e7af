"""Of which types a comparison knows all that may be said of them."""

from __future__ import annotations

from typing import Any

import pytest
from purview_ai.drift import azure, entra
from purview_ai.drift.azure_types import TYPES
from purview_ai.drift.checkpoint import Recorded
from stand_ins.azure_native.table import RESOURCES
from stand_ins.azuread.provider import KINDS

ID = "/subscriptions/s/resourceGroups/g/providers/A.B/things/one"


def recorded(type_: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Recorded:
    """A resource of Azure's."""
    return Recorded("one", type_, ID, inputs, {**outputs, "azureApiVersion": "2026-01-01"})


@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_every_type_of_azure_that_the_package_makes_is_known(type_: str) -> None:
    """The stand-in plugin serves what the package makes, and nothing else."""
    assert type_ in {azure.ACCESS_POLICY, *TYPES}


@pytest.mark.parametrize("type_", sorted(set(RESOURCES) & set(TYPES)))
def test_a_type_may_say_what_its_provider_takes(type_: str) -> None:
    """By the names at the top."""
    kind, body = TYPES[type_], RESOURCES[type_].body
    assert {path.partition(".")[0] for path in kind.says} == set(body.properties)


@pytest.mark.parametrize("type_", sorted(KINDS))
def test_every_type_of_entra_that_the_package_makes_is_known(type_: str) -> None:
    assert entra.called(recorded(type_, {}, {})) != type_


def test_of_an_unknown_type_only_what_the_program_says_is_compared_and_that_is_said() -> None:
    before, now = {"size": 1, "mood": "good"}, {"properties": {"size": 1, "mood": "bad"}}
    seen = azure.look(lambda *_: now, recorded("azure-native:a:Thing", {"size": 1}, before))
    assert (seen.changes, seen.uncovered) == (
        [],
        {"what the program does not say": "which fields this type has is not known here"},
    )


_POLICY = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
_UNASKED: list[tuple[dict[str, Any], str]] = [
    (
        {"conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}},
        "authenticationFlowTransferMethods",
    ),
    (
        {"conditions": {"applications": {"applicationFilter": {"mode": "exclude"}}}},
        "conditions.applications.filter.mode",
    ),
    ({"conditions": {"clientApplications": {"includeServicePrincipals": ["one"]}}}, "conditions.clientApplications"),
    ({"conditions": {"clientAppTypes": ["browser"]}}, "conditions.clientAppTypes"),
    ({"sessionControls": {"signInFrequency": {"isEnabled": True}}}, "sessionControls.signInFrequency"),
]


@pytest.mark.parametrize(("policy", "path"), _UNASKED, ids=[path for _, path in _UNASKED])
def test_what_somebody_put_into_an_access_policy_is_a_change(policy: dict[str, Any], path: str) -> None:
    asked = {"conditions": {}, "grantControls": {}}
    untouched = {"sessionControls": {"signInFrequency": None}, "conditions": {"authenticationFlows": None}}
    assert entra.look(lambda _: untouched, recorded(_POLICY, asked, {})).changes == []
    [change] = entra.look(lambda _: policy, recorded(_POLICY, asked, {})).changes
    assert path in change.field
