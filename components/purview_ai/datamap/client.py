"""The Data Maps of Purview accounts: their APIs, found and asked."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import PROPAGATION_S, NotYetError, Patience
from purview_ai.calls.service import TRIES, Service, on_the_same_host, signed_in
from purview_ai.clouds import PURVIEW_SCOPE, Cloud
from purview_ai.datamap.endpoints import NoAccountError, find_endpoint
from purview_ai.datamap.policy import WRITING_ROLE, CollectionRole, holds
from purview_ai.json_values import JsonObject, take_from
from purview_ai.naming import purview_account_id
from purview_ai.objects.failures import AZURE, RefusedError, UnreachableError
from purview_ai.objects.kept import GoingPlaces, KeptPlaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import TokenCredential


@dataclass(frozen=True)
class Api:
    """One of an account's APIs, in one version."""

    prefix: str
    version: str


SCANNING = Api("/scan", "2023-09-01")
"""The newest published version (docs/facts.md, purview 1)."""
CONNECTIVITY = Api("/scan", "2018-12-01-preview")
"""Of the connection test, which no description has (docs/facts.md, purview 2.8)."""
ACCOUNT = Api("/account", "2019-11-01-preview")
DOMAINS = Api("/account", "2023-10-01-preview")
POLICY_STORE = Api("/policystore", "2021-07-01")
"""Called stable by all who use it; described as 2021-07-01-preview (docs/facts.md, purview 1)."""
ARM_VERSION = "2021-12-01"
"""Of the account in ARM: the newest stable one whose answer carries the endpoints (docs/facts.md, purview 4)."""


@dataclass
class DataMaps:
    """The Data Maps of all accounts that one identity works with; safe to share between threads."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    explicit_endpoint: str = ""
    """Where the account's Data Map answers, if a user knows better than ARM."""
    patience: Patience = field(default_factory=lambda: Patience(lambda _: None))
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""
    going: GoingPlaces = field(default_factory=GoingPlaces)
    """What it replaces."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _finding: dict[str, threading.Lock] = field(default_factory=dict[str, threading.Lock])
    _services: tuple[Service, Service] | None = None
    _confirmed: set[str] = field(default_factory=set[str])
    _known: dict[str, DataMap] = field(default_factory=dict[str, "DataMap"])

    def _open(self) -> tuple[Service, Service]:
        with self._lock:
            if self._services is None:
                credential = signed_in(self.make_credential)
                arm = Service(AZURE, self.cloud.arm_scope, credential)
                self._services = (arm, Service("Purview", PURVIEW_SCOPE, credential))
            return self._services

    def of(self, account_id: str) -> DataMap:
        """The Data Map of an account, wherever it answers."""
        arm, purview = self._open()
        with self._lock:
            finding = self._finding.setdefault(account_id, threading.Lock())
        # Each account by itself: one whose address is long in coming holds up no other.
        with finding:
            known = self._known.get(account_id)
            if known is None or account_id not in self._confirmed:
                place = find_endpoint(
                    account_id,
                    arm=arm,
                    purview=purview,
                    cloud=self.cloud,
                    explicit=self.explicit_endpoint,
                    arm_version=ARM_VERSION,
                )
                known = known or DataMap(purview, place.endpoint, account_id, self.patience, self.default_account)
                known.endpoint = place.endpoint
                self._known[account_id] = known
                # An address that nobody could confirm is looked for again: roles may be on their way.
                if place.confirmed:
                    self._confirmed.add(account_id)
            return known

    def default_account(self) -> str:
        """The ARM id of the account that Azure names as the tenant's; empty where there is none."""
        arm, _ = self._open()
        query = {"api-version": ARM_VERSION, "scopeTenantId": arm.tenant(), "scopeType": "Tenant"}
        found = arm.get(f"https://{self.cloud.arm}/providers/Microsoft.Purview/getDefaultAccount", **query) or {}
        parts = [str(found.get(name) or "") for name in ("subscriptionId", "resourceGroupName", "accountName")]
        return purview_account_id(*parts) if all(parts) else ""

    def tenants_account(self) -> str:
        """The same; raises :class:`NoAccountError` where there is none."""
        if found := self.default_account():
            return found
        msg = "Azure names no Purview account for this tenant: say which one it is (purview.account)"
        remedy = "Set purview.account to the account's name, with purview.resource_group, or to its id."
        raise NoAccountError(msg, remedy=remedy)

    def in_azure(self, account_id: str) -> JsonObject | None:
        """An account as ARM has it, in whichever subscription."""
        arm, _ = self._open()
        return arm.get(f"https://{self.cloud.arm}{account_id}", **{"api-version": ARM_VERSION})

    def add_root_admin(self, account_id: str, object_id: str) -> None:
        """Make somebody an administrator of the account's root collection, through Azure's own roles."""
        arm, _ = self._open()
        url = f"https://{self.cloud.arm}{account_id}/addRootCollectionAdmin"
        arm.send("POST", url, {"objectId": object_id}, {"api-version": ARM_VERSION})

    def caller(self) -> str:
        """The object id of the identity that works with the Data Maps."""
        return self._open()[1].caller()


@dataclass
class DataMap:
    """One account's Data Map."""

    service: Service
    endpoint: str
    """Without a path."""
    account_id: str
    patience: Patience
    default_account: Callable[[], str] = lambda: ""
    """Which account Azure names as the tenant's, for whoever looks for the wrong one."""
    made: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """What this process has put, as the service answered it."""
    new: set[str] = field(default_factory=set[str])
    """The paths at which this process has put something where nothing stood."""
    foreseen: dict[str, JsonObject | None] = field(default_factory=dict[str, "JsonObject | None"])
    """What a check found at the place of an object that is about to be made."""
    collections: dict[str, str] = field(default_factory=dict[str, str])
    """In which collections data sources and scans are, as far as this process has heard of it."""
    patient: bool = True
    """Whether a role that was given a moment ago is waited for."""
    tries: int = TRIES
    """How often a request that may be repeated is sent at most."""
    locks: dict[str, threading.Lock] = field(default_factory=dict[str, threading.Lock])

    def hurried(self, tries: int = TRIES) -> DataMap:
        """The same without waiting for anything, for a preview; with fewer tries, for a glance."""
        return replace(self, patient=False, tries=tries)

    @property
    def account(self) -> str:
        """The account's name, which is its root collection's too."""
        return self.account_id.rsplit("/", 1)[-1]

    def get(self, path: str, api: Api = SCANNING, **query: str) -> JsonObject | None:
        """An object, or None."""
        try:
            return self.send("GET", path, None, api, **query)
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def list(self, path: str, api: Api = SCANNING, **query: str) -> Iterator[JsonObject]:
        """All objects of a list, page by page."""
        page = self.get(path, api, **query) or {}
        while True:
            # The policy store has a word of its own for the same thing (docs/facts.md, purview 2).
            yield from page.get("value") or page.get("values") or []
            following = page.get("nextLink")
            if not following:
                return
            page = self.service.send("GET", on_the_same_host(following, self.endpoint), None, {})

    def put(self, path: str, body: JsonObject, api: Api = SCANNING) -> JsonObject:
        """Create or replace an object."""
        self.made[path] = self.send("PUT", path, body, api)
        return self.made[path]

    def made_or_found(self, path: str) -> JsonObject | None:
        """An object that this process has just put, without asking for it again; else as :meth:`get`."""
        return self.made.get(path) or self.get(path)

    def post(self, path: str, body: JsonObject | None = None, api: Api = SCANNING, **query: str) -> JsonObject:
        """Ask for an action."""
        return self.send("POST", path, body, api, **query)

    def delete(self, path: str, api: Api = SCANNING) -> None:
        """Remove an object; one that is gone already is no error."""
        self.made.pop(path, None)
        try:
            self.send("DELETE", path, None, api)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise

    def send_once(self, method: str, path: str, body: JsonObject, api: Api) -> JsonObject:
        """One request that must not be repeated as it is."""
        url = f"{self.endpoint}{api.prefix}{path}"
        return self.service.send(method, url, body, {"api-version": api.version}, tries=1)

    def send(self, method: str, path: str, body: JsonObject | None, api: Api = SCANNING, **query: str) -> JsonObject:
        """One request; a role that was given a moment ago is waited for."""
        url = f"{self.endpoint}{api.prefix}{path}"

        def ask() -> JsonObject:
            try:
                known = {"api-version": api.version, **query}
                return self.service.send(method, url, body, known, tries=self.tries)
            except UnreachableError as error:
                raise self._told_with_the_tenants(error) from error

        try:
            answer = ask()
        except RefusedError as refusal:
            if not self.patient or not self._role_on_its_way(refusal, path, body, api):
                raise
            answer = self._ask_patiently(ask)
        if collection := take_from(answer, _COLLECTION):
            self.collections[path] = str(collection)
        return answer

    def _told_with_the_tenants(self, error: UnreachableError) -> UnreachableError:
        """A silent host may belong to an account that only carries the billing, which looks like any other in ARM."""
        if error.at_sign_in or error.remedy:
            return error
        try:
            named = self.default_account()
        except (RefusedError, UnreachableError):
            return error
        if not named or named.lower() == self.account_id.lower():
            return error
        msg = (
            f"{error}. Azure names {named} as the tenant's Purview account; {self.account} may only carry the billing, "
            "and then has no Data Map: purview.account: default takes the tenant's"
        )
        return UnreachableError(msg)

    def heard_of(self, path: str, collection: str) -> None:
        """Where an object is thought to be, until the service says it: the roles there decide about it."""
        if collection:
            self.collections.setdefault(path, collection)

    def _ask_patiently(self, ask: Callable[[], JsonObject]) -> JsonObject:
        last: list[RefusedError] = []

        def look() -> JsonObject:
            try:
                return ask()
            except RefusedError as refusal:
                if refusal.status != HTTPStatus.FORBIDDEN:
                    raise
                last.append(refusal)
                msg = f"Purview does not see the role on the collection yet ({refusal.without_request})"
                raise NotYetError(msg) from refusal

        try:
            return self.patience.until(look, PROPAGATION_S)
        except NotYetError:
            raise last[-1] from None

    def _collection_of(self, path: str) -> str | None:
        """Whose roles count for a path; None for what is in no collection."""
        at = path.split(":", maxsplit=1)[0]
        steps = at.split("/")
        if steps[1] != "datasources" or len(steps) == len(("", "datasources")):
            return None
        # A scan may be in another collection than its data source. Of what nobody heard, the root's roles count.
        scan, source = "/".join(steps[:5]), "/".join(steps[:3])
        heard = self.collections
        return heard.get(at) or heard.get(scan) or heard.get(source) or self.account

    def _role_on_its_way(self, refusal: RefusedError, path: str, body: JsonObject | None, api: Api) -> bool:
        """Whether the caller is refused although the policies say that it holds the role: it is not seen yet."""
        if not is_for_lack_of_a_role(refusal):
            return False
        there = self.hurried()
        try:
            policies = list(there.list("/metadataPolicies", POLICY_STORE))
        except (RefusedError, UnreachableError):
            return False
        caller = self.service.caller()
        if api.prefix != SCANNING.prefix:
            above = take_from(body, ("parentCollection", "referenceName"))
            return holds(policies, CollectionRole.COLLECTION_ADMINISTRATOR, caller, above or path.rsplit("/", 1)[-1])
        # What moves needs the role on both sides.
        places = {self._collection_of(path), take_from(body, _COLLECTION) or self._collection_of(path)}
        return all(holds(policies, WRITING_ROLE, caller, place) for place in places)


_COLLECTION = ("properties", "collection", "referenceName")
NO_MATTER_OF_ROLES = ("OperationNotAllowed", "AccountProtectedByPrivateEndpoint")
"""Codes of a 403 that no role would change (docs/facts.md, purview 6.3)."""


def is_for_lack_of_a_role(refusal: RefusedError) -> bool:
    """Whether a role, once held and seen, would let the caller in."""
    return refusal.status == HTTPStatus.FORBIDDEN and refusal.code not in NO_MATTER_OF_ROLES
