"""A backend for each stack: where it is, and that whoever looks after all signs in once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drift.many import ManyTenants
from fleet.fleets import Fleet
from purview_ai.drift.backend import OWN_BACKEND, own_backend
from purview_ai.drift.checkpoint import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

CONTAINERS = "azblob://state-{stack}?storage_account=stcontoso"


def test_the_stacks_name_goes_into_the_url() -> None:
    assert own_backend("contoso", {OWN_BACKEND: CONTAINERS}) == "azblob://state-contoso?storage_account=stcontoso"
    assert own_backend("contoso", {}) == ""


def test_a_url_that_leads_all_stacks_to_one_place_is_refused() -> None:
    with pytest.raises(CheckpointError, match="does not say where a stack's name goes"):
        own_backend("contoso", {OWN_BACKEND: "azblob://states"})


def test_many_containers_are_one_sign_in(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> None:
    """The local Azure has no storage, and says so at the sign-in: to the first who asks, for all."""
    del pulumi_home
    fleet = Fleet(azure, ManyTenants.of(tmp_path / "project", azure))
    stacks = [fleet.tenants.write(number) for number in range(3)]
    told = fleet.told("drift", "--all", **{OWN_BACKEND: CONTAINERS})
    assert (told.code, told.results) == (3, dict.fromkeys(stacks, "unknown"))
    for stack in stacks:
        assert f"the state in azblob://state-{stack} could not be read" in told.of(stack)["reason"]
    assert len([asked for asked in azure.requests() if asked["method"] == "POST"]) == 1
