"""Where an account's Data Map answers, in every form that accounts were seen to have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from estate import connection, credential, scan, source, whole_tenant
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from purview_ai.objects.failures import ObjectError
from small_engine import SmallEngine

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

CLASSIC = f"{seed.ACCOUNT}.purview.azure.com"
TENANT_HOST = f"{seed.TENANT}-api.purview-service.microsoft.com"
FORMS = [
    (Circumstances(), CLASSIC),
    (Circumstances(scan_endpoint="bare"), CLASSIC),
    (Circumstances(scan_endpoint="missing"), CLASSIC),
    (Circumstances(host="tenant"), TENANT_HOST),
    (Circumstances(host="tenant", scan_endpoint="bare"), TENANT_HOST),
    (Circumstances(host="tenant-only"), TENANT_HOST),
    (Circumstances(host="tenant", tenant_host_refuses_applications=True), CLASSIC),
]


def hosts(azure: LocalAzure) -> set[str]:
    """The Purview hosts that were written to."""
    return {r["host"] for r in azure.requests() if r["service"] == "purview" and r["method"] != "GET"}


@pytest.mark.parametrize(("form", "host"), FORMS, ids=lambda value: str(value)[:60])
def test_the_data_map_is_found_in_every_form(
    stack: SmallEngine, azure: LocalAzure, form: Circumstances, host: str
) -> None:
    azure.set_circumstances(form)
    stack.up({"connection": connection(), "credential": credential(), "source": source(), "scan": scan()})
    assert hosts(azure) == {host}
    assert stack.drift() == {}


def test_a_move_between_the_forms_replaces_nothing(stack: SmallEngine, azure: LocalAzure) -> None:
    stack.up(whole_tenant())
    for form, host in FORMS:
        azure.set_circumstances(form)
        azure.forget_requests()
        stack.new_process()
        assert stack.preview(whole_tenant()) == {}
        assert stack.drift() == {}
        assert {r["host"] for r in azure.requests() if r["service"] == "purview" and r["status"] == 200} == {host}


def test_what_a_user_says_comes_first(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(host="tenant"))
    block = {"purview": {"endpoint": f"https://{CLASSIC}/scan"}}
    stack.config["purview-ai:tenant"] = json.dumps(block)
    stack.up({"connection": connection()})
    assert hosts(azure) == {CLASSIC}
    assert not [r for r in azure.requests() if r["service"] == "arm"]


def test_an_account_that_only_carries_the_billing_is_not_taken(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(host="tenant-only", scan_endpoint="missing"))
    with pytest.raises(ObjectError, match="an account that only carries the billing has none") as stopped:
        stack.preview({"connection": connection()})
    assert 'Key Vault connection "contoso-kv"' in str(stopped.value)


def test_an_account_that_is_not_there_is_told_as_such(stack: SmallEngine) -> None:
    nowhere = connection(account_id=connection()["account_id"].replace(seed.ACCOUNT, "nobodys-purview"))
    with pytest.raises(ObjectError, match=r"knows no Purview account .*nobodys-purview"):
        stack.up({"connection": nowhere})


def test_lists_are_read_to_their_last_page(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(page_size=1))
    sources = {f"s{n}": source(f"workspace-{n}", name=f"source-{n}") for n in range(4)}
    stack.up(sources)
    other = SmallEngine.of(azure)
    with pytest.raises(Exception, match='registered already as "source-3"'):
        other.up({"again": source("workspace-3")})


@pytest.mark.parametrize(("cloud", "suffix"), [("usgovernment", "us"), ("china", "cn")])
def test_each_cloud_has_hosts_of_its_own(azure: LocalAzure, cloud: str, suffix: str) -> None:
    azure.set_circumstances(Circumstances(scan_endpoint="missing"))
    stack = SmallEngine.of(azure)
    stack.config["azure-native:environment"] = cloud
    stack.up({"connection": connection()})
    assert hosts(azure) == {f"{seed.ACCOUNT}.purview.azure.{suffix}"}
    assert stack.drift() == {}
