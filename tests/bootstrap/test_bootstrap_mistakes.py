"""Wrong settings of ``bootstrap/``: one clear error for each, before anything is asked or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from bootstrapped import BLOCK, GROUP, STORAGE, VAULT, Bootstrap
from local_azure import seed
from state_estate import make_account
from whole_chain import VAULTS, vault_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GITHUB: dict[str, Any] = BLOCK["github"]
_TRUST = {"issuer": "https://issuer.example", "subject": "a"}


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Bootstrap:
    """The program's stack of the module, whose settings each test says anew."""
    return request.getfixturevalue("made")


@pytest.fixture
def stack(shared: Bootstrap) -> Iterator[Bootstrap]:
    """As it was before, afterwards."""
    files = [shared.stack.file, *(shared.folder / "tenants" / "stacks").glob("*.yaml")]
    before = {file: file.read_text() for file in files}
    shared.stack.azure.forget_requests()
    yield shared
    for file, text in before.items():
        file.write_text(text)


def trusting(whose: str, *jobs: str) -> dict[str, Any]:
    """A token for each job, of a service connection of Azure DevOps."""
    return {job: {"trusts": {"service-connection": _TRUST | {"subject": f"{whose}-{job}"}}} for job in jobs}


def refusal(stack: Bootstrap) -> str:
    """What a preview says, once it is known that nobody was asked for anything."""
    words = stack.stack.preview().must_fail().words
    assert stack.stack.azure.requests() == []
    return words


KEPT = (
    "in the stack file of contoso, sources.chatgpt.key.origin = '{}: Pulumi keeps the vendor's key in the stack file: "
    "the identity that previews a pull request decrypts it, and so can a program that the pull request brings fix: "
    "origin: vault. How the key of contoso gets there while its scans go on: "
    "docs/living-with-a-tenant.md#a-key-that-leaves-pulumi"
)


def of_contoso(stack: Bootstrap) -> Path:
    """The stack file of one of the tenants."""
    return stack.folder / "tenants" / "stacks" / "Pulumi.contoso.yaml"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"storage_account": "St-Contoso"}, "storage_account = 'St-Contoso' it must have 3 to 24 lower-case letters"),
        ({"vault": "kv--contoso"}, "vault = 'kv--contoso' it must have 3 to 24 letters"),
        ({"storage": "x"}, "storage = (not shown) there is no such setting fix: did you mean storage_account?"),
        ({"keep_deleted_days": 5}, "keep_deleted_days = 5 it must be at least 7"),
        ({"redundancy": "Standard_XRS"}, "redundancy = 'Standard_XRS' it must be one of"),
        ({"allow_from": ["20.0.113.7/33"]}, "it must be an IPv4 address or network"),
        ({"tenants": {}}, "tenants it must hold at least 1"),
        ({"tenants": {"Contoso": {}}}, "tenants.Contoso = 'Contoso' it must have 3 to 40 lower-case letters"),
        ({"tenants": {"bootstrap": {}}}, "bootstrap is the name of a container that is no tenant's"),
        (
            {"tenants": {"contoso": {}, "contoso-pre": {"stacks": ["fabrikam"]}}},
            "would have one environment, contoso-pre-production, whose tokens open both; choose another name",
        ),
        ({"tenants": {"contoso": {"pln": {}}}}, "did you mean plan?"),
        (
            {"tenants": {"contoso": {"plan": {"trusts": {"github-x": _TRUST}}}}},
            "choose one that does not begin with github-",
        ),
        (
            {"tenants": {"contoso": {"plan": {"trusts": {"devops": _TRUST | {"issuer": "issuer.example"}}}}}},
            "tenants.contoso.plan.trusts.devops.issuer = 'issuer.example'",
        ),
        ({"github": _GITHUB | {"repository_id": None}}, "organization_id and repository_id go together"),
        (
            {"github": {"organization": "contoso", "repository": "purview", "names": False}},
            "without names there must be numbers",
        ),
        ({"github": None}, "tenants.contoso.plan nobody's tokens open this identity"),
        (
            {"tenants": {"contoso": {}, "fabrikam": {"plan": {"environments": ["contoso-scans"]}}}},
            "tenants.fabrikam.plan = 'repo:contoso/purview:environment:contoso-scans' the same token would open",
        ),
        (
            {"tenants": {"contoso": {}, "both": {"stacks": ["fabrikam", "contoso"]}}},
            "stacks = 'contoso' it belongs to tenants.both, too",
        ),
        ({"tenants": {"contoso": {"plan": {"environments": ["a b"]}}}}, "= 'a b' it must have 1 to 60 letters"),
        (
            {"tenants": {"fleet": {"stacks": ["contoso"]}}},
            "tenants.fleet.stacks = 'contoso' contoso stands below fleet, and its pipelines sign in as contoso",
        ),
        (
            {"grants": {"environments": ["grants"]}},
            "there is no such setting fix: remove it; known here are plan, apply",
        ),
        ({"tenants": {"northwind": {}}}, "tenants.northwind there is no stack northwind"),
    ],
)
def test_a_wrong_setting_is_told_by_place_value_reason_and_fix(
    stack: Bootstrap, block: dict[str, Any], told: str
) -> None:
    stack.say(**block)
    words = refusal(stack)
    assert told in words
    assert "wrong in its stack file; nothing was sent to Azure" in words
    assert "fix: " in words


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("grants", "managed", "its pipeline would need AppRoleAssignment.ReadWrite.All"),
        ("vault.deployer_access", True, "contoso gives roles to whoever deploys it (vault.deployer_access)"),
        ("purview.deployer_access", True, "contoso gives roles to whoever deploys it (purview.deployer_access)"),
        ("vault.create_resource_group", True, "Contributor and User Access Administrator on the whole subscription"),
        ("tags", {"environment": "prod"}, "its tag environment is prod, and the pipelines know sandbox"),
        ("tags", {"identity": "Fleet"}, "its pipelines sign in as Fleet, by the tag identity or by its name, and what"),
        ("tags", {"identity": "grants"}, "bootstrap and grants are no tenants'"),
        ("tags", {"identity": "fleet"}, "fix: tags: {identity: contoso} in its stack file"),
        ("vault.resource_group", GROUP.upper(), "could open the other tenants' states"),
        ("vault.name", "no_name", "the stack file of contoso has 1 wrong setting fix"),
        ("sources.chatgpt.key.origin", "config", KEPT.format("config'")),
        ("sources.chatgpt.key", {"secret": "a-key"}, KEPT.format("config', which is the default")),
    ],
)
def test_what_a_pipeline_should_not_need_is_refused(stack: Bootstrap, setting: str, value: object, told: str) -> None:
    file = of_contoso(stack)
    whole = yaml.safe_load(file.read_text())
    block, (*above, last) = whole["config"]["purview-ai:tenant"], setting.split(".")
    for step in above:
        block = block[step]
    block[last] = value
    file.write_text(yaml.safe_dump(whole))
    words = refusal(stack)
    assert "tenants.contoso" in words
    assert told in words


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("purview-ai:chatgpt-compliance-key", "it is a secret, and no source takes its key from here"),
        ("azure-native:clientSecret", "with it somebody signs in, and pipelines need none"),
        ("azuread:clientCertificatePassword", "with it somebody signs in, and pipelines need none"),
    ],
)
def test_a_secret_that_the_plan_identity_could_decrypt_is_refused(stack: Bootstrap, setting: str, told: str) -> None:
    file = of_contoso(stack)
    whole = yaml.safe_load(file.read_text())
    whole["config"][setting] = {"secure": "AAABALlb+cipher"}
    file.write_text(yaml.safe_dump(whole))
    words = refusal(stack)
    assert f"tenants.contoso in the stack file of contoso, {setting} = (not shown): {told}" in words
    assert f"fix: pulumi config rm {setting} --stack contoso; and replace it" in words
    assert "cipher" not in words
    assert "1 setting is wrong" in words


def test_several_mistakes_are_told_together(stack: Bootstrap) -> None:
    stack.stack.set_config({"azure-native:subscriptionId": "6f0c9f0e", "azure-native:location": None})
    stack.say(tenants={"northwind": {}}, github=None)
    words = refusal(stack)
    assert "7 settings are wrong" in words


def test_two_tenants_in_one_resource_group_are_warned_of(stack: Bootstrap) -> None:
    file = stack.folder / "tenants" / "stacks" / "Pulumi.fabrikam.yaml"
    file.write_text(file.read_text().replace("rg-fabrikam", "rg-ai-governance"))
    words = stack.stack.preview().must_succeed().words
    assert "contoso and fabrikam have their vaults in one resource group" in words
    assert "administrators: nobody is named" in words


def test_scans_that_no_token_starts_are_warned_of_and_get_no_identity(stack: Bootstrap) -> None:
    contoso, fabrikam, grants = (trusting(whose, "plan", "apply") for whose in ("contoso", "fabrikam", "grants"))
    contoso |= trusting("contoso", "scan")
    stack.say(github=None, grants=grants, tenants={"contoso": contoso, "fabrikam": fabrikam})
    seen = stack.stack.preview().must_succeed()
    assert "tenants.fabrikam: scan trusts no token, so no identity is made that starts scans" in seen.words
    assert "tenants.contoso: scan" not in seen.words
    assert seen.steps["contoso-scan-service-connection"] == "create"
    assert seen.steps["fabrikam-scan-identity"] == "delete"


def test_tenants_of_two_environments_have_no_identity_in_common(stack: Bootstrap) -> None:
    stack.say(tenants={"fleet": {"stacks": ["contoso", "fabrikam"]}})
    stack.tag("contoso", identity="fleet", environment="sandbox")
    stack.tag("fabrikam", identity="fleet")
    words = refusal(stack)
    assert "1 setting is wrong" in words
    assert (
        "tenants.fleet.stacks some of them are deployed in sandbox and others in production, by one identity" in words
    )
    assert "tags: {identity: fleet-production} in their stack files" in words


def test_a_name_that_somebody_else_has_is_told(bootstrap: Bootstrap) -> None:
    make_account(bootstrap.operator, STORAGE)
    deleted = f"{VAULTS}/{VAULT}"
    bootstrap.operator.do("PUT", deleted, json=vault_body())
    bootstrap.operator.do("DELETE", deleted)
    words = bootstrap.stack.up("--continue-on-error").must_fail().words
    assert f"sandbox: storage account {STORAGE} was not made Names of storage accounts are unique" in words
    assert "StorageAccountAlreadyTaken" in words
    assert f"sandbox: key vault {VAULT} was not made" in words


def test_whoever_lacks_the_rights_is_told_which(bootstrap: Bootstrap) -> None:
    bootstrap.stack.environment |= {"ARM_CLIENT_ID": seed.STRANGER_APP, "ARM_CLIENT_SECRET": seed.STRANGER_SECRET}
    bootstrap.say(give_app_roles=None)
    words = bootstrap.stack.up().must_fail().words
    assert "sandbox: resource group rg-pipelines was not made Whoever deploys this needs Contributor" in words


def test_a_tenants_resource_group_that_is_not_there_is_told(bootstrap: Bootstrap) -> None:
    file = bootstrap.folder / "tenants" / "stacks" / "Pulumi.fabrikam.yaml"
    file.write_text(file.read_text().replace("rg-fabrikam", "rg-nowhere"))
    words = bootstrap.stack.up("--continue-on-error").must_fail().words
    assert "sandbox: Reader on rg-nowhere was not given to id-fabrikam-plan Is its resource group there?" in words
