"""Whether the identity of the environment may do what a deployment does, against the table of permissions."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.datamap.client import POLICY_STORE
from purview_ai.datamap.policy import CollectionRole, held_by_groups, holds
from purview_ai.inspection import sign_in
from purview_ai.inspection.account import FOUND
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.json_values import is_list
from purview_ai.objects.failures import RefusedError
from purview_ai.permissions import Identity, Need, Place, given_by_stack, needs_of
from purview_ai.resource_manager.client import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding

_COLLECTION_ROLES = {
    "Data Source Administrator": CollectionRole.DATA_SOURCE_ADMINISTRATOR,
    "Data Reader": CollectionRole.PURVIEW_READER,
    "Collection Administrator": CollectionRole.COLLECTION_ADMINISTRATOR,
}
_IN_THE_DIRECTORY = ("Application", "Group", "User")
_PERHAPS = {"Application.Read.All": "Directory.ReadWrite.All"}
"""Which permission does as well for a person, and nobody says whether for an application, too."""


def links(estate: Estate) -> Iterator[Link]:
    """One for each need of the identity that deploys, as this tenant's settings have it."""
    for need in needs_of(estate.settings, audit_search=estate.azure.cloud.audit_search):
        if need.identity is not Identity.DEPLOYER:
            continue
        match need.place:
            case Place.GRAPH:
                yield _in_graph(estate, need)
            case Place.COMPLIANCE:
                yield _in_compliance(estate, need)
            case Place.COLLECTION | Place.PARENT:
                yield _in_purview(estate, need)
            case _:
                yield _in_azure(estate, need)


def _name(need: Need) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", need.roles[0].lower()).strip("-")
    return f"deployer.{need.place.name.lower().replace('_', '-')}.{slug}"


def _title(need: Need) -> str:
    return f"{' and '.join(need.roles)} on {need.place.value}"


def _in_azure(estate: Estate, need: Need) -> Link:
    def look(link: Link) -> Finding:
        scopes = _scopes(estate, need)
        if scopes == [_vault_group(estate)] and not there(estate, scopes[0]):
            # The roles on what the stack makes come from above.
            if not estate.settings.vault.create_resource_group:
                return link.unknown("not looked at, because the vault's resource group is not there", "")
            scopes = [f"/subscriptions/{estate.azure.get('subscriptionId')}"]
        lacks = {scope: missing for scope in scopes if (missing := _missing(estate, need, scope))}
        if not lacks:
            places = ", ".join(scope.rsplit("/", 1)[-1] for scope in scopes)
            proof = seen(f"may do what {need.roles[0]} is needed for", f"Azure, permissions on {places}")
            return link.passed("", proof)
        if need.by_stack and given_by_stack(need, estate.settings):
            return link.passed(f"not yet; the stack gives it ({need.by_stack})")
        claims = sign_in.claims_of(estate, estate.azure.cloud.arm_scope)
        whom = f"--assignee-object-id {claims.get('oid', '<object id>')} --assignee-principal-type"
        give = f'az role assignment create --role "{need.smaller or need.roles[0]}" {whom} {sign_in.kind_of(claims)}'
        lacking = dict.fromkeys(one for missing in lacks.values() for one in missing)
        return link.failed(f"it may not: {', '.join(lacking)}", "; ".join(f"{give} --scope {scope}" for scope in lacks))

    of_account = need.place in (Place.ACCOUNT, Place.ACCOUNT_GROUP)
    after = (sign_in.AZURE, *(_default_account(estate) if of_account else ()))
    return Link(_name(need), _title(need), look, after, "Reader there")


def _missing(estate: Estate, need: Need, scope: str) -> list[str]:
    allowed = estate.once(f"permissions at {scope}", lambda: estate.arm.permissions(scope))
    missing = [one for one in need.actions if not allowed.allows(one)]
    return missing + [one for one in need.data_actions if not allowed.allows(one, data=True)]


def _vault_group(estate: Estate) -> str:
    return naming.resource_group_id(estate.azure.get("subscriptionId"), estate.settings.vault.resource_group)


def there(estate: Estate, group: str) -> bool:
    """Whether a resource group is there; whoever may not look takes it for granted."""
    try:
        return estate.once(group, lambda: estate.arm.get(group, RESOURCES)) is not None
    except RefusedError:
        return True


def _scopes(estate: Estate, need: Need) -> list[str]:
    if need.place is Place.ACTION_GROUPS and estate.settings.alerts is not None:
        return list(estate.settings.alerts.action_groups)
    return [_scope(estate, need)]


def _scope(estate: Estate, need: Need) -> str:
    settings, subscription = estate.settings, estate.azure.get("subscriptionId")
    match need.place:
        case Place.SUBSCRIPTION:
            return f"/subscriptions/{subscription}"
        case Place.VAULT if estate.vault is not None:
            return estate.vault_id
        case Place.ACCOUNT:
            return estate.account_id
        case Place.ACCOUNT_GROUP:
            return estate.account_id.split("/providers/", maxsplit=1)[0]
        case Place.LOGS if settings.diagnostics is not None:
            return settings.diagnostics.workspace
        case _:
            return _vault_group(estate)


def _stronger_than(wanted: str) -> set[str]:
    """Which permissions do as well: what writes also reads (docs/facts.md, graph 1.2)."""
    if ".Read." not in wanted:
        return set()
    whole = {"Directory.Read.All"} if wanted.split(".", maxsplit=1)[0] in _IN_THE_DIRECTORY else set[str]()
    return {wanted.replace(".Read.", ".ReadWrite."), *whole}


def _in_graph(estate: Estate, need: Need) -> Link:
    wanted = need.roles[0]

    def look(link: Link) -> Finding:
        claims = sign_in.claims_of(estate, f"https://{estate.azure.cloud.graph}/.default")
        held = set(_texts(claims.get("roles")))
        if held & {wanted, *_stronger_than(wanted)}:
            return link.passed("", seen(f"{wanted} or more", "Entra, the token's roles"))
        if (perhaps := _PERHAPS.get(wanted)) in held:
            return link.unknown(
                f"its token has {perhaps}, of which Microsoft does not say that it does as well",
                f"A preview shows whether it does; {wanted} is the least that does.",
            )
        if claims.get("scp"):
            return link.unknown(
                "a person is signed in, whose directory roles decide",
                "Entra admin center > the user > Assigned roles: Application Administrator reads applications; "
                "Privileged Role Administrator gives app roles of Microsoft Graph and directory roles; Conditional "
                "Access Administrator and Groups Administrator make policies and groups.",
            )
        return link.failed(
            f"its token has no {wanted}",
            f"Entra admin center > App registrations > the application > API permissions > Microsoft Graph > "
            f"Application permissions: {wanted}, and grant admin consent.",
        )

    return Link(_name(need), f"Graph permission {wanted}", look, (sign_in.GRAPH,))


def _in_compliance(estate: Estate, need: Need) -> Link:
    def look(link: Link) -> Finding:
        try:
            estate.ediscovery.require_access()
        except RefusedError as refusal:
            if refusal.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise
            return link.failed(
                refusal.without_request,
                f"In Security & Compliance PowerShell: {', then '.join(need.roles)}, each for the application's "
                "service principal. Graph refuses alike where its permission eDiscovery.Read.All or more is missing.",
            )
        return link.passed("", seen("cases can be listed", "Microsoft Graph, security/cases/ediscoveryCases"))

    return Link(_name(need), "let in to eDiscovery", look, (sign_in.GRAPH,))


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if is_list(value) else []


def _in_purview(estate: Estate, need: Need) -> Link:
    purview = estate.settings.purview
    parent = need.place is Place.PARENT or purview.collection.create
    named = (purview.collection.parent or purview.domain or "") if parent else purview.collection.name

    def look(link: Link) -> Finding:
        if purview.create:
            return link.passed("not yet; who makes the account administers it")
        if need.by_stack and given_by_stack(need, estate.settings):
            return link.passed(f"the stack gives it ({need.by_stack})")
        who = sign_in.claims_of(estate, sign_in.PURVIEW_SCOPE).get("oid", "")
        # The root collection has the account's name.
        place, there = named or estate.account_id.rsplit("/", 1)[-1], estate.data_map
        policies = estate.once("policies", lambda: list(there.list("/metadataPolicies", POLICY_STORE)))
        missing = [role for role in need.roles if not holds(policies, _COLLECTION_ROLES[role], who, place)]
        if not missing:
            return link.passed("", seen(f"{' and '.join(need.roles)} for {who}", "Purview, metadata policies"))
        lacks = f"{who} does not hold {' and '.join(missing)} on {place}"
        if all(held_by_groups(policies, _COLLECTION_ROLES[role], place) for role in missing):
            return link.unknown(
                f"{lacks} by itself; groups do, and which ones it is in, Purview does not say",
                f"Purview portal > Data map > Domains > {place} > Role assignments names the groups, and Entra admin "
                "center > Groups their members; a preview shows whether the roles do.",
            )
        return link.failed(
            lacks,
            f"Purview portal > Data map > Domains > {place} > Role assignments: add the identity; or "
            f"{need.by_stack}: true, where it administers the collection already.",
        )

    to_look = "Collection Administrator on the collection; without it, a preview shows whether the roles do"
    title = f"{' and '.join(need.roles)} on {f'collection {named}' if named else 'the root collection'}"
    return Link(_name(need), title, look, (sign_in.PURVIEW, *_default_account(estate)), to_look)


def _default_account(estate: Estate) -> tuple[str, ...]:
    """Where Azure names the account, its own link says that there is none."""
    return (FOUND,) if estate.settings.purview.of_tenant else ()
