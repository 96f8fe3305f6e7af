"""What a branch has by now that a deployment of something older would undo."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from purview_ai.change.newer import newer_on, would_undo
from purview_ai.settings.files import Project, StackFileError
from repositories import commit_all

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two stacks below the top of its repository, whose branch ``main`` stands where it does."""
    for path in ("stacks/Pulumi.contoso.yaml", "stacks/Pulumi.fabrikam.yaml", "components/a.py", "README.md"):
        file = tmp_path / "tenants" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("config: {}\n")
    (tmp_path / "tenants" / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\nstackConfigDir: stacks\n")
    commit_all(tmp_path)
    return Project(tmp_path / "tenants")


def git(project: Project, *words: str) -> str:
    """A command of git in the project."""
    done = subprocess.run(["git", *words], cwd=project.folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def meanwhile(project: Project, *paths: str) -> None:
    """Main goes on with other text in these files; what is checked out stays."""
    here = git(project, "rev-parse", "HEAD")
    git(project, "checkout", "--quiet", "-B", "main")
    for path in paths:
        (project.folder / path).write_text("config: {another: one}\n")
    commit_all(project.folder.parent)
    git(project, "checkout", "--quiet", here)


def test_a_newer_stack_file_concerns_its_own_stack(project: Project) -> None:
    assert newer_on(project, "HEAD") == {}
    meanwhile(project, "stacks/Pulumi.contoso.yaml", "stacks/Pulumi.new.yaml", "README.md")
    assert newer_on(project, "main") == {"contoso": ["stacks/Pulumi.contoso.yaml"]}


def test_what_every_stack_uses_concerns_them_all(project: Project) -> None:
    meanwhile(project, "components/a.py", "stacks/Pulumi.fabrikam.yaml")
    shared = "components/a.py"
    assert newer_on(project, "main") == {"contoso": [shared], "fabrikam": ["stacks/Pulumi.fabrikam.yaml", shared]}


@pytest.mark.parametrize("path", ["components/a.py", "policy/rules.json", "pyproject.toml", ".python-version"])
def test_a_program_beside_the_tenants_uses_what_they_are_installed_from(project: Project, path: str) -> None:
    for name in ("grants/Pulumi.yaml", "grants/Pulumi.account.yaml", "policy/rules.json", "pyproject.toml"):
        file = project.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("config: {}\n")
    commit_all(project.folder.parent)
    grants = Project(project.folder / "grants")
    meanwhile(project, "stacks/Pulumi.contoso.yaml", "Pulumi.yaml", "__main__.py", "README.md")
    assert newer_on(grants, "main") == {}, "that is the tenants' own program"
    meanwhile(project, path)
    assert newer_on(grants, "main") == {"account": [f"../{path}"]}
    assert newer_on(project, "main") == {"contoso": [path], "fabrikam": [path]}


@pytest.mark.parametrize("path", ["components/a.py", "requirements.txt"])
def test_a_file_above_the_program_that_installs_nothing_hides_nothing(project: Project, path: str) -> None:
    (project.folder.parent / "pyproject.toml").write_text("[tool.ruff]\n")
    commit_all(project.folder.parent)
    meanwhile(project, path)
    assert newer_on(project, "main") == {"contoso": [path], "fabrikam": [path]}


@pytest.mark.parametrize("path", ["uv.lock", "pyproject.toml", ".python-version", "components/a.py"])
def test_a_member_of_a_workspace_uses_what_is_locked_above_it(project: Project, path: str) -> None:
    (project.folder / "pyproject.toml").write_text("[project]\nname = 'tenants'\n")
    for name in ("components", "apps"):
        (project.folder.parent / name).mkdir()
    for name in ("uv.lock", "pyproject.toml", ".python-version", "components/a.py"):
        (project.folder.parent / name).write_text("one\n")
    commit_all(project.folder.parent)
    meanwhile(project, "../apps/uv.lock")
    assert newer_on(project, "main") == {}, "that is beside it"
    meanwhile(project, f"../{path}")
    assert newer_on(project, "main") == {"contoso": [f"../{path}"], "fabrikam": [f"../{path}"]}


def test_a_stack_file_that_is_a_link_out_of_the_project_is_named(project: Project) -> None:
    (project.folder.parent / "shared.yaml").write_text("config: {}\n")
    (project.folder / "stacks" / "Pulumi.linked.yaml").symlink_to("../../shared.yaml")
    commit_all(project.folder.parent)
    meanwhile(project, "../shared.yaml")
    assert newer_on(project, "main") == {"linked": ["../shared.yaml"]}


def test_what_the_branch_has_taken_back_is_no_more_to_be_deployed_either(project: Project) -> None:
    git(project, "branch", "--force", "before")
    meanwhile(project, "stacks/Pulumi.contoso.yaml")
    git(project, "checkout", "--quiet", "main")
    assert newer_on(project, "before") == {"contoso": ["stacks/Pulumi.contoso.yaml"]}
    (project.folder / "stacks" / "Pulumi.fabrikam.yaml").unlink()
    commit_all(project.folder.parent)
    git(project, "checkout", "--quiet", "before")
    assert set(newer_on(project, "main")) == {"contoso", "fabrikam"}, "one whose file has gone, too"


@pytest.mark.parametrize("branch", ["origin/main", "--output=loot"])
def test_a_branch_that_git_does_not_know_is_no_branch_without_anything_newer(project: Project, branch: str) -> None:
    with pytest.raises(StackFileError, match=f"git knows no revision {branch} here.*fetch the whole history"):
        newer_on(project, branch)


def test_in_a_repository_without_a_working_tree_nobody_can_tell(project: Project, tmp_path: Path) -> None:
    git(project, "clone", "--quiet", "--bare", str(tmp_path), str(tmp_path / "bare"))
    bare = Project(tmp_path / "bare" / "tenants")
    bare.folder.mkdir()
    with pytest.raises(StackFileError, match=f"{bare.folder} is in no working tree of git"):
        newer_on(bare, "HEAD")


def test_some_files_are_named_and_on_one_line() -> None:
    told = would_undo("contoso", "origin/main", ["a\nb\udcff", *"cdefgh"])
    first, _ = told.splitlines()
    assert first == (
        "contoso: origin/main has a newer a b?, c, d, e, f and 2 more: deploying this would undo it, so "
        "nothing was done"
    )
