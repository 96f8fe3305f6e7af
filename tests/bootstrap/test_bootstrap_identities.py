"""What the made identities can do with a pipeline's own tokens, and what none of them can."""

from __future__ import annotations

import base64
import shutil

import pytest
from bootstrapped import (
    BLOBS,
    DEVOPS,
    DEVOPS_SUBJECT,
    GITHUB,
    NUMBERED,
    REPOSITORY,
    STORAGE,
    VAULT,
    Bootstrap,
)
from local_azure import seed
from rights import give_deployer
from state_estate import containers
from whole_chain import GROUP, SECRETS_USER, SUBSCRIPTION, VAULTS, role_body, role_url

PIPELINES = f"{SUBSCRIPTION}/resourceGroups/rg-pipelines"
OK, FORBIDDEN = 200, 403
CONFIG = ("config", "get", "purview-ai:chatgpt-compliance-key", "--stack", "contoso")


def writes(made: Bootstrap, host: str) -> list[str]:
    """The requests to a host that changed something, as far as the journal goes back."""
    return [
        f"{one['method']} {one['path']}"
        for one in made.stack.azure.requests()
        if one["host"] == host and one["method"] not in ("GET", "HEAD")
    ]


@pytest.fixture(scope="module")
def contoso(made: Bootstrap) -> Bootstrap:
    """Contoso's stack and the stack of the grants are made, each with its state and its key where it belongs."""
    for whose in ("contoso", "grants"):
        pipeline = made.pipeline(whose, "apply", project="grants" if whose == "grants" else "tenants")
        pipeline.done("stack", "init", whose, "--secrets-provider", made.told(whose)["SECRETS_PROVIDER"])
    words = ("config", "set", "--secret", "purview-ai:chatgpt-compliance-key", "--stack", "contoso")
    made.pipeline("contoso", "apply").done(*words, said=seed.VENDOR_KEY)
    return made


@pytest.fixture(scope="module")
def deployed(contoso: Bootstrap) -> Bootstrap:
    """The account's grants are given and the tenant is deployed, each by its own identity."""
    # What the output remaining lists, and no stack can give.
    give_deployer(
        contoso.operator,
        "data-source-administrator",
        "purview-reader",
        principal=contoso.told("contoso")["APPLY_OBJECT_ID"],
    )
    give_deployer(contoso.operator, "purview-reader", principal=contoso.told("contoso")["PLAN_OBJECT_ID"])
    grants = contoso.pipeline("grants", "apply", project="grants")
    account = {"account": "contoso-purview", "resource_group": "rg-governance"}
    for path, value in account.items():
        grants.done("config", "set", "--path", f"purview-ai:grants.{path}", value, "--stack", "grants")
    grants.done("up", "--yes", "--skip-preview", "--stack", "grants", "--suppress-permalink=true")
    contoso.pipeline("contoso", "apply").done(
        "up", "--yes", "--skip-preview", "--stack", "contoso", "--suppress-permalink=true"
    )
    return contoso


def test_a_tenant_is_deployed_by_its_identities_to_its_first_run(deployed: Bootstrap) -> None:
    assert deployed.operator.run_of()["status"] == "Succeeded"
    deployed.stack.azure.forget_requests()
    plan = deployed.pipeline("contoso", "plan")
    plan.done("preview", "--expect-no-changes", "--stack", "contoso", "--suppress-permalink=true")
    plan.done("refresh", "--preview-only", "--expect-no-changes", "--stack", "contoso", "--suppress-permalink=true")
    assert writes(deployed, BLOBS) == []
    asked = {one["path"].rsplit("/", 1)[1] for one in deployed.stack.azure.requests() if one["host"].startswith(VAULT)}
    assert asked == {"decrypt"}


def test_an_identity_that_previews_changes_neither_state_nor_azure(deployed: Bootstrap) -> None:
    plan = deployed.pipeline("contoso", "plan")
    before = plan.done("stack", "export", "--stack", "contoso")
    for words in (
        ("up", "--yes", "--skip-preview", "--stack", "contoso"),
        ("destroy", "--yes", "--skip-preview", "--stack", "contoso"),
        ("stack", "init", "another", "--secrets-provider", deployed.told("contoso")["SECRETS_PROVIDER"]),
        ("stack", "rm", "--force", "--yes", "--stack", "contoso"),
    ):
        assert "AuthorizationPermissionMismatch" in plan.refused(*words)
    assert plan.done("stack", "export", "--stack", "contoso") == before
    assert plan.ask(deployed.stack.azure, "GET", f"{VAULTS}/kv-contoso-ai", {}) == OK
    for method, url in (
        ("PATCH", f"{VAULTS}/kv-contoso-ai"),
        ("DELETE", f"{VAULTS}/kv-contoso-ai"),
        ("PUT", role_url(GROUP)),
        ("PUT", f"{containers(STORAGE, PIPELINES)}/state-contoso"),
    ):
        assert plan.ask(deployed.stack.azure, method, url, role_body(SECRETS_USER, seed.STRANGER_ID)) == FORBIDDEN


def test_another_tenants_identities_read_neither_state_nor_secrets(contoso: Bootstrap) -> None:
    for job in ("apply", "plan"):
        other = contoso.pipeline("fabrikam", job, backend="contoso")
        for words in (("stack", "ls"), ("stack", "export", "--stack", "contoso"), CONFIG):
            said = other.refused(*words)
            assert "403" in said
            assert "AuthorizationPermissionMismatch" in said


def test_another_tenants_identities_do_not_open_what_the_key_closed(contoso: Bootstrap) -> None:
    """Though they have the other's stack file, which everybody with the repository has."""
    shutil.copytree(contoso.folder / "tenants", contoso.folder / "thief")
    stack_file = contoso.folder / "thief" / "stacks" / "Pulumi.contoso.yaml"
    found = stack_file.read_text()
    thief = contoso.pipeline("fabrikam", "apply", project="thief")
    thief.done("stack", "init", "contoso", "--secrets-provider", contoso.told("fabrikam")["SECRETS_PROVIDER"])
    stack_file.write_text(found)
    for job in ("apply", "plan"):
        said = contoso.pipeline("fabrikam", job, project="thief").refused(*CONFIG)
        assert "ForbiddenByRbac" in said
        assert "keys/decrypt/action" in said
    provider = contoso.told("contoso")["SECRETS_PROVIDER"]
    assert "keys/encrypt/action" in thief.refused("stack", "init", "more", "--secrets-provider", provider)


def test_each_opens_its_own(contoso: Bootstrap) -> None:
    for job in ("apply", "plan"):
        pipeline = contoso.pipeline("contoso", job)
        assert "contoso" in pipeline.done("stack", "ls")
        assert pipeline.done(*CONFIG).strip() == seed.VENDOR_KEY


@pytest.mark.parametrize(
    ("tenant", "job", "issuer", "subject"),
    [
        ("contoso", "plan", GITHUB, f"{REPOSITORY}:environment:contoso-plan"),
        ("contoso", "plan", GITHUB, f"{NUMBERED}:environment:contoso-plan"),
        ("contoso", "apply", GITHUB, f"{NUMBERED}:environment:contoso"),
        ("fabrikam", "plan", GITHUB, f"{REPOSITORY}:environment:drift"),
        ("fabrikam", "apply", DEVOPS, DEVOPS_SUBJECT),
        ("grants", "apply", GITHUB, f"{NUMBERED}:environment:grants"),
    ],
)
def test_tokens_of_the_named_environments_open_their_identities(
    contoso: Bootstrap, tenant: str, job: str, issuer: str, subject: str
) -> None:
    pipeline = contoso.pipeline(tenant, job, token=contoso.stack.azure.federated_token(issuer, subject))
    pipeline.done("stack", "ls")


@pytest.mark.parametrize(
    "subject",
    [
        f"{REPOSITORY}:environment:contoso-plan",
        f"{REPOSITORY}:environment:fabrikam",
        f"{REPOSITORY}:pull_request",
        f"{REPOSITORY}:ref:refs/heads/main",
        "repo:contoso/purview-fork:environment:contoso",
        "repo:contoso@1/purview@456789:environment:contoso",
    ],
)
def test_no_other_token_opens_who_deploys(contoso: Bootstrap, subject: str) -> None:
    token = contoso.stack.azure.federated_token(GITHUB, subject)
    said = contoso.pipeline("contoso", "apply", token=token).refused("stack", "ls")
    assert "AADSTS700213" in said
    assert subject in said


def test_whoever_recovers_states_opens_them_all(contoso: Bootstrap) -> None:
    azure, who = contoso.stack.azure, (seed.STRANGER_APP, seed.STRANGER_SECRET)
    token = azure.token(*who, "https://storage.azure.com/.default")
    key = azure.token(*who, "https://vault.azure.net/.default")
    with azure.client() as client:
        for tenant in ("contoso", "fabrikam", "grants", "bootstrap"):
            listed = client.get(
                f"https://{BLOBS}/state-{tenant}?restype=container&comp=list",
                headers={"authorization": f"Bearer {token}"},
            )
            assert listed.status_code == 200
            sealed = client.post(
                f"https://{VAULT}.vault.azure.net/keys/{tenant}/encrypt?api-version=7.5",
                json={"alg": "RSA-OAEP-256", "value": base64.urlsafe_b64encode(b"x").decode()},
                headers={"authorization": f"Bearer {key}"},
            )
            assert sealed.status_code == 200
