"""Collections, and the roles on them."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest
from answers import refused
from collection_requests import (
    ACCOUNT_API,
    COLLECTIONS,
    POLICIES,
    POLICY_API,
    SOURCE_ADMIN,
    below,
    grant_source_admin,
    policy_of,
    put_collection,
    state_of,
)
from local_azure import seed
from people import PURVIEW, Person
from sandboxes import FOR_EVER_S, local_azure
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    SCAN,
    SCAN_API,
    SOURCE,
    connection_body,
    credential_body,
    scan_body,
    source_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def collection(operator: Person) -> str:
    """The name of a fresh collection below the root."""
    name = f"c{uuid.uuid4().hex[:8]}"
    put_collection(operator, name)
    return name


def test_a_collection_is_made_and_changed_with_200(operator: Person, collection: str) -> None:
    url = f"{COLLECTIONS}/{collection}"
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


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Person]:
    """Somebody whose collections take longer to make than any test."""
    with local_azure(tmp_path / "slow", pace=FOR_EVER_S) as azure, azure.client() as client:
        yield Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


def test_a_collection_is_creating_moving_and_then_succeeded(operator: Person, slow: Person) -> None:
    url = f"{COLLECTIONS}/fresh"
    made = slow.do("PUT", url, params=ACCOUNT_API, json=below(seed.ACCOUNT))
    assert made["collectionProvisioningState"] == "Creating"
    assert slow.get(url, **ACCOUNT_API) == made
    assert state_of(slow, seed.COLLECTION) == "Succeeded"
    renamed = {**below(seed.ACCOUNT), "friendlyName": "Renamed"}
    for _ in range(2):
        slow.do("PUT", f"{COLLECTIONS}/{seed.COLLECTION}", params=ACCOUNT_API, json=renamed)
        assert state_of(slow, seed.COLLECTION) == "Succeeded"
    moved = slow.do("PUT", f"{COLLECTIONS}/{seed.COLLECTION}", params=ACCOUNT_API, json=below("fresh"))
    assert moved["collectionProvisioningState"] == "Moving"
    assert moved["systemData"]["lastModifiedAt"] > moved["systemData"]["createdAt"]
    put_collection(operator, "fresh")
    operator.do("DELETE", url, params=ACCOUNT_API)


def test_a_collection_takes_nothing_in_until_it_is_ready(slow: Person) -> None:
    slow.do("PUT", f"{COLLECTIONS}/fresh", params=ACCOUNT_API, json=below(seed.ACCOUNT))
    answer = slow.ask("PUT", SOURCE, json=source_body(collection="fresh"))
    assert "is Creating" in refused(answer, 409, "CollectionNotReady")
    for url, body in ((CONNECTION, connection_body()), (CREDENTIAL, credential_body()), (SOURCE, source_body())):
        slow.do("PUT", url, json=body)
    scan = scan_body()
    slow.do("PUT", f"{COLLECTIONS}/{seed.COLLECTION}", params=ACCOUNT_API, json=below("fresh"))
    assert "is Moving" in refused(slow.ask("PUT", SCAN, json=scan), 409, "CollectionNotReady")
    assert slow.ask("GET", SOURCE).status_code == 200


def test_a_collection_is_not_moved_below_itself(operator: Person, collection: str) -> None:
    inner = f"{collection}-inner"
    put_collection(operator, inner, collection)
    for parent in (inner, collection, inner.upper()):
        answer = operator.ask("PUT", f"{COLLECTIONS}/{collection}", params=ACCOUNT_API, json=below(parent))
        assert "below itself" in refused(answer, 400, "InvalidInput")
    answer = operator.ask("PUT", f"{COLLECTIONS}/{seed.ACCOUNT}", params=ACCOUNT_API, json=below(inner))
    assert "root" in refused(answer, 400, "InvalidInput")


def test_a_put_without_a_parent_moves_nothing(operator: Person, collection: str) -> None:
    inner = f"{collection}-inner"
    put_collection(operator, inner, collection)
    told = operator.do("PUT", f"{COLLECTIONS}/{inner}", params=ACCOUNT_API, json={"friendlyName": "Inner"})
    assert (told["parentCollection"]["referenceName"], told["collectionProvisioningState"]) == (collection, "Succeeded")
    root = operator.do("PUT", f"{COLLECTIONS}/{seed.ACCOUNT}", params=ACCOUNT_API, json={"friendlyName": "Root"})
    assert "parentCollection" not in root


def test_a_moved_collections_roles_follow_its_new_parent(operator: Person, stranger: Person, collection: str) -> None:
    old, new, inner = f"{collection}-old", f"{collection}-new", f"{collection}-inner"
    for name in (old, new):
        put_collection(operator, name)
    put_collection(operator, inner, old)
    for place in (old, new):
        policy = policy_of(operator, place)
        grant_source_admin(policy, place, seed.STRANGER_ID if place == old else seed.DEPLOYER_ID)
        operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    body = source_body(workspace=str(uuid.uuid4()), collection=inner)
    stranger.do("PUT", f"{SCAN_API}/datasources/of-{inner}", json=body)
    before = policy_of(operator, inner)
    put_collection(operator, inner, new)
    after = policy_of(operator, inner)
    assert after["version"] == before["version"] + 1
    assert after["properties"]["parentCollectionName"] == new
    assert f':{old}"' not in json.dumps(after)
    answer = stranger.ask("PUT", f"{SCAN_API}/datasources/of-{inner}", json=body)
    assert refused(answer, 403, "Unauthorized")
    path = operator.get(f"{COLLECTIONS}/{inner}/getCollectionPath", **ACCOUNT_API)
    assert path["parentNameChain"] == [seed.ACCOUNT, new]
    for url in (f"{SCAN_API}/datasources/of-{inner}", *(f"{COLLECTIONS}/{name}" for name in (inner, old, new))):
        operator.do("DELETE", url, params=ACCOUNT_API if url.startswith(COLLECTIONS) else {})


def test_moving_needs_both_ends(operator: Person, stranger: Person, collection: str) -> None:
    inner = f"{collection}-inner"
    put_collection(operator, inner, collection)
    policy = policy_of(operator, collection)
    [admins] = [rule for rule in policy["properties"]["attributeRules"] if "collection-administrator" in rule["id"]]
    admins["dnfCondition"][0][0]["attributeValueIncludedIn"].append(seed.STRANGER_ID)
    operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    url = f"{COLLECTIONS}/{inner}"
    assert stranger.ask("PUT", url, params=ACCOUNT_API, json=below(collection)).status_code == 200
    assert refused(stranger.ask("PUT", url, params=ACCOUNT_API, json=below(seed.ACCOUNT)), 403, "Unauthorized")
    beside = f"{COLLECTIONS}/{seed.COLLECTION}"
    assert refused(stranger.ask("PUT", beside, params=ACCOUNT_API, json=below(collection)), 403, "Unauthorized")
    for name in (inner, collection):
        operator.do("DELETE", f"{COLLECTIONS}/{name}", params=ACCOUNT_API)


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


def test_a_policy_is_found_by_its_collection(operator: Person, deployer: Person, collection: str) -> None:
    url = f"{PURVIEW}/policystore/collections/{collection}/metadataPolicy"
    assert operator.get(url, **POLICY_API) == policy_of(operator, collection)
    assert refused(deployer.ask("GET", url, params=POLICY_API), 403, "Unauthorized")
    nowhere = f"{PURVIEW}/policystore/collections/nowhere/metadataPolicy"
    assert refused(operator.ask("GET", nowhere, params=POLICY_API), 404, "ResourceNotFound")
    assert operator.get(POLICIES, collectionName="nowhere", **POLICY_API) == {"values": []}
    assert refused(deployer.ask("GET", nowhere, params=POLICY_API), 403, "Unauthorized")


def test_a_rule_about_groups_gives_nobody_a_role(operator: Person, stranger: Person, collection: str) -> None:
    policy = policy_of(operator, collection)
    grant_source_admin(policy, collection, seed.STRANGER_ID)
    [rule] = [one for one in policy["properties"]["attributeRules"] if one["id"].startswith(SOURCE_ADMIN)]
    rule["dnfCondition"][0][0]["attributeName"] = "principal.microsoft.groups"
    operator.do("PUT", f"{POLICIES}/{policy['id']}", params=POLICY_API, json=policy)
    body = source_body(workspace=str(uuid.uuid4()), collection=collection)
    answer = stranger.ask("PUT", f"{SCAN_API}/datasources/of-{collection}", json=body)
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
