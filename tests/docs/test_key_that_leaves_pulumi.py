"""docs/living-with-a-tenant.md, "A key that leaves Pulumi": played step by step, with its own commands."""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from typing import TYPE_CHECKING

import yaml
from chain.test_alerts import LOGS, ONLY_KEYS, condition, let_the_deployer_send_the_accounts_logs, rules
from chain.test_keys_of_others import newest, versions
from docs.pages import CHECKOUT, fenced
from leaks import leaks
from local_azure import seed
from repositories import Repository
from tenants import STACK
from whole_chain import ACTION_GROUP_ID

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person

PAGE = (CHECKOUT / "docs" / "living-with-a-tenant.md").read_text()
SECTION = PAGE.partition("### A key that leaves Pulumi\n")[2].partition("\n## ")[0]
STEPS = [
    [line.strip() for block in fenced(step) for line in block.splitlines()]
    for step in re.split(r"^\d\. ", SECTION, flags=re.MULTILINE)[1:]
]
[SETTING] = fenced(SECTION, "yaml")
IN_A_PIPELINE = {"GITHUB_ACTIONS": "true"}
KEY = "purview-ai:chatgpt-compliance-key"
OLD, NEW = "2027-06-30T23:59:59Z", "2027-12-31T23:59:59Z"
"""When the keys expire."""
MORE = {"up": ("--yes", "--skip-preview"), "watch": ("--every", "0.2")}
"""What a command needs where nobody sits before it and runs are short."""


def done(repository: Repository, operator: Person, line: str) -> str:
    """One command of the page, which must succeed; what it said."""
    program, *words = shlex.split(line.removeprefix("uv run ").replace("--stack contoso", f"--stack {STACK}"))
    if program == "az":
        assert words[:3] == ["keyvault", "secret", "set"]
        said = dict(zip(words[3::2], words[4::2], strict=True))
        url = f"https://{said['--vault-name']}.vault.azure.net/secrets/{said['--name']}"
        expires = int(datetime.fromisoformat(said["--expires"]).timestamp())
        key = (repository.folder / said["--file"]).read_text()
        operator.do("PUT", url, json={"value": key, "attributes": {"exp": expires}})
        return ""
    more = [word for name, several in MORE.items() if name in words for word in several]
    ended = repository.command(program, *words, *more)
    assert ended.code == 0, f"{line}\n{ended.words}"
    return ended.words


def test_a_key_moves_into_the_vault_alone_and_scans_go_on(
    tmp_path: Path, azure: LocalAzure, pulumi_home: Path, operator: Person
) -> None:
    del pulumi_home
    repository = Repository(tmp_path / "tenant", azure)
    let_the_deployer_send_the_accounts_logs(operator)
    repository.change({"alerts": {**ONLY_KEYS, "action_groups": [ACTION_GROUP_ID]}, "diagnostics": LOGS})
    repository.change({"sources.chatgpt.key.expires": OLD.partition("T")[0]})
    repository.up().must_succeed()

    def warned_of() -> list[str]:
        return re.findall(r'"expires": "([^"]*)"', condition(rules(operator)["key-expiry"])["query"])

    assert "Pulumi keeps the vendor's key" in repository.previewed(**IN_A_PIPELINE).words
    see, leave, put, _ = STEPS

    def follow(commands: list[str]) -> str:
        words: list[str] = []
        for line in commands:
            told = re.search(r"--run (\S+)", words[-1]) if words else None
            words.append(done(repository, operator, line.replace("<id>", told[1]) if told else line))
        # Whatever may be said of the key, Purview has one that opens the workspace.
        assert operator.run_again()["status"] == "Succeeded"
        return " ".join(words)

    follow(see)
    repository.change({"sources.chatgpt.key": yaml.safe_load(SETTING)["key"]})
    repository.azure.forget_requests()
    take_out, preview, up = leave
    shown = follow([take_out, preview])
    assert "2 to update" in shown
    assert newest(operator)["value"] == seed.VENDOR_KEY, "the stack file has it no more, and the vault has it still"
    follow([up])
    assert warned_of() == [OLD]
    assert not [call for call in repository.writes() if "/vaults/" in call or "vault.azure.net" in call]
    (repository.folder / "key.txt").write_text(seed.ROTATED_VENDOR_KEY)
    *put, deploy = put
    follow(put)
    assert versions(operator) == 2
    assert warned_of() == [OLD], "the rule is as the last deployment left it"
    follow([deploy])
    assert warned_of() == [NEW]
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert operator.run_again()["status"] == "Succeeded"
    assert repository.preview("--expect-no-changes").must_succeed().steps == {}
    assert repository.previewed(**IN_A_PIPELINE).code == 0
    repository.commit("The key has left Pulumi")

    # Who decrypts finds the old key in the history, and the new one nowhere.
    old = repository.folder / "Pulumi.old.yaml"
    old.write_text(repository.git("show", f"HEAD~:stacks/Pulumi.{STACK}.yaml"))
    found = repository.command("pulumi", "config", "get", KEY, "--stack", STACK, "--config-file", str(old))
    assert found.out.strip() == seed.VENDOR_KEY
    cipher_text = yaml.safe_load(old.read_text())["config"][KEY]["secure"]
    kept = repository.folder / "state" / ".pulumi" / "history"
    assert any(cipher_text in file.read_text() for file in kept.rglob("*.json")), "facts.md, engine 63"
    whole = [file.read_bytes() for file in repository.folder.rglob("*") if file.is_file() and file.name != "key.txt"]
    assert leaks(b"".join(whole), seed.ROTATED_VENDOR_KEY) == []
