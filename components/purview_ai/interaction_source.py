"""One workspace under Purview: its credential, data source, scan, trigger and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from purview_ai.dynamic.resources import Credential, DataSource, Run, Scan, Trigger
from purview_ai.interaction_wishes import Fields, InteractionWishes, KeyNames

if TYPE_CHECKING:
    from purview_ai.interaction_wishes import Place
    from purview_ai.naming import SourceNames
    from purview_ai.settings.source import SourceSettings


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
        wishes = InteractionWishes(tenant, source, names, place, KeyNames(key.credential, key.connection, key.secret))
        credential = Credential(
            f"{name}-credential",
            **wishes.credential(),
            release=self._released(key.credential),
            secret_version=key.version,
            opts=self._child,
        )
        registered = DataSource(
            f"{name}-source",
            **wishes.data_source(),
            release=self._released(self.data_source),
            allow_rescan=care.allow_rescan,
            opts=self._kept([]),
        )
        of_source: Fields = {"data_source": _named(registered, self.data_source)}
        scanned = Scan(
            f"{name}-scan",
            **wishes.scan() | of_source,
            release=self._released(self.scan),
            allow_rescan=care.allow_rescan,
            opts=self._kept([credential, registered]),
        )
        self._runs(name, wishes, of_source | {"scan": _named(scanned, self.scan)})
        self.register_outputs({"data_source": self.data_source, "scan": self.scan})

    def _runs(self, name: str, wishes: InteractionWishes, of_scan: Fields) -> None:
        trigger = wishes.trigger()
        if trigger is not None:
            Trigger(
                f"{name}-trigger",
                **trigger | of_scan,
                release=self._released(self.scan),
                # Protected like its scan: a destroy that is refused must not have ended the schedule on its way.
                opts=self._kept([]),
            )
        Run(f"{name}-run", **wishes.run() | of_scan, opts=self._child)

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
