"""The kinds of objects: one small definition each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.datamap.client import ACCOUNT
from purview_ai.datamap.collection import CollectionKind
from purview_ai.datamap.collection_role import CollectionRoleKind
from purview_ai.datamap.data_source import DataSourceKind
from purview_ai.datamap.object_kind import ObjectKind
from purview_ai.datamap.run import ScanRun
from purview_ai.datamap.scan import ScanKind
from purview_ai.datamap.trigger import TriggerKind
from purview_ai.datamap.wishes import (
    COLLECTION as COLLECTION_PLACE,
)
from purview_ai.datamap.wishes import (
    REFERENCE,
    CollectionWish,
    CredentialWish,
    DataSourceWish,
    KeyVaultConnectionWish,
    ScanWish,
    TriggerWish,
)

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMaps
    from purview_ai.objects.lifecycle import Lifecycle

KEY_VAULT_CONNECTION = ObjectKind(
    name="Key Vault connection",
    path="/azureKeyVaults/{name}",
    wish=KeyVaultConnectionWish,
    adopted_by="vault.adopt_connection: true",
    carries_stack_name=True,
)
CREDENTIAL = ObjectKind(
    name="credential",
    path="/credentials/{name}",
    wish=CredentialWish,
    adopted_by="sources.<name>.adopt: true",
    carries_stack_name=True,
    constants={
        (*REFERENCE, "type"): "AzureKeyVaultSecret",
        (*REFERENCE, "store", "type"): "LinkedServiceReference",
    },
)
DATA_SOURCE = DataSourceKind(
    name="data source",
    path="/datasources/{name}",
    wish=DataSourceWish,
    adopted_by="sources.<name>.adopt: true",
    fixed=("account_id", "name", "kind", "properties"),
    constants={(*COLLECTION_PLACE, "type"): "CollectionReference"},
)
SCAN = ScanKind(
    name="scan",
    path="/datasources/{data_source}/scans/{name}",
    wish=ScanWish,
    adopted_by="sources.<name>.adopt: true",
    identity=("account_id", "data_source", "name"),
    fixed=("account_id", "data_source", "name", "kind", "capture_since"),
    fixed_because={
        "capture_since": (
            "capture since is fixed when a scan is made, another day neither adds what came before it nor takes back "
            "what was captured, and a new scan ingests every interaction since that day a second time"
        )
    },
    constants={(*COLLECTION_PLACE, "type"): "CollectionReference"},
)
TRIGGER = TriggerKind(
    name="trigger",
    path="/datasources/{data_source}/scans/{scan}/triggers/default",
    wish=TriggerWish,
    adopted_by="sources.<name>.adopt: true",
    identity=("account_id", "data_source", "scan"),
)
COLLECTION = CollectionKind(
    name="collection",
    path="/collections/{name}",
    wish=CollectionWish,
    adopted_by="purview.collection.adopt: true",
    api=ACCOUNT,
    constants={("parentCollection", "type"): "CollectionReference"},
)
COLLECTION_ROLE = CollectionRoleKind()
RUN = ScanRun()

KINDS: dict[str, Lifecycle[DataMaps]] = {
    kind.name: kind
    for kind in (
        KEY_VAULT_CONNECTION,
        CREDENTIAL,
        COLLECTION,
        COLLECTION_ROLE,
        DATA_SOURCE,
        SCAN,
        TRIGGER,
        RUN,
    )
}
"""All kinds, by the names that states and messages use."""
