"""``purview-ai offboard``: what it says before and after, held against what destroy really leaves."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from chain.test_governance_whole import COMPLIANCE, EMERGENCY
from local_azure import seed
from offboarding.asking import GOING, left, objects, offboard
from offboarding.inventory import inventory
from people import GRAPH, PURVIEW
from rights import STORE, give_deployer, give_graph
from whole_chain import LOG_WORKSPACE_ID, SOURCE, USER_READ_ALL, WholeChain, source_body

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

CASES = f"{GRAPH}/v1.0/security/cases/ediscoveryCases"
READER = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f50"
GOVERNANCE: dict[str, Any] = {
    "conditional_access": {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}},
    "people": {"groups": {"compliance": COMPLIANCE}},
    "ediscovery": {"case": {"name": "AI interactions"}, "searches": {"chatgpt": {"app": "chatgpt-enterprise"}}},
}


def let_the_deployer_govern(operator: Person) -> None:
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All", "eDiscovery.ReadWrite.All"),
    )


def give_on_the_collection(operator: Person, role: str, holder: str) -> None:
    """Somebody holds a role on the tenant's own collection."""
    url = f"{PURVIEW}/policystore/metadataPolicies"
    [policy] = operator.get(url, collectionName=seed.COLLECTION, **STORE)["values"]
    rules = {rule["id"]: rule for rule in policy["properties"]["attributeRules"]}
    rules[f"purviewmetadatarole_builtin_{role}:{seed.COLLECTION}"]["dnfCondition"][0][0][
        "attributeValueIncludedIn"
    ].append(holder)
    operator.do("PUT", f"{url}/{policy['id']}", params=STORE, json=policy)


@pytest.fixture
def much_adopted(tenant: Tenant, operator: Person) -> tuple[Tenant, set[str]]:
    """A tenant with all that a stack can make, of which some was there; and what the world had before all that."""
    let_the_deployer_govern(operator)
    give_deployer(operator, "collection-administrator")
    before = inventory(operator)
    WholeChain(operator).grant(seed.GRAPH, USER_READ_ALL)
    operator.do("PUT", SOURCE, json=source_body())
    operator.do("POST", CASES, json={"displayName": "AI interactions"})
    give_on_the_collection(operator, "purview-reader", READER)
    tenant.change(
        {
            "purview.roles": {"purview-reader": [READER], "data-curator": [READER]},
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "account": False},
            "governance": GOVERNANCE,
        }
    )
    tenant.up().must_succeed()
    operator.run_of()
    return tenant, before


def test_what_it_says_stays_is_what_destroy_leaves_nothing_more_and_nothing_less(
    much_adopted: tuple[Tenant, set[str]], operator: Person
) -> None:
    tenant, before = much_adopted
    deployed = inventory(operator)
    told = offboard(tenant)
    assert told["state"] == "there"
    assert {one["why"] for one in told["objects"] if one["resource"] == "grants-read-users"} == {
        "it was there before this stack (adopted)"
    }
    # The scan is the stack's own, in a data source that was there.
    assert objects(told, "stays") == {
        one["id"].lower()
        for one in told["objects"]
        if one["resource"]
        in {
            *("chatgpt-source", "grants-read-users", "ediscovery-case", "ediscovery-search-chatgpt"),
            f"collection-{seed.COLLECTION}-purview-reader-{READER}",
        }
    }
    assert objects(told, *GOING, "stays") <= deployed, "the ids are the world's own"

    tenant.destroy().must_succeed()
    after = inventory(operator)
    assert after - before == left(told)
    assert objects(told, *GOING) & after == set()
    assert before - after == set(), "nothing of others went"

    again = offboard(tenant)
    assert (again["state"], left(again)) == ("empty", left(told))
    remove_the_stack(tenant)
    again = offboard(tenant)
    assert (again["state"], left(again)) == ("gone", left(told))
    assert any("or pulumi keeps it elsewhere" in note for note in again["notes"])


def remove_the_stack(tenant: Tenant) -> None:
    """As the command itself says."""
    [way] = [way for way in said_of(offboard(tenant), "state") if way["text"].startswith("pulumi stack rm")]
    words = way["text"].partition(";")[0].split()[1:]
    assert "--preserve-config" in words
    kept = tenant.file.read_bytes()
    done = tenant.run_plainly(*words, "--yes")
    assert done.returncode == 0, done.stderr
    assert tenant.file.read_bytes() == kept
    assert [one for one in (tenant.folder / "state").rglob("*sandbox*") if one.is_file()] == []


def said_of(told: dict[str, Any], beside: str) -> list[dict[str, Any]]:
    """The ways to remove something that stands beside the stack."""
    return next(one["ways"] for one in told["beside"] if one["kind"] == beside)


def test_each_way_of_the_stack_file_does_what_it_says(much_adopted: tuple[Tenant, set[str]], operator: Person) -> None:
    tenant, before = much_adopted
    told = offboard(tenant)
    texts = [way["text"] for one in told["objects"] if one["fate"] == "stays" for way in one["ways"]]
    released = {text.partition("[")[2].partition("]")[0] for text in texts if text.startswith("release:")}
    assert released == {"chatgpt", "User.Read.All", seed.COLLECTION}
    of_cases = "governance.ediscovery.release: [AI interactions] in the stack file, pulumi up, then pulumi destroy"
    assert of_cases in texts
    assert any(text.startswith("governance.ediscovery.keep_on_destroy: false") for text in texts)
    tenant.change(
        {
            "release": sorted(released),
            "governance.ediscovery.release": ["AI interactions"],
            "governance.ediscovery.keep_on_destroy": False,
        }
    )
    tenant.up().must_succeed()
    told = offboard(tenant)
    assert objects(told, "stays") == set()
    tenant.destroy().must_succeed()
    assert inventory(operator) - before == left(told)


def test_each_request_that_is_told_removes_what_stays(much_adopted: tuple[Tenant, set[str]], operator: Person) -> None:
    tenant, before = much_adopted
    staying = [one for one in offboard(tenant)["objects"] if one["fate"] == "stays"]
    asked = {
        one["id"].lower(): request_of(way["text"]) for one in staying for way in one["ways"] if "az rest" in way["text"]
    }
    assert len(asked) == 4, "all but the role on a collection, which the portal takes back"
    tenant.destroy().must_succeed()
    # What is inside of something else goes first.
    for url, params in sorted(asked.values(), key=lambda one: -len(one[0])):
        answer = operator.ask("DELETE", url, params=dict(params))
        assert answer.is_success, (url, answer.text)
    assert asked.keys() & (inventory(operator) - before) == set()


def request_of(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The address that a command asks, and its parameters."""
    words = shlex.split(text)
    address = urlsplit(words[words.index("--url") + 1])
    return address._replace(query="").geturl(), parse_qsl(address.query)
