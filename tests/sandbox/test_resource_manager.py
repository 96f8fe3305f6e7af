"""Azure Resource Manager: resource groups, role assignments, diagnostic settings."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from answers import refused
from local_azure import seed
from people import ARM
from waiting import until
from whole_chain import (
    ACCOUNT,
    GROUP,
    LOG_WORKSPACE_ID,
    SECRETS_USER,
    SUBSCRIPTION,
    VAULT,
    VAULT_URL,
    VAULTS,
    WholeChain,
    role_body,
    role_url,
    vault_body,
)

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure
    from people import Person

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
NOBODY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def new_group() -> str:
    return f"{SUBSCRIPTION}/resourceGroups/rg-{uuid.uuid4().hex[:8]}"


def made_group(operator: Person) -> str:
    """A resource group of its own for one test."""
    group = new_group()
    operator.do("PUT", group, json={"location": seed.LOCATION})
    return group


def test_a_stranger_may_not_even_look(stranger: Person) -> None:
    words = refused(stranger.ask("GET", GROUP), 403, "AuthorizationFailed")
    assert "'Microsoft.Resources/subscriptions/resourceGroups/read'" in words
    assert seed.STRANGER_ID in words


def test_a_reader_reads_and_does_not_write(operator: Person, stranger: Person) -> None:
    group = new_group()
    operator.do("PUT", group, json={"location": seed.LOCATION})
    operator.do("PUT", role_url(group), json=role_body(READER, seed.STRANGER_ID))
    assert stranger.get(group)["location"] == seed.LOCATION
    assert refused(stranger.ask("PUT", group, json={"location": seed.LOCATION}), 403, "AuthorizationFailed")
    assert refused(stranger.ask("GET", GROUP), 403, "AuthorizationFailed")


def test_a_contributor_who_is_no_access_administrator_may_not_grant(operator: Person, stranger: Person) -> None:
    group = new_group()
    operator.do("PUT", group, json={"location": seed.LOCATION})
    operator.do("PUT", role_url(group), json=role_body(seed.CONTRIBUTOR, seed.STRANGER_ID))
    stranger.do("PUT", group, json={"location": seed.LOCATION, "tags": {"owner": "stranger"}})
    granting = stranger.ask("PUT", role_url(group), json=role_body(READER, seed.STRANGER_ID))
    assert "Microsoft.Authorization/roleAssignments/write" in refused(granting, 403, "AuthorizationFailed")


@pytest.mark.parametrize(
    ("version", "code"), [(None, "MissingApiVersionParameter"), ("latest", "InvalidApiVersionParameter")]
)
def test_arm_wants_an_api_version(azure: LocalAzure, operator: Person, version: str | None, code: str) -> None:
    token = azure.token(operator.app_id, operator.secret, f"{ARM}/.default")
    params = {"api-version": version} if version else {}
    answer = operator.client.get(GROUP, params=params, headers={"authorization": f"Bearer {token}"})
    assert refused(answer, 400, code)


def test_nothing_is_made_in_a_resource_group_that_does_not_exist(operator: Person) -> None:
    url = f"{new_group()}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:8]}"
    assert refused(operator.ask("PUT", url, json=vault_body()), 404, "ResourceGroupNotFound")


def test_a_resource_group_is_made_changed_and_deleted(operator: Person) -> None:
    group = new_group()
    assert operator.ask("PUT", group, json={"location": "West Europe"}).status_code == 201
    changed = operator.ask("PUT", group.upper().replace(ARM.upper(), ARM), json={"location": "westeurope"})
    assert (changed.status_code, changed.json()["name"]) == (200, group.rsplit("/", 1)[1])
    moved = operator.ask("PUT", group, json={"location": "northeurope"})
    assert refused(moved, 409, "InvalidResourceGroupLocation")

    operator.do("PUT", f"{group}/providers/Microsoft.KeyVault/vaults/kv-{group[-8:]}", json=vault_body())
    deleting = operator.ask("DELETE", group)
    assert deleting.status_code == 202

    def over() -> httpx.Response | None:
        told = operator.ask("GET", deleting.headers["location"])
        return told if told.status_code == 200 else None

    until(over, "the end of the deletion")
    assert refused(operator.ask("GET", group), 404, "ResourceGroupNotFound")
    deleted = operator.get(f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults")["value"]
    assert f"kv-{group[-8:]}" in [vault["name"] for vault in deleted]


def test_the_same_grant_under_another_name_is_a_conflict(operator: Person) -> None:
    scope = made_group(operator)
    name = str(uuid.uuid4())
    body = role_body(READER, seed.STRANGER_ID)
    assert operator.ask("PUT", role_url(scope, name), json=body).status_code == 201
    assert operator.ask("PUT", role_url(scope, name), json=body).status_code == 200
    words = refused(operator.ask("PUT", role_url(scope), json=body), 409, "RoleAssignmentExists")
    assert name.replace("-", "") in words


def test_a_role_assignment_cannot_be_changed(operator: Person) -> None:
    url = role_url(made_group(operator))
    operator.do("PUT", url, json=role_body(READER, seed.STRANGER_ID))
    other = operator.ask("PUT", url, json=role_body(SECRETS_USER, seed.STRANGER_ID))
    assert refused(other, 400, "RoleAssignmentUpdateNotPermitted")
    assert READER in operator.get(url)["properties"]["roleDefinitionId"]


def test_a_principal_that_has_not_arrived_must_be_announced_by_its_type(operator: Person) -> None:
    body = role_body(READER, NOBODY)
    operator.do("PUT", role_url(made_group(operator)), json=body)
    del body["properties"]["principalType"]
    words = refused(operator.ask("PUT", role_url(made_group(operator)), json=body), 400, "PrincipalNotFound")
    assert NOBODY.replace("-", "") in words


def test_a_role_assignment_is_named_by_a_guid_and_gives_a_role_that_exists(operator: Person) -> None:
    body = role_body(READER, seed.STRANGER_ID)
    named = operator.ask("PUT", role_url(made_group(operator), "reader"), json=body)
    assert refused(named, 400, "InvalidRoleAssignmentId")
    unknown = operator.ask("PUT", role_url(made_group(operator)), json=role_body(NOBODY, seed.STRANGER_ID))
    assert refused(unknown, 400, "RoleDefinitionDoesNotExist")
    body["properties"]["principalType"] = "User"
    assert refused(operator.ask("PUT", role_url(made_group(operator)), json=body), 400, "UnmatchedPrincipalType")


def test_a_removed_role_is_gone_and_removing_it_again_is_no_error(operator: Person, stranger: Person) -> None:
    group = new_group()
    operator.do("PUT", group, json={"location": seed.LOCATION})
    url = role_url(group)
    operator.do("PUT", url, json=role_body(READER, seed.STRANGER_ID))
    assert operator.ask("DELETE", url).status_code == 200
    assert refused(stranger.ask("GET", group), 403, "AuthorizationFailed")
    assert operator.ask("DELETE", url).status_code == 204
    assert refused(operator.ask("GET", url), 404, "RoleAssignmentNotFound")


def test_a_vaults_grants_go_with_it_and_its_neighbours_stay(operator: Person) -> None:
    name = f"kv-{uuid.uuid4().hex[:8]}"
    short, long = f"{VAULTS}/{name}", f"{VAULTS}/{name}-two"
    grants = {vault: role_url(vault) for vault in (short, long)}
    for vault, grant in grants.items():
        operator.do("PUT", vault, json=vault_body())
        operator.do("PUT", grant, json=role_body(SECRETS_USER, seed.PURVIEW_IDENTITY))
    operator.do("DELETE", short)
    assert operator.ask("GET", grants[short]).status_code == 404
    assert operator.ask("GET", grants[long]).status_code == 200


def test_a_diagnostic_setting_without_a_destination_is_refused(operator: Person) -> None:
    logs = [{"categoryGroup": "allLogs", "enabled": True}]
    url = f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/to-workspace"
    nowhere = operator.ask("PUT", url, json={"properties": {"logs": logs}})
    # Alone among ARM's providers, this one puts nothing around its errors.
    assert (nowhere.status_code, nowhere.json()["code"]) == (400, "BadRequest")
    assert "data sink" in nowhere.json()["message"]
    operator.do("PUT", url, json={"properties": {"workspaceId": LOG_WORKSPACE_ID, "logs": logs}})
    assert operator.get(url)["properties"]["workspaceId"] == LOG_WORKSPACE_ID
    assert operator.ask("DELETE", url).status_code == 200
    assert operator.ask("DELETE", url).status_code == 204


def test_a_fresh_role_is_not_seen_while_it_propagates(azure: LocalAzure, operator: Person, stranger: Person) -> None:
    WholeChain(operator).vault()
    azure.weather(effect="slow-propagation", checks=2)
    operator.do("PUT", role_url(VAULT), json=role_body(seed.VAULT_ADMIN, seed.STRANGER_ID))
    seen = [stranger.ask("GET", f"{VAULT_URL}/secrets").status_code for _ in range(3)]
    assert seen == [403, 403, 200]


def test_propagation_slows_as_many_grants_as_the_weather_lasts(
    azure: LocalAzure, operator: Person, stranger: Person
) -> None:
    azure.weather(effect="slow-propagation", checks=1, times=1)
    seen: list[int] = []
    for _ in range(2):
        group = new_group()
        operator.do("PUT", group, json={"location": seed.LOCATION})
        operator.do("PUT", role_url(group), json=role_body(READER, seed.STRANGER_ID))
        seen.append(stranger.ask("GET", group).status_code)
    assert seen == [403, 200]


def test_arm_tells_of_the_cloud_the_subscription_and_the_account(operator: Person) -> None:
    cloud = operator.client.get(f"{ARM}/metadata/endpoints", params={"api-version": "2022-09-01"}).json()
    assert cloud["authentication"]["audiences"][0] == "https://management.core.windows.net"
    assert cloud["suffixes"]["keyVaultDns"] == "vault.azure.net"
    assert operator.get(SUBSCRIPTION)["tenantId"] == seed.TENANT
    account = operator.get(ACCOUNT)
    assert account["identity"]["principalId"] == seed.PURVIEW_IDENTITY
    assert account["properties"]["endpoints"]["scan"] == f"https://{seed.ACCOUNT}.purview.azure.com/scan"
    query = {"scopeTenantId": seed.TENANT, "scopeType": "Tenant"}
    default = operator.get(f"{ARM}/providers/Microsoft.Purview/getDefaultAccount", **query)
    assert default["accountName"] == seed.ACCOUNT


def test_only_who_may_grant_may_name_a_root_collection_administrator(operator: Person, stranger: Person) -> None:
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.STRANGER_ID))
    url = f"{ACCOUNT}/addRootCollectionAdmin"
    asked = stranger.ask("POST", url, json={"objectId": seed.STRANGER_ID})
    assert "Microsoft.Authorization/roleAssignments/write" in refused(asked, 403, "AuthorizationFailed")
    operator.do("POST", url, json={"objectId": seed.STRANGER_ID})
    policies = stranger.get(
        f"https://{seed.ACCOUNT}.purview.azure.com/policystore/metadataPolicies", **{"api-version": "2021-07-01"}
    )
    assert seed.ACCOUNT in [p["properties"]["collection"]["referenceName"] for p in policies["values"]]


def test_everybody_may_ask_what_their_own_roles_allow(operator: Person, deployer: Person, stranger: Person) -> None:
    version = {"api-version": "2022-04-01"}
    permissions = "providers/Microsoft.Authorization/permissions"

    def allowed(who: Person, scope: str) -> list[tuple[list[str], list[str]]]:
        found = who.get(f"{scope}/{permissions}", **version)["value"]
        assert all(set(one) == {"actions", "notActions", "dataActions", "notDataActions"} for one in found)
        return [(one["actions"], one["dataActions"]) for one in found]

    may_write, may_grant = (["*"], []), (["*/read", "Microsoft.Authorization/*"], [])
    assert allowed(deployer, GROUP) == [may_write, may_grant]
    # What is above counts below as well, for things that are not there too.
    assert allowed(deployer, f"{VAULTS}/kv-not-there") == [may_write, may_grant]
    assert allowed(deployer, ACCOUNT) == [(["*/read"], [])]
    assert allowed(operator, GROUP) == [(["*"], []), allowed(operator, GROUP)[1]]
    assert allowed(operator, GROUP)[1][1] == ["Microsoft.KeyVault/vaults/*"]
    refusal = refused(stranger.ask("GET", f"{GROUP}/{permissions}", params=version), 403, "AuthorizationFailed")
    assert "'Microsoft.Authorization/permissions/read'" in refusal
    elsewhere = deployer.ask("GET", f"{GROUP}-two/{permissions}", params=version)
    assert refused(elsewhere, 403, "AuthorizationFailed")


def test_a_fresh_role_is_not_among_the_permissions_while_it_propagates(azure: LocalAzure, operator: Person) -> None:
    scope = f"{VAULTS}/kv-{uuid.uuid4().hex[:8]}"
    url = f"{scope}/providers/Microsoft.Authorization/permissions"
    before = operator.get(url)["value"]
    azure.weather(effect="slow-propagation", checks=1)
    operator.do("PUT", role_url(scope), json=role_body(SECRETS_USER, seed.OPERATOR_ID))
    assert operator.get(url)["value"] == before
    assert len(operator.get(url)["value"]) == len(before) + 1


def test_role_assignments_are_listed_from_above_and_below_unless_a_filter_says_otherwise(operator: Person) -> None:
    group = made_group(operator)
    below = f"{group}/providers/Microsoft.KeyVault/vaults/kv-below"
    for scope in (group, below):
        operator.do("PUT", role_url(scope), json=role_body(READER, seed.STRANGER_ID))

    def listed(scope: str, wanted: str) -> list[str]:
        found = operator.get(f"{scope}/providers/Microsoft.Authorization/roleAssignments", **{"$filter": wanted})
        return sorted(ARM + one["properties"]["scope"] for one in found["value"])

    for mine in (f"principalId eq '{seed.STRANGER_ID}'", f"assignedTo('{seed.STRANGER_ID}')"):
        assert listed(group, mine) == listed(below, mine) == [group, below]
        assert listed(group, f"atScope() and {mine}") == [group]
        assert listed(below, f"atScope() and {mine}") == [group, below]
    assert SUBSCRIPTION in listed(below, f"atScope() and principalId eq '{seed.OPERATOR_ID.upper()}'")
    assert SUBSCRIPTION in listed(group, "atScope()")
    assert below not in listed(group, "atScope()")


def test_nothing_is_given_on_a_resource_group_that_does_not_exist(operator: Person) -> None:
    for scope in (new_group(), f"{new_group()}/providers/Microsoft.KeyVault/vaults/kv-below"):
        given = operator.ask("PUT", role_url(scope), json=role_body(READER, seed.STRANGER_ID))
        assert refused(given, 404, "ResourceGroupNotFound")
