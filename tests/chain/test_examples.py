"""Each component alone in a program of its own: the examples, as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH
from rights import give_deployer, give_graph
from tenants import CHECKOUT, Tenant
from whole_chain import ACCOUNT, CONNECTION, LOG_WORKSPACE_ID, VAULT, WholeChain, connection_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

EXAMPLES = CHECKOUT / "examples"
SOMEBODY = Somebody(principal_name=people.SILENT[0]).user(seed.TENANT).id


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> Tenant:
    """A stack of the example that the test is about."""
    del pulumi_home
    found = Tenant(tmp_path / "stack", azure, project=EXAMPLES / str(request.param))
    found.set_config({"purview-ai:tenant": None, "purview-ai:chatgpt-compliance-key": None})
    return found


def say(example: Tenant, **settings: Any) -> None:
    """Settings of the example's own."""
    file = yaml.safe_load(example.file.read_text())
    project = yaml.safe_load((example.project / "Pulumi.yaml").read_text())["name"]
    file["config"] |= {f"{project}:{name}": value for name, value in settings.items()}
    example.file.write_text(yaml.safe_dump(file))


def lives(example: Tenant, *made: str) -> None:
    """It makes these, has nothing to change afterwards, and takes them away again."""
    assert set(example.up().must_succeed().steps) == set(made)
    assert example.preview("--expect-no-changes").must_succeed().steps == {}
    assert set(example.destroy().must_succeed().steps) == set(made)


@pytest.mark.parametrize("example", ["purview_account"], indirect=True)
def test_the_account_is_found(example: Tenant) -> None:
    lives(example)


@pytest.mark.parametrize("example", ["app_role_grants"], indirect=True)
def test_app_roles_are_given(example: Tenant) -> None:
    say(example, identity=seed.PURVIEW_IDENTITY)
    lives(example, "grants-process-conversations")


@pytest.mark.parametrize("example", ["key_custody"], indirect=True)
def test_a_key_is_kept(example: Tenant) -> None:
    example.set_key("sk-of-some-vendor", project="key-custody", name="key")
    lives(
        example,
        "custody-vault",
        "custody-vendor-key",
        "custody-deployer-manages",
        "custody-reads-7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51",
    )


@pytest.mark.parametrize("example", ["interaction_collection"], indirect=True)
def test_a_collection_is_made(example: Tenant, operator: Person) -> None:
    give_deployer(operator, "collection-administrator")
    role = "collection-ai-readers-purview-reader-7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51"
    lives(example, "collection-collection", role)


@pytest.mark.parametrize("example", ["interaction_source"], indirect=True)
def test_a_workspace_is_captured(example: Tenant, operator: Person) -> None:
    chain = WholeChain(operator)
    chain.open_vault()
    chain.grant_both()
    operator.do("PUT", CONNECTION, json=connection_body())
    tenant = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())["config"]["purview-ai:tenant"]
    say(example, source=tenant["sources"]["chatgpt"])
    lives(example, *(f"chatgpt-{what}" for what in ("credential", "source", "scan", "trigger", "run")))


@pytest.mark.parametrize("example", ["diagnostics"], indirect=True)
def test_audit_logs_are_sent(example: Tenant, operator: Person) -> None:
    WholeChain(operator).vault()
    say(example, workspace=LOG_WORKSPACE_ID, vault=VAULT.removeprefix("https://management.azure.com"))
    lives(example, "diagnostics-vault")


@pytest.mark.parametrize("example", ["alerts"], indirect=True)
def test_somebodys_runs_are_watched(example: Tenant) -> None:
    account = ACCOUNT.removeprefix("https://management.azure.com")
    say(example, group=seed.TENANT_GROUP, location=seed.LOCATION, workspace=LOG_WORKSPACE_ID, account=account)
    lives(example, "alerts-failed-run", "alerts-no-success-chatgpt")


@pytest.mark.parametrize("example", ["insider_risk_access"], indirect=True)
def test_insider_risk_is_looked_at(example: Tenant, operator: Person) -> None:
    give_graph(operator, "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess")
    say(example, application=seed.CHATGPT_APP, emergency=SOMEBODY)
    lives(example, "access-policy")


@pytest.mark.parametrize("example", ["people_groups"], indirect=True)
def test_groups_are_made_and_given_a_role(example: Tenant, operator: Person) -> None:
    give_graph(operator, "Group.ReadWrite.All", "User.Read.All", "RoleManagement.ReadWrite.Directory")
    say(example, owner=SOMEBODY)
    lives(example, "people-compliance", "people-compliance-compliance-administrator", "people-viewers")


@pytest.mark.parametrize("example", ["ediscovery_case"], indirect=True)
def test_a_case_is_made_and_stays(example: Tenant, operator: Person) -> None:
    give_graph(operator, "eDiscovery.ReadWrite.All")
    lives(example, "ediscovery-case", "ediscovery-search-chatgpt")
    [case] = operator.get(f"{GRAPH}/v1.0/security/cases/ediscoveryCases")["value"]
    assert case["displayName"] == "AI interactions"


def test_each_example_is_tested() -> None:
    tests = Path(__file__).read_text()
    assert [folder.name for folder in EXAMPLES.iterdir() if f'["{folder.name}"]' not in tests] == []
