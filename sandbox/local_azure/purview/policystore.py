"""``/policystore``: who holds which role on a collection (docs/facts.md, purview 2.11)."""

from __future__ import annotations

from typing import Any

from local_azure.call import Answer, Call, JsonObject, Operation, objects, part, require_version
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    MetadataPolicy,
    account_of,
    permission_rule,
    require_role,
    role_rule,
)

VERSIONS = ("2021-07-01-preview", "2021-07-01")


def _shown(policy: MetadataPolicy) -> dict[str, Any]:
    return {
        "name": f"policy_collection_{policy.collection}",
        "id": policy.id,
        "version": policy.version,
        "properties": policy.properties,
    }


def list_policies(call: Call) -> Answer:
    """``GET /metadataPolicies?collectionName=``; the list is called ``values`` here."""
    require_version(call, VERSIONS)
    wanted = call.query.get("collectionName")
    if wanted is not None:
        own = _of_collection(call, wanted)
        return Answer(200, {"values": [_shown(own)] if own else []})
    account = require_role(call, (COLLECTION_ADMIN,))
    found = [_shown(p) for p in call.azure.store.all(MetadataPolicy) if p.account == account.name]
    return Answer(200, {"values": found})


def _of_collection(call: Call, collection: str) -> MetadataPolicy | None:
    """A collection's policy, for its administrators; that there is none, for any collection's."""
    account = account_of(call)
    for policy in call.azure.store.all(MetadataPolicy):
        if (policy.account, policy.collection.lower()) == (account.name, collection.lower()):
            require_role(call, (COLLECTION_ADMIN,), policy.collection)
            return policy
    require_role(call, (COLLECTION_ADMIN,))
    return None


def _policy(call: Call) -> MetadataPolicy:
    require_version(call, VERSIONS)
    account = account_of(call)
    policy = call.azure.store.get(MetadataPolicy, call.params["id"])
    if policy is None or policy.account != account.name:
        raise ServiceError(404, "ResourceNotFound", f"Policy {call.params['id']} was not found.")
    require_role(call, (COLLECTION_ADMIN,), policy.collection)
    return policy


def get_policy(call: Call) -> Answer:
    """``GET /metadataPolicies/{id}``."""
    return Answer(200, _shown(_policy(call)))


def get_policy_of_collection(call: Call) -> Answer:
    """``GET /collections/{collection}/metadataPolicy``: the same, found by its collection."""
    require_version(call, VERSIONS)
    found = _of_collection(call, call.params["collection"])
    if found is None:
        raise ServiceError(404, "ResourceNotFound", f"The policy of {call.params['collection']} was not found.")
    return Answer(200, _shown(found))


def put_policy(call: Call) -> Answer:
    """``PUT /metadataPolicies/{id}``: the whole policy; its version grows by one."""
    policy = _policy(call)
    properties = part(call.body, "properties")
    _require_whole(call, policy.collection, properties)
    policy.properties = properties
    policy.version += 1
    call.azure.store.put(policy)
    return Answer(200, _shown(policy))


def _require_whole(call: Call, collection: str, properties: JsonObject) -> None:
    rules = objects(properties, "attributeRules")
    if not all(isinstance(rule.get("id"), str) and isinstance(rule.get("dnfCondition"), list) for rule in rules):
        raise ServiceError(400, "InvalidPolicy", "An attribute rule needs an id and a dnfCondition.")
    given = {rule["id"] for rule in rules}
    needed = {role_rule(COLLECTION_ADMIN, collection, [])["id"], permission_rule(collection)["id"]}
    whole = needed <= given and bool(objects(properties, "decisionRules"))
    if not whole and call.azure.rules.on("policy-is-sent-whole"):
        raise ServiceError(400, "InvalidPolicy", "The policy must be sent whole.")


OPERATIONS = [
    Operation("GET", "/policystore/metadataPolicies", list_policies),
    Operation("GET", "/policystore/metadataPolicies/{id}", get_policy),
    Operation("PUT", "/policystore/metadataPolicies/{id}", put_policy),
    Operation("GET", "/policystore/collections/{collection}/metadataPolicy", get_policy_of_collection),
]
