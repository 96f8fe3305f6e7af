"""What the objects of one workspace shall be, from its settings: the same for a deployment and for a look at it.

Everything is wired by names, so nothing here waits for what another object turns out to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from purview_ai.naming import SourceNames
    from purview_ai.settings.source import SourceSettings

Fields = dict[str, Any]
"""The fields of a wish (:mod:`purview_ai.datamap.wishes`)."""


@dataclass(frozen=True)
class Place:
    """Where in Purview a workspace's interactions go."""

    account_id: str
    """The Purview account's ARM id."""
    collection: str
    """The collection's short name."""
    domain: str = ""
    """The domain's short name; empty for the account's default domain."""


@dataclass(frozen=True)
class KeyNames:
    """The vendor's key as Purview finds it, but for its version."""

    credential: str
    """The credential's name in Purview."""
    connection: str
    """The Key Vault connection that leads to the vault."""
    secret: str


@dataclass(frozen=True)
class InteractionWishes:
    """The objects of one workspace."""

    tenant: str
    source: SourceSettings
    names: SourceNames
    place: Place
    key: KeyNames

    @property
    def _common(self) -> Fields:
        adopt = self.source.adopt is not None
        return {"tenant": self.tenant, "account_id": self.place.account_id, "adopt": adopt}

    def credential(self) -> Fields:
        """The credential, but for the version of its secret."""
        profile = self.source.connector.credential
        return {
            **self._common,
            "name": self.key.credential,
            "kind": profile.kind,
            "secret_property": profile.secret_property,
            "connection": self.key.connection,
            "secret_name": self.key.secret,
        }

    def data_source(self) -> Fields:
        """The data source."""
        profile = self.source.connector.data_source
        return {
            **self._common,
            "name": self.names.data_source,
            "kind": profile.kind,
            "properties": profile.rendered({"workspace_id": self.source.workspace_id}),
            "collection": self.place.collection,
        }

    def scan(self) -> Fields:
        """The scan, and how it is saved."""
        source, profile = self.source, self.source.connector
        values: dict[str, object] = {
            "workspace_id": source.workspace_id,
            "capture_since": source.since,
            "credential": self.key.credential,
            "credential_kind": profile.credential.kind,
            "data_source": self.names.data_source,
        }
        return {
            **self._common,
            "data_source": self.names.data_source,
            "name": self.names.scan,
            "kind": profile.scan.kind,
            "properties": profile.scan.rendered(values),
            "collection": self.place.collection,
            "domain": self.place.domain,
            "capture_since": str(source.capture_since),
            "since_at": profile.scan.places_of("capture_since"),
            "test_connection": source.scan.test_connection,
            "patience_minutes": source.scan.patience_minutes,
        }

    def trigger(self) -> Fields | None:
        """The trigger; None where the scan runs only when asked."""
        recurrence = self.source.scan.recurrence()
        return None if recurrence is None else {**self._common, **self._of_scan(), **recurrence}

    def run(self) -> Fields:
        """The run that shall have been started."""
        scan = self.source.scan
        asked = {"generation": scan.generation, "wait_minutes": scan.wait_minutes}
        return {"tenant": self.tenant, "account_id": self.place.account_id, **self._of_scan(), **asked}

    def _of_scan(self) -> Fields:
        names = self.names
        return {"data_source": names.data_source, "scan": names.scan, "collection": self.place.collection}
