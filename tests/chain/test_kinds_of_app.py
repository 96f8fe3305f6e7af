"""The apps on the engine: several workspaces, a source without a connector, and an app that no code knows."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from leaks import leaks
from local_azure import seed
from people import PURVIEW
from tenants import CHECKOUT
from whole_chain import SECRETS_USER, VAULT, VAULT_URL

if TYPE_CHECKING:
    from pathlib import Path

    from people import Person
    from tenants import Tenant

CLAUDE_SECRET = "claude-key"
CLAUDE = {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION}
KEPT = {**CLAUDE, "key": {"secret": CLAUDE_SECRET}}


def names(operator: Person, kind: str) -> set[str]:
    """The objects of one kind in the Data Map."""
    return {one["name"] for one in operator.get(f"{PURVIEW}/scan/{kind}")["value"]}


def readers(operator: Person, secret: str) -> set[str]:
    """Who may read one secret by a role on it, or on the vault."""
    listed = operator.get(f"{VAULT}/secrets/{secret}/providers/Microsoft.Authorization/roleAssignments")["value"]
    return {one["properties"]["principalId"] for one in listed if SECRETS_USER in one["properties"]["roleDefinitionId"]}


def readme(tenant: Tenant) -> str:
    """What the stack says of itself."""
    return tenant.recorded("purview-ai-sandbox")["outputs"]["readme"]


def test_several_workspaces_have_each_their_own_key_and_run(tenant: Tenant, operator: Person) -> None:
    first = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
    second = {**first, "workspace_id": seed.OTHER_WORKSPACE, "key": {"secret": "labs-key"}}
    tenant.change({"sources": {"headquarters": first, "labs": second}})
    tenant.set_key(seed.OTHER_VENDOR_KEY, "labs-key")
    tenant.up().must_succeed()
    for source, interactions in (("headquarters", seed.INTERACTIONS), ("labs", 7)):
        run = operator.run_of(f"datasources/{source}/scans/{source}-scan")
        assert run["status"] == "Succeeded", run
        assert run["discoveryExecutionDetails"]["statistics"]["assets"]["classified"] == interactions
    assert readers(operator, "labs-key") == readers(operator, "chatgpt-compliance-key") == {seed.PURVIEW_IDENTITY}
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


def test_a_source_without_a_connector_has_no_object_in_purview_and_its_kept_key_no_reader(
    tenant: Tenant, operator: Person
) -> None:
    tenant.up().must_succeed()
    tenant.change({"sources.claude": KEPT})
    tenant.set_key(seed.CLAUDE_KEY, CLAUDE_SECRET)
    assert tenant.up().must_succeed().steps == {f"custody-{CLAUDE_SECRET}": "create"}
    assert operator.get(f"{VAULT_URL}/secrets/{CLAUDE_SECRET}")["value"] == seed.CLAUDE_KEY
    assert readers(operator, CLAUDE_SECRET) == set()
    assert names(operator, "datasources") == {"chatgpt"}
    assert names(operator, "credentials") == {"sandbox-chatgpt"}
    assert "## By hand, for Claude Enterprise" in readme(tenant)
    assert leaks(tenant.state_file.read_bytes(), seed.CLAUDE_KEY) == []
    tenant.destroy().must_succeed()


def test_a_tenant_without_a_connector_leaves_the_data_map_alone(tenant: Tenant, operator: Person) -> None:
    tenant.change({"sources": {"claude": CLAUDE}})
    tenant.set_config({"purview-ai:chatgpt-compliance-key": None})
    tenant.up().must_succeed()
    assert names(operator, "datasources") == names(operator, "azureKeyVaults") == set()
    assert [call for call in tenant.writes() if "/scan/" in call] == []
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}


def test_a_key_that_opens_nothing_is_refused_and_not_shown(tenant: Tenant) -> None:
    tenant.change({"sources.claude": KEPT, "vault.colour": "blue"})
    tenant.set_key(seed.CLAUDE_API_KEY, CLAUDE_SECRET)
    refused = tenant.up().must_fail()
    assert "2 settings are wrong" in refused.words
    assert "begins with sk-ant-api03- is of the kind API key for the models" in refused.words
    assert f"pulumi config set --secret purview-ai:{CLAUDE_SECRET}" in refused.words
    assert leaks(refused.output.encode(), seed.CLAUDE_API_KEY.removeprefix("sk-ant-api03-")) == []
    assert tenant.azure.requests() == []


def test_a_key_that_opens_a_part_is_a_warning(tenant: Tenant) -> None:
    tenant.change({"sources.claude": KEPT})
    tenant.set_key(seed.CLAUDE_ADMIN_KEY, CLAUDE_SECRET)
    warned = tenant.preview().must_succeed()
    assert "opens the activity feed alone" in warned.words
    assert leaks(warned.output.encode(), seed.CLAUDE_ADMIN_KEY.removeprefix("sk-ant-admin01-")) == []


KESTREL = """
title = "Kestrel Desk"
capabilities = {}
documents = {}

[workspace]
pattern = "^[0-9a-f-]{36}$"
form = "a GUID"
found_at = "Kestrel Desk > About"

[audit]
record_types = ["AIAppInteraction"]
app_identity = "Kestrel"

[key]
made_at = "Kestrel Desk > Keys"
scopes = []
scopes_needed = "none"

[connector]
verified = true

[connector.profile]
data_source = { kind = "Kestrel7", properties = { nest = { burrowId = "{workspace_id}" } } }
credential = { kind = "TalonKey", secret_property = "talon" }

[connector.profile.scan]
kind = "Kestrel7Flight"

[connector.profile.scan.properties]
firstLight = "{capture_since:%Y-%m-%dT00:00:00Z}"
perch = { credentialReference = { referenceName = "{credential}", credentialType = "{credential_kind}" } }
"""


@pytest.fixture
def another_app(tmp_path: Path, tenant: Tenant) -> Path:
    """A data file more in the package that the tenant uses, and not a line of code."""
    components = tmp_path / "components"
    shutil.copytree(CHECKOUT / "components", components, ignore=shutil.ignore_patterns("__pycache__"))
    app = components / "purview_ai" / "apps" / "kestrel_desk"
    app.mkdir()
    file = app / "app.toml"
    file.write_text(KESTREL)
    tenant.environment["PYTHONPATH"] = os.pathsep.join([str(components), tenant.environment.get("PYTHONPATH", "")])
    return file


def test_an_app_that_takes_a_key_is_added_by_a_data_file_alone(
    another_app: Path, tenant: Tenant, operator: Person
) -> None:
    source: dict[str, Any] = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
    del source["profile"]
    tenant.change({"sources": {"kestrel": {**source, "app": "kestrel-desk"}}})
    tenant.up().must_succeed()
    assert operator.run_of("datasources/kestrel/scans/kestrel-scan")["status"] == "Succeeded"
    assert f"* kestrel: Kestrel Desk, workspace {seed.WORKSPACE}" in readme(tenant)
    tenant.change({"sources.kestrel.app": "kestrel-dusk"})
    assert "did you mean kestrel-desk? Known are chatgpt-enterprise, claude-enterprise, kestrel-desk" in (
        tenant.preview().must_fail().words
    )
    tenant.change({"sources.kestrel.app": "kestrel-desk"})
    another_app.write_text(KESTREL.replace("verified = true", "verified = perhaps"))
    assert "the data file of kestrel-desk" in tenant.preview().must_fail().words
