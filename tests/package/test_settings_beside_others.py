"""Mistakes that show only beside the other stack files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from local_azure import seed
from purview_ai.settings.files import TENANT, Project
from purview_ai.settings.neighbours import Neighbour, neighbours
from purview_ai.settings.reading import read
from settings_blocks import block

if TYPE_CHECKING:
    from pathlib import Path

    from purview_ai.settings.mistakes import Mistake

OTHER_WORKSPACE = "22222222-2222-2222-2222-222222222222"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with no stack yet."""
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    return Project(tmp_path)


def beside(tenant: str, ours: dict[str, Any], project: Project) -> list[Mistake]:
    """What is wrong with a tenant of the tests' subscription beside the others."""
    reading = read(ours)
    assert reading.settings is not None
    return neighbours(Neighbour(tenant, reading.settings, reading, seed.SUBSCRIPTION), project)


def told(project: Project, theirs: dict[str, Any], *, ours: str = "contoso", other: str = "fabrikam") -> list[str]:
    """What is said of the sandbox's tenant beside another one."""
    project.stack_file(other).write_text(yaml.safe_dump({"config": {TENANT: theirs}}))
    found = beside(ours, block(), project)
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
    ours = block(purview__collection=made)
    [wrong] = beside("contoso", ours, project)
    assert (wrong.path, wrong.value) == ("purview.collection", "'ai-interactions'")


def test_another_tenant_that_is_wrong_itself_is_left_alone(project: Project) -> None:
    assert told(project, {"purview": {"account": "contoso-purview"}}) == []
    project.stack_file("broken").write_text("contoso-purview: [")
    project.stack_file("dangling").symlink_to("nowhere.yaml")
    assert beside("contoso", block(), project) == []


def test_a_vault_may_be_shared_and_a_secret_is_written_by_one(project: Project) -> None:
    shared = {"name": "kv-contoso-ai", "resource_group": "rg-ai-governance", "existing": True, "access": "rbac"}
    apart = {"purview__account": "fabrikam-purview", "sources__chatgpt__workspace_id": OTHER_WORKSPACE}
    [wrong] = told(project, block(vault=shared, **apart))
    assert wrong.startswith("sources.chatgpt.key.secret: stack fabrikam writes the same secret")
    read = {"secret": "chatgpt-compliance-key", "origin": "vault"}
    assert told(project, block(vault=shared, sources__chatgpt__key=read, **apart)) == []


def test_a_twin_whose_own_file_is_wrong_is_seen_all_the_same(project: Project) -> None:
    """As long as nobody has looked for the connector's names, every new file has that mistake."""
    theirs = block(vault__name="kv-fabrikam", sources__chatgpt__profile=None, protect="perhaps")
    [wrong] = told(project, theirs)
    assert wrong.startswith("sources.chatgpt.workspace_id: stack fabrikam captures it already")
    assert told(project, block(vault__name="kv--x", sources__chatgpt__workspace_id="org-1", purview__account=5)) == []


@pytest.mark.parametrize(("subscription", "count"), [(seed.SUBSCRIPTION, 1), (seed.OTHER_SUBSCRIPTION, 0)])
def test_the_default_account_of_one_subscription_is_the_same(project: Project, subscription: str, count: int) -> None:
    default = {"account": "default", "collection": "ai-interactions"}
    theirs = block(purview=default, vault__name="kv-fabrikam")
    config = {TENANT: theirs, "azure-native:subscriptionId": subscription}
    project.stack_file("fabrikam").write_text(yaml.safe_dump({"config": config}))
    assert len(beside("contoso", block(purview=default), project)) == count


def test_stacks_whose_diagnostic_settings_come_out_the_same_are_refused(project: Project) -> None:
    logs = {"workspace": f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/rg"
            "/providers/Microsoft.OperationalInsights/workspaces/law"}  # fmt: skip
    theirs = block(diagnostics=logs, sources__chatgpt__adopt={"data_source": "their-own"}, **APART)
    project.stack_file("contoso-eu").write_text(yaml.safe_dump({"config": {TENANT: theirs}}))
    ours = block(diagnostics=logs, vault__name="kv-of-ours")
    assert "'purview-ai-contoso-eu'" in {one.value for one in beside("contoso_eu", ours, project)}
