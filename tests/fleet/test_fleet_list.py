"""``purview-ai fleet list`` on a project that git knows."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from purview_ai.operate.cli import app
from tenants import CHECKOUT, STACK
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

GIT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "somebody"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "somebody@contoso.example"),
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True)
class Checkout:
    """A managed service's project, below the root of its repository."""

    folder: Path

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder, env=GIT, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all", ".")
        self.git("commit", "--message", "change", "--allow-empty")

    def file(self, stack: str) -> Path:
        return self.folder / "stacks" / f"Pulumi.{stack}.yaml"

    def tenant(self, stack: str, tags: Any) -> None:
        file = yaml.safe_load((CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
        file["config"]["purview-ai:tenant"]["tags"] = tags
        self.file(stack).write_text(yaml.safe_dump(file))

    def list(self, *words: str) -> tuple[int, list[str], str]:
        """The exit code, the names, and what was said to people."""
        os.chdir(self.folder)
        done = CliRunner().invoke(app, ["fleet", "list", *words])
        return done.exit_code, [line.split()[0] for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Three tenants, committed on main; what is checked out is a branch that nothing has changed on."""
    monkeypatch.chdir(tmp_path)
    found = Checkout(tmp_path / "repository" / "tenants")
    (found.folder / "stacks").mkdir(parents=True)
    (found.folder / "docs").mkdir()
    (found.folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\nstackConfigDir: stacks\n")
    (found.folder / "__main__.py").write_text("")
    found.tenant("contoso-eu", {"wave": "canary", "owner": "security"})
    found.tenant("contoso-us", {"wave": "main", "owner": "security"})
    found.tenant("fabrikam", None)
    found.git("init", "--initial-branch", "main", "..")
    found.commit()
    found.git("switch", "--create", "branch")
    return found


def test_each_stack_is_a_line_with_its_tags(checkout: Checkout) -> None:
    os.chdir(checkout.folder)
    done = CliRunner().invoke(app, ["fleet", "list"])
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        ["contoso-eu  owner=security wave=canary", "contoso-us  owner=security wave=main", "fabrikam"],
    )
    told = json.loads(CliRunner().invoke(app, ["fleet", "list", "--json"]).stdout)
    assert told[0] == {"stack": "contoso-eu", "tags": {"wave": "canary", "owner": "security"}, "problem": None}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["--stack", "contoso-*"], ["contoso-eu", "contoso-us"]),
        (["--stack", "fabrikam,*-eu"], ["contoso-eu", "fabrikam"]),
        (["--stack", "fabrikam", "--stack", "contoso-us"], ["contoso-us", "fabrikam"]),
        (["--tag", "wave=canary"], ["contoso-eu"]),
        (["--tag", "WAVE=canary", "--tag", "wave=main"], ["contoso-eu", "contoso-us"]),
        (["--tag", "owner=security", "--stack", "*-us"], ["contoso-us"]),
        (["--all"], ["contoso-eu", "contoso-us", "fabrikam"]),
    ],
)
def test_stacks_are_chosen_by_name_and_by_tag(checkout: Checkout, words: list[str], meant: list[str]) -> None:
    assert checkout.list(*words)[:2] == (0, meant)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--stack", "contos-*"], "there is no stack contos-*; known are contoso-eu, contoso-us, fabrikam"),
        (["--tag", "wave=Canary"], "no stack has the tag wave=Canary; values of wave are canary, main"),
        (["--tag", "waves=canary"], "no stack has a tag waves; known are owner, wave"),
        (["--tag", "wave=main", "--stack", "fabrikam"], "no stack has all that was asked for: fabrikam, wave=main"),
        (["--all", "--stack", "fabrikam"], "--all and another choice say two different things"),
        (["--matrix", "--json"], "--matrix and --json say two different things"),
        (["--changed-since", "nothing"], "git knows no revision nothing here"),
        (["--changed-since", "--output=x"], "git knows no revision --output=x here"),
    ],
)
def test_a_slip_of_the_pen_is_told(checkout: Checkout, words: list[str], told: str) -> None:
    code, names, said = checkout.list(*words)
    assert (code, names) == (2, [])
    assert told in said


def test_what_changed_on_this_branch_is_chosen_committed_or_not(checkout: Checkout) -> None:
    assert checkout.list("--changed-since", "main") == (0, [], "")
    checkout.tenant("contoso-us", {"wave": "canary"})
    checkout.commit()
    checkout.tenant("fabrikam", {"wave": "main"})
    checkout.tenant("northwind", {})
    (checkout.folder / "docs" / "page.md").write_text("Words.")
    assert checkout.list("--changed-since", "main")[:2] == (0, ["contoso-us", "fabrikam", "northwind"])
    assert checkout.list("--changed-since", "main", "--tag", "wave=main")[:2] == (0, ["fabrikam"])


def test_what_several_links_lead_to_is_the_file_of_each(checkout: Checkout) -> None:
    shared = checkout.folder / "docs" / "shared.yaml"
    shared.write_text(checkout.file("fabrikam").read_text())
    for stack in ("northwind", "tailspin"):
        checkout.file(stack).symlink_to("../docs/shared.yaml")
    checkout.git("switch", "main")
    checkout.commit()
    checkout.git("switch", "branch")
    checkout.git("merge", "main")
    shared.write_text(shared.read_text() + "# changed\n")
    assert checkout.list("--changed-since", "main")[:2] == (0, ["northwind", "tailspin"])
    checkout.git("restore", ".")
    checkout.file("tailspin").unlink()
    checkout.file("tailspin").symlink_to("Pulumi.fabrikam.yaml")
    assert checkout.list("--changed-since", "main")[:2] == (0, ["tailspin"])


def test_what_changed_on_the_other_side_is_not(checkout: Checkout) -> None:
    checkout.git("switch", "main")
    checkout.tenant("contoso-eu", {"wave": "main"})
    checkout.commit()
    checkout.git("switch", "branch")
    assert checkout.list("--changed-since", "main")[:2] == (0, [])


@pytest.mark.parametrize("file", ["__main__.py", "own.py", "Pulumi.yaml", "pyproject.toml", "policy/a/rule.py"])
def test_where_something_changed_that_all_use_all_are_chosen(checkout: Checkout, file: str) -> None:
    at = checkout.folder / file
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(f"{at.read_text() if at.exists() else ''}# changed\n")
    code, names, said = checkout.list("--changed-since", "main")
    assert (code, names) == (0, ["contoso-eu", "contoso-us", "fabrikam"])
    assert f"changed, and used by every stack: {file}" in said


@pytest.mark.parametrize(
    "file", ["../uv.lock", "../pyproject.toml", "../.python-version", "../components/a/b.py", "../policy/a.py"]
)
def test_a_member_of_a_workspace_uses_what_is_above_it(checkout: Checkout, file: str) -> None:
    checkout.git("switch", "main")
    (checkout.folder / "pyproject.toml").write_text("[project]\nname = 'tenants'\n")
    (checkout.folder.parent / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = ['tenants']\n")
    checkout.git("add", "..")
    checkout.commit()
    checkout.git("switch", "branch")
    checkout.git("merge", "main")
    at = checkout.folder / file
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text("# changed\n")
    code, names, said = checkout.list("--changed-since", "main")
    assert (code, names) == (0, ["contoso-eu", "contoso-us", "fabrikam"])
    assert f"changed, and used by every stack: {file}" in said


@pytest.mark.parametrize("file", ["../components/Button.tsx", "../policy/privacy.md"])
def test_what_a_larger_repository_has_of_these_names_is_none_of_it(checkout: Checkout, file: str) -> None:
    at = checkout.folder / file
    at.parent.mkdir(parents=True)
    at.write_text("another team's\n")
    assert checkout.list("--changed-since", "main") == (0, [], "")


def test_a_stack_file_that_has_gone_is_told_and_not_chosen(checkout: Checkout) -> None:
    checkout.file("contoso-us").rename(checkout.file("adatum"))
    code, names, said = checkout.list("--changed-since", "main")
    assert (code, names) == (0, ["adatum"])
    assert "Pulumi.contoso-us.yaml has gone, so its stack is not chosen" in said


def test_outside_of_git_and_without_a_common_commit_it_says_so(checkout: Checkout, tmp_path: Path) -> None:
    checkout.git("switch", "--orphan", "alone")
    checkout.git("commit", "--allow-empty", "--message", "alone")
    checkout.git("restore", "--source", "main", "--", ".")
    assert "have no commit in common here: fetch the whole history" in checkout.list("--changed-since", "main")[2]
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    (tmp_path / "plain" / "Pulumi.one.yaml").write_text("config: {}\n")
    assert "is in no working tree of git" in Checkout(tmp_path / "plain").list("--changed-since", "main")[2]


WRONG = {
    "config: [": "cannot be read: line 1, column 10: expected the node content",
    "config: {vault: secretive": "cannot be read: line 1, column 26: expected ',' or '}'",
    "config: {since: 2026-02-31}": "cannot be read: day is out of range for month",
    "[" * 5000: "cannot be read: maximum recursion depth exceeded",
    "config: \x00": "cannot be read: unacceptable character",
    "config: {'purview-ai:tenant': {tags: {wa/ve: x}}}": "cannot be used: tags.wa/ve = 'wa/ve': it must have 1 to 512",
    "config: {'purview-ai:tenant': {tags: {wave: 1}}}": "cannot be used: tags.wave = 1: it must be a text",
    "config: {'purview-ai:tenant': {tags: [wave]}}": "cannot be used: tags: it must be a block",
    "config: {'purview-ai:tenant': {tags: ''}}": "cannot be used: tags = '': it must be a block",
    "config: {'purview-ai:config:tenant': {tags: {wave: canary}}}": "cannot be read: the engine knows the setting "
    "'purview-ai:config:tenant' by another name; write <namespace>:<name>, such as purview-ai:tenant",
    "": "cannot be used: it has no block config\n",
    "- config": "cannot be used: it has no block config\n",
    "confg: {'purview-ai:tenant': {}}": "cannot be used: it has no block config; is that what 'confg' shall be?",
    "config: [a]": "cannot be used: it has no block config\n",
    "config: {'purview-ai:tenat': {tags: {wave: canary}}}": "cannot be used: it has no block config.purview-ai:tenant; "
    "is that what 'purview-ai:tenat' shall be?",
    "config: {'purview-ai:tenant': text}": "cannot be used: it has no block config.purview-ai:tenant\n",
    "config: {'purview-ai:tenant': {secure: 'v1:secretive'}}": "cannot be used: config.purview-ai:tenant is encrypted",
    "config: {'purview-ai:tenant': {tags: {secure: 'v1:secretive'}}}": "cannot be used: config.purview-ai:tenant.tags "
    "is encrypted",
}
"""What may stand in a stack file, and what is said of it."""


@pytest.mark.parametrize(("text", "told"), WRONG.items(), ids=range(len(WRONG)))
def test_a_file_that_cannot_be_read_is_its_own_stacks_problem(checkout: Checkout, text: str, told: str) -> None:
    checkout.file("fabrikam").write_text(text)
    code, names, said = checkout.list("--all")
    assert (code, names) == (1, ["contoso-eu", "contoso-us", "fabrikam"])
    assert f"fabrikam: {checkout.file('fabrikam')} {told}" in said
    assert "secretive" not in said
    assert checkout.list("--stack", "contoso-*") == (0, ["contoso-eu", "contoso-us"], "")
    entries = json.loads(CliRunner().invoke(app, ["fleet", "list", "--json"]).stdout)
    assert [bool(one["problem"]) for one in entries] == [False, False, True]
    jobs = json.loads(CliRunner().invoke(app, ["fleet", "list", "--matrix"]).stdout)["include"]
    assert jobs[2] == {"name": "fabrikam", "stack": "fabrikam", "tags": {}}, "a job that fails by itself"


@pytest.mark.parametrize("text", ["config: [", "", "config: {'purview-ai:tenat': {tags: {wave: canary}}}"])
def test_whether_a_tag_means_a_file_that_cannot_be_read_nobody_knows(checkout: Checkout, text: str) -> None:
    checkout.file("fabrikam").write_text(text)
    code, names, said = checkout.list("--tag", "wave=canary")
    assert (code, names) == (3, ["contoso-eu"])
    assert "Nobody knows whether it has the tags that were asked for" in said
    assert "choose it by --stack fabrikam" in said
    assert checkout.list("--tag", "wave=canary", "--stack", "contoso-*") == (0, ["contoso-eu"], "")
    assert checkout.list("--tag", "wave=canary", "--changed-since", "main")[:2] == (3, [])
    code, names, said = checkout.list("--tag", "wave=Canary")
    assert (code, names) == (2, [])
    assert "values of wave are canary, main; not known is what these have:\nfabrikam: " in said


@pytest.mark.parametrize(
    ("name", "shown"), [("a,b", "a%2Cb"), ("'a'", "%27a%27"), ("a\nb", "a%0Ab"), ("é", "%C3%A9"), ("", "")]
)
def test_a_name_that_no_stack_can_have_is_that_files_problem(checkout: Checkout, name: str, shown: str) -> None:
    checkout.file(name).write_text(checkout.file("fabrikam").read_text())
    os.chdir(checkout.folder)
    done = CliRunner().invoke(app, ["fleet", "list", "--matrix"])
    assert done.exit_code == 1
    assert shown in [job["stack"] for job in json.loads(done.stdout)["include"]]
    assert f"{shown}: {checkout.file(name).name!r} is the file of no stack: a stack's name has 1 to 100" in done.stderr
    assert checkout.list("--stack", "contoso-*")[0] == 0


def test_a_matrix_is_one_line_of_json(checkout: Checkout) -> None:
    os.chdir(checkout.folder)
    told = CliRunner().invoke(app, ["fleet", "list", "--tag", "wave=canary", "--matrix"]).stdout
    job = {"name": "contoso-eu", "stack": "contoso-eu", "tags": {"owner": "security", "wave": "canary"}}
    assert json.loads(told) == {"include": [job]}
    assert len(told.splitlines()) == 1
