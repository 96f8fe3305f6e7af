"""Blob Storage, judged by Microsoft's own client: what it keeps, and who may read and write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from answers import refused
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobBlock, ContainerClient
from clients import lead_clients_into
from local_azure import seed
from state_estate import (
    BLOB_CONTRIBUTOR,
    BLOB_READER,
    STORAGE,
    STORAGE_API,
    account_body,
    containers,
    give,
    make_account,
)
from waiting import until
from whole_chain import SUBSCRIPTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.process import LocalAzure
    from people import Person

ACCOUNT = "stcontosostate"
MINE, OTHERS = "state-contoso", "state-fabrikam"


@pytest.fixture
def opened(azure: LocalAzure, operator: Person, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ContainerClient]:
    """Containers of an account, as the stranger opens them with Microsoft's client."""
    lead_clients_into(azure, monkeypatch)
    make_account(operator, ACCOUNT, MINE, OTHERS)
    credential = ClientSecretCredential(seed.TENANT, seed.STRANGER_APP, seed.STRANGER_SECRET)
    url = f"https://{ACCOUNT}.blob.core.windows.net"
    return lambda name: ContainerClient(url, name, credential=credential, retry_total=0)


def test_blobs_are_written_read_listed_copied_and_deleted(
    operator: Person, opened: Callable[[str], ContainerClient]
) -> None:
    give(operator, f"{containers(ACCOUNT)}/{MINE}", BLOB_CONTRIBUTOR)
    mine = opened(MINE)
    for name in (".pulumi/stacks/a/Prod.json", ".pulumi/stacks/a/prod.json", ".pulumi/meta.yaml", "empty"):
        mine.upload_blob(name, b"" if name == "empty" else name.encode(), metadata={"of": "me"})
    assert mine.download_blob(".pulumi/stacks/a/Prod.json").readall() == b".pulumi/stacks/a/Prod.json"
    assert mine.download_blob(".pulumi/meta.yaml", offset=1, length=6).readall() == b"pulumi"
    assert mine.download_blob("empty").readall() == b""
    assert mine.get_blob_client("empty").get_blob_properties().metadata == {"of": "me"}
    assert [blob.name for blob in mine.list_blobs(name_starts_with=".pulumi/stacks")] == [
        ".pulumi/stacks/a/Prod.json",
        ".pulumi/stacks/a/prod.json",
    ]
    assert {one.name for one in mine.walk_blobs(".pulumi/")} == {".pulumi/meta.yaml", ".pulumi/stacks/"}
    pages = mine.list_blobs(results_per_page=3).by_page()
    assert [len(list(page)) for page in pages] == [3, 1]

    copied = mine.get_blob_client("copy")
    assert copied.start_copy_from_url(mine.get_blob_client(".pulumi/meta.yaml").url)["copy_status"] == "success"
    copied.stage_block("MQ==", b"one ")
    copied.stage_block("Mg==", b"two")
    assert copied.download_blob().readall() == b".pulumi/meta.yaml"
    copied.commit_block_list([BlobBlock("MQ=="), BlobBlock("Mg==")])
    assert copied.download_blob().readall() == b"one two"
    with pytest.raises(HttpResponseError, match="BlobAlreadyExists"):
        copied.upload_blob(b"not over what is there")
    copied.delete_blob()
    with pytest.raises(ResourceNotFoundError, match="BlobNotFound"):
        copied.download_blob()


def test_a_role_on_one_container_opens_no_other(operator: Person, opened: Callable[[str], ContainerClient]) -> None:
    give(operator, f"{containers(ACCOUNT)}/{MINE}", BLOB_CONTRIBUTOR)
    mine, others = opened(MINE), opened(OTHERS)
    mine.upload_blob("state.json", b"mine")
    for refused_one in (
        lambda: others.upload_blob("state.json", b"theirs"),
        lambda: list(others.list_blobs()),
        lambda: others.download_blob("state.json"),
        lambda: others.delete_blob("state.json"),
    ):
        with pytest.raises(HttpResponseError) as told:
            refused_one()
        assert told.value.status_code == 403
        assert "AuthorizationPermissionMismatch" in told.value.message


def test_who_reads_does_not_write(operator: Person, opened: Callable[[str], ContainerClient]) -> None:
    give(operator, f"{containers(ACCOUNT)}/{MINE}", BLOB_READER)
    mine = opened(MINE)
    assert list(mine.list_blobs()) == []
    for written in (lambda: mine.upload_blob("a", b""), lambda: mine.delete_blob("a")):
        with pytest.raises(HttpResponseError, match="AuthorizationPermissionMismatch"):
            written()


def test_neither_a_shared_key_nor_a_token_for_another_service_opens_it(
    azure: LocalAzure, opened: Callable[[str], ContainerClient]
) -> None:
    del opened
    key = {"account_name": ACCOUNT, "account_key": "bm8ga2V5"}
    keyed = ContainerClient(f"https://{ACCOUNT}.blob.core.windows.net", MINE, credential=key, retry_total=0)
    with pytest.raises(HttpResponseError, match="KeyBasedAuthenticationNotPermitted"):
        list(keyed.list_blobs())
    arm = azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, "https://management.azure.com/.default")
    url = f"https://{ACCOUNT}.blob.core.windows.net/{MINE}?restype=container&comp=list"
    with azure.client() as client:
        answer = client.get(url, headers={"authorization": f"Bearer {arm}"})
    assert answer.status_code == 401
    assert seed.TENANT in answer.headers["www-authenticate"]


def test_a_closed_firewall_refuses_who_has_the_role(operator: Person, opened: Callable[[str], ContainerClient]) -> None:
    give(operator, f"{containers(ACCOUNT)}/{MINE}", BLOB_READER)

    def closed_but_for(*addresses: str) -> None:
        acls = {"defaultAction": "Deny", "ipRules": [{"value": one} for one in addresses]}
        body = account_body(networkAcls=acls)
        operator.do("PUT", f"{STORAGE}/{ACCOUNT}", params=dict(STORAGE_API), json=body)

    closed_but_for("20.0.113.7")
    assert list(opened(MINE).list_blobs()) == []
    closed_but_for("198.51.100.0/24")
    with pytest.raises(HttpResponseError, match="AuthorizationFailure"):
        list(opened(MINE).list_blobs())


def test_an_accounts_name_is_taken_once(operator: Person) -> None:
    make_account(operator, ACCOUNT)
    elsewhere = f"{STORAGE}/{ACCOUNT}".replace(seed.TENANT_GROUP, seed.GOVERNANCE_GROUP)
    answer = operator.ask("PUT", elsewhere, params=dict(STORAGE_API), json=account_body())
    assert refused(answer, 409, "StorageAccountAlreadyTaken")


@pytest.mark.parametrize("bad", ["st", "St-Contoso", "a" * 25])
def test_an_accounts_name_has_3_to_24_lower_case_letters_and_digits(operator: Person, bad: str) -> None:
    answer = operator.ask("PUT", f"{STORAGE}/{bad}", params=dict(STORAGE_API), json=account_body())
    assert refused(answer, 400, "AccountNameInvalid")


def test_an_account_goes_with_its_containers_and_with_its_group(operator: Person) -> None:
    make_account(operator, ACCOUNT, MINE)
    operator.do("DELETE", f"{STORAGE}/{ACCOUNT}", params=dict(STORAGE_API))
    assert operator.ask("GET", f"{containers(ACCOUNT)}/{MINE}", params=dict(STORAGE_API)).status_code == 404
    make_account(operator, ACCOUNT, MINE)
    operator.do("DELETE", f"{SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}")
    gone = f"{STORAGE}/{ACCOUNT}"
    until(lambda: operator.ask("GET", gone, params=dict(STORAGE_API)).status_code == 404, "the end of the account")
