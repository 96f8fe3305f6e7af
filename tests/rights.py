"""Roles in the Data Map and permissions of Microsoft Graph that an operator gives for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure import seed
from local_azure.directory import GRAPH_ROLES
from people import GRAPH, PURVIEW

if TYPE_CHECKING:
    from people import Person

HELD = f"{GRAPH}/v1.0/servicePrincipals/{seed.DEPLOYER_ID}/appRoleAssignments"
STORE = {"api-version": "2021-07-01"}


def give_deployer(operator: Person, *roles: str, principal: str = seed.DEPLOYER_ID) -> None:
    """The deployer, or somebody else, holds these roles on the root collection, and so on all below it."""
    listed = operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=seed.ACCOUNT, **STORE)
    [policy] = listed["values"]
    for role in roles:
        name = f"purviewmetadatarole_builtin_{role}:{seed.ACCOUNT}"
        rules = {rule["id"]: rule for rule in policy["properties"]["attributeRules"]}
        members = rules[name]["dnfCondition"][0][0]["attributeValueIncludedIn"]
        members.append(principal)
    url = f"{PURVIEW}/policystore/metadataPolicies/{policy['id']}"
    operator.do("PUT", url, params=STORE, json=policy)


def give_graph(operator: Person, *permissions: str) -> None:
    """The deployer holds these application permissions of Microsoft Graph."""
    wanted = {"principalId": seed.DEPLOYER_ID, "resourceId": seed.GRAPH}
    for permission in permissions:
        operator.do("POST", HELD, json={**wanted, "appRoleId": GRAPH_ROLES[permission]})


def take_graph(operator: Person, permission: str) -> None:
    """The deployer does not hold this application permission any more."""
    for one in operator.get(HELD)["value"]:
        if one["appRoleId"] == GRAPH_ROLES[permission]:
            operator.do("DELETE", f"{HELD}/{one['id']}")
