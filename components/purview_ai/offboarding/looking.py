"""What is still there of a tenant of which no state tells: looked for by the names that its stack file gives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from purview_ai import naming
from purview_ai.calls.patience import Patience
from purview_ai.datamap.kinds import (
    COLLECTION,
    COLLECTION_ROLE,
    CREDENTIAL,
    DATA_SOURCE,
    KEY_VAULT_CONNECTION,
    SCAN,
    TRIGGER,
)
from purview_ai.directory.app_role_grant import APP_ROLE_GRANT
from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS, READ_USERS
from purview_ai.drift.azure_types import ACCOUNT, VAULT
from purview_ai.governance.access_wish import POLICIES, AccessWish
from purview_ai.governance.ediscovery.client import CASES, searches_of
from purview_ai.governance.ediscovery.kinds import CASE, SEARCH
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link, inspected
from purview_ai.json_values import take_from
from purview_ai.objects.failures import RefusedError
from purview_ai.objects.lifecycle import ADOPTED
from purview_ai.offboarding.item import Fate, Item, Mark, Way, filled
from purview_ai.offboarding.kinds import (
    ACCESS_POLICY_OF_ENTRA,
    GROUP,
    OTHERS,
    OWN,
    PURGE_SECRET,
    PURGE_VAULT,
    WAIT_FOR_VAULT,
    Kind,
)
from purview_ai.resource_manager.client import KEY_VAULT
from purview_ai.vaults.client import Vaults
from purview_ai.vaults.secret import VAULT_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from purview_ai.datamap.object_kind import ObjectKind
    from purview_ai.directory.app_roles import AppRole
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject
    from purview_ai.settings.ediscovery import EdiscoverySettings

NOT_LOOKED_FOR = (
    "roles in Azure, diagnostic settings and alert rules are not looked for: without a state nobody knows which were "
    "this stack's (Azure portal > the resource > Access control, Diagnostic settings; Monitor > Alerts)"
)
_READ_DATA_MAP = "Data Reader on the collection"
_READ_CASES = "the Graph permission eDiscovery.Read.All"
_ANYBODYS = "it is there; without a state nobody knows whether this stack made it"


@dataclass(frozen=True)
class _Look:
    """One thing to look for."""

    kind: Kind
    names: dict[str, str]
    find: Callable[[], JsonObject | None]
    """What is known of it besides its names; None where it is not there."""
    to_look: str
    fate: Fate = Fate.STAYS
    why: str = _ANYBODYS
    ways: tuple[Way, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return filled(self.kind.title, self.names)

    def item(self, found: JsonObject) -> Item:
        """As it is told once it is found."""
        names = self.names | {name: str(value) for name, value in found.items() if isinstance(value, (str, int))}
        ways = tuple(way.of(names) for way in self.ways or self.kind.by_hand)
        why = filled(self.why, names)
        return Item(self.kind.called, self.name, self.fate, why, ways, id=names.get("id", ""))


def still_there(estate: Estate, patience_s: float) -> list[Item]:
    """What is found, and what nobody could look at; asks every service at once."""
    looks = {str(number): look for number, look in enumerate(_looks(estate))}
    found: dict[str, Item] = {}
    links = [_link(key, look, found) for key, look in looks.items()]
    findings = asyncio.run(inspected(links, patience_s, lambda _: None))
    missed = [one for one in findings if one.verdict is not Verdict.PASSED]
    return [found.get(one.link) or _unseen(looks[one.link], one) for one in missed]


def _link(key: str, look: _Look, found: dict[str, Item]) -> Link:
    def ask(link: Link) -> Finding:
        seen = look.find()
        if seen is None:
            return link.passed()
        found[key] = look.item(seen)
        return link.failed(look.why, "")

    return Link(key, f"{look.kind.called} {look.name}", ask, to_look=look.to_look)


def _unseen(look: _Look, finding: Finding) -> Item:
    ways = (Way(finding.remedy, mark=Mark.UNKNOWN),) if finding.remedy else ()
    return Item(look.kind.called, look.name, Fate.UNKNOWN, finding.reason, ways)


def _looks(estate: Estate) -> Iterator[_Look]:
    yield from _in_azure(estate)
    if estate.settings.captured:
        yield from _in_data_map(estate)
        yield from _app_roles(estate)
    yield from _around(estate)


def _in_azure(estate: Estate) -> Iterator[_Look]:
    settings, vault = estate.settings, estate.settings.vault
    names = {"name": vault.name, "vault": vault.name, "id": estate.vault_id}
    if not vault.existing:
        yield _Look(OTHERS[VAULT], names, lambda: _there(estate.vault), "Reader on the vault's resource group")
        yield _deleted_vault(estate, names)
    else:
        for secret in dict.fromkeys(key.secret for key in settings.keys.values() if key.from_config):
            yield from _secret(estate, secret)
    if settings.purview.create:
        place = naming.AccountPlace.of(estate.account_id)
        of_account = {"name": place.name, "group": place.group, "id": place.id}
        yield _Look(
            OTHERS[ACCOUNT], of_account, lambda: _there(estate.account), "Reader on the Purview account in Azure"
        )


def _there(found: JsonObject | None) -> JsonObject | None:
    """That it is there, and nothing more."""
    return None if found is None else {}


def _deleted_vault(estate: Estate, names: dict[str, str]) -> _Look:
    subscription = estate.azure.get("subscriptionId")

    def find() -> JsonObject | None:
        path = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults"
        for one in estate.arm.list(path, KEY_VAULT):
            if str(take_from(one, ("properties", "vaultId"))).lower() == estate.vault_id.lower():
                said = one["properties"]
                return {"until": said["scheduledPurgeDate"], "location": said["location"]}
        return None

    protected = estate.settings.vault.purge_protection
    why = "Azure keeps it and its name, with all that is in it, until {until}"
    ways = (WAIT_FOR_VAULT if protected else PURGE_VAULT,)
    more = names | {"days": str(estate.settings.vault.soft_delete_days)}
    return _Look(OTHERS[VAULT], more, find, "Reader on the vault's subscription", Fate.SOFT_DELETED, why, ways)


def _secret(estate: Estate, secret: str) -> Iterator[_Look]:
    """In a vault of somebody else's, where a stack's secrets are deleted one by one."""
    vault = estate.settings.vault.name
    names = {"name": secret, "vault": vault, "id": naming.secret_id(estate.vault_id, secret)}
    vaults = Vaults(estate.azure.cloud, estate.credential, Patience(lambda _: None))

    def deleted() -> JsonObject | None:
        try:
            return _there(vaults.deleted(vault, secret))
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    kind = OWN[VAULT_SECRET.name]
    role = "Key Vault Secrets Officer on the vault" if estate.settings.vault.by_roles else "Get in its access policies"
    reader = f"{role}, and a way through its firewall"
    yield _Look(kind, names, lambda: _there(estate.secret(secret)), "Reader on the vault")
    why = "its vault keeps it with its versions"
    yield _Look(kind, names, deleted, reader, Fate.SOFT_DELETED, why, (PURGE_SECRET,))


def _in_data_map(estate: Estate) -> Iterator[_Look]:
    settings = estate.settings
    own = {"tenant": estate.stack}
    vault = naming.vault_connection(estate.stack, settings.vault.name)
    yield _object(
        estate, KEY_VAULT_CONNECTION, lambda: {**own, "name": vault, "base_url": estate.vault_url}, name=vault
    )
    for key in settings.captured:
        yield from _of_source(estate, key)
    collection = settings.purview.collection
    if collection.create:
        parent = collection.parent or settings.purview.domain or ""
        wish = {**own, "name": collection.name, "friendly_name": collection.name, "parent": parent}
        yield _object(estate, COLLECTION, lambda: wish, name=collection.name)
    for role, holders in settings.purview.roles.items():
        for holder in holders:
            yield _collection_role(estate, role.value, holder)


def _of_source(estate: Estate, key: str) -> Iterator[_Look]:
    source, credential = estate.settings.sources[key], naming.credential(estate.stack, key)
    names = source.names(key)
    of_source = {"data_source": names.data_source}
    yield _object(estate, CREDENTIAL, lambda: estate.wishes(key).credential(), name=credential)
    yield _object(estate, DATA_SOURCE, lambda: estate.wishes(key).data_source(), name=names.data_source)
    yield _object(estate, SCAN, lambda: estate.wishes(key).scan(), name=names.scan, **of_source)
    if source.scan.every is not None:
        yield _object(estate, TRIGGER, lambda: estate.wishes(key).trigger() or {}, scan=names.scan, **of_source)


def _object(estate: Estate, kind: ObjectKind, wish: Callable[[], dict[str, Any]], **names: str) -> _Look:
    def find() -> JsonObject | None:
        wanted = {"account_id": estate.account_id, **wish()}
        if kind.differences(estate.data_maps, wanted) is None:
            return None
        return {**_where(estate), "id": kind.place(wanted)}

    return _Look(OWN[kind.name], names, find, _READ_DATA_MAP)


def _where(estate: Estate) -> JsonObject:
    account = estate.account_id.rsplit("/", 1)[-1]
    endpoint = estate.settings.purview.endpoint or f"https://{account}.{estate.azure.cloud.purview_suffix}"
    return {"data_map": endpoint.rstrip("/")}


def _collection_role(estate: Estate, role: str, holder: str) -> _Look:
    names = {"collection": estate.settings.purview.collection.name, "role": role, "principal_id": holder}

    def find() -> JsonObject | None:
        wanted = {"tenant": estate.stack, "account_id": estate.account_id, **names}
        found = COLLECTION_ROLE.read(estate.data_maps, {**wanted, ADOPTED: True})
        return None if found is None else {"id": found.id}

    return _Look(OWN[COLLECTION_ROLE.name], names, find, "Collection Administrator on the collection")


def _app_roles(estate: Estate) -> Iterator[_Look]:
    grants = estate.settings.grants
    wishes = ((PROCESS_CONVERSATIONS, grants.process_conversations), (READ_USERS, grants.read_users))
    for role in [role for role, wished in wishes if wished]:
        names = {"role": role.value, "principal_id": "the account's identity", "graph": estate.azure.cloud.graph}
        find = partial(_app_role, estate, role)
        yield _Look(OWN[APP_ROLE_GRANT.name], names, find, "the Graph permission Application.Read.All")


def _app_role(estate: Estate, role: AppRole) -> JsonObject | None:
    held = [one for one in estate.app_roles_held() if one.get("appRoleId") == role.app_role_id]
    if not held:
        return None
    holder, resource = estate.purview_identity, held[0]["resourceId"]
    place = f"/servicePrincipals/{holder}/{resource}/{role.app_role_id}"
    return {"id": place, "principal_id": holder, "resource_id": resource, "assignment": held[0]["id"]}


def _around(estate: Estate) -> Iterator[_Look]:
    wished = estate.settings.governance
    if wished is None:
        return
    if wished.conditional_access is not None:
        name = AccessWish.of(wished.conditional_access, naming.access_policy(estate.stack)).display_name
        yield _named(estate, ACCESS_POLICY_OF_ENTRA, POLICIES, name, "the Graph permission Policy.Read.All")
    for group in wished.people.groups.values() if wished.people else ():
        yield _named(estate, GROUP, "/groups", group.display_name, "the Graph permission Group.Read.All")
    if wished.ediscovery is not None:
        yield from _in_ediscovery(estate, wished.ediscovery)


def _named(estate: Estate, key: str, path: str, name: str, to_look: str) -> _Look:
    def find() -> JsonObject | None:
        named = [one for one in estate.directory.listed(path) if one.get("displayName") == name]
        return {"id": f"{path}/{named[0]['id']}", "last": named[0]["id"]} if named else None

    names = {"displayName": name, "graph": estate.azure.cloud.graph}
    return _Look(OTHERS[key], names, find, to_look)


def _in_ediscovery(estate: Estate, wished: EdiscoverySettings) -> Iterator[_Look]:
    api, title = estate.ediscovery, wished.case.name
    graph = {"graph": estate.azure.cloud.graph}

    def case() -> JsonObject | None:
        found = estate.once("eDiscovery case", lambda: api.named(CASES, title))
        return None if found is None else {"id": f"{CASES}/{found['id']}", "graph_id": found["id"]}

    def search(name: str) -> JsonObject | None:
        of_case = case()
        if of_case is None:
            return None
        path = searches_of(of_case["graph_id"])
        found = api.named(path, name)
        if found is None:
            return None
        return {"id": f"{path}/{found['id']}", "graph_id": found["id"], "case_id": of_case["graph_id"]}

    yield _Look(OWN[CASE.name], graph | {"name": title}, case, _READ_CASES)
    for name in wished.searches:
        yield _Look(OWN[SEARCH.name], graph | {"name": name}, partial(search, name), _READ_CASES)
