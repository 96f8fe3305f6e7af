"""What docs/pipelines.md has a reader set up is what the workflows ask for, and the program bootstrap/ takes it."""

from __future__ import annotations

import re
from textwrap import dedent

import yaml
from purview_ai.settings.bootstrap import BootstrapSettings
from tenants import CHECKOUT
from workflows import WORKFLOWS

PAGE = (CHECKOUT / "docs" / "pipelines.md").read_text()
ELSE = {
    "resource_group": "rg-pipelines",
    "storage_account": "stpipelines",
    "vault": "kv-pipelines",
    "github": {"organization": "contoso", "repository": "purview"},
}


def asked_for() -> set[str]:
    """The environments that the workflows' jobs are in."""
    found = set[str]()
    for file in WORKFLOWS.glob("*.yml"):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            named = [job.get("environment", {}).get("name", ""), job.get("with", {}).get("environment", "")]
            for name in filter(None, named):
                found |= set(re.findall(r"'(plan[\w-]*)'", name)) if "${{" in name else {name}
    return found


def test_the_identities_of_the_page_are_those_of_the_workflows() -> None:
    [block] = [one for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "environments:" in one]
    settings = BootstrapSettings.model_validate({**ELSE, **yaml.safe_load(dedent(block))})
    opened = {
        (job, token.subject.rsplit(":", 1)[1])
        for (_, job), tokens in settings.jobs.items()
        for token in tokens.values()
    }
    environments = {environment for _, environment in opened}
    assert environments == asked_for()
    assert {one for job, one in opened if job == "plan"} == {"plan", "plan-reviewed"}
    for environment in environments:
        assert f"`{environment}`" in PAGE
