"""Mistakes that show only beside the other stack files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from purview_ai.settings.files import TENANT, Project
from purview_ai.settings.neighbours import neighbours
from purview_ai.settings.reading import Reading
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block

if TYPE_CHECKING:
    from pathlib import Path

OTHER_WORKSPACE = "22222222-2222-2222-2222-222222222222"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with no stack yet."""
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    return Project(tmp_path)


def told(project: Project, theirs: dict[str, Any], *, ours: str = "contoso", other: str = "fabrikam") -> list[str]:
    """What is said of the sandbox's tenant beside another one."""
    project.stack_file(other).write_text(yaml.safe_dump({"config": {TENANT: theirs}}))
    found = neighbours(ours, TenantSettings.model_validate(block()), project, Reading())
    assert all(other in one.reason for one in found)
    return [f"{one.path}: {one.reason}" for one in found]


APART = {"vault__name": "kv-fabrikam", "sources__chatgpt__workspace_id": OTHER_WORKSPACE}


def test_tenants_that_share_nothing_are_right(project: Project) -> None:
    assert told(project, block(purview__account="fabrikam-purview", **APART)) == []


def test_two_tenants_do_not_capture_one_workspace_into_one_account(project: Project) -> None:
    [wrong] = told(project, block(vault__name="kv-fabrikam"))
    assert wrong.startswith("sources.chatgpt.workspace_id: stack fabrikam captures it already, as chatgpt")


def test_two_tenants_do_not_call_two_workspaces_the_same(project: Project) -> None:
    [wrong] = told(project, block(**APART, purview__account="Contoso-Purview"))
    assert wrong.startswith("sources.chatgpt: stack fabrikam has a data source of this name")


def test_two_tenants_do_not_make_one_vault(project: Project) -> None:
    theirs = block(purview__account="fabrikam-purview", vault__name="KV-Contoso-AI")
    [wrong] = told(project, theirs)
    assert wrong.startswith("vault.name: stack fabrikam makes a vault of this name")


def test_stacks_whose_names_come_out_the_same_in_purview_are_refused(project: Project) -> None:
    theirs = block(purview__account="contoso-purview", sources__chatgpt__adopt={"data_source": "their-own"}, **APART)
    [wrong] = told(project, theirs, ours="contoso.eu", other="contoso-eu")
    assert wrong.startswith("stack name: stack contoso-eu makes the same name")


def test_two_tenants_do_not_make_one_collection(project: Project) -> None:
    made = {"name": "ai-interactions", "create": True}
    theirs = block(purview__collection=made, sources__chatgpt__adopt={"data_source": "their-own"}, **APART)
    project.stack_file("fabrikam").write_text(yaml.safe_dump({"config": {TENANT: theirs}}))
    ours = TenantSettings.model_validate(block(purview__collection=made))
    [wrong] = neighbours("contoso", ours, project, Reading())
    assert (wrong.path, wrong.value) == ("purview.collection", "'ai-interactions'")


def test_another_tenant_that_is_wrong_itself_is_left_alone(project: Project) -> None:
    assert told(project, {"purview": {"account": "contoso-purview"}}) == []
    project.stack_file("broken").write_text("contoso-purview: [")
    project.stack_file("dangling").symlink_to("nowhere.yaml")
    assert neighbours("contoso", TenantSettings.model_validate(block()), project, Reading()) == []


def test_a_vault_may_be_shared_and_a_secret_is_written_by_one(project: Project) -> None:
    shared = {"name": "kv-contoso-ai", "resource_group": "rg-ai-governance", "existing": True, "access": "rbac"}
    apart = {"purview__account": "fabrikam-purview", "sources__chatgpt__workspace_id": OTHER_WORKSPACE}
    [wrong] = told(project, block(vault=shared, **apart))
    assert wrong.startswith("sources.chatgpt.key.secret: stack fabrikam writes the same secret")
    read = {"secret": "chatgpt-compliance-key", "origin": "vault"}
    assert told(project, block(vault=shared, sources__chatgpt__key=read, **apart)) == []
