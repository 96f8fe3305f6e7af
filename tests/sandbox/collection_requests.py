"""What the tests ask of collections, and of the roles on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure import seed
from people import PURVIEW
from waiting import until
from whole_chain import reference

if TYPE_CHECKING:
    from people import Person

COLLECTIONS = f"{PURVIEW}/account/collections"
POLICIES = f"{PURVIEW}/policystore/metadataPolicies"
ACCOUNT_API = {"api-version": "2023-10-01-preview"}
POLICY_API = {"api-version": "2021-07-01"}
SOURCE_ADMIN = "purviewmetadatarole_builtin_data-source-administrator"


def put_collection(person: Person, name: str, parent: str = seed.ACCOUNT) -> None:
    """Make or move a collection, and wait until it is ready."""
    person.do("PUT", f"{COLLECTIONS}/{name}", params=ACCOUNT_API, json=below(parent))
    until(lambda: state_of(person, name) == "Succeeded", f"collection {name}")


def state_of(person: Person, name: str) -> str:
    return person.get(f"{COLLECTIONS}/{name}", **ACCOUNT_API)["collectionProvisioningState"]


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
