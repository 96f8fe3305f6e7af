"""What every test may ask for: a local Azure of its own, and people to act as."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from local_azure import seed
from local_azure.process import LocalAzure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

PACE_S = 0.02
"""How long one phase of a run takes in tests."""

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
PURVIEW = f"https://{seed.ACCOUNT}.purview.azure.com"
AUDIENCES = {
    ARM: f"{ARM}/.default",
    GRAPH: f"{GRAPH}/.default",
    PURVIEW: "https://purview.azure.net/.default",
}
API_VERSIONS = {PURVIEW: "2023-09-01", ARM: "2023-07-01"}


@dataclass
class Person:
    """Somebody who asks the services directly, with a token of their own."""

    azure: LocalAzure
    client: httpx.Client
    app_id: str
    secret: str

    def ask(self, method: str, url: str, *, audience: str | None = None, **more: Any) -> httpx.Response:
        """One request, signed in for the host's service (or for another audience, on purpose)."""
        base = next((known for known in AUDIENCES if url.startswith(known)), "")
        scope = audience or AUDIENCES.get(base, "https://vault.azure.net/.default")
        token = self.azure.token(self.app_id, self.secret, scope)
        params = more.pop("params", {})
        if "api-version" not in params and base != GRAPH:
            params["api-version"] = API_VERSIONS.get(base, "7.5")
        headers = {"authorization": f"Bearer {token}"}
        return self.client.request(method, url, headers=headers, params=params, **more)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[LocalAzure]:
    """A local Azure of its own for one test, freshly seeded.

    ``LOCAL_AZURE_RULES_OFF`` switches rules off, which is how the rules are proved to matter.
    """
    off = [name for name in os.environ.get("LOCAL_AZURE_RULES_OFF", "").split(",") if name]
    found = LocalAzure.start(tmp_path / "azure", pace=PACE_S, rules_off=off)
    yield found
    found.stop()


@pytest.fixture
def operator(azure: LocalAzure) -> Iterator[Person]:
    """Somebody with all rights, who changes things behind Pulumi's back."""
    with azure.client() as client:
        yield Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture
def deployer(azure: LocalAzure) -> Iterator[Person]:
    """The identity that deploys."""
    with azure.client() as client:
        yield Person(azure, client, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)


@pytest.fixture
def stranger(azure: LocalAzure) -> Iterator[Person]:
    """Somebody who can sign in and may do nothing."""
    with azure.client() as client:
        yield Person(azure, client, seed.STRANGER_APP, seed.STRANGER_SECRET)
