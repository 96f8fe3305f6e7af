"""No token of one environment opens two identities, whatever the tenants are called and wherever they are deployed."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st
from purview_ai import naming
from purview_ai.settings.bootstrap import BootstrapSettings
from purview_ai.settings.pipeline_environments import ENVIRONMENTS
from pydantic import ValidationError

WORDS = ("contoso", "pre", "plan", "reviewed", "production", "sandbox", "scans", "grants")
NAMES = (
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
    .map("-".join)
    .filter(lambda name: naming.PIPELINE_KEY.match(name) and name not in naming.RESERVED_PIPELINES)
)


@given(st.lists(NAMES, min_size=2, max_size=5, unique=True))
@example(["contoso", "contoso-pre"])
@example(["contoso-pre-production", "contoso-pre", "contoso-production"])
def test_no_two_identities_that_pass_have_a_common_environment(names: list[str]) -> None:
    block = {
        "resource_group": "rg-pipelines",
        "storage_account": "stpipelines",
        "vault": "kv-pipelines",
        "tenants": {name: {} for name in names},
        "grants": {},
    }
    try:
        settings = BootstrapSettings.model_validate(block)
    except ValidationError:
        assert any(f"{name}-pre" in names for name in names), "and no others are refused"
        return
    opened = settings.environments(dict.fromkeys(names, ENVIRONMENTS))
    found = [{one.name.lower() for one in several} for several in opened.values()]
    for one, other in itertools.combinations(found, 2):
        assert not one & other
