"""The stand-in for azuread: app role assignments and the look-up of a service principal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import directory, seed
from plugin_process import NOBODY, PluginProcess, RefusedError
from pulumi.runtime.proto import provider_pb2 as proto
from scripted_service import Answer
from stand_ins.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person
    from scripted_service import ScriptedService

GRANT = "azuread:index/appRoleAssignment:AppRoleAssignment"
LOOK_UP = "azuread:index/getServicePrincipal:getServicePrincipal"
GRAPH = "https://graph.microsoft.com/v1.0"

INPUTS: dict[str, Any] = {
    "__defaults": [],
    "appRoleId": directory.PROCESS_CONVERSATIONS,
    "principalObjectId": seed.PURVIEW_IDENTITY,
    "resourceObjectId": seed.PURVIEW_API,
}
RESOURCE = f"/v1.0/servicePrincipals/{seed.PURVIEW_API}"
OTHER = "11111111-2222-4333-8444-555555555555"


def calls(azure: LocalAzure) -> list[str]:
    lines = [line for line in azure.requests() if line["service"] == "graph"]
    return [f"{line['method']} {line['path']} {line['status']}" for line in lines]


@pytest.fixture
def grants(azuread: PluginProcess) -> PluginProcess:
    return azuread.of(GRANT)


@pytest.fixture(scope="session")
def other_process() -> Iterator[PluginProcess]:
    """azuread, away from the local Azure."""
    plugin = PluginProcess.start("stand_ins.azuread", {**NOBODY, "STAND_INS_PACE": "0.0001"})
    yield plugin
    plugin.stop()


@pytest.fixture
def scripted_grants(other_process: PluginProcess, service: ScriptedService) -> PluginProcess:
    """App role assignments of a Graph that answers by script."""
    service.will_describe_a_cloud()
    other_process.configure("azuread", metadataHost=service.url)
    service.asked.clear()
    return other_process.of(GRANT)


@pytest.mark.fact(54)
def test_a_grant_looks_at_the_resource_assigns_and_reads_once(azure: LocalAzure, grants: PluginProcess) -> None:
    made, outputs = grants.create(INPUTS)
    assignment = made.rsplit("/", 1)[-1]
    assert made == f"/servicePrincipals/{seed.PURVIEW_API}/appRoleAssignedTo/{assignment}"
    assert calls(azure) == [
        f"GET {RESOURCE} 200",
        f"POST {RESOURCE}/appRoleAssignedTo 201",
        f"GET {RESOURCE}/appRoleAssignedTo/{assignment} 200",
    ]
    assert outputs["principalType"] == "ServicePrincipal"
    assert outputs["principalDisplayName"] == seed.ACCOUNT
    assert outputs["resourceObjectId"] == seed.PURVIEW_API
    assert outputs["id"] == made


@pytest.mark.fact(54)
def test_a_resource_that_is_not_there_is_said_at_once(azure: LocalAzure, grants: PluginProcess) -> None:
    with pytest.raises(RefusedError) as refused:
        grants.create({**INPUTS, "resourceObjectId": OTHER})
    assert str(refused.value).startswith(
        "1 error occurred:\n\t* Service principal not found for resource "
        f'(Object ID: "{OTHER}"): unexpected status 404 (404 Not Found) with error: '
        "Request_ResourceNotFound: "
    )
    assert len(calls(azure)) == 1


@pytest.mark.fact(54)
def test_a_second_grant_of_the_same_is_graphs_error_and_not_tried_again(
    azure: LocalAzure, grants: PluginProcess
) -> None:
    grants.create(INPUTS)
    azure.forget_requests()
    with pytest.raises(RefusedError) as refused:
        grants.create(INPUTS)
    assert str(refused.value) == (
        "1 error occurred:\n\t* Could not create app role assignment: "
        "unexpected status 400 (400 Bad Request) with error: Request_BadRequest: "
        "Permission being assigned already exists on the object\n\n"
    )
    assert [call.split()[0] for call in calls(azure)] == ["GET", "POST"]


@pytest.mark.fact(54)
@pytest.mark.parametrize(
    "not_yet",
    [
        Answer(404, {"error": {"code": "Request_ResourceNotFound", "message": "no"}}),
        Answer(400, {"error": {"code": "Request_BadRequest", "message": "Not a valid reference update."}}),
    ],
)
def test_a_principal_that_graph_does_not_know_yet_is_waited_for(
    scripted_grants: PluginProcess, service: ScriptedService, not_yet: Answer
) -> None:
    made = {"id": "abc", "resourceId": seed.PURVIEW_API}
    service.will(Answer(body={}), not_yet, not_yet, Answer(201, made), Answer(body=made))
    scripted_grants.create(INPUTS)
    assert [call.split()[0] for call in service.calls] == ["GET", "POST", "POST", "POST", "GET"]
    assert service.asked[1].body == {
        "@odata.type": "#microsoft.graph.appRoleAssignment",
        "appRoleId": INPUTS["appRoleId"],
        "principalId": INPUTS["principalObjectId"],
        "resourceId": INPUTS["resourceObjectId"],
    }


@pytest.mark.fact(55)
def test_a_grant_that_cannot_be_read_right_after_is_an_error(
    scripted_grants: PluginProcess, service: ScriptedService
) -> None:
    gone = Answer(404, {"error": {"code": "Request_ResourceNotFound", "message": "no"}})
    service.will(Answer(body={}), Answer(201, {"id": "abc", "resourceId": seed.PURVIEW_API}), gone)
    with pytest.raises(RefusedError, match="expected non-nil error with nil state during Create"):
        scripted_grants.create(INPUTS)


@pytest.mark.fact(55)
@pytest.mark.fact(62)
def test_inputs_must_be_uuids_and_get_the_bridges_mark(scripted_grants: PluginProcess) -> None:
    news = {name: value for name, value in INPUTS.items() if name != "__defaults"}
    assert scripted_grants.check(news).inputs == INPUTS
    assert scripted_grants.check({**news, "appRoleId": UNKNOWN}).reasons == []
    wrong = scripted_grants.check({**news, "appRoleId": "User.Read.All"})
    assert wrong.properties == ["appRoleId"]
    assert wrong.reasons[0].startswith('expected "app_role_id" to be a valid UUID, got User.Read.All.')


@pytest.mark.fact(55)
@pytest.mark.parametrize("name", ["appRoleId", "principalObjectId", "resourceObjectId"])
def test_every_change_makes_a_new_grant(scripted_grants: PluginProcess, name: str) -> None:
    answer = scripted_grants.diff(INPUTS, {**INPUTS, name: OTHER}, state=INPUTS)
    assert list(answer.replaces) == [name]
    assert answer.detailedDiff[name].kind == proto.PropertyDiff.UPDATE_REPLACE
    assert scripted_grants.diff(INPUTS, INPUTS, state=INPUTS).changes == proto.DiffResponse.DIFF_NONE


def test_a_preview_knows_the_inputs_only(scripted_grants: PluginProcess) -> None:
    outputs = scripted_grants.preview_create(INPUTS)
    assert outputs["appRoleId"] == INPUTS["appRoleId"]
    assert outputs["principalDisplayName"] is UNKNOWN


@pytest.mark.fact(55)
@pytest.mark.fact(62)
def test_a_refresh_reads_once_and_finds_what_is_gone(
    azure: LocalAzure, grants: PluginProcess, operator: Person
) -> None:
    made, outputs = grants.create(INPUTS)
    azure.forget_requests()
    assert grants.read(made, outputs, INPUTS) == (made, outputs, INPUTS)
    assert len(calls(azure)) == 1
    assert '"schema_version":"1"' in outputs["__meta"]
    operator.ask("DELETE", GRAPH + made).raise_for_status()
    assert grants.read(made, outputs, INPUTS)[0] == ""


@pytest.mark.fact(55)
def test_deleting_a_grant_that_is_gone_is_an_error(azure: LocalAzure, grants: PluginProcess) -> None:
    made, _ = grants.create(INPUTS)
    azure.forget_requests()
    grants.delete(made)
    assert [call.split()[0] for call in calls(azure)] == ["DELETE"]
    with pytest.raises(RefusedError, match=r"(?s)Deleting Service Principal Id App Role Assigned To \(.*404"):
        grants.delete(made)


@pytest.mark.fact(53)
def test_a_look_up_is_two_calls_and_one_of_them_is_beta(azure: LocalAzure, azuread: PluginProcess) -> None:
    found = azuread.invoke(LOOK_UP, clientId=directory.PURVIEW_API_APP.upper())
    assert calls(azure) == [
        "GET /v1.0/servicePrincipals 200",
        f"GET /beta/servicePrincipals/{seed.PURVIEW_API} 200",
    ]
    assert found["id"] == f"/servicePrincipals/{seed.PURVIEW_API}"
    assert found["objectId"] == seed.PURVIEW_API
    assert found["clientId"] == directory.PURVIEW_API_APP
    assert found["appRoleIds"] == {"Purview.ProcessConversationMessages.All": directory.PROCESS_CONVERSATIONS}
    assert found["appRoles"][0]["enabled"] is True
    assert found["servicePrincipalNames"] == []  # the application's id is left out


@pytest.mark.fact(53)
def test_the_look_up_fails_with_its_beta_call(azure: LocalAzure, azuread: PluginProcess) -> None:
    azure.weather(effect="status", service="graph", path="/beta/", status=403, code="Denied")
    with pytest.raises(RefusedError, match=r"Retrieving Service Principal \(.*\) \(beta API\): unexpected status 403"):
        azuread.invoke(LOOK_UP, clientId=directory.PURVIEW_API_APP)


@pytest.mark.fact(53)
def test_an_application_without_a_service_principal_is_said(azuread: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="No service principal found: no service principal found"):
        azuread.invoke(LOOK_UP, clientId=OTHER)


@pytest.mark.fact(52)
@pytest.mark.fact(53)
def test_every_call_has_the_providers_headers_and_the_filter_its_encoding(
    scripted_grants: PluginProcess, service: ScriptedService
) -> None:
    principal = {"id": seed.PURVIEW_API, "appId": OTHER, "servicePrincipalNames": [OTHER, "api://x"]}
    next_page = {"value": [], "@odata.nextLink": f"{service.url}/v1.0/servicePrincipals?$skiptoken=2"}
    service.will(Answer(body=next_page), Answer(body={"value": [principal]}), Answer(body={}))
    found = scripted_grants.invoke(LOOK_UP, clientId=OTHER)
    assert found["servicePrincipalNames"] == ["api://x"]
    assert [asked.path for asked in service.asked] == [
        f"/v1.0/servicePrincipals?%24filter=appId+eq+%27{OTHER}%27",
        "/v1.0/servicePrincipals?$skiptoken=2",
        f"/beta/servicePrincipals/{seed.PURVIEW_API}?%24select=samlMetadataUrl",
    ]
    for asked in service.asked:
        assert asked.headers["accept"] == "application/json; charset=utf-8; IEEE754Compatible=false"
        assert asked.headers["content-type"].startswith("application/json")
        assert asked.headers["odata-version"] == asked.headers["odata-maxversion"] == "4.0"
        assert "consistencylevel" not in asked.headers


@pytest.mark.fact(56)
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            Answer(403, {"error": {"code": "A", "message": "b", "innerError": {"code": "C", "date": "d"}}}),
            "unexpected status 403 (403 Forbidden) with error: A: b: C",
        ),
        (Answer(403, "<html>"), "unexpected status 403 (403 Forbidden) with response: <html>"),
        (Answer(403), "unexpected status 403 (403 Forbidden) received with no body"),
    ],
)
def test_graphs_refusal_is_told_in_the_providers_words(
    scripted_grants: PluginProcess, service: ScriptedService, answer: Answer, text: str
) -> None:
    service.will(answer)
    with pytest.raises(RefusedError) as refused:
        scripted_grants.read(f"/servicePrincipals/{OTHER}/appRoleAssignedTo/abc")
    assert text in str(refused.value)


@pytest.mark.fact(57)
def test_a_stray_error_is_tried_again_as_long_as_five_minutes_last(
    scripted_grants: PluginProcess, service: ScriptedService
) -> None:
    where = f"/servicePrincipals/{OTHER}/appRoleAssignedTo/abc"
    service.will(*[Answer(424)] * 3, Answer(body={"appRoleId": OTHER}))
    assert scripted_grants.read(where)[0] == where
    assert len(service.calls) == 4
    service.asked.clear()
    service.will(*[Answer(503)] * 30)
    with pytest.raises(RefusedError, match="unexpected status 503"):
        scripted_grants.read(where)
    assert len(service.calls) == 10  # once, and nine retries
    service.asked.clear()
    service.answers = [Answer(501)]
    with pytest.raises(RefusedError, match="unexpected status 501"):
        scripted_grants.read(where)
    assert len(service.calls) == 1


@pytest.mark.fact(62)
def test_a_wrong_secret_fails_when_the_provider_is_configured(azuread: PluginProcess) -> None:
    with pytest.raises(RefusedError, match="AADSTS7000215"):
        azuread.configure("azuread", clientSecret="wrong")


def test_types_and_functions_that_the_program_does_not_use_are_refused_by_name(
    scripted_grants: PluginProcess,
) -> None:
    with pytest.raises(RefusedError, match="azuread:index/application:Application"):
        scripted_grants.of("azuread:index/application:Application").check({})
    with pytest.raises(RefusedError, match="azuread:index/getUser:getUser"):
        scripted_grants.invoke("azuread:index/getUser:getUser")
