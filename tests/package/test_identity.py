"""Signing in with the settings of the other providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure import identity
from purview_ai.clouds import CLOUDS, UnknownCloudError, cloud_named
from purview_ai.identity import AzureSettings, IdentityError, credential_of
from scripted_service import Answer, ScriptedService

if TYPE_CHECKING:
    from pathlib import Path

WHO = {"ARM_CLIENT_ID": "c", "ARM_TENANT_ID": "00000000-0000-0000-0000-000000000001"}


def settings(environment: dict[str, str], config: dict[str, str] | None = None) -> AzureSettings:
    """Settings from this configuration and environment."""
    return AzureSettings((config or {}).get, environment)


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({**WHO, "ARM_CLIENT_SECRET": "s"}, identity.ClientSecretCredential),
        ({**WHO, "ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": "t"}, identity.ClientAssertionCredential),
        ({"ARM_USE_MSI": "true"}, identity.ManagedIdentityCredential),
        ({"ARM_USE_MSI": "yes"}, identity.AzureCliCredential),
        ({"ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true", "ARM_CLIENT_SECRET": "s"}, identity.DefaultAzureCredential),
        ({}, identity.AzureCliCredential),
        ({**WHO, "ARM_CLIENT_SECRET": "s", "ARM_USE_OIDC": "true"}, identity.ClientSecretCredential),
    ],
)
def test_the_first_method_that_is_configured_is_used(environment: dict[str, str], kind: type) -> None:
    assert isinstance(credential_of(settings(environment)), kind)


@pytest.mark.parametrize(
    ("environment", "person"),
    [
        ({}, True),
        ({**WHO}, True),
        ({"ARM_USE_MSI": "yes"}, True),
        ({**WHO, "ARM_CLIENT_SECRET": "s"}, False),
        ({**WHO, "ARM_CLIENT_CERTIFICATE_PATH": "c.pem"}, False),
        ({**WHO, "ARM_USE_OIDC": "true"}, False),
        ({"ARM_USE_MSI": "true"}, False),
        ({"ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true"}, False),
    ],
)
def test_only_who_signs_in_with_the_azure_cli_is_a_person(environment: dict[str, str], person: bool) -> None:  # noqa: FBT001  # a table
    assert settings(environment).is_person is person


def test_configuration_wins_over_the_environment_even_when_it_is_empty() -> None:
    both = settings({**WHO, "ARM_CLIENT_SECRET": "s"}, {"azure-native:clientSecret": ""})
    assert isinstance(credential_of(both), identity.AzureCliCredential)


def test_a_method_without_all_it_needs_says_what_is_missing() -> None:
    with pytest.raises(IdentityError, match="azure-native:tenantId or ARM_TENANT_ID"):
        credential_of(settings({"ARM_CLIENT_SECRET": "s", "ARM_CLIENT_ID": "c"}))
    with pytest.raises(IdentityError, match="ACTIONS_ID_TOKEN_REQUEST_URL"):
        credential_of(settings({**WHO, "ARM_USE_OIDC": "true"}))


def test_a_token_file_is_read_when_the_token_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    environment = {**WHO, "ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": str(file)}
    credential = credential_of(settings(environment))
    file.write_text("fresh\n")
    assert isinstance(credential, identity.ClientAssertionCredential)
    assert credential._func() == "fresh"  # noqa: SLF001  # the assertion is not to be had otherwise


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("public", "public"),
        ("AzureCloud", "public"),
        ("usgovernment", "usgovernment"),
        ("AzureUSGovernment", "usgovernment"),
        ("AzureChinaCloud", "china"),
    ],
)
def test_a_cloud_is_known_by_every_name_it_has(spelt: str, name: str) -> None:
    assert cloud_named(spelt) is CLOUDS[name]


def test_an_unknown_cloud_is_refused() -> None:
    with pytest.raises(UnknownCloudError, match="usgovernment"):
        cloud_named("moon")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(401, {"message": "Bad credentials"}), "401 Unauthorized. It needs id-token: write"),
        (Answer(503, "later"), "503 Service Unavailable"),
        (Answer(200, "<html>a proxy's page</html>"), "its answer holds no token"),
        (Answer(200, {"count": 1}), "its answer holds no token"),
        (Answer(200, {"value": None}), "its answer holds no token"),
        (Answer(200, {"value": ""}), "its answer holds no token"),
        (Answer(200, {"value": {"token": "t"}}), "its answer holds no token"),
        (Answer(200, ["value"]), "its answer holds no token"),
        (Answer(200, '"value"'), "its answer holds no token"),
        (Answer(200, "null"), "its answer holds no token"),
        (Answer(200, ""), "its answer holds no token"),
        (Answer(200, "<html>", {"content-type": "text/html"}), "its answer holds no token"),
    ],
)
def test_a_job_of_which_github_says_nothing_is_told_why(answer: Answer, why: str) -> None:
    service = ScriptedService()
    try:
        service.will(answer)
        asks = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{service.url}/idtoken", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret"}
        credential = credential_of(settings({**WHO, "ARM_USE_OIDC": "true", **asks}))
        with pytest.raises(IdentityError) as refused:
            credential.get_token("https://management.azure.com/.default")
    finally:
        service.stop()
    assert str(refused.value) == f"127.0.0.1 does not say who this job is: {why}"
