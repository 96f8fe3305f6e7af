"""The kinds of objects: one small definition each."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from purview_ai.datamap.object_kind import Lifecycle, ObjectKind
from purview_ai.datamap.run import ScanRun
from purview_ai.datamap.wish import At, DataMapName, Wish


class KeyVaultConnectionWish(Wish):
    """A vault that Purview knows."""

    name: DataMapName
    base_url: Annotated[str, At("properties", "baseUrl")] = Field(pattern=r"^https://")


KEY_VAULT_CONNECTION = ObjectKind(
    name="Key Vault connection",
    path="/azureKeyVaults/{name}",
    wish=KeyVaultConnectionWish,
    carries_stack_name=True,
)

_REFERENCE = ("properties", "typeProperties", "{secret_property}")


class CredentialWish(Wish):
    """A key that Purview may use, as a reference into a vault."""

    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    secret_property: str = Field(min_length=1)
    connection: Annotated[DataMapName, At(*_REFERENCE, "store", "referenceName")]
    secret_name: Annotated[str, At(*_REFERENCE, "secretName")] = Field(min_length=1)
    secret_version: Annotated[str, At(*_REFERENCE, "secretVersion")] = ""
    """Empty: the newest version."""


CREDENTIAL = ObjectKind(
    name="credential",
    path="/credentials/{name}",
    wish=CredentialWish,
    carries_stack_name=True,
    constants={
        (*_REFERENCE, "type"): "AzureKeyVaultSecret",
        (*_REFERENCE, "store", "type"): "LinkedServiceReference",
    },
)

_COLLECTION = ("properties", "collection")


class DataSourceWish(Wish):
    """A workspace that Purview knows."""

    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    properties: Annotated[dict[str, Any], At("properties")]
    """The connector's own properties, by their wire names."""
    collection: Annotated[str, At(*_COLLECTION, "referenceName")] = Field(min_length=1)


DATA_SOURCE = ObjectKind(
    name="data source",
    path="/datasources/{name}",
    wish=DataSourceWish,
    identity=("account_id", "name", "kind", "properties"),
    constants={(*_COLLECTION, "type"): "CollectionReference"},
    replaceable=False,
)


class ScanWish(Wish):
    """What is captured of a data source, and with which credential."""

    data_source: DataMapName
    name: DataMapName
    kind: Annotated[str, At("kind")] = Field(min_length=1)
    properties: Annotated[dict[str, Any], At("properties")]
    """The connector's own properties, by their wire names."""
    collection: Annotated[str, At(*_COLLECTION, "referenceName")] = Field(min_length=1)


SCAN = ObjectKind(
    name="scan",
    path="/datasources/{data_source}/scans/{name}",
    wish=ScanWish,
    identity=("account_id", "data_source", "name", "kind"),
    constants={(*_COLLECTION, "type"): "CollectionReference"},
    replaceable=False,
)

KINDS: dict[str, Lifecycle] = {
    kind.name: kind for kind in (KEY_VAULT_CONNECTION, CREDENTIAL, DATA_SOURCE, SCAN, ScanRun())
}
"""All kinds, by the names that states and messages use."""
