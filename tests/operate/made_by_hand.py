"""A source and scan that somebody registered in the portal, under names of their own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import yaml
from people import PURVIEW
from tenants import CHECKOUT
from whole_chain import WholeChain, credential_body, scan_body, source_body

if TYPE_CHECKING:
    from pathlib import Path

    from people import Person
    from tenants import Tenant

SCAN_API = f"{PURVIEW}/scan"
SOURCE, SCAN, CREDENTIAL, CONNECTION = "ChatGPT-Prod", "Scan-k3d", "gpt-key", "AzureKeyVault-x1"
SOURCE_URL = f"{SCAN_API}/datasources/{SOURCE}"
SCAN_URL = f"{SOURCE_URL}/scans/{SCAN}"
CREDENTIAL_URL = f"{SCAN_API}/credentials/{CREDENTIAL}"


def register_by_hand(operator: Person) -> WholeChain:
    """All that the portal makes, and a vault of the operator's with the key in it."""
    chain = WholeChain(operator)
    chain.open_vault()
    vault = {"properties": {"baseUrl": "https://kv-contoso-ai.vault.azure.net/"}}
    operator.do("PUT", f"{SCAN_API}/azureKeyVaults/{CONNECTION}", json=vault)
    operator.do("PUT", CREDENTIAL_URL, json=credential_body(chain.version, CONNECTION))
    operator.do("PUT", SOURCE_URL, json=source_body())
    operator.do("PUT", SCAN_URL, json=scan_body(credential=CREDENTIAL))
    return chain


def as_project(tenant: Tenant) -> Path:
    """The tenant's folder as a project of its own, so that the command line finds its stack file."""
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    del project["stackConfigDir"]
    (tenant.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    return tenant.folder


def asked(tenant: Tenant, *words: str, said: str = "") -> tuple[int, str, str]:
    """What ``purview-ai`` answers in the tenant's folder: its code, and what it said to whom."""
    done = subprocess.run(
        ["purview-ai", *words],
        cwd=tenant.folder,
        env=tenant.environment,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr
