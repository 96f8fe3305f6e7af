"""What is declared around the scan, as it is and as the stack file has it. What scripts set up, no request can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai import naming
from purview_ai.governance.access_wish import POLICIES, AccessWish
from purview_ai.governance.ediscovery.kinds import CASE, SEARCH
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.objects import as_wished
from purview_ai.inspection.remedies import again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from purview_ai.governance.ediscovery.kinds import EdiscoveryKind
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject
    from purview_ai.settings.conditional_access import ConditionalAccessSettings
    from purview_ai.settings.ediscovery import EdiscoverySettings
    from purview_ai.settings.people import GroupSettings

_ROLES = "/roleManagement/directory/roleAssignments"
_CASES = "the Graph permission eDiscovery.Read.All, and to be let in once (docs/troubleshooting.md#ediscovery-access)"


def links(estate: Estate) -> Iterator[Link]:
    """One for each object that the stack declares around the scan."""
    wished = estate.settings.governance
    if wished is None:
        return
    if wished.conditional_access is not None:
        yield _policy(estate, wished.conditional_access)
    for key, group in wished.people.groups.items() if wished.people else ():
        yield _group(estate, key, group)
        if group.directory_roles:
            yield _roles(estate, key, group)
    if wished.ediscovery is not None:
        yield from _ediscovery(estate, wished.ediscovery)


def _policy(estate: Estate, settings: ConditionalAccessSettings) -> Link:
    wish = AccessWish.of(settings, naming.access_policy(estate.stack))

    def look(link: Link) -> Finding:
        named = [one for one in estate.directory.listed(POLICIES) if one.get("displayName") == wish.display_name]
        if not named:
            return link.failed("Entra has no policy of this name", f"{again(estate)} makes it.")
        # Names of policies are not unique: that of the stack is the one that is most like it.
        found = min((wish.differences(one) for one in named), key=len)
        proof = seen(f"the policy as it is, {wish.state}", f"Microsoft Graph, {POLICIES[1:]}")
        return as_wished(estate, link, dict(found), proof)

    title = f"Conditional Access policy {wish.display_name}"
    return Link("governance.access", title, look, to_look="the Graph permission Policy.Read.All")


def _named(estate: Estate, group: GroupSettings) -> list[JsonObject]:
    """The groups of a name, which Graph lets several have."""
    name = group.display_name.replace("'", "''")
    chosen = {"$filter": f"displayName eq '{name}'"}
    return estate.once(f"group {group.display_name}", lambda: list(estate.directory.listed("/groups", **chosen)))


def _group(estate: Estate, key: str, group: GroupSettings) -> Link:
    def look(link: Link) -> Finding:
        named = _named(estate, group)
        if not named:
            return link.failed("Entra has no group of this name", f"{again(estate)} makes it.")
        if len(named) > 1:
            ids = ", ".join(str(one["id"]) for one in named)
            return link.failed(
                f"{len(named)} groups have this name ({ids}), and in a role group nobody can tell them apart",
                "Entra admin center > Groups: give the others another name.",
            )
        path = f"/groups/{named[0]['id']}"
        for_roles = bool(named[0].get("isAssignableToRole"))
        pairs: dict[str, tuple[Any, Any]] = {
            "owners": (_ids_at(estate, f"{path}/owners"), _in_order(group.owners)),
            "members": (_ids_at(estate, f"{path}/members"), _in_order(group.members)),
            "isAssignableToRole": (for_roles, group.for_roles),
        }
        different = {name: (is_, wanted) for name, (is_, wanted) in pairs.items() if is_ != wanted}
        return as_wished(estate, link, different, seen("who is in it", f"Microsoft Graph, {path[1:]}"))

    title = f"Group {group.display_name}"
    return Link(f"governance.group.{key}", title, look, to_look="the Graph permission Group.Read.All")


def _ids_at(estate: Estate, path: str) -> list[str]:
    return _in_order(str(one["id"]) for one in estate.directory.listed(path))


def _in_order(ids: Iterable[str]) -> list[str]:
    return sorted({one.lower() for one in ids})


def _roles(estate: Estate, key: str, group: GroupSettings) -> Link:
    called = ", ".join(group.directory_roles)

    def look(link: Link) -> Finding:
        whose = {str(one["id"]) for one in _named(estate, group)}
        given = estate.once("directory roles", lambda: list(estate.directory.listed(_ROLES)))
        held = {str(one.get("roleDefinitionId")) for one in given if str(one.get("principalId")) in whose}
        missing = [role.value for role in group.directory_roles if role.role_id not in held]
        proof = seen(f"{len(held)} directory roles of it", f"Microsoft Graph, {_ROLES[1:]}")
        if not missing:
            return link.passed("", proof)
        return link.failed(f"it does not hold {', '.join(missing)}", f"{again(estate)} gives it.", proof)

    return Link(
        f"governance.roles.{key}",
        f"{called} for group {group.display_name}",
        look,
        (f"governance.group.{key}",),
        "the Graph permission RoleManagement.Read.Directory",
    )


def _ediscovery(estate: Estate, settings: EdiscoverySettings) -> Iterator[Link]:
    case = settings.case
    of_case = {"name": case.name, "description": case.description, "number": case.number}
    yield _of_ediscovery(estate, "governance.case", CASE, of_case)
    for name, search in settings.searches.items():
        described = {"name": name, "description": search.description, "query": search.kql}
        of_search = {**described, "case": case.name, "scopes": list(search.scopes)}
        yield _of_ediscovery(estate, f"governance.search.{name}", SEARCH, of_search, "governance.case")


def _of_ediscovery(estate: Estate, name: str, kind: EdiscoveryKind, wish: JsonObject, *after: str) -> Link:
    def look(link: Link) -> Finding:
        found = kind.differences(estate.ediscovery, {"tenant": estate.stack, **wish})
        if found is None:
            return link.failed(f"Graph shows no such {kind.name}", f"{again(estate)} makes it.")
        return as_wished(estate, link, found, seen(f"the {kind.name} as it is", f"Microsoft Graph, the {kind.name}"))

    return Link(name, f"{kind.name} {wish['name']}", look, after, _CASES)
