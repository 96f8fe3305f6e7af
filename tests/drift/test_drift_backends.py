"""Where a stack's state is found: folders, Azure Storage, and whatever the engine reads."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drift.sights import drift_of
from drift.storage import ACCOUNT, CONTAINER, KEY, LocalStorage
from purview_ai.drift.backend import ExportBackend, FilesBackend, backend_of, backend_url
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.drift.stores import BlobPlace, BlobStore, FolderStore
from whole_chain import VAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from people import Person
    from tenants import Tenant

URN = "urn:pulumi:contoso::purview-ai::azure-native:keyvault:Vault::vault"
CHECKPOINT: dict[str, Any] = {
    "version": 3,
    "checkpoint": {
        "stack": "organization/purview-ai/contoso",
        "latest": {
            "resources": [
                {"urn": "urn:pulumi:contoso::purview-ai::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
                {"urn": URN, "type": "azure-native:keyvault:Vault", "custom": True, "id": "/subscriptions/x"},
            ]
        },
    },
}
LOCK = {"pid": 1, "username": "robin", "hostname": "build-7", "timestamp": "2026-11-26T10:00:00Z"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    return folder


def kept(root: Path, path: str = "stacks/purview-ai/contoso.json", *, version: int | None = 1) -> Path:
    """A state file below a backend's folder."""
    file = root / ".pulumi" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    raw = json.dumps(CHECKPOINT).encode()
    file.write_bytes(gzip.compress(raw, mtime=0) if file.suffix == ".gz" else raw)
    if version is not None:
        (root / ".pulumi/meta.yaml").write_text(f"version: {version}\n")
    return file


def names_of(backend: Any, stack: str = "contoso") -> list[str]:
    """The resources that a backend has of a stack."""
    found = backend.find(stack)
    return [one.name for one in found.checkpoint.resources]


def test_the_environment_names_the_backend_before_the_project_and_that_before_who_is_logged_in(project: Path) -> None:
    home = project / "home"
    home.mkdir()
    (home / "credentials.json").write_text(json.dumps({"current": "https://api.pulumi.com"}))
    known = {"PULUMI_HOME": str(home)}
    assert backend_url(project, known) == "https://api.pulumi.com"
    (project / "Pulumi.yaml").write_text("name: purview-ai\nbackend: {url: 'file://~'}\n")
    assert backend_url(project, known) == "file://~"
    assert backend_url(project, {**known, "PULUMI_BACKEND_URL": "azblob://states"}) == "azblob://states"


def test_where_nobody_is_logged_in_that_is_told(project: Path) -> None:
    with pytest.raises(CheckpointError, match="no backend is known"):
        backend_url(project, {"PULUMI_HOME": str(project)})


@pytest.mark.parametrize(
    "url",
    [
        "file://{root}",
        "file://{root}?metadata=skip&no_tmp_dir=false",
        "file://./state",
        "file://state",
        "file://~/state",
    ],
)
def test_a_folder_is_named_in_each_way_that_the_engine_knows(
    project: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    root = project / "state"
    kept(root)
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(project))
    environment = {"PULUMI_BACKEND_URL": url.format(root=root)}
    assert names_of(backend_of(project, environment)) == ["vault"]


def test_other_backends_are_asked_through_the_engine(project: Path) -> None:
    for url in ("https://api.pulumi.com", "s3://states", "gs://states"):
        assert isinstance(backend_of(project, {"PULUMI_BACKEND_URL": url}), ExportBackend)


def files(root: Path) -> FilesBackend:
    """A folder's stacks."""
    return FilesBackend(FolderStore(root), "purview-ai", ExportBackend(root))


@pytest.mark.parametrize("path", ["stacks/purview-ai/contoso.json", "stacks/purview-ai/contoso.json.gz"])
def test_a_state_is_found_packed_or_not(tmp_path: Path, path: str) -> None:
    kept(tmp_path, path)
    assert names_of(files(tmp_path)) == ["vault"]


def test_the_newer_one_of_two_files_counts(tmp_path: Path) -> None:
    plain = kept(tmp_path)
    packed = kept(tmp_path, "stacks/purview-ai/contoso.json.gz")
    plain.write_text(json.dumps({**CHECKPOINT, "checkpoint": {"latest": {}}}))
    os.utime(plain, (1, 1))
    assert names_of(files(tmp_path)) == ["vault"]
    os.utime(packed, (0, 0))
    assert names_of(files(tmp_path)) == []


@pytest.mark.parametrize("version", [None, 0])
def test_an_older_store_knows_no_projects(tmp_path: Path, version: int | None) -> None:
    kept(tmp_path, "stacks/contoso.json", version=version)
    assert names_of(files(tmp_path)) == ["vault"]
    kept(tmp_path, "locks/contoso/1.json", version=version).write_text(json.dumps(LOCK))
    found = files(tmp_path).find("contoso")
    assert found is not None
    assert found.locked_by == ["robin@build-7 since 2026-11-26T10:00:00Z"]


def test_what_was_never_deployed_is_no_error_of_the_store(tmp_path: Path) -> None:
    assert files(tmp_path).find("contoso") is None
    kept(tmp_path)
    assert files(tmp_path).find("fabrikam") is None


def test_a_lock_stops_nobody_and_is_told(tmp_path: Path) -> None:
    kept(tmp_path)
    kept(tmp_path, "locks/organization/purview-ai/contoso/1.json").write_text(json.dumps(LOCK))
    found = files(tmp_path).find("contoso")
    assert found is not None
    assert found.locked_by == ["robin@build-7 since 2026-11-26T10:00:00Z"]


@pytest.mark.parametrize("raw", [b"", b"{", gzip.compress(b"{}", mtime=0)[:-4], b"\x1f\x8bxx"])
def test_a_broken_state_is_told_with_its_place(tmp_path: Path, raw: bytes) -> None:
    kept(tmp_path).write_bytes(raw)
    with pytest.raises(CheckpointError, match="could not be read") as told:
        files(tmp_path).find("contoso")
    assert str(tmp_path) in str(told.value)
    assert "docs/troubleshooting.md#state" in str(told.value)


PLACES: list[tuple[str, dict[str, str], str, str]] = [
    ("azblob://c?storage_account=a", {}, "https://a.blob.core.windows.net", ""),
    ("azblob://c", {"AZURE_STORAGE_ACCOUNT": "a"}, "https://a.blob.core.windows.net", ""),
    ("azblob://c/deep/er", {"AZURE_STORAGE_ACCOUNT": "a"}, "https://a.blob.core.windows.net", "deep/er/"),
    ("azblob://c?storage_account=b", {"AZURE_STORAGE_ACCOUNT": "a"}, "https://b.blob.core.windows.net", ""),
    (
        "azblob://c?storage_account=a",
        {"AZURE_STORAGE_DOMAIN": "blob.core.usgovcloudapi.net"},
        "https://a.blob.core.usgovcloudapi.net",
        "",
    ),
    (
        "azblob://c?domain=x.example&storage_account=a",
        {"AZURE_STORAGE_DOMAIN": "y.example"},
        "https://a.x.example",
        "",
    ),
    ("azblob://c?storage_account=a&domain=127.0.0.1:5&protocol=http", {}, "http://127.0.0.1:5/a", ""),
    ("azblob://c?storage_account=a&domain=storage:5&localemu=true", {}, "https://storage:5/a", ""),
    ("azblob://c?storage_account=a&domain=cdn.example&cdn=true", {}, "https://cdn.example", ""),
    (
        "azblob://c",
        {"AZURE_STORAGE_CONNECTION_STRING": "DefaultEndpointsProtocol=http;AccountName=d;AccountKey=eA==;X=y"},
        "http://d.blob.core.windows.net",
        "",
    ),
]


@pytest.mark.parametrize(("url", "environment", "service", "prefix"), PLACES)
@pytest.mark.fact("engine 35")
def test_a_container_is_found_as_the_engine_finds_it(
    url: str, environment: dict[str, str], service: str, prefix: str
) -> None:
    place = BlobPlace.of(url, environment)
    assert (place.container, place.service, place.prefix) == ("c", service, prefix)


@pytest.mark.parametrize(
    ("url", "told"),
    [("azblob://c", "names no storage account"), ("azblob://c?storage_account=a&sas=x", "is not known: sas")],
)
def test_a_container_that_nobody_could_find_is_told(url: str, told: str) -> None:
    with pytest.raises(CheckpointError, match=told) as refused:
        BlobStore.of(url, {})
    assert "sas=x" not in str(refused.value)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStorage]:
    """Azure Storage on loopback."""
    running = LocalStorage.start(tmp_path_factory.mktemp("storage") / "azurite")
    yield running
    running.stop()


def signed(storage: LocalStorage) -> dict[str, dict[str, str]]:
    """The ways to open the container, by the variables that the engine knows."""
    from datetime import UTC, datetime, timedelta

    from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

    permission = AccountSasPermissions(read=True, list=True, write=True, delete=True, create=True)
    kinds = ResourceTypes(service=True, container=True, object=True)
    until = datetime.now(UTC) + timedelta(hours=1)
    token = generate_account_sas(ACCOUNT, KEY, kinds, permission, until)
    connection = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={storage.service};"
    return {
        "key": {"AZURE_STORAGE_ACCOUNT": ACCOUNT, "AZURE_STORAGE_KEY": KEY},
        "token": {"AZURE_STORAGE_SAS_TOKEN": token},
        "connection": {"AZURE_STORAGE_CONNECTION_STRING": connection},
    }


@pytest.mark.parametrize("way", ["key", "token", "connection"])
def test_a_state_in_azure_storage_is_read_in_each_way_to_open_it(storage: LocalStorage, way: str) -> None:
    client = storage.container()
    raw = json.dumps(CHECKPOINT).encode()
    for name, held in (
        ("meta.yaml", b"version: 1\n"),
        ("stacks/purview-ai/contoso.json.gz", gzip.compress(raw, mtime=0)),
        ("stacks/purview-ai/contoso.json.bak", b"{"),
        ("stacks/purview-ai/contoso.json/deeper.json", b"{"),
        ("locks/organization/purview-ai/contoso/1.json", json.dumps(LOCK).encode()),
    ):
        client.upload_blob(f"{way}/.pulumi/{name}", held, overwrite=True)
    store = BlobStore.of(storage.url(f"/{way}"), signed(storage)[way])
    found = FilesBackend(store, "purview-ai", ExportBackend(Path())).find("contoso")
    assert found is not None
    assert [one.name for one in found.checkpoint.resources] == ["vault"]
    assert found.locked_by == ["robin@build-7 since 2026-11-26T10:00:00Z"]
    assert FilesBackend(store, "purview-ai", ExportBackend(Path())).find("fabrikam") is None


def test_a_refusal_of_azure_storage_is_told_in_its_words_and_without_the_key(storage: LocalStorage) -> None:
    for variables, container, told in (
        (signed(storage)["key"], "no-such", "404 ContainerNotFound (request "),
        ({"AZURE_STORAGE_ACCOUNT": ACCOUNT, "AZURE_STORAGE_KEY": "bm9uZQ=="}, CONTAINER, "403 AuthorizationFailure"),
    ):
        store = BlobStore.of(storage.url().replace(f"//{CONTAINER}", f"//{container}"), variables)
        with pytest.raises(CheckpointError) as refused:
            FilesBackend(store, "purview-ai", ExportBackend(Path())).find("contoso")
        assert told in str(refused.value)
        assert "Storage Blob Data Reader" in str(refused.value)
        assert variables["AZURE_STORAGE_KEY"] not in str(refused.value)


def test_a_state_that_cannot_be_read_is_unknown_and_no_wrong_command(tenant: Tenant, storage: LocalStorage) -> None:
    refusing = {**signed(storage)["key"], "AZURE_STORAGE_KEY": "bm9uZQ==", "PULUMI_BACKEND_URL": storage.url()}
    nobody = storage.url().replace(f":{storage.port}", ":9")
    offline = {**signed(storage)["key"], "PULUMI_BACKEND_URL": nobody}
    for variables, told in ((refusing, "403 AuthorizationFailure"), (offline, "Azure Storage: ")):
        said = drift_of(tenant, **variables)
        assert said.code == 3
        assert told in said.stack["problem"]
        assert said.stack["deployed"]


def test_a_tenant_whose_state_the_engine_keeps_in_azure_storage(
    tenant: Tenant, operator: Person, storage: LocalStorage
) -> None:
    tenant.environment |= storage.backend("/deployed")
    tenant.make()
    tenant.up().must_succeed()
    assert (drift_of(tenant).code, drift_of(tenant).changed) == (0, set())
    vault = operator.get(VAULT)
    operator.do("PUT", VAULT, json=vault | {"tags": {"owner": "somebody else"}})
    assert drift_of(tenant).changed == {("custody-vault", "tags")}
    # The same state, packed by the engine.
    tenant.environment |= {"PULUMI_DIY_BACKEND_GZIP": "true"}
    assert tenant.refresh().code == 7
    tenant.up("--refresh").must_succeed()
    assert any(
        str(one).endswith(".json.gz") for one in storage.container().list_blob_names(name_starts_with="deployed/")
    )
    assert drift_of(tenant).changed == set()


@pytest.mark.deployed
def test_a_state_that_is_exported_by_the_engine_is_compared_alike(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in tenant.environment.items():
        monkeypatch.setenv(name, value)
    direct = backend_of(tenant.project, tenant.environment).find("sandbox")
    assert ExportBackend(tenant.project).find("sandbox") == direct
    assert ExportBackend(tenant.project).find("nobody") is None
    shutil.rmtree(tenant.folder / "state")
    said = drift_of(tenant)
    assert said.code == 2
    assert "there is no state of it in the backend" in said.stack["problem"]
