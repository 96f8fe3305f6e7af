"""Conditional Access policies in Microsoft Graph: what they take, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH, Person
from rights import give_graph

if TYPE_CHECKING:
    import httpx

POLICIES = f"{GRAPH}/v1.0/identity/conditionalAccess/policies"
OFFICE = Somebody(principal_name=people.SILENT[0]).user(seed.TENANT).id
NOBODY = "11111111-2222-4333-8444-555555555555"


def policy(**conditions: Any) -> dict[str, Any]:
    """A policy that blocks ChatGPT Enterprise, with conditions of its own."""
    return {
        "displayName": "Block",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": [seed.CHATGPT_APP]},
            "users": {"includeUsers": ["All"], "excludeUsers": [OFFICE]},
            "insiderRiskLevels": "elevated",
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


def reason(answer: httpx.Response) -> str:
    """The inner error, which says what the outer one does not."""
    assert "malformed or incorrect" in refused(answer, 400, "BadRequest")
    return answer.json()["error"]["innerError"]["message"]


def test_a_policy_is_made_changed_and_deleted(operator: Person) -> None:
    made = operator.do("POST", POLICIES, json=policy())
    url = f"{POLICIES}/{made['id']}"
    assert operator.get(url)["conditions"]["users"]["includeGroups"] == []
    operator.do("PATCH", url, json={"state": "disabled", "conditions": {"insiderRiskLevels": "minor"}})
    found = operator.get(url)
    assert (found["state"], found["conditions"]["insiderRiskLevels"]) == ("disabled", "minor")
    assert found["conditions"]["applications"]["includeApplications"] == [seed.CHATGPT_APP]
    assert [one["id"] for one in operator.get(POLICIES)["value"]] == [made["id"]]
    operator.do("DELETE", url)
    assert refused(operator.ask("GET", url), 404, "ResourceNotFound")


def test_a_policy_needs_two_permissions_to_change_and_one_to_see(operator: Person, deployer: Person) -> None:
    assert "required scopes are missing" in refused(deployer.ask("GET", POLICIES), 403, "AccessDenied")
    give_graph(operator, "Policy.ReadWrite.ConditionalAccess")
    assert refused(deployer.ask("POST", POLICIES, json=policy()), 403, "AccessDenied")
    give_graph(operator, "Policy.Read.All")
    assert deployer.ask("POST", POLICIES, json=policy()).status_code == 201


def test_an_application_without_a_service_principal_is_refused(operator: Person) -> None:
    for wrong in (seed.CHATGPT_ID, NOBODY):
        answer = operator.ask("POST", POLICIES, json=policy(applications={"includeApplications": [wrong]}))
        assert reason(answer) == f'1034: Policy contains invalid applications: {{"{wrong}":"ServicePrincipalNotFound"}}'


def test_people_who_are_not_there_cannot_be_left_out(operator: Person) -> None:
    for side in ("excludeUsers", "excludeGroups"):
        users = {"includeUsers": ["All"], side: [NOBODY]}
        assert NOBODY in reason(operator.ask("POST", POLICIES, json=policy(users=users)))


def test_a_policy_demands_something(operator: Person) -> None:
    without = {name: value for name, value in policy().items() if name != "grantControls"}
    assert "needs grant controls" in reason(operator.ask("POST", POLICIES, json=without))


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"clientAppTypes": []}, "1064"),
        ({"insiderRiskLevels": "severe"}, "severe"),
        ({"users": {}}, "includes nobody"),
        ({"applications": {}}, "includes nothing"),
        ({"users": {"includeUsers": ["All"],
          "excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "martian"}}}, "martian"),
    ],
)  # fmt: skip
def test_conditions_that_mean_nothing_are_refused(operator: Person, conditions: dict[str, Any], words: str) -> None:
    assert words in reason(operator.ask("POST", POLICIES, json=policy(**conditions)))


def test_block_stands_alone_and_states_are_known(operator: Person) -> None:
    both = {"operator": "OR", "builtInControls": ["block", "mfa"]}
    assert "1032" in reason(operator.ask("POST", POLICIES, json={**policy(), "grantControls": both}))
    assert "state" in reason(operator.ask("POST", POLICIES, json={**policy(), "state": "on"}))


def test_kinds_of_guests_come_back_in_the_services_order(operator: Person) -> None:
    guests = {"guestOrExternalUserTypes": "serviceProvider, b2bDirectConnectUser"}
    users = {"includeUsers": ["All"], "excludeGuestsOrExternalUsers": guests}
    made = operator.do("POST", POLICIES, json=policy(users=users))
    found = made["conditions"]["users"]["excludeGuestsOrExternalUsers"]
    assert found["guestOrExternalUserTypes"] == "b2bDirectConnectUser,serviceProvider"
