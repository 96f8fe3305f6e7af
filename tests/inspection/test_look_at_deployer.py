"""What the identity that deploys may do, as its tokens and the collection's policies tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estates import estate_with, look
from purview_ai.datamap.policy import CollectionRole, held_by_groups, holds
from purview_ai.governance.ediscovery.client import Ediscovery
from purview_ai.inspection.deployer import links
from purview_ai.inspection.finding import Verdict
from purview_ai.permissions import NEEDS, Identity
from purview_ai.resource_manager.client import Permissions, ResourceManager
from whole_chain import ACTION_GROUP_ID, LOG_WORKSPACE_ID

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
        ({"roles": ["Directory.ReadWrite.All"]}, Verdict.UNKNOWN),
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


CLAUDE = {"claude": {"app": "claude-enterprise", "workspace_id": "3" * 8 + "-3333-4333-8333-" + "3" * 12}}
LOGS = {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs", "account": True}
SOMEBODY = f"{'1' * 8}-1111-1111-1111-{'1' * 12}"
GROUP = {"display_name": "Some", "owners": [SOMEBODY], "directory_roles": ["Compliance Administrator"]}
GOVERNANCE = {
    "conditional_access": {"applications": [SOMEBODY], "break_glass": {"users": [SOMEBODY]}},
    "people": {"groups": {"some": GROUP}},
    "ediscovery": {"case": {"name": "AI"}},
}
EVERYTHING: tuple[dict[str, Any], ...] = (
    {
        "governance": GOVERNANCE,
        "diagnostics": LOGS,
        "alerts": {"action_groups": [ACTION_GROUP_ID]},
        "grants": {"create_service_principal": True},
        "vault__create_resource_group": True,
        "purview__collection": {"name": "new-one", "create": True},
        "purview__bootstrap_admin": True,
    },
    {"vault": {"resource_group": "rg-ai-governance", "name": "kv-contoso-ai", "access": "rbac", "existing": True}},
    {"purview__create": True, "purview__deployer_access": True},
)
"""Settings that together ask for all that a deployer may need."""


def test_each_need_of_who_deploys_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ResourceManager, "permissions", lambda *_: Permissions(()))
    monkeypatch.setattr(ResourceManager, "get", lambda *_: {})
    monkeypatch.setattr(Ediscovery, "require_access", lambda _: None)
    endpoint = "https://contoso-purview.purview.azure.com"
    nothing = {GRAPH_CLAIMS: {}, "claims for https://management.azure.com/.default": {}}
    found: dict[str, Verdict] = {}
    for changes in EVERYTHING:
        estate = estate_with({**purview_claims(policies=[]), **nothing}, purview__endpoint=endpoint, **changes)
        found |= {link.name: look(link).verdict for link in links(estate)}
    assert len(found) == len([need for need in NEEDS if need.identity is Identity.DEPLOYER])
    assert set(found.values()) <= {Verdict.PASSED, Verdict.FAILED}, "it is known of each"


@pytest.mark.parametrize(("may", "verdict"), [("*/read", Verdict.PASSED), ("*/write", Verdict.FAILED)])
def test_each_action_group_is_asked_for_what_its_alert_needs(may: str, verdict: Verdict) -> None:
    other = ACTION_GROUP_ID + "-2"
    answers = {
        f"permissions at {ACTION_GROUP_ID}": Permissions(({"actions": ["*/read"]},)),
        f"permissions at {other}": Permissions(({"actions": [may]},)),
        "claims for https://management.azure.com/.default": {"oid": "me"},
    }
    estate = estate_with(answers, diagnostics=LOGS, alerts={"action_groups": [ACTION_GROUP_ID, other]})
    found = finding(estate, "deployer.action-groups.reader")
    assert found.verdict is verdict, found
    assert other in found.remedy or verdict is Verdict.PASSED


def test_a_tenant_without_a_source_in_purview_asks_for_no_role_there_and_none_in_graph() -> None:
    asked = {link.name for link in links(estate_with(sources=CLAUDE))}
    assert not {name for name in asked if "graph" in name or "collection" in name}, asked
