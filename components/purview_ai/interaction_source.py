"""One workspace under Purview: its credential, data source, scan and first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from purview_ai.dynamic.resources import Credential, DataSource, FirstRun, Scan

if TYPE_CHECKING:
    from purview_ai.settings.model import SourceSettings


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
        account_id: str,
        collection: str,
        source: SourceSettings,
        data_source: str,
        scan: str,
        credential: str,
        connection: str,
        secret_version: pulumi.Input[str],
        protect: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the workspace, scan it, and start the first run.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            account_id: The Purview account's ARM id.
            collection: The short name of the collection that the interactions belong to.
            source: The workspace and its connector profile.
            data_source: The data source's name.
            scan: The scan's name.
            credential: The credential's name.
            connection: The Key Vault connection that holds the key.
            secret_version: The version of the secret that holds the key; empty for the newest.
            protect: Whether data source and scan are protected from deletion.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:InteractionSource", name, None, opts)
        self.data_source, self.scan = data_source, scan
        profile = source.connector
        child = pulumi.ResourceOptions(parent=self)
        values: dict[str, object] = {
            "workspace_id": source.workspace_id,
            "capture_since": source.since,
            "credential": credential,
            "credential_kind": profile.credential.kind,
            "data_source": data_source,
        }

        def after(*needed: pulumi.Resource, kept: bool = False) -> pulumi.ResourceOptions:
            own = pulumi.ResourceOptions(depends_on=list(needed), protect=protect if kept else None)
            return pulumi.ResourceOptions.merge(child, own)

        key = Credential(
            f"{name}-credential",
            tenant=tenant,
            account_id=account_id,
            name=credential,
            kind=profile.credential.kind,
            secret_property=profile.credential.secret_property,
            connection=connection,
            secret_name=source.key.secret,
            secret_version=secret_version,
            opts=after(),
        )
        registered = DataSource(
            f"{name}-source",
            tenant=tenant,
            account_id=account_id,
            name=data_source,
            kind=profile.data_source.kind,
            properties=profile.data_source.rendered(values),
            collection=collection,
            opts=after(kept=True),
        )
        scanned = Scan(
            f"{name}-scan",
            tenant=tenant,
            account_id=account_id,
            data_source=data_source,
            name=scan,
            kind=profile.scan.kind,
            properties=profile.scan.rendered(values),
            collection=collection,
            opts=after(key, registered, kept=True),
        )
        FirstRun(
            f"{name}-first-run",
            tenant=tenant,
            account_id=account_id,
            data_source=data_source,
            scan=scan,
            # Protected too: a refused destroy must not have ended the first run on its way.
            opts=after(scanned, kept=True),
        )
        self.register_outputs({"data_source": data_source, "scan": scan})
