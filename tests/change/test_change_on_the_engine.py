"""Preview, gate and deployment of a change, on the real engine."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from chain.test_keys_of_others import leave_to_others
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH
from pipeline_hosts import commands_in
from rights import give_graph
from tenants import STACK
from whole_chain import (
    ACCOUNT,
    ACTION_GROUP_ID,
    LOG_WORKSPACE_ID,
    TRIGGER,
    USER_READ_ALL,
    VAULT,
    VAULTS,
    role_body,
    role_url,
    vault_body,
)

if TYPE_CHECKING:
    from people import Person
    from repositories import Ended, Repository

FROM = ("--from", "previews")
ACCESS = {
    "applications": [seed.CHATGPT_APP],
    "break_glass": {"users": [Somebody(principal_name=people.SILENT[0]).user(seed.TENANT).id]},
}
PROTECTED = (
    "custody-vault",
    "custody-chatgpt-compliance-key",
    "chatgpt-source",
    "chatgpt-scan",
    "chatgpt-trigger",
)


def shown(ended: Ended) -> dict[str, Any]:
    """What a preview said to a machine."""
    assert ended.code == 0, ended.err
    [one] = json.loads(ended.out)
    return one


def actions(preview: dict[str, Any]) -> dict[str, str]:
    """What happens to each resource."""
    return {change["resource"]: change["action"] for change in preview["changes"]}


def stopped_in(repository: Repository, *words: str) -> list[dict[str, str]]:
    """What the gate stops of the previews that were kept."""
    return json.loads(repository.change_command("gate", *FROM, "--json", *words).out)["stops"]


def test_a_tenant_is_deployed_as_its_preview_showed(repository: Repository, operator: Person) -> None:
    first = shown(repository.previewed("--policy-pack", "policy", "--json"))
    assert first["first"]
    assert set(actions(first).values()) == {"create"}
    assert len(actions(first)) == 12
    assert repository.change_command("gate", *FROM).words == "The gate stops nothing of sandbox."
    assert repository.writes() == []
    done = repository.change_command("apply", "--stack", STACK, *FROM)
    assert (done.code, done.out) == (0, "sandbox: deployed as it was shown\n")
    assert operator.run_of()["status"] == "Succeeded"
    again = shown(repository.previewed("--json"))
    assert (again["first"], again["changes"]) == (False, [])


def test_what_a_reviewer_must_see_is_stopped_until_it_is_approved_by_name(deployed: Repository) -> None:
    deployed.change({"vault.name": "kv-contoso-ai-2"})
    told = deployed.previewed()
    assert told.code == 0
    assert "| sandbox |  |  | 1 | 5 |  |  | good |" in told.out
    assert "`vaultName`: `kv-contoso-ai` → `kv-contoso-ai-2`" in told.out
    assert "→ `known after the deployment`" in told.out
    stopped = deployed.change_command("gate", *FROM)
    assert stopped.code == 1
    for sentence in (
        "sandbox: replace-vault: The key vault custody-vault would be deleted and made anew.",
        "sandbox: replace-secret: The vault secret custody-chatgpt-compliance-key would be deleted and made anew.",
        "sandbox: replace-grant: The role assignment custody-deployer-manages would be deleted and made anew.",
        "allow: replace-secret sandbox allow: replace-key-reference sandbox allow: replace-grant sandbox",
    ):
        assert sentence in stopped.words
    names = ("replace-vault", "replace-secret", "replace-key-reference")
    some = [word for name in names for word in ("--approved", f"{name} {STACK}")]
    [left] = {stop["approval"] for stop in stopped_in(deployed, *some)}
    assert left == "replace-grant sandbox"
    assert deployed.change_command("gate", *FROM, *some, "--approved", left).code == 0
    assert deployed.change_command("gate", *FROM, *some, "--approved", "replace-grant contoso").code == 1
    assert deployed.change_command("gate", *FROM, *some, "--approved", f"replace-grant contoso,{STACK}").code == 0
    for wrong, why in (
        (f"replace-valt {STACK}", "did you mean replace-vault?"),
        ("replace-vault", "it names no stack"),
        ("replace-vault *", "'*' is no stack"),
        (f"replace-vault {STACK} contoso", f"'{STACK} contoso' is no stack"),
    ):
        refused = deployed.change_command("gate", *FROM, "--approved", wrong)
        assert (refused.code, why in refused.words) == (2, True), refused.words


SPELLS = ("##vso[task.uploadfile]/etc/passwd", "##[add-mask]a", "::stop-commands::x")


def test_nothing_that_a_stack_file_or_its_program_says_is_a_command_to_the_pipeline(deployed: Repository) -> None:
    program = deployed.clone / "__main__.py"
    program.write_text(f"{program.read_text()}\nprint({SPELLS[0]!r}, {SPELLS[2]!r}, sep='\\n')\n")
    leave_to_others(deployed)
    deployed.change({"vault.tags": {"owner": SPELLS[0], "team": SPELLS[1], "x": SPELLS[2]}})
    here, there = (deployed.previewed("--json", **host) for host in ({}, {"TF_BUILD": "True"}))
    assert commands_in(here.out), "tags are told"
    assert commands_in(here.err), "and what a program says comes along with what the engine says"
    assert commands_in(there.out + there.err) == []
    assert there.err.count("vso[task.uploadfile]") == here.err.count("vso[task.uploadfile]") > 0
    assert shown(there) == shown(here), "a machine reads the same"
    told = deployed.previewed(GITHUB_ACTIONS="true")
    assert commands_in(told.out + told.err) == []
    assert "vso[task.uploadfile]/etc/passwd" in told.out


def test_what_stops_capturing_and_takes_a_right_away_is_stopped(deployed: Repository) -> None:
    deployed.change({"grants": {"read_users": False}, "sources.chatgpt.scan.every": None})
    deployed.change({"sources.chatgpt.scan.at": None, "sources.chatgpt.scan.time_zone": None})
    gone = actions(shown(deployed.previewed("--json")))
    assert gone == {"chatgpt-trigger": "delete", "grants-read-users": "delete"}
    assert [stop["rule"] for stop in stopped_in(deployed)] == ["delete-trigger", "delete-grant"]


def test_what_is_protected_is_told_with_the_setting_that_ends_it(repository: Repository) -> None:
    repository.change({"protect": True})
    repository.up().must_succeed()
    repository.change({"sources.chatgpt.scan": {"patience_minutes": 0}})
    refused = repository.previewed()
    assert refused.code == 1
    assert "chatgpt-trigger" in refused.out
    assert "name the source in allow_rescan, and deploy that" in refused.out
    assert "pulumi state unprotect" not in refused.out, "nobody works on the state by hand"


def test_what_others_made_is_let_go_and_needs_no_yes_but_a_protection_does(
    repository: Repository, operator: Person
) -> None:
    whole = f"{GRAPH}/v1.0/servicePrincipals/{seed.GRAPH}/appRoleAssignedTo"
    role = {"principalId": seed.PURVIEW_IDENTITY, "resourceId": seed.GRAPH, "appRoleId": USER_READ_ALL}
    operator.do("POST", whole, json=role)
    repository.change({"protect": True})
    repository.up().must_succeed()
    repository.change({"grants": {"read_users": False}})
    assert actions(shown(repository.previewed("--json"))) == {"grants-read-users": "let go"}
    assert repository.change_command("gate", *FROM).code == 0

    repository.change({"grants": None, "protect": False})
    told = repository.previewed()
    assert "**change options** key vault `custody-vault` (protected true → false)" in told.out
    stopped = stopped_in(repository)
    assert {stop["rule"] for stop in stopped} == {"protect-off"}
    assert len(stopped) == len(PROTECTED)
    assert repository.change_command("apply", "--stack", STACK, *FROM).code == 0
    assert not any(repository.recorded(name).get("protect") for name in PROTECTED)


def test_a_failed_preview_leaves_no_plan_and_is_stopped_by_the_gate(deployed: Repository) -> None:
    deployed.change({"sources.chatgpt.capture_since": "2026-02-01"})
    failed = deployed.previewed()
    assert failed.code == 1
    assert "deployer_access" not in failed.err, "a person previews and deploys as one"
    assert "| sandbox |  |  |  |  |  |  | **failed** |" in failed.out
    assert 'scan "chatgpt-scan" was not replaced' in failed.out
    assert not (deployed.clone / "previews" / "sandbox.plan.json").exists()
    stopped = deployed.change_command("gate", *FROM)
    assert (stopped.code, "sandbox: its preview failed" in stopped.words) == (1, True)
    refused = deployed.change_command("apply", "--stack", STACK, *FROM)
    assert (refused.code, "its preview failed" in refused.words) == (2, True)


def test_a_rule_of_the_policy_pack_that_is_violated_fails_the_preview(repository: Repository) -> None:
    repository.change({"vault.network": "public", "vault.allow_from": None})
    failed = repository.previewed("--policy-pack", "policy")
    assert failed.code == 1
    assert "* policy `vault-firewall` (mandatory), custody-vault: " in failed.out
    assert "* policy `required-tags`" not in failed.out
    levels = repository.clone / "rules.json"
    levels.write_text('{"vault-firewall": "advisory"}')
    elsewhere = "preview --stack sandbox --policy-pack ../policy --policy-pack-config ../rules.json --into ../previews"
    let_pass = repository.command("sh", "-c", f"cd stacks && exec purview-ai change {elsewhere}")
    assert let_pass.code == 0, let_pass.words
    assert "* policy `vault-firewall` (advisory), custody-vault: " in let_pass.out
    nowhere = repository.previewed("--policy-pack", "polcy")
    assert (nowhere.code, "'polcy' does not exist" in nowhere.words) == (2, True), nowhere.words
    levels.write_text("{}")
    stopped = repository.change_command("apply", "--stack", STACK, *FROM)
    assert (stopped.code, "vault-firewall" in stopped.words) == (1, True), "the deployment is held to the file, too"


def test_wrong_settings_end_a_preview_before_the_engine_is_asked(repository: Repository) -> None:
    repository.change({"vault.name": "kv"})
    wrong = repository.previewed()
    assert (wrong.code, "vault.name" in wrong.words) == (2, True)
    assert "Previewing" not in wrong.words
    # Whoever reads what the previews of a pull request say reads this as well.
    assert "| sandbox |  |  |  |  |  |  | **failed** |" in wrong.out
    assert "vault.name = 'kv'" in wrong.out
    stopped = repository.change_command("gate", *FROM)
    assert (stopped.code, "sandbox: its preview failed" in stopped.words) == (1, True)


def test_a_tenants_settings_are_checked_whatever_the_project_is_called(repository: Repository) -> None:
    project = repository.clone / "Pulumi.yaml"
    project.write_text(project.read_text().replace("name: purview-ai", "name: contoso"))
    repository.change({"vault.name": "kv"})
    wrong = repository.previewed(GITHUB_REPOSITORY="contoso/purview")
    assert (wrong.code, "vault.name = 'kv' it must have" in wrong.words) == (2, True)
    assert "Previewing" not in wrong.words


def test_a_plan_is_for_its_own_commit_and_stack_file(deployed: Repository) -> None:
    before = deployed.writes()
    assert deployed.previewed().code == 0
    (deployed.clone / "README.md").write_text("Ours\n")
    deployed.commit("A page")
    other_commit = deployed.change_command("apply", "--stack", STACK, *FROM)
    assert (other_commit.code, "the plan was made for commit" in other_commit.words) == (2, True)

    assert deployed.previewed().code == 0
    deployed.change({"vault.tags": {"owner": "security"}})
    other_file = deployed.change_command("apply", "--stack", STACK, *FROM)
    assert (other_file.code, "is not the one that the plan was made for" in other_file.words) == (2, True)

    assert deployed.previewed().code == 0
    plan = deployed.clone / "previews" / "sandbox.plan.json"
    plan.write_text(plan.read_text().replace("security", "somebody"))
    other_plan = deployed.change_command("apply", "--stack", STACK, *FROM)
    assert (other_plan.code, "is not the one that goes with the preview" in other_plan.words) == (2, True)
    nobody = deployed.change_command("apply", "--stack", "nobody", *FROM)
    assert (nobody.code, "there is no stack nobody" in nobody.words) == (2, True)
    plan.unlink()
    assert "does not exist" in deployed.change_command("apply", "--stack", STACK, *FROM).words
    assert deployed.writes() == before


def test_what_the_preview_did_not_show_is_not_done(repository: Repository, operator: Person) -> None:
    repository.up().must_succeed()
    repository.change({"vault.tags": {"owner": "security"}})
    assert actions(shown(repository.previewed("--json"))) == {"custody-vault": "change"}
    # Meanwhile somebody's hand, and a refresh that records it, leave more to do than was shown.
    operator.do("DELETE", TRIGGER)
    repository.run("refresh", "--yes", "--skip-preview").must_succeed()
    stopped = repository.change_command("apply", "--stack", STACK, *FROM)
    assert stopped.code == 1
    assert "sandbox: there was something to do that its preview did not show" in stopped.words
    assert "purview-ai change preview --stack sandbox --into" in stopped.words
    assert actions(shown(repository.previewed("--json")))["chatgpt-trigger"] == "create"


def test_a_deployment_that_fails_is_told_as_such(repository: Repository, operator: Person) -> None:
    assert repository.previewed().code == 0
    operator.do("PUT", VAULT, json=vault_body())
    failed = repository.change_command("apply", "--stack", STACK, *FROM)
    assert failed.code == 1
    assert "sandbox: the deployment failed" in failed.words


def test_a_plan_knows_no_key(deployed: Repository) -> None:
    told = deployed.previewed()
    kept = "".join(file.read_text() for file in (deployed.clone / "previews").iterdir())
    assert '"secure": "v1:' in kept, "the stack file's own cipher text"
    for form in (seed.VENDOR_KEY, base64.b64encode(seed.VENDOR_KEY.encode()).decode()):
        assert form not in kept + told.out + told.err


@pytest.mark.parametrize("pipeline", [{"GITHUB_ACTIONS": "true"}, {"TF_BUILD": "True"}])
def test_a_pipeline_previews_no_stack_whose_key_pulumi_keeps(deployed: Repository, pipeline: dict[str, str]) -> None:
    by_hand = deployed.file.read_text()
    in_a_codespace = deployed.previewed(CODESPACES="true", GITHUB_REPOSITORY="contoso/purview")
    assert in_a_codespace.code == 0, "a person sits before it (docs/facts.md, graph 107)"
    assert "warning: vault.deployer_access" not in in_a_codespace.err
    leave_to_others(deployed)
    told = deployed.previewed(**pipeline)
    assert told.code == 0, told.words
    by_two = "warning: vault.deployer_access gives roles to whoever deploys it; where another identity previews"
    assert by_two in " ".join(told.err.split())
    origin = "sources.chatgpt.key.origin = 'config', which is the default Pulumi keeps the vendor's key"

    def refused() -> Ended:
        found = deployed.previewed(**pipeline)
        assert (found.code, "1 setting is wrong" in found.err) == (2, True), found.words
        assert "Previewing" not in found.words
        assert "docs/living-with-a-tenant.md#a-key-that-leaves-pulumi" in found.err
        assert "| sandbox |  |  |  |  |  |  | **failed** |" in found.out
        stopped = deployed.change_command("gate", *FROM)
        assert (stopped.code, "sandbox: its preview failed" in stopped.words) == (1, True)
        assert not (deployed.clone / "previews" / "sandbox.plan.json").exists()
        return found

    # As a pull request could bring it in, without the key and with it.
    deployed.change({"sources.chatgpt.key.origin": None})
    found = refused()
    assert origin in " ".join(found.err.split())
    assert "pulumi config set" not in found.words, "nobody shall put a key there"
    deployed.file.write_text(by_hand)
    assert origin in " ".join(refused().err.split())


def test_a_pipeline_previews_no_stack_with_a_secret_to_sign_in(deployed: Repository) -> None:
    deployed.set_config({"azure-native:clientSecret": seed.DEPLOYER_SECRET, "azure-native:clientId": seed.DEPLOYER_APP})
    leave_to_others(deployed)
    assert deployed.previewed().code == 0, "a person may sign in like that"
    found = deployed.previewed(GITHUB_ACTIONS="true")
    assert (found.code, "1 setting is wrong" in found.err) == (2, True), found.words
    assert "azure-native:clientSecret = (not shown) with it somebody signs in" in " ".join(found.err.split())
    assert "pulumi config rm azure-native:clientSecret --stack sandbox" in found.err
    assert seed.DEPLOYER_SECRET not in found.words


def test_an_access_policy_that_does_less_is_stopped(repository: Repository, operator: Person) -> None:
    give_graph(operator, "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess")
    repository.change({"governance": {"conditional_access": {**ACCESS, "state": "enabled"}}})
    repository.up().must_succeed()
    repository.change({"governance": {"conditional_access": ACCESS}})
    assert repository.previewed().code == 0
    [stop] = stopped_in(repository)
    assert stop["rule"] == "weaken-conditional-access"
    assert "would be enabledForReportingButNotEnforced instead of enabled" in stop["what"]


def test_who_looks_less_is_stopped_and_who_looks_more_is_not(repository: Repository, operator: Person) -> None:
    operator.do("PUT", role_url(ACCOUNT), json=role_body(seed.CONTRIBUTOR, seed.DEPLOYER_ID))
    alerts = {"action_groups": [ACTION_GROUP_ID], "key_expires_within_days": 14}
    repository.change(
        {
            "alerts": {**alerts, "no_success_for_hours": 40},
            "diagnostics": {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs"},
            "sources.chatgpt.key.expires": "2027-06-30",
        }
    )
    repository.up().must_succeed()
    before = repository.file.read_text()

    repository.change({"alerts": {**alerts, "no_success_for_hours": 47, "key_expires_within_days": 7}})
    repository.change({"sources.chatgpt.scan.every": "2 days", "alerts.every_minutes": 120})
    assert repository.previewed().code == 0
    assert {(one["rule"], one["what"].split(" would ")[0]) for one in stopped_in(repository)} == {
        ("slow-trigger", "The trigger chatgpt-trigger"),
        ("weaken-alert", "The alert rule alerts-failed-run"),
        ("weaken-alert", "The alert rule alerts-no-success-chatgpt"),
        ("weaken-alert", "The alert rule alerts-key-expiry"),
    }

    repository.file.write_text(before)
    repository.change({"alerts": {**alerts, "no_success_for_hours": 24, "key_expires_within_days": 30}})
    repository.change({"alerts.every_minutes": 30, "sources.chatgpt.key.expires": "2028-06-30"})
    repository.change({"sources.chatgpt.scan.every": "12 hours"})
    repository.set_key(seed.ROTATED_VENDOR_KEY)
    assert set(actions(shown(repository.previewed("--json"))).values()) == {"change"}
    assert stopped_in(repository) == []


def test_of_several_stacks_one_that_fails_keeps_no_other_from_its_deployment(
    repository: Repository, operator: Person
) -> None:
    second = yaml.safe_load(repository.file.read_text())
    block = second["config"]["purview-ai:tenant"]
    block["vault"]["name"] = "kv-fabrikam-ai"
    block["sources"] = {"fabrikam": {**block["sources"]["chatgpt"], "workspace_id": seed.OTHER_WORKSPACE}}
    (repository.clone / "stacks" / "Pulumi.second.yaml").write_text(yaml.safe_dump(second))
    assert repository.command("pulumi", "stack", "select", "--create", "second").code == 0
    both = ("--stack", "second,sandbox")
    assert repository.change_command("preview", *both, "--into", "previews").code == 0
    # The name of the vault is somebody else's by now.
    operator.do("PUT", f"{VAULTS}/kv-fabrikam-ai", json=vault_body())
    done = repository.change_command("apply", *both, *FROM)
    assert done.code == 1
    assert "second: the deployment failed" in done.words
    assert "sandbox: deployed as it was shown" in done.out
    nothing = repository.change_command("preview", "--stack", ",", "--into", "previews")
    assert (nothing.code, "--stack names no stack" in nothing.words) == (2, True)
