"""Groups and directory roles through the stand-in for azuread: the calls, and what the state gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import people, seed
from local_azure.directory_roles import ROLES
from local_azure.people import Somebody
from people import GRAPH
from plugin_process import RefusedError
from pulumi.runtime.proto import provider_pb2 as proto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person
    from plugin_process import PluginProcess

GROUP = "azuread:index/group:Group"
ROLE = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
FIRST, SECOND, THIRD = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:3])
NOBODY = "11111111-2222-4333-8444-555555555555"
INPUTS: dict[str, Any] = {
    "__defaults": [],
    "assignableToRole": True,
    "displayName": "People",
    "members": [FIRST, SECOND],
    "owners": [FIRST],
    "preventDuplicateNames": True,
    "securityEnabled": True,
}


def calls(azure: LocalAzure, without: str = "") -> list[str]:
    lines = [line for line in azure.requests() if line["service"] == "graph"]
    return [f"{line['method']} {line['path'].replace(without, '-')} {line['status']}" for line in lines]


@pytest.fixture
def groups(azure: LocalAzure, azuread_process: PluginProcess, operator: Person) -> Iterator[PluginProcess]:
    """Groups, as somebody who may make them; those of the tests go afterwards."""
    azuread_process.configure("azuread", clientId=seed.OPERATOR_APP, clientSecret=seed.OPERATOR_SECRET)
    azure.forget_requests()
    yield azuread_process.of(GROUP)
    for one in operator.get(f"{GRAPH}/v1.0/groups")["value"]:
        operator.do("DELETE", f"{GRAPH}/v1.0/groups/{one['id']}")


@pytest.mark.fact(61)
@pytest.mark.fact(92)
def test_a_group_is_made_on_beta_in_many_steps(azure: LocalAzure, groups: PluginProcess) -> None:
    made, outputs = groups.create(INPUTS)
    assert made == f"/groups/{outputs['objectId']}"
    read = ["GET /beta- 200", *(f"GET /beta-/{list_} 200" for list_ in ("owners", "members", "memberOf"))]
    assert calls(azure, made) == [
        "GET /beta/groups 200",
        *[f"GET /v1.0/directoryObjects/{FIRST} 200"] * 3,
        "POST /beta/groups 201",
        *["PATCH /beta- 204"] * 2,
        *["GET /beta- 200"] * 5,
        *["POST /beta-/members/$ref 204"] * 2,
        *read,
    ]
    assert (outputs["owners"], outputs["members"]) == ([FIRST], [FIRST, SECOND])
    azure.forget_requests()
    changed = groups.update(made, outputs, {**INPUTS, "members": [THIRD, SECOND], "owners": [SECOND]})
    assert set(changed["members"]) == {SECOND, THIRD}
    assert calls(azure, made) == [
        "PATCH /beta- 204",
        "GET /beta-/members 200",
        f"DELETE /beta-/members/{FIRST}/$ref 204",
        "POST /beta-/members/$ref 204",
        "GET /beta-/owners 200",
        "POST /beta-/owners/$ref 204",
        f"DELETE /beta-/owners/{FIRST}/$ref 204",
        *read,
    ]
    azure.forget_requests()
    groups.delete(made)
    assert calls(azure, made) == ["GET /beta- 200", "DELETE /beta- 204", *["GET /beta- 404"] * 5]
    with pytest.raises(RefusedError, match=r'Retrieving Group \(Group: ".*"\): Group was not found'):
        groups.delete(made)


@pytest.mark.fact(92)
def test_owners_and_members_have_no_order_and_need_not_be_said(groups: PluginProcess) -> None:
    made, outputs = groups.create(INPUTS)
    turned = {**INPUTS, "members": [SECOND.upper(), FIRST]}
    assert groups.diff(INPUTS, turned, state=outputs).changes == proto.DiffResponse.DIFF_NONE
    silent = {name: value for name, value in INPUTS.items() if name not in ("members", "owners")}
    assert groups.diff(INPUTS, silent, state=outputs).changes == proto.DiffResponse.DIFF_NONE
    assert list(groups.diff(INPUTS, {**INPUTS, "members": []}, state=outputs).diffs) == ["members"]
    assert list(groups.diff(INPUTS, {**INPUTS, "description": "a"}, state=outputs).diffs) == ["description"]
    assert groups.read(made, outputs, turned) == (made, outputs, turned)


@pytest.mark.fact(61)
def test_whether_roles_can_be_given_to_it_is_said_once(groups: PluginProcess) -> None:
    _, outputs = groups.create(INPUTS)
    assert list(groups.diff(INPUTS, {**INPUTS, "assignableToRole": False}, state=outputs).replaces) == [
        "assignableToRole"
    ]


@pytest.mark.fact(92)
def test_a_name_that_is_taken_and_an_owner_who_is_not_there_are_refused(
    azure: LocalAzure, groups: PluginProcess
) -> None:
    groups.create(INPUTS)
    azure.forget_requests()
    with pytest.raises(RefusedError, match="already exists: to be managed via Terraform"):
        groups.create({**INPUTS, "displayName": "PEOPLE"})
    with pytest.raises(RefusedError, match=f'Could not retrieve owner principal object "{NOBODY}"'):
        groups.create({**INPUTS, "displayName": "Others", "owners": [NOBODY]})
    assert not any(call.startswith("POST") for call in calls(azure))


def test_inputs_are_looked_at_before_anything_is_sent(groups: PluginProcess) -> None:
    assert groups.check({"displayName": "People", "securityEnabled": True}).inputs["preventDuplicateNames"] is False
    assert "one of `mail_enabled,security_enabled` must be specified" in groups.check({"displayName": "x"}).reasons[0]
    assert groups.check({**INPUTS, "owners": ["somebody"]}).properties == ["owners"]
    assert groups.check({**INPUTS, "visibility": "Private"}).properties == ["visibility"]


@pytest.mark.fact(60)
@pytest.mark.fact(91)
def test_a_role_is_looked_at_three_times_and_read(azure: LocalAzure, groups: PluginProcess) -> None:
    group, _ = groups.create(INPUTS)
    roles = groups.of(ROLE)
    inputs = {"principalObjectId": group.rsplit("/", 1)[1], "roleId": ROLES["Compliance Administrator"]}
    azure.forget_requests()
    made, outputs = roles.create(inputs)
    assert [call.split()[0] for call in calls(azure)] == ["POST", *["GET"] * 4]
    assert outputs["directoryScopeId"] == "/"
    assert list(roles.diff(inputs, {**inputs, "roleId": NOBODY}, state=outputs).replaces) == ["roleId"]
    assert roles.read(made, outputs, inputs) == (made, outputs, inputs)
    roles.delete(made)
    assert roles.read(made, outputs, inputs)[0] == ""
    with pytest.raises(RefusedError, match=r"(?s)Deleting Role Management Directory Role Assignment.*404"):
        roles.delete(made)


@pytest.mark.fact(91)
def test_a_role_that_cannot_be_given_is_graphs_refusal(groups: PluginProcess) -> None:
    group, _ = groups.create({**INPUTS, "assignableToRole": False})
    inputs = {"principalObjectId": group.rsplit("/", 1)[1], "roleId": ROLES["Compliance Administrator"]}
    with pytest.raises(RefusedError, match=r"(?s)Assigning directory role .* assignable to roles"):
        groups.of(ROLE).create(inputs)
    assert groups.of(ROLE).check({**inputs, "roleId": "x"}).properties == ["roleId"]
