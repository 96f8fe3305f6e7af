"""Conditional Access policies through the stand-in for azuread: the calls, and what the state gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH
from plugin_process import RefusedError
from pulumi.runtime.proto import provider_pb2 as proto
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person
    from plugin_process import PluginProcess

POLICY = "azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy"
POLICIES = "/v1.0/identity/conditionalAccess/policies"
EMERGENCY = Somebody(principal_name=people.SILENT[0]).user(seed.TENANT).id
GUESTS = {"guestOrExternalUserTypes": ["otherExternalUser"], "externalTenants": [{"membershipKind": "all"}]}
INPUTS: dict[str, Any] = {
    "displayName": "Block",
    "state": "enabledForReportingButNotEnforced",
    "conditions": {
        "clientAppTypes": ["all"],
        "applications": {"includedApplications": [seed.CHATGPT_APP]},
        "users": {
            "includedUsers": ["All"],
            "excludedUsers": [EMERGENCY],
            "excludedGuestsOrExternalUsers": [GUESTS],
        },
        "insiderRiskLevels": "elevated",
    },
    "grantControls": {"operator": "OR", "builtInControls": ["block"]},
}


def calls(azure: LocalAzure) -> list[str]:
    lines = [line for line in azure.requests() if line["service"] == "graph"]
    return [f"{line['method']} {line['status']}" for line in lines]


@pytest.fixture
def policies(azure: LocalAzure, azuread_process: PluginProcess, operator: Person) -> Iterator[PluginProcess]:
    """Policies, as somebody who may make them; those of the tests go afterwards."""
    azuread_process.configure("azuread", clientId=seed.OPERATOR_APP, clientSecret=seed.OPERATOR_SECRET)
    azure.forget_requests()
    yield azuread_process.of(POLICY)
    for one in operator.get(f"{GRAPH}{POLICIES}")["value"]:
        operator.do("DELETE", f"{GRAPH}{POLICIES}/{one['id']}")


@pytest.mark.fact(58)
def test_a_policy_is_looked_at_five_times_and_read(azure: LocalAzure, policies: PluginProcess) -> None:
    made, outputs = policies.create(INPUTS)
    assert calls(azure) == ["POST 201", *["GET 200"] * 6]
    assert made == f"/identity/conditionalAccess/policies/{outputs['objectId']}"
    azure.forget_requests()
    policies.update(made, outputs, {**INPUTS, "state": "disabled"})
    assert calls(azure) == ["PATCH 204", *["GET 200"] * 5]
    azure.forget_requests()
    policies.delete(made)
    assert calls(azure) == ["GET 200", "DELETE 204", *["GET 404"] * 5]
    azure.forget_requests()
    policies.delete(made)
    assert calls(azure) == ["GET 404"]


@pytest.mark.fact(59)
@pytest.mark.fact(90)
def test_what_is_read_has_every_list_and_is_no_change(policies: PluginProcess) -> None:
    inputs = policies.check(INPUTS).inputs
    made, outputs = policies.create(inputs)
    users = outputs["conditions"]["users"]
    assert users["includedGroups"] == users["includedGuestsOrExternalUsers"] == []
    assert users["excludedGuestsOrExternalUsers"] == [
        {
            "guestOrExternalUserTypes": ["otherExternalUser"],
            "externalTenants": [{"membershipKind": "all", "members": []}],
        }
    ]
    assert policies.diff(inputs, inputs, state=outputs).changes == proto.DiffResponse.DIFF_NONE
    assert policies.read(made, outputs, inputs) == (made, outputs, inputs)


@pytest.mark.fact(59)
def test_a_risk_that_is_not_said_stays_and_all_else_is_compared(policies: PluginProcess) -> None:
    _, outputs = policies.create(INPUTS)
    conditions = {name: value for name, value in INPUTS["conditions"].items() if name != "insiderRiskLevels"}
    silent = {**INPUTS, "conditions": conditions}
    assert policies.diff(INPUTS, silent, state=outputs).changes == proto.DiffResponse.DIFF_NONE
    for changed in (
        {"state": "enabled"},
        {"conditions": {**conditions, "users": {"includedUsers": ["All"]}}},
        {"conditions": {**conditions, "insiderRiskLevels": "minor"}},
        {"grantControls": {"operator": "OR", "builtInControls": ["mfa"]}},
    ):
        answer = policies.diff(INPUTS, {**silent, **changed}, state=outputs)
        assert list(answer.diffs) == list(changed)
        assert list(answer.replaces) == []


@pytest.mark.fact(90)
def test_what_the_schema_refuses_is_told_before_anything_is_sent(azure: LocalAzure, policies: PluginProcess) -> None:
    without = {name: value for name, value in INPUTS.items() if name != "grantControls"}
    assert "one of `grant_controls,session_controls` must be specified" in policies.check(without).reasons[0]
    assert "got on" in policies.check({**INPUTS, "state": "on"}).reasons[0]
    severe = {**INPUTS["conditions"], "insiderRiskLevels": "severe"}
    assert "got severe" in policies.check({**INPUTS, "conditions": severe}).reasons[0]
    assert policies.check({**INPUTS, "sessionControls": {}}).properties == ["sessionControls"]
    unknown = {**INPUTS["conditions"], "platforms": {}}
    assert policies.check({**INPUTS, "conditions": unknown}).properties == ["conditions.platforms"]
    assert calls(azure) == []
    assert policies.preview_create(INPUTS)["objectId"] is UNKNOWN


@pytest.mark.fact(90)
def test_entras_refusal_is_told_with_its_inner_words(policies: PluginProcess) -> None:
    applications = {"includedApplications": [seed.CHATGPT_ID]}
    wrong = {**INPUTS, "conditions": {**INPUTS["conditions"], "applications": applications}}
    with pytest.raises(RefusedError, match=r"(?s)Could not create conditional access policy: .*1034: Policy contains"):
        policies.create(wrong)
    made, outputs = policies.create(INPUTS)
    with pytest.raises(RefusedError, match="Could not update conditional access policy with ID"):
        policies.update(made, outputs, wrong)


def test_a_policy_that_is_gone_is_found_gone(policies: PluginProcess, operator: Person) -> None:
    made, outputs = policies.create(INPUTS)
    operator.do("DELETE", f"{GRAPH}/v1.0{made}")
    assert policies.read(made, outputs, INPUTS)[0] == ""
