"""Vaults of both access models that are there already, and what a scan may read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from answers import refused
from local_azure import seed
from people import ARM
from whole_chain import (
    CONNECTION,
    SECRET,
    SECRETS_USER,
    VAULT,
    VAULT_URL,
    VAULTS,
    connection_body,
    policy_for,
    role_body,
    role_url,
    tried,
    vault_body,
)

if TYPE_CHECKING:
    from people import Person
    from whole_chain import WholeChain

PURVIEW = seed.PURVIEW_IDENTITY
LONG_AGO, FAR_AHEAD = 1, 4_102_444_800


def take_all_roles(operator: Person, scope: str, principal: str) -> None:
    listed = operator.get(f"{scope}/providers/Microsoft.Authorization/roleAssignments")["value"]
    for one in listed:
        if one["properties"]["principalId"] == principal:
            operator.do("DELETE", ARM + one["id"])


def test_a_role_on_one_secret_opens_that_secret_and_no_other(
    chain: WholeChain, operator: Person, stranger: Person
) -> None:
    take_all_roles(operator, VAULT, PURVIEW)
    operator.do("PUT", f"{VAULT}/secrets/another", json={"properties": {"value": "not for them"}})
    for principal in (PURVIEW, seed.STRANGER_ID):
        operator.do("PUT", role_url(f"{VAULT}/secrets/{SECRET}"), json=role_body(SECRETS_USER, principal))
    assert tried(operator).status_code == 200
    assert chain.run()["status"] == "Succeeded"
    assert stranger.get(f"{VAULT_URL}/secrets/{SECRET}")["value"] == seed.VENDOR_KEY
    assert refused(stranger.ask("GET", f"{VAULT_URL}/secrets/another"), 403, "Forbidden")
    assert refused(stranger.ask("GET", f"{VAULT_URL}/secrets"), 403, "Forbidden")
    take_all_roles(operator, f"{VAULT}/secrets/{SECRET}", PURVIEW)
    operator.do("PUT", role_url(f"{VAULT}/secrets/another"), json=role_body(SECRETS_USER, PURVIEW))
    assert "(ForbiddenByRbac)" in chain.reason_of_failure()


def test_a_vault_with_roles_does_not_look_at_its_policies(chain: WholeChain, operator: Person) -> None:
    take_all_roles(operator, VAULT, PURVIEW)
    chain.vault(accessPolicies=[policy_for(PURVIEW, "all")])
    assert "(ForbiddenByRbac)" in chain.reason_of_failure()


def test_an_access_policy_must_let_purview_list_too(chain: WholeChain) -> None:
    chain.vault(enableRbacAuthorization=False, accessPolicies=[policy_for(PURVIEW, "get")])
    reason = chain.reason_of_failure()
    assert "(ForbiddenByPolicy)" in reason
    assert "secrets list permission" in reason
    chain.vault(enableRbacAuthorization=False, accessPolicies=[policy_for(PURVIEW, "Get", "List")])
    assert chain.run()["status"] == "Succeeded"


def test_without_public_access_only_trusted_services_come_in(chain: WholeChain, operator: Person) -> None:
    chain.vault(publicNetworkAccess="Disabled", networkAcls={"bypass": "AzureServices", "defaultAction": "Allow"})
    answer = operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}")
    assert refused(answer, 403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == "ForbiddenByConnection"
    assert tried(operator).status_code == 200
    assert chain.run()["status"] == "Succeeded"
    # The control plane is no network of the vault's.
    assert operator.ask("GET", f"{VAULT}/secrets/{SECRET}").status_code == 200


def test_the_times_of_a_secret_inform_and_stop_nobody(chain: WholeChain, operator: Person) -> None:
    for window in ({"exp": LONG_AGO}, {"nbf": FAR_AHEAD, "exp": FAR_AHEAD + 1}):
        body = {"properties": {"value": seed.VENDOR_KEY, "attributes": window}}
        operator.do("PUT", f"{VAULT}/secrets/{SECRET}", json=body)
        in_arm = operator.get(f"{VAULT}/secrets/{SECRET}")["properties"]["attributes"]
        in_the_vault = operator.get(f"{VAULT_URL}/secrets/{SECRET}")["attributes"]
        for attributes in (in_arm, in_the_vault):
            assert {name: attributes[name] for name in window} == window
            assert attributes["enabled"] is True
        chain.credential("")
        assert chain.run()["status"] == "Succeeded"


def test_a_secret_that_is_switched_off_in_arm_is_given_to_nobody(chain: WholeChain, operator: Person) -> None:
    attributes = {"properties": {"attributes": {"enabled": False, "nbf": LONG_AGO}}}
    operator.do("PATCH", f"{VAULT}/secrets/{SECRET}", json=attributes)
    shown = operator.get(f"{VAULT}/secrets/{SECRET}")["properties"]["attributes"]
    assert (shown["enabled"], shown["nbf"]) == (False, LONG_AGO)
    assert refused(operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}"), 403, "Forbidden")
    assert "(SecretDisabled)" in refused(tried(operator), 400, "KeyVaultAccessFailed")
    assert "(SecretDisabled)" in chain.reason_of_failure()


def test_a_vault_of_another_team_keeps_its_own_rules(chain: WholeChain, operator: Person, deployer: Person) -> None:
    theirs = f"{VAULTS.replace(seed.TENANT_GROUP, seed.GOVERNANCE_GROUP)}/kv-of-another-team"
    policies = [policy_for(seed.OPERATOR_ID, "all"), policy_for(PURVIEW, "get", "list")]
    body = vault_body(enableRbacAuthorization=False, accessPolicies=policies, networkAcls={"defaultAction": "Allow"})
    operator.do("PUT", theirs, json=body | {"tags": {"owner": "another team"}})
    operator.do("PUT", f"https://kv-of-another-team.vault.azure.net/secrets/{SECRET}", json={"value": seed.VENDOR_KEY})
    operator.do("PUT", CONNECTION, json=connection_body("https://kv-of-another-team.vault.azure.net/"))
    chain.credential("")
    assert chain.run()["status"] == "Succeeded"
    # Who deploys has no right there, nor in the data plane.
    assert refused(deployer.ask("GET", theirs), 403, "AuthorizationFailed")
    assert refused(deployer.ask("PUT", theirs, json=body), 403, "AuthorizationFailed")
    secret = f"https://kv-of-another-team.vault.azure.net/secrets/{SECRET}"
    assert refused(deployer.ask("GET", secret), 403, "Forbidden")
