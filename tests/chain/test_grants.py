"""App roles on the engine: managed by the stack, or expected from somebody who has the rights to give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure import seed
from people import GRAPH, Person
from whole_chain import WholeChain

if TYPE_CHECKING:
    from tenants import Tenant

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
