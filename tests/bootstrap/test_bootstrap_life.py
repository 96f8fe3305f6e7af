"""The program in ``bootstrap/`` on the real engine: made, seen again without a change, and let go of."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import yaml
from bootstrapped import BLOCK, GITHUB, GROUP, REPOSITORY, STORAGE, VAULT
from local_azure import seed
from rights import take_graph
from whole_chain import SUBSCRIPTION, let_the_deployer_make_resource_groups

if TYPE_CHECKING:
    from bootstrapped import Bootstrap

PLACE = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
ACCOUNT = f"{PLACE}/Microsoft.Storage/storageAccounts/{STORAGE}"
ASSIGNMENTS = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"


def arm(made: Bootstrap, url: str, version: str) -> Any:
    """A resource as ARM has it."""
    return made.operator.get(url, **{"api-version": version})


def scopes_of(made: Bootstrap, identity: str) -> set[str]:
    """What an identity holds a role on, by the last two parts of each scope."""
    url = f"{PLACE}/Microsoft.ManagedIdentity/userAssignedIdentities/id-{identity}"
    principal = arm(made, url, "2023-01-31")["properties"]["principalId"]
    held = [one["properties"] for one in arm(made, ASSIGNMENTS, "2022-04-01")["value"]]
    return {"/".join(one["scope"].split("/")[-2:]) for one in held if one["principalId"] == principal}


def test_it_is_made_and_a_second_preview_changes_nothing(bootstrap: Bootstrap) -> None:
    bootstrap.stack.up().must_succeed()
    account = arm(bootstrap, ACCOUNT, "2024-01-01")["properties"]
    assert (account["allowSharedKeyAccess"], account["minimumTlsVersion"]) == (False, "TLS1_2")
    keeps = arm(bootstrap, f"{ACCOUNT}/blobServices/default", "2024-01-01")["properties"]
    assert keeps["isVersioningEnabled"]
    assert keeps["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 90}
    vault = arm(bootstrap, f"{PLACE}/Microsoft.KeyVault/vaults/{VAULT}", "2023-07-01")["properties"]
    assert vault["enablePurgeProtection"]
    assert vault["enableRbacAuthorization"]
    assert scopes_of(bootstrap, "contoso-plan") == {
        "containers/state-contoso",
        "keys/contoso",
        f"resourceGroups/{seed.TENANT_GROUP}",
        "accounts/contoso-purview",
    }
    assert scopes_of(bootstrap, "contoso-scan") == {"accounts/contoso-purview"}
    assert scopes_of(bootstrap, "grants-apply") == {
        "containers/state-grants",
        "keys/grants",
        "accounts/contoso-purview",
    }
    assert bootstrap.stack.preview("--expect-no-changes").must_succeed().steps == {}
    assert bootstrap.stack.refresh().must_succeed().steps == {}


def test_tenants_that_stand_together_share_state_key_and_identities(bootstrap: Bootstrap) -> None:
    bootstrap.say(tenants={"both": {"stacks": ["contoso", "fabrikam"]}}, grants=None)
    bootstrap.tag("contoso", identity="both")
    bootstrap.tag("fabrikam", Identity="both")
    bootstrap.stack.up().must_succeed()
    assert scopes_of(bootstrap, "both-plan") == {
        "containers/state-both",
        "keys/both",
        f"resourceGroups/{seed.TENANT_GROUP}",
        "resourceGroups/rg-fabrikam",
        "accounts/contoso-purview",
    }
    assert set(bootstrap.output("lines")) == {"bootstrap", "both"}
    made = ("both-plan", "both-plan-reviewed", "both-production", "both-scans")
    assert tuple(sorted(bootstrap.output("environments"))) == tuple(sorted(made))


def test_the_credentials_of_an_identity_are_written_one_after_the_other(made: Bootstrap) -> None:
    """Two at a time Azure refuses, and the sandbox cannot show it."""
    production = "github-fabrikam-production"
    names = ["identity", production, f"{production}-numbers", "azure-devops"]
    recorded = [made.stack.recorded(f"fabrikam-apply-{name}") for name in names]
    for before, after in itertools.pairwise(recorded):
        assert before["urn"] in after["dependencies"]


def test_environments_can_be_made_before_anybody_can_sign_in_from_them(bootstrap: Bootstrap) -> None:
    without = bootstrap.stack.up("--exclude", "**:FederatedIdentityCredential::**").must_succeed()
    assert without.steps["contoso-apply-identity"] == "create"
    told = bootstrap.output("environments")
    assert {name for name in told if told[name]["reviewers"]} == {
        "contoso-plan-reviewed",
        "contoso-production",
        "drift",
        "fabrikam-production",
        "grants",
    }
    lines = bootstrap.told("contoso")
    assert told["contoso-production"]["variables"] == {
        "AZURE_CLIENT_ID": lines["APPLY_CLIENT_ID"],
        "PULUMI_BACKEND_URL": lines["PULUMI_BACKEND_URL"],
    }
    assert told["contoso-plan-reviewed"]["variables"]["AZURE_CLIENT_ID"] == lines["PLAN_CLIENT_ID"]
    assert told["contoso-scans"] == {"reviewers": False, "variables": {"AZURE_CLIENT_ID": lines["SCAN_CLIENT_ID"]}}
    assert told["grants-plan"]["variables"]["PULUMI_BACKEND_URL"].startswith("azblob://state-grants?")
    assert "AADSTS70021" in bootstrap.pipeline("contoso", "apply").refused("stack", "ls")
    federated = bootstrap.stack.up().must_succeed().steps
    assert all("-github-" in name or name.endswith("-azure-devops") for name in federated), federated
    bootstrap.pipeline("contoso", "apply").done("stack", "ls")


def test_an_environment_that_opened_who_deploys_opens_who_scans_instead(bootstrap: Bootstrap) -> None:
    together = {"environments": ["contoso-production", "contoso-scans"]}
    bootstrap.say(tenants={"contoso": {"apply": together, "scan": {"environments": ["nobody"]}}}, grants=None)
    bootstrap.stack.up("--exclude", "**::contoso-scan-*").must_succeed()
    token = bootstrap.stack.azure.federated_token(GITHUB, f"{REPOSITORY}:environment:contoso-scans")
    bootstrap.pipeline("contoso", "apply", token=token).done("stack", "ls")

    bootstrap.say(tenants={"contoso": {}})
    steps = bootstrap.stack.up().must_succeed().steps
    made = {name for name, step in steps.items() if step == "create"}
    gone = {name for name, step in steps.items() if step != "create"}
    assert "contoso-scan-identity" in made
    assert all(name.startswith("contoso-scan") for name in made)
    assert gone == {f"contoso-apply-github-contoso-scans{form}" for form in ("", "-numbers")}
    assert "AADSTS700213" in bootstrap.pipeline("contoso", "apply", token=token).refused("stack", "ls")


def test_no_secret_is_made_or_asked_for(made: Bootstrap) -> None:
    asked = [line["path"].lower() for line in made.stack.azure.requests()]
    assert [path for path in asked if "listkeys" in path or "addpassword" in path or "/secrets/" in path] == []
    assert "secure" not in str(made.stack.state()["checkpoint"]["latest"]["resources"])


def test_a_tenant_that_is_taken_out_leaves_its_state_and_its_key(bootstrap: Bootstrap) -> None:
    stack = bootstrap.stack
    stack.up().must_succeed()
    bootstrap.say(tenants={"contoso": {}})
    assert "protected" in stack.preview().must_fail().words
    for kept in ("fabrikam-state", "fabrikam-key"):
        stack.unprotect(kept)
    gone = stack.up().must_succeed().steps
    assert {gone[name] for name in ("fabrikam-state", "fabrikam-key", "fabrikam-apply-identity")} == {"delete"}
    container = f"{ACCOUNT}/blobServices/default/containers/state-fabrikam"
    assert arm(bootstrap, container, "2024-01-01")["name"] == "state-fabrikam"
    key = f"{PLACE}/Microsoft.KeyVault/vaults/{VAULT}/keys/fabrikam"
    assert arm(bootstrap, key, "2023-07-01")["name"] == "fabrikam"
    url = f"{PLACE}/Microsoft.ManagedIdentity/userAssignedIdentities/id-fabrikam-apply"
    assert bootstrap.operator.ask("GET", url, params={"api-version": "2023-01-31"}).status_code == 404

    bootstrap.say(tenants=BLOCK["tenants"])
    words = stack.up("--continue-on-error").must_fail().words
    assert "sandbox: container state-fabrikam was not made It is there already" in words
    for kind, name, found in (("storage:BlobContainer", "state", container), ("keyvault:Key", "key", key)):
        where = found.removeprefix("https://management.azure.com")
        stack.take_in(f"azure-native:{kind}", f"fabrikam-{name}", where, below="state")
    stack.up().must_succeed()
    assert stack.preview("--expect-no-changes").must_succeed().steps == {}


def test_destroy_stops_at_what_is_protected_and_can_leave_it(bootstrap: Bootstrap) -> None:
    stack = bootstrap.stack
    stack.up().must_succeed()
    assert "protected" in stack.run("destroy", "--preview-only").must_fail().words
    done = stack.run("destroy", "--yes", "--skip-preview", "--exclude-protected").must_succeed()
    assert done.steps["contoso-apply-identity"] == "delete"
    assert "contoso-state" not in done.steps
    assert arm(bootstrap, f"{ACCOUNT}/blobServices/default/containers/state-contoso", "2024-01-01")["name"]
    # What was left is known still, so that everything is made again around it.
    stack.up().must_succeed()
    assert stack.preview("--expect-no-changes").must_succeed().steps == {}


def test_only_named_addresses_reach_state_and_keys_when_some_are_named(bootstrap: Bootstrap) -> None:
    bootstrap.say(allow_from=["203.0.113.0/24", "20.0.113.7/32", "198.51.100.4/31"], protect=False)
    bootstrap.stack.up().must_succeed()
    acls = arm(bootstrap, ACCOUNT, "2024-01-01")["properties"]["networkAcls"]
    addresses = [rule["value"] for rule in acls["ipRules"]]
    assert addresses == ["203.0.113.0/24", "20.0.113.7", "198.51.100.4", "198.51.100.5"]
    assert acls["defaultAction"] == "Deny"
    assert bootstrap.stack.preview("--expect-no-changes").must_succeed().steps == {}
    bootstrap.pipeline("contoso", "apply").done("stack", "ls")
    bootstrap.say(allow_from=["203.0.113.0/24"])
    bootstrap.stack.up().must_succeed()
    assert "AuthorizationFailure" in bootstrap.pipeline("contoso", "apply").refused("stack", "ls")
    bootstrap.stack.destroy().must_succeed()


def test_who_may_write_and_give_roles_in_the_subscription_deploys_it(bootstrap: Bootstrap) -> None:
    """What it then cannot give, it tells."""
    let_the_deployer_make_resource_groups(bootstrap.operator)
    for permission in ("Application.Read.All", "AppRoleAssignment.ReadWrite.All"):
        take_graph(bootstrap.operator, permission)
    bootstrap.stack.environment |= {"ARM_CLIENT_ID": seed.DEPLOYER_APP, "ARM_CLIENT_SECRET": seed.DEPLOYER_SECRET}
    bootstrap.say(give_app_roles=None)
    bootstrap.stack.up().must_succeed()
    assert bootstrap.stack.preview("--expect-no-changes").must_succeed().steps == {}
    remaining = bootstrap.output("remaining")
    assert "Microsoft Graph: AppRoleAssignment.ReadWrite.All" in remaining["grants-apply"]
    assert "Microsoft Graph: Application.Read.All" in remaining["contoso-plan"]
    assert remaining["contoso-scan"] == ["the collection in Purview: Data Source Administrator"]
    assert not any("AppRoleAssignment" in line for line in remaining["contoso-apply"])


def test_the_programs_own_state_moves_into_the_container_that_it_made(bootstrap: Bootstrap) -> None:
    bootstrap.stack.up().must_succeed()
    found = bootstrap.folder / "state.json"
    bootstrap.owner("bootstrap", project=bootstrap.stack.project, backend="").done(
        "stack", "export", "--stack", "sandbox", "--file", str(found)
    )
    bootstrap.write_project("moved", bootstrap.stack.project / "__main__.py", name="purview-ai-bootstrap")
    owner = bootstrap.owner("bootstrap", project=bootstrap.folder / "moved")
    owner.done("stack", "init", "sandbox", "--secrets-provider", bootstrap.told("bootstrap")["SECRETS_PROVIDER"])
    file = bootstrap.folder / "moved" / "stacks" / "Pulumi.sandbox.yaml"
    said = yaml.safe_load(file.read_text()) | {"config": bootstrap.stack.config}
    file.write_text(yaml.safe_dump(said))
    owner.done("stack", "import", "--stack", "sandbox", "--file", str(found))
    owner.done("preview", "--expect-no-changes", "--stack", "sandbox")
