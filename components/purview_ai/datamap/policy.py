"""Metadata policies: who holds which role on a collection (docs/facts.md, purview 2.11).

A policy is read whole, edited and written whole. The functions here edit and read one; they ask nobody.
"""

from __future__ import annotations

import copy
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import JsonObject, is_list, is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Iterator


class CollectionRole(StrEnum):
    """The roles on a collection, by the names that policies use."""

    COLLECTION_ADMINISTRATOR = "collection-administrator"
    DATA_SOURCE_ADMINISTRATOR = "data-source-administrator"
    DATA_CURATOR = "data-curator"
    PURVIEW_READER = "purview-reader"
    """The portal's Data reader. ``data-reader`` is no role: it matches no rule and silently gives nothing."""
    WORKFLOW_ADMINISTRATOR = "workflow-administrator"


WRITING_ROLE = CollectionRole.DATA_SOURCE_ADMINISTRATOR
"""What registering and scanning need."""
_GROUPS = "principal.microsoft.groups"
_PRINCIPAL = "principal.microsoft.id"
_MEMBERS = "attributeValueIncludedIn"
_ALONE = "attributeValueIncludes"


def _rule_id(role: str, collection: str) -> str:
    return f"purviewmetadatarole_builtin_{role}:{collection}"


def collection_of(policy: JsonObject) -> str:
    """The collection that a policy is about."""
    return str(take_from(policy, ("properties", "collection", "referenceName")) or "")


def _rules(policy: JsonObject) -> list[JsonObject]:
    rules = take_from(policy, ("properties", "attributeRules"))
    return [rule for rule in rules if is_object(rule)] if is_list(rules) else []


def _matchers(rule: JsonObject) -> list[JsonObject]:
    """The parts of a rule that list principals."""
    return [
        matcher
        for conjunction in _conditions(rule)
        for matcher in conjunction
        if matcher.get("attributeName") == _PRINCIPAL
    ]


def _conditions(rule: JsonObject) -> list[list[JsonObject]]:
    """Each of them is enough; the parts of one must all hold."""
    return rule.get("dnfCondition") or []


def _members(matcher: JsonObject) -> list[str]:
    """One principal may stand alone, several in a list."""
    alone = matcher.get(_ALONE)
    return [*(matcher.get(_MEMBERS) or []), *([str(alone)] if alone else [])]


Holder = tuple[str, str]
"""A role and an object id, in small letters."""


def holders(policy: JsonObject) -> set[Holder]:
    """Who holds which of the known roles by a policy itself."""
    collection = collection_of(policy)
    roles = {_rule_id(role, collection): role.value for role in CollectionRole}
    return {
        (roles[str(rule.get("id"))], principal.lower())
        for rule in _rules(policy)
        if rule.get("id") in roles
        for matcher in _matchers(rule)
        for principal in _members(matcher)
    }


def with_holders(policy: JsonObject, wanted: dict[Holder, bool]) -> JsonObject:
    """The policy with some holders of roles let in (True) or taken out (False), where they are not so already."""
    for (role, principal), held in wanted.items():
        if gives(policy, role, principal) != held:
            policy = with_member(policy, role, principal) if held else without_member(policy, role, principal)
    return policy


def gives(policy: JsonObject, role: str, principal: str) -> bool:
    """Whether a policy itself, and not one above it, gives a principal the role."""
    wanted = _rule_id(role, collection_of(policy))
    return any(
        principal.lower() in map(str.lower, _members(matcher))
        for rule in _rules(policy)
        if rule.get("id") == wanted
        for matcher in _matchers(rule)
    )


def gives_groups(policy: JsonObject, role: str) -> bool:
    """Whether a policy itself gives a role to whoever is in some group (docs/facts.md, assumed 56)."""
    wanted = _rule_id(role, collection_of(policy))
    return any(
        part.get("attributeName") == _GROUPS
        for rule in _rules(policy)
        if rule.get("id") == wanted
        for conjunction in _conditions(rule)
        for part in conjunction
    )


def held_by_groups(policies: list[JsonObject], role: str, collection: str) -> bool:
    """Whether these policies give some group the role on a collection or above it."""
    return any(gives_groups(policy, role) for policy in _upwards(policies, collection))


def _upwards(policies: list[JsonObject], collection: str) -> Iterator[JsonObject]:
    """The policy of a collection, and of those above it."""
    by_name = {collection_of(policy): policy for policy in policies}
    at, seen = collection, set[str]()
    while (policy := by_name.get(at)) is not None and at not in seen:
        yield policy
        seen.add(at)
        at = str(take_from(policy, ("properties", "parentCollectionName")) or "")


def holds(policies: list[JsonObject], role: str, principal: str, collection: str | None) -> bool:
    """Whether these policies give a principal the role on a collection or above it (None: on any)."""
    if not principal:
        return False
    if collection is None:
        return any(gives(policy, role, principal) for policy in policies)
    return any(gives(policy, role, principal) for policy in _upwards(policies, collection))


def with_member(policy: JsonObject, role: str, principal: str) -> JsonObject:
    """The policy with one more holder of a role; a role that a young collection lacks gets its rule."""
    edited = copy.deepcopy(policy)
    collection = collection_of(policy)
    wanted = _rule_id(role, collection)
    rules: list[Any] = edited["properties"].setdefault("attributeRules", [])
    rule = next((one for one in _rules(edited) if one.get("id") == wanted), None)
    if rule is None:
        rules.append(_new_rule(role, collection, principal))
        _let_in(rules, collection, wanted)
        return edited
    listing = next((matcher for matcher in _matchers(rule) if is_list(matcher.get(_MEMBERS))), None)
    if listing is None:
        rule["dnfCondition"].insert(0, _new_rule(role, collection, principal)["dnfCondition"][0])
    else:
        listing[_MEMBERS].append(principal)
    return edited


def without_member(policy: JsonObject, role: str, principal: str) -> JsonObject:
    """The policy without one holder of a role; everything else stays as it is."""
    edited = copy.deepcopy(policy)
    wanted = _rule_id(role, collection_of(policy))
    for rule in _rules(edited):
        if rule.get("id") == wanted:
            # Where one principal stands alone, its whole condition is about nobody else.
            rule["dnfCondition"] = [one for one in _conditions(rule) if not _about(one, principal)]
            for matcher in _matchers(rule):
                if is_list(matcher.get(_MEMBERS)):
                    matcher[_MEMBERS] = [one for one in matcher[_MEMBERS] if one.lower() != principal.lower()]
    return edited


def _about(conjunction: list[JsonObject], principal: str) -> bool:
    return any(
        matcher.get("attributeName") == _PRINCIPAL and str(matcher.get(_ALONE) or "").lower() == principal.lower()
        for matcher in conjunction
    )


def _new_rule(role: str, collection: str, principal: str) -> JsonObject:
    name = f"purviewmetadatarole_builtin_{role}"
    return {
        "kind": "attributerule",
        "id": f"{name}:{collection}",
        "name": f"{name}:{collection}",
        "dnfCondition": [
            [
                {"attributeName": _PRINCIPAL, _MEMBERS: [principal]},
                {"attributeName": "derived.purview.role", "attributeValueIncludes": name},
            ]
        ],
    }


def _let_in(rules: list[Any], collection: str, rule_id: str) -> None:
    """Holders of a new role may enter the collection: the second half of what makes a role count."""
    condition = [{"attributeName": "derived.purview.permission", "attributeValueIncludes": rule_id}]
    entrance = f"permission:{collection}"
    for rule in rules:
        if rule.get("id") == entrance:
            rule["dnfCondition"].append(condition)
            return
    rules.append({"kind": "attributerule", "id": entrance, "name": entrance, "dnfCondition": [condition]})
