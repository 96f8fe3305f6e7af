"""Managed identities, what they sign in with, and what they may give; and the keys of a vault."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import ARM, Person
from state_estate import (
    BLOB_READER,
    CRYPTO_USER,
    DATA_ACCESS_ADMINISTRATOR,
    IDENTITIES,
    IDENTITY_API,
    ISSUER,
    SUBJECT,
    federate,
    give,
    make_identity,
    make_key,
)
from whole_chain import GROUP, SECRETS_USER, VAULTS, role_body, role_url

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

IDENTITY = "id-contoso-apply"
VAULT = "kv-state"


def exchanged(azure: LocalAzure, client_id: str, assertion: str, scope: str = f"{ARM}/.default") -> httpx.Response:
    """What the login service says to a token of another issuer."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "scope": scope,
    }
    with azure.client() as client:
        return client.post(f"https://login.microsoftonline.com/{seed.TENANT}/oauth2/v2.0/token", data=form)


def test_a_federated_token_opens_the_identity_that_takes_it(azure: LocalAzure, operator: Person) -> None:
    made = make_identity(operator, IDENTITY)
    assert federate(operator, IDENTITY, "github").status_code == 201
    assert federate(operator, IDENTITY, "github").status_code == 200
    give(operator, GROUP, seed.ACCOUNT_READER, made["principalId"])
    token = exchanged(azure, made["clientId"], azure.federated_token(ISSUER, SUBJECT)).json()["access_token"]
    with azure.client(headers={"authorization": f"Bearer {token}"}) as client:
        assert client.get(f"{VAULTS}?api-version=2023-07-01").status_code == 200


@pytest.mark.parametrize(
    ("presented", "code"),
    [
        ({"issuer": f"{ISSUER}/other"}, 700211),
        ({"subject": "repo:contoso@1/purview@2:environment:contoso"}, 700213),
        ({"subject": SUBJECT.upper()}, 700213),
        ({"audience": "https://github.com/contoso"}, 700212),
        ({"lifetime_s": -60}, 700024),
    ],
)
def test_a_token_that_fits_no_credential_opens_nothing(
    azure: LocalAzure, operator: Person, presented: dict[str, Any], code: int
) -> None:
    made = make_identity(operator, IDENTITY)
    federate(operator, IDENTITY, "github")
    wanted: dict[str, Any] = {"issuer": ISSUER, "subject": SUBJECT, **presented}
    token = azure.federated_token(**wanted)
    answer = exchanged(azure, made["clientId"], token)
    assert answer.status_code == 401
    assert answer.json()["error_codes"] == [code]


def test_a_token_that_another_signed_opens_nothing(azure: LocalAzure, operator: Person) -> None:
    made = make_identity(operator, IDENTITY)
    federate(operator, IDENTITY, "github")
    head, body, _ = azure.federated_token(ISSUER, SUBJECT).split(".")
    answer = exchanged(azure, made["clientId"], f"{head}.{body}.{base64.urlsafe_b64encode(b'x' * 256).decode()}")
    assert answer.json()["error_codes"] == [50013]


def test_an_identitys_token_goes_with_its_credential(azure: LocalAzure, operator: Person) -> None:
    made = make_identity(operator, IDENTITY)
    federate(operator, IDENTITY, "github")
    url = f"{IDENTITIES}/{IDENTITY}/federatedIdentityCredentials"
    assert [one["name"] for one in operator.get(url, **IDENTITY_API)["value"]] == ["github"]
    operator.do("DELETE", f"{url}/github", params=dict(IDENTITY_API))
    assert exchanged(azure, made["clientId"], azure.federated_token(ISSUER, SUBJECT)).status_code == 401
    operator.do("DELETE", f"{IDENTITIES}/{IDENTITY}", params=dict(IDENTITY_API))
    gone = exchanged(azure, made["clientId"], azure.federated_token(ISSUER, SUBJECT))
    assert gone.json()["error_codes"] == [700016]


def test_an_issuer_and_a_subject_stand_once(operator: Person) -> None:
    make_identity(operator, IDENTITY)
    federate(operator, IDENTITY, "github")
    assert refused(federate(operator, IDENTITY, "github-again"), 409, "Conflict")


def test_an_identity_takes_20_credentials_and_each_has_one_audience(operator: Person) -> None:
    make_identity(operator, IDENTITY)
    assert refused(federate(operator, IDENTITY, "none", audiences=[]), 400, "BadRequest")
    for number in range(20):
        assert federate(operator, IDENTITY, f"github-{number}", subject=f"{SUBJECT}-{number}").status_code == 201
    assert refused(federate(operator, IDENTITY, "one-more"), 400, "BadRequest")


def test_who_administers_data_access_gives_no_other_role(operator: Person, stranger: Person) -> None:
    give(operator, GROUP, DATA_ACCESS_ADMINISTRATOR)
    of_the_vault = role_url(GROUP)
    assert stranger.ask("PUT", of_the_vault, json=role_body(SECRETS_USER, seed.DEPLOYER_ID)).status_code == 201
    other = stranger.ask("PUT", role_url(GROUP), json=role_body(BLOB_READER, seed.DEPLOYER_ID))
    assert refused(other, 403, "AuthorizationFailed")
    assert stranger.ask("DELETE", of_the_vault).status_code == 200


def operated(person: Person, key: str, operation: str, value: str, algorithm: str = "RSA-OAEP-256") -> httpx.Response:
    """What a vault says to an operation with a key."""
    url = f"https://{VAULT}.vault.azure.net/keys/{key}/{operation}"
    return person.ask("POST", url, json={"alg": algorithm, "value": value})


def test_what_a_key_encrypts_it_alone_decrypts(operator: Person, stranger: Person) -> None:
    make_key(operator, VAULT, "contoso", "fabrikam")
    give(operator, f"{VAULTS}/{VAULT}", CRYPTO_USER)
    plain = base64.urlsafe_b64encode(b"a data key").decode().rstrip("=")
    for there, back in (("encrypt", "decrypt"), ("wrapkey", "unwrapkey")):
        sealed = operated(stranger, "contoso", there, plain).json()
        assert operated(stranger, "contoso", back, sealed["value"]).json()["value"] == plain
        version = sealed["kid"].rsplit("/", 1)[1]
        assert operated(stranger, f"contoso/{version}", back, sealed["value"]).json()["value"] == plain
        assert refused(operated(stranger, "fabrikam", back, sealed["value"]), 400, "BadParameter")
    assert refused(operated(stranger, "contoso", "encrypt", plain, "A256GCM"), 400, "BadParameter")
    assert refused(operated(stranger, "nobodys", "encrypt", plain), 404, "KeyNotFound")


def test_a_role_on_one_key_opens_no_other(operator: Person, stranger: Person) -> None:
    make_key(operator, VAULT, "contoso", "fabrikam")
    give(operator, f"{VAULTS}/{VAULT}/keys/contoso", CRYPTO_USER)
    assert operated(stranger, "contoso", "encrypt", "YQ").status_code == 200
    refusal = operated(stranger, "fabrikam", "encrypt", "YQ")
    assert refused(refusal, 403, "Forbidden")
    assert refusal.json()["error"]["innererror"]["code"] == "ForbiddenByRbac"


def test_arm_makes_a_key_once_and_its_private_part_stays(operator: Person, stranger: Person) -> None:
    make_key(operator, VAULT, "contoso")
    url = f"{VAULTS}/{VAULT}/keys/contoso"
    before = operator.get(url)["properties"]
    assert before["keySize"] == 2048
    again = operator.do("PUT", url, json={"properties": {"kty": "RSA", "keySize": 4096}})
    assert again["properties"] == before
    give(operator, f"{VAULTS}/{VAULT}", CRYPTO_USER)
    data = f"https://{VAULT}.vault.azure.net/keys/contoso"
    assert set(stranger.get(data)["key"]) == {"kid", "kty", "key_ops", "n", "e"}
    stranger.do("PATCH", data, json={"attributes": {"enabled": False}})
    assert refused(operated(stranger, "contoso", "encrypt", "YQ"), 403, "Forbidden")
    assert refused(stranger.ask("DELETE", data), 403, "Forbidden")
