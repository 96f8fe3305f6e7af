"""Who may ask: tokens, and which service believes them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import jwt
import pytest
from answers import refused
from local_azure import seed
from people import ARM, AUDIENCES, GRAPH, PURVIEW
from whole_chain import GROUP, VAULT_URL, WholeChain

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure
    from people import Person

LOGIN = f"https://login.microsoftonline.com/{seed.TENANT}"
VAULT_AUDIENCE = "https://vault.azure.net/.default"
SCOPES = {**AUDIENCES, VAULT_URL: VAULT_AUDIENCE}
DOORS = {
    ARM: GROUP,
    GRAPH: f"{GRAPH}/v1.0/servicePrincipals",
    PURVIEW: f"{PURVIEW}/scan/datasources",
    VAULT_URL: f"{VAULT_URL}/secrets",
}


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def ask_for_a_token(azure: LocalAzure, **changes: str) -> httpx.Response:
    wanted = {
        "grant_type": "client_credentials",
        "client_id": seed.DEPLOYER_APP,
        "client_secret": seed.DEPLOYER_SECRET,
        "scope": f"{ARM}/.default",
        **changes,
    }
    with azure.client() as client:
        return client.post(f"{LOGIN}/oauth2/v2.0/token", data=wanted)


def test_a_token_opens_the_one_service_that_it_is_for(operator: Person) -> None:
    WholeChain(operator).vault()
    for door, url in DOORS.items():
        for scope in SCOPES.values():
            answer = operator.ask("GET", url, audience=scope)
            assert answer.status_code == (200 if scope == SCOPES[door] else 401), (url, scope)


@pytest.mark.parametrize("door", [GRAPH, PURVIEW, VAULT_URL])
def test_a_token_for_arm_opens_nothing_else(operator: Person, door: str) -> None:
    WholeChain(operator).vault()
    answer = operator.ask("GET", DOORS[door], audience=AUDIENCES[ARM])
    assert answer.status_code == 401
    assert "wrong audience" in answer.json()["error"]["message"]


def test_a_wrong_client_secret_gets_no_token(azure: LocalAzure) -> None:
    answer = ask_for_a_token(azure, client_secret="not-the-secret")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.json()["error_description"].startswith("AADSTS7000215: Invalid client secret provided")
    assert "not-the-secret" not in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": seed.SUBSCRIPTION}, 700016),
        ({"scope": "https://nowhere.example/.default"}, 500011),
        ({"grant_type": "password"}, 70003),
    ],
)
def test_a_token_request_that_makes_no_sense_is_refused_in_entras_words(
    azure: LocalAzure, changes: dict[str, str], code: int
) -> None:
    answer = ask_for_a_token(azure, **changes)
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [code]
    assert answer.json()["error_description"].startswith(f"AADSTS{code}:")


def test_another_tenant_is_not_found(azure: LocalAzure) -> None:
    with azure.client() as client:
        url = f"https://login.microsoftonline.com/{seed.SUBSCRIPTION}/v2.0/.well-known/openid-configuration"
        answer = client.get(url)
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


def test_a_token_carries_the_object_id_and_is_signed_with_the_published_key(azure: LocalAzure) -> None:
    token = azure.token(seed.DEPLOYER_APP, seed.DEPLOYER_SECRET, f"{GRAPH}/.default")
    with azure.client() as client:
        told = client.get(f"{LOGIN}/v2.0/.well-known/openid-configuration").json()
        keys = jwt.PyJWKSet.from_dict(client.get(told["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=GRAPH)
    assert (claims["oid"], claims["appid"], claims["tid"]) == (seed.DEPLOYER_ID, seed.DEPLOYER_APP, seed.TENANT)
    assert claims["roles"] == ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]


def test_a_token_that_is_old_or_forged_or_missing_opens_nothing(azure: LocalAzure) -> None:
    own = (Path(azure.ca).parent / "token-key.pem").read_text()
    good = azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES[ARM])
    claims = jwt.decode(good, options={"verify_signature": False})
    headers = jwt.get_unverified_header(good)
    again = jwt.encode(claims, own, algorithm="RS256", headers=headers)
    old = jwt.encode({**claims, "exp": int(time.time()) - 1}, own, algorithm="RS256", headers=headers)
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": headers["kid"]})
    forged = ".".join([*good.split(".")[:2], old.split(".")[2]])
    with azure.client() as client:

        def opens(authorization: dict[str, str]) -> bool:
            answer = client.get(GROUP, params={"api-version": "2024-03-01"}, headers=authorization)
            if answer.is_success:
                return True
            assert refused(answer, 401, "InvalidAuthenticationToken")
            return False

        # The first two show that it is not the way of asking that fails.
        for token, expected in ((good, True), (again, True), (old, False), (unsigned, False), (forged, False)):
            assert opens({"authorization": f"Bearer {token}"}) is expected
        assert not opens({"authorization": f"Basic {good}"})
        assert not opens({})


def test_a_vault_tells_a_client_where_to_sign_in(operator: Person) -> None:
    WholeChain(operator).vault()
    with operator.azure.client() as client:
        answer = client.get(f"{VAULT_URL}/secrets", params={"api-version": "7.5"})
    assert answer.status_code == 401
    where = f'authorization="https://login.microsoftonline.com/{seed.TENANT}", resource="https://vault.azure.net"'
    assert answer.headers["www-authenticate"] == f"Bearer {where}"


def test_a_token_of_one_cloud_does_not_open_another(azure: LocalAzure) -> None:
    group = f"https://management.usgovcloudapi.net/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    with azure.client() as client:
        login = f"https://login.microsoftonline.us/{seed.TENANT}/oauth2/v2.0/token"
        wanted = {
            "grant_type": "client_credentials",
            "client_id": seed.OPERATOR_APP,
            "client_secret": seed.OPERATOR_SECRET,
            "scope": "https://management.usgovcloudapi.net/.default",
        }
        own = client.post(login, data=wanted).json()["access_token"]
        foreign = azure.token(seed.OPERATOR_APP, seed.OPERATOR_SECRET, AUDIENCES[ARM])
        for token, status in ((own, 200), (foreign, 401)):
            headers = {"authorization": f"Bearer {token}"}
            answer = client.get(group, params={"api-version": "2024-03-01"}, headers=headers)
            assert answer.status_code == status
