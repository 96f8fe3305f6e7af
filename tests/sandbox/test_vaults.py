"""Key vaults: their names, their secrets, and who may read them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from answers import refused
from local_azure import seed
from waiting import until
from whole_chain import GROUP, SECRETS_USER, SUBSCRIPTION, VAULTS, policy_for, role_body, role_url, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

GOVERNANCE_VAULTS = VAULTS.replace(seed.TENANT_GROUP, seed.GOVERNANCE_GROUP)


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def name() -> str:
    return f"kv-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def vault(name: str) -> str:
    """Where ARM keeps the vault."""
    return f"{VAULTS}/{name}"


@pytest.fixture
def secret(name: str) -> str:
    """Where the vault keeps a secret."""
    return f"https://{name}.vault.azure.net/secrets/a-key"


def deleted(vault: str) -> str:
    """Where ARM keeps the vault once it is deleted."""
    where = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{seed.LOCATION}"
    return f"{where}/deletedVaults/{vault.rsplit('/', 1)[1]}"


@pytest.mark.parametrize("bad", ["kv", "1-vault", "vault--two", "vault-", "a" * 25, "kv_contoso"])
def test_a_vaults_name_has_3_to_24_letters_digits_and_single_hyphens(operator: Person, bad: str) -> None:
    assert refused(operator.ask("PUT", f"{VAULTS}/{bad}", json=vault_body()), 400, "VaultNameNotValid")


def test_a_new_vault_takes_a_moment_until_its_name_resolves(operator: Person, vault: str) -> None:
    made = operator.ask("PUT", vault, json=vault_body())
    assert made.status_code == 201
    assert made.json()["properties"]["provisioningState"] == "RegisteringDns"
    until(lambda: operator.get(vault)["properties"]["provisioningState"] == "Succeeded", "the vault")
    assert operator.ask("PUT", vault, json=vault_body()).status_code == 200


def test_a_vaults_name_is_taken_everywhere_in_the_world(operator: Person, name: str, vault: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    elsewhere = operator.ask("PUT", f"{GOVERNANCE_VAULTS}/{name}", json=vault_body())
    assert "globally unique" in refused(elsewhere, 409, "VaultAlreadyExists")


def test_a_deleted_vault_keeps_its_name(operator: Person, vault: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    assert operator.ask("DELETE", vault).status_code == 200
    assert operator.ask("DELETE", vault).status_code == 204
    assert refused(operator.ask("GET", vault), 404, "ResourceNotFound")
    words = refused(operator.ask("PUT", vault, json=vault_body()), 409, "ConflictError")
    assert "recover or purge" in words


def test_a_recovered_vault_has_its_secrets_and_not_its_grants(operator: Person, vault: str, secret: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    grant = role_url(vault)
    operator.do("PUT", grant, json=role_body(SECRETS_USER, seed.STRANGER_ID))
    operator.do("PUT", secret, json={"value": "kept"})
    operator.do("DELETE", vault)
    operator.do("PUT", vault, json=vault_body(createMode="recover"))
    assert operator.get(secret)["value"] == "kept"
    assert refused(operator.ask("GET", grant), 404, "RoleAssignmentNotFound")
    assert "createMode" not in operator.get(vault)["properties"]


def test_only_a_deleted_vault_can_be_recovered(operator: Person, vault: str) -> None:
    answer = operator.ask("PUT", vault, json=vault_body(createMode="recover"))
    assert refused(answer, 404, "SoftDeletedVaultDoesNotExist")


def test_a_purged_vaults_name_is_free_again(operator: Person, vault: str, secret: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    operator.do("PUT", secret, json={"value": "gone"})
    operator.do("DELETE", vault)
    assert operator.get(deleted(vault))["properties"]["vaultId"].endswith(vault.rsplit("/", 1)[1])
    operator.do("POST", f"{deleted(vault)}/purge")
    assert refused(operator.ask("GET", deleted(vault)), 404, "DeletedVaultNotFound")
    assert operator.ask("PUT", vault, json=vault_body()).status_code == 201
    assert refused(operator.ask("GET", secret), 404, "SecretNotFound")


def test_purge_protection_is_for_ever(operator: Person, vault: str, secret: str) -> None:
    operator.do("PUT", vault, json=vault_body(enablePurgeProtection=True))
    off = operator.ask("PUT", vault, json=vault_body(enablePurgeProtection=False))
    assert "irreversible" in refused(off, 400, "BadRequest")
    operator.do("PUT", vault, json=vault_body())
    assert operator.get(vault)["properties"]["enablePurgeProtection"] is True

    operator.do("PUT", secret, json={"value": "kept"})
    operator.do("DELETE", secret)
    assert refused(operator.ask("DELETE", secret.replace("/secrets/", "/deletedsecrets/")), 403, "Forbidden")
    operator.do("DELETE", vault)
    assert refused(operator.ask("POST", f"{deleted(vault)}/purge"), 400, "MethodNotAllowed")


def test_how_long_deleted_things_are_kept_is_said_once(operator: Person, vault: str) -> None:
    operator.do("PUT", vault, json=vault_body(softDeleteRetentionInDays=7))
    longer = operator.ask("PUT", vault, json=vault_body(softDeleteRetentionInDays=90))
    assert "softDeleteRetentionInDays" in refused(longer, 400, "BadRequest")


def test_a_vault_with_roles_is_opened_by_a_role_and_not_by_a_policy(
    operator: Person, stranger: Person, vault: str, secret: str
) -> None:
    policies = [policy_for(seed.STRANGER_ID, "get", "list")]
    operator.do("PUT", vault, json=vault_body(accessPolicies=policies))
    operator.do("PUT", secret, json={"value": "guarded"})
    answer = stranger.ask("GET", secret)
    words = refused(answer, 403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == "ForbiddenByRbac"
    assert "Microsoft.KeyVault/vaults/secrets/getSecret/action" in words
    operator.do("PUT", role_url(vault), json=role_body(SECRETS_USER, seed.STRANGER_ID))
    assert stranger.get(secret)["value"] == "guarded"
    assert refused(stranger.ask("PUT", secret, json={"value": "other"}), 403, "Forbidden")


def test_a_vault_with_policies_is_opened_by_a_policy_and_not_by_a_role(
    operator: Person, stranger: Person, vault: str, secret: str
) -> None:
    mine = [policy_for(seed.OPERATOR_ID, "all")]
    operator.do("PUT", vault, json=vault_body(enableRbacAuthorization=False, accessPolicies=mine))
    operator.do("PUT", secret, json={"value": "guarded"})
    operator.do("PUT", role_url(vault), json=role_body(SECRETS_USER, seed.STRANGER_ID))
    answer = stranger.ask("GET", secret)
    assert "does not have secrets get permission" in refused(answer, 403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == "ForbiddenByPolicy"

    theirs = {"properties": {"accessPolicies": [policy_for(seed.STRANGER_ID, "Get")]}}
    operator.do("PUT", f"{vault}/accessPolicies/add", json=theirs)
    assert stranger.get(secret)["value"] == "guarded"
    assert operator.get(secret)["value"] == "guarded"
    assert "list permission" in refused(stranger.ask("GET", secret.rsplit("/", 1)[0]), 403, "Forbidden")
    operator.do("PUT", f"{vault}/accessPolicies/remove", json=theirs)
    assert refused(stranger.ask("GET", secret), 403, "Forbidden")


@pytest.mark.parametrize(
    ("network", "inner"),
    [
        ({"networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"}}, "ForbiddenByFirewall"),
        ({"publicNetworkAccess": "disabled"}, "ForbiddenByConnection"),
    ],
)
def test_a_closed_vault_lets_its_secrets_be_written_through_arm_only(
    operator: Person, vault: str, secret: str, network: dict[str, object], inner: str
) -> None:
    operator.do("PUT", vault, json=vault_body(**network))
    answer = operator.ask("PUT", secret, json={"value": "blocked"})
    assert refused(answer, 403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == inner
    through_arm = f"{vault}/secrets/a-key"
    made = operator.do("PUT", through_arm, json={"properties": {"value": "passes"}})
    assert made["properties"]["secretUriWithVersion"].startswith(f"{secret}/")
    assert "passes" not in operator.ask("GET", through_arm).text


def test_a_deleted_secret_keeps_its_name_until_it_is_recovered_or_purged(
    operator: Person, vault: str, secret: str
) -> None:
    operator.do("PUT", vault, json=vault_body())
    operator.do("PUT", secret, json={"value": "one"})
    operator.do("DELETE", secret)
    assert refused(operator.ask("GET", secret), 404, "SecretNotFound")
    for url, body in ((secret, {"value": "two"}), (f"{vault}/secrets/a-key", {"properties": {"value": "two"}})):
        answer = operator.ask("PUT", url, json=body)
        assert "deleted but recoverable" in refused(answer, 409, "Conflict")
        assert answer.json()["error"]["innererror"]["code"] == "ObjectIsDeletedButRecoverable"
    bin_of = secret.replace("/secrets/", "/deletedsecrets/")
    operator.do("POST", f"{bin_of}/recover")
    assert operator.get(secret)["value"] == "one"
    operator.do("DELETE", secret)
    operator.do("DELETE", bin_of)
    assert operator.do("PUT", secret, json={"value": "two"})["value"] == "two"


def test_a_version_that_does_not_exist_or_is_disabled_is_not_given_out(
    operator: Person, vault: str, secret: str
) -> None:
    operator.do("PUT", vault, json=vault_body())
    first, second = (operator.do("PUT", secret, json={"value": value})["id"] for value in ("one", "two"))
    assert operator.get(first)["value"] == "one"
    assert operator.get(secret)["id"] == second
    operator.do("PATCH", second, json={"attributes": {"enabled": False}})
    answer = operator.ask("GET", secret)
    assert "disabled secret" in refused(answer, 403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == "SecretDisabled"
    assert refused(operator.ask("GET", f"{secret}/{'0' * 32}"), 404, "SecretNotFound")
    assert operator.get(first)["value"] == "one"


def test_an_expired_secret_is_still_given_out(operator: Person, vault: str, secret: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    operator.do("PUT", secret, json={"value": "old", "attributes": {"exp": 1}})
    assert operator.get(secret)["value"] == "old"


def test_a_vault_that_was_never_made_does_not_answer(operator: Person, secret: str) -> None:
    assert refused(operator.ask("GET", secret), 404, "VaultNotFound")


def test_a_secret_needs_a_value(operator: Person, vault: str, secret: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    assert refused(operator.ask("PUT", secret, json={}), 400, "BadParameter")
    through_arm = operator.ask("PUT", f"{vault}/secrets/a-key", json={"properties": {}})
    assert refused(through_arm, 400, "BadRequest")


def test_a_change_of_tags_leaves_the_rest_of_a_vault_alone(operator: Person, vault: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    before = operator.get(vault)["properties"]
    changed = operator.do("PATCH", vault, json={"tags": {"owner": "security"}})
    assert changed["tags"] == {"owner": "security"}
    del before["provisioningState"], changed["properties"]["provisioningState"]
    assert changed["properties"] == before


def test_every_vault_of_a_group_is_listed(operator: Person, name: str, vault: str) -> None:
    operator.do("PUT", vault, json=vault_body())
    for scope in (GROUP, SUBSCRIPTION):
        listed = operator.get(f"{scope}/providers/Microsoft.KeyVault/vaults")["value"]
        assert name in [one["name"] for one in listed]


@pytest.mark.parametrize(
    "wrong",
    [{"tags": 7}, {"tags": {"a": {"b": "odd"}}}, {"attributes": {"exp": "odd"}}, {"contentType": ["odd"]}],
)
def test_a_value_of_the_wrong_type_is_refused_and_not_repeated(
    operator: Person, vault: str, secret: str, wrong: dict[str, object]
) -> None:
    operator.do("PUT", vault, json=vault_body())
    answer = operator.ask("PUT", secret, json={"value": "v", **wrong})
    assert "odd" not in refused(answer, 400, "InvalidRequestContent")
    assert refused(operator.ask("GET", secret), 404, "SecretNotFound")


def test_a_vaults_name_is_asked_for_before_it_is_taken(operator: Person, deployer: Person) -> None:
    url = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability"

    def reason(name: str) -> str | None:
        found = operator.do("POST", url, json={"name": name, "type": "Microsoft.KeyVault/vaults"})
        assert found["nameAvailable"] is ("reason" not in found)
        return found.get("reason")

    name = f"kv-{uuid.uuid4().hex[:8]}"
    assert reason(name) is None
    operator.do("PUT", f"{VAULTS}/{name}", json=vault_body())
    assert reason(name.upper()) == "AlreadyExists"
    operator.do("DELETE", f"{VAULTS}/{name}")
    assert reason(name) == "AlreadyExists"
    assert reason("kv--two-hyphens") == "AccountNameInvalid"
    assert refused(operator.ask("POST", url, json={"name": name}), 400, "BadRequest")
    # Who may do anything in a resource group may not ask for a whole subscription.
    asked = deployer.ask("POST", url, json={"name": name, "type": "Microsoft.KeyVault/vaults"})
    assert "checkNameAvailability/read" in refused(asked, 403, "AuthorizationFailed")
