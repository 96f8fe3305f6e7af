"""A Purview account's whole life through the stand-in for azure-native, on a local Azure of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from local_azure.process import LocalAzure
from people import GRAPH, Person
from plugin_process import PluginProcess, RefusedError
from whole_chain import ACCOUNT, settled_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPE = "azure-native:purview:Account"


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[LocalAzure]:
    """Not the shared one: a tenant has one account, and this test takes it away."""
    found = LocalAzure.start(tmp_path / "azure", pace=0.02, warm=True)
    yield found
    found.kill()


@pytest.fixture
def accounts(azure: LocalAzure) -> Iterator[PluginProcess]:
    variables = {**azure.network(), **azure.deployer(), "STAND_INS_PACE": "0.001"}
    plugin = PluginProcess.start("stand_ins.azure_native", variables)
    plugin.configure()
    yield plugin.of(TYPE)
    plugin.stop()


def inputs(**more: object) -> dict[str, Any]:
    return {
        "resourceGroupName": seed.TENANT_GROUP,
        "accountName": "contoso-new",
        "location": seed.LOCATION,
        "identity": {"type": "SystemAssigned"},
        "publicNetworkAccess": "Enabled",
        **more,
    }


def calls(azure: LocalAzure) -> list[str]:
    return [f"{line['method']} {line['status']}" for line in azure.requests() if line["service"] == "arm"]


@pytest.mark.fact(31)
@pytest.mark.fact(46)
def test_an_account_is_made_changed_refreshed_and_deleted(
    azure: LocalAzure, accounts: PluginProcess, operator: Person
) -> None:
    with pytest.raises(RefusedError, match='Status=409 Code="Conflict" Message="Validation failed for contoso-new'):
        accounts.create(inputs())
    operator.do("DELETE", ACCOUNT)
    assert settled_account(operator) is None
    azure.forget_requests()
    made, outputs = accounts.create(inputs())
    asked = calls(azure)
    assert asked[:2] == ["GET 404", "PUT 201"]
    assert set(asked[2:]) == {"GET 200"}
    assert outputs["provisioningState"] == "Succeeded"
    principal = operator.get(f"{GRAPH}/v1.0/servicePrincipals/{outputs['identity']['principalId']}")
    assert principal["displayName"] == "contoso-new"
    changed = accounts.update(made, outputs, inputs(tags={"team": "security"}))
    assert (changed["tags"], changed["identity"]) == ({"team": "security"}, outputs["identity"])
    settled_account(operator, f"https://management.azure.com{made}")
    assert accounts.read(made, changed, inputs(tags={"team": "security"}))[0] == made
    azure.forget_requests()
    accounts.delete(made, inputs())
    assert calls(azure)[0] == "DELETE 202"
    assert calls(azure)[-1] == "GET 200"
    assert accounts.read(made, changed, inputs())[0] == ""
