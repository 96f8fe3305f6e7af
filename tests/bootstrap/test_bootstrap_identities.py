"""What the made identities can do with a pipeline's own tokens, and what none of them can."""

from __future__ import annotations

import base64
import json
import shutil
from typing import Any

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
from people import PURVIEW
from rights import give_deployer
from state_estate import containers
from whole_chain import (
    ACCOUNT,
    GROUP,
    SECRET,
    SECRETS_USER,
    SUBSCRIPTION,
    TRIGGER,
    VAULT_URL,
    VAULTS,
    reference,
    role_body,
    role_url,
)
from workflows import Ran, Runner, environment_in, matrix_of

PIPELINES = f"{SUBSCRIPTION}/resourceGroups/rg-pipelines"
OK, FORBIDDEN = 200, 403
FIRST = {"strategy.job-index": 0}
FABRIKAMS = "datasources/chatgpt-fabrikam/scans/chatgpt-fabrikam-scan"
ENVIRONMENTS = ("sandbox", "pre-production", "production")
PREVIEW = ("preview", "--suppress-permalink=true")
CONFIG = ("config", "get", "team:word", "--stack", "contoso")
KEYS = {"contoso": seed.VENDOR_KEY, "fabrikam": seed.OTHER_VENDOR_KEY}


def writes(made: Bootstrap, host: str) -> list[str]:
    """The requests to a host that changed something, as far as the journal goes back."""
    return [
        f"{one['method']} {one['path']}"
        for one in made.stack.azure.requests()
        if one["host"] == host and one["method"] not in ("GET", "HEAD")
    ]


@pytest.fixture(scope="module")
def contoso(made: Bootstrap) -> Bootstrap:
    """Stacks of two tenants and of the grants are made, each with its state where it belongs; two have a secret."""
    for whose in ("contoso", "fabrikam", "grants"):
        pipeline = made.pipeline(whose, "apply", project="grants" if whose == "grants" else "tenants")
        pipeline.done("stack", "init", whose, "--secrets-provider", made.told(whose)["SECRETS_PROVIDER"])
    for whose in KEYS:
        words = ("config", "set", "--secret", "team:word", "--stack", whose)
        made.pipeline(whose, "apply").done(*words, said=f"the word of {whose}")
    return made


@pytest.fixture(scope="module")
def granted(contoso: Bootstrap) -> Bootstrap:
    """The account's grants are given by their own identity, and whatever no stack can give by somebody."""
    for whose in ("contoso", "fabrikam"):
        told = contoso.told(whose)
        roles = ("data-source-administrator", "purview-reader")
        give_deployer(contoso.operator, *roles, principal=told["APPLY_OBJECT_ID"])
        give_deployer(contoso.operator, "purview-reader", principal=told["PLAN_OBJECT_ID"])
    scan = contoso.told("contoso")["SCAN_OBJECT_ID"]
    give_deployer(contoso.operator, "data-source-administrator", principal=scan)
    grants = contoso.pipeline("grants", "apply", project="grants")
    account = {"account": "contoso-purview", "resource_group": "rg-governance"}
    for path, value in account.items():
        grants.done("config", "set", "--path", f"purview-ai:grants.{path}", value, "--stack", "grants")
    contoso.pipeline("grants", "plan", project="grants").done(*PREVIEW, "--stack", "grants")
    grants.done("up", "--yes", "--skip-preview", "--stack", "grants", "--suppress-permalink=true")
    contoso.pipeline("grants", "plan", project="grants").done(*PREVIEW, "--expect-no-changes", "--stack", "grants")
    return contoso


@pytest.fixture(scope="module")
def deployed(granted: Bootstrap) -> Bootstrap:
    """Two tenants are deployed by the workflows, each by its own identities with tokens of its own environments.

    Their keys are put into the vaults that the first run makes.
    """
    for job, applied in released(granted, "first"):
        assert not applied.succeeded
        assert f"secret {SECRET} was not found in key vault kv-{job['matrix.stack']}-ai" in applied.said
    for whose, key in KEYS.items():
        granted.operator.do("PUT", f"https://kv-{whose}-ai.vault.azure.net/secrets/{SECRET}", json={"value": key})
    for job, applied in released(granted, "second"):
        assert applied.succeeded, applied.said
        assert applied.environment == f"{job['matrix.stack']}-production"
    return granted


def released(granted: Bootstrap, name: str) -> list[tuple[dict[str, str], Ran]]:
    """Each tenant's job with its deployment, once all are previewed."""
    run = granted.workflows(name)
    scope = run.job("deploy.yml", "scope")
    assert scope.succeeded, scope.said
    jobs = [{f"matrix.{name}": one[name] for name in ("stack", "name", "identity")} for one in tenants_in(scope)]
    for number, job in enumerate(jobs):
        plan = run.job("deploy.yml", "plan", **job, **{"strategy.job-index": number})
        assert plan.succeeded, plan.said
    return [(job, run.job("apply.yml", "apply", **job, **{"inputs.environment": "production"})) for job in jobs]


def tenants_in(scope: Ran) -> list[dict[str, str]]:
    """The jobs of production, one for each tenant."""
    found = matrix_of(scope.outputs["production"])
    assert [one["identity"] for one in found] == [one["stack"] for one in found] == ["contoso", "fabrikam"]
    return found


def test_a_job_of_one_tenant_deploys_no_other(deployed: Bootstrap) -> None:
    run = deployed.workflows("mixed up")
    of_fabrikam = {"matrix.stack": "fabrikam", "matrix.name": "fabrikam", "matrix.identity": "fabrikam"}
    plan = run.job("deploy.yml", "plan", **of_fabrikam, **{"strategy.job-index": 0})
    assert plan.succeeded, plan.said
    as_contoso = {**of_fabrikam, "matrix.identity": "contoso"}
    applied = run.job("apply.yml", "apply", **as_contoso, **{"inputs.environment": "production"})
    assert not applied.succeeded
    assert "no stack named 'fabrikam' found" in applied.said


def test_the_jobs_of_the_workflows_are_in_the_environments_that_open_the_identities(made: Bootstrap) -> None:
    known = made.workflows("names").job("deploy.yml", "scope").outputs
    [contoso] = [one for one in matrix_of(known["stacks"]) if one["stack"] == "contoso"]
    as_contoso = {"matrix.identity": contoso["identity"]}
    jobs = [("deploy.yml", "plan", {}), ("drift.yml", "drift", {}), ("scans.yml", "scan", {})]
    jobs += [("pull-request.yml", "preview", {"needs.scope.outputs.reviewed": said}) for said in ("true", "false")]
    jobs += [("apply.yml", "apply", {"inputs.environment": one}) for one in ENVIRONMENTS if known[one]]
    does = {"drift": "plan", "preview": "plan"}
    asked = {(does.get(job, job), environment_in(file, job, **as_contoso, **more)) for file, job, more in jobs}
    assert asked == opening(made, "contoso")
    grants = {(job, environment_in("grants.yml", job)) for job in ("plan", "apply")}
    assert grants == opening(made, "grants")


def opening(made: Bootstrap, whose: str) -> set[tuple[str, str]]:
    """The jobs of a tenant's identities, each with the environments whose tokens open it."""
    resources = made.stack.state()["checkpoint"]["latest"]["resources"]
    return {
        (job, one["inputs"]["subject"].rsplit(":", 1)[1])
        for job in ("plan", "apply", "scan")
        for one in resources
        if one["urn"].rsplit("::", 1)[1].startswith(f"{whose}-{job}-github-")
    }


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


def test_a_night_looks_with_what_github_says_of_each_tenants_job(deployed: Bootstrap) -> None:
    run = deployed.workflows("a night")
    scope = run.job("drift.yml", "scope")
    jobs = {one["identity"]: one for one in matrix_of(scope.outputs["identities"])}
    assert set(jobs) == set(KEYS), scope.said
    assert [night(run, one)["differs"] for one in jobs.values()] == [False, False]
    before = deployed.operator.get(TRIGGER)
    deployed.operator.do("DELETE", TRIGGER)
    deployed.stack.azure.forget_requests()
    try:
        found = night(run, jobs["contoso"])
    finally:
        deployed.operator.do("PUT", TRIGGER, json=before)
    identity = deployed.told("contoso")["PLAN_CLIENT_ID"]
    asked = [one for one in deployed.stack.azure.requests() if one["caller"] == identity]
    assert [one["resource"] for one in found["changes"]] == ["chatgpt-trigger"], found
    assert {"arm", "blob", "graph", "purview"} <= {one["service"] for one in asked}
    assert {one["method"] for one in asked} <= {"GET", "HEAD", "POST"}


def test_a_night_of_one_tenant_reads_no_others_state(deployed: Bootstrap) -> None:
    run = deployed.workflows("a mixed up night")
    run.identities["contoso-plan"] |= {"PULUMI_BACKEND_URL": deployed.told("fabrikam")["PULUMI_BACKEND_URL"]}
    for stack in ("contoso", "fabrikam"):
        found = night(run, {"identity": "contoso", "stack": stack})
        assert found["differs"] is None
        assert "Azure Storage: 403 AuthorizationPermissionMismatch" in found["problem"]
        assert found["covered"] == []


def night(run: Runner, job: dict[str, str]) -> dict[str, Any]:
    """What the night's job of an identity with one tenant found out."""
    ran = run.job("drift.yml", "drift", **{f"matrix.{key}": value for key, value in job.items()}, **FIRST)
    assert ran.environment == f"{job['identity']}-plan"
    [found] = json.loads((ran.folder / "drift.json").read_text())
    return found


def test_scans_are_started_by_an_identity_that_asks_purview_alone(deployed: Bootstrap) -> None:
    deployed.stack.azure.forget_requests()
    scan = scanned(deployed, "contoso")
    assert scan.succeeded, scan.said
    assert scan.environment == "contoso-scans"
    newest = deployed.operator.run_of()
    assert f"incremental run {newest['id']} of scan chatgpt-scan was started" in scan.said
    assert (newest["scanLevelType"], newest["status"]) == ("Incremental", "Succeeded")
    identity = deployed.told("contoso")["SCAN_CLIENT_ID"]
    asked = {one["service"] for one in deployed.stack.azure.requests() if one["caller"] == identity}
    assert asked == {"arm", "purview"}


def test_a_scan_is_not_started_by_who_has_no_role_for_it(deployed: Bootstrap) -> None:
    before = deployed.operator.run_of(FABRIKAMS)["id"]
    scan = scanned(deployed, "fabrikam")
    assert not scan.succeeded
    assert "Purview: 403 Unauthorized" in scan.said
    assert "Data Source Administrator" in scan.said
    assert deployed.operator.run_of(FABRIKAMS)["id"] == before


def scanned(made: Bootstrap, tenant: str) -> Ran:
    """The job that starts a tenant's scans."""
    job = {"matrix.stack": tenant, "matrix.name": tenant, "matrix.identity": tenant}
    return made.workflows(f"scans of {tenant}").job("scans.yml", "scan", **job)


def test_who_starts_scans_opens_no_state_and_deploys_nothing(deployed: Bootstrap) -> None:
    for whose in ("contoso", "fabrikam"):
        scan = deployed.pipeline("contoso", "scan", backend=whose)
        for words in (
            ("stack", "ls"),
            ("stack", "export", "--stack", whose),
            ("config", "get", "purview-ai:chatgpt-compliance-key", "--stack", whose),
            ("up", "--yes", "--skip-preview", "--stack", whose),
            ("destroy", "--yes", "--skip-preview", "--stack", whose),
        ):
            assert "AuthorizationPermissionMismatch" in scan.refused(*words)
    scan, azure = deployed.pipeline("contoso", "scan"), deployed.stack.azure
    assert scan.ask(azure, "GET", ACCOUNT, {}) == OK
    assert scan.ask(azure, "GET", f"{PURVIEW}/scan/datasources/chatgpt", {}) == OK
    for method, url in (
        ("GET", f"{VAULTS}/kv-contoso-ai"),
        ("PATCH", f"{VAULTS}/kv-contoso-ai"),
        ("DELETE", f"{VAULTS}/kv-contoso-ai"),
        ("PATCH", ACCOUNT),
        ("PUT", role_url(GROUP)),
        ("PUT", f"{containers(STORAGE, PIPELINES)}/state-contoso"),
        ("GET", f"{VAULT_URL}/secrets/chatgpt-compliance-key"),
        ("GET", f"https://{VAULT}.vault.azure.net/keys/contoso"),
        ("POST", f"https://{VAULT}.vault.azure.net/keys/contoso/decrypt"),
    ):
        assert scan.ask(azure, method, url, role_body(SECRETS_USER, seed.STRANGER_ID)) == FORBIDDEN, (method, url)
    url, body = f"{PURVIEW}/account/collections/{seed.COLLECTION}", {"parentCollection": reference(seed.ACCOUNT)}
    assert scan.ask(azure, "PUT", url, body, "2019-11-01-preview") == FORBIDDEN
    roles = f"{PURVIEW}/policystore/collections/{seed.COLLECTION}/metadataPolicy"
    assert scan.ask(azure, "GET", roles, {}, "2021-07-01") == FORBIDDEN


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
        assert pipeline.done(*CONFIG).strip() == "the word of contoso"


@pytest.mark.parametrize(
    ("tenant", "job", "issuer", "subject"),
    [
        ("contoso", "plan", GITHUB, f"{REPOSITORY}:environment:contoso-plan"),
        ("contoso", "plan", GITHUB, f"{NUMBERED}:environment:contoso-plan"),
        ("contoso", "plan", GITHUB, f"{NUMBERED}:environment:contoso-plan-reviewed"),
        ("contoso", "apply", GITHUB, f"{NUMBERED}:environment:contoso-production"),
        ("fabrikam", "plan", GITHUB, f"{REPOSITORY}:environment:drift"),
        ("fabrikam", "apply", DEVOPS, DEVOPS_SUBJECT),
        ("grants", "plan", GITHUB, f"{NUMBERED}:environment:grants-plan"),
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
        f"{REPOSITORY}:environment:fabrikam-production",
        f"{REPOSITORY}:environment:contoso-sandbox",
        f"{REPOSITORY}:environment:contoso-scans",
        f"{REPOSITORY}:pull_request",
        f"{REPOSITORY}:ref:refs/heads/main",
        "repo:contoso/purview-fork:environment:contoso-production",
        "repo:contoso@1/purview@456789:environment:contoso-production",
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
