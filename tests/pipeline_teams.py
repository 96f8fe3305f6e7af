"""A team's repository for stories of pipelines: a deployed tenant whose key somebody else keeps, and who may look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chain.test_keys_of_others import leave_to_others
from local_azure import seed
from local_azure.directory import GRAPH_ROLES
from people import GRAPH, PURVIEW
from repositories import Repository
from whole_chain import ACCOUNT, GROUP, TRIGGER, role_body, role_url

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person

STACK = "contoso"
"""A tenant that would be missed: no rule spares it."""
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
NOT_ANYBODYS = ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID")
"""What no machine of a pipeline has by itself."""


def team_repository(folder: Path, azure: LocalAzure, operator: Person, **backend: str) -> Repository:
    """The repository, and what the identity that previews may read; with its state in a backend, where one is named."""
    repository = Repository(folder / "tenant", azure, stack=STACK)
    if backend:
        repository.environment |= backend
        repository.make()
    repository.change({"protect": None, "tags": {"owner": "security"}})
    repository.up().must_succeed()
    leave_to_others(repository)
    # Who previews and who deploys are two: a right of "whoever runs this" would change hands each time.
    repository.change({"vault.deployer_access": False})
    repository.up().must_succeed()
    repository.commit("Somebody else keeps the key")
    may_read(operator)
    return repository


def commit_on_branch(repository: Repository, message: str) -> None:
    """Commit what is changed on a branch of its own, and go back."""
    repository.git("checkout", "--quiet", "-B", "change")
    repository.commit(message)
    repository.git("checkout", "--quiet", "main")


def merge_branch(repository: Repository) -> str:
    """Merge the branch; the commit that it came as."""
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge a change", "change")
    return repository.git("rev-parse", "HEAD")


def scans_by_itself(operator: Person) -> bool:
    """Whether the tenant's trigger starts runs."""
    return operator.get(TRIGGER)["properties"]["state"] == "Enabled"


def may_read(operator: Person) -> None:
    """What README.md asks for whoever previews: reads in Azure, Graph and the Data Map."""
    for scope in (GROUP, ACCOUNT):
        operator.do("PUT", role_url(scope), json=role_body(READER, seed.STRANGER_ID))
    held = f"{GRAPH}/v1.0/servicePrincipals/{seed.STRANGER_ID}/appRoleAssignments"
    role = GRAPH_ROLES["Application.Read.All"]
    operator.do("POST", held, json={"principalId": seed.STRANGER_ID, "resourceId": seed.GRAPH, "appRoleId": role})
    give_on_collection(operator, "purview-reader", seed.STRANGER_ID)


def give_on_collection(operator: Person, role: str, holder: str) -> None:
    """A role on the tenant's collection, given by hand."""
    store = {"api-version": "2021-07-01"}
    url = f"{PURVIEW}/policystore/metadataPolicies"
    [policy] = operator.get(url, collectionName=seed.COLLECTION, **store)["values"]
    name = f"purviewmetadatarole_builtin_{role}:{seed.COLLECTION}"
    [rule] = [one for one in policy["properties"]["attributeRules"] if one["id"] == name]
    rule["dnfCondition"][0][0]["attributeValueIncludedIn"].append(holder)
    operator.do("PUT", f"{url}/{policy['id']}", params=store, json=policy)


def give_readers_a_role(repository: Repository, operator: Person) -> None:
    """Have the stack give a role on its collection, which the identity that previews and compares cannot see."""
    give_on_collection(operator, "collection-administrator", seed.DEPLOYER_ID)
    repository.change({"purview.roles": {"purview-reader": [seed.OPERATOR_ID]}})
    repository.up().must_succeed()
    repository.commit("Readers")
