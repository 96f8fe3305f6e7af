"""Groups and directory roles in Microsoft Graph."""

from __future__ import annotations

from typing import Any

from answers import refused
from local_azure import people, seed
from local_azure.directory_roles import ROLES
from local_azure.people import Somebody
from people import GRAPH, Person
from rights import give_graph

GROUPS = f"{GRAPH}/v1.0/groups"
ROLE_ASSIGNMENTS = f"{GRAPH}/v1.0/roleManagement/directory/roleAssignments"
FIRST, SECOND = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:2])
NOBODY = "11111111-2222-4333-8444-555555555555"


def object_url(object_id: str) -> str:
    return f"{GRAPH}/v1.0/directoryObjects/{object_id}"


def group(**more: Any) -> dict[str, Any]:
    """A security group with one owner."""
    return {
        "displayName": "People",
        "mailEnabled": False,
        "mailNickname": "people",
        "securityEnabled": True,
        "owners@odata.bind": [object_url(FIRST)],
        **more,
    }


def role(principal: str, name: str = "Compliance Administrator") -> dict[str, str]:
    return {"roleDefinitionId": ROLES[name], "principalId": principal, "directoryScopeId": "/"}


def ids(operator: Person, url: str) -> list[str]:
    return [one["id"] for one in operator.get(url)["value"]]


def test_a_group_is_made_filled_emptied_and_deleted(operator: Person) -> None:
    made = operator.do("POST", GROUPS, json=group())
    url = f"{GROUPS}/{made['id']}"
    assert operator.get(object_url(made["id"]))["@odata.type"] == "#microsoft.graph.group"
    operator.do("POST", f"{url}/members/$ref", json={"@odata.id": object_url(SECOND)})
    again = operator.ask("POST", f"{url}/members/$ref", json={"@odata.id": object_url(SECOND)})
    assert "already exist" in refused(again, 400, "Request_BadRequest")
    assert (ids(operator, f"{url}/owners"), ids(operator, f"{url}/members")) == ([FIRST], [SECOND])
    operator.do("DELETE", f"{url}/members/{SECOND}/$ref")
    assert refused(operator.ask("DELETE", f"{url}/members/{SECOND}/$ref"), 404, "Request_ResourceNotFound")
    last = operator.ask("DELETE", f"{url}/owners/{FIRST}/$ref")
    assert "at least one owner" in refused(last, 400, "Request_BadRequest")
    operator.do("PATCH", url, json={"displayName": "Others"})
    assert operator.get(GROUPS, **{"$filter": "displayName eq 'others'"})["value"][0]["id"] == made["id"]
    fixed = operator.ask("PATCH", url, json={"isAssignableToRole": True})
    assert "isAssignableToRole" in refused(fixed, 400, "Request_BadRequest")
    operator.do("DELETE", url)
    assert refused(operator.ask("GET", url), 404, "Request_ResourceNotFound")


def test_a_group_needs_its_names_and_owners_that_there_are(operator: Person) -> None:
    nameless = operator.ask("POST", GROUPS, json=group(mailNickname=""))
    assert "mailNickname" in refused(nameless, 400, "Request_BadRequest")
    ghost = operator.ask("POST", GROUPS, json=group(**{"owners@odata.bind": [object_url(NOBODY)]}))
    assert refused(ghost, 404, "Request_ResourceNotFound")


def test_a_group_takes_its_permission(operator: Person, deployer: Person) -> None:
    assert refused(deployer.ask("POST", GROUPS, json=group()), 403, "Authorization_RequestDenied")
    give_graph(operator, "Group.ReadWrite.All")
    assert deployer.ask("POST", GROUPS, json=group()).status_code == 201
    assert refused(deployer.ask("GET", object_url(FIRST)), 403, "Authorization_RequestDenied")
    give_graph(operator, "User.Read.All")
    assert deployer.get(object_url(FIRST))["@odata.type"] == "#microsoft.graph.user"


def test_a_group_for_roles_takes_the_right_to_manage_roles(operator: Person, deployer: Person) -> None:
    give_graph(operator, "Group.ReadWrite.All")
    wanted = group(isAssignableToRole=True)
    assert refused(deployer.ask("POST", GROUPS, json=wanted), 403, "Authorization_RequestDenied")
    made = operator.do("POST", GROUPS, json=wanted)
    added = deployer.ask("POST", f"{GROUPS}/{made['id']}/members/$ref", json={"@odata.id": object_url(SECOND)})
    assert refused(added, 403, "Authorization_RequestDenied")
    give_graph(operator, "RoleManagement.ReadWrite.Directory")
    assert deployer.ask("POST", GROUPS, json=wanted).status_code == 201


def test_a_role_is_given_to_a_group_that_was_made_for_it(operator: Person) -> None:
    plain = operator.do("POST", GROUPS, json=group())
    answer = operator.ask("POST", ROLE_ASSIGNMENTS, json=role(plain["id"]))
    assert "assignable to roles" in refused(answer, 400, "Request_BadRequest")
    made = operator.do("POST", GROUPS, json=group(isAssignableToRole=True))
    given = operator.do("POST", ROLE_ASSIGNMENTS, json=role(made["id"]))
    twice = operator.ask("POST", ROLE_ASSIGNMENTS, json=role(made["id"]))
    assert "conflicting" in refused(twice, 400, "Request_BadRequest")
    assert operator.get(f"{ROLE_ASSIGNMENTS}/{given['id']}")["principalId"] == made["id"]
    operator.do("DELETE", f"{GROUPS}/{made['id']}")
    assert operator.get(ROLE_ASSIGNMENTS)["value"] == []


def test_a_role_is_one_that_there_is_and_whoever_gives_it_may(operator: Person, deployer: Person) -> None:
    assert refused(deployer.ask("GET", ROLE_ASSIGNMENTS), 403, "Authorization_RequestDenied")
    assert refused(deployer.ask("POST", ROLE_ASSIGNMENTS, json=role(FIRST)), 403, "Authorization_RequestDenied")
    unknown = {**role(FIRST), "roleDefinitionId": NOBODY}
    assert refused(operator.ask("POST", ROLE_ASSIGNMENTS, json=unknown), 404, "Request_ResourceNotFound")
    given = operator.do("POST", ROLE_ASSIGNMENTS, json=role(FIRST))
    operator.do("DELETE", f"{ROLE_ASSIGNMENTS}/{given['id']}")
    assert refused(operator.ask("GET", f"{ROLE_ASSIGNMENTS}/{given['id']}"), 404, "Request_ResourceNotFound")
