"""What the made identities can do with a pipeline's own tokens, and what none of them can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipelines import BLOBS, DEVOPS, DEVOPS_SUBJECT, GITHUB, NUMBERED, REPOSITORY, Bootstrap

if TYPE_CHECKING:
    pass


@pytest.fixture(scope="module")
def contoso(made: Bootstrap) -> Bootstrap:
    """Contoso's stack is made, with its state and its key where it belongs."""
    provider = made.told("contoso")["SECRETS_PROVIDER"]
    apply = made.pipeline("contoso", "apply")
    apply.done("stack", "init", "contoso", "--secrets-provider", provider)
    apply.done("config", "set", "--secret", "purview-ai:chatgpt-compliance-key", "--stack", "contoso", said="a-key")
    return made


def test_a_tenants_state_and_secrets_open_to_its_own_identities(contoso: Bootstrap) -> None:
    for job in ("apply", "plan"):
        pipeline = contoso.pipeline("contoso", job)
        assert "contoso" in pipeline.done("stack", "ls")
        key = pipeline.done("config", "get", "purview-ai:chatgpt-compliance-key", "--stack", "contoso")
        assert key.strip() == "a-key"
