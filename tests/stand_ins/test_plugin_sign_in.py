"""How the stand-ins sign in, and where they find their cloud."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import Person
from plugin_process import NOBODY, PluginProcess, RefusedError
from scripted_service import Answer
from stand_ins import clouds
from stand_ins.failures import ProviderError
from stand_ins.sign_in import Settings
from state_estate import IDENTITIES, IDENTITY_API, ISSUER, SUBJECT, federate, give, make_identity
from whole_chain import GROUP as TENANT_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure
    from scripted_service import ScriptedService

GROUP = "azure-native:resources:ResourceGroup"
GROUP_ID = f"/subscriptions/{NOBODY['ARM_SUBSCRIPTION_ID']}/resourceGroups/rg"


@pytest.mark.fact(49)
def test_a_configured_value_goes_before_the_environments_even_if_it_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARM_CLIENT_ID", "from the environment")
    assert Settings({}).get("clientId", "ARM_CLIENT_ID") == "from the environment"
    assert Settings({"clientId": "configured"}).get("clientId", "ARM_CLIENT_ID") == "configured"
    assert Settings({"clientId": ""}).get("clientId", "ARM_CLIENT_ID") == ""


@pytest.mark.fact(49)
def test_the_environments_name_has_two_variables_and_flags_must_say_true(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AZURE_ENVIRONMENT", "china")
    assert Settings({}).get("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT") == "china"
    monkeypatch.setenv("ARM_ENVIRONMENT", "usgovernment")
    assert Settings({}).get("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT") == "usgovernment"
    monkeypatch.setenv("ARM_SKIP_READ_ON_UPDATE", "1")
    assert not Settings({}).flag("skipReadOnUpdate", "ARM_SKIP_READ_ON_UPDATE")


@pytest.mark.fact(48)
@pytest.mark.parametrize(
    ("config", "text"),
    [
        (
            {"subscriptionId": ""},
            "A Subscription ID must be configured when authenticating as a Service Principal",
        ),
        ({"tenantId": ""}, "A Tenant ID must be configured when authenticating as a Service Principal"),
        ({"clientSecret": ""}, "signs in with a client secret or a federated token only"),
        ({"clientCertificatePath": "/c.pfx"}, "unset clientCertificatePath"),
        ({"useDefaultAzureCredential": "true"}, "unset useDefaultAzureCredential"),
    ],
)
def test_what_is_missing_or_not_served_is_said_by_name(
    process: PluginProcess, config: dict[str, str], text: str
) -> None:
    with pytest.raises(RefusedError, match=text):
        process.configure(**config)


@pytest.mark.fact(1)
def test_the_old_backend_is_refused() -> None:
    plugin = PluginProcess.start("stand_ins.azure_native", {**NOBODY, "PULUMI_ENABLE_AZCORE_BACKEND": "false"})
    try:
        with pytest.raises(RefusedError, match="PULUMI_ENABLE_AZCORE_BACKEND"):
            plugin.configure()
    finally:
        plugin.stop()


@pytest.mark.fact(50)
def test_a_metadata_host_goes_before_the_named_environment(process: PluginProcess, service: ScriptedService) -> None:
    service.will_describe_a_cloud()
    process.configure(metadataHost=service.url, environment="china")
    assert service.calls == ["GET /metadata/endpoints?api-version=2022-09-01"]
    service.will(Answer(body={"id": GROUP_ID}))
    process.of(GROUP).read(GROUP_ID, {}, {})
    assert service.calls[1].startswith(f"GET {GROUP_ID}?")


@pytest.mark.fact(51)
def test_a_token_is_asked_for_arms_audience_and_kept(scripted: PluginProcess, service: ScriptedService) -> None:
    service.will(*[Answer(body={"id": GROUP_ID})] * 2)
    for _ in range(2):
        scripted.of(GROUP).read(GROUP_ID, {}, {})
    assert service.forms == [
        {
            "path": f"/{NOBODY['ARM_TENANT_ID']}/oauth2/v2.0/token",
            "grant_type": "client_credentials",
            "client_id": NOBODY["ARM_CLIENT_ID"],
            "scope": "https://arm.test/.default",
        }
    ]


def test_a_refused_sign_in_is_told_without_the_secret(scripted: PluginProcess, service: ScriptedService) -> None:
    says = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    service.token = Answer(401, says, {"content-type": "application/json"})
    with pytest.raises(RefusedError, match="AADSTS7000215: Invalid client secret provided") as refused:
        scripted.of(GROUP).read(GROUP_ID, {}, {})
    assert NOBODY["ARM_CLIENT_SECRET"] not in str(refused.value)


@pytest.mark.fact(49)
@pytest.mark.fact(50)
@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ("usgovernment", {"login.microsoftonline.us", "management.usgovcloudapi.net"}),
        ("china", {"login.chinacloudapi.cn", "management.chinacloudapi.cn"}),
    ],
)
def test_other_clouds_are_reached_by_their_own_names(azure: LocalAzure, environment: str, hosts: set[str]) -> None:
    variables = {**azure.network(), **azure.deployer(), "ARM_ENVIRONMENT": environment}
    azure.forget_requests()
    plugin = PluginProcess.start("stand_ins.azure_native", variables)
    try:
        plugin.configure()
        plugin.of(GROUP).delete(f"/subscriptions/{variables['ARM_SUBSCRIPTION_ID']}/resourceGroups/rg-none")
    finally:
        plugin.stop()
    assert {line["host"] for line in azure.requests()} == hosts


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProviderError, match=r"unknown Azure environment 'mars': expected one of .*usgovernment"):
        clouds.named("mars")


@pytest.mark.fact(48)
@pytest.mark.parametrize("by_file", [False, True])
def test_a_federated_token_takes_a_secrets_place(azure: LocalAzure, tmp_path: Path, *, by_file: bool) -> None:
    with azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        made = make_identity(operator, "id-federated")
        federate(operator, "id-federated", "github")
        give(operator, TENANT_GROUP, seed.ACCOUNT_READER, made["principalId"])
        token = azure.federated_token(ISSUER, SUBJECT)
        (tmp_path / "token").write_text(f"{token}\n")
        where = {"ARM_OIDC_TOKEN_FILE_PATH": str(tmp_path / "token")} if by_file else {"ARM_OIDC_TOKEN": token}
        whom = {"ARM_CLIENT_ID": made["clientId"], "ARM_TENANT_ID": seed.TENANT, "ARM_USE_OIDC": "true"}
        subscription = {"ARM_SUBSCRIPTION_ID": seed.SUBSCRIPTION, "STAND_INS_PACE": "0.001"}
        plugin = PluginProcess.start("stand_ins.azure_native", {**azure.network(), **whom, **subscription, **where})
        try:
            plugin.configure()
            found = TENANT_GROUP.removeprefix("https://management.azure.com")
            assert plugin.of(GROUP).read(found)[0] == found
            plugin.configure(oidcToken=azure.federated_token(ISSUER, f"{SUBJECT}-other"))
            with pytest.raises(RefusedError, match=r"ClientAssertionCredential authentication failed\. .*700213"):
                plugin.of(GROUP).read(found)
            plugin.configure(oidcToken=azure.federated_token(ISSUER, SUBJECT, lifetime_s=-1))
            with pytest.raises(RefusedError, match=r"ClientAssertionCredential authentication failed\. .*700024"):
                plugin.of(GROUP).read(found)
        finally:
            plugin.stop()
            operator.do("DELETE", f"{IDENTITIES}/id-federated", params=dict(IDENTITY_API))


@pytest.fixture
def job(azure: LocalAzure) -> Iterator[dict[str, str]]:
    """What a job on GitHub has, whose environment opens an identity: nothing to sign in with, but what to ask with."""
    with azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        made = make_identity(operator, "id-of-a-job")
        federate(operator, "id-of-a-job", "github")
        give(operator, TENANT_GROUP, seed.ACCOUNT_READER, made["principalId"])
        whom = {"ARM_CLIENT_ID": made["clientId"], "ARM_TENANT_ID": seed.TENANT, "ARM_USE_OIDC": "true"}
        subscription = {"ARM_SUBSCRIPTION_ID": seed.SUBSCRIPTION, "STAND_INS_PACE": "0.001"}
        yield {**azure.network(), **whom, **subscription, **azure.github_job(SUBJECT)}
        operator.do("DELETE", f"{IDENTITIES}/id-of-a-job", params=dict(IDENTITY_API))


@pytest.mark.fact(49)
def test_azure_native_asks_github_who_the_job_is(azure: LocalAzure, job: dict[str, str]) -> None:
    plugin = PluginProcess.start("stand_ins.azure_native", job)
    group = TENANT_GROUP.removeprefix("https://management.azure.com")
    try:
        azure.forget_requests()
        plugin.configure()
        assert plugin.of(GROUP).read(group)[0] == group
        assert "github-jobs" in {one["service"] for one in azure.requests()}
        plugin.configure(oidcRequestToken="another-jobs")
        with pytest.raises(RefusedError, match=r"GitHub OIDC: 401 with response: .*Bad credentials") as refused:
            plugin.of(GROUP).read(group)
        assert "another-jobs" not in str(refused.value)
        plugin.configure(oidcAudience="api://another")
        with pytest.raises(RefusedError, match=r"700212: .*audience 'api://another'"):
            plugin.of(GROUP).read(group)
    finally:
        plugin.stop()


@pytest.mark.fact(62)
def test_azuread_asks_github_who_the_job_is(azure: LocalAzure, job: dict[str, str]) -> None:
    azure.forget_requests()
    for changed in ({}, {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another-jobs"}):
        plugin = PluginProcess.start("stand_ins.azuread", job | changed)
        try:
            with pytest.raises(RefusedError, match="401 with response") if changed else nullcontext():
                plugin.configure()
        finally:
            plugin.stop()
    assert [one["service"] for one in azure.requests()] == ["github-jobs", "login", "github-jobs"]
