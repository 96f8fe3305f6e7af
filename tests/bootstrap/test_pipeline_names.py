"""The environments that open the identities: each opens one, and a person looks wherever something may be done."""

from __future__ import annotations

import itertools
import re

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from purview_ai import naming
from purview_ai.settings.bootstrap import BootstrapSettings
from purview_ai.settings.pipeline_environments import ENVIRONMENTS
from pydantic import ValidationError
from tenants import CHECKOUT

WORDS = ("contoso", "pre", "plan", "reviewed", "production", "sandbox", "scans", "grants")
NAMES = (
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
    .map("-".join)
    .filter(lambda name: naming.PIPELINE_KEY.match(name) and name not in naming.RESERVED_PIPELINES)
)

ELSE = {"resource_group": "rg-pipelines", "storage_account": "stpipelines", "vault": "kv-pipelines", "grants": {}}


@given(st.lists(NAMES, min_size=2, max_size=5, unique=True))
@example(["contoso", "contoso-pre"])
@example(["contoso-pre-production", "contoso-pre", "contoso-production"])
def test_no_two_identities_that_pass_have_a_common_environment(names: list[str]) -> None:
    try:
        settings = BootstrapSettings.model_validate({**ELSE, "tenants": {name: {} for name in names}})
    except ValidationError:
        assert any(f"{name}-pre" in names for name in names), "and no others are refused"
        return
    opened = settings.environments(dict.fromkeys(names, ENVIRONMENTS))
    found = [{one.name.lower() for one in several} for several in opened.values()]
    for one, other in itertools.combinations(found, 2):
        assert not one & other


@pytest.mark.parametrize(
    ("job", "named", "unreviewed"),
    [
        ("plan", ["contoso-plan", "contoso-plan-reviewed", "contoso-night"], {"contoso-plan"}),
        ("plan", ["Contoso-Plan", "Contoso-Plan-Reviewed", "contoso-scans"], {"Contoso-Plan"}),
        ("apply", ["contoso-sandbox", "contoso-production", "contoso-plan"], {"contoso-sandbox"}),
        ("scan", ["contoso-scans", "weekly"], {"contoso-scans", "weekly"}),
    ],
)
def test_an_environment_that_is_named_has_the_reviewers_of_its_name_and_any_other_has_some(
    job: str, named: list[str], unreviewed: set[str]
) -> None:
    github = {"organization": "contoso", "repository": "purview"}
    settings = BootstrapSettings.model_validate(
        {**ELSE, "github": github, "tenants": {"contoso": {job: {"environments": named}}}}
    )
    found = settings.environments({"contoso": ["sandbox"]})["contoso", job]
    assert [one.name for one in found] == named
    assert {one.name for one in found if not one.reviewed} == unreviewed


def test_the_example_lets_nothing_that_the_workflows_use_stand_outside() -> None:
    text = (CHECKOUT / "bootstrap" / "pipelines.example.yaml").read_text()
    whole = yaml.safe_load(re.sub(r"^      # (?=fleet:|  )", "      ", text, flags=re.MULTILINE))
    settings = BootstrapSettings.model_validate(whole["config"]["purview-ai:bootstrap"])
    assert set(settings.tenants) == {"contoso", "fleet"}
    found = settings.environments(dict.fromkeys(settings.tenants, ENVIRONMENTS))
    for whose, environments in found.items():
        if whose[0] == "fleet":
            names = [one.name.replace("fleet", "contoso") for one in environments]
            assert names == [one.name for one in found["contoso", whose[1]]]
