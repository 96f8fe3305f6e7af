"""``purview-ai settings``: what a stack file may say, and whether it is right."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the sandbox's stack and a copy of it under another name."""
    shutil.copy(CHECKOUT / "Pulumi.yaml", tmp_path)
    (tmp_path / "stacks").mkdir()
    text = (CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text()
    (tmp_path / "stacks" / "Pulumi.sandbox.yaml").write_text(text)
    return tmp_path


def asked(folder: Path, *words: str) -> tuple[int, str, str]:
    """What the command answers: its code, and what it said to whom."""
    command = [CHECKOUT / ".venv" / "bin" / "purview-ai", "settings", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_project_that_is_right_says_so(project: Path) -> None:
    assert asked(project, "check") == (0, "sandbox: right\n", "")


def test_all_mistakes_of_all_stacks_are_told(project: Path) -> None:
    file = project / "stacks" / "Pulumi.sandbox.yaml"
    text = file.read_text()
    (project / "stacks" / "Pulumi.copy.yaml").write_text(text)
    key = text[text.index("  purview-ai:chatgpt-compliance-key") :]
    plain = "  purview-ai:chatgpt-compliance-key: sk-very-secret\n"
    file.write_text(text.replace(key, plain).replace("network: trusted-services", "netwrk: public"))
    code, out, _ = asked(project, "check")
    assert code == 2
    for part in ("vault.netwrk", "did you mean network?", "stands in plain text", "vault.network", "it is missing"):
        assert part in out
    assert "sk-very-secret" not in out
    # The copy is the same tenant again, which is told although the other file is wrong itself.
    assert "copy: 2 settings are wrong" in out
    file.write_text(text)
    code, out, _ = asked(project, "check", "copy", "--json")
    assert code == 2
    assert {one["path"] for one in json.loads(out)["copy"]} == {"vault.name", "sources.chatgpt.workspace_id"}


def test_what_nothing_uses_and_what_looks_wrong_is_told(project: Path) -> None:
    file = project / "stacks" / "Pulumi.sandbox.yaml"
    text = file.read_text()
    file.write_text(text + "  purview-ai:tenent: {}\n  purview-ai:old-key: sk-forgotten\n")
    code, out, _ = asked(project, "check")
    assert code == 2
    assert "did you mean purview-ai:tenant?" in out
    assert "pulumi config rm purview-ai:old-key" in out
    assert "sk-forgotten" not in out
    file.write_text(text.replace("allow_from: [20.0.113.7/32]", "allow_from: []"))
    code, out, _ = asked(project, "check")
    assert code == 0, out
    assert "  warning: vault.allow_from: it is empty" in out
    search = "{app: chatgpt-enterprise, forms: [wildcard]}"
    case = f"    governance: {{ediscovery: {{case: {{name: AI}}, searches: {{all: {search}}}}}}}\n    sources:\n"
    file.write_text(text.replace("    sources:\n", case))
    code, out, _ = asked(project, "check")
    assert code == 0, out
    assert "  warning: governance.ediscovery.searches.all.forms: wildcard collects more" in out


@pytest.mark.parametrize(
    ("line", "told"),
    [("protect: no", "it must be true or false"), ("protect: false\n    protect: true", "stands twice")],
)
def test_a_stack_file_is_read_as_the_engine_reads_it(project: Path, line: str, told: str) -> None:
    file = project / "stacks" / "Pulumi.sandbox.yaml"
    file.write_text(file.read_text().replace("protect: false", line))
    code, out, err = asked(project, "check")
    assert code == 2
    assert told in out + err


def test_a_stack_that_is_not_there_is_named(project: Path) -> None:
    code, _, err = asked(project, "check", "nobody")
    assert code == 2
    assert "there is no stack nobody" in err
    assert "known are sandbox" in err


def test_a_setting_is_explained(project: Path) -> None:
    code, out, _ = asked(project, "explain", "sources.chatgpt.workspace_id")
    assert code == 0
    assert "found at: ChatGPT > Workspace settings > Workspace ID" in out
    code, out, _ = asked(project, "explain", "vault.network", "--json")
    assert json.loads(out)[0]["takes"] == "one of public, trusted-services, private"
    code, _, err = asked(project, "explain", "vault.netwrk")
    assert (code, err) == (2, "there is no setting vault.netwrk: did you mean vault.network?\n")


def test_the_schema_is_printed(project: Path) -> None:
    code, out, _ = asked(project, "schema")
    assert code == 0
    assert json.loads(out) == json.loads((CHECKOUT / "stacks" / "tenant.schema.json").read_text())
