"""What a pull request touches where the project is a folder of a larger repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from purview_ai.change.scope import project_in, scope_of
from purview_ai.settings.files import Project, StackFileError
from repositories import commit_all

if TYPE_CHECKING:
    from pathlib import Path

    from purview_ai.change.scope import Scope

ALL = ["contoso", "fabrikam"]


def settings(**tags: str) -> str:
    """A stack file."""
    return yaml.safe_dump({"config": {"azure-native:location": "westeurope", "purview-ai:tenant": {"tags": tags}}})


def write(project: Project, path: str, text: str) -> None:
    """Write a file, by its path from the project, and commit everything."""
    file = project.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    commit_all(project.folder.parent)


def scope(project: Project) -> Scope:
    """What the newest commit touches."""
    return scope_of(project_in(project.folder), "HEAD~1")


def names(found: Scope) -> list[str]:
    """Of the tenants that are touched."""
    return [one.stack for one in found.members]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two tenants, in a folder below the top of their repository, where it says what is installed."""
    found = Project(tmp_path / "repository" / "tenants")
    (found.folder / "stacks").mkdir(parents=True)
    (found.folder.parent / "pyproject.toml").write_text("[project]\nname = 'tenants'\n")
    (found.folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\nstackConfigDir: stacks\n")
    for stack in ALL:
        found.stack_file(stack).write_text(settings(environment="production"))
    commit_all(found.folder.parent)
    return found


@pytest.mark.parametrize("path", ["../components/purview_ai/tenant.py", "../pyproject.toml", "../uv.lock"])
def test_what_is_installed_from_above_is_looked_at(project: Project, path: str) -> None:
    write(project, path, "# hostile\n")
    found = scope(project)
    assert (names(found), found.runs) == (ALL, (f"{path} is no stack file",))


@pytest.mark.parametrize("path", ["../.github/workflows/x.yml", "../elsewhere/x.py", "../Pulumi.contoso.yaml", "../x"])
def test_whatever_else_is_above_may_run_beside_a_setting(project: Project, path: str) -> None:
    project.stack_file("contoso").write_text(settings(environment="production", owner="security"))
    write(project, path, "config: {}\n")
    found = scope(project)
    assert (names(found), found.runs) == (["contoso"], (f"{path} is no stack file",))
    (project.folder / path).unlink()
    commit_all(project.folder.parent)
    assert scope(project).runs == (f"{path} is no stack file",), "what goes from there may let something else run"


@pytest.mark.parametrize("path", ["README.md", "docs/tenants.md", "../README.md", "../docs/deep/tenants.md"])
def test_what_people_read_does_not_run_there_either(project: Project, path: str) -> None:
    project.stack_file("contoso").write_text(settings(environment="production", owner="security"))
    write(project, path, "Ours\n")
    found = scope(project)
    assert (names(found), found.runs) == (["contoso"], ())


@pytest.mark.parametrize("path", ["../README.md/x.py", "../other/README.md", "../docs/x.py", "../my-docs/x.md"])
def test_what_only_looks_like_that_is_looked_at(project: Project, path: str) -> None:
    write(project, path, "x\n")
    assert scope(project).runs == (f"{path} is no stack file",)


def test_stack_files_beside_the_project_are_settings(project: Project) -> None:
    (project.folder / "stacks").rename(project.folder.parent / "settings")
    write(project, "Pulumi.yaml", "name: purview-ai\nruntime: python\nstackConfigDir: ../settings\n")
    file = "../settings/Pulumi.contoso.yaml"
    write(project, file, settings(environment="production", owner="security"))
    assert (names(scope(project)), scope(project).runs) == (["contoso"], ())
    write(project, file, settings(environment="sandbox").replace("location", "metadataHost"))
    found = scope(project)
    assert f"{file}: azure-native:metadataHost may say how to sign in, or where" in found.runs
    assert found.environments == {"contoso": "production"}
    (project.folder / file).unlink()
    commit_all(project.folder.parent)
    assert (scope(project).gone, scope(project).runs) == (("contoso",), ())


@pytest.mark.parametrize("before", ["", "config: [", "config: {'purview-ai:tenant': {tags: {environment: moon}}}"])
def test_a_tenant_of_which_nobody_can_say_where_it_stood_comes_last(project: Project, before: str) -> None:
    write(project, "stacks/Pulumi.contoso.yaml", before)
    write(project, "stacks/Pulumi.contoso.yaml", settings(environment="sandbox"))
    assert scope(project).environments == {"contoso": "production"}


def test_neither_does_one_whose_file_is_a_link_leave_its_environment(project: Project) -> None:
    write(project, "../shared/one.yaml", settings(environment="production"))
    project.stack_file("linked").symlink_to("../../shared/one.yaml")
    commit_all(project.folder.parent)
    write(project, "../shared/one.yaml", settings(environment="sandbox"))
    found = scope(project)
    assert (found.environments, found.runs) == ({"linked": "production"}, ("../shared/one.yaml is no stack file",))


def test_a_new_tenant_begins_where_it_says(project: Project) -> None:
    write(project, "stacks/Pulumi.northwind.yaml", settings(environment="sandbox"))
    assert scope(project).environments == {"northwind": "sandbox"}


def test_outside_of_git_nobody_can_tell(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    with pytest.raises(StackFileError, match="is in no working tree of git, so nobody can tell what has changed"):
        project_in(tmp_path)


def test_a_project_is_the_same_by_a_link_to_it(project: Project, tmp_path: Path) -> None:
    write(project, "stacks/Pulumi.contoso.yaml", settings(environment="production", owner="security"))
    link = tmp_path / "link"
    link.symlink_to(project.folder)
    found = scope(Project(link))
    assert (names(found), found.runs) == (["contoso"], ())
