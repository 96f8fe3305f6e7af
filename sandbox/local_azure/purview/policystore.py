"""``/policystore``: who holds which role on a collection (docs/facts.md, purview 2.11)."""

from __future__ import annotations

from typing import Any

from local_azure.call import Answer, Call, Operation
from local_azure.errors import ServiceError
from local_azure.purview.accounts import COLLECTION_ADMIN, MetadataPolicy, account_of, require_role


def _shown(policy: MetadataPolicy) -> dict[str, Any]:
    return {
        "name": f"policy_collection_{policy.collection}",
        "id": policy.id,
        "version": policy.version,
        "properties": policy.properties,
    }


def list_policies(call: Call) -> Answer:
    """``GET /metadataPolicies?collectionName=``; the list is called ``values`` here."""
    account = account_of(call)
    wanted = call.query.get("collectionName")
    require_role(call, (COLLECTION_ADMIN,), wanted)
    found = [
        _shown(p)
        for p in call.azure.store.all(MetadataPolicy)
        if p.account == account.name and wanted in (None, p.collection)
    ]
    return Answer(200, {"values": found})


def _policy(call: Call) -> MetadataPolicy:
    account = account_of(call)
    policy = call.azure.store.get(MetadataPolicy, call.params["id"])
    if policy is None or policy.account != account.name:
        raise ServiceError(404, "ResourceNotFound", f"Policy {call.params['id']} was not found.")
    require_role(call, (COLLECTION_ADMIN,), policy.collection)
    return policy


def get_policy(call: Call) -> Answer:
    """``GET /metadataPolicies/{id}``."""
    return Answer(200, _shown(_policy(call)))


def put_policy(call: Call) -> Answer:
    """``PUT /metadataPolicies/{id}``: the whole policy; its version grows by one."""
    policy = _policy(call)
    properties = call.body.get("properties")
    if not properties or "attributeRules" not in properties:
        raise ServiceError(400, "InvalidPolicy", "The policy must be sent whole.")
    policy.properties = properties
    policy.version += 1
    call.azure.store.put(policy)
    return Answer(200, _shown(policy))


OPERATIONS = [
    Operation("GET", "/policystore/metadataPolicies", list_policies),
    Operation("GET", "/policystore/metadataPolicies/{id}", get_policy),
    Operation("PUT", "/policystore/metadataPolicies/{id}", put_policy),
]
