"""What the local Azure has, asked through the services' own APIs, by the ids that a state would have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure import seed
from people import ARM, GRAPH, PURVIEW
from rights import STORE
from whole_chain import ACCOUNT, GROUP, VAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from people import Person

SUBSCRIPTION = f"/subscriptions/{seed.SUBSCRIPTION}"
ACCOUNT_ID = ACCOUNT.removeprefix(ARM)
_COLLECTIONS = {"api-version": "2019-11-01-preview"}
_SETTINGS = {"api-version": "2021-05-01-preview"}
_RULES = {"api-version": "2023-12-01"}
_BUILT_IN = "purviewmetadatarole_builtin_"


def inventory(operator: Person) -> set[str]:
    """All of it, in small letters; what is kept as deleted has that word in front."""
    found = {
        *_data_map(operator),
        *_collection_roles(operator),
        *_vaults(operator),
        *_in_azure(operator),
        *_directory(operator),
        *_ediscovery(operator),
    }
    return {one.lower() for one in found}


def _listed(operator: Person, url: str, **params: str) -> list[dict[str, Any]]:
    answer = operator.ask("GET", url, params=params)
    return answer.json()["value"] if answer.is_success else []


def _data_map(operator: Person) -> Iterator[str]:
    api = f"{PURVIEW}/scan"
    for kind in ("azureKeyVaults", "credentials"):
        yield from (f"{ACCOUNT_ID}/{kind}/{one['name']}" for one in _listed(operator, f"{api}/{kind}"))
    for source in _listed(operator, f"{api}/datasources"):
        path = f"datasources/{source['name']}"
        yield f"{ACCOUNT_ID}/{path}"
        for scan in _listed(operator, f"{api}/{path}/scans"):
            below = f"{path}/scans/{scan['name']}"
            yield f"{ACCOUNT_ID}/{below}"
            if operator.ask("GET", f"{api}/{below}/triggers/default").is_success:
                yield f"{ACCOUNT_ID}/{below}/triggers/default"
            if _listed(operator, f"{api}/{below}/runs"):
                yield f"{ACCOUNT_ID}/{below}/runs"
    for one in _listed(operator, f"{PURVIEW}/account/collections", **_COLLECTIONS):
        yield f"{ACCOUNT_ID}/collections/{one['name']}"


def _collection_roles(operator: Person) -> Iterator[str]:
    answer = operator.get(f"{PURVIEW}/policystore/metadataPolicies", **STORE)
    for policy in answer["values"]:
        for rule in policy["properties"]["attributeRules"]:
            if not rule["id"].startswith(_BUILT_IN):
                continue
            role, _, collection = rule["id"].removeprefix(_BUILT_IN).rpartition(":")
            for matchers in rule["dnfCondition"]:
                for member in matchers[0].get("attributeValueIncludedIn", []):
                    yield f"{ACCOUNT_ID}/collections/{collection}/roles/{role}/{member}"


def _vaults(operator: Person) -> Iterator[str]:
    url = f"{ARM}{SUBSCRIPTION}/providers/Microsoft.KeyVault"
    yield from (f"deleted {one['properties']['vaultId']}" for one in _listed(operator, f"{url}/deletedVaults"))
    if operator.ask("GET", VAULT).is_success:
        vault = VAULT.removeprefix(ARM)
        yield vault
        yield from (f"{vault}/secrets/{one['name']}" for one in _listed(operator, f"{VAULT}/secrets"))
        deleted = f"https://{vault.rsplit('/', 1)[-1]}.vault.azure.net/deletedsecrets"
        for one in _listed(operator, deleted):
            yield f"deleted {vault}/secrets/{one['id'].partition('/secrets/')[2].partition('/')[0]}"


def _in_azure(operator: Person) -> Iterator[str]:
    yield ACCOUNT_ID
    for scope in (GROUP, ACCOUNT, VAULT):
        for one in _listed(operator, f"{scope}/providers/Microsoft.Authorization/roleAssignments"):
            yield one["id"]
    for scope in (ACCOUNT, VAULT):
        for one in _listed(operator, f"{scope}/providers/Microsoft.Insights/diagnosticSettings", **_SETTINGS):
            yield one["id"]
    for one in _listed(operator, f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules", **_RULES):
        yield one["id"]


def _directory(operator: Person) -> Iterator[str]:
    graph = f"{GRAPH}/v1.0"
    principals = _listed(operator, f"{graph}/servicePrincipals")
    yield from (f"/servicePrincipals/{one['id']}" for one in principals)
    for one in _listed(operator, f"{graph}/servicePrincipals/{seed.PURVIEW_IDENTITY}/appRoleAssignments"):
        yield f"/servicePrincipals/{seed.PURVIEW_IDENTITY}/{one['resourceId']}/{one['appRoleId']}"
    for path in ("identity/conditionalAccess/policies", "groups", "roleManagement/directory/roleAssignments"):
        yield from (f"/{path}/{one['id']}" for one in _listed(operator, f"{graph}/{path}"))


def _ediscovery(operator: Person) -> Iterator[str]:
    path = "/security/cases/ediscoveryCases"
    for case in _listed(operator, f"{GRAPH}/v1.0{path}"):
        yield f"{path}/{case['id']}"
        for search in _listed(operator, f"{GRAPH}/v1.0{path}/{case['id']}/searches"):
            yield f"{path}/{case['id']}/searches/{search['id']}"
