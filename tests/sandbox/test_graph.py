"""Microsoft Graph: service principals and their app roles."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING

import pytest
from answers import refused
from local_azure import seed
from people import GRAPH
from whole_chain import PROCESS_CONVERSATIONS, USER_READ_ALL, let_the_deployer_make_service_principals

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

PRINCIPALS = f"{GRAPH}/v1.0/servicePrincipals"
EXCHANGE_APP = "00000002-0000-0ff1-ce00-000000000000"
PURVIEW_APP = "9ec59623-ce40-4dc8-a635-ed0275b5d58a"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def test_graph_is_closed_without_an_application_permission(stranger: Person, deployer: Person) -> None:
    words = refused(stranger.ask("GET", PRINCIPALS), 403, "Authorization_RequestDenied")
    assert words == "Insufficient privileges to complete the operation."
    # The deployer may read applications and assign roles, and may not make applications.
    assert deployer.ask("GET", PRINCIPALS).status_code == 200
    made = deployer.ask("POST", PRINCIPALS, json={"appId": str(uuid.uuid4())})
    assert refused(made, 403, "Authorization_RequestDenied")


def test_a_permission_is_in_the_next_token_and_not_in_an_old_one(operator: Person, stranger: Person) -> None:
    old = stranger.azure.token(stranger.app_id, stranger.secret, f"{GRAPH}/.default")
    wanted = {
        "principalId": seed.STRANGER_ID,
        "resourceId": seed.GRAPH,
        "appRoleId": seed.GRAPH_ROLES["Application.Read.All"],
    }
    made = operator.do("POST", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo", json=wanted)
    with_old = stranger.client.get(PRINCIPALS, headers={"authorization": f"Bearer {old}"})
    assert refused(with_old, 403, "Authorization_RequestDenied")
    assert stranger.ask("GET", PRINCIPALS).status_code == 200
    operator.do("DELETE", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo/{made['id']}")
    assert refused(stranger.ask("GET", PRINCIPALS), 403, "Authorization_RequestDenied")


def test_purviews_service_principal_is_found_by_its_application_id_and_has_a_name_of_its_own(
    deployer: Person,
) -> None:
    [found] = deployer.get(PRINCIPALS, **{"$filter": f"appId eq '{PURVIEW_APP}'"})["value"]
    assert found["id"] != PURVIEW_APP
    assert "Purview.ProcessConversationMessages.All" in [role["value"] for role in found["appRoles"]]
    assert deployer.get(PRINCIPALS, **{"$filter": f"appId eq '{uuid.uuid4()}'"})["value"] == []
    unsupported = deployer.ask("GET", PRINCIPALS, params={"$filter": "startswith(displayName,'P')"})
    assert refused(unsupported, 400, "Request_UnsupportedQuery")


def test_a_second_grant_of_the_same_role_is_refused_from_both_sides(operator: Person) -> None:
    wanted = {
        "principalId": seed.PURVIEW_IDENTITY,
        "resourceId": seed.PURVIEW_API,
        "appRoleId": PROCESS_CONVERSATIONS,
    }
    operator.do("POST", f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo", json=wanted)
    for side in (
        f"{seed.PURVIEW_API}/appRoleAssignedTo",
        f"{seed.PURVIEW_IDENTITY}/appRoleAssignments",
    ):
        again = operator.ask("POST", f"{PRINCIPALS}/{side}", json=wanted)
        words = refused(again, 400, "Request_BadRequest")
        assert words == "Permission being assigned already exists on the object"


def test_an_app_role_of_another_resource_cannot_be_granted(operator: Person) -> None:
    wanted = {"principalId": seed.STRANGER_ID, "resourceId": seed.PURVIEW_API, "appRoleId": USER_READ_ALL}
    answer = operator.ask("POST", f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo", json=wanted)
    assert "was not found on application" in refused(answer, 400, "Request_BadRequest")


def test_an_application_id_in_place_of_an_object_id_is_not_found(operator: Person) -> None:
    wanted = {"principalId": seed.STRANGER_ID, "resourceId": seed.PURVIEW_API, "appRoleId": PROCESS_CONVERSATIONS}
    by_app = operator.ask("POST", f"{PRINCIPALS}/{PURVIEW_APP}/appRoleAssignedTo", json=wanted)
    words = refused(by_app, 404, "Request_ResourceNotFound")
    assert "does not exist or one of its queried reference-property objects are not present" in words
    wanted["principalId"] = seed.STRANGER_APP
    by_app = operator.ask("POST", f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo", json=wanted)
    assert refused(by_app, 404, "Request_ResourceNotFound")


def test_a_malformed_guid_is_refused(operator: Person) -> None:
    wanted = {"principalId": seed.STRANGER_ID, "resourceId": seed.PURVIEW_API, "appRoleId": "{role}"}
    answer = operator.ask("POST", f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo", json=wanted)
    assert refused(answer, 400, "Request_BadRequest")


def test_a_grant_is_seen_from_both_sides_under_an_id_that_is_no_guid(operator: Person) -> None:
    wanted = {"principalId": seed.PURVIEW_IDENTITY, "resourceId": seed.GRAPH, "appRoleId": USER_READ_ALL}
    made = operator.do("POST", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo", json=wanted)
    assert len(base64.urlsafe_b64decode(made["id"] + "=")) == 32
    assert operator.get(f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo/{made['id']}")["appRoleId"] == USER_READ_ALL
    theirs = operator.get(f"{PRINCIPALS}/{seed.PURVIEW_IDENTITY}/appRoleAssignments")["value"]
    assert made["id"] in [one["id"] for one in theirs]
    assert operator.ask("DELETE", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo/{made['id']}").status_code == 204
    again = operator.ask("DELETE", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo/{made['id']}")
    assert refused(again, 404, "Request_ResourceNotFound")


def test_a_service_principals_grants_go_with_it(operator: Person) -> None:
    made = operator.do("POST", PRINCIPALS, json={"appId": EXCHANGE_APP})
    assert made["id"] != EXCHANGE_APP
    again = operator.ask("POST", PRINCIPALS, json={"appId": EXCHANGE_APP})
    assert refused(again, 409, "Request_MultipleObjectsWithSameKeyValue")
    wanted = {"principalId": made["id"], "resourceId": seed.PURVIEW_API, "appRoleId": PROCESS_CONVERSATIONS}
    granted = operator.do("POST", f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo", json=wanted)
    assert operator.ask("DELETE", f"{PRINCIPALS}/{made['id']}").status_code == 204
    left = operator.get(f"{PRINCIPALS}/{seed.PURVIEW_API}/appRoleAssignedTo")["value"]
    assert granted["id"] not in [one["id"] for one in left]


def test_a_service_principal_needs_its_application(operator: Person) -> None:
    nowhere = str(uuid.uuid4())
    says = refused(operator.ask("POST", PRINCIPALS, json={"appId": nowhere}), 400, "Request_BadRequest")
    assert says == f"The appId '{nowhere}' of the service principal does not reference a valid application object."


def test_microsofts_application_is_the_same_again_under_another_object_id(operator: Person) -> None:
    operator.do("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_API}")
    assert operator.get(PRINCIPALS, **{"$filter": f"appId eq '{PURVIEW_APP}'"})["value"] == []
    made = operator.do("POST", PRINCIPALS, json={"appId": PURVIEW_APP})
    assert made["id"] != seed.PURVIEW_API
    assert [role["id"] for role in made["appRoles"]] == [PROCESS_CONVERSATIONS]


def test_an_owner_is_named_when_it_is_made_and_taken_away_alone(operator: Person) -> None:
    found = operator.get(PRINCIPALS, **{"$filter": f"appId eq '{EXCHANGE_APP}'"})["value"]
    for one in found:
        operator.do("DELETE", f"{PRINCIPALS}/{one['id']}")
    bound = [f"https://graph.microsoft.com/v1.0/directoryObjects/{seed.OPERATOR_ID}"]
    made = operator.do("POST", PRINCIPALS, json={"appId": EXCHANGE_APP, "owners@odata.bind": bound})
    url = f"{PRINCIPALS}/{made['id']}/owners"
    assert [one["id"] for one in operator.get(url)["value"]] == [seed.OPERATOR_ID]
    operator.do("DELETE", f"{url}/{seed.OPERATOR_ID}/$ref")
    assert operator.get(url)["value"] == []
    gone = operator.ask("DELETE", f"{url}/{seed.OPERATOR_ID}/$ref")
    assert refused(gone, 404, "Request_ResourceNotFound")


def test_what_is_sent_to_a_service_principal_takes_the_place_of_what_was_there(
    operator: Person, deployer: Person
) -> None:
    url = f"{PRINCIPALS}/{seed.GRAPH}"
    before = operator.get(url)
    assert (before["accountEnabled"], before["notes"]) == (True, None)
    operator.do("PATCH", url, json={"notes": "ours", "tags": ["HideApp"]})
    operator.do("PATCH", url, json={"notes": None})
    after = operator.get(url)
    assert (after["notes"], after["tags"]) == (None, ["HideApp"])
    assert refused(operator.ask("PATCH", url, json={"appRoles": []}), 400, "Request_BadRequest")
    assert refused(deployer.ask("PATCH", url, json={"notes": ""}), 403, "Authorization_RequestDenied")
    let_the_deployer_make_service_principals(operator)
    deployer.do("PATCH", url, json={"notes": ""})


def test_a_service_principal_is_addressed_by_its_application_as_well(operator: Person, stranger: Person) -> None:
    by_app = f"{PRINCIPALS}(appId='00000003-0000-0000-c000-000000000000')"
    assert operator.get(by_app)["id"] == seed.GRAPH
    holders = {one["principalId"] for one in operator.get(f"{by_app}/appRoleAssignedTo")["value"]}
    assert {seed.DEPLOYER_ID, seed.OPERATOR_ID} <= holders
    own = operator.get(f"{PRINCIPALS}(appId='{seed.OPERATOR_APP}')/appRoleAssignments")["value"]
    assert {one["resourceId"] for one in own} == {seed.GRAPH}
    assert refused(operator.ask("GET", f"{PRINCIPALS}(appId='{uuid.uuid4()}')"), 404, "Request_ResourceNotFound")
    assert refused(stranger.ask("GET", by_app), 403, "Authorization_RequestDenied")
