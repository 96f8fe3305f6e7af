"""Cases and searches of eDiscovery at the provider: taken over where they are there, and kept at the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from local_azure.ediscovery import EdiscoveryCircumstances
from people import GRAPH
from purview_ai.dynamic.families import OVERWRITES
from purview_ai.objects.failures import ObjectError
from purview_ai.objects.lifecycle import ADOPTED
from small_engine import CheckError, SmallEngine, wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from people import Person

CASES = f"{GRAPH}/v1.0/security/cases/ediscoveryCases"
NAME = "AI interactions"
QUERY = '(ItemClass:"IPM.SkypeTeams.Message.ConnectedAIApp.Connector.ChatGPTEnterprise")'


def case(**more: Any) -> dict[str, Any]:
    """The case."""
    return wish("eDiscovery case", **{"tenant": "contoso", "name": NAME, "keep": False, **more})


def search(**more: Any) -> dict[str, Any]:
    """A search of it."""
    fields = {"tenant": "contoso", "case": NAME, "name": "chatgpt", "query": QUERY, "keep": False}
    return wish("eDiscovery search", **{**fields, **more})


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def stack(azure: LocalAzure) -> SmallEngine:
    """A stack of somebody with all rights."""
    return SmallEngine.of(azure)


def cases(operator: Person) -> dict[str, str]:
    """Where each case stands, by its name."""
    return {one["displayName"]: f"{CASES}/{one['id']}" for one in operator.get(CASES)["value"]}


def searches(operator: Person, of: str = NAME) -> list[dict[str, Any]]:
    """The searches of a case."""
    return operator.get(f"{cases(operator)[of]}/searches")["value"]


def by_hand(operator: Person, **more: Any) -> str:
    """Somebody makes the case by hand."""
    made = operator.ask("POST", CASES, json={"displayName": NAME, **more})
    assert made.status_code == 201
    return f"{CASES}/{made.json()['id']}"


def writes(operator: Person) -> list[str]:
    """What was changed in Graph since the journal was cleared."""
    return [r["method"] for r in operator.azure.requests() if r["service"] == "graph" and r["method"] != "GET"]


def test_a_case_and_a_search_are_made_once_and_go_where_that_is_asked(stack: SmallEngine, operator: Person) -> None:
    program = {"case": case(number="2026-7"), "search": search()}
    assert stack.preview(program) == {"case": "create", "search": "create"}
    assert cases(operator) == {}
    stack.up(program)
    [found] = searches(operator)
    assert (found["contentQuery"], found["dataSourceScopes"]) == (QUERY, "allTenantMailboxes")
    assert operator.get(cases(operator)[NAME])["externalId"] == "2026-7"
    assert stack.drift() == {}
    operator.azure.forget_requests()
    assert stack.up(program) == {}
    assert operator.azure.requests() == []
    stack.destroy()
    assert cases(operator) == {}


def test_what_is_kept_stays_and_says_how_it_goes(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {"case": case(keep=True), "search": search(keep=True)}
    stack.up(kept)
    operator.azure.forget_requests()
    stack.destroy()
    assert writes(operator) == []
    assert len(searches(operator)) == 1
    said = capsys.readouterr().err
    assert f'eDiscovery case "{NAME}" stays, with all that is in it: to have it deleted' in said
    assert "keep_on_destroy: false" in said
    # By default it is kept, too.
    fields = {name: value for name, value in case(name="Another").items() if name != "keep"}
    stack.up({"other": fields})
    stack.destroy()
    assert set(cases(operator)) == {NAME, "Another"}


def test_keep_can_be_taken_back_without_touching_the_case(stack: SmallEngine, operator: Person) -> None:
    stack.up({"case": case(keep=True), "search": search(keep=True)})
    operator.azure.forget_requests()
    assert stack.up({"case": case(), "search": search()}) == {"case": "update", "search": "update"}
    assert operator.azure.requests() == []
    stack.destroy()
    assert cases(operator) == {}


def test_an_equal_one_is_taken_over_and_stays(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    there = by_hand(operator)
    body = {"displayName": "chatgpt", "contentQuery": QUERY, "dataSourceScopes": "allTenantMailboxes"}
    operator.do("POST", f"{there}/searches", json=body)
    operator.azure.forget_requests()
    program = {"case": case(), "search": search()}
    assert stack.preview(program) == {"case": "create", "search": "create"}
    assert capsys.readouterr().err.count("is there already; it is taken over and left as it is") == 2
    stack.up(program)
    assert all(stack.state[name].outputs[ADOPTED] for name in program)
    stack.destroy()
    assert "it was there before this stack" in capsys.readouterr().err
    assert writes(operator) == []
    stack.up({"case": case(release=True), "search": search(release=True)})
    stack.destroy()
    assert cases(operator) == {}


def test_a_different_one_stops_with_the_setting_that_takes_it_over(stack: SmallEngine, operator: Person) -> None:
    there = by_hand(operator, description="Ours")
    wanted = {"case": case(description="Theirs")}
    for refused in (stack.preview, stack.up):
        with pytest.raises(CheckError, match=r"governance\.ediscovery\.adopt: true") as told:
            refused(wanted)
        assert "description: 'Ours' instead of 'Theirs'" in str(told.value)
    adopting = case(description="Theirs", adopt=True)
    assert stack.provider.check({}, adopting).inputs[OVERWRITES] == "description: 'Ours' instead of 'Theirs'"
    stack.up({"case": adopting})
    assert operator.get(there)["description"] == "Theirs"
    assert stack.state["case"].outputs[ADOPTED]


def test_a_different_search_of_the_name_is_not_overwritten(stack: SmallEngine, operator: Person) -> None:
    there = by_hand(operator)
    operator.do("POST", f"{there}/searches", json={"displayName": "ChatGPT", "contentQuery": "Date>=2020-01-01"})
    stack.up({"case": case()})
    with pytest.raises(CheckError, match="query: 'Date>=2020-01-01' instead of"):
        stack.up({"case": case(), "search": search()})
    [found] = searches(operator)
    assert found["displayName"] == "ChatGPT"
    stack.up({"case": case(), "search": search(adopt=True)})
    [found] = searches(operator)
    assert (found["displayName"], found["contentQuery"]) == ("chatgpt", QUERY)


def test_what_somebody_changed_is_seen_and_put_right(stack: SmallEngine, operator: Person) -> None:
    program = {"case": case(), "search": search(description="All of it")}
    stack.up(program)
    there = cases(operator)[NAME]
    [found] = searches(operator)
    operator.ask("PATCH", there, json={"displayName": "Renamed", "description": "nobody declared this"})
    operator.ask(
        "PATCH",
        f"{there}/searches/{found['id']}",
        json={"contentQuery": "x", "dataSourceScopes": "none,allTenantSites"},
    )
    assert stack.drift() == {
        "case": {"name": "Renamed"},
        "search": {"query": "x", "scopes": ["none", "allTenantSites"]},
    }
    stack.refresh()
    assert stack.up(program) == {"case": "update", "search": "update"}
    assert operator.get(there)["displayName"] == NAME
    assert operator.get(there)["description"] == "nobody declared this"
    assert searches(operator)[0]["contentQuery"] == QUERY
    assert stack.drift() == {}
    operator.ask("DELETE", there)
    assert stack.drift() == {"case": {}, "search": {}}


def test_a_case_gets_another_name_and_keeps_its_searches(stack: SmallEngine, operator: Person) -> None:
    stack.up({"case": case(), "search": search()})
    renamed = {"case": case(name="Another", description="x"), "search": search(case="Another")}
    assert stack.up(renamed) == {"case": "update", "search": "update"}
    assert len(searches(operator, "Another")) == 1
    assert stack.up({"case": case(name="Another"), "search": search(case="Another")}) == {"case": "update"}
    assert operator.get(cases(operator)["Another"])["description"] == ""


def test_a_search_does_not_change_its_case(stack: SmallEngine) -> None:
    two = {"case": case(), "other": case(name="Another")}
    stack.up({**two, "search": search()})
    with pytest.raises(ObjectError, match="A search belongs to its case"):
        stack.up({**two, "search": search(case="Another")})


def test_a_search_of_somebody_elses_case_is_made_by_its_name_or_its_id(stack: SmallEngine, operator: Person) -> None:
    there = by_hand(operator)
    stack.up({"search": search(), "other": search(case=there.rsplit("/", 1)[1], name="other")})
    assert {one["displayName"] for one in searches(operator)} == {"chatgpt", "other"}
    with pytest.raises(ObjectError, match='There is no eDiscovery case "Nowhere"'):
        stack.up({**{n: dict(k.inputs) for n, k in stack.state.items()}, "third": search(case="Nowhere")})


@pytest.mark.parametrize("effect", ["cut-before", "cut-after", "cut-middle"])
def test_a_lost_answer_makes_no_second_one(stack: SmallEngine, operator: Person, effect: str) -> None:
    for path in ("ediscoverycases", "searches"):
        operator.azure.weather(effect=effect, service="graph", method="POST", path=path, times=1)
    stack.up({"case": case(), "search": search()})
    assert len(cases(operator)) == len(searches(operator)) == 1
    assert not any(kept.outputs[ADOPTED] for kept in stack.state.values())


def test_a_busy_service_is_waited_for(stack: SmallEngine, operator: Person) -> None:
    operator.azure.weather(
        effect="status",
        service="graph",
        method="POST",
        path="ediscoverycases",
        status=429,
        code="TooManyRequests",
        times=1,
    )
    stack.up({"case": case()})
    assert set(cases(operator)) == {NAME}


def test_who_may_not_is_told_what_it_takes(azure: LocalAzure, capsys: pytest.CaptureFixture[str]) -> None:
    stack = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    assert stack.preview({"case": case()}) == {"case": "create"}
    assert "could not be looked for, so the preview cannot tell" in capsys.readouterr().err
    with pytest.raises(ObjectError, match=r"eDiscovery\.ReadWrite\.All with an administrator's consent"):
        stack.up({"case": case()})


@pytest.mark.parametrize("status", [401, 403])
def test_who_was_not_let_in_by_powershell_is_told_so(stack: SmallEngine, azure: LocalAzure, status: Any) -> None:
    azure.set_ediscovery(EdiscoveryCircumstances(authorised=False, refuses_with=status))
    with pytest.raises(ObjectError, match="Add-RoleGroupMember eDiscoveryManager") as refused:
        stack.up({"case": case()})
    assert f"Microsoft Graph: {status} UnknownError" in str(refused.value)


def test_an_entry_with_another_name_goes_on_with_the_same_case(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"case": case()})
    stack.new_process().up({"renamed": case()})
    assert "the stack goes on with it" in capsys.readouterr().err
    assert set(cases(operator)) == {NAME}


def test_cases_are_looked_for_on_every_page(stack: SmallEngine, operator: Person) -> None:
    for number in range(21):
        operator.do("POST", CASES, json={"displayName": f"Case {number}"})
    by_hand(operator)
    stack.up({"case": case()})
    assert stack.state["case"].outputs[ADOPTED]
