"""What the identity that deploys may do, as its tokens and the collection's policies tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estates import estate_with, look
from purview_ai.datamap.policy import CollectionRole, held_by_groups, holds
from purview_ai.inspection.deployer import links
from purview_ai.inspection.finding import Verdict

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding

GRAPH_CLAIMS = "claims for https://graph.microsoft.com/.default"
READ = "deployer.graph.application-read-all"
COLLECTION = "deployer.collection.data-source-administrator"


def finding(estate: Estate, name: str) -> Finding:
    return look(next(link for link in links(estate) if link.name == name))


@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ({"roles": ["Application.Read.All"]}, Verdict.PASSED),
        ({"roles": ["Application.ReadWrite.All"]}, Verdict.PASSED),
        ({"roles": ["Directory.Read.All"]}, Verdict.PASSED),
        ({"roles": ["User.Read.All"]}, Verdict.FAILED),
        ({}, Verdict.FAILED),
        ({"scp": "openid profile"}, Verdict.UNKNOWN),
        ({"scp": "openid", "roles": ["Application.Read.All"]}, Verdict.PASSED),
    ],
)
def test_what_a_token_may_do_in_graph(claims: dict[str, Any], verdict: Verdict) -> None:
    assert finding(estate_with({GRAPH_CLAIMS: claims}), READ).verdict is verdict


def rule(role: str, collection: str, *parts: dict[str, Any]) -> dict[str, Any]:
    name = f"purviewmetadatarole_builtin_{role}"
    holds_role = {"attributeName": "derived.purview.role", "attributeValueIncludes": name}
    return {"id": f"{name}:{collection}", "dnfCondition": [[part, holds_role] for part in parts]}


def policy(collection: str, parent: str = "", *rules: dict[str, Any]) -> dict[str, Any]:
    properties = {"collection": {"referenceName": collection}, "attributeRules": list(rules)}
    return {"properties": {**properties, **({"parentCollectionName": parent} if parent else {})}}


def groups(*ids: str) -> dict[str, Any]:
    return {"attributeName": "principal.microsoft.groups", "attributeValueIncludedIn": list(ids)}


def people(*ids: str) -> dict[str, Any]:
    return {"attributeName": "principal.microsoft.id", "attributeValueIncludedIn": list(ids)}


ADMIN = CollectionRole.DATA_SOURCE_ADMINISTRATOR


def test_a_group_may_hold_a_role_there_or_above() -> None:
    above = policy("root", "", rule(ADMIN, "root", groups("a-group")))
    assert held_by_groups([policy("below", "root"), above], ADMIN, "below")
    assert not held_by_groups([policy("below"), above], ADMIN, "below")
    assert not held_by_groups([policy("root", "", rule(ADMIN, "root", people("me")))], ADMIN, "root")
    assert not holds([above], ADMIN, "a-group", "root"), "a group's id is nobody's"
    assert not held_by_groups([policy("one", "two"), policy("two", "one")], ADMIN, "one"), "a circle ends"


def purview_claims(**answers: Any) -> dict[str, Any]:
    return {"claims for https://purview.azure.net/.default": {"oid": "me"}, **answers}


@pytest.mark.parametrize(
    ("holder", "verdict"),
    [(people("me"), Verdict.PASSED), (people("you"), Verdict.FAILED), (groups("a-group"), Verdict.UNKNOWN)],
)
def test_a_role_on_the_collection_that_may_come_through_a_group_is_unknown(
    holder: dict[str, Any], verdict: Verdict
) -> None:
    roles = (CollectionRole.DATA_SOURCE_ADMINISTRATOR, CollectionRole.PURVIEW_READER)
    there = policy("ai-interactions", "", *(rule(role, "ai-interactions", holder) for role in roles))
    estate = estate_with(
        purview_claims(policies=[there]), purview__endpoint="https://contoso-purview.purview.azure.com"
    )
    found = finding(estate, COLLECTION)
    assert found.verdict is verdict, found
