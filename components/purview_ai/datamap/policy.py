"""Metadata policies: who holds which role on a collection (docs/facts.md, purview 2.11).

A policy is read whole, edited and written whole. The functions here edit and read one; they ask nobody.
"""

from __future__ import annotations

import copy
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

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
GROUPS = "principal.microsoft.groups"
PRINCIPAL = "principal.microsoft.id"
_ROLE = "derived.purview.role"
_ENTRANCE = "derived.purview.permission"
_BUILT_IN = "purviewmetadatarole_builtin_"
_MEMBERS = "attributeValueIncludedIn"
_ALONE = "attributeValueIncludes"


def _rule_id(role: str, collection: str) -> str:
    return f"{_BUILT_IN}{role}:{collection}"


def collection_of(policy: JsonObject) -> str:
    """The collection that a policy is about."""
    return str(take_from(policy, ("properties", "collection", "referenceName")) or "")


def _rules(policy: JsonObject) -> list[JsonObject]:
    rules = take_from(policy, ("properties", "attributeRules"))
    return [rule for rule in rules if is_object(rule)] if is_list(rules) else []


def _matchers(conditions: list[list[JsonObject]], attribute: str) -> list[JsonObject]:
    """The parts of conditions that list principals, or groups."""
    return [
        matcher for conjunction in conditions for matcher in conjunction if matcher.get("attributeName") == attribute
    ]


def _conditions(rule: JsonObject) -> list[list[JsonObject]]:
    """Each of them is enough; the parts of one must all hold."""
    return rule.get("dnfCondition") or []


def _members(matcher: JsonObject) -> list[str]:
    """One principal may stand alone, several in a list."""
    alone = matcher.get(_ALONE)
    return [*(matcher.get(_MEMBERS) or []), *([str(alone)] if alone else [])]


class Holder(NamedTuple):
    """Somebody who holds a role."""

    role: str
    """As in :class:`CollectionRole`, or another one that Purview has."""
    member: str
    """An object id, in small letters."""
    attribute: str = PRINCIPAL
    """Whether it is one principal's, or a group's."""


def holders(policy: JsonObject) -> set[Holder]:
    """Who holds which role by a policy itself, under no further condition."""
    collection = collection_of(policy)
    return {
        Holder(_role_of(rule, collection), member.lower(), attribute)
        for rule in _rules(policy)
        if _role_of(rule, collection)
        for conjunction in _of_holders(rule, collection)
        for part in conjunction
        if (attribute := str(part.get("attributeName"))) in (PRINCIPAL, GROUPS)
        for member in _members(part)
    }


def _role_of(rule: JsonObject, collection: str) -> str:
    """The built-in role that a rule gives on the collection; empty for any other rule."""
    name, _, place = str(rule.get("id")).partition(":")
    return name.removeprefix(_BUILT_IN) if name.startswith(_BUILT_IN) and place == collection else ""


def beside_holders(policy: JsonObject) -> set[str]:
    """All that a policy says besides who holds which role, in a form that can be compared."""
    collection = collection_of(policy)
    properties: JsonObject = policy.get("properties") or {}
    return {
        *(_text({name: value}) for name, value in properties.items() if name != "attributeRules"),
        *(
            f"{rule.get('id')} {_text(conjunction)}"
            for rule in _rules(policy)
            for conjunction in _conditions(rule)
            if not _is_about_holders(rule, conjunction, collection)
        ),
    }


def _is_about_holders(rule: JsonObject, conjunction: list[JsonObject], collection: str) -> bool:
    """Whether a condition lists holders of a role and says no more, or lets a role's holders in."""
    names = {str(part.get("attributeName")) for part in conjunction}
    if _role_of(rule, collection):
        return names - {_ROLE} in ({PRINCIPAL}, {GROUPS})
    entered = str(conjunction[0].get("attributeValueIncludes") or "") if conjunction else ""
    return names == {_ENTRANCE} and bool(_role_of({"id": entered}, collection))


def _of_holders(rule: JsonObject, collection: str) -> list[list[JsonObject]]:
    return [conjunction for conjunction in _conditions(rule) if _is_about_holders(rule, conjunction, collection)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def with_holders(policy: JsonObject, wanted: dict[Holder, bool]) -> JsonObject:
    """The policy with some holders of roles let in (True) or taken out (False), where they are not so already."""
    for holder, held in wanted.items():
        if gives(policy, *holder) != held:
            policy = with_member(policy, *holder) if held else without_member(policy, *holder)
    return policy


def gives(policy: JsonObject, role: str, member: str, attribute: str = PRINCIPAL) -> bool:
    """Whether a policy itself, and not one above it, gives somebody the role, under no further condition."""
    return Holder(role, member.lower(), attribute) in holders(policy)


def gives_groups(policy: JsonObject, role: str) -> bool:
    """Whether a policy itself gives a role to whoever is in some group (docs/facts.md, assumed 56)."""
    wanted = _rule_id(role, collection_of(policy))
    return any(_matchers(_conditions(rule), GROUPS) for rule in _rules(policy) if rule.get("id") == wanted)


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


def with_member(policy: JsonObject, role: str, member: str, attribute: str = PRINCIPAL) -> JsonObject:
    """The policy with one more holder of a role; a role that a young collection lacks gets its rule."""
    edited = copy.deepcopy(policy)
    collection = collection_of(policy)
    wanted = _rule_id(role, collection)
    rules: list[Any] = edited["properties"].setdefault("attributeRules", [])
    rule = next((one for one in _rules(edited) if one.get("id") == wanted), None)
    if rule is None:
        rules.append(_new_rule(role, collection, _Listed(member, attribute)))
        _let_in(rules, collection, wanted)
        return edited
    listings = _matchers(_of_holders(rule, collection), attribute)
    listing = next((matcher for matcher in listings if is_list(matcher.get(_MEMBERS))), None)
    if listing is None:
        rule["dnfCondition"].insert(0, _new_rule(role, collection, _Listed(member, attribute))["dnfCondition"][0])
    else:
        listing[_MEMBERS].append(member)
    return edited


def without_member(policy: JsonObject, role: str, member: str, attribute: str = PRINCIPAL) -> JsonObject:
    """The policy without one holder of a role; everything else stays as it is."""
    edited = copy.deepcopy(policy)
    collection = collection_of(policy)
    wanted = _rule_id(role, collection)
    for rule in _rules(edited):
        if rule.get("id") == wanted:
            # Where one principal stands alone, its whole condition is about nobody else.
            alone = _Listed(member.lower(), attribute)
            gone = [one for one in _of_holders(rule, collection) if alone in _alone_in(one)]
            rule["dnfCondition"] = [one for one in _conditions(rule) if one not in gone]
            for matcher in _matchers(_of_holders(rule, collection), attribute):
                if is_list(matcher.get(_MEMBERS)):
                    matcher[_MEMBERS] = [one for one in matcher[_MEMBERS] if one.lower() != member.lower()]
    return edited


class _Listed(NamedTuple):
    """A member, and as what it is listed."""

    member: str
    attribute: str


def _alone_in(conjunction: list[JsonObject]) -> set[_Listed]:
    return {_Listed(str(part.get(_ALONE) or "").lower(), str(part.get("attributeName"))) for part in conjunction}


def _new_rule(role: str, collection: str, listed: _Listed) -> JsonObject:
    name = f"{_BUILT_IN}{role}"
    return {
        "kind": "attributerule",
        "id": f"{name}:{collection}",
        "name": f"{name}:{collection}",
        "dnfCondition": [
            [
                {"attributeName": listed.attribute, _MEMBERS: [listed.member]},
                {"attributeName": _ROLE, "attributeValueIncludes": name},
            ]
        ],
    }


def _let_in(rules: list[Any], collection: str, rule_id: str) -> None:
    """Holders of a new role may enter the collection: the second half of what makes a role count."""
    condition = [{"attributeName": _ENTRANCE, "attributeValueIncludes": rule_id}]
    entrance = f"permission:{collection}"
    for rule in rules:
        if rule.get("id") == entrance:
            rule["dnfCondition"].append(condition)
            return
    rules.append({"kind": "attributerule", "id": entrance, "name": entrance, "dnfCondition": [condition]})
