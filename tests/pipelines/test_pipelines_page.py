"""What docs/pipelines.md has a reader set up is what the workflows ask for, and the program bootstrap/ takes it."""

from __future__ import annotations

import re
from textwrap import dedent

import yaml
from purview_ai.settings.bootstrap import BootstrapSettings
from purview_ai.settings.pipeline_environments import ENVIRONMENTS
from tenants import CHECKOUT

PAGE = (CHECKOUT / "docs" / "pipelines.md").read_text()
ELSE = {
    "resource_group": "rg-pipelines",
    "storage_account": "stpipelines",
    "vault": "kv-pipelines",
    "github": {"organization": "contoso", "repository": "purview"},
}


def test_the_environments_of_the_page_are_those_that_open_the_identities() -> None:
    [block] = [one for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "grants: {}" in one]
    settings = BootstrapSettings.model_validate({**ELSE, **yaml.safe_load(dedent(block))})
    everywhere = dict.fromkeys(settings.tenants, ENVIRONMENTS)
    for (whose, job), environments in settings.environments(everywhere).items():
        for one in environments:
            name = one.name if whose == "grants" else one.name.replace(whose, "<identity>", 1)
            [row] = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{name}`" in line]
            _, _, who, reviewers, *_ = (cell.strip() for cell in row.split("|"))
            assert (who, reviewers) == (job, "required" if one.reviewed else "none"), row
