"""One workspace under Purview: its credential, data source, scan, trigger and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from purview_ai.dynamic.resources import Credential, DataSource, Run, Scan, Trigger

if TYPE_CHECKING:
    from purview_ai.naming import SourceNames
    from purview_ai.settings.source import SourceSettings


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
class Key:
    """The vendor's key as Purview finds it."""

    credential: str
    """The credential's name in Purview."""
    connection: str
    """The Key Vault connection that leads to the vault."""
    secret: str
    version: pulumi.Input[str]
    """The version of the secret; empty for the newest."""


@dataclass(frozen=True)
class Care:
    """What may be done with the objects of a workspace."""

    protect: bool = True
    """Whether data source and scan are protected from deletion."""
    allow_rescan: bool = False
    """Whether data source and scan may be replaced, which ingests every interaction a second time."""
    release: tuple[str, ...] = ()
    """The objects that were there before and that destroy shall remove, by their names in Purview."""


class InteractionSource(pulumi.ComponentResource):
    """What makes Purview capture the interactions of one workspace.

    All parts refer to each other by name, so that a change elsewhere (a vault's tag, say) shows no change here.
    """

    data_source: str
    scan: str

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        source: SourceSettings,
        names: SourceNames,
        place: Place,
        key: Key,
        care: Care = Care(),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the workspace, scan it, and start the first run.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            source: The workspace, its connector profile and its scan.
            names: What data source and scan are called in Purview.
            place: Where in Purview the interactions go.
            key: The vendor's key as Purview finds it.
            care: What may be done with the objects.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:InteractionSource", name, None, opts)
        self.data_source, self.scan = names.data_source, names.scan
        self._child = pulumi.ResourceOptions(parent=self)
        self._care = care
        self._common: dict[str, Any] = {
            "tenant": tenant,
            "account_id": place.account_id,
            "adopt": source.adopt is not None,
        }
        credential = self._credential(name, source, key)
        registered = self._data_source(name, source, place)
        scanned = self._scan(name, source, place, key, [credential, registered])
        of_scan = {
            "data_source": _named(registered, self.data_source),
            "scan": _named(scanned, self.scan),
            "collection": place.collection,
        }
        self._runs(name, source, of_scan)
        self.register_outputs({"data_source": self.data_source, "scan": self.scan})

    def _credential(self, name: str, source: SourceSettings, key: Key) -> Credential:
        profile = source.connector.credential
        return Credential(
            f"{name}-credential",
            **self._common,
            name=key.credential,
            release=self._released(key.credential),
            kind=profile.kind,
            secret_property=profile.secret_property,
            connection=key.connection,
            secret_name=key.secret,
            secret_version=key.version,
            opts=self._child,
        )

    def _data_source(self, name: str, source: SourceSettings, place: Place) -> DataSource:
        profile = source.connector.data_source
        return DataSource(
            f"{name}-source",
            **self._common,
            name=self.data_source,
            release=self._released(self.data_source),
            kind=profile.kind,
            properties=profile.rendered({"workspace_id": source.workspace_id}),
            collection=place.collection,
            allow_rescan=self._care.allow_rescan,
            opts=self._kept([]),
        )

    def _scan(self, name: str, source: SourceSettings, place: Place, key: Key, needed: list[pulumi.Resource]) -> Scan:
        profile = source.connector
        values: dict[str, object] = {
            "workspace_id": source.workspace_id,
            "capture_since": source.since,
            "credential": key.credential,
            "credential_kind": profile.credential.kind,
            "data_source": self.data_source,
        }
        return Scan(
            f"{name}-scan",
            **self._common,
            data_source=_named(needed[-1], self.data_source),
            name=self.scan,
            release=self._released(self.scan),
            kind=profile.scan.kind,
            properties=profile.scan.rendered(values),
            collection=place.collection,
            domain=place.domain,
            capture_since=str(source.capture_since),
            since_at=profile.scan.places_of("capture_since"),
            test_connection=source.scan.test_connection,
            patience_minutes=source.scan.patience_minutes,
            allow_rescan=self._care.allow_rescan,
            opts=self._kept(needed),
        )

    def _runs(self, name: str, source: SourceSettings, of_scan: dict[str, Any]) -> None:
        recurrence = source.scan.recurrence()
        if recurrence is not None:
            Trigger(
                f"{name}-trigger",
                **self._common,
                **of_scan,
                **recurrence,
                release=self._released(self.scan),
                # Protected like its scan: a destroy that is refused must not have ended the schedule on its way.
                opts=self._kept([]),
            )
        Run(
            f"{name}-run",
            tenant=self._common["tenant"],
            account_id=self._common["account_id"],
            **of_scan,
            generation=source.scan.generation,
            wait_minutes=source.scan.wait_minutes,
            opts=self._child,
        )

    def _kept(self, needed: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        protect = self._care.protect and not self._care.allow_rescan
        own = pulumi.ResourceOptions(depends_on=needed, protect=protect)
        return pulumi.ResourceOptions.merge(self._child, own)

    def _released(self, name: str) -> bool:
        return name in self._care.release


def _named(resource: pulumi.Resource, name: str) -> pulumi.Output[str]:
    """A name that is known at once and says whose it is.

    Where a data source is replaced, the engine must delete its scan first, and it follows only what an input
    comes from. The object's URN is known at every preview, unlike its other outputs.
    """
    return resource.urn.apply(lambda _: name)
