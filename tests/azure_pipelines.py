"""The steps of Azure Pipelines as an agent has them: templates put in, variables put in, in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from tenants import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

PIPELINES = CHECKOUT / "pipelines" / "azure-devops"
OURS = "uv run purview-ai "
_PARAMETER = re.compile(r"\$\{\{ *parameters\.(\w+) *\}\}")


def steps_of(pipeline: str, stage: str) -> list[dict[str, Any]]:
    """The steps of a stage that run a command of this project."""
    found = [one for one in _stages(pipeline, {}) if one["stage"] == stage]
    assert len(found) == 1, f"{pipeline} has {len(found)} stages {stage}"
    steps = [step for job in found[0]["jobs"] for step in _expanded(_of_job(job), {})]
    return [step for step in steps if OURS in command_of(step)]


def command_of(step: dict[str, Any]) -> str:
    """What a step runs."""
    return str(step.get("script") or step.get("inputs", {}).get("inlineScript", ""))


def filled(text: str, variables: dict[str, str]) -> str:
    """A text with the agent's variables put in; one that nobody set is a mistake of the test or the pipeline."""
    return re.sub(r"\$\(([\w.]+)\)", lambda found: variables[found[1]], text)


def set_by(said: str) -> dict[str, str]:
    """The variables that a step set by what it printed."""
    return dict(re.findall(r"^##vso\[task\.setvariable variable=([\w-]+);isOutput=true\](.*)$", said, re.MULTILINE))


def _read(file: str, given: dict[str, Any]) -> dict[str, Any]:
    """A template with its parameters put in."""
    whole = yaml.safe_load((PIPELINES / file).read_text())
    known = {one["name"]: one.get("default") for one in whole.pop("parameters", [])} | given
    return _with(whole, known)


def _with(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _with(member, known) for name, member in value.items()}
    if isinstance(value, list):
        return [_with(member, known) for member in value]
    if isinstance(value, str):
        whole = _PARAMETER.fullmatch(value)
        return known[whole[1]] if whole else _PARAMETER.sub(lambda found: str(known[found[1]]), value)
    return value


def _stages(file: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for stage in _read(file, given)["stages"]:
        if "template" in stage:
            yield from _stages(stage["template"], stage.get("parameters", {}))
        else:
            yield stage


def _of_job(job: dict[str, Any]) -> list[dict[str, Any]]:
    return job["steps"] if "steps" in job else job["strategy"]["runOnce"]["deploy"]["steps"]


def _expanded(steps: list[dict[str, Any]], given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in _with(steps, given):
        if "template" in step:
            yield from _expanded(_read(step["template"], step.get("parameters", {}))["steps"], {})
        else:
            yield step
