"""The program in ``bootstrap/`` and the pipelines that it makes possible, as GitHub would run them."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from local_azure import seed
from people import API_VERSIONS, ARM, AUDIENCES
from repositories import commit_all
from tenants import CHECKOUT, LIMIT_S, Tenant
from whole_chain import SUBSCRIPTION
from workflows import Runner, with_uv

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

GITHUB = "https://token.actions.githubusercontent.com"
REPOSITORY = "repo:contoso/purview"
NUMBERED = "repo:contoso@123456/purview@456789"
DEVOPS = "https://vstoken.dev.azure.com/33333333-3333-3333-3333-333333333333"
DEVOPS_SUBJECT = "sc://contoso/purview/fabrikam"
TENANTS = {"contoso": (seed.TENANT_GROUP, seed.WORKSPACE), "fabrikam": ("rg-fabrikam", seed.OTHER_WORKSPACE)}
"""Each with the resource group of its vault and the workspace that it captures."""
GROUP, STORAGE, VAULT = "rg-pipelines", "stcontosopipelines", "kv-contoso-pipelines"
BLOBS = f"{STORAGE}.blob.core.windows.net"
NOT_OF_A_MACHINE = ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
BLOCK: dict[str, Any] = {
    "resource_group": GROUP,
    "create_resource_group": True,
    "storage_account": STORAGE,
    "vault": VAULT,
    "administrators": {"applications": [seed.STRANGER_ID]},
    "github": {
        "organization": "contoso",
        "repository": "purview",
        "organization_id": 123456,
        "repository_id": 456789,
    },
    "tenants": {
        "contoso": {},
        "fabrikam": {
            "plan": {"environments": ["fabrikam-plan", "drift"]},
            "apply": {"trusts": {"azure-devops": {"issuer": DEVOPS, "subject": DEVOPS_SUBJECT}}},
        },
    },
    "grants": {},
    "give_app_roles": True,
}
_PROJECT = """
name: {name}
stackConfigDir: stacks
runtime: {{name: python, options: {{toolchain: uv, virtualenv: {environment}}}}}
"""


@dataclass
class Pipeline:
    """One job of one pipeline: an environment without any secret, in the folder of a project."""

    project: Path
    environment: dict[str, str]

    def pulumi(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """One command of the engine."""
        return subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.project,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def ask(self, azure: LocalAzure, method: str, url: str, body: dict[str, Any], version: str = "") -> int:
        """What Azure Resource Manager, Purview or a vault answers to the identity, past the engine."""
        host = next((one for one in AUDIENCES if url.startswith(one)), "")
        version = version or ("2022-04-01" if host == ARM else API_VERSIONS.get(host, "7.5"))
        form = {
            "grant_type": "client_credentials",
            "client_id": self.environment["AZURE_CLIENT_ID"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": Path(self.environment["AZURE_FEDERATED_TOKEN_FILE"]).read_text(),
            "scope": AUDIENCES.get(host, "https://vault.azure.net/.default"),
        }
        with azure.client() as client:
            signed_in = client.post(f"https://login.microsoftonline.com/{seed.TENANT}/oauth2/v2.0/token", data=form)
            headers = {"authorization": f"Bearer {signed_in.json()['access_token']}"}
            return client.request(method, f"{url}?api-version={version}", headers=headers, json=body).status_code

    def done(self, *words: str, said: str = "") -> str:
        """What a command said that must succeed."""
        found = self.pulumi(*words, said=said)
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    def refused(self, *words: str) -> str:
        """What a command said that must fail, without a stack trace."""
        found = self.pulumi(*words)
        assert found.returncode != 0, found.stdout
        assert "Traceback" not in found.stdout + found.stderr
        return found.stdout + found.stderr


@dataclass
class Bootstrap:
    """The stack of the program, and a project with the tenants' stack files."""

    folder: Path
    stack: Tenant
    operator: Person
    _lines: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def at(cls, folder: Path, azure: LocalAzure, operator: Person) -> Bootstrap:
        """To be deployed by the operator, who has all rights."""
        stack = Tenant(folder / "bootstrap", azure, project=CHECKOUT / "bootstrap")
        stack.environment |= {"ARM_CLIENT_ID": seed.OPERATOR_APP, "ARM_CLIENT_SECRET": seed.OPERATOR_SECRET}
        shutil.copy(CHECKOUT / "bootstrap" / "pipelines.example.yaml", stack.file)
        stack.set_config({"azure-native:subscriptionId": seed.SUBSCRIPTION})
        made = cls(folder, stack, operator)
        made.write_project("tenants", CHECKOUT / "__main__.py")
        made.write_project("grants", CHECKOUT / "grants" / "__main__.py")
        whole = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
        for key in ("encryptionsalt", "purview-ai:chatgpt-compliance-key"):
            whole.pop(key, whole["config"].pop(key, None))
        for name, (group, workspace) in TENANTS.items():
            url = f"{SUBSCRIPTION}/resourceGroups/{group}"
            operator.do("PUT", url, params={"api-version": "2024-03-01"}, json={"location": seed.LOCATION})
            block = whole["config"]["purview-ai:tenant"] | {"grants": "expected", "protect": True}
            block["vault"] = block["vault"] | {
                "name": f"kv-{name}-ai",
                "resource_group": group,
                "deployer_access": False,
            }
            source = block["sources"]["chatgpt"] | {"workspace_id": workspace}
            source["key"] = source["key"] | {"origin": "vault"}
            block["sources"] = {"chatgpt" if name == "contoso" else f"chatgpt-{name}": source}
            file = folder / "tenants" / "stacks" / f"Pulumi.{name}.yaml"
            file.write_text(yaml.safe_dump({"config": whole["config"] | {"purview-ai:tenant": block}}, sort_keys=False))
        made.say(**BLOCK, project=str(folder / "tenants"))
        return made

    def write_project(self, folder: str, program: Path, *, name: str = "") -> None:
        """A project of its own with one of this project's programs, so that no stack file of the checkout changes."""
        (self.folder / folder / "stacks").mkdir(parents=True)
        text = _PROJECT.format(name=name or f"purview-ai-{folder}", environment=CHECKOUT / ".venv")
        (self.folder / folder / "Pulumi.yaml").write_text(text)
        shutil.copy(program, self.folder / folder / "__main__.py")

    def owner(self, tenant: str, *, project: Path, backend: str = "its own") -> Pipeline:
        """Whoever deploys ``bootstrap/`` and is an administrator of the states; empty: where its state was at first."""
        whom = {"AZURE_TENANT_ID": seed.TENANT, "AZURE_CLIENT_ID": seed.STRANGER_APP}
        environment = self.stack.environment | whom | {"AZURE_CLIENT_SECRET": seed.STRANGER_SECRET}
        if backend:
            environment["PULUMI_BACKEND_URL"] = self.told(tenant)["PULUMI_BACKEND_URL"]
        return Pipeline(project, environment)

    def say(self, **block: Any) -> None:
        """What the stack file has under ``purview-ai:bootstrap``; None takes something out."""
        file = yaml.safe_load(self.stack.file.read_text())
        said = file["config"]["purview-ai:bootstrap"] | block
        file["config"]["purview-ai:bootstrap"] = {name: value for name, value in said.items() if value is not None}
        self.stack.file.write_text(yaml.safe_dump(file, sort_keys=False))

    def tag(self, stack: str, **tags: str) -> None:
        """What the stack file of a tenant has under ``tags``."""
        file = self.folder / "tenants" / "stacks" / f"Pulumi.{stack}.yaml"
        whole = yaml.safe_load(file.read_text())
        whole["config"]["purview-ai:tenant"]["tags"] = tags
        file.write_text(yaml.safe_dump(whole, sort_keys=False))

    def output(self, name: str) -> Any:
        """One of the program's outputs."""
        done = subprocess.run(
            ["pulumi", "stack", "output", name, "--json", "--stack", "sandbox"],
            cwd=self.stack.project,
            env=self.stack.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def told(self, tenant: str) -> dict[str, str]:
        """What a tenant's pipeline is told, line by line."""
        self._lines = self._lines or self.output("lines")
        return dict(line.split("=", 1) for line in self._lines[tenant].splitlines())

    def workflows(self, name: str) -> Runner:
        """A run of the workflows of ``pipelines/github`` on the tenants' project, with the jobs' own tokens."""
        project = self.folder / "tenants"
        where = {"AZURE_TENANT_ID": seed.TENANT, "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION}
        machine = {key: value for key, value in self.stack.environment.items() if key not in NOT_OF_A_MACHINE}
        return Runner(
            self.folder / name,
            project,
            machine | {"PATH": with_uv(self.folder / "bin", machine["PATH"])},
            {one: {**told["variables"], **where} for one, told in self.output("environments").items()},
            {"github.sha": commit_all(project), "github.event.before": "", "inputs.stacks": ""},
            azure=self.stack.azure,
            subject=REPOSITORY,
        )

    def pipeline(
        self, tenant: str, job: str, *, token: str = "", backend: str = "", project: str = "tenants"
    ) -> Pipeline:
        """A job of a tenant's pipeline, in its GitHub environment.

        Args:
            tenant: Whose.
            job: ``plan``, ``apply`` or ``scan``.
            token: What another pipeline says of itself; default: GitHub is asked about a job in this environment.
            backend: Whose state it is set upon; default: its own.
            project: The folder of its program.
        """
        told, deploys = self.told(tenant), tenant if tenant == "grants" else f"{tenant}-production"
        where = {"plan": f"{tenant}-plan", "apply": deploys, "scan": f"{tenant}-scans"}[job]
        azure, subject = self.stack.azure, f"{REPOSITORY}:environment:{where}"
        signs_in = {"ARM_OIDC_TOKEN": token} if token else azure.github_job(subject)
        file = self.folder / f"token-{tenant}-{job}"
        # As long as the Azure CLI keeps what it got for it.
        file.write_text(token or azure.federated_token(GITHUB, subject))
        client, entra = told[f"{job.upper()}_CLIENT_ID"], told["AZURE_TENANT_ID"]
        secrets = ("ARM_CLIENT_SECRET", "PULUMI_CONFIG_PASSPHRASE")
        environment = {name: value for name, value in self.stack.environment.items() if name not in secrets}
        environment |= {
            "PULUMI_BACKEND_URL": self.told(backend or tenant)["PULUMI_BACKEND_URL"],
            "AZURE_TENANT_ID": entra,
            "AZURE_CLIENT_ID": client,
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
            "AZURE_TOKEN_CREDENTIALS": "WorkloadIdentityCredential",
            "ARM_TENANT_ID": entra,
            "ARM_CLIENT_ID": client,
            "ARM_USE_OIDC": "true",
            **signs_in,
        }
        return Pipeline(self.folder / project, environment)
