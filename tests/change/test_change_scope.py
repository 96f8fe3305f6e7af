"""What a pull request touches: tenants by environment, and whether anything of it runs."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pipeline_hosts import commands_in
from purview_ai.fleet.matrix import JOBS
from tenants import STACK
from workflows import WORKFLOWS, filled

if TYPE_CHECKING:
    from repositories import Repository

SETTINGS: dict[str, Any] = {"azure-native:location": "westeurope", "azure-native:subscriptionId": "s"}


def told_by(deployed: Repository, since: str = "HEAD~1") -> dict[str, str]:
    """What a pipeline reads."""
    file = deployed.folder / "output"
    file.unlink(missing_ok=True)
    done = deployed.change_command("scope", "--since", since, "--output", str(file))
    assert done.code == 0, done.err
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def write(deployed: Repository, path: str, text: str) -> None:
    """Write a file of the repository and commit it."""
    file = deployed.clone / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    deployed.commit(f"Write {path}")


def settings(tags: dict[str, str] | None = None, **more: Any) -> str:
    """A stack file."""
    return yaml.safe_dump({"config": {**SETTINGS, "purview-ai:tenant": {"tags": tags or {}}, **more}})


def test_a_setting_of_a_tenant_is_settings_alone(deployed: Repository) -> None:
    deployed.change({"vault.tags": {"owner": "security"}})
    deployed.commit("A tag")
    write(deployed, "docs/tenants.md", "Ours\n")
    told = told_by(deployed, "HEAD~2")
    assert told["reviewed"] == "false"
    assert [job["stack"] for job in json.loads(told["stacks"])["include"]] == [STACK]
    assert told["production"] == told["stacks"], "a tenant that says nothing comes last"
    assert told["sandbox"] == told["pre-production"] == ""


@pytest.mark.parametrize(
    "path",
    ["__main__.py", "components/purview_ai/tenant.py", "pyproject.toml", ".github/workflows/x.yml", "stacks/x.py", "x"],
)
def test_whatever_is_no_stack_file_may_run(deployed: Repository, path: str) -> None:
    write(deployed, path, "# something\n")
    assert told_by(deployed)["reviewed"] == "true"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("azure-native:metadataHost", "evil.example"),
        ("azure-native:oidcRequestUrl", "https://evil.example"),
        ("azuread:metadataHost", "evil.example"),
        ("pulumi:disable-default-providers", []),
    ],
)
def test_a_setting_that_may_lead_a_token_elsewhere_is_looked_at(deployed: Repository, name: str, value: Any) -> None:
    deployed.set_config({name: value})
    deployed.commit("A setting")
    assert told_by(deployed)["reviewed"] == "true"


def test_where_a_token_for_purview_goes_is_looked_at(deployed: Repository) -> None:
    deployed.change({"purview.endpoint": "https://other.purview.azure.com"})
    deployed.commit("Another address")
    assert told_by(deployed)["reviewed"] == "true"


@pytest.mark.parametrize(
    "tags", ["{!!binary aWRlbnRpdHk=: fleet}", "{<<: {!!binary aWRlbnRpdHk=: fleet}}", "{1: fleet}"]
)
def test_a_name_that_is_no_text_says_nothing_that_others_read_otherwise(deployed: Repository, tags: str) -> None:
    before = deployed.file.read_text()
    whole = yaml.safe_load(before)
    whole["config"]["purview-ai:tenant"]["tags"] = "TAGS"
    write(deployed, f"stacks/Pulumi.{STACK}.yaml", yaml.safe_dump(whole).replace("TAGS", tags))
    told = deployed.change_command("scope", "--since", "HEAD~1")
    assert (told.code, "is no text; put it in quotes" in told.err) == (2, True)
    write(deployed, f"stacks/Pulumi.{STACK}.yaml", before)


@pytest.mark.parametrize("name", ["purview-ai:config:tenant", "tenant"])
def test_no_command_takes_a_setting_otherwise_than_the_engine(deployed: Repository, name: str) -> None:
    before = yaml.safe_load(deployed.file.read_text())
    block = before["config"].pop("purview-ai:tenant")
    block["purview"]["endpoint"] = "https://evil.example"
    before["config"][name] = block
    deployed.file.write_text(yaml.safe_dump(before))
    deployed.commit("The same by another name")
    read = deployed.command("pulumi", "config", "--json", "--stack", STACK)
    assert json.loads(read.out)["purview-ai:tenant"]["objectValue"]["purview"]["endpoint"] == "https://evil.example"
    scope = deployed.change_command("scope", "--since", "HEAD~1")
    others = (
        deployed.previewed(),
        deployed.command("purview-ai", "settings", "check"),
        deployed.command("purview-ai", "drift", "--stack", STACK),
    )
    deployed.git("reset", "--quiet", "--hard", "HEAD~1")
    for refused in (scope, *others):
        assert (refused.code, refused.out) == (2, "")
        assert f"the engine knows the setting '{name}' by another name" in refused.words
    assert "Previewing" not in others[0].words


def test_what_was_there_by_another_name_counts_as_new(deployed: Repository) -> None:
    before = deployed.file.read_text()
    write(deployed, f"stacks/Pulumi.{STACK}.yaml", before.replace("purview-ai:tenant:", "purview-ai:config:tenant:"))
    write(deployed, f"stacks/Pulumi.{STACK}.yaml", before)
    assert told_by(deployed)["reviewed"] == "true"


def test_a_stack_file_that_is_taken_away_is_told(deployed: Repository) -> None:
    write(deployed, "stacks/Pulumi.adatum.yaml", settings())
    deployed.git("rm", "--quiet", "stacks/Pulumi.adatum.yaml")
    deployed.commit("Without it")
    told = told_by(deployed)
    assert (told["gone"], told["stacks"], told["names"]) == ("adatum", "", "")
    assert "adatum" in deployed.change_command("scope", "--since", "HEAD~1").out
    deployed.git("branch", "ahead")
    deployed.git("checkout", "--quiet", "ahead")
    write(deployed, "stacks/Pulumi.northwind.yaml", settings())
    deployed.git("checkout", "--quiet", "-")
    assert told_by(deployed, "ahead")["gone"] == "", "what came in elsewhere is not taken away here"
    deployed.git("branch", "--quiet", "-D", "ahead")


def test_who_decrypts_is_looked_at_and_so_is_a_link(deployed: Repository) -> None:
    whole = yaml.safe_load(deployed.file.read_text())
    deployed.file.write_text(
        yaml.safe_dump({**whole, "secretsprovider": "azurekeyvault://evil.vault.azure.net/keys/k"})
    )
    deployed.commit("Another key")
    assert told_by(deployed)["reviewed"] == "true"
    deployed.git("revert", "--no-edit", "HEAD")
    link = deployed.clone / "stacks" / "Pulumi.linked.yaml"
    link.symlink_to(deployed.file)
    deployed.commit("A link")
    assert told_by(deployed)["reviewed"] == "true"
    link.unlink()
    deployed.commit("No link")
    assert told_by(deployed)["reviewed"] == "false", "what goes can do nothing"


def test_tenants_go_by_their_environment(deployed: Repository) -> None:
    for environment in ("sandbox", "production"):
        write(deployed, f"stacks/Pulumi.{environment}-one.yaml", settings({"environment": environment}))
    told = told_by(deployed, "")
    assert told["reviewed"] == "false"
    named = {
        environment: [job["stack"] for job in json.loads(told[environment] or '{"include": []}')["include"]]
        for environment in ("sandbox", "pre-production", "production")
    }
    assert named == {"sandbox": ["sandbox-one"], "pre-production": [], "production": ["production-one", STACK]}
    write(deployed, "stacks/Pulumi.sandbox-one.yaml", settings({"environment": "prod"}))
    wrong = deployed.change_command("scope", "--since", "")
    assert (wrong.code, "its tag environment is prod, and the pipelines know sandbox" in wrong.words) == (2, True)
    for name in ("sandbox-one", "production-one"):
        deployed.git("rm", "--quiet", f"stacks/Pulumi.{name}.yaml")
    deployed.commit("Without them")


def test_a_tenant_leaves_an_environment_with_its_approval_alone(deployed: Repository) -> None:
    deployed.change({"tags": {"environment": "sandbox"}})
    deployed.commit("To where nobody is asked")
    told = told_by(deployed)
    assert (told["production"], told["sandbox"]) == (told["stacks"], "")
    write(deployed, f"stacks/Pulumi.{STACK}.yaml", f"{deployed.file.read_text()}\n# Once more.\n")
    told = told_by(deployed)
    assert (told["production"], told["sandbox"]) == ("", told["stacks"])


def test_as_whom_a_tenants_pipelines_sign_in_is_told_and_looked_at(deployed: Repository) -> None:
    write(deployed, "stacks/Pulumi.fabrikam.yaml", settings())
    assert told_by(deployed)["reviewed"] == "true", "a new one, which others may have made an identity for"
    write(deployed, "stacks/Pulumi.fabrikam.yaml", settings({"Identity": "fleet"}))
    assert told_by(deployed)["reviewed"] == "true"
    write(deployed, "stacks/Pulumi.northwind.yaml", settings({"identity": "fleet", "environment": "sandbox"}))
    told = told_by(deployed, "")
    identities = [(job["identity"], job["stack"]) for job in json.loads(told["identities"])["include"]]
    assert identities == [("fleet", "fabrikam,northwind"), (STACK, STACK)]
    jobs = {job["stack"]: job["identity"] for job in json.loads(told["stacks"])["include"]}
    assert jobs == {"fabrikam": "fleet", "northwind": "fleet", STACK: STACK}
    write(deployed, "stacks/Pulumi.northwind.yaml", settings({"environment": "sandbox"}))
    assert told_by(deployed)["reviewed"] == "true", "to an identity of its own name"
    write(deployed, "stacks/Pulumi.northwind.yaml", settings({"environment": "sandbox", "owner": "somebody"}))
    assert told_by(deployed)["reviewed"] == "false"
    deployed.git("rm", "--quiet", "stacks/Pulumi.fabrikam.yaml", "stacks/Pulumi.northwind.yaml")
    deployed.commit("Without them")


@pytest.mark.parametrize(
    ("stack", "tags", "told"),
    [
        (
            "northwind",
            {"identity": "Fleet"},
            "northwind: its pipelines sign in as Fleet, by the tag identity or by its",
        ),
        ("North.Wind", {}, "North.Wind: its pipelines sign in as North.Wind, by the tag identity or by its name, and"),
        (
            "northwind",
            {"identity": "grants"},
            "bootstrap and grants are no tenants'; put another identity into tags of",
        ),
    ],
)
def test_an_identity_that_cannot_be_is_told(deployed: Repository, stack: str, tags: dict[str, str], told: str) -> None:
    file = deployed.clone / "stacks" / f"Pulumi.{stack}.yaml"
    file.write_text(settings(tags))
    found = deployed.change_command("scope", "--since", "")
    file.unlink()
    assert (found.code, found.out) == (2, "")
    assert told in found.words


def test_variables_of_azure_pipelines_are_told_for_identities_that_it_has(deployed: Repository) -> None:
    def asked(known: str) -> Any:
        return deployed.change_command("scope", "--since", "", "--azure-pipelines", known, TF_BUILD="True")

    deployed.change({"tags": {"environment": "production"}})
    found = asked(json.dumps({"sandbox": [], "production": ["other", STACK]}))
    assert all(line.startswith("##vso[task.setvariable variable=") for line in commands_in(found.out))
    assert f"##vso[task.setvariable variable=production_{STACK};isOutput=true]{STACK}" in found.out.splitlines()
    missing = asked('{"sandbox": ["sandbox"]}')
    assert (missing.code, missing.out) == (2, "")
    assert (
        f"{STACK}: this pipeline has no identity {STACK} in production; make its service connections" in missing.words
    )
    for wrong in ("[]", "x", '{"prod": []}', '{"production": "sandbox"}'):
        refused = asked(wrong)
        assert (refused.code, "names no identities by environment (sandbox, pre-" in refused.words) == (2, True)


def test_code_that_was_merged_and_taken_back_is_looked_at_all_the_same(deployed: Repository) -> None:
    write(deployed, "__main__.py", "print('hostile')\n")
    hostile = deployed.git("rev-parse", "HEAD")
    deployed.git("revert", "--no-edit", "HEAD")
    deployed.git("checkout", "--quiet", "-B", "change", hostile)
    deployed.change({"vault.tags": {"owner": "somebody"}})
    deployed.commit("A tag")
    told = told_by(deployed, "main")
    deployed.git("checkout", "--quiet", "main")
    assert told["reviewed"] == "true", "what both have in common is the hostile commit"


def test_of_more_stacks_than_jobs_one_waits_for_the_job_that_has_it_among_others(deployed: Repository) -> None:
    stacks = deployed.clone / "stacks"
    for number in range(JOBS + 50):
        (stacks / f"Pulumi.t{number:03}.yaml").write_text(settings({"identity": "fleet"}))
    (stacks / "Pulumi.wrong.yaml").write_text("[")
    deployed.commit("Many, and one that is none")
    jobs = json.loads(told_by(deployed, "HEAD")["stacks"] or '{"include": []}')["include"]
    assert jobs == []
    (stacks / "Pulumi.wrong.yaml").unlink()
    deployed.commit("Without it")
    group = yaml.safe_load((WORKFLOWS / "apply.yml").read_text())["jobs"]["apply"]["concurrency"]["group"]

    def waits_for(job: dict[str, Any]) -> str:
        return str(filled(group, {f"matrix.{name}": value for name, value in job.items()}))

    everybody = json.loads(told_by(deployed, "")["stacks"])["include"]
    several = next(job for job in everybody if "," in job["stack"])
    one = several["stack"].split(",")[1]
    write(deployed, f"stacks/Pulumi.{one}.yaml", settings({"identity": "fleet", "owner": "security"}))
    [job] = json.loads(told_by(deployed)["stacks"])["include"]
    deployed.git("reset", "--quiet", "--hard", "HEAD~3")
    assert (job["stack"], waits_for(job)) == (one, waits_for(several))
    assert len(set(map(waits_for, everybody))) == len(everybody) == JOBS, "none of a run for another one of it"


@pytest.mark.parametrize("name", [f"{STACK},other", 'x"; echo it; "', "x\n##vso[task.complete]", "x y"])
def test_no_file_name_is_taken_for_several_stacks_or_for_a_command(deployed: Repository, name: str) -> None:
    file = deployed.clone / "stacks" / f"Pulumi.{name}.yaml"
    file.write_text(settings({"environment": "sandbox"}))
    found = deployed.change_command("scope", "--since", "", TF_BUILD="True")
    file.unlink()
    assert found.code == 2
    assert found.out == ""
    assert "is the file of no stack" in found.words
    assert commands_in(found.err) == []


def test_the_name_of_a_file_is_told_on_one_line(deployed: Repository) -> None:
    write(deployed, "a\n::add-mask::true ##vso[task.complete]", "")
    found = deployed.change_command("scope", "--since", "HEAD~1", GITHUB_ACTIONS="true")
    deployed.git("reset", "--quiet", "--hard", "HEAD~1")
    told = r"touches what runs: a ::add-mask::true #\u0023vso[task.complete] is no stack file"
    assert told in found.out.splitlines()


def test_the_project_around_a_pull_request_is_not_taken_for_the_one_that_it_takes_away(deployed: Repository) -> None:
    proposed = deployed.clone / "proposed"
    deployed.git("clone", "--quiet", str(deployed.clone), str(proposed))
    deployed.git("-C", str(proposed), "rm", "--quiet", "Pulumi.yaml")
    deployed.git("-C", str(proposed), "commit", "--quiet", "--message", "No project")
    command = ("sh", "-c", "cd proposed && purview-ai change scope --since origin/main")
    refused = deployed.command(*command)
    deployed.git("-C", str(proposed), "reset", "--quiet", "--hard", "origin/main")
    good = deployed.command(*command)
    shutil.rmtree(proposed)
    assert refused.code == 2
    assert f"no Pulumi.yaml in {proposed}" in refused.words
    assert (good.code, good.out.splitlines()[-1]) == (0, "production: nothing")
