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
from purview_ai.settings.people import DirectoryRole

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
_WHOLE_TENANT = "/"
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
        if len(named) > 1:
            # A copy that is as declared would hide that the stack's own is not.
            ids = ", ".join(str(one["id"]) for one in named)
            return link.failed(
                f"{len(named)} policies have this name ({ids}), so which one is the stack's cannot be told",
                "Entra admin center > Conditional Access > Policies: give the others another name.",
            )
        found = wish.differences(named[0])
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
        held = [one for one in given if str(one.get("principalId")) in whose]
        missing, more = roles_off(group, held)
        proof = seen(f"{len(held)} directory roles of it", f"Microsoft Graph, {_ROLES[1:]}")
        if missing:
            return link.failed(f"it does not hold {', '.join(missing)}", f"{again(estate)} gives it.", proof)
        if more:
            remedy = "If nobody meant that: Entra admin center > Roles and administrators, and take it away there."
            return link.failed(f"it also holds {', '.join(more)}", remedy, proof)
        return link.passed("", proof)

    return Link(
        f"governance.roles.{key}",
        f"{called} for group {group.display_name}",
        look,
        (f"governance.group.{key}",),
        "the Graph permission RoleManagement.Read.Directory",
    )


def roles_off(group: GroupSettings, held: list[JsonObject]) -> tuple[list[str], list[str]]:
    """The roles that a group lacks, and those that nobody asked for. One of a part of the tenant is not the role."""
    wanted = {role.role_id: role.value for role in group.directory_roles}
    whole = {str(one.get("roleDefinitionId")) for one in held if one.get("directoryScopeId") == _WHOLE_TENANT}
    names = {role.role_id: role.value for role in DirectoryRole}
    more = [
        f"{names.get(role, role)} on {scope}"
        for role, scope in ((str(one.get("roleDefinitionId")), str(one.get("directoryScopeId"))) for one in held)
        if role not in wanted or scope != _WHOLE_TENANT
    ]
    return [called for role, called in wanted.items() if role not in whole], more


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
