"""Service principals through the stand-in for azuread: taken over, made, patched, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import directory, seed
from people import GRAPH
from plugin_process import NOBODY, PluginProcess, RefusedError
from pulumi.runtime.proto import provider_pb2 as proto
from scripted_service import Answer
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person
    from scripted_service import ScriptedService

PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
PRINCIPALS = "/v1.0/servicePrincipals"
INPUTS: dict[str, Any] = {
    "__defaults": ["accountEnabled"],
    "accountEnabled": True,
    "clientId": directory.EXCHANGE_APP,
    "useExisting": True,
}
SOMEWHERE = "11111111-2222-4333-8444-555555555555"


def calls(azure: LocalAzure) -> list[str]:
    lines = [line for line in azure.requests() if line["service"] == "graph"]
    return [
        f"{line['method']} {line['path'].partition(PRINCIPALS)[2] or line['path']} {line['status']}" for line in lines
    ]


@pytest.fixture
def principals(azure: LocalAzure, azuread_process: PluginProcess, operator: Person) -> Iterator[PluginProcess]:
    """Service principals, as somebody who may make them; those of the tests' application go afterwards."""
    azuread_process.configure("azuread", clientId=seed.OPERATOR_APP, clientSecret=seed.OPERATOR_SECRET)
    azure.forget_requests()
    yield azuread_process.of(PRINCIPAL)
    for one in of_the_application(operator):
        operator.do("DELETE", f"{GRAPH}{PRINCIPALS}/{one['id']}")


@pytest.fixture
def there(azure: LocalAzure, operator: Person, principals: PluginProcess) -> str:
    """One that somebody else made, with words of theirs; its object id."""
    del principals
    words = {"notes": "ours", "description": "ours"}
    made = operator.do("POST", f"{GRAPH}{PRINCIPALS}", json={"appId": directory.EXCHANGE_APP, **words})
    azure.forget_requests()
    return made["id"]


@pytest.fixture
def scripted_principals(service: ScriptedService) -> Iterator[PluginProcess]:
    """Service principals of a Graph that answers by script."""
    plugin = PluginProcess.start("stand_ins.azuread", {**NOBODY, "STAND_INS_PACE": "0.0001"})
    service.will_describe_a_cloud()
    plugin.configure("azuread", metadataHost=service.url)
    service.asked.clear()
    yield plugin.of(PRINCIPAL)
    plugin.stop()


def of_the_application(operator: Person) -> list[dict[str, Any]]:
    wanted = {"$filter": f"appId eq '{directory.EXCHANGE_APP}'"}
    return operator.get(f"{GRAPH}{PRINCIPALS}", **wanted)["value"]


@pytest.mark.fact(63)
def test_one_that_exists_is_patched_as_a_whole(
    azure: LocalAzure, principals: PluginProcess, there: str, operator: Person
) -> None:
    made, outputs = principals.create(INPUTS)
    assert made == f"/servicePrincipals/{there}"
    assert calls(azure) == [
        f"GET {PRINCIPALS} 200",
        f"PATCH /{there} 204",
        f"GET /{there} 200",
        f"GET /beta/servicePrincipals/{there} 200",
        f"GET /{there}/owners 200",
    ]
    assert (outputs["objectId"], outputs["clientId"]) == (there, directory.EXCHANGE_APP)
    assert (outputs["useExisting"], outputs["owners"]) == (True, [])
    # What somebody had written there is gone.
    after = operator.get(f"{GRAPH}{PRINCIPALS}/{there}")
    assert (after["notes"], after["description"]) == (None, None)


@pytest.mark.fact(63)
def test_one_that_exists_and_is_not_to_be_taken_over_must_be_imported(principals: PluginProcess, there: str) -> None:
    with pytest.raises(RefusedError, match=f'resource with the ID "{there}" already exists - to be managed via Terra'):
        principals.create({**INPUTS, "useExisting": False})


@pytest.mark.fact(63)
def test_one_that_does_not_exist_is_made_and_left_without_its_maker(
    azure: LocalAzure, principals: PluginProcess, operator: Person
) -> None:
    made, outputs = principals.create({**INPUTS, "description": "for Purview"})
    object_id = made.rpartition("/")[2]
    assert calls(azure) == [
        f"GET {PRINCIPALS} 200",
        f"POST {PRINCIPALS} 201",
        f"PATCH /{object_id} 204",
        f"DELETE /{object_id}/owners/{seed.OPERATOR_ID}/$ref 204",
        f"GET /{object_id} 200",
        f"GET /beta/servicePrincipals/{object_id} 200",
        f"GET /{object_id}/owners 200",
    ]
    assert outputs["description"] == "for Purview"
    assert outputs["owners"] == []
    assert [one["id"] for one in of_the_application(operator)] == [object_id]


@pytest.mark.fact(63)
def test_a_new_one_has_another_description_until_it_is_there(
    scripted_principals: PluginProcess, service: ScriptedService
) -> None:
    missing = {"code": "Request_BadRequest", "message": "The appId 'x' of the service principal does not reference a"}
    missing["message"] += " valid application object."
    service.will(
        Answer(body={"value": []}),
        Answer(400, {"error": missing}),
        Answer(201, {"id": SOMEWHERE}),
        Answer(204),
        Answer(204),
        Answer(body={"id": SOMEWHERE, "appId": directory.EXCHANGE_APP}),
        Answer(body={}),
        Answer(body={"value": []}),
    )
    scripted_principals.create(INPUTS)
    first, again = [asked.body for asked in service.asked if asked.method == "POST"]
    assert first == again
    assert first["description"].startswith("TERRAFORM_UPDATE_")
    assert first["owners@odata.bind"][0].startswith(f"{service.url}/v1.0/directoryObjects/")
    [patch] = [asked.body for asked in service.asked if asked.method == "PATCH"]
    assert patch == {"description": None}


@pytest.mark.fact(63)
def test_a_change_patches_and_another_application_is_another_one(principals: PluginProcess, there: str) -> None:
    made, outputs = principals.create(INPUTS)
    news = {**INPUTS, "notes": "theirs"}
    answer = principals.diff(INPUTS, news, outputs)
    assert (list(answer.diffs), list(answer.replaces)) == (["notes"], [])
    assert principals.update(made, outputs, news)["notes"] == "theirs"
    other = principals.diff(INPUTS, {**INPUTS, "clientId": there}, outputs)
    assert list(other.replaces) == ["clientId"]
    assert other.detailedDiff["clientId"].kind == proto.PropertyDiff.UPDATE_REPLACE
    assert principals.diff(INPUTS, INPUTS, outputs).changes == proto.DiffResponse.DIFF_NONE


@pytest.mark.fact(63)
def test_one_that_was_taken_over_is_deleted_all_the_same(
    azure: LocalAzure, principals: PluginProcess, there: str, operator: Person
) -> None:
    made, outputs = principals.create(INPUTS)
    azure.forget_requests()
    principals.delete(made, state=outputs)
    assert calls(azure) == [f"DELETE /{there} 204"]
    assert of_the_application(operator) == []


@pytest.mark.fact(63)
def test_where_it_was_taken_over_a_refused_deletion_does_not_matter(
    azure: LocalAzure, principals: PluginProcess, there: str, operator: Person
) -> None:
    made, outputs = principals.create(INPUTS)
    azure.weather(effect="status", service="graph", method="DELETE", status=403, code="Authorization_RequestDenied")
    principals.delete(made, state=outputs)
    assert [one["id"] for one in of_the_application(operator)] == [there]
    azure.weather(effect="status", service="graph", method="DELETE", status=403, code="Authorization_RequestDenied")
    with pytest.raises(
        RefusedError, match=r'Deleting Service Principal \(Service Principal: ".*"\): unexpected .* 403'
    ):
        principals.delete(made, state={**outputs, "useExisting": False})


@pytest.mark.fact(63)
def test_the_end_of_a_deletion_is_waited_for_where_it_was_made(azure: LocalAzure, principals: PluginProcess) -> None:
    made, outputs = principals.create({**INPUTS, "useExisting": False})
    object_id = made.rpartition("/")[2]
    azure.forget_requests()
    principals.delete(made, state=outputs)
    assert calls(azure) == [f"DELETE /{object_id} 204", *[f"GET /{object_id} 404"] * 5]


@pytest.mark.fact(63)
def test_a_read_finds_what_is_there_and_what_is_gone(principals: PluginProcess, there: str, operator: Person) -> None:
    made, outputs = principals.create(INPUTS)
    assert principals.read(made, outputs, INPUTS) == (made, outputs, INPUTS)
    operator.do("PATCH", f"{GRAPH}{PRINCIPALS}/{there}", json={"accountEnabled": False})
    assert principals.read(made, outputs, INPUTS)[2] == {**INPUTS, "accountEnabled": False}
    imported = principals.read(made)
    assert imported[1]["objectId"] == there
    assert imported[2]["clientId"] == directory.EXCHANGE_APP
    with pytest.raises(RefusedError, match=f"Parsing ID: '{there}' is not of the form"):
        principals.read(there)
    operator.do("DELETE", f"{GRAPH}{PRINCIPALS}/{there}")
    assert principals.read(made, outputs, INPUTS)[0] == ""


@pytest.mark.fact(63)
def test_check_adds_that_accounts_are_enabled_and_wants_a_uuid(scripted_principals: PluginProcess) -> None:
    news = {"clientId": directory.EXCHANGE_APP, "useExisting": True}
    assert scripted_principals.check(news).inputs == INPUTS
    assert scripted_principals.check({**news, "clientId": UNKNOWN}).reasons == []
    wrong = scripted_principals.check({"clientId": "9ec59623-ce40-4dc8-a35-ed0275b5d58a", "owners": []})
    assert sorted(wrong.properties) == ["clientId", "owners"]
    assert scripted_principals.check({}).reasons[0].startswith("Missing required argument.")


def test_a_preview_leaves_open_what_graph_decides(scripted_principals: PluginProcess) -> None:
    outputs = scripted_principals.preview_create(INPUTS)
    assert outputs["clientId"] == directory.EXCHANGE_APP
    assert (outputs["objectId"], outputs["appRoleIds"]) == (UNKNOWN, UNKNOWN)
