"""What nobody foresaw befalls one stack, and leaves the others alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from purview_ai.drift.backend import backend_of
from purview_ai.drift.looking import Wanted, Watcher
from purview_ai.identity import AzureSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_state_that_is_odd_leaves_the_others_alone(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: fleet\nruntime: python\n")
    states = tmp_path / ".pulumi" / "stacks" / "fleet"
    states.mkdir(parents=True)
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    for stack, resources in {"odd": [5], "even": list[int]()}.items():
        state = {"version": 3, "checkpoint": {"latest": {"resources": resources}}}
        (states / f"{stack}.json").write_text(json.dumps(state))
    nobody = AzureSettings({}.get, {})
    watcher = Watcher(backend_of(tmp_path, {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}))
    odd, even = watcher.drifts([Wanted("odd", nobody), Wanted("even", nobody)])
    assert odd.problem.startswith("odd: reading its state failed unexpectedly (")
    assert (even.problem, even.deployed) == ("", True)
