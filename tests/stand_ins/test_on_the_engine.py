"""Both stand-ins under the real engine: a program's whole life in five commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local_azure import directory, seed
from stand_ins.install import install

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

CHECKOUT = Path(__file__).parents[2]
PROJECT = f"""\
name: life
runtime: {{name: python, options: {{toolchain: uv, virtualenv: {CHECKOUT / ".venv"}}}}}
"""
PROGRAM = f"""\
import pulumi
import pulumi_azure_native as azure
import pulumi_azuread as azuread

config = pulumi.Config()
me = azure.authorization.get_client_config()
account = azure.purview.get_account("{seed.ACCOUNT}", "{seed.GOVERNANCE_GROUP}")
api = azuread.get_service_principal(client_id="{directory.PURVIEW_API_APP}")

group = azure.resources.ResourceGroup("rg", location="westeurope")
vault = azure.keyvault.Vault(
    "vault",
    vault_name=config.require("vault"),
    resource_group_name=group.name,
    properties={{
        "tenant_id": me.tenant_id,
        "sku": {{"family": "A", "name": azure.keyvault.SkuName.STANDARD}},
        "access_policies": [
            {{"tenant_id": me.tenant_id, "object_id": me.object_id, "permissions": {{"secrets": ["all"]}}}}
        ],
    }},
)
secret = azure.keyvault.Secret(
    "key",
    resource_group_name=group.name,
    vault_name=vault.name,
    properties={{"value": config.require_secret("key")}},
)
role = azure.authorization.RoleAssignment(
    "reader",
    scope=group.id,
    principal_id=account.identity.principal_id,
    principal_type=azure.authorization.PrincipalType.SERVICE_PRINCIPAL,
    role_definition_id="/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
)
grant = azuread.AppRoleAssignment(
    "grant",
    app_role_id=api.app_role_ids["Purview.ProcessConversationMessages.All"],
    principal_object_id=account.identity.principal_id,
    resource_object_id=api.object_id,
)
pulumi.export("version", secret.properties.secret_uri_with_version)
"""


@dataclass
class Life:
    """One stack, from its first preview to its end."""

    folder: Path
    azure: LocalAzure

    def run(self, *words: str) -> str:
        """What a command says; it must succeed."""
        done = self.begin(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def begin(self, *words: str) -> subprocess.CompletedProcess[str]:
        tools = CHECKOUT / ".tools"
        environment = {
            **self.azure.network(),
            **self.azure.deployer(),
            "PATH": os.pathsep.join([str(tools / "engine" / "bin"), str(tools / "uv" / "bin"), os.defpath]),
            "HOME": os.environ["HOME"],
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": self.folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "only for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_STACK": "dev",
            "UV_OFFLINE": "1",
            "UV_FROZEN": "1",
            "STAND_INS_PACE": "0.005",
        }
        return subprocess.run(
            [tools / "engine" / "bin" / "pulumi", *words, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def state(self) -> dict[str, dict[str, Any]]:
        """The state's resources by their logical names."""
        exported = json.loads(self.run("stack", "export"))["deployment"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in exported}

    def writes(self) -> list[str]:
        """What was changed, by service and method, and the journal begun anew."""
        found = [
            f"{line['service']} {line['method']}"
            for line in self.azure.requests()
            if line["service"] != "login" and line["method"] != "GET" and line["status"] < 400
        ]
        self.azure.forget_requests()
        return sorted(found)


@pytest.fixture
def life(tmp_path: Path, azure: LocalAzure) -> Life:
    subprocess.run([sys.executable, "-m", "sandbox.engine.install"], cwd=CHECKOUT, check=True)
    folder = tmp_path / "life"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(PROGRAM)
    install(folder / "home", Path(sys.executable))
    made = Life(folder, azure)
    made.run("stack", "init", "dev")
    (folder / "Pulumi.dev.yaml").open("a").write("config: {life:vault: kv-first}\n")
    made.run("config", "set", "--secret", "key", "not-for-anyones-eyes")
    return made


@pytest.mark.fact(2)
@pytest.mark.fact(13)
@pytest.mark.fact(14)
@pytest.mark.fact(15)
@pytest.mark.fact(23)
@pytest.mark.fact(35)
@pytest.mark.fact(41)
def test_a_program_lives_from_its_preview_to_its_end(life: Life) -> None:
    said = life.run("preview")
    assert "+ 6 to create" in said
    assert "warning" not in said
    assert life.writes() == []

    life.run("up", "--yes", "--skip-preview")
    assert life.writes() == ["arm PUT"] * 4 + ["graph POST"]
    state = life.state()
    assert state["key"]["inputs"]["properties"]["value"].keys() >= {"ciphertext"}
    assert "not-for-anyones-eyes" not in json.dumps(state)
    assert state["rg"]["id"].endswith(f"/resourceGroups/{state['rg']['outputs']['name']}")
    assert state["vault"]["outputs"]["azureApiVersion"] == "2024-11-01"

    life.run("refresh", "--preview-only", "--expect-no-changes")
    assert "6 unchanged" in life.run("preview", "--expect-no-changes")

    life.run("config", "set", "vault", "kv-second")
    said = life.run("up", "--yes", "--skip-preview")
    assert "+-2 replaced" in said
    # The names are given, so the old secret and vault go first; the secret goes through its vault's own door.
    assert life.writes() == ["arm DELETE", "arm PUT", "arm PUT", "key-vault DELETE"]

    life.run("destroy", "--yes", "--skip-preview")
    assert "graph DELETE" in life.writes()
    assert life.state() == {}
