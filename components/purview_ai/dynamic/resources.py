"""The objects of a Data Map as Pulumi resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.dynamic import Resource

from purview_ai.datamap.kinds import CREDENTIAL, DATA_SOURCE, KEY_VAULT_CONNECTION, SCAN
from purview_ai.datamap.run import ScanRun
from purview_ai.dynamic.provider import KIND, DataMapProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


class KeyVaultConnection(Resource, module="purview", name="KeyVaultConnection"):
    """A vault that Purview knows."""

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: str,
        account_id: pulumi.Input[str],
        name: pulumi.Input[str],
        base_url: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """The vault by its address; ``tenant`` is whom messages speak of."""
        fields = {"tenant": tenant, "account_id": account_id, "name": name, "base_url": base_url}
        super().__init__(DataMapProvider(), resource_name, _of(KEY_VAULT_CONNECTION.name, fields), opts)


class Credential(Resource, module="purview", name="Credential"):
    """A key that Purview may use, by the name and version of a secret."""

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: str,
        account_id: pulumi.Input[str],
        name: pulumi.Input[str],
        kind: pulumi.Input[str],
        secret_property: pulumi.Input[str],
        connection: pulumi.Input[str],
        secret_name: pulumi.Input[str],
        secret_version: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``connection`` names a Key Vault connection; an empty version means the newest."""
        fields = {
            "tenant": tenant,
            "account_id": account_id,
            "name": name,
            "kind": kind,
            "secret_property": secret_property,
            "connection": connection,
            "secret_name": secret_name,
            "secret_version": secret_version,
        }
        super().__init__(DataMapProvider(), resource_name, _of(CREDENTIAL.name, fields), opts)


class DataSource(Resource, module="purview", name="DataSource"):
    """A workspace that Purview knows."""

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: str,
        account_id: pulumi.Input[str],
        name: pulumi.Input[str],
        kind: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
        collection: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Kind and properties are the connector's wire names."""
        fields = {
            "tenant": tenant,
            "account_id": account_id,
            "name": name,
            "kind": kind,
            "properties": properties,
            "collection": collection,
        }
        super().__init__(DataMapProvider(), resource_name, _of(DATA_SOURCE.name, fields), opts)


class Scan(Resource, module="purview", name="Scan"):
    """What is captured of a data source."""

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: str,
        account_id: pulumi.Input[str],
        data_source: pulumi.Input[str],
        name: pulumi.Input[str],
        kind: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
        collection: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Kind and properties are the connector's wire names."""
        fields = {
            "tenant": tenant,
            "account_id": account_id,
            "data_source": data_source,
            "name": name,
            "kind": kind,
            "properties": properties,
            "collection": collection,
        }
        super().__init__(DataMapProvider(), resource_name, _of(SCAN.name, fields), opts)


class FirstRun(Resource, module="purview", name="Run"):
    """The run with which capturing begins."""

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: str,
        account_id: pulumi.Input[str],
        data_source: pulumi.Input[str],
        scan: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """A full run of this scan."""
        fields = {
            "tenant": tenant,
            "account_id": account_id,
            "data_source": data_source,
            "scan": scan,
        }
        super().__init__(DataMapProvider(), resource_name, _of(ScanRun.name, fields), opts)


def _of(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {KIND: kind, **fields}
