"""``purview-ai init``: from nothing to a stack file that can be deployed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from leaks import CommandLines, leaks
from local_azure import seed
from operate.terminal import answered
from people import ARM
from tenants import CHECKOUT, Tenant
from whole_chain import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

VAULT_NAME = "kv-fabrikam-ai"
KEY = "sess/Ion+K3y=of&Contoso?7d11c2"
FLAGS = {
    "--location": "westeurope",
    "--subscription-id": seed.SUBSCRIPTION,
    "--purview-account": seed.ACCOUNT,
    "--purview-resource-group": seed.GOVERNANCE_GROUP,
    "--collection": seed.COLLECTION,
    "--vault-resource-group": seed.TENANT_GROUP,
    "--vault-name": VAULT_NAME,
    "--vault-access": "rbac",
    "--vault-network": "trusted-services",
    "--workspace-id": seed.OTHER_WORKSPACE,
    "--capture-since": "2026-01-01",
}
NEEDED = {name: value for name, value in FLAGS.items() if name != "--subscription-id"}


class NewProject:
    """A project without stacks, with the state and the local Azure of a tenant of the tests."""

    def __init__(self, tenant: Tenant) -> None:
        """Beside the tenant's own folder."""
        self.tenant = tenant
        self.folder = tenant.folder / "project"
        (self.folder / "stacks").mkdir(parents=True)
        shutil.copy(CHECKOUT / "Pulumi.yaml", self.folder)

    @property
    def file(self) -> Path:
        """The stack file to be made."""
        return self.folder / "stacks" / "Pulumi.fabrikam.yaml"

    def init(self, *words: str, said: str = "") -> tuple[int, str, str]:
        """The command; its code, and what it said to whom."""
        done = subprocess.run(
            ["purview-ai", "init", "fabrikam", *words],
            cwd=self.folder,
            env=self.tenant.environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    def written(self) -> list[Path]:
        """The stack files that are there."""
        return list((self.folder / "stacks").iterdir())


@pytest.fixture
def project(tenant: Tenant) -> NewProject:
    """A project without stacks."""
    return NewProject(tenant)


def words_of(flags: dict[str, str]) -> list[str]:
    """As they stand on a command line."""
    return [word for pair in flags.items() for word in pair]


def test_flags_and_a_key_from_standard_input_make_a_stack_that_can_be_previewed(project: NewProject) -> None:
    profile = project.folder / "profile.yaml"
    sandbox = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())["config"]
    known = sandbox["purview-ai:tenant"]["sources"]["chatgpt"]["profile"]
    profile.write_text(yaml.safe_dump({"profile": known}))
    with CommandLines() as lines:
        words = ("--key-file", "-", "--profile", str(profile), "--source", "gpt")
        code, out, err = project.init(*words_of(FLAGS), *words, said=f"{KEY}\n")
    assert (code, err) == (0, "")
    for command in (
        "purview-ai settings check fabrikam",
        "pulumi preview --stack fabrikam --diff",
        "pulumi up --stack fabrikam",
    ):
        assert command in out
    assert "discover" not in out, "the profile is known"
    written = project.file.read_text()
    assert written.startswith("# yaml-language-server: $schema=tenant.schema.json\n")
    config = yaml.safe_load(written)["config"]
    assert config["purview-ai:chatgpt-compliance-key"].keys() == {"secure"}
    assert config["purview-ai:tenant"]["sources"]["gpt"]["capture_since"] == "2026-01-01"

    assert any("config set --secret purview-ai:chatgpt-compliance-key" in line for line in lines.seen)
    assert leaks("\n".join(lines.seen).encode(), KEY) == []
    files = [file for file in project.tenant.folder.rglob("*") if file.is_file()]
    assert [file for file in files if leaks(file.read_bytes(), KEY)] == []
    assert leaks((out + err).encode(), KEY) == []

    checked = subprocess.run(
        ["purview-ai", "settings", "check", "fabrikam"],
        cwd=project.folder,
        env=project.tenant.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout.startswith("fabrikam: right\n")
    previewed = subprocess.run(
        ["pulumi", "preview", "--non-interactive", "--stack", "fabrikam", "--config-file", project.file],
        cwd=CHECKOUT,
        env=project.tenant.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert previewed.returncode == 0, previewed.stdout + previewed.stderr
    assert "to create" in previewed.stdout


def test_in_a_terminal_each_missing_setting_is_asked_and_a_wrong_answer_asked_again(project: NewProject) -> None:
    # The subscription comes from ARM_SUBSCRIPTION_ID.
    first = {**NEEDED, "--vault-name": "kv_x"}
    answers = [(f"\n{option.removeprefix('--')}", answer) for option, answer in first.items()]
    answers += [("\nkey-origin [config]: ", ""), ("\nvault-name: ", VAULT_NAME), ("(not shown): ", KEY)]
    code, shown = answered(
        ["purview-ai", "init", "fabrikam"], answers, cwd=project.folder, env=project.tenant.environment
    )
    assert code == 0, shown
    assert "Found at: Azure portal > Microsoft Purview accounts" in shown.replace("\r\n", "\n")
    assert "1 setting is wrong" in shown
    assert "vault.name = 'kv_x'" in shown
    assert KEY not in shown
    assert "purview-ai discover --stack fabrikam --update-stack-file" in shown
    tenant = yaml.safe_load(project.file.read_text())["config"]["purview-ai:tenant"]
    assert tenant["vault"]["name"] == VAULT_NAME
    assert tenant["sources"]["chatgpt"]["key"]["origin"] == "config"


def test_in_a_terminal_a_key_for_pipelines_is_left_to_the_vault(project: NewProject) -> None:
    code, shown = answered(
        ["purview-ai", "init", "fabrikam", *words_of(FLAGS)],
        [("\nkey-origin [config]: ", "valt"), ("\nkey-origin [config]: ", "vault")],
        cwd=project.folder,
        env=project.tenant.environment,
    )
    assert code == 0, shown
    assert "Pulumi never has it: the choice for pipelines" in shown
    assert "sources.chatgpt.key.origin = (not shown)" in shown
    assert "(not shown):" not in shown, "nobody is asked for a key"
    assert "somebody puts it into the vault as chatgpt-compliance-key" in shown
    assert "purview-ai:chatgpt-compliance-key" not in yaml.safe_load(project.file.read_text())["config"]


def test_ending_the_input_writes_nothing(project: NewProject) -> None:
    code, shown = answered(
        ["purview-ai", "init", "fabrikam"], [("location", "\x04")], cwd=project.folder, env=project.tenant.environment
    )
    assert "Traceback" not in shown
    assert code == 130
    assert "fabrikam: nothing was written" in shown
    assert project.written() == []


@pytest.mark.parametrize("command", ["init", "discover"])
def test_help_teaches_by_example(project: NewProject, command: str) -> None:
    done = subprocess.run(
        ["purview-ai", command, "--help"], env=project.tenant.environment, capture_output=True, text=True, check=True
    )
    assert f"Examples: purview-ai {command}" in " ".join(done.stdout.split())
    assert "Exit code: 0" in " ".join(done.stdout.split())


def test_without_a_terminal_all_that_is_missing_is_listed(project: NewProject) -> None:
    code, out, err = project.init("--location", "westeurope")
    assert (code, out) == (2, "")
    [_, said] = err.splitlines()
    for option in NEEDED:
        assert (option in said) == (option != "--location")
    assert "--key-file" in said
    assert "run this in a terminal to be asked" in said
    assert project.written() == []


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(project: NewProject) -> None:
    flags = {**FLAGS, "--vault-name": "kv_x", "--workspace-id": "org-1", "--capture-since": "spring"}
    code, _, err = project.init(*words_of(flags), "--key-file", "-", "--grants", "perhaps", said=KEY)
    assert code == 2
    for path in ("vault.name", "sources.chatgpt.workspace_id", "sources.chatgpt.capture_since", "grants"):
        assert path in err
    assert "4 settings are wrong" in err
    assert project.written() == []


@pytest.mark.parametrize("said", ["", "two words", "two\nlines"])
def test_a_key_that_can_be_none_is_refused_and_not_shown(project: NewProject, said: str) -> None:
    code, _, err = project.init(*words_of(FLAGS), "--key-file", "-", said=said)
    assert code == 2
    assert "must be one line without blanks" in err
    assert "two" not in err
    assert project.written() == []


def test_a_key_file_that_is_not_there_is_named(project: NewProject) -> None:
    code, _, err = project.init(*words_of(FLAGS), "--key-file", "nowhere")
    assert code == 2
    assert "--key-file nowhere: No such file or directory" in err


def test_a_file_that_is_there_is_overwritten_only_by_force(project: NewProject) -> None:
    project.file.write_text("encryptionsalt: kept\nconfig: {}\n")
    code, _, err = project.init(*words_of(FLAGS), "--key-origin", "vault")
    assert code == 2
    assert "is there already; --force overwrites it" in err
    assert project.file.read_text() == "encryptionsalt: kept\nconfig: {}\n"
    project.file.unlink()
    assert project.init(*words_of(FLAGS), "--key-origin", "vault")[0] == 0
    salt = yaml.safe_load(project.file.read_text()).get("encryptionsalt")
    code, out, _ = project.init(*words_of(FLAGS), "--key-file", "-", "--force", "--json", said=KEY)
    assert code == 0
    told = json.loads(out)
    assert told["stack"] == "fabrikam"
    assert told["next"][0] == "purview-ai discover --stack fabrikam --update-stack-file"
    whole = yaml.safe_load(project.file.read_text())
    assert whole.get("encryptionsalt") == salt or salt is None
    assert "purview-ai:chatgpt-compliance-key" in whole["config"]


def test_a_key_that_somebody_else_keeps_is_not_asked_for(project: NewProject) -> None:
    existing = {name: value for name, value in FLAGS.items() if name != "--vault-network"}
    words = ("--existing-vault", "--key-origin", "vault", "--accept-unverified-profile")
    code, out, _ = project.init(*words_of(existing), *words)
    assert code == 0
    assert "somebody puts it into the vault as chatgpt-compliance-key" in out
    config = yaml.safe_load(project.file.read_text())["config"]
    assert "purview-ai:chatgpt-compliance-key" not in config
    assert config["purview-ai:tenant"]["vault"]["existing"] is True
    assert config["purview-ai:tenant"]["sources"]["chatgpt"]["accept_unverified_profile"] is True


def test_where_pulumi_fails_it_says_what_was_done_and_how_to_go_on(project: NewProject) -> None:
    project.tenant.environment["PULUMI_BACKEND_URL"] = "file:///nowhere/at/all"
    code, out, err = project.init(*words_of(FLAGS), "--key-file", "-", said=KEY)
    assert (code, out) == (1, "")
    assert "is written, and pulumi failed" in err
    assert "pulumi stack select --create fabrikam" in err
    assert "pulumi config set --secret purview-ai:chatgpt-compliance-key --stack fabrikam" in err
    assert project.file.exists()
    assert KEY not in err + project.file.read_text()


def test_without_pulumi_nothing_is_written(project: NewProject, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "purview-ai").symlink_to(CHECKOUT / ".venv" / "bin" / "purview-ai")
    project.tenant.environment["PATH"] = f"{tools}:/usr/bin:/bin"
    code, _, err = project.init(*words_of(FLAGS), "--key-origin", "vault")
    assert code == 2
    assert "pulumi is not on PATH" in err
    assert project.written() == []


def test_a_name_that_is_no_stacks_is_refused(project: NewProject) -> None:
    done = subprocess.run(
        ["purview-ai", "init", "../elsewhere"],
        cwd=project.folder,
        env=project.tenant.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "'../elsewhere' is no name for a stack" in done.stderr


@pytest.mark.parametrize("account", ["default", ACCOUNT.removeprefix(ARM)])
def test_an_account_that_says_where_it_is_needs_no_resource_group(project: NewProject, account: str) -> None:
    flags = {name: value for name, value in FLAGS.items() if name != "--purview-resource-group"}
    code, _, err = project.init(*words_of(flags | {"--purview-account": account}), "--key-file", "-", said=KEY)
    assert code == 0, err
    purview = yaml.safe_load(project.file.read_text())["config"]["purview-ai:tenant"]["purview"]
    assert purview == {"account": account, "collection": seed.COLLECTION}


def test_an_app_that_purview_does_not_scan_needs_neither_key_nor_first_day(project: NewProject) -> None:
    flags = {name: value for name, value in FLAGS.items() if name != "--capture-since"}
    words = [*words_of(flags), "--app", "claude-enterprise", "--source", "claude"]
    code, out, err = project.init(*words)
    assert code == 0, err
    source = yaml.safe_load(project.file.read_text())["config"]["purview-ai:tenant"]["sources"]["claude"]
    assert source == {"app": "claude-enterprise", "workspace_id": seed.OTHER_WORKSPACE}
    assert "discover" not in out
    assert "scan watch" not in out


def test_a_key_that_opens_nothing_is_refused_and_not_shown(project: NewProject) -> None:
    words = [*words_of({n: v for n, v in FLAGS.items() if n != "--capture-since"}), "--app", "claude-enterprise"]
    code, out, err = project.init(*words, "--key-file", "-", said=seed.CLAUDE_API_KEY)
    assert code == 2
    assert "sk-ant-api03-" in err
    assert seed.CLAUDE_API_KEY not in out + err
    assert project.written() == []


def test_a_key_in_the_place_of_its_file_is_not_shown(project: NewProject) -> None:
    key = "sk-proj-Abc123Def456"
    code, out, err = project.init(*words_of(FLAGS), "--key-file", key)
    assert code == 2
    assert "this looks like the key itself" in err
    assert key not in out + err
    assert project.written() == []
