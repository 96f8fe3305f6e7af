"""The command line in this very process, with a tenant's environment in force."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from local_azure import seed
from purview_ai.operate.cli import app
from tenants import CHECKOUT, STACK
from typer.testing import CliRunner

if TYPE_CHECKING:
    from tenants import Tenant

OPERATOR = {"ARM_CLIENT_ID": seed.OPERATOR_APP, "ARM_CLIENT_SECRET": seed.OPERATOR_SECRET}
DEPLOYER = {"ARM_CLIENT_ID": seed.DEPLOYER_APP, "ARM_CLIENT_SECRET": seed.DEPLOYER_SECRET}
STRANGER = {"ARM_CLIENT_ID": seed.STRANGER_APP, "ARM_CLIENT_SECRET": seed.STRANGER_SECRET}


@dataclass(frozen=True)
class Said:
    """What a command did and said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Its one line of JSON."""
        return json.loads(self.out)

    @property
    def verdicts(self) -> dict[str, str]:
        """How each link is, by its name."""
        return {one["link"]: one["verdict"] for one in self.json["findings"]}

    def finding(self, link: str) -> dict[str, Any]:
        """What was found of one link."""
        return next(one for one in self.json["findings"] if one["link"] == link)


def said(tenant: Tenant, *words: str, **environment: str) -> Said:
    """What ``purview-ai`` says of a tenant, to somebody with all rights unless the environment says otherwise.

    Of its stack, unless all are asked for.
    """
    place = os.getcwd()  # noqa: PTH109  # as chdir wants it
    project = tenant.project if tenant.project != CHECKOUT else _project_of(tenant)
    with patch.dict(os.environ, {**tenant.environment, **OPERATOR, **environment}, clear=True):
        os.chdir(project)
        try:
            done = CliRunner().invoke(app, [*words, *(() if "--all" in words else ("--stack", STACK))])
        finally:
            os.chdir(place)
    told = done.stdout + done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert seed.VENDOR_KEY not in told
    return Said(done.exit_code, done.stdout, done.stderr)


def _project_of(tenant: Tenant) -> Any:
    """A folder with the tenant's own stack file, as its owner's project would have it."""
    folder = tenant.folder / "project"
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text(
        (CHECKOUT / "Pulumi.yaml").read_text().replace("stackConfigDir: stacks", "stackConfigDir: ..")
    )
    return folder
