"""A whole run of a pipeline of Azure DevOps: which of its stages begin, and in which order.

As Azure Pipelines has it (docs/facts.md, graph 168). What a stage does is somebody else's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from azure_pipelines import PIPELINES, holds, stages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SUCCEEDED, FAILED, CANCELED, SKIPPED = "Succeeded", "Failed", "Canceled", "Skipped"
_GOOD = (SUCCEEDED, "SucceededWithIssues")
_OTHERS = re.compile(r"(?:stageD|\bd)ependencies\.(\w+)")

PIPELINE_FILES = sorted(file.name for file in PIPELINES.glob("*.yml") if "pool" in yaml.safe_load(file.read_text()))
"""Those that are started, and no templates."""


def play(
    pipeline: str, outputs: Mapping[str, str], does: Callable[[str], str], *, canceled_in: str = "", **given: Any
) -> dict[str, str]:
    """The results of the stages that began, in their order.

    Args:
        pipeline: Which.
        outputs: What the stage ``scope`` finds.
        does: How a stage ends.
        canceled_in: The stage at which somebody cancels the run.
        given: The parameters of the pipeline.
    """
    stages = stages_of(pipeline, **given)
    results: dict[str, str] = {}
    began: dict[str, str] = {}
    while len(results) < len(stages):
        ready = [name for name in stages if name not in results and set(_after(stages, name)) <= results.keys()]
        assert ready, f"{pipeline}: stages that wait for each other"
        name = ready[0]
        if _begins(stages, name, outputs, results, canceled=canceled_in in began):
            began[name] = CANCELED if name == canceled_in else does(name)
        results[name] = began.get(name, SKIPPED)
    return began


def _after(stages: Mapping[str, Any], name: str) -> list[str]:
    """What a stage waits for; the one before it, where it does not say."""
    names = list(stages)
    before = names[: names.index(name)][-1:]
    found = stages[name].get("dependsOn", before)
    return [found] if isinstance(found, str) else found


def _begins(
    stages: Mapping[str, Any], name: str, outputs: Mapping[str, str], results: Mapping[str, str], *, canceled: bool
) -> bool:
    after = _after(stages, name)
    named = set(_OTHERS.findall(yaml.safe_dump(stages[name])))
    assert named <= set(after), f"{name} asks for {named}, and what it does not depend on tells it nothing"
    above = [results[one] for one in _above(stages, name)]
    state = {
        "succeeded": all(one in _GOOD for one in above) and not canceled,
        "failed": FAILED in above,
        "canceled": canceled,
    }
    seen = {one: results[one] for one in after}
    return holds(stages[name].get("condition", "succeeded()"), outputs, seen, **state)


def _above(stages: Mapping[str, Any], name: str) -> set[str]:
    return {one for before in _after(stages, name) for one in (before, *_above(stages, before))}
