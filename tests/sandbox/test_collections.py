"""Collections, and the roles on them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import PURVIEW
from whole_chain import SCAN_API, reference, source_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

COLLECTIONS = f"{PURVIEW}/account/collections"
POLICIES = f"{PURVIEW}/policystore/metadataPolicies"
ACCOUNT_API = {"api-version": "2023-10-01-preview"}
POLICY_API = {"api-version": "2021-07-01"}
SOURCE_ADMIN = "purviewmetadatarole_builtin_data-source-administrator"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def collection(operator: Person) -> str:
    """The name of a fresh collection below the root."""
    name = f"c{uuid.uuid4().hex[:8]}"
    put_collection(operator, name)
    return name


def put_collection(person: Person, name: str, parent: str = seed.ACCOUNT) -> None:
    person.do("PUT", f"{COLLECTIONS}/{name}", params=ACCOUNT_API, json=below(parent))


def below(parent: str) -> dict[str, Any]:
    return {"friendlyName": "A collection", "parentCollection": reference(parent)}


def policy_of(person: Person, collection: str) -> dict[str, Any]:
    [policy] = person.get(POLICIES, collectionName=collection, **POLICY_API)["values"]
    return policy


def grant_source_admin(policy: dict[str, Any], collection: str, principal: str) -> None:
    """What the documentation says about the first grant of a role: add its rule, and let its holders in."""
    rules = policy["properties"]["attributeRules"]
    rules.append(
        {
            "kind": "attributerule",
            "id": f"{SOURCE_ADMIN}:{collection}",
            "name": f"{SOURCE_ADMIN}:{collection}",
            "dnfCondition": [
                [
                    {"attributeName": "principal.microsoft.id", "attributeValueIncludedIn": [principal]},
                    {"attributeName": "derived.purview.role", "attributeValueIncludes": SOURCE_ADMIN},
                ]
            ],
        }
    )
    [permission] = [rule for rule in rules if rule["id"] == f"permission:{collection}"]
    permission["dnfCondition"].append(
        [
            {
                "attributeName": "derived.purview.permission",
                "attributeValueIncludes": f"{SOURCE_ADMIN}:{collection}",
            }
        ]
    )


def test_a_collection_is_made_and_changed_with_200(operator: Person, collection: str) -> None:
    url = f"{COLLECTIONS}/{collection}"
    assert operator.get(url, **ACCOUNT_API)["collectionProvisioningState"] == "Succeeded"
    changed = operator.ask("PUT", url, params=ACCOUNT_API, json={**below(seed.ACCOUNT), "description": "new"})
    assert (changed.status_code, changed.json()["description"]) == (200, "new")
    inner = f"{collection}-inner"
    made = operator.ask("PUT", f"{COLLECTIONS}/{inner}", params=ACCOUNT_API, json=below(collection))
    assert made.status_code == 200
    path = operator.get(f"{COLLECTIONS}/{inner}/getCollectionPath", **ACCOUNT_API)
    assert path["parentNameChain"] == [seed.ACCOUNT, collection]
    listed = operator.get(COLLECTIONS, **ACCOUNT_API)["value"]
    assert {seed.ACCOUNT, seed.COLLECTION, collection, inner} <= {one["name"] for one in listed}


@pytest.mark.parametrize("bad", ["AI", "With Space", "under_score", "a" * 37, "-dash"])
def test_a_collections_name_is_short_and_in_small_letters(operator: Person, bad: str) -> None:
    answer = operator.ask("PUT", f"{COLLECTIONS}/{bad}", params=ACCOUNT_API, json=below(seed.ACCOUNT))
    assert bad in refused(answer, 400, "InvalidInput")


def test_a_collection_needs_its_parent(operator: Person) -> None:
    answer = operator.ask("PUT", f"{COLLECTIONS}/orphan", params=ACCOUNT_API, json=below("no-parent"))
    assert "no-parent" in refused(answer, 404, "ResourceNotFound")


def test_a_collection_that_is_referred_to_cannot_be_deleted(operator: Person, collection: str) -> None:
    url = f"{COLLECTIONS}/{collection}"
    source = f"{SCAN_API}/datasources/in-{collection}"
    operator.do("PUT", source, json=source_body(workspace=str(uuid.uuid4()), collection=collection))
    assert f"in-{collection}" in refused(operator.ask("DELETE", url, params=ACCOUNT_API), 409, "12005")
    operator.do("DELETE", source)
    put_collection(operator, f"{collection}-inner", collection)
    assert "inner" in refused(operator.ask("DELETE", url, params=ACCOUNT_API), 409, "12005")
    for name in (f"{collection}-inner", collection):
        assert operator.ask("DELETE", f"{COLLECTIONS}/{name}", params=ACCOUNT_API).status_code == 204
    assert refused(operator.ask("GET", url, params=ACCOUNT_API), 404, "ResourceNotFound")


def test_the_root_collection_has_the_accounts_name_and_stays(operator: Person) -> None:
    url = f"{COLLECTIONS}/{seed.ACCOUNT}"
    assert "parentCollection" not in operator.get(url, **ACCOUNT_API)
    assert refused(operator.ask("DELETE", url, params=ACCOUNT_API), 400, "1006")


def test_only_a_collection_administrator_makes_collections(deployer: Person) -> None:
    answer = deployer.ask("PUT", f"{COLLECTIONS}/mine", params=ACCOUNT_API, json=below(seed.COLLECTION))
    assert refused(answer, 403, "Unauthorized")
    assert refused(deployer.ask("GET", POLICIES, params=POLICY_API), 403, "Unauthorized")


def test_a_young_policy_knows_its_administrators_only(operator: Person, collection: str) -> None:
    rules = policy_of(operator, collection)["properties"]["attributeRules"]
    admin = f"purviewmetadatarole_builtin_collection-administrator:{collection}"
    assert [rule["id"] for rule in rules] == [admin, f"permission:{collection}"]


def test_the_first_grant_of_a_role_adds_its_rule(operator: Person, stranger: Person, collection: str) -> None:
    source = f"{SCAN_API}/datasources/of-{collection}"
    body = source_body(workspace=str(uuid.uuid4()), collection=collection)
    assert refused(stranger.ask("PUT", source, json=body), 403, "Unauthorized")
    policy = policy_of(operator, collection)
    grant_source_admin(policy, collection, seed.STRANGER_ID)
    changed = operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    assert changed["version"] == policy["version"] + 1
    assert operator.get(f"{POLICIES}/{policy['id']}", **POLICY_API) == changed
    stranger.do("PUT", source, json=body)
    stranger.do("DELETE", source)
    # Not on its neighbours, and not above.
    beside = source_body(workspace=str(uuid.uuid4()))
    assert refused(stranger.ask("PUT", source, json=beside), 403, "Unauthorized")
    operator.do("DELETE", f"{COLLECTIONS}/{collection}", params=ACCOUNT_API)


def test_a_role_with_a_misspelt_name_does_nothing(operator: Person, stranger: Person, collection: str) -> None:
    policy = policy_of(operator, collection)
    text = "purviewmetadatarole_builtin_data-reader"
    rule = {"attributeName": "principal.microsoft.id", "attributeValueIncludedIn": [seed.STRANGER_ID]}
    policy["properties"]["attributeRules"].append({"id": f"{text}:{collection}", "dnfCondition": [[rule]]})
    operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    answer = stranger.ask("GET", f"{COLLECTIONS}/{collection}", params=ACCOUNT_API)
    assert refused(answer, 403, "Unauthorized")


def test_a_policy_is_sent_whole(operator: Person, collection: str) -> None:
    policy = policy_of(operator, collection)
    url = f"{POLICIES}/{policy['id']}"
    for missing in ("decisionRules", "attributeRules"):
        properties = {name: value for name, value in policy["properties"].items() if name != missing}
        answer = operator.ask("PUT", url, params=POLICY_API, json={**policy, "properties": properties})
        assert "whole" in refused(answer, 400, "InvalidPolicy")
    assert policy_of(operator, collection) == policy


def test_a_rule_without_a_condition_is_refused(operator: Person, collection: str) -> None:
    policy = policy_of(operator, collection)
    policy["properties"]["attributeRules"].append({"id": "bare"})
    answer = operator.ask("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    assert "dnfCondition" in refused(answer, 400, "InvalidPolicy")


def test_a_collections_policy_goes_with_it(operator: Person, collection: str) -> None:
    policy = policy_of(operator, collection)
    operator.do("DELETE", f"{COLLECTIONS}/{collection}", params=ACCOUNT_API)
    gone = operator.ask("GET", f"{POLICIES}/{policy['id']}", params=POLICY_API)
    assert refused(gone, 404, "ResourceNotFound")
