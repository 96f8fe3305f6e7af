"""What may happen to an object of the Data Map, asked of the sandbox without Pulumi."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from people import PURVIEW, Person
from purview_ai.clouds import CLOUDS
from purview_ai.datamap.client import DataMaps
from purview_ai.datamap.errors import DataMapError
from purview_ai.datamap.kinds import CREDENTIAL, DATA_SOURCE, KEY_VAULT_CONNECTION, SCAN
from purview_ai.datamap.object_kind import ADOPTED, ObjectKind
from purview_ai.datamap.run import RUN_ID, ScanRun
from purview_ai.identity import AzureSettings, credential_of

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

ACCOUNT = (
    f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
    f"/providers/Microsoft.Purview/accounts/{seed.ACCOUNT}"
)
COMMON = {"tenant": "contoso", "account_id": ACCOUNT}
CONNECTION = {**COMMON, "name": "contoso-kv", "base_url": "https://kv-contoso-ai.vault.azure.net/"}
KEY = {
    **COMMON,
    "name": "contoso-chatgpt",
    "kind": "TalonKey",
    "secret_property": "talon",
    "connection": "contoso-kv",
    "secret_name": "chatgpt-compliance-key",
    "secret_version": "0" * 32,
}
SOURCE = {
    **COMMON,
    "name": "chatgpt",
    "kind": "Kestrel7",
    "properties": {"nest": {"burrowId": seed.WORKSPACE}},
    "collection": seed.COLLECTION,
}
REFERENCE = {"referenceName": "contoso-chatgpt", "credentialType": "TalonKey"}
SCANNED = {
    **COMMON,
    "data_source": "chatgpt",
    "name": "chatgpt-scan",
    "kind": "Kestrel7Flight",
    "properties": {"firstLight": "2026-01-01T00:00:00Z", "perch": {"credentialReference": REFERENCE}},
    "collection": seed.COLLECTION,
}
CHAIN: list[tuple[ObjectKind, dict[str, Any], dict[str, Any]]] = [
    (KEY_VAULT_CONNECTION, CONNECTION, {"base_url": "https://kv-contoso-two.vault.azure.net/"}),
    (CREDENTIAL, KEY, {"secret_version": "1" * 32}),
    (DATA_SOURCE, SOURCE, {"collection": seed.ACCOUNT}),
    (SCAN, SCANNED, {"collection": seed.ACCOUNT}),
]
FIRST = {**COMMON, "data_source": "chatgpt", "scan": "chatgpt-scan"}
RUNS = f"{PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan/runs"


@pytest.fixture
def maps(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> DataMaps:
    """The Data Maps of somebody with all rights, through the sandbox's relay."""
    for name, value in azure.network().items():
        monkeypatch.setenv(name, value)
    who = {
        "ARM_CLIENT_ID": seed.OPERATOR_APP,
        "ARM_CLIENT_SECRET": seed.OPERATOR_SECRET,
        "ARM_TENANT_ID": seed.TENANT,
    }
    settings = AzureSettings(lambda _: None, who)
    return DataMaps(CLOUDS["public"], lambda: credential_of(settings))


def wished(kind: ObjectKind, given: dict[str, Any]) -> dict[str, Any]:
    """A wish with its defaults."""
    done = kind.check(given, {})
    assert done.problems == []
    return done.fields


def made(maps: DataMaps) -> list[dict[str, Any]]:
    """The whole chain, as it is recorded."""
    return [kind.create(maps, wished(kind, given)).fields for kind, given, _ in CHAIN]


def test_every_kind_is_made_read_changed_and_removed(maps: DataMaps) -> None:
    recorded = made(maps)
    for (kind, given, change), known in zip(CHAIN, recorded, strict=True):
        seen = kind.read(maps, known)
        assert seen is not None
        assert seen.fields == known
        new = wished(kind, {**given, **change})
        assert kind.diff(known, new).changed == list(change)
        assert kind.diff(known, new).replaced == []
        changed = kind.update(maps, known, new)
        seen = kind.read(maps, changed.fields)
        assert seen is not None
        assert {name: seen.fields[name] for name in change} == change
        assert kind.diff(changed.fields, new).changed == []
    for (kind, _, _), known in reversed(list(zip(CHAIN, recorded, strict=True))):
        kind.delete(maps, known)
        assert kind.read(maps, known) is None
        kind.delete(maps, known)


def test_a_source_or_scan_that_equals_the_wish_is_adopted_and_survives(maps: DataMaps, operator: Person) -> None:
    made(maps)
    for kind, given in ((SCAN, SCANNED), (DATA_SOURCE, SOURCE)):
        adopted = kind.create(maps, wished(kind, given)).fields
        assert adopted[ADOPTED]
        kind.delete(maps, adopted)
        assert kind.read(maps, adopted) is not None
    assert len(operator.get(f"{PURVIEW}/scan/datasources")["value"]) == 1


def test_what_carries_the_stacks_name_was_left_by_a_crash_and_is_its_own(maps: DataMaps) -> None:
    made(maps)
    connection = KEY_VAULT_CONNECTION.create(maps, wished(KEY_VAULT_CONNECTION, CONNECTION)).fields
    credential = CREDENTIAL.create(maps, wished(CREDENTIAL, KEY)).fields
    assert not connection[ADOPTED]
    assert not credential[ADOPTED]


def test_what_differs_from_the_wish_is_left_alone(maps: DataMaps) -> None:
    made(maps)
    for kind, given, change in CHAIN:
        with pytest.raises(DataMapError) as caught:
            kind.create(maps, wished(kind, {**given, **change}))
        said = str(caught.value)
        assert f'contoso: {kind.name} "{given["name"]}" was not created' in said
        assert all(name in said for name in change)
        seen = kind.read(maps, {**wished(kind, given), ADOPTED: False})
        assert seen is not None
        assert kind.diff(seen.fields, wished(kind, given)).changed == []


def test_an_update_keeps_what_the_wish_does_not_declare(maps: DataMaps, operator: Person) -> None:
    made(maps)
    url = f"{PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan"
    scan = operator.get(url)
    scan["properties"]["logLevel"] = "Verbose"
    operator.do("PUT", url, json=scan)
    known = {**wished(SCAN, SCANNED), ADOPTED: False}
    SCAN.update(maps, known, wished(SCAN, {**SCANNED, "collection": seed.ACCOUNT}))
    after = operator.get(url)["properties"]
    assert (after["logLevel"], after["collection"]["referenceName"]) == ("Verbose", seed.ACCOUNT)


def test_a_workspace_that_is_registered_already_is_named(maps: DataMaps) -> None:
    made(maps)
    with pytest.raises(DataMapError) as caught:
        DATA_SOURCE.create(maps, wished(DATA_SOURCE, {**SOURCE, "name": "chatgpt-again"}))
    assert "409 DataSource_Duplicate" in str(caught.value)
    assert "'chatgpt'" in str(caught.value)
    assert "docs/troubleshooting.md#datasource-duplicate" in str(caught.value)


def test_what_is_still_used_stays_and_its_user_is_named(maps: DataMaps) -> None:
    connection = made(maps)[0]
    with pytest.raises(DataMapError) as caught:
        KEY_VAULT_CONNECTION.delete(maps, connection)
    assert "credentials/contoso-chatgpt" in str(caught.value)
    assert "docs/troubleshooting.md#in-use" in str(caught.value)


def test_a_bad_moment_of_the_service_is_waited_out(maps: DataMaps, azure: LocalAzure) -> None:
    azure.weather(effect="status", service="purview", method="PUT", status=503, times=2)
    azure.weather(effect="status", service="arm", status=429, retry_after=0, times=1)
    assert len(made(maps)) == len(CHAIN)


def test_a_property_that_is_wished_no_more_goes(maps: DataMaps, operator: Person) -> None:
    made(maps)
    known = {**wished(SCAN, SCANNED), ADOPTED: False}
    less = {name: value for name, value in SCANNED["properties"].items() if name != "firstLight"}
    SCAN.update(maps, known, wished(SCAN, {**SCANNED, "properties": less}))
    scan = operator.get(f"{PURVIEW}/scan/datasources/chatgpt/scans/chatgpt-scan")
    assert "firstLight" not in scan["properties"]
    assert "scanScopeType" in scan["properties"]


def test_a_repeated_request_is_the_same_run(maps: DataMaps, operator: Person) -> None:
    made(maps)
    run = ScanRun()
    wish = run.check(FIRST, {}).fields
    first = run.create(maps, wish)
    assert run.create(maps, wish) == first
    assert run.read(maps, first.fields) == first
    assert [one["id"] for one in operator.get(RUNS)["value"]] == [first.fields[RUN_ID]]


def test_a_run_that_somebody_started_counts_as_the_first(maps: DataMaps, operator: Person) -> None:
    made(maps)
    other = str(uuid.uuid4())
    operator.do("POST", f"{RUNS.removesuffix('/runs')}:run", params={"runId": other, "scanLevel": "Full"})
    run = ScanRun()
    run.create(maps, run.check(FIRST, {}).fields)
    assert other in [one["id"] for one in operator.get(RUNS)["value"]]


def test_another_scan_of_the_same_name_has_a_first_run_of_its_own(maps: DataMaps, operator: Person) -> None:
    scan = made(maps)[-1]
    run = ScanRun()
    first = run.create(maps, run.check(FIRST, {}).fields)
    run.delete(maps, first.fields)
    SCAN.delete(maps, scan)
    assert run.read(maps, first.fields) is None
    SCAN.create(maps, wished(SCAN, SCANNED))
    assert run.read(maps, first.fields) is None
    second = run.create(maps, run.check(FIRST, {}).fields)
    assert second.fields[RUN_ID] != first.fields[RUN_ID]
    assert second.fields[RUN_ID] in [one["id"] for one in operator.get(RUNS)["value"]]


def test_removing_a_run_ends_it_so_that_its_scan_can_go(maps: DataMaps, operator: Person) -> None:
    recorded = made(maps)
    run = ScanRun()
    started = run.create(maps, run.check(FIRST, {}).fields)
    run.delete(maps, started.fields)
    SCAN.delete(maps, recorded[-1])
    assert operator.get(f"{PURVIEW}/scan/datasources/chatgpt/scans")["value"] == []


@pytest.mark.parametrize(("kind", "given", "name"), [(DATA_SOURCE, SOURCE, "kind"), (SCAN, SCANNED, "name")])
def test_a_source_or_scan_is_not_replaced_by_a_change(kind: ObjectKind, given: dict[str, Any], name: str) -> None:
    before = wished(kind, given)
    [problem] = kind.check({**given, name: "another"}, before).problems
    assert problem.field == name
    assert f'contoso: {kind.name} "{given["name"]}" was not replaced' in problem.reason
    # A refresh asks for the difference too, and must be answered.
    assert kind.diff({**before, name: "another"}, before).replaced == [name]


def test_an_account_that_is_not_there_is_told_as_such(maps: DataMaps) -> None:
    nowhere = {**CONNECTION, "account_id": ACCOUNT.replace(seed.ACCOUNT, "nobodys-purview")}
    with pytest.raises(DataMapError, match=r"knows no Purview account .*nobodys-purview"):
        KEY_VAULT_CONNECTION.create(maps, wished(KEY_VAULT_CONNECTION, nowhere))
