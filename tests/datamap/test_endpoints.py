"""Where an account's Data Map answers, in every form that accounts were seen to have."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from azure.identity import AzureCliCredential
from estate import ACCOUNT, connection, credential, role, scan, source, whole_tenant
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from people import ARM
from purview_ai.calls.patience import Patience
from purview_ai.calls.service import Service
from purview_ai.datamap.client import DataMap
from purview_ai.objects.failures import ObjectError, UnreachableError
from purview_ai.settings.purview import PurviewSettings
from pydantic import ValidationError
from small_engine import SmallEngine
from whole_chain import role_body, role_url

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

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


@pytest.mark.parametrize(
    "address",
    [
        f"https://evil.example\\@{CLASSIC}",
        f"https://evil.example@{CLASSIC}",
        f"https://evil.example#{CLASSIC}",
        f"https://evil.example/{CLASSIC}",
        f"http://{CLASSIC}",
        "https://evil.example",
        f"https://{CLASSIC}.evil.example",
        f"https://{CLASSIC}\n",
    ],
)
def test_no_token_goes_to_an_address_that_some_client_may_read_otherwise(
    stack: SmallEngine, azure: LocalAzure, address: str
) -> None:
    """Neither where the program refuses it, nor where no program runs."""
    with pytest.raises(ValidationError, match="a host of Purview"):
        PurviewSettings.model_validate({"account": "contoso", "collection": "it", "endpoint": address})
    stack.config["purview-ai:tenant"] = json.dumps({"purview": {"endpoint": address}})
    with pytest.raises(ObjectError, match="leads to no host of Purview"):
        stack.up({"connection": connection()})
    assert hosts(azure) == set()


def test_an_account_that_only_carries_the_billing_is_not_taken(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(host="tenant-only", scan_endpoint="missing"))
    with pytest.raises(ObjectError, match="an account that only carries the billing has none") as stopped:
        stack.preview({"connection": connection()})
    assert 'Key Vault connection "contoso-kv"' in str(stopped.value)


def test_an_account_that_is_not_there_is_told_as_such(stack: SmallEngine) -> None:
    nowhere = connection(account_id=connection()["account_id"].replace(seed.ACCOUNT, "nobodys-purview"))
    with pytest.raises(ObjectError, match=r"knows no Purview account .*nobodys-purview"):
        stack.up({"connection": nowhere})


@pytest.mark.parametrize("status", [404, 503])
def test_an_odd_answer_is_no_reason_to_stay(stack: SmallEngine, azure: LocalAzure, status: int) -> None:
    azure.set_circumstances(Circumstances(host="tenant"))
    odd = {"effect": "status", "status": status, "code": "Odd"}
    azure.weather(**odd, service="purview", method="GET", path="/scan/datasources", times=1)
    stack.up({"connection": connection()})
    assert hosts(azure) == {CLASSIC}


def test_an_address_that_nobody_confirmed_is_looked_for_again(azure: LocalAzure, operator: Person) -> None:
    """Without a role every host refuses; once there is one, it shows which host takes it."""
    azure.set_circumstances(Circumstances(host="tenant", tenant_host_refuses_applications=True))
    stranger = SmallEngine.of(azure, seed.STRANGER_APP, seed.STRANGER_SECRET)
    operator.do("PUT", role_url(f"{ARM}{ACCOUNT}"), json=role_body(seed.ACCOUNT_READER, seed.STRANGER_ID))
    with pytest.raises(ObjectError, match="403"):
        stranger.provider.create(connection())
    SmallEngine.of(azure).up({"role": role(role="data-source-administrator", principal_id=seed.STRANGER_ID)})
    azure.forget_requests()
    os.environ.update(stranger.environment)
    stranger.provider.create(connection())
    assert hosts(azure) == {CLASSIC}


def test_a_next_page_on_another_host_is_not_asked() -> None:
    """The token would go there."""

    @dataclass
    class Answering(Service):
        asked: list[str] = field(default_factory=list[str])

        def send(self, method: str, url: str, body: Any, query: dict[str, str], *, tries: int = 1) -> dict[str, Any]:
            del method, body, query, tries
            self.asked.append(url)
            return {"value": [], "nextLink": "https://elsewhere.example/scan/datasources?page=2"}

    service = Answering("Purview", "", AzureCliCredential())
    there = DataMap(service, f"https://{CLASSIC}", ACCOUNT, Patience(lambda _: None))
    with pytest.raises(UnreachableError, match="another host"):
        list(there.list("/datasources"))
    assert service.asked == [f"https://{CLASSIC}/scan/datasources"]


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
