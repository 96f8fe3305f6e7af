"""A tenant's estate as an inspection sees it: what its settings name, and the services that know of it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable  # noqa: TC003  # a field's type
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from purview_ai import naming
from purview_ai.calls.graph import GraphCalls
from purview_ai.calls.patience import Patience
from purview_ai.calls.service import FAILED_FOR_S, OneSignIn
from purview_ai.datamap.client import DataMap, DataMaps
from purview_ai.directory.client import Directory
from purview_ai.governance.ediscovery.client import Ediscovery
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.inspection.finding import Evidence
from purview_ai.inspection.state import State
from purview_ai.interaction_wishes import InteractionWishes, KeyNames, Place
from purview_ai.json_values import take_from
from purview_ai.m365.client import Graph
from purview_ai.resource_manager.client import KEY_VAULT, PURVIEW, ResourceManager

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from purview_ai.json_values import JsonObject
    from purview_ai.settings.tenant import TenantSettings

T = TypeVar("T")
_SECONDS = re.compile(r"\.\d+(?=Z|[+-]|$)")
"""What a time says of the parts of a second."""


def _deaf(_: str) -> None:
    """An inspection waits for nothing that would have to be told."""


def now() -> str:
    """This moment, as evidence has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _EachOnce(Protocol):
    """See :meth:`Estate.once`."""

    def __call__(self, name: str, ask: Callable[[], T]) -> T: ...


class _DataMapsOnce(DataMaps):
    """Those of one inspection: where an account answers is looked for once, also where that fails."""

    once: _EachOnce

    def of(self, account_id: str) -> DataMap:
        """See :meth:`DataMaps.of`."""
        find = super().of
        return self.once(f"data map of {account_id}", lambda: find(account_id))


@dataclass
class Estate:
    """One tenant and its services, shared by all that look; what several need is asked for once."""

    stack: str
    settings: TenantSettings
    azure: AzureSettings
    state: State = field(default_factory=lambda: State(frozenset))
    """Knows nothing where none is given."""
    arm: ResourceManager = field(init=False)
    directory: Directory = field(init=False)
    graph: Graph = field(init=False)
    ediscovery: Ediscovery = field(init=False)
    data_maps: DataMaps = field(init=False)
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, Any] = field(default_factory=dict[str, Any])
    _failed: dict[str, tuple[float, Exception]] = field(default_factory=dict[str, tuple[float, Exception]])
    _locks: dict[str, threading.Lock] = field(default_factory=dict[str, threading.Lock])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Clients that sign in when they are first asked."""
        cloud, patience = self.azure.cloud, Patience(_deaf)
        self.arm = ResourceManager(cloud, self.credential)
        graph_calls = GraphCalls(cloud, self.credential)
        self.directory = Directory(graph_calls, patience)
        self.graph = Graph(cloud, self.credential)
        self.ediscovery = Ediscovery(graph_calls, patience)
        data_maps = _DataMapsOnce(
            cloud, self.credential, explicit_endpoint=self.settings.purview.endpoint or "", patience=patience
        )
        data_maps.once = self.once
        self.data_maps = data_maps

    def credential(self) -> TokenCredential:
        """One for all services, so that a token is asked for once."""
        return self.once("credential", lambda: OneSignIn(lambda: credential_of(self.azure)))

    def is_own(self, resource_id: str) -> bool:
        """Whether the stack's state knows what is there; raises :class:`StateUnreadError`."""
        return resource_id.lower() in self.state.ids()

    @property
    def account_id(self) -> str:
        """The Purview account's ARM id, asked of Azure where that names the tenant's."""
        place = self.settings.purview.place(self.azure.get("subscriptionId"))
        return place.id if place else self.once("account id", self.data_maps.tenants_account)

    @property
    def account(self) -> JsonObject | None:
        """The account as Azure has it; None where it is not there."""
        return self.once("account", lambda: self.arm.get(self.account_id, PURVIEW))

    @property
    def purview_identity(self) -> str:
        """The object id of the account's own identity; empty where it has none."""
        return str(take_from(self.account, ("identity", "principalId")) or "")

    @property
    def data_map(self) -> DataMap:
        """The account's Data Map, without waiting for anything."""
        return self.data_maps.of(self.account_id).hurried()

    @property
    def vault_id(self) -> str:
        """The vault's ARM id."""
        vault = self.settings.vault
        return naming.vault_id(self.azure.get("subscriptionId"), vault.resource_group, vault.name)

    @property
    def vault(self) -> JsonObject | None:
        """The vault as Azure has it; None where it is not there."""
        return self.once("vault", lambda: self.arm.get(self.vault_id, KEY_VAULT))

    @property
    def vault_url(self) -> str:
        """Where the vault answers."""
        return naming.vault_url(self.settings.vault.name, self.azure.cloud.vault_suffix)

    def secret(self, name: str) -> JsonObject | None:
        """A secret without its value: its newest version's address, and when it expires."""
        return self.once(f"secret {name}", lambda: self.arm.get(naming.secret_id(self.vault_id, name), KEY_VAULT))

    def app_roles_held(self) -> list[JsonObject]:
        """The app roles of the account's own identity."""
        return self.once("app roles", lambda: list(self.directory.held_by(self.purview_identity)))

    def wishes(self, source: str) -> InteractionWishes:
        """What the objects of a source shall be."""
        settings, purview = self.settings.sources[source], self.settings.purview
        key = KeyNames(
            naming.credential(self.stack, source),
            naming.vault_connection(self.stack, self.settings.vault.name),
            self.settings.keys[source].secret,
        )
        place = Place(self.account_id, purview.collection.name, purview.domain or "")
        return InteractionWishes(self.stack, settings, settings.names(source), place, key)

    def known(self, name: str) -> Any | None:
        """What was already found under this name; nobody is asked."""
        return self._kept.get(name)

    def once(self, name: str, ask: Callable[[], T]) -> T:
        """What was asked for under this name, asked once however many want it.

        A failure is kept, too, for a moment: whoever waited for the same is told so without asking again.
        """
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name in self._kept:
                return self._kept[name]
            until, failure = self._failed.get(name, (0.0, None))
            if failure is not None and self.clock() < until:
                raise failure
            try:
                self._kept[name] = ask()
            except Exception as error:
                self._failed[name] = (self.clock() + FAILED_FOR_S, error)
                raise
            return self._kept[name]


def seen(what: str, source: str, when: str = "") -> Evidence:
    """Something that was seen, now unless it says when."""
    return Evidence(what, _SECONDS.sub("", when) or now(), source)
