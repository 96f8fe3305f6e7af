"""Tenants of every kind, from their first deployment to their end; and stack files that nobody thought of.

Kinds are combined so that each two of their values meet in some tenant (pairwise). All of them, and more stack files,
run with ``make nightly``; every run has two of them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from allpairspy import AllPairs
from local_azure import seed
from local_azure.process import LocalAzure
from nightly import NIGHTLY
from whole_chain import SECRET, VAULT, WholeChain, vault_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from people import Person
    from tenants import Tenant

PACE_S = 0.02
KINDS: dict[str, list[str]] = {
    "access": ["rbac", "access-policy"],
    "vault": ["new", "existing"],
    "key": ["config", "vault"],
    "grants": ["managed", "given before", "expected"],
    "app": ["chatgpt", "two workspaces", "claude beside"],
    "cloud": ["public", "usgovernment", "china"],
}


@dataclass(frozen=True)
class Kind:
    """One tenant."""

    access: str
    vault: str
    key: str
    grants: str
    app: str
    cloud: str

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return "-".join(self.values).replace(" ", "_")

    @property
    def values(self) -> list[str]:
        """One of each of ``KINDS``."""
        return list(vars(self).values())


ALL = [Kind(*values) for values in AllPairs(list(KINDS.values()))]
IN_EVERY_RUN = [
    ALL[0],
    max(
        (kind for kind in ALL if kind.cloud != ALL[0].cloud),
        key=lambda kind: sum(one != other for one, other in zip(kind.values, ALL[0].values, strict=True)),
    ),
]
"""Two of different clouds that have as little in common as any."""
OTHER_KEY = "subsidiary-key"
ORGANISATION = "5a5f1f9e-0000-4000-8000-00000000000c"


def test_each_two_values_meet_in_some_tenant() -> None:
    for one, other in ((a, b) for a in KINDS for b in KINDS if a < b):
        met = {(getattr(kind, one), getattr(kind, other)) for kind in ALL}
        assert met == {(x, y) for x in KINDS[one] for y in KINDS[other]}


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    """The tenant that a test is about."""
    return request.param


@pytest.fixture
def azure(tmp_path: Path, kind: Kind) -> Iterator[LocalAzure]:
    """A local Azure of the tenant's cloud, which has no other cloud's hosts."""
    cloud: Any = kind.cloud
    found = LocalAzure.start(tmp_path / "azure", pace=PACE_S, cloud=cloud, warm=True)
    yield found
    found.kill()


@pytest.mark.parametrize("kind", ALL if NIGHTLY else IN_EVERY_RUN, ids=lambda kind: kind.id, indirect=True)
def test_a_tenant_of_this_kind_lives_and_ends(tenant: Tenant, operator: Person, kind: Kind) -> None:
    # The stack file alone says which cloud it is.
    tenant.environment.pop("ARM_ENVIRONMENT", None)
    _become(tenant, operator, kind)
    if (kind.vault, kind.key) == ("new", "vault"):
        assert "was not found in key vault" in tenant.up().must_fail().words
        _put_keys(operator, kind)
    previewed = tenant.preview().must_succeed()
    told = f"connectors for AI apps in the cloud {kind.cloud} is not known"
    assert (told in previewed.words) == (kind.cloud != "public")
    assert tenant.up().must_succeed().steps == previewed.steps
    assert {name.partition("-")[0] for name in previewed.steps} >= {"chatgpt"}
    assert not [name for name in previewed.steps if name.startswith("claude")]
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    tenant.change({"sources.chatgpt.scan.at": "03:00"})
    assert tenant.preview().must_succeed().steps == {"chatgpt-trigger": "update"}
    tenant.up().must_succeed()
    tenant.destroy().must_succeed()
    for what in ("azureKeyVaults", "credentials", "datasources"):
        assert operator.get(f"https://{seed.ACCOUNT}.purview.azure.com/scan/{what}")["value"] == []
    assert (operator.ask("GET", VAULT).status_code == 200) == (kind.vault == "existing")


def _become(tenant: Tenant, operator: Person, kind: Kind) -> None:
    tenant.set_config({"azure-native:environment": kind.cloud})
    tenant.change({"vault.access": kind.access, "grants": "expected" if kind.grants == "expected" else "managed"})
    if kind.app == "two workspaces":
        first: dict[str, Any] = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
        second = copy.deepcopy(first) | {"workspace_id": seed.OTHER_WORKSPACE, "key": {"secret": OTHER_KEY}}
        tenant.change({"sources.subsidiary": second})
    if kind.app == "claude beside":
        tenant.change({"sources.claude": {"app": "claude-enterprise", "workspace_id": ORGANISATION}})
    if kind.key == "vault":
        tenant.change(
            {
                f"sources.{name}.key.origin": "vault"
                for name in ("chatgpt", "subsidiary")[: 2 if kind.app == "two workspaces" else 1]
            }
        )
        tenant.set_config({f"purview-ai:{SECRET}": None})
    elif kind.app == "two workspaces":
        tenant.set_key(seed.OTHER_VENDOR_KEY, OTHER_KEY)
    if kind.grants != "managed":
        WholeChain(operator).grant_both()
    if kind.vault == "existing":
        of_a_new_one = ("network", "allow_from", "soft_delete_days", "purge_protection", "recover", "tags")
        tenant.change({"vault.existing": True, **{f"vault.{name}": None for name in of_a_new_one}})
        tenant.change({"vault.deployer_access": True})
        by_policies = {"enableRbacAuthorization": False, "accessPolicies": []}
        operator.do("PUT", VAULT, json=vault_body(**({} if kind.access == "rbac" else by_policies)))
        if kind.key == "vault":
            _put_keys(operator, kind)


def _put_keys(operator: Person, kind: Kind) -> None:
    """Somebody puts the keys into the vault."""
    keys = {SECRET: seed.VENDOR_KEY, OTHER_KEY: seed.OTHER_VENDOR_KEY}
    for name in list(keys)[: 2 if kind.app == "two workspaces" else 1]:
        operator.do("PUT", f"{VAULT}/secrets/{name}", json={"properties": {"value": keys[name]}})
