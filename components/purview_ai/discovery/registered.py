"""A source, its scan and the credential of that, found among what an account's Data Map holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.discovery.texts import named_in, texts
from purview_ai.discovery.wire import own_properties
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.datamap.client import DataMap
    from purview_ai.json_values import JsonObject

PUBLISHED_KINDS = frozenset(
    (
        "None",
        "Fabric",
        "AzureSubscription",
        "AzureResourceGroup",
        "AzureSynapseWorkspace",
        "AzureSynapse",
        "AdlsGen1",
        "AdlsGen2",
        "AmazonAccount",
        "AmazonS3",
        "AmazonSql",
        "AzureCosmosDb",
        "AzureDataExplorer",
        "AzureFileService",
        "AzureSqlDatabase",
        "ArcEnabledSqlServer",
        "AmazonPostgreSql",
        "AzurePostgreSql",
        "Databricks",
        "SqlServerDatabase",
        "AzureSqlDatabaseManagedInstance",
        "AzureSqlDataWarehouse",
        "AzureMySql",
        "Hdfs",
        "TableauServer",
        "AzureStorage",
        "Teradata",
        "Oracle",
        "PostgreSql",
        "AmazonRedShift",
        "DatabricksHms",
        "SapS4Hana",
        "SapEcc",
        "Snowflake",
        "PowerBI",
        "Trident",
        "Dataverse",
        "DatabricksUnityCatalog",
    )
)
"""The kinds of data sources that are described, none of which is an AI app's (docs/facts.md, purview 0)."""


class ChoiceError(Exception):
    """Nobody can tell which object is meant; the message lists those that there are."""


@dataclass(frozen=True)
class Wanted:
    """What is known of the objects to look for; empty: not known."""

    data_source: str = ""
    scan: str = ""
    workspace_id: str = ""


@dataclass(frozen=True)
class Registered:
    """What stands in the Data Map, as GET answers it."""

    data_source: JsonObject
    scan: JsonObject
    credential: JsonObject
    data_sources: int
    """How many the account has."""
    scans: int
    """How many the data source has."""

    @property
    def names(self) -> tuple[str, str, str]:
        """Of the data source, the scan and the credential."""
        return name_of(self.data_source), name_of(self.scan), name_of(self.credential)


def name_of(found: JsonObject) -> str:
    """What an object is called in Purview."""
    return str(found.get("name") or "")


def find_registered(there: DataMap, wanted: Wanted) -> Registered:
    """The source, scan and credential that were made by hand; raises :class:`ChoiceError` where it takes a choice."""
    sources = list(there.list("/datasources"))
    source = _the_source(sources, wanted)
    scans = list(there.list(f"/datasources/{name_of(source)}/scans"))
    scan = _the_one(scans, wanted.scan, f'data source "{name_of(source)}" has no scan', "--scan")
    credential = _credential_of(scan, list(there.list("/credentials")))
    return Registered(source, scan, credential, len(sources), len(scans))


def _the_source(sources: list[JsonObject], wanted: Wanted) -> JsonObject:
    if wanted.data_source:
        return _the_one(sources, wanted.data_source, "the account has no data source", "--data-source")
    fitting = [one for one in sources if wanted.workspace_id and _holds(one, wanted.workspace_id)]
    unknown = [one for one in sources if one.get("kind") not in PUBLISHED_KINDS]
    nothing = (
        "the account has no data source of a kind that is not described: register one in the Purview portal, "
        "with its scan and credential, and come back"
    )
    return _the_one(fitting or unknown, "", nothing, "--data-source")


def _holds(source: JsonObject, workspace_id: str) -> bool:
    return any(workspace_id.lower() in text.lower() for _, text in texts(source.get("properties")))


def _the_one(found: Sequence[JsonObject], name: str, nothing: str, option: str) -> JsonObject:
    """The object of a name, or the only one there is."""
    listed = ", ".join(f"{name_of(one)} ({one.get('kind')})" for one in found)
    if not found:
        raise ChoiceError(nothing)
    chosen = [one for one in found if name_of(one).lower() == name.lower()] if name else found
    if not chosen:
        msg = f"{option} {name}: there is none of that name; there are {listed}"
        raise ChoiceError(msg)
    if len(chosen) > 1:
        msg = f"say which is meant with {option}: {listed}"
        raise ChoiceError(msg)
    return chosen[0]


def _credential_of(scan: JsonObject, credentials: list[JsonObject]) -> JsonObject:
    """The credential that a scan refers to, wherever in its properties the reference stands."""
    by_name = {name_of(one).lower(): one for one in credentials}
    own = own_properties("scan", take_from(scan, ("properties",)))
    met = {text.lower() for place, text in texts(own) if text.lower() in by_name and named_in(place, "credential")}
    if len(met) != 1:
        known = ", ".join(name_of(one) for one in credentials) or "none"
        told = "none" if not met else "several: " + ", ".join(sorted(met))
        msg = (
            f'scan "{name_of(scan)}" must name one credential of the account, and names {told}; the account has {known}'
        )
        raise ChoiceError(msg)
    return by_name[met.pop()]
