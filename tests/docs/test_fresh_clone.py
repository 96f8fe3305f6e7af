"""The pages' own commands, in a fresh clone: what a newcomer types is what is run here."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from docs.pages import CHECKOUT, commands_of
from local_azure import seed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT_S = 900
"""A new machine builds the engine first."""


class Shell:
    """One shell in the clone, which keeps its variables from block to block."""

    def __init__(self, folder: Path) -> None:
        """In this folder, without what the checkout's own environment says."""
        inherited = {n: v for n, v in os.environ.items() if n not in ("VIRTUAL_ENV", "PULUMI_HOME")}
        self._environment = inherited
        self._folder = folder
        self._variables = folder / ".variables"

    def run(self, block: str, said: str = "") -> tuple[int, str]:
        """A block of commands; what they said and how they ended."""
        before = f". {self._variables}; " if self._variables.exists() else ""
        script = f"{before}set -e\n{block}\nexport -p > {self._variables}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def must(self, block: str, said: str = "") -> str:
        """As run, and it must succeed."""
        code, output = self.run(block, said)
        assert code == 0, f"{block}\n{output}"
        return output


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A clone of the tree as it is, and a shell in it; nothing of it goes on afterwards."""
    folder = tmp_path / "clone"
    folder.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    files = [name for name in listed.stdout.split(b"\0") if name and (CHECKOUT / name.decode()).exists()]
    subprocess.run(
        ["tar", "-cf", tmp_path / "tree.tar", "--null", "-T", "-"], cwd=CHECKOUT, input=b"\0".join(files), check=True
    )
    subprocess.run(["tar", "-xf", tmp_path / "tree.tar"], cwd=folder, check=True)
    made = Shell(folder)
    yield made
    made.run("make -s clean")


def settings(file: Path) -> dict[str, Any]:
    """What a stack file holds."""
    return yaml.safe_load(file.read_text())["config"]


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_pages_commands_do_what_the_pages_say(shell: Shell, tmp_path: Path) -> None:
    readme, first_run = commands_of("README.md"), commands_of("docs/first-run.md")
    try_it, make_tenant, learn_names, deploy_tenant = readme

    # Nothing but exports on a machine that has yet to install everything: a shell takes it at its word.
    shell.must("make -s env > exports")
    exports = (tmp_path / "clone" / "exports").read_text().splitlines()
    assert [line for line in exports if not line.startswith(("export ", "unset "))] == []

    said = shell.must(try_it)
    assert "sandbox is connected." in said
    assert "6 Azure and 6 Purview objects created, 0 changed" in said
    assert "chatgpt: full run Succeeded   413 discovered, 412 classified, 413 ingested" in said
    assert "20 unchanged" in said
    assert shell.run("make -s refresh")[0] == 0

    stacks = tmp_path / "clone" / "stacks"
    sandbox = stacks / "Pulumi.sandbox.yaml"
    env_block, key_block = first_run
    assert "Succeeded" in shell.must(env_block)

    sandbox.write_text(
        sandbox.read_text().replace("      access: rbac\n", "      access: rbac\n      tags: {owner: security}\n")
    )
    assert "1 to update" in shell.must("make -s preview")
    shell.must("make -s up")
    assert "2 to update" in shell.must(key_block, said=seed.ROTATED_VENDOR_KEY)
    shell.must("make -s up")

    assert "deleted" in shell.must("make -s destroy")
    code, refused = shell.run("make -s up")
    assert code != 0
    assert "vault.recover: true" in refused
    sandbox.write_text(sandbox.read_text().replace("      access: rbac\n", "      access: rbac\n      recover: true\n"))
    assert "sandbox is connected." in shell.must("make -s up")
    # A real tenant's commands, where the sandbox's own stack stands for what somebody registered by hand. Its file is
    # away meanwhile: both would capture the same workspace.
    by_hand = sandbox.read_text()
    sandbox.unlink()
    shell.must(f"{make_tenant} {_answers(by_hand)} --key-file -", said=seed.ROTATED_VENDOR_KEY)
    _learn_the_names(shell, stacks.parent)
    shell.must(learn_names)
    assert settings(stacks / "Pulumi.contoso.yaml")["purview-ai:tenant"]["sources"]["chatgpt"]["adopt"]
    sandbox.write_text(by_hand)
    shell.must("make -s destroy")
    sandbox.unlink()
    check, before, preview, up, watch = deploy_tenant.splitlines()
    assert "contoso: right" in shell.must(check)
    # Who deploys may not look at everything: that is unknown, and nothing fails.
    code, told = shell.run(before)
    assert (code, "none is known to fail" in told) == (3, True), told
    assert "to create" in shell.must(preview)
    shell.must(f"{up} --yes")
    assert "Succeeded" in shell.must(f"{watch} --every 0.2")
    [look_for_drift] = [block for block in commands_of("docs/living-with-a-tenant.md") if "purview-ai drift" in block]
    assert shell.must(look_for_drift).count("contoso: no drift") == 3
    code, refused = shell.run("make -s up STACK=contoso")
    assert code == 2
    assert "not a stack of the sandbox" in refused

    assert "has ended" in shell.must("make -s down")
    assert "PUT contoso-purview.purview.azure.com/scan/datasources/chatgpt 201" in shell.must("make -s logs")


def _learn_the_names(shell: Shell, clone: Path) -> None:
    """The commands of the page on the connector's names."""
    look, look_and_preview, from_account, live = commands_of("docs/connector-profile.md")
    assert "kind: Kestrel7" in shell.must(look)
    assert "taken over" in shell.must(look_and_preview)
    shell.must(from_account.replace("<subscription>", seed.SUBSCRIPTION))
    assert yaml.safe_load((clone / "profile.yaml").read_text())["profile"]["data_source"]["kind"] == "Kestrel7"
    shell.must(live)
    assert '"round_trip_equal": true' in (clone / "evidence.json").read_text()


def _answers(sandbox: str) -> str:
    """The flags that answer what init asks for, with the sandbox's workspace and subscription."""
    known = yaml.safe_load(sandbox)["config"]
    block = known["purview-ai:tenant"]
    answers = {
        "location": known["azure-native:location"],
        "subscription-id": known["azure-native:subscriptionId"],
        "purview-resource-group": block["purview"]["resource_group"],
        "purview-account": block["purview"]["account"],
        "collection": block["purview"]["collection"],
        "vault-resource-group": block["vault"]["resource_group"],
        "vault-name": "kv-contoso-two",
        "vault-access": "rbac",
        "vault-network": "trusted-services",
        "allow-from": block["vault"]["allow_from"][0],
        "workspace-id": block["sources"]["chatgpt"]["workspace_id"],
        "capture-since": block["sources"]["chatgpt"]["capture_since"],
    }
    return " ".join(f"--{name} {answer}" for name, answer in answers.items())
