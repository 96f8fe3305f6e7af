"""Roles in the Data Map that an operator gives for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure import seed
from local_azure.directory import GRAPH_ROLES
from people import GRAPH, PURVIEW

if TYPE_CHECKING:
    from people import Person

HELD = f"{GRAPH}/v1.0/servicePrincipals/{seed.DEPLOYER_ID}/appRoleAssignments"
STORE = {"api-version": "2021-07-01"}


def give_deployer(operator: Person, *roles: str) -> None:
    """The deployer holds these roles on the root collection, and so on all below it."""
    listed = operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=seed.ACCOUNT, **STORE)
    [policy] = listed["values"]
    for role in roles:
        name = f"purviewmetadatarole_builtin_{role}:{seed.ACCOUNT}"
        rules = {rule["id"]: rule for rule in policy["properties"]["attributeRules"]}
        members = rules[name]["dnfCondition"][0][0]["attributeValueIncludedIn"]
        members.append(seed.DEPLOYER_ID)
    url = f"{PURVIEW}/policystore/metadataPolicies/{policy['id']}"
    operator.do("PUT", url, params=STORE, json=policy)


def give_app_roles(operator: Person, *values: str) -> None:
    """The deployer holds these permissions of Microsoft Graph, too."""
    for value in values:
        body = {"principalId": seed.DEPLOYER_ID, "resourceId": seed.GRAPH, "appRoleId": GRAPH_ROLES[value]}
        operator.do("POST", HELD, json=body)
