"""App roles on the engine: managed by the stack, or expected from somebody who has the rights to give them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml
from local_azure import seed
from people import GRAPH, Person
from tenants import CHECKOUT, STACK, Tenant
from whole_chain import ACCOUNT, WholeChain, let_the_deployer_make_service_principals

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

HELD = f"{GRAPH}/v1.0/servicePrincipals/{seed.PURVIEW_IDENTITY}/appRoleAssignments"


def test_expected_app_roles_need_no_rare_right_and_are_left_alone(tenant: Tenant, operator: Person) -> None:
    rare = f"{GRAPH}/v1.0/servicePrincipals/{seed.DEPLOYER_ID}/appRoleAssignments"
    for one in operator.get(rare)["value"]:
        if one["appRoleId"] == "06b708a9-e830-4db3-a914-8e69da51d44f":
            operator.do("DELETE", f"{rare}/{one['id']}")
    managed = tenant.up().must_fail().words
    assert "403 Authorization_RequestDenied" in managed
    assert "AppRoleAssignment.ReadWrite.All" in managed
    tenant.change({"grants": "expected"})
    for refused in (tenant.preview(), tenant.up()):
        # Both are missing; the engine stops at whichever it hears of first.
        assert "is expected and not there" in refused.must_fail().words
    WholeChain(operator).grant_both()
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    tenant.destroy().must_succeed()
    assert len(operator.get(HELD)["value"]) == 2


def test_app_roles_that_were_given_by_hand_are_taken_over(tenant: Tenant, operator: Person) -> None:
    WholeChain(operator).grant_both()
    assert "User.Read.All" in tenant.preview().must_succeed().words
    tenant.up().must_succeed()
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    tenant.change({"grants": {"read_users": False}})
    assert tenant.preview().must_succeed().steps == {"grants-read-users": "delete"}
    tenant.up().must_succeed()
    assert len(operator.get(HELD)["value"]) == 2


PRINCIPALS = f"{GRAPH}/v1.0/servicePrincipals"
PURVIEW_API = "9ec59623-ce40-4dc8-a635-ed0275b5d58a"


def of_the_purview_api(operator: Person) -> list[str]:
    """The object ids of the Purview API's service principals."""
    return [one["id"] for one in operator.get(PRINCIPALS)["value"] if one["appId"] == PURVIEW_API]


def test_a_missing_service_principal_is_made_only_when_asked_for_and_stays(tenant: Tenant, operator: Person) -> None:
    operator.do("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_API}")
    missing = tenant.preview().must_fail()
    assert f"the service principal of the Purview API ({PURVIEW_API}) was not found out" in missing.words
    assert "grants.create_service_principal: true" in missing.words

    tenant.change({"grants": {"create_service_principal": True}})
    assert tenant.preview().must_succeed().steps["grants-service-principal"] == "create"
    refused = tenant.up().must_fail()
    assert "the service principal of the Purview API was not created" in refused.words
    assert "Application.ReadWrite.All" in refused.words
    let_the_deployer_make_service_principals(operator)
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    made = of_the_purview_api(operator)

    assert "protected" in tenant.destroy().must_fail().words
    tenant.unprotect("grants-service-principal")
    tenant.destroy().must_succeed()
    assert of_the_purview_api(operator) == made
    tenant.change({"vault.recover": True})
    again = tenant.up().must_fail()
    assert "take grants.create_service_principal out" in again.words


def test_who_only_expects_makes_no_service_principal(tenant: Tenant) -> None:
    tenant.change({"grants": {"mode": "expected", "create_service_principal": True}})
    refused = tenant.preview().must_fail()
    assert "grants.mode = 'expected'" in refused.words
    assert "makes no service principal" in refused.words


@pytest.fixture
def grants(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> Tenant:
    """A stack of the program for the grants of an account."""
    del pulumi_home
    found = Tenant(tmp_path / "grants", azure, project=CHECKOUT / "grants")
    shutil.copy(CHECKOUT / "grants" / "account.example.yaml", found.file)
    found.set_config({"azure-native:subscriptionId": seed.SUBSCRIPTION})
    return found


def test_the_grants_of_an_account_are_given_by_a_program_of_their_own(
    grants: Tenant, tenant: Tenant, operator: Person
) -> None:
    done = grants.up().must_succeed()
    assert set(done.steps) == {"grants-process-conversations", "grants-read-users"}
    assert grants.preview("--expect-no-changes").must_succeed().steps == {}
    assert grants.refresh().must_succeed().steps == {}
    tenant.change({"grants": "expected"})
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    tenant.destroy().must_succeed()
    assert len(operator.get(HELD)["value"]) == 2
    for account in ("default", ACCOUNT.removeprefix("https://management.azure.com")):
        say(grants, account=account)
        assert grants.preview("--expect-no-changes").must_succeed().steps == {}
    grants.destroy().must_succeed()
    assert operator.get(HELD)["value"] == []


def test_mistakes_in_the_grants_of_an_account_are_told_at_once(grants: Tenant) -> None:
    say(grants, account="contoso_purview", read_userz=True)
    grants.set_config({"azure-native:subscriptionId": "6f0c9f0e"})
    refused = grants.preview().must_fail()
    assert f"{STACK}: 3 settings are wrong" in refused.words
    assert "did you mean read_users?" in refused.words
    assert grants.azure.requests() == []
    grants.set_config({"purview-ai:grants": None})
    assert "account it is missing fix: The Purview account: its name" in grants.preview().must_fail().words


def say(grants: Tenant, **block: object) -> None:
    """What the stack file has under ``purview-ai:grants``."""
    file = yaml.safe_load(grants.file.read_text())
    file["config"]["purview-ai:grants"] = block
    grants.file.write_text(yaml.safe_dump(file))
