"""App role grants at the provider: given once, taken back only where the stack gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from people import GRAPH
from purview_ai.objects.failures import ObjectError
from purview_ai.objects.lifecycle import ADOPTED
from small_engine import CheckError, SmallEngine, wish

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

HELD = f"{GRAPH}/v1.0/servicePrincipals/{seed.PURVIEW_IDENTITY}/appRoleAssignments"
READ_USERS = "df021288-bdef-4463-88db-98f22de89214"


def grant(**more: Any) -> dict[str, Any]:
    """The account's identity may read users."""
    fields = {"principal_id": seed.PURVIEW_IDENTITY, "resource_id": seed.GRAPH, "app_role_id": READ_USERS}
    return wish("app role grant", **{**fields, "tenant": "contoso", "role": "User.Read.All", **more})


@pytest.fixture
def stack(azure: LocalAzure) -> SmallEngine:
    """A stack of the identity that deploys."""
    return SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)


def held(operator: Person) -> list[str]:
    """The app roles that the account's identity holds."""
    return [one["appRoleId"] for one in operator.get(HELD)["value"]]


def give(operator: Person) -> None:
    """Somebody gives the role by hand."""
    body = {"principalId": seed.PURVIEW_IDENTITY, "resourceId": seed.GRAPH, "appRoleId": READ_USERS}
    operator.do("POST", HELD, json=body)


def take(operator: Person) -> None:
    """Somebody takes it away by hand."""
    [one] = operator.get(HELD)["value"]
    operator.do("DELETE", f"{GRAPH}/v1.0/servicePrincipals/{seed.GRAPH}/appRoleAssignedTo/{one['id']}")


def test_a_role_is_given_once_and_taken_back(stack: SmallEngine, operator: Person) -> None:
    stack.up({"grant": grant()})
    assert held(operator) == [READ_USERS]
    assert stack.drift() == {}
    assert stack.new_process().up({"grant": grant()}) == {}
    stack.destroy()
    assert held(operator) == []


def test_a_role_that_was_given_by_hand_is_taken_over_and_stays(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    give(operator)
    operator.azure.forget_requests()
    assert stack.preview({"grant": grant()}) == {"grant": "create"}
    assert "is there already; it is taken over" in capsys.readouterr().err
    stack.up({"grant": grant()})
    assert [r for r in operator.azure.requests() if r["service"] == "graph" and r["method"] != "GET"] == []
    stack.destroy()
    assert held(operator) == [READ_USERS]
    stack.up({"grant": grant(release=True)})
    stack.destroy()
    assert held(operator) == []


@pytest.mark.parametrize("effect", ["cut-before", "cut-after", "cut-middle"])
def test_a_lost_answer_gives_no_second_role_and_leaves_it_the_stacks_own(
    stack: SmallEngine, operator: Person, effect: str
) -> None:
    operator.azure.weather(effect=effect, service="graph", method="POST", path="approleassignedto", times=1)
    stack.up({"grant": grant()})
    assert held(operator) == [READ_USERS]
    assert not stack.state["grant"].outputs[ADOPTED]


@pytest.mark.parametrize(("status", "code"), [(404, "Request_ResourceNotFound"), (403, "Authorization_RequestDenied")])
def test_only_an_identity_that_is_still_spreading_is_waited_for(
    stack: SmallEngine, azure: LocalAzure, status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.weather(
        effect="status", service="graph", method="POST", path="approleassignedto", status=status, code=code, times=2
    )
    if status == 404:
        stack.up({"grant": grant()})
        assert "Entra does not know the identity everywhere yet" in capsys.readouterr().err
    else:
        with pytest.raises(ObjectError, match=r"app role grant User\.Read\.All for .* was not given") as refused:
            stack.up({"grant": grant()})
        assert "AppRoleAssignment.ReadWrite.All" in str(refused.value)
        assert "(request " in str(refused.value)


def test_who_only_looks_is_told_what_looking_takes(stack: SmallEngine, azure: LocalAzure) -> None:
    stack.up({"grant": grant()})
    azure.weather(effect="status", service="graph", method="GET", path="approleassign", status=403)
    with pytest.raises(ObjectError, match="could not be read") as refused:
        stack.drift()
    assert "Application.Read.All" in str(refused.value)
    assert "AppRoleAssignment" not in str(refused.value)


def test_what_is_expected_must_be_there_and_is_left_alone(stack: SmallEngine, operator: Person) -> None:
    for refused in (stack.preview, stack.up):
        with pytest.raises(CheckError, match=r"app role User\.Read\.All is expected and not there"):
            refused({"grant": grant(expected=True)})
    give(operator)
    operator.azure.forget_requests()
    stack.up({"grant": grant(expected=True)})
    assert stack.drift() == {}
    stack.destroy()
    assert [r for r in operator.azure.requests() if r["service"] == "graph" and r["method"] != "GET"] == []


def test_a_role_that_becomes_expected_is_not_the_stacks_any_more(stack: SmallEngine, operator: Person) -> None:
    stack.up({"grant": grant()})
    assert stack.up({"grant": grant(expected=True)}) == {"grant": "update"}
    stack.destroy()
    assert held(operator) == [READ_USERS]


def test_a_role_that_somebody_took_away_or_gave_anew_is_seen(stack: SmallEngine, operator: Person) -> None:
    stack.up({"grant": grant()})
    take(operator)
    assert stack.drift() == {"grant": {}}
    give(operator)
    stack.refresh()
    stack.destroy()
    assert held(operator) == [READ_USERS], "the second one was not given by the stack"


def test_another_role_is_another_grant(stack: SmallEngine) -> None:
    stack.up({"grant": grant()})
    other = grant(resource_id=seed.PURVIEW_API, app_role_id="a4543e1f-6e5d-4ec9-a54a-f3b8c156163f")
    assert stack.preview({"grant": other}) == {"grant": "replace"}
    assert stack.preview({"grant": grant(role="another title", tenant="fabrikam")}) == {}


def test_a_grant_with_another_name_in_the_stack_is_kept(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"grant": grant()})
    stack.new_process().up({"renamed": grant()})
    assert "the stack goes on with it" in capsys.readouterr().err
    assert held(operator) == [READ_USERS]
    assert stack.drift() == {}


def test_what_others_give_is_looked_for_at_every_preview(stack: SmallEngine, operator: Person) -> None:
    give(operator)
    stack.up({"grant": grant(expected=True)})
    take(operator)
    with pytest.raises(CheckError, match="is expected and not there"):
        stack.new_process().preview({"grant": grant(expected=True)})


def test_what_becomes_expected_must_be_there(stack: SmallEngine, operator: Person) -> None:
    stack.up({"grant": grant()})
    take(operator)
    with pytest.raises(CheckError, match="is expected and not there"):
        stack.up({"grant": grant(expected=True)})


def test_what_others_give_is_not_released(stack: SmallEngine, operator: Person) -> None:
    give(operator)
    stack.up({"grant": grant(expected=True, release=True)})
    stack.destroy()
    assert held(operator) == [READ_USERS]
