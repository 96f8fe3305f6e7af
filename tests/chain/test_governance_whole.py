"""The whole governance of a tenant, switched on and off around a scan that never notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH
from rights import give_graph

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

EMERGENCY, OWNER, MEMBER = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:3])
COMPLIANCE = {
    "display_name": "Purview AI - compliance",
    "owners": [OWNER],
    "members": [MEMBER],
    "directory_roles": ["Compliance Administrator"],
}
WHOLE: dict[str, Any] = {
    "conditional_access": {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}},
    "people": {"groups": {"compliance": COMPLIANCE}},
    "ediscovery": {"case": {"name": "AI interactions"}, "searches": {"chatgpt": {"app": "chatgpt-enterprise"}}},
    "scripts": {"retention": {"days": 2555}, "capture": {}},
}
AROUND = {
    "conditional-access-policy",
    "people-compliance",
    "people-compliance-compliance-administrator",
    "ediscovery-case",
    "ediscovery-search-chatgpt",
}
OF_THE_SCAN = (
    *("chatgpt-source", "chatgpt-scan", "chatgpt-run", "chatgpt-trigger", "chatgpt-credential"),
    *("custody-vault", "custody-connection"),
)
CASES = f"{GRAPH}/v1.0/security/cases/ediscoveryCases"


def told(tenant: Tenant) -> list[dict[str, Any]]:
    """What the state has of source, scan and vault."""
    return [tenant.recorded(name)["outputs"] for name in OF_THE_SCAN]


def wrote_to(tenant: Tenant) -> set[str]:
    """The hosts that were written to since requests were forgotten."""
    return {line.split()[1].partition("/")[0] for line in tenant.writes()}


@pytest.mark.deployed
def test_the_whole_governance_goes_on_and_off_without_a_write_to_source_scan_or_vault(
    tenant: Tenant, operator: Person
) -> None:
    give_graph(
        operator,
        *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "RoleManagement.ReadWrite.Directory"),
        *("Group.ReadWrite.All", "User.Read.All", "eDiscovery.ReadWrite.All"),
    )
    run, before = operator.run_of(), told(tenant)
    assert run["status"] == "Succeeded"

    tenant.change({"governance": WHOLE})
    tenant.azure.forget_requests()
    assert tenant.preview().must_succeed().steps == dict.fromkeys(AROUND, "create")
    assert tenant.writes() == []
    assert tenant.up().must_succeed().steps == dict.fromkeys(AROUND, "create")
    assert wrote_to(tenant) == {"graph.microsoft.com"}
    tenant.azure.forget_requests()
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert tenant.writes() == []
    assert told(tenant) == before

    tenant.change({"governance": None})
    tenant.azure.forget_requests()
    assert "ediscovery-case delete[retain]" in tenant.run("preview").must_succeed().words
    done = tenant.up().must_succeed()
    assert done.steps == dict.fromkeys(AROUND, "delete")
    assert wrote_to(tenant) == {"graph.microsoft.com"}
    assert not [line for line in tenant.writes() if "ediscoveryCases" in line]
    [kept] = operator.get(CASES)["value"]
    assert kept["displayName"] == "AI interactions"
    assert operator.get(f"{GRAPH}/v1.0/identity/conditionalAccess/policies")["value"] == []
    assert operator.get(f"{GRAPH}/v1.0/groups")["value"] == []

    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert told(tenant) == before
    assert operator.run_of() == run
